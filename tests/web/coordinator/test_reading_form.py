"""Numbers and days are read as they were meant, or not at all."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from cds_service.web.coordinator.reading_form import number, read_form

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "value"),
    [("40", "40"), ("1,5", "1.5"), ("18.5", "18.5"), ("0,125", "0.125"), ("2000", "2000")],
)
def test_a_point_and_a_comma_mean_the_same(text, value):
    assert number(text) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1,234", "ambiguous"),
        ("2.000", "ambiguous"),
        ("1.234,5", "no-number"),
        ("-1", "no-number"),
        ("1e9", "no-number"),
        ("12 mL", "no-number"),
        ("\u0661\u0662", "no-number"),
        ("NaN", "no-number"),
        ("9" * 30, "no-number"),
    ],
)
def test_what_could_mean_two_things_is_refused(text, why):
    with pytest.raises(ValueError, match=why):
        number(text)


@pytest.mark.parametrize(
    ("form", "faults"),
    [
        ({}, {"taken_on": "missing"}),
        ({"taken_on": "11/12/2026"}, {"taken_on": "no-day"}),
        ({"taken_on": "2026-11-20", "taken_time": "25:00"}, {"taken_on": "no-time"}),
        ({"taken_on": "2026-11-20", "filled": "x"}, {"filled": "no-number"}),
        ({"taken_on": "2026-11-20", "bridge_bolus": "perhaps"}, {"bridge_bolus": "unknown"}),
        ({"taken_on": "2026-11-20", "alarm_date": "soon"}, {"alarm_date": "no-day"}),
    ],
)
def test_each_field_that_cannot_be_read_is_named(form, faults):
    read = read_form(form, [], NOW)

    assert read.reading is None
    assert read.faults == faults


def test_an_alarm_that_does_not_exist_is_refused():
    assert read_form({"taken_on": "2026-11-20"}, ["no-such"], NOW).faults == {"alarms": "unknown"}


@pytest.mark.parametrize(
    ("day", "at", "taken"),
    [
        ("2026-11-20", "", "2026-11-20T12:00:00+00:00"),
        ("2026-11-23", "", "2026-11-23T09:00:00+00:00"),
        ("2026-11-20", "14:05", "2026-11-20T14:05:00+00:00"),
    ],
)
def test_without_a_time_a_reading_is_of_noon_and_never_of_the_future(day, at, taken):
    read = read_form({"taken_on": day, "taken_time": at, "filled": "20"}, [], NOW)

    assert read.reading is not None
    assert read.reading.taken_at.isoformat() == taken
