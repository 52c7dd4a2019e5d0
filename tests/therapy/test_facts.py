"""Every fact of the vocabulary is produced, typed as declared, and unknown only for a reason."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cds_service.therapy.fact import FactType
from cds_service.therapy.record import Alarm, SurgeryKind, TherapyRecord
from cds_service.therapy.signs import Sign
from cds_service.therapy.vocabulary import FACTS, THRESHOLDS
from tests.therapy.builders import THRESHOLDS as STATED
from tests.therapy.builders import (
    a_fill,
    a_pump,
    a_reading,
    a_sign,
    a_surgery,
    a_therapy_record,
    a_visit,
    an_alarm,
    facts_on,
    found_on,
    on,
    values_on,
)

UNREAD = dict.fromkeys(
    ("observations", "conditions", "carePlans", "appointments", "medicationAdministrations"),
    "was not sent",
)
RECORDS = {
    "ordinary": a_therapy_record(),
    "nothing at all": TherapyRecord(),
    "nothing read": TherapyRecord(unread=UNREAD),
    "pump only": TherapyRecord(pumps=(a_pump(None),)),
    "fill without figures": a_therapy_record(
        fills=(a_fill(volume=None, concentration=None),), dose_statements=()
    ),
    "after surgery": a_therapy_record(
        surgeries=(a_surgery("2026-01-20"),),
        signs=(a_sign("2026-01-30", Sign.DRAINAGE),),
        visits=(a_visit("2026-03-01"),),
    ),
    "removed": a_therapy_record(surgeries=(a_surgery("2026-01-20", SurgeryKind.EXPLANT),)),
    "months only": a_therapy_record(
        surgeries=(a_surgery("2020-01"),),
        fills=(a_fill("2025-12"),),
        reported_alarm_dates=(a_reading("2026-01-20", on("2026-03")),),
        eri_dates=(a_reading("2026-01-20", on("2027-03")),),
    ),
    "all alarms": a_therapy_record(
        alarms=tuple(an_alarm("2026-01-20", alarm) for alarm in Alarm),
        months_to_eri=(a_reading("2026-01-20", Decimal(14)),),
    ),
}
PYTHON_TYPES: dict[FactType, Any] = {
    FactType.BOOLEAN: bool,
    FactType.NUMBER: (int, Decimal),
    FactType.DATE: date,
    FactType.TEXT: str,
}
every_record = pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS.keys())


@every_record
def test_every_fact_of_the_vocabulary_is_produced_and_no_other(record: TherapyRecord):
    expected = {name for name in FACTS if not name.startswith("data.")}
    assert set(facts_on("2026-02-01", record)) == expected


@every_record
def test_every_unknown_fact_says_why(record: TherapyRecord):
    silent = [
        name
        for name, fact in facts_on("2026-02-01", record).items()
        if fact.value is None and not fact.unknown_because.strip()
    ]
    assert silent == []


@every_record
def test_every_known_fact_has_the_type_it_is_declared_with(record: TherapyRecord):
    for name, fact in facts_on("2026-02-01", record).items():
        if fact.value is not None:
            declared = FACTS[name].type
            assert isinstance(fact.value, PYTHON_TYPES[declared]), name
            assert isinstance(fact.value, bool) is (declared is FactType.BOOLEAN), name


@pytest.mark.parametrize("name", FACTS)
def test_every_declared_fact_has_a_meaning_and_an_example_of_its_type(name: str):
    definition = FACTS[name]
    assert definition.meaning
    assert isinstance(definition.example, PYTHON_TYPES[definition.type])


def test_the_arithmetic_needs_no_threshold_beyond_the_declared_ones():
    assert set(STATED) == set(THRESHOLDS)


def test_e12_a_pump_removed_and_not_replaced_ends_the_therapy():
    record = a_therapy_record(surgeries=(a_surgery("2026-11-15", SurgeryKind.EXPLANT),))
    found = values_on("2026-11-22", record)
    assert found["pump.inPlace"] is False
    assert found["therapy.stopped"] is True
    assert found["therapy.daysSinceStopped"] == 7
    assert found["therapy.stoppedDate"] == date(2026, 11, 15)


def test_contradictions_of_a_removed_pump_are_not_told():
    surgeries = (a_surgery("2026-01-20", SurgeryKind.EXPLANT),)
    fills = (a_fill(reference="A/1"), a_fill(reference="A/2", volume=None))
    assert found_on("2026-02-01", a_therapy_record(fills=fills)).conflicts
    assert not found_on("2026-02-01", a_therapy_record(fills=fills, surgeries=surgeries)).conflicts


@pytest.mark.parametrize(
    ("alarm", "fact"),
    [(Alarm.MOTOR_STALL, "motorStall"), (Alarm.STOPPED_PUMP, "pumpStopped")],
)
@pytest.mark.parametrize(
    ("when", "counts"),
    [
        pytest.param("2026-03-01", True, id="since the fill"),
        pytest.param("2026-01-04", False, id="before the fill, long ago"),
    ],
)
def test_a_pump_that_does_not_run_is_noted(alarm: Alarm, fact: str, when: str, counts: bool):
    found = values_on("2026-03-10", a_therapy_record(alarms=(an_alarm(when, alarm),)))
    assert found[f"delivery.{fact}"] is counts
    assert (found["delivery.alarmDate"] is not None) is counts


@pytest.mark.parametrize(
    ("today", "counts"), [("2026-02-03", True), ("2026-02-04", False)], ids=["30 d", "31 d"]
)
def test_a_recent_stall_counts_even_before_the_last_fill(today: str, counts: bool):
    """Alarm on 4 Jan, fill on 5 Jan: a fill does not repair a motor."""
    record = a_therapy_record(alarms=(an_alarm("2026-01-04", Alarm.MOTOR_STALL),))
    assert values_on(today, record)["delivery.motorStall"] is counts


@pytest.mark.parametrize(
    ("extreme", "name"),
    [
        pytest.param("0001-01-01", "eri_dates", id="ERI in the year 1"),
        pytest.param("9999-12-31", "eri_dates", id="ERI in the year 9999"),
        pytest.param("0001-01-01", "eos_dates", id="EOS in the year 1"),
        pytest.param("9999-12-31", "eos_dates", id="EOS in the year 9999"),
        pytest.param("0001-01-01", "reported_alarm_dates", id="alarm in the year 1"),
        pytest.param("9999-12-31", "reported_alarm_dates", id="alarm in the year 9999"),
    ],
)
def test_a_date_at_the_end_of_the_calendar_does_not_end_the_request(extreme: str, name: str):
    record = a_therapy_record(**{name: (a_reading("2026-01-20", on(extreme)),)})
    assert set(facts_on("2026-02-01", record))


@pytest.mark.parametrize("extreme", ["0001-01-01", "0001-01"])
def test_an_operation_or_fill_in_the_year_1_does_not_end_the_request(extreme: str):
    record = a_therapy_record(surgeries=(a_surgery(extreme),), fills=(a_fill(extreme),))
    assert set(facts_on("2026-02-01", record))


def test_a_reported_alarm_in_the_year_1_is_long_past():
    record = a_therapy_record(reported_alarm_dates=(a_reading("2026-01-20", on("0001-01-01")),))
    assert values_on("2026-02-01", record)["refill.daysToTarget"] < 0
