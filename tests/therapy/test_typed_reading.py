"""A slip in typing is caught where it cannot be right, and pointed at where it differs."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from cds_service.therapy.cycle import refill_history
from cds_service.therapy.devices import MODELS
from cds_service.therapy.quantities import (
    MicrogramsPerDay,
    MicrogramsPerMillilitre,
    Millilitres,
)
from cds_service.therapy.record import Alarm, Evidence, Pump, TherapyRecord
from cds_service.therapy.typed_reading import TypedReading, doubts, says_nothing
from tests.therapy import builders

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TYPED = TypedReading(taken_at=datetime(2026, 11, 20, 14, 0, tzinfo=UTC))


def ml(value: str) -> Millilitres:
    return Millilitres(Decimal(value))


def dose(value: str) -> MicrogramsPerDay:
    return MicrogramsPerDay(Decimal(value))


def strength(value: str) -> MicrogramsPerMillilitre:
    return MicrogramsPerMillilitre(Decimal(value))


def told(typed: TypedReading, record: TherapyRecord = TherapyRecord()) -> list[tuple[str, str]]:  # noqa: B008
    history = refill_history(record, builders.THRESHOLDS, NOW.date())
    found = doubts(typed, record, history, builders.THRESHOLDS, NOW)
    return [(each.field, each.why) for each in found if each.is_error]


def asked(typed: TypedReading, record: TherapyRecord = TherapyRecord()) -> list[tuple[str, str]]:  # noqa: B008
    history = refill_history(record, builders.THRESHOLDS, NOW.date())
    found = doubts(typed, record, history, builders.THRESHOLDS, NOW)
    return [(each.field, each.why) for each in found if not each.is_error]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"daily_dose": dose("2500")}, None),
        ({"daily_dose": dose("2501")}, ("daily_dose", "out-of-range")),
        ({"daily_dose": dose("4.9")}, ("daily_dose", "out-of-range")),
        ({"concentration": strength("2000")}, None),
        ({"concentration": strength("2001")}, ("concentration", "out-of-range")),
        ({"concentration": strength("49")}, ("concentration", "out-of-range")),
        ({"is_refill": True, "filled": ml("40")}, None),
        ({"is_refill": True, "filled": ml("40.1")}, ("filled", "above-reservoir")),
        ({"residual_aspirated": ml("41")}, ("residual_aspirated", "above-reservoir")),
        ({"filled": ml("20")}, ("filled", "no-refill")),
        ({"months_to_eri": Decimal(240)}, None),
        ({"months_to_eri": Decimal(241)}, ("months_to_eri", "out-of-range")),
        (
            {"taken_at": datetime(2026, 11, 23, 9, 1, tzinfo=UTC)},
            ("taken_at", "in-future"),
        ),
    ],
)
def test_what_cannot_be_right_is_refused(changes, fault):
    assert told(replace(TYPED, **changes)) == ([fault] if fault else [])


def test_no_pump_holds_more_than_its_model():
    pump = Pump(Evidence("Device/1", "pump"), MODELS["8637-20"])
    typed = replace(TYPED, is_refill=True, filled=ml("21"))

    assert told(typed, TherapyRecord(pumps=(pump,))) == [("filled", "above-reservoir")]


@pytest.mark.parametrize(
    ("alarm", "is_asked"),
    [
        # (40 - 2) mL x 500 mcg/mL / 200 mcg/day = 95 days after 20 Nov 2026: 23 Feb 2027.
        (date(2027, 2, 23), False),
        (date(2027, 3, 2), False),  # seven days later is allowed
        (date(2027, 3, 3), True),
        (date(2027, 2, 15), True),
    ],
)
def test_an_alarm_date_is_compared_with_the_arithmetic(alarm, is_asked):
    typed = replace(
        TYPED,
        is_refill=True,
        filled=ml("40"),
        concentration=strength("500"),
        daily_dose=dose("200"),
        alarm_date=alarm,
    )

    assert (("alarm_date", "arithmetic") in asked(typed)) is is_asked


FILLED = builders.a_therapy_record(
    fills=(builders.a_fill("2026-11-01"),), dose_statements=(builders.a_dose("2026-11-01"),)
)
"""(20 - 2) mL x 500 mcg/mL / 100 mcg/day = 90 days after 1 Nov 2026: 30 Jan 2027."""


@pytest.mark.parametrize(
    ("alarm", "is_asked"),
    [
        (date(2027, 1, 30), False),
        (date(2027, 2, 6), False),  # seven days later is allowed
        (date(2027, 2, 7), True),
        (date(2027, 1, 23), False),  # and seven days earlier
        (date(2027, 1, 22), True),
        (date(2028, 5, 1), True),
    ],
)
def test_without_a_refill_an_alarm_date_is_compared_with_the_fill_on_record(alarm, is_asked):
    found = asked(replace(TYPED, alarm_date=alarm), FILLED)

    assert (("alarm_date", "arithmetic") in found) is is_asked


@pytest.mark.parametrize(
    ("changes", "alarm"),
    [
        # 19 days at 100 mcg/day leave 7100 mcg: 35 days at 200 mcg/day after 20 Nov 2026.
        ({"daily_dose": dose("200")}, date(2026, 12, 25)),
        # (20 - 2) mL x 1000 mcg/mL / 100 mcg/day = 180 days after 1 Nov 2026.
        ({"concentration": strength("1000")}, date(2027, 4, 30)),
        # (20 - 4) mL x 500 mcg/mL / 100 mcg/day = 80 days after 1 Nov 2026.
        ({"alarm_volume": ml("4")}, date(2027, 1, 20)),
    ],
    ids=["dose", "concentration", "alarm volume"],
)
def test_what_the_printout_says_of_drug_and_pump_counts_in_the_arithmetic(changes, alarm):
    typed = replace(TYPED, **changes)
    last, first_asked = alarm + timedelta(days=7), alarm + timedelta(days=8)

    assert ("alarm_date", "arithmetic") not in asked(replace(typed, alarm_date=last), FILLED)
    assert ("alarm_date", "arithmetic") in asked(replace(typed, alarm_date=first_asked), FILLED)


@pytest.mark.parametrize(
    ("record", "changes"),
    [
        (builders.a_therapy_record(fills=(builders.a_fill("2026-11-21"),)), {}),
        (
            replace(
                FILLED,
                dose_statements=(
                    builders.a_dose("2026-11-01"),
                    builders.a_dose("2026-11-21", dose=150, reference="Observation/later"),
                ),
            ),
            {},
        ),
        (replace(FILLED, dose_statements=()), {}),
        (FILLED, {"is_refill": True}),
        (TherapyRecord(), {}),
    ],
    ids=["filled since", "dose changed since", "no dose", "refilled without volume", "no record"],
)
def test_an_alarm_date_that_cannot_be_computed_is_not_compared(record, changes):
    typed = replace(TYPED, alarm_date=date(2028, 5, 1), **changes)

    assert ("alarm_date", "arithmetic") not in asked(typed, record)


def test_a_dose_that_cannot_be_right_breaks_no_comparison():
    typed = replace(TYPED, alarm_date=date(2028, 5, 1), daily_dose=dose("0"))

    assert told(typed, FILLED) == [("daily_dose", "out-of-range")]


def test_an_alarm_date_that_has_passed_is_asked_about_unless_the_alarm_sounded():
    typed = replace(TYPED, alarm_date=date(2026, 11, 1))

    assert asked(typed) == [("alarm_date", "before-reading")]
    assert asked(replace(typed, alarms=frozenset({Alarm.LOW_RESERVOIR}))) == []


def test_another_model_is_asked_about():
    pump = Pump(Evidence("Device/1", "pump"), MODELS["8637-40"])
    record = TherapyRecord(pumps=(pump,))

    assert asked(replace(TYPED, model="8667-20"), record) == [("model", "differs")]
    assert asked(replace(TYPED, model="synchromed ii"), record) == []
    assert asked(replace(TYPED, model="Medtronic 8637-40"), record) == []


def test_a_reading_that_says_nothing_is_noticed():
    assert says_nothing(TYPED)
    assert says_nothing(replace(TYPED, model="8637-40"))
    assert not says_nothing(replace(TYPED, bridge_bolus=False))
