"""Days and moments are unambiguous in every country and zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from cds_service.web.coordinator.dates import birth_text, distance, long_day, moment_text, span_text

TODAY = date(2026, 11, 22)
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 11, 30), "Mon 30 Nov 2026"),
        (date(2026, 12, 6), "Sun 6 Dec 2026"),
        (date(2026, 12, 7), "7 Dec 2026"),
        (date(2026, 11, 8), "Sun 8 Nov 2026"),
        (date(2026, 11, 7), "7 Nov 2026"),
        (None, ""),
    ],
)
def test_a_day_within_two_weeks_has_its_weekday(day: date | None, words: str):
    assert long_day(day, TODAY) == words


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (TODAY, "today"),
        (date(2026, 11, 23), "in 1 day"),
        (date(2026, 11, 30), "in 8 days"),
        (date(2026, 11, 21), "1 day ago"),
        (date(2026, 11, 19), "3 days ago"),
        (None, ""),
    ],
)
def test_a_day_says_how_far_it_is(day: date | None, words: str):
    assert distance(day, TODAY) == words


def test_a_moment_is_told_in_the_zone_of_the_site():
    read = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    assert moment_text(read, NEW_YORK) == "22 Nov 2026, 17:30 EST"


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ((22, 22, 30, 5), (22, 22, 30, 50), "22 Nov 2026, 17:30 EST"),
        ((22, 22, 2, 0), (22, 22, 30, 0), "22 Nov 2026, 17:02 to 17:30 EST"),
        ((21, 22, 2, 0), (22, 22, 30, 0), "21 Nov 2026, 17:02 EST to 22 Nov 2026, 17:30 EST"),
        # 1 Nov 2026, 05:59 UTC is 01:59 EDT; an hour later clocks show 01:59 again, in EST.
        ((1, 5, 59, 0), (1, 6, 59, 0), "1 Nov 2026, 01:59 EDT to 1 Nov 2026, 01:59 EST"),
    ],
    ids=["one minute", "one day", "two days", "clocks set back"],
)
def test_two_moments_say_what_they_share_once(first, last, words: str):
    start, end = (
        datetime(2026, 11, day, hour, minute, second, tzinfo=UTC)
        for day, hour, minute, second in (first, last)
    )
    assert span_text(start, end, NEW_YORK) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1984-05-02", "2 May 1984"),
        ("1984-05", "May 1984"),
        ("1984", "1984"),
        ("", ""),
        ("1984-02-30", ""),
        ("1984-05-02T10:00", ""),
        ("<b>1984</b>", ""),
        ("0000", ""),
    ],
)
def test_a_birth_date_is_as_exact_as_the_record(text: str, words: str):
    assert birth_text(text) == words
