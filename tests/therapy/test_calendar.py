"""Days, months and partial dates, against a calendar counted by hand."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.therapy.calendar import (
    When,
    add_days,
    add_months,
    day,
    day_text,
    earliest,
    whole_months_between,
)
from tests.therapy.builders import on

days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
months = st.integers(-120, 120)


def counted_months_later(start: date, months: int) -> date:
    """Month by month on the calendar, then back from the wanted day to one that exists."""
    year, month = start.year, start.month
    for _ in range(abs(months)):
        month += 1 if months > 0 else -1
        year += (month == 13) - (month == 0)
        month = {13: 1, 0: 12}.get(month, month)
    for wanted in range(start.day, 0, -1):
        try:
            return date(year, month, wanted)
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        pytest.param("2026-08-31", 6, "2027-02-28", id="R16: month end, common year"),
        pytest.param("2027-08-31", 6, "2028-02-29", id="month end, leap year"),
        pytest.param("2024-02-29", 12, "2025-02-28", id="leap day a year on"),
        pytest.param("2024-02-29", 48, "2028-02-29", id="leap day four years on"),
        pytest.param("2026-01-31", 1, "2026-02-28", id="31 January"),
        pytest.param("2026-03-31", -1, "2026-02-28", id="backwards"),
        pytest.param("2026-01-15", -1, "2025-12-15", id="back over the year's end"),
        pytest.param("2026-12-15", 1, "2027-01-15", id="over the year's end"),
        pytest.param("2020-03-15", 84, "2027-03-15", id="E1: 84 months"),
        pytest.param("2026-01-10", 6, "2026-07-10", id="R16"),
        pytest.param("2026-05-31", 0, "2026-05-31", id="no months"),
    ],
)
def test_calendar_months_end_on_the_months_last_day_where_the_day_is_missing(
    start: str, months: int, expected: str
):
    assert add_months(date.fromisoformat(start), months) == date.fromisoformat(expected)


@given(days, months)
def test_adding_months_agrees_with_counting_them(start: date, months: int):
    assert add_months(start, months) == counted_months_later(start, months)


@given(days, st.integers(0, 120))
def test_months_between_is_the_most_that_fit(start: date, months: int):
    end = counted_months_later(start, months)
    assert whole_months_between(start, end) >= months
    assert counted_months_later(start, whole_months_between(start, end)) <= end


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        pytest.param("2020-11-22", "2026-11-21", 71, id="the day before"),
        pytest.param("2020-11-22", "2026-11-22", 72, id="the day itself"),
        pytest.param("2026-08-31", "2027-02-27", 5, id="before the short month's end"),
        pytest.param("2026-08-31", "2027-02-28", 6, id="on the short month's end"),
        pytest.param("2024-02-29", "2025-02-28", 12, id="leap day"),
    ],
)
def test_a_month_is_complete_on_its_day(start: str, end: str, months: int):
    assert whole_months_between(date.fromisoformat(start), date.fromisoformat(end)) == months


@given(days, days, st.integers(0, 100))
def test_a_later_start_never_ends_earlier(one: date, other: date, months: int):
    first, second = sorted((one, other))
    assert add_months(first, months) <= add_months(second, months)


def test_days_stop_at_the_calendars_end_instead_of_failing():
    assert add_days(date(9999, 12, 1), 400) == date.max


def test_days_stop_at_the_calendars_beginning_instead_of_failing():
    assert add_days(date(1, 1, 5), -90) == date.min


def test_months_stop_at_the_calendars_beginning_instead_of_failing():
    assert add_months(date(1, 2, 1), -6) <= date(1, 2, 1)


def test_months_stop_at_the_calendars_end_instead_of_failing():
    assert add_months(date(9999, 12, 1), 6) >= date(9999, 12, 1)


@pytest.mark.parametrize(
    ("value", "text"),
    [(date(2026, 4, 5), "5 Apr 2026"), (date(2026, 11, 30), "30 Nov 2026")],
)
def test_a_date_is_written_the_same_in_every_country(value: date, text: str):
    assert day_text(value) == text


def test_a_month_is_written_as_one():
    assert str(on("2026-11")) == "Nov 2026"


def test_a_month_spans_its_days():
    assert on("2028-02") == When(date(2028, 2, 1), date(2028, 2, 29))
    assert not on("2028-02").is_day
    assert day(date(2028, 2, 1)).is_day


@pytest.mark.parametrize(
    ("recorded", "last"),
    [
        pytest.param("2026-11", "2026-11-22", id="the month still runs"),
        pytest.param("2026-10", "2026-10-31", id="the month is over"),
        pytest.param("2026-12", "2026-12-31", id="the month lies ahead"),
        pytest.param("2026-11-22", "2026-11-22", id="today"),
    ],
)
def test_something_done_this_month_was_done_by_today(recorded: str, last: str):
    assert on(recorded).capped(date(2026, 11, 22)).last == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("later", "earlier", "is_after"),
    [
        pytest.param("2026-01-06", "2026-01-05", True, id="the next day"),
        pytest.param("2026-01-05", "2026-01-05", False, id="the same day, no times"),
        pytest.param("2026-01-05T15:00+00:00", "2026-01-05T10:00+00:00", True, id="later that day"),
        pytest.param(
            "2026-01-05T10:00+00:00", "2026-01-05T15:00+00:00", False, id="earlier that day"
        ),
        pytest.param("2026-01-05T15:00+00:00", "2026-01-05", False, id="only one has a time"),
        pytest.param("2026-01-20", "2026-01", False, id="within the month"),
        pytest.param("2026-02-01", "2026-01", True, id="after the month"),
    ],
)
def test_after_means_certainly_after(later: str, earlier: str, is_after: bool):
    assert on(later).is_after(on(earlier)) is is_after


@given(days, days)
def test_the_earliest_of_two_days_is_the_smaller(one: date, other: date):
    assert earliest(day(one), day(other)) == day(min(one, other))


def test_the_earliest_of_partial_dates_is_taken_at_both_ends():
    assert earliest(on("2026-03"), on("2026-03-10")) == When(date(2026, 3, 1), date(2026, 3, 10))


@given(days, st.integers(0, 3000))
def test_adding_days_is_counting_days(start: date, count: int):
    assert add_days(start, count) - start == timedelta(days=count)
