"""When an EHR has gone silent: no hook call in an hour that normally has some."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

_HOUR = timedelta(hours=1)
FEWEST_WEEKS = 2
"""Of history, before anything counts as normal."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What counts as normal: the median of as many weeks, where it is at least so many calls."""

    least_calls: int
    weeks: int


@dataclass(frozen=True, slots=True)
class Silence:
    """An hour without a call (`began_at`, in the site's zone) that normally has `usual_calls`."""

    began_at: datetime
    usual_calls: int


def silence(
    calls: Mapping[int, int], first_hour: int | None, now: datetime, zone: ZoneInfo, usual: Usual
) -> Silence | None:
    """The silence of the last full hour; None when calls came, or none were to be expected.

    `calls` maps hours since 1970 in UTC to calls; an hour that is missing had none. The same hour
    of the same weekday is compared by the site's clock, so that a change of summer time moves
    nothing. `first_hour`: since when calls are counted; weeks before it say nothing.
    """
    if first_hour is None:
        return None
    began_at = (now.astimezone(UTC) - _HOUR).replace(minute=0, second=0, microsecond=0)
    if calls.get(hour_of(began_at), 0):
        return None
    same = [_weeks_before(began_at, zone, weeks) for weeks in range(1, usual.weeks + 1)]
    before = [calls.get(hour, 0) for hour in same if hour >= first_hour]
    if len(before) < min(FEWEST_WEEKS, usual.weeks):
        return None
    normal = int(median(before))
    return Silence(began_at.astimezone(zone), normal) if normal >= usual.least_calls else None


def hour_of(moment: datetime) -> int:
    """The hour since 1970 in UTC in which a moment lies."""
    return int(moment.timestamp() // 3600)


def _weeks_before(moment: datetime, zone: ZoneInfo, weeks: int) -> int:
    local = moment.astimezone(zone) - timedelta(weeks=weeks)
    return hour_of(local.astimezone(UTC))
