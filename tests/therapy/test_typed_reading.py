"""A slip in typing is caught where it cannot be right, and pointed at where it differs."""

from dataclasses import replace
from datetime import UTC, date, datetime
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
