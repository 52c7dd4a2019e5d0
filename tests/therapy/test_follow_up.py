"""Follow-up: when a provider who looks after the pump last saw the patient."""

from datetime import date
from typing import Any

import pytest

from cds_service.therapy.record import (
    DataIssue,
    PumpEvent,
    PumpEventKind,
    SurgeryKind,
    VisitKind,
    VisitState,
)
from tests.therapy.builders import (
    a_dose,
    a_fill,
    a_surgery,
    a_therapy_record,
    a_visit,
    facts_on,
    on,
    proof,
    values_on,
)

TODAY = "2026-11-22"
SURGERY = a_surgery("2024-03-01")


def follow_up(today: str = TODAY, **stated: Any) -> dict[str, Any]:
    """The follow-up facts of a patient operated on in 2024 and not seen since, but as stated."""
    record = a_therapy_record(**{"surgeries": (SURGERY,), "fills": (), **stated})
    found = values_on(today, record)
    return {name.removeprefix("followUp."): value for name, value in found.items()}


def kept(when: str, kind: VisitKind = VisitKind.FOLLOW_UP) -> Any:
    return a_visit(when, kind, VisitState.FULFILLED)


@pytest.mark.parametrize(
    ("stated", "kind"),
    [
        ({"visits": (kept("2026-05-23"),)}, "follow-up visit"),
        ({"visits": (kept("2026-05-23", VisitKind.PUMP_CHECK),)}, "pump check"),
        ({"visits": (kept("2026-05-23", VisitKind.REFILL),)}, "refill visit"),
        ({"fills": (a_fill("2026-05-23"),)}, "refill"),
        ({"surgeries": (SURGERY, a_surgery("2026-05-23", SurgeryKind.REVISION))}, "revision"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_provider_sees_the_patient_at(stated: dict[str, Any], kind: str):
    found = follow_up(**stated)
    assert found["lastVisitKind"] == kind
    assert found["lastVisitDate"] == date(2026, 5, 23)
    assert found["daysSinceVisit"] == 183
    assert found["dueDate"] == date(2027, 5, 23)


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        (PumpEventKind.INTERROGATION, True),
        (PumpEventKind.REPROGRAMMING, True),
        (PumpEventKind.MRI, False),
        (PumpEventKind.CSF_PROCEDURE, False),
    ],
)
def test_a_pump_event_is_a_visit_when_the_pump_was_read(kind: PumpEventKind, counts: bool):
    event = PumpEvent(kind, on("2026-10-01"), proof("Procedure/event"))
    found = follow_up(events=(event,))
    assert (found["lastVisitDate"] == date(2026, 10, 1)) is counts


@pytest.mark.parametrize(
    "visit",
    [
        a_visit("2026-10-01", VisitKind.FOLLOW_UP, VisitState.NO_SHOW),
        a_visit("2026-10-01", VisitKind.FOLLOW_UP, VisitState.CANCELLED),
        a_visit("2026-10-01", VisitKind.FOLLOW_UP, VisitState.BOOKED),
        kept("2026-10-01", VisitKind.WOUND_CHECK),
        kept("2027-01-10"),
    ],
    ids=["missed", "cancelled", "still booked", "wound check", "dated in the future"],
)
def test_what_is_no_visit_to_the_provider(visit: Any):
    assert follow_up(visits=(visit,))["lastVisitDate"] == date(2024, 3, 1)


def test_a_refill_at_home_is_no_visit_to_the_provider():
    """Nor is the appointment of that day for it."""
    at_home = a_fill("2026-10-01", at_home=True)
    visit = kept("2026-10-01", VisitKind.REFILL)
    found = follow_up(fills=(a_fill("2025-10-01"), at_home), visits=(visit,))
    assert found["lastVisitDate"] == date(2025, 10, 1)
    assert found["homeRefillDate"] == date(2026, 10, 1)


def test_the_newest_visit_counts_and_its_record_is_the_evidence():
    record = a_therapy_record(visits=(kept("2026-09-01"), kept("2026-03-01")), fills=())
    found = facts_on(TODAY, record)["followUp.daysSinceVisit"]
    assert found.value == 82
    assert [each.when for each in found.evidence] == [on("2026-09-01")]


def test_half_a_date_counts_from_its_first_day():
    assert follow_up(visits=(kept("2026-09"),))["daysSinceVisit"] == 82


@pytest.mark.parametrize(
    ("source", "last", "days"),
    [
        ("appointments", "2026-05-23", 183),
        ("appointments", "2026-05-22", None),
        ("procedures", "2026-05-22", None),
        ("medicationAdministrations", "2026-05-22", None),
        ("observations", "2026-05-22", 184),
    ],
)
def test_what_was_not_read_could_be_newer_than_half_a_year(source: str, last: str, days: int):
    record = a_therapy_record(visits=(kept(last),), fills=(), unread={source: "timed out"})
    found = facts_on(TODAY, record)["followUp.daysSinceVisit"]
    assert found.value == days
    assert found.is_missing is (days is None)


@pytest.mark.parametrize(("last", "days"), [("2026-05-23", 183), ("2026-05-22", None)])
def test_a_record_that_was_refused_could_be_a_newer_visit(last: str, days: int | None):
    issue = DataIssue("medicationAdministrations", "MedicationAdministration/x", "has no date")
    record = a_therapy_record(visits=(kept(last),), fills=(), issues=(issue,))
    found = facts_on(TODAY, record)["followUp.daysSinceVisit"]
    assert found.value == days
    assert found.is_missing is (days is None)


def test_no_visit_on_record_counts_from_the_first_day_the_pump_is_known():
    found = follow_up(surgeries=(), dose_statements=(a_dose("2025-11-21"), a_dose("2026-02-01")))
    assert not found["visitOnRecord"]
    assert found["pumpKnownDate"] == date(2025, 11, 21)
    assert found["daysSinceVisit"] == 366


@pytest.mark.parametrize("doses", [(), (a_dose("2026-10-01"),)], ids=["nothing", "a short time"])
def test_without_a_visit_and_a_long_record_nothing_is_claimed(doses: Any):
    record = a_therapy_record(
        surgeries=(), fills=(), dose_statements=doses, alarm_volumes=(), months_to_eri=()
    )
    found = facts_on(TODAY, record)["followUp.daysSinceVisit"]
    assert found.is_missing
    assert "ask when a provider last saw the patient" in found.unknown_because


@pytest.mark.parametrize(
    ("booked_for", "kind", "in_time"),
    [
        ("2027-03-01", VisitKind.FOLLOW_UP, True),
        ("2027-03-01", VisitKind.PUMP_CHECK, True),
        ("2027-03-02", VisitKind.FOLLOW_UP, False),
        ("2027-03-01", VisitKind.REFILL, False),
        ("2026-11-21", VisitKind.FOLLOW_UP, False),
    ],
    ids=["last day", "pump check", "a day late", "a refill may be at home", "past"],
)
def test_a_booking_is_in_time_within_a_year_of_the_last_visit(
    booked_for: str, kind: VisitKind, in_time: bool
):
    visits = (kept("2026-03-01"), a_visit(booked_for, kind))
    assert follow_up(visits=visits)["bookedInTime"] is in_time


def test_a_missed_visit_is_named_until_another_is_booked():
    lost = a_visit("2026-09-01", VisitKind.FOLLOW_UP, VisitState.NO_SHOW)
    assert follow_up(visits=(lost,))["missedVisitDate"] == date(2026, 9, 1)
    ahead = a_visit("2026-12-01", VisitKind.FOLLOW_UP, reference="Appointment/next")
    assert not follow_up(visits=(lost, ahead))["visitMissed"]
