from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cds_service.app.clock import fixed_clock, moment_of, running_clock
from cds_service.errors import SettingsError

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-11-22T09:00:00-05:00", "2026-11-22T14:00:00+00:00"),
        ("2026-11-22T09:00:00Z", "2026-11-22T09:00:00+00:00"),
        ("2026-11-22T09:00", "2026-11-22T14:00:00+00:00"),
        ("2026-11-22", "2026-11-22T17:00:00+00:00"),
        ("2026-07-01", "2026-07-01T16:00:00+00:00"),
        ("2026-11-01T01:30", "2026-11-01T05:30:00+00:00"),
    ],
    ids=["offset", "Z", "site's own time", "noon at the site", "summer noon", "twice that night"],
)
def test_a_moment_is_read_as_the_site_means_it(text: str, utc: str):
    moment = moment_of(text, NEW_YORK)

    assert moment.astimezone(UTC).isoformat() == utc
    assert moment.tzinfo is NEW_YORK


@pytest.mark.parametrize("text", ["", "today", "2026-13-01", "22.11.2026", "2026-11-22T25:00"])
def test_what_is_no_moment_is_refused(text: str):
    with pytest.raises(SettingsError, match=f"--as-of: found '{text}'"):
        moment_of(text, NEW_YORK)


def test_a_fixed_clock_stands_still():
    clock = fixed_clock("2026-11-22", NEW_YORK)

    assert clock() is clock()


def test_the_running_clock_is_aware_and_in_the_sites_zone():
    now = running_clock(NEW_YORK)()

    assert now.tzinfo is NEW_YORK
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=1)
