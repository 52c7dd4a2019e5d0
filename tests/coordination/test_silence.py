"""An EHR that stops calling is noticed, and a quiet night is no alarm."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cds_service.coordination.silence import Usual, hour_of, silence

ZURICH = ZoneInfo("Europe/Zurich")
# Monday 23 Nov 2026, 10:20 in Zurich: the last full hour is 09:00 to 10:00, 08:00 in UTC.
NOW = datetime(2026, 11, 23, 9, 20, tzinfo=UTC)
LAST_HOUR = datetime(2026, 11, 23, 8, tzinfo=UTC)
LONG_AGO = hour_of(NOW - timedelta(days=60))
USUAL = Usual(least_calls=5, weeks=4)


def week_by_week(*calls: int) -> dict[int, int]:
    """The calls of the same hour one week ago, two weeks ago, and so on."""
    return {
        hour_of(LAST_HOUR - timedelta(weeks=weeks)): number
        for weeks, number in enumerate(calls, start=1)
    }


@pytest.mark.parametrize(
    ("calls", "usual_calls"),
    [
        ((8, 9, 10, 11), 9),  # the median of 8, 9, 10, 11 is 9.5
        ((5, 5, 5, 5), 5),
        ((0, 12, 12, 12), 12),  # one holiday among the weeks
    ],
)
def test_an_hour_without_calls_that_normally_has_some_is_silence(calls, usual_calls):
    found = silence(week_by_week(*calls), LONG_AGO, NOW, ZURICH, USUAL)

    assert found is not None
    assert found.usual_calls == usual_calls
    assert found.began_at.isoformat() == "2026-11-23T09:00:00+01:00"


@pytest.mark.parametrize(
    "calls",
    [
        pytest.param((4, 4, 4, 4), id="an hour that is always quiet"),
        pytest.param((0, 0, 0, 40), id="one busy hour does not make a habit"),
        pytest.param((), id="never any calls"),
    ],
)
def test_an_hour_without_calls_that_normally_has_few_is_no_alarm(calls):
    assert silence(week_by_week(*calls), LONG_AGO, NOW, ZURICH, USUAL) is None


def test_one_call_in_the_hour_is_enough():
    calls = week_by_week(50, 50, 50, 50) | {hour_of(LAST_HOUR): 1}

    assert silence(calls, LONG_AGO, NOW, ZURICH, USUAL) is None


def test_calls_of_the_running_hour_do_not_hide_the_silence_of_the_last():
    calls = week_by_week(9, 9, 9, 9) | {hour_of(NOW): 3}

    assert silence(calls, LONG_AGO, NOW, ZURICH, USUAL) is not None


@pytest.mark.parametrize(("days_of_history", "is_silence"), [(10, False), (15, True)])
def test_nothing_is_normal_before_two_weeks_of_counts(days_of_history, is_silence):
    first = hour_of(NOW - timedelta(days=days_of_history))

    found = silence(week_by_week(9, 9), first, NOW, ZURICH, USUAL)

    assert (found is not None) is is_silence


def test_before_the_first_count_nothing_is_normal():
    assert silence({}, None, NOW, ZURICH, USUAL) is None


def test_the_clock_change_moves_no_hour():
    # Summer time ended on 25 Oct 2026: 09:00 in Zurich was 07:00 in UTC the week before.
    now = datetime(2026, 10, 26, 9, 5, tzinfo=UTC)
    calls = {
        hour_of(datetime(2026, 10, 19, 7, tzinfo=UTC)): 9,
        hour_of(datetime(2026, 10, 12, 7, tzinfo=UTC)): 9,
    }

    assert silence(calls, LONG_AGO, now, ZURICH, Usual(5, 2)) is not None
