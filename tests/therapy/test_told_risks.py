"""Risks of withdrawal and reasons not to know, as a reader is told them: whole sentences."""

from typing import Any

import pytest

from cds_service.errors import UnitError
from cds_service.therapy import units
from cds_service.therapy.record import (
    Alarm,
    Complication,
    ComplicationKind,
    DataIssue,
    PumpEvent,
    PumpEventKind,
    SurgeryKind,
    VisitState,
)
from cds_service.therapy.symptoms import highest, newest_temperature, symptoms
from tests.therapy.builders import (
    NOON,
    THRESHOLDS,
    a_reading,
    a_surgery,
    a_temperature,
    a_therapy_record,
    a_visit,
    an_alarm,
    facts_on,
    ml,
    on,
    proof,
)


def an_event(kind: PumpEventKind, when: str) -> PumpEvent:
    return PumpEvent(kind, on(when), proof(f"Procedure/{kind.name}", on(when)))


def a_complication(kind: ComplicationKind, when: str | None) -> Complication:
    found = on(when) if when else None
    return Complication(kind, found, proof("Condition/c", found))


FAULT = ComplicationKind.CATHETER_FAULT
MRI, CSF = PumpEventKind.MRI, PumpEventKind.CSF_PROCEDURE
RISKS: dict[str, tuple[str, dict[str, Any], str]] = {
    "nothing": ("2026-03-01", {}, ""),
    "alarm date": ("2026-04-05", {}, "the low-reservoir alarm date is reached (5 Apr 2026)"),
    "empty date": ("2026-04-15", {}, "the reservoir is empty by date (15 Apr 2026)"),
    "an alarm heard, the newest of two": (
        "2026-03-01",
        {
            "alarms": (
                an_alarm("2026-02-20", Alarm.LOW_RESERVOIR, "Observation/a"),
                an_alarm("2026-02-10", Alarm.LOW_RESERVOIR, "Observation/b"),
            )
        },
        "low-reservoir alarm (20 Feb 2026)",
    ),
    "stalled motor": (
        "2026-03-01",
        {"alarms": (an_alarm("2026-02-28", Alarm.MOTOR_STALL),)},
        "motor-stall alarm (28 Feb 2026)",
    ),
    "missed visit": (
        "2026-03-01",
        {"visits": (a_visit("2026-02-20", state=VisitState.NO_SHOW),)},
        "a refill visit was missed (20 Feb 2026)",
    ),
    "diagnosis with a date": (
        "2026-03-01",
        {"complications": (a_complication(FAULT, "2026-02-20"),)},
        "fault of the catheter (20 Feb 2026)",
    ),
    "diagnosis without a date": (
        "2026-03-01",
        {"complications": (a_complication(FAULT, None),)},
        "fault of the catheter",
    ),
    "diagnosis of the pump before": (
        "2026-03-01",
        {"complications": (a_complication(FAULT, "2025-01-14"),)},
        "",
    ),
    "puncture 2 days ago": (
        "2026-03-01",
        {"events": (an_event(CSF, "2026-02-27"),)},
        "procedure on the spinal fluid (27 Feb 2026)",
    ),
    "scan, not looked at since": (
        "2026-03-01",
        {"events": (an_event(MRI, "2026-02-28"),)},
        "MRI scan (28 Feb 2026) without a pump check after it",
    ),
    "scan, checked on the same day": (
        "2026-03-01",
        {
            "events": (
                an_event(MRI, "2026-02-28"),
                an_event(PumpEventKind.INTERROGATION, "2026-02-28"),
            )
        },
        "MRI scan (28 Feb 2026) without a pump check after it",
    ),
    "scan, checked the day after": (
        "2026-03-01",
        {
            "events": (
                an_event(MRI, "2026-02-28"),
                an_event(PumpEventKind.INTERROGATION, "2026-03-01"),
            )
        },
        "",
    ),
    "pump removed": (
        "2026-03-01",
        {"surgeries": (a_surgery("2026-02-20", SurgeryKind.EXPLANT),)},
        "the pump was removed (20 Feb 2026)",
    ),
}


@pytest.mark.parametrize("story", RISKS)
def test_a_risk_of_withdrawal_is_told_with_its_day(story: str):
    today, stated, told = RISKS[story]
    found = facts_on(today, a_therapy_record(**stated))
    assert str(found["withdrawal.risks"].value).endswith(told)
    assert found["withdrawal.atRisk"].value is bool(told)


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        (
            {"unread": {"appointments": "not sent"}},
            "appointments could not be read",
        ),
        (
            {"issues": (DataIssue("procedures", "Procedure/x", "has no date"),)},
            "a record that could not be used may be a visit newer than those found",
        ),
    ],
)
def test_why_the_last_visit_is_not_known_is_told(stated: Any, why: str):
    found = facts_on("2026-02-01", a_therapy_record(fills=(), **stated))
    fact = found["followUp.daysSinceVisit"]
    assert fact.value is None
    assert fact.unknown_because == why


@pytest.mark.parametrize(
    ("alarm", "reported", "expected"),
    [
        pytest.param("2026-04-05", "2026-04-05", ("2026-04-05", "2026-04-15"), id="agree"),
        pytest.param("2026-04-05", "2026-04", ("2026-04-01", "2026-04-11"), id="a month reported"),
    ],
)
def test_of_a_month_reported_and_a_day_computed_the_earliest_rules(
    alarm: str, reported: str, expected: tuple[str, str]
):
    """Computed 5 and 15 Apr 2026; reported April: its first day, and empty 10 days later."""
    reading = a_reading("2026-01-05", on(reported), "Observation/alarm-date")
    found = facts_on("2026-02-01", a_therapy_record(reported_alarm_dates=(reading,)))
    told = tuple(str(found[f"refill.{name}"].value) for name in ("alarmDate", "emptyDate"))
    assert told == expected
    assert found["refill.daysToAlarmAtLatest"].value == 63
    assert alarm == "2026-04-05"


@pytest.mark.parametrize(
    ("unit", "code"), [(None, None), ("", None), ("{score}", None), (None, "{score}")]
)
def test_a_score_may_be_written_without_a_unit(unit: str | None, code: str | None):
    assert units.score(ml(7).value, unit, code) == 7


@pytest.mark.parametrize(("unit", "code"), [("mg", None), (None, "mg"), ("mg", "{score}")])
def test_a_score_in_another_unit_is_refused(unit: str | None, code: str | None):
    with pytest.raises(UnitError):
        units.score(ml(7).value, unit, code)


def test_a_volume_less_another_is_what_is_left():
    assert ml(20) - ml("5.5") == ml("14.5")


TEMPERATURES = (
    a_temperature("2026-01-31T10:00+00:00", "38.9"),
    a_temperature("2026-02-01T08:00+00:00", "38.2"),
    a_temperature("2026-02-01T09:00+00:00", "37.1"),
    a_temperature("2026-01-20T09:00+00:00", "40.1"),
)


@pytest.mark.parametrize("turned", [False, True])
def test_the_highest_and_the_newest_temperature_of_the_look_back(turned: bool):
    """72 hours before noon of 1 Feb: the fever of 20 Jan is out."""
    readings = TEMPERATURES[::-1] if turned else TEMPERATURES
    found = symptoms(a_therapy_record(temperatures=readings), THRESHOLDS, NOON)
    warmest, newest = highest(found), newest_temperature(found)
    assert warmest is not None
    assert newest is not None
    assert (str(warmest.value), str(newest.value)) == ("38.9", "37.1")


def test_without_a_temperature_there_is_no_highest():
    found = symptoms(a_therapy_record(), THRESHOLDS, NOON)
    assert (highest(found), newest_temperature(found)) == (None, None)
