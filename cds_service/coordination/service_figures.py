"""How the service is used, by counts of each hour: what fires how often, how fast, how whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

HOURS_A_DAY = 24
DAYS_SHOWN = 30

Hourly = Mapping[str, Mapping[int, int]]
"""By name, how many in each hour since 1970 in UTC that had any."""


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """How often a plan had something to say: in all, per 1000 calls, and by day, oldest first.

    `usual_most` is the most on a day that chance explains, by the mean of the days before (three
    standard deviations of a Poisson count): a day beyond it deserves a look.
    """

    plan: str
    fired: int
    per_thousand: float
    undecided: int
    by_day: tuple[int, ...]
    usual_most: float


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """All of it. `unchecked`: calls with something that could not be checked. Times in ms.

    `median` and `p95` are upper bounds of their classes; None without calls, and where they lie
    beyond the last class.
    """

    days: tuple[date, ...]
    calls: int
    calls_by_day: tuple[int, ...]
    unchecked: int
    without_data: int
    median: int | None
    p95: int | None
    plans: tuple[PlanFigures, ...]
    reads: tuple[tuple[str, int], ...]


def service_figures(
    counts: Mapping[str, Hourly], plans: Sequence[str], now: datetime, zone: ZoneInfo
) -> ServiceFigures:
    """The figures of the last 30 days in the site's zone; `counts` is by kind, see `Counted`."""
    today = now.astimezone(zone).date()
    days = tuple(today - timedelta(days=back) for back in range(DAYS_SHOWN - 1, -1, -1))
    calls_by_day = _by_day(_together(counts.get("call", {})), days, zone)
    calls = sum(calls_by_day)
    fired, undecided = counts.get("fired", {}), counts.get("undecided", {})
    return ServiceFigures(
        days=days,
        calls=calls,
        calls_by_day=calls_by_day,
        unchecked=_all(counts.get("unchecked", {})),
        without_data=_all(counts.get("missing", {})),
        median=_percentile(counts.get("ms", {}), 50),
        p95=_percentile(counts.get("ms", {}), 95),
        plans=tuple(
            _plan(name, _by_day(fired.get(name, {}), days, zone), undecided, calls)
            for name in plans
        ),
        reads=tuple(
            sorted((name, sum(hours.values())) for name, hours in counts.get("read", {}).items())
        ),
    )


def since_hour(now: datetime) -> int:
    """The first hour that the figures need; a day more than they show, for zones ahead of UTC."""
    return int((now - timedelta(days=DAYS_SHOWN + 1)).timestamp() // 3600)


def _plan(name: str, by_day: tuple[int, ...], undecided: Hourly, calls: int) -> PlanFigures:
    fired = sum(by_day)
    before = by_day[:-1]
    mean = sum(before) / len(before)
    return PlanFigures(
        plan=name,
        fired=fired,
        per_thousand=round(1000 * fired / calls, 1) if calls else 0.0,
        undecided=sum(undecided.get(name, {}).values()),
        by_day=by_day,
        usual_most=round(mean + 3 * mean**0.5, 1),
    )


def _together(named: Hourly) -> dict[int, int]:
    total: dict[int, int] = {}
    for hours in named.values():
        for hour, amount in hours.items():
            total[hour] = total.get(hour, 0) + amount
    return total


def _by_day(hours: Mapping[int, int], days: Sequence[date], zone: ZoneInfo) -> tuple[int, ...]:
    found = dict.fromkeys(days, 0)
    for hour, amount in hours.items():
        day = datetime.fromtimestamp(hour * 3600, zone).date()
        if day in found:
            found[day] += amount
    return tuple(found.values())


def _all(named: Hourly) -> int:
    return sum(_together(named).values())


def _percentile(classes: Hourly, percent: int) -> int | None:
    """The bound of the class in which a share of the calls ends."""
    sizes = {name: sum(hours.values()) for name, hours in classes.items()}
    wanted = sum(sizes.values()) * percent / 100
    reached = 0
    for bound in sorted(int(name) for name in sizes if name.isdigit()):
        reached += sizes[str(bound)]
        if reached >= wanted > 0:
            return bound
    return None
