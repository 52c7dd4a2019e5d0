"""Who may be asked about a pump: severe spasticity although oral drugs were tried."""

from typing import Any

import pytest

from cds_service.therapy.ashworth import AshworthGrade
from cds_service.therapy.fact import Fact
from cds_service.therapy.record import (
    DrugClass,
    DrugUse,
    Evidence,
    TherapyRecord,
    VisitKind,
    VisitState,
)
from tests.therapy.builders import a_fill, a_reading, a_visit, found_on, on, proof

TODAY = "2026-11-22"


def a_grade(when: str, grade: str, muscles: str = "left elbow flexors") -> Any:
    return a_reading(when, AshworthGrade(grade, muscles), f"Observation/{muscles}-{when}")


def a_drug(drug_class: DrugClass = DrugClass.ORAL_BACLOFEN, stopped: str | None = None) -> DrugUse:
    ended = on(stopped) if stopped else None
    return DrugUse(drug_class, "baclofen", on("2025-01-05"), ended, proof("MedicationRequest/1"))


def facts(today: str = TODAY, **stated: Any) -> dict[str, Fact]:
    """The facts of a person without a pump, and with nothing but what is stated."""
    return dict(found_on(today, TherapyRecord(**stated)).facts)


@pytest.mark.parametrize(
    ("grade", "is_severe"), [("2", False), ("1+", False), ("3", True), ("4", True)]
)
def test_a_muscle_group_of_grade_3_or_more_is_severe(grade: str, is_severe: bool):
    graded = (a_grade("2026-10-01", grade),)
    assert facts(ashworth_grades=graded)["candidate.severeSpasticity"].value is is_severe


def test_the_newest_grade_of_each_muscle_group_decides():
    better = (a_grade("2026-03-01", "4"), a_grade("2026-10-01", "2"))
    assert facts(ashworth_grades=better)["candidate.severeSpasticity"].value is False
    other = (*better, a_grade("2026-03-01", "3", "right knee flexors"))
    found = facts(ashworth_grades=other)
    assert found["candidate.severeSpasticity"].value is True
    assert found["candidate.severity"].value == (
        "Modified Ashworth 3 (right knee flexors) on 1 Mar 2026"
    )


@pytest.mark.parametrize(("when", "is_severe"), [("2025-11-22", True), ("2025-11-21", False)])
def test_a_grade_of_more_than_a_year_ago_says_nothing(when: str, is_severe: bool):
    found = facts(ashworth_grades=(a_grade(when, "3"),))
    assert found["candidate.severeSpasticity"].value is is_severe


UNRATED = {"unrated_spasticity": (Evidence("Condition/1", "spasticity"),)}
SEVERE = {"severe_spasticity": (Evidence("Condition/1", "spasticity, severe"),)}


@pytest.mark.parametrize(
    ("stated", "value"),
    [
        ({}, False),
        (SEVERE, True),
        (UNRATED, None),
        ({**UNRATED, "ashworth_grades": (a_grade("2026-10-01", "2"),)}, False),
        ({"unread": {"observations": "timed out"}}, None),
        ({"unread": {"conditions": "timed out"}}, None),
        ({**SEVERE, "unread": {"observations": "timed out"}}, True),
    ],
    ids=["nothing", "severe", "unrated", "graded", "no observations", "no conditions", "enough"],
)
def test_severity_is_known_unknown_or_not_there(stated: dict[str, Any], value: bool | None):
    found = facts(**stated)["candidate.severeSpasticity"]
    assert found.value is value
    assert found.is_missing is (value is None)


@pytest.mark.parametrize(
    ("uses", "tried"),
    [
        ((), False),
        ((a_drug(),), True),
        ((a_drug(stopped="2026-02-01"),), True),
        ((a_drug(DrugClass.ORAL_ANTISPASTIC),), True),
        ((a_drug(DrugClass.CNS_DEPRESSANT),), False),
    ],
    ids=["none", "taken", "stopped", "another drug", "another class"],
)
def test_an_oral_drug_was_tried(uses: tuple[DrugUse, ...], tried: bool):
    assert facts(drug_uses=uses)["candidate.oralDrugsTried"].value is tried


def test_prescriptions_that_were_not_read_leave_it_open():
    found = facts(unread={"medicationRequests": "timed out"})["candidate.oralDrugsTried"]
    assert found.is_missing


@pytest.mark.parametrize(
    ("when", "kind", "state", "under_way"),
    [
        ("2026-11-01", VisitKind.EVALUATION, VisitState.ORDERED, True),
        ("2026-11-01", VisitKind.SCREENING_TEST, VisitState.REQUESTED, True),
        ("2026-11-22", VisitKind.SCREENING_TEST, VisitState.BOOKED, True),
        ("2026-11-21", VisitKind.SCREENING_TEST, VisitState.BOOKED, False),
        ("2026-08-24", VisitKind.EVALUATION, VisitState.FULFILLED, True),
        ("2026-08-23", VisitKind.EVALUATION, VisitState.FULFILLED, False),
        ("2026-11-30", VisitKind.EVALUATION, VisitState.CANCELLED, False),
        ("2026-11-30", VisitKind.REFILL, VisitState.BOOKED, False),
    ],
)
def test_an_evaluation_under_way(when: str, kind: VisitKind, state: VisitState, under_way: bool):
    """90 days before 22 Nov 2026 is 24 Aug."""
    found = facts(visits=(a_visit(when, kind, state),))
    assert found["candidate.evaluationUnderWay"].value is under_way


def test_whoever_has_or_had_a_pump_is_no_candidate():
    assert facts()["candidate.hasHadPump"].value is False
    assert facts(fills=(a_fill(),))["candidate.hasHadPump"].value is True


@pytest.mark.parametrize(
    ("born", "below", "age"),
    [
        ("2022-11-23", True, "3"),
        ("2022-11-22", False, ""),
        ("2022-11", None, "3"),
        ("2024-02-29", True, "2"),
    ],
)
def test_the_label_has_a_youngest_age(born: str, below: bool | None, age: str):
    found = facts(birth_date=on(born))
    assert found["screening.belowLabelAge"].value is below
    if below is not None:
        assert found["candidate.age"].value == age
