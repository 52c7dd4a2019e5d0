"""What is typed comes back from our own reader as it was typed, and is R4."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest
from fhir.resources.R4B.medicationadministration import MedicationAdministration
from fhir.resources.R4B.observation import Observation

from cds_service.fhir.added_records import with_added, with_gap
from cds_service.fhir.decoding import Reading
from cds_service.fhir.record import open_gate, read_record
from cds_service.fhir.typed_records import Typist, told_refill, typed_records
from cds_service.therapy.calendar import day
from cds_service.therapy.quantities import (
    MicrogramsPerDay,
    MicrogramsPerMillilitre,
    Millilitres,
)
from cds_service.therapy.record import Alarm, TherapyRecord
from cds_service.therapy.typed_reading import TypedReading

UTC_ZONE = ZoneInfo("UTC")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TYPIST = Typist("Kim, Care coordinator", NOW, "7a1bb0f2-6a58-4f40-8b17-0c4d9c1b6d11")
TYPED = TypedReading(
    taken_at=datetime(2026, 11, 20, 14, 5, tzinfo=UTC),
    is_refill=True,
    filled=Millilitres(Decimal("18.5")),
    concentration=MicrogramsPerMillilitre(Decimal(500)),
    daily_dose=MicrogramsPerDay(Decimal("210.4")),
    bridge_bolus=True,
    residual_expected=Millilitres(Decimal(3)),
    residual_aspirated=Millilitres(Decimal(4)),
    alarm_volume=Millilitres(Decimal(2)),
    alarm_date=date(2027, 1, 3),
    months_to_eri=Decimal(20),
    alarms=frozenset({Alarm.ERI, Alarm.MEMORY_ERROR}),
)
KEYS = (
    *("patient", "devices", "medicationAdministrations", "procedures", "observations"),
    *("conditions", "medicationRequests", "appointments", "serviceRequests", "carePlans"),
)
NOTHING = dict.fromkeys(KEYS, msgspec.Raw(b"null"))


def record_of(resources: list) -> TherapyRecord:
    prefetch = with_added(NOTHING, resources)
    return read_record(open_gate(prefetch, {}), prefetch, "p1", NOW, UTC_ZONE)


def test_every_typed_value_is_read_again():
    record = record_of(typed_records(TYPED, "p1", TYPIST))

    assert record.issues == ()
    assert [fill.volume for fill in record.fills] == [TYPED.filled]
    assert [r.value for r in record.fill_volumes] == [TYPED.filled]
    assert [r.value for r in record.concentrations] == [TYPED.concentration]
    assert [r.dose for r in record.dose_statements] == [TYPED.daily_dose]
    assert [r.value for r in record.residuals_expected] == [TYPED.residual_expected]
    assert [r.value for r in record.residuals_aspirated] == [TYPED.residual_aspirated]
    assert [r.value for r in record.alarm_volumes] == [TYPED.alarm_volume]
    assert [r.value for r in record.bridge_boluses] == [True]
    assert [r.value for r in record.months_to_eri] == [Decimal(20)]
    assert [r.value for r in record.reported_alarm_dates] == [day(date(2027, 1, 3))]
    assert {r.value for r in record.alarms} == {Alarm.ERI, Alarm.MEMORY_ERROR}


def test_a_refill_elsewhere_starts_a_cycle_whose_volume_may_be_unknown():
    (fill,) = record_of(told_refill(date(2026, 11, 18), "p1", TYPIST)).fills
    assert (fill.when.first, fill.volume) == (date(2026, 11, 18), None)

    (fill,) = record_of(told_refill(date(2026, 11, 18), "p1", TYPIST, Decimal(40))).fills
    assert fill.volume == Millilitres(Decimal(40))


def test_typed_records_are_r4_with_ids_of_their_own():
    resources = typed_records(TYPED, "p1", TYPIST)

    for resource in resources:
        model = (
            Observation if resource["resourceType"] == "Observation" else MedicationAdministration
        )
        model.model_validate(resource)
    ids = [resource["id"] for resource in resources]
    assert len(set(ids)) == len(ids)
    assert all(len(each) <= 64 for each in ids)


def test_what_the_ehr_has_taken_over_does_not_count_twice():
    typed = typed_records(TYPED, "p1", TYPIST)
    from_ehr = [dict(resource, id=f"ehr-{n}") for n, resource in enumerate(typed)]
    prefetch = with_added(NOTHING, from_ehr)

    again = with_added(prefetch, typed)

    record = read_record(open_gate(again, {}), again, "p1", NOW, UTC_ZONE)
    assert len(record.fills) == 1
    assert len(record.dose_statements) == 1


@pytest.mark.parametrize(
    ("sent", "unread"),
    [
        pytest.param(None, "not sent", id="not sent"),
        pytest.param(Reading(None, "timed out"), "timed out", id="not read"),
        pytest.param(
            msgspec.Raw(b'{"resourceType":"OperationOutcome"}'),
            "the EHR sent an error in its place",
            id="an error instead",
        ),
        pytest.param(
            msgspec.Raw(b'{"resourceType":"Bundle","entry":7}'),
            "its entries could not be read",
            id="entries that are none",
        ),
        pytest.param(msgspec.Raw(b"null"), "", id="nothing there"),
    ],
)
def test_what_was_unread_stays_unread_beside_what_was_typed(sent, unread):
    prefetch = {} if sent is None else {"observations": sent}
    typed = [
        each for each in typed_records(TYPED, "p1", TYPIST) if each["resourceType"] == "Observation"
    ]

    added = with_added(prefetch, typed)["observations"]

    assert isinstance(added, Reading)
    assert added.unread == unread
    assert added.found is not None
    assert len(msgspec.json.decode(added.found)["entry"]) == len(typed)


@pytest.mark.parametrize(
    ("prefetch", "unread"),
    [
        ({}, "not sent; gone"),
        (NOTHING, "gone"),
        ({"observations": Reading(None, "timed out")}, "timed out; gone"),
    ],
)
def test_a_store_that_cannot_be_read_is_a_gap(prefetch, unread):
    gap = with_gap(prefetch, "gone")["observations"]

    assert isinstance(gap, Reading)
    assert gap.unread == unread
