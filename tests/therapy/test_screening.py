"""The screening test (worked cases T1 to T6): intervals, responses, what speaks against it."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from cds_service.therapy.ashworth import AshworthGrade
from cds_service.therapy.calendar import When
from cds_service.therapy.fact import Fact
from cds_service.therapy.quantities import Micrograms
from cds_service.therapy.record import (
    Evidence,
    OrderKind,
    ProposedOrder,
    Reading,
    TherapyRecord,
    VisitKind,
)
from tests.therapy.builders import a_visit, found_on, on, proof

FIRST = "2026-09-01T09:00+00:00"
EVENING = "2026-09-01T18:00+00:00"


def a_dose(when: str = FIRST, mcg: int | None = 50) -> Reading[Micrograms]:
    amount = Micrograms(Fraction(mcg)) if mcg else None
    return Reading(amount, on(when), proof(f"MedicationAdministration/{when}", on(when)))


def graded(when: str, *grades: str) -> tuple[Reading[AshworthGrade], ...]:
    """One grade a muscle group, at one moment."""
    return tuple(
        Reading(AshworthGrade(grade, f"muscle {n}"), on(when), proof(f"Observation/{when}-{n}"))
        for n, grade in enumerate(grades)
    )


def an_order(planned: str | None = None) -> ProposedOrder:
    when = on(planned) if planned else None
    return ProposedOrder(OrderKind.SCREENING_TEST, "test", proof("MedicationRequest/1"), when)


def facts(now: str = EVENING, **stated: Any) -> dict[str, Fact]:
    found = found_on(now, TherapyRecord(**stated)).facts
    return {
        name.removeprefix("screening."): fact
        for name, fact in found.items()
        if name.startswith("screening.")
    }


def values(now: str = EVENING, **stated: Any) -> dict[str, Any]:
    return {name: fact.value for name, fact in facts(now, **stated).items()}


@pytest.mark.parametrize(
    ("after", "change", "is_met"),
    [
        (("2", "1"), "-2", True),
        (("2", "2"), "-1.5", False),
        (("4", "3"), "0", False),
        (("1+", "2"), "-1.75", False),
        (("1+", "1+"), "-2", True),
        (("4", "4"), "0.5", False),
    ],
    ids=["T1", "T2", "no response", "1+ is 1.5", "twice 1+", "worse"],
)
def test_the_response_is_the_change_of_the_mean_grade(
    after: tuple[str, ...], change: str, is_met: bool
):
    grades = (
        *graded("2026-09-01T08:30+00:00", "4", "3"),
        *graded("2026-09-01T13:00+00:00", *after),
    )
    found = values(test_doses=(a_dose(),), ashworth_grades=grades)
    assert found["gradeBefore"] == "3.5"
    assert found["hoursAfter"] == "4"
    assert found["change"] == change
    assert found["meetsPayerExample"] is is_met


def test_the_lowest_mean_of_the_hours_after_the_dose_is_shown_with_all_others():
    grades = (
        *graded("2026-09-01T08:30+00:00", "4"),
        *graded("2026-09-01T11:00+00:00", "3"),
        *graded("2026-09-01T13:30+00:00", "2"),
        *graded("2026-09-01T17:00+00:00", "3"),
    )
    found = values(test_doses=(a_dose(),), ashworth_grades=grades)
    assert (found["gradeAfter"], found["hoursAfter"]) == ("2", "4.5")
    assert found["course"] == "3 after 2 h; 2 after 4.5 h; 3 after 8 h"


@pytest.mark.parametrize(
    "grades",
    [
        (),
        graded("2026-09-01T08:30+00:00", "4"),
        graded("2026-09-01T13:00+00:00", "2"),
        (*graded("2026-09-01", "4"), *graded("2026-09-01T13:00+00:00", "2")),
        (*graded("2026-08-20T08:00+00:00", "4"), *graded("2026-09-01T13:00+00:00", "2")),
        (*graded("2026-09-01T08:30+00:00", "4"), *graded("2026-09-01T17:06+00:00", "2")),
        (
            *graded("2026-09-01T08:30+00:00", "4"),
            *(
                replace(each, value=AshworthGrade("2", "another muscle"))
                for each in graded("2026-09-01T13:00+00:00", "2")
            ),
        ),
    ],
    ids=["none", "before", "after", "untimed", "long before", "too late", "another muscle"],
)
def test_what_cannot_be_compared_is_no_response(grades: Any):
    found = values(test_doses=(a_dose(),), ashworth_grades=grades)
    assert found["responseKnown"] is False
    assert found["meetsPayerExample"] is None


def test_grades_under_an_earlier_dose_are_no_baseline():
    """The second dose is compared with the grades before the first, not with its effect."""
    second = "2026-09-02T09:00+00:00"
    grades = (
        *graded("2026-09-01T08:30+00:00", "4"),
        *graded("2026-09-01T13:00+00:00", "2"),
        *graded("2026-09-02T13:00+00:00", "1"),
    )
    doses = (a_dose(), a_dose(second, 75))
    found = values("2026-09-02T18:00+00:00", test_doses=doses, ashworth_grades=grades)
    assert (found["gradeBefore"], found["change"], found["lastDose"]) == ("4", "-3", "75 mcg")


@pytest.mark.parametrize(
    ("now", "planned", "hours"),
    [
        ("2026-09-02T05:00+00:00", None, 20),
        ("2026-09-02T08:54+00:00", None, "23.9"),
        ("2026-09-02T09:00+00:00", None, 24),
        ("2026-09-02T05:00+00:00", "2026-09-02T09:00+00:00", 24),
        ("2026-09-02T05:00+00:00", "2026-09-02", 20),
        ("2026-09-02T05:00+00:00", "2026-09-03", 39),
        ("2026-09-02T05:00+00:00", "2026-09-01", 20),
    ],
    ids=["T4", "just under", "24 hours", "planned", "planned today", "tomorrow", "past"],
)
def test_hours_count_from_the_last_dose_to_the_one_ordered(
    now: str, planned: str | None, hours: Any
):
    found = values(now, test_doses=(a_dose(),), proposed_orders=(an_order(planned),))
    assert str(found["hoursSinceLastDose"]) == str(hours)
    assert found["nextDoseFrom"] == "2 Sep 2026 09:00"


def test_a_dose_without_a_time_counts_from_the_end_of_its_day():
    found = values("2026-09-02T20:00+00:00", test_doses=(a_dose("2026-09-01"),))
    assert str(found["hoursSinceLastDose"]) == "20"
    assert found["lastDoseTime"] == "1 Sep 2026"


@pytest.mark.parametrize(("mcg", "is_largest"), [(75, False), (100, True), (None, False)])
def test_the_largest_test_dose_of_the_label(mcg: int | None, is_largest: bool):
    assert values(test_doses=(a_dose(mcg=mcg),))["largestDoseGiven"] is is_largest


@pytest.mark.parametrize(("now", "tested"), [("2026-11-30", True), ("2026-12-01", False)])
def test_a_dose_of_more_than_90_days_ago_belongs_to_another_evaluation(now: str, tested: bool):
    assert values(now, test_doses=(a_dose(),))["tested"] is tested


def test_doses_that_were_not_read_leave_it_open():
    found = facts(unread={"medicationAdministrations": "timed out"})
    assert found["tested"].is_missing
    assert found["hoursSinceLastDose"].is_missing
    assert facts()["hoursSinceLastDose"].value is None
    assert not facts()["hoursSinceLastDose"].is_missing


def test_a_test_is_proposed_by_an_order_or_a_visit():
    assert values()["proposed"] is False
    assert values(proposed_orders=(an_order(),))["proposed"] is True
    other = replace(an_order(), kind=OrderKind.MRI)
    assert values(proposed_orders=(other,))["proposed"] is False
    visit = a_visit("2026-09-10", VisitKind.SCREENING_TEST)
    assert values(proposed_visits=(visit,))["proposed"] is True


@pytest.mark.parametrize(
    ("injured", "is_recent", "months"),
    [
        (on("2026-02-01"), True, 7),
        (on("2025-09-02"), True, 11),
        (on("2025-09-01"), False, 12),
        (on("2025-09"), None, 11),
        (When(date.min, date(2025, 8, 30)), False, 12),
        (When(date.min, date(2026, 8, 30)), None, 0),
    ],
    ids=["T5", "a day short", "a year", "month only", "recorded a year ago", "recorded lately"],
)
def test_the_label_waits_a_year_after_a_brain_injury(
    injured: When, is_recent: bool | None, months: int
):
    injury = Evidence("Condition/tbi", "traumatic brain injury", injured)
    found = facts(brain_injuries=(injury,))
    assert found["recentBrainInjury"].value is is_recent
    assert found["recentBrainInjury"].is_missing is (is_recent is None)
    assert found["monthsSinceBrainInjury"].value == months


@pytest.mark.parametrize(
    ("when", "count"),
    [(on("2026-08-28"), 1), (on("2026-06-03"), 1), (on("2026-06-02"), 0), (None, 1)],
    ids=["T6", "90 days", "91 days", "undated"],
)
def test_active_problems_count_while_they_are_recent(when: When | None, count: int):
    problem = Evidence("Condition/uti", "active infection: urinary tract infection", when)
    found = values(hindrances=(problem,))
    assert found["problems"] == count
    assert bool(found["problemList"]) is bool(count)
