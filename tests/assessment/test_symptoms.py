"""Withdrawal, overdose and weakness through the whole assessment: order, overlap, unread data."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec import Raw

from cds_service.assessment import Occasion, Rulebook, assess
from cds_service.guidance.evaluation import Recommendation
from tests.assessment.builders import PLANS, a_chart, assessed, prefetch, topics
from tests.fhir.builders import (
    Json,
    a_patient,
    an_administration,
    an_observation,
    raw,
)

NOW = "2026-02-01T12:00:00+00:00"
ERROR = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}
REFILLED = an_administration(id="refill-today", effectiveDateTime="2026-02-01T02:00:00+00:00")


def a_sign(name: str, when: str = "2026-02-01T08:00:00+00:00", present: bool = True) -> Json:
    return an_observation(name, id=name, effectiveDateTime=when, valueBoolean=present)


def with_signs(*names: str, **stated: list[Json]) -> dict[str, Raw]:
    return prefetch(a_chart(observations=[a_sign(name) for name in names], **stated))


def at_encounter_start(sent: dict[str, Raw]) -> list[Recommendation]:
    rulebook = Rulebook(plans=PLANS, time_zone=ZoneInfo("UTC"), emergency_number="112")
    now = datetime.fromisoformat(NOW).astimezone(UTC)
    found = assess("p1", sent, rulebook, now, Occasion("encounter-start"))
    return list(found.evaluation.recommended)


def test_at_encounter_start_withdrawal_and_overdose_stand_first():
    found = at_encounter_start(
        with_signs("seizure", "incision-swelling", medicationAdministrations=[REFILLED])
    )
    assert [each.action.topic for each in found][:2] == [
        "itbWithdrawalSuspected",
        "itbOverdoseSuspected",
    ]


def test_each_of_the_two_names_the_signs_of_the_other():
    found = at_encounter_start(with_signs("seizure", medicationAdministrations=[REFILLED]))
    withdrawal, overdose = found[0].detail, found[1].detail
    assert "signs of overdose on record: seizure (1 Feb 2026)" in withdrawal
    assert "signs of withdrawal on record: seizure (1 Feb 2026)" in overdose


def test_no_card_hides_another():
    sent = with_signs(
        "seizure",
        "spasticity-increased",
        "drowsiness",
        "incision-swelling",
        medicationAdministrations=[REFILLED],
    )
    told = topics(sent, NOW)
    assert {"itbWithdrawalSuspected", "itbOverdoseSuspected", "itbInfectionSigns"} <= set(told)


def test_weakness_gives_way_to_overdose_and_never_the_other_way():
    assert topics(with_signs("muscle-weakness"), NOW) == ["itbWeakness"]
    assert topics(with_signs("muscle-weakness", "drowsiness"), NOW) == ["itbOverdosePossible"]
    refilled = with_signs("muscle-weakness", medicationAdministrations=[REFILLED])
    assert topics(refilled, NOW) == ["itbOverdosePossible"]


def test_signs_nobody_assessed_and_signs_absent_raise_no_card():
    assert topics(prefetch(a_chart()), NOW) == []
    absent = [a_sign(name, present=False) for name in ("seizure", "drowsiness", "itching")]
    assert topics(prefetch(a_chart(observations=absent)), NOW) == []


def test_nobody_who_has_died_gets_a_card():
    dead = [a_patient(deceasedBoolean=True)]
    assert topics(with_signs("seizure", patient=dead), NOW) == []


@pytest.mark.parametrize("key", ["observations", "conditions", "procedures"])
def test_signs_with_an_unread_source_are_told_as_not_checked(key: str):
    sent = {**with_signs("drowsiness"), key: raw(ERROR)}
    found = assessed(sent, NOW)
    assert "itbCouldNotCheck" in topics(sent, NOW)
    assert {each.action.id for each in found.evaluation.undecided} >= {"overdose-suspected"}


def test_the_order_of_the_records_never_changes_the_cards():
    names = ["seizure", "nausea", "drowsiness", "muscle-weakness", "sweating"]
    assert topics(with_signs(*names), NOW) == topics(with_signs(*reversed(names)), NOW)


def test_a_sign_of_another_patient_never_counts():
    stranger = {**a_sign("seizure"), "subject": {"reference": "Patient/p2"}}
    assert topics(prefetch(a_chart(observations=[stranger])), NOW) == ["itbCouldNotCheck"]
