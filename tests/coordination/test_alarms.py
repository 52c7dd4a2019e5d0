"""What is said when the worklist is not read, or nobody calls."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cds_service.coordination.alarms import LastRefresh, refresh_alarm, silence_alarm
from cds_service.coordination.silence import Silence

HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours_ago", "is_alarm"), [(1.9, False), (2.0, False), (2.1, True), (80.0, True)]
)
def test_a_refresh_is_late_after_two_intervals(hours_ago, is_alarm):
    good_at = NOW - hours_ago * HOUR

    assert bool(refresh_alarm(LastRefresh(good_at, good_at), NOW, HOUR)) is is_alarm


def test_a_refresh_that_failed_is_an_alarm_at_once():
    last = LastRefresh(NOW, NOW, "the cohort could not be read")

    assert refresh_alarm(last, NOW, HOUR) == (
        "The newest refresh of the worklist failed: the cohort could not be read"
    )


def test_a_worklist_that_was_never_read_is_an_alarm_after_two_intervals():
    assert refresh_alarm(LastRefresh(None, NOW - HOUR), NOW, HOUR) == ""
    assert "never been read" in refresh_alarm(LastRefresh(None, NOW - 3 * HOUR), NOW, HOUR)


def test_without_a_population_there_is_no_alarm():
    assert refresh_alarm(None, NOW, HOUR) == ""


def test_silence_is_told_with_its_hour_and_what_is_normal():
    began_at = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Europe/Zurich"))

    said = silence_alarm(Silence(began_at, 12))

    assert "in the hour from 23 Nov 2026, 09:00 CET" in said
    assert "normally has about 12 calls" in said
    assert silence_alarm(None) == ""
