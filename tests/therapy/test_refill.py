"""Refill facts: dates and days of the running cycle, bookings, alarms and what is unknown."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.therapy.record import Alarm, SurgeryKind, VisitState
from tests.therapy.builders import (
    a_dose,
    a_fill,
    a_reading,
    a_surgery,
    a_therapy_record,
    a_visit,
    an_alarm,
    facts_on,
    found_on,
    mcg_per_ml,
    ml,
    on,
    values_on,
)

ROWS = {
    # fill, V mL, A mL, C mcg/mL, D mcg/day, alarm, empty, target
    "R1": ("2026-01-05", 20, 2, 500, 100, "2026-04-05", "2026-04-15", "2026-03-29"),
    "R2": ("2026-01-12", 40, 2, 2000, 350, "2026-08-17", "2026-08-28", "2026-07-11"),
    "R3": ("2026-03-02", 20, 2, 2000, 800, "2026-04-16", "2026-04-21", "2026-04-09"),
    "R4": ("2026-02-16", 40, 2, 500, 250, "2026-05-03", "2026-05-07", "2026-04-26"),
    "R5": ("2026-04-01", 20, 1, 1000, 300, "2026-06-03", "2026-06-06", "2026-05-27"),
    "R6": ("2026-05-04", 18, 2, 500, 150, "2026-06-26", "2026-07-03", "2026-06-19"),
    "R7": ("2026-01-01", 20, 2, 500, 50, "2026-06-30", "2026-07-20", "2026-06-23"),
    "R8": ("2026-01-20", 40, 2, 1000, 138, "2026-10-22", "2026-11-05", "2026-07-19"),
    "R9": ("2026-06-08", 20, 2, 2000, 200, "2026-12-05", "2026-12-25", "2026-11-28"),
    "R10": ("2028-02-20", 20, 2, 500, 600, "2028-03-06", "2028-03-07", "2028-02-28"),
    "R11": ("2026-01-05", 20, 4, 500, 100, "2026-03-26", "2026-04-15", "2026-03-19"),
    "R12": ("2026-07-01", 20, 2, 500, 1000, "2026-07-10", "2026-07-11", "2026-07-03"),
}
BARE = a_fill(volume=None, concentration=None)


def reported(when: str, alarm: str) -> Any:
    return a_reading(when, on(alarm), "Observation/alarm-date")


@pytest.mark.parametrize(
    ("filled", "volume", "alarm_volume", "strength", "dose", "alarm", "empty", "target"),
    ROWS.values(),
    ids=ROWS.keys(),
)
def test_the_dates_of_the_worked_cases_are_found(  # noqa: PLR0917
    filled: str,
    volume: int,
    alarm_volume: int,
    strength: int,
    dose: int,
    alarm: str,
    empty: str,
    target: str,
):
    record = a_therapy_record(
        pumps=(),
        fills=(a_fill(filled, volume=ml(volume), concentration=mcg_per_ml(strength)),),
        dose_statements=(a_dose(filled, dose),),
        alarm_volumes=(a_reading(filled, ml(alarm_volume)),),
    )
    found = values_on(filled, record)

    assert found["refill.alarmDate"] == date.fromisoformat(alarm)
    assert found["refill.emptyDate"] == date.fromisoformat(empty)
    assert found["refill.targetDate"] == date.fromisoformat(target)
    assert found["refill.isComputed"] is True


def test_a_dose_change_in_mid_cycle_is_honoured():
    """Worked case R13."""
    record = a_therapy_record(
        fills=(a_fill("2026-02-01"),),
        dose_statements=(a_dose("2026-02-01", 100), a_dose("2026-03-03", 115)),
    )
    found = values_on("2026-03-10", record)

    assert found["refill.alarmDate"] == date(2026, 4, 24)
    assert found["refill.emptyDate"] == date(2026, 5, 2)
    assert found["refill.dailyDose"] == "115 mcg/day"


@pytest.mark.parametrize(
    ("today", "to_target", "to_alarm", "to_empty"),
    [
        ("2026-02-20", 37, 44, 54),
        ("2026-02-27", 30, 37, 47),
        ("2026-03-28", 1, 8, 18),
        ("2026-03-29", 0, 7, 17),
        ("2026-04-04", -6, 1, 11),
        ("2026-04-05", -7, 0, 10),
        ("2026-04-15", -17, -10, 0),
    ],
)
def test_days_are_counted_as_in_worked_case_r15(
    today: str, to_target: int, to_alarm: int, to_empty: int
):
    found = values_on(today, a_therapy_record())
    assert found["refill.daysToTarget"] == to_target
    assert found["refill.daysToAlarm"] == to_alarm
    assert found["refill.daysToEmpty"] == to_empty


def test_the_formula_shows_every_figure_needed_to_check_it_by_hand():
    told = values_on("2026-02-01", a_therapy_record())["refill.formula"]
    figures = ("20 mL", "5 Jan 2026", "500 mcg/mL", "100 mcg/day", "2 mL", "90 days", "100 days")
    for figure in (*figures, "5 Apr 2026", "15 Apr 2026"):
        assert figure in told


def test_the_formula_shows_a_dose_change():
    doses = (a_dose(), a_dose("2026-02-04", 115))
    told = values_on("2026-02-10", a_therapy_record(dose_statements=doses))["refill.formula"]
    assert "115 mcg/day" in told
    assert "4 Feb 2026" in told


@pytest.mark.parametrize(
    ("alarm", "rules", "is_computed", "has_conflict"),
    [
        pytest.param("2026-03-24", "2026-03-24", False, True, id="R17: 12 days earlier"),
        pytest.param("2026-03-29", "2026-03-29", False, False, id="7 days earlier is no conflict"),
        pytest.param("2026-03-28", "2026-03-28", False, True, id="8 days earlier"),
        pytest.param("2026-04-02", "2026-04-02", False, False, id="R17: 3 days earlier"),
        pytest.param("2026-04-08", "2026-04-05", True, False, id="3 days later: computed rules"),
        pytest.param("2026-04-13", "2026-04-05", True, True, id="8 days later"),
    ],
)
def test_the_earlier_of_reported_and_computed_alarm_rules(
    alarm: str, rules: str, is_computed: bool, has_conflict: bool
):
    record = a_therapy_record(reported_alarm_dates=(reported("2026-01-05", alarm),))
    found = found_on("2026-02-01", record)

    assert found.facts["refill.alarmDate"].value == date.fromisoformat(rules)
    assert found.facts["refill.isComputed"].value is is_computed
    assert bool(found.conflicts) is has_conflict


def test_where_the_report_rules_the_reservoir_empties_a_reserve_later():
    """Reserve of R1: 10 days."""
    record = a_therapy_record(reported_alarm_dates=(reported("2026-01-05", "2026-03-24"),))
    assert values_on("2026-02-01", record)["refill.emptyDate"] == date(2026, 4, 3)


@pytest.mark.parametrize(
    ("recorded", "doses", "counts"),
    [
        pytest.param("2026-01-04", [a_dose()], False, id="before the fill"),
        pytest.param("2026-01-05", [a_dose()], True, id="on the fill day"),
        pytest.param(
            "2026-01-19", [a_dose(), a_dose("2026-01-20", 90)], False, id="before the dose change"
        ),
        pytest.param(
            "2026-01-20", [a_dose(), a_dose("2026-01-20", 90)], True, id="on the dose change"
        ),
        pytest.param(
            "2026-01-19", [a_dose(), a_dose("2026-01-20", 100)], True, id="the dose only repeated"
        ),
    ],
)
def test_a_reported_date_counts_from_fill_and_dose_change_on(
    recorded: str, doses: list[Any], counts: bool
):
    record = a_therapy_record(
        dose_statements=tuple(doses), reported_alarm_dates=(reported(recorded, "2026-03-01"),)
    )
    found = values_on("2026-02-01", record)["refill.alarmDate"]
    assert (found == date(2026, 3, 1)) is counts


def test_the_newest_report_rules():
    readings = (reported("2026-01-05", "2026-03-01"), reported("2026-01-20", "2026-03-20"))
    for order in permutations(readings):
        found = values_on("2026-02-01", a_therapy_record(reported_alarm_dates=order))
        assert found["refill.alarmDate"] == date(2026, 3, 20)


def test_a_reported_date_alone_carries_the_ladder():
    record = a_therapy_record(
        fills=(BARE,),
        dose_statements=(),
        reported_alarm_dates=(reported("2026-01-05", "2026-04-05"),),
    )
    found = values_on("2026-02-01", record)
    assert found["refill.alarmDate"] == date(2026, 4, 5)
    assert found["refill.targetDate"] == date(2026, 3, 29)
    assert found["refill.emptyDateKnown"] is False
    assert found["refill.reserveDays"] is None


def test_a_report_caps_the_target_at_180_days_after_the_fill():
    record = a_therapy_record(
        fills=(BARE,),
        dose_statements=(),
        reported_alarm_dates=(reported("2026-01-05", "2026-12-05"),),
    )
    assert values_on("2026-02-01", record)["refill.targetDate"] == date(2026, 7, 4)


@pytest.mark.parametrize(
    ("dose", "reserve"),
    [("333", "3"), ("334", "2.99"), ("600", "1.66")],
    ids=["1000 / 333 = 3.003", "1000 / 334 = 2.994", "R10"],
)
def test_the_reserve_is_given_in_days_and_never_too_long(dose: str, reserve: str):
    record = a_therapy_record(dose_statements=(a_dose("2026-01-05", dose),))
    assert values_on("2026-01-06", record)["refill.reserveDays"] == Decimal(reserve)


@pytest.mark.parametrize(
    ("filled", "today", "is_today"),
    [
        pytest.param("2026-01-05", "2026-01-05", True, id="today"),
        pytest.param("2026-01-05", "2026-01-06", False, id="yesterday"),
        pytest.param("2026-01", "2026-01-01", False, id="some day of this month"),
    ],
)
def test_filled_today_needs_a_full_date(filled: str, today: str, is_today: bool):
    found = values_on(today, a_therapy_record(fills=(a_fill(filled),)))
    assert found["refill.filledToday"] is is_today


def test_a_month_counts_from_its_first_day_and_is_late_only_from_its_last():
    record = a_therapy_record(
        fills=(a_fill("2025-12"),), dose_statements=(a_dose("2025-06-01"),), alarm_volumes=()
    )
    found = values_on("2026-02-01", record)
    # 1 Dec + 90 = 1 Mar; 31 Dec + 90 = 31 Mar
    assert found["refill.alarmDate"] == date(2026, 3, 1)
    assert found["refill.daysToAlarm"] == 28
    assert found["refill.daysToAlarmAtLatest"] == 58
    assert "Dec 2025" in found["refill.assumptions"]


def test_an_assumed_alarm_volume_is_said():
    told = values_on("2026-02-01", a_therapy_record(alarm_volumes=()))["refill.assumptions"]
    assert "2 mL is assumed" in told
    assert values_on("2026-02-01", a_therapy_record())["refill.assumptions"] == ""


@pytest.mark.parametrize(
    ("alarm", "when", "counts"),
    [
        pytest.param(Alarm.LOW_RESERVOIR, "2026-01-06", True, id="after the fill"),
        pytest.param(Alarm.LOW_RESERVOIR, "2026-01-05", False, id="on the fill day: answered"),
        pytest.param(Alarm.LOW_RESERVOIR, "2026-01-04", False, id="before the fill"),
        pytest.param(Alarm.EMPTY_RESERVOIR, "2026-01-06", True, id="empty, after the fill"),
        pytest.param(Alarm.EMPTY_RESERVOIR, "2026-01-04", False, id="empty, before the fill"),
        pytest.param(Alarm.ERI, "2026-01-06", False, id="an alarm of the battery"),
    ],
)
def test_reservoir_alarms_count_since_the_last_fill(alarm: Alarm, when: str, counts: bool):
    found = values_on("2026-02-01", a_therapy_record(alarms=(an_alarm(when, alarm),)))
    is_low, is_empty = found["refill.lowReservoirAlarm"], found["refill.emptyReservoirAlarm"]
    assert (is_low or is_empty) is counts
    assert is_empty is (counts and alarm is Alarm.EMPTY_RESERVOIR)


def test_an_alarm_later_on_the_fill_day_counts_when_both_times_are_known():
    record = a_therapy_record(
        fills=(a_fill("2026-01-05T09:00+00:00"),),
        alarms=(an_alarm("2026-01-05T15:00+00:00", Alarm.LOW_RESERVOIR),),
    )
    assert values_on("2026-02-01", record)["refill.lowReservoirAlarm"] is True


@pytest.mark.parametrize(
    ("booked", "after_alarm", "after_target"),
    [("2026-03-27", -9, -2), ("2026-03-29", -7, 0), ("2026-04-05", 0, 7), ("2026-04-08", 3, 10)],
)
def test_a_booking_is_measured_against_alarm_and_target(
    booked: str, after_alarm: int, after_target: int
):
    """Worked case R15: alarm 5 Apr, target 29 Mar."""
    found = values_on("2026-02-27", a_therapy_record(visits=(a_visit(booked),)))
    assert found["refill.booked"] is True
    assert found["refill.bookedDate"] == date.fromisoformat(booked)
    assert found["refill.bookedDaysAfterAlarm"] == after_alarm
    assert found["refill.bookedDaysAfterTarget"] == after_target


def test_a_missed_visit_is_not_missed_once_another_is_booked():
    no_show = a_visit("2026-03-27", state=VisitState.NO_SHOW)
    alone = values_on("2026-03-28", a_therapy_record(visits=(no_show,)))
    both = values_on("2026-03-28", a_therapy_record(visits=(no_show, a_visit("2026-04-01"))))
    assert alone["refill.visitMissed"] is True
    assert alone["refill.missedVisitDate"] == date(2026, 3, 27)
    assert both["refill.visitMissed"] is False


@pytest.mark.parametrize(
    ("today", "shortest", "longest", "since"),
    [
        ("2026-02-09", -1, -151, 30),
        ("2026-02-10", 0, -150, 31),
        ("2026-06-09", 119, -31, 150),
        ("2026-06-10", 120, -30, 151),
        ("2026-07-10", 150, 0, 181),
        ("2026-07-11", 151, 1, 182),
    ],
)
def test_the_usual_interval_is_counted_in_calendar_months(
    today: str, shortest: int, longest: int, since: int
):
    """Worked case R16: fill 10 Jan 2026, one month 10 Feb, six months 10 Jul."""
    bare = a_fill("2026-01-10", volume=None, concentration=None)
    found = values_on(today, a_therapy_record(fills=(bare,), dose_statements=()))
    assert found["refill.alarmDateKnown"] is False
    assert found["refill.daysSinceFill"] == since
    assert found["refill.daysPastShortestInterval"] == shortest
    assert found["refill.daysPastLongestInterval"] == longest
    assert found["refill.longestIntervalDate"] == date(2026, 7, 10)


@pytest.mark.parametrize(
    ("booked", "in_time"), [("2026-07-10", True), ("2026-07-11", False)], ids=["within", "after"]
)
def test_a_booking_counts_within_six_months_of_the_fill(booked: str, in_time: bool):
    bare = a_fill("2026-01-10", volume=None, concentration=None)
    record = a_therapy_record(fills=(bare,), dose_statements=(), visits=(a_visit(booked),))
    assert values_on("2026-06-10", record)["refill.bookedWithinLongestInterval"] is in_time


def test_without_any_fill_every_date_is_unknown_with_its_reason():
    record = a_therapy_record(fills=(), surgeries=())
    found = facts_on("2026-02-01", record)
    assert found["refill.fillKnown"].value is False
    for name in ("fillDate", "alarmDate", "targetDate", "emptyDate", "daysPastLongestInterval"):
        fact = found[f"refill.{name}"]
        assert fact.value is None
        assert "no refill is recorded" in fact.unknown_because


def test_an_implant_within_six_months_is_said_to_be_the_assumed_first_fill():
    record = a_therapy_record(
        fills=(), dose_statements=(), surgeries=(a_surgery("2026-01-05", SurgeryKind.REPLACEMENT),)
    )
    found = values_on("2026-02-01", record)
    assert found["refill.fillAssumed"] is True
    assert found["refill.fillDate"] == date(2026, 1, 5)
    assert "assumed to have been filled at surgery" in found["refill.assumptions"]


def test_a_fact_rests_on_the_records_it_was_worked_out_from():
    found = facts_on("2026-02-01", a_therapy_record())
    assert {proof.reference for proof in found["refill.alarmDate"].evidence} == {
        "MedicationAdministration/fill",
        "Observation/dose",
        "Observation/alarm-volume",
    }


filled = st.dates(date(2024, 1, 1), date(2026, 6, 1))
tenths = st.integers(50, 25_000)


@given(filled, st.integers(1, 400), st.integers(20, 400), tenths)
def test_a_later_refill_never_makes_the_act_by_date_earlier(
    first: date, later: int, volume: int, dose: int
):
    def act_by(fill: date) -> date:
        record = a_therapy_record(
            pumps=(),
            surgeries=(),
            fills=(a_fill(fill.isoformat(), volume=ml(volume / 10)),),
            dose_statements=(a_dose("2020-01-01", dose / 10),),
        )
        found: date = values_on("2028-01-01", record)["refill.targetDate"]
        return found

    assert act_by(first + timedelta(days=later)) >= act_by(first)


@given(tenths, st.integers(1, 5000), st.integers(0, 100))
def test_a_higher_dose_never_delays_alarm_target_or_empty(dose: int, more: int, changed: int):
    def dates(tenths_a_day: int) -> list[date]:
        on_day = (date(2026, 1, 5) + timedelta(days=changed)).isoformat()
        record = a_therapy_record(
            dose_statements=(a_dose("2026-01-05", 120), a_dose(on_day, tenths_a_day / 10))
        )
        found = values_on("2026-05-01", record)
        return [found[f"refill.{name}"] for name in ("alarmDate", "targetDate", "emptyDate")]

    higher = min(dose + more, 25_000)
    for slow, fast in zip(dates(dose), dates(higher), strict=True):
        assert fast <= slow
