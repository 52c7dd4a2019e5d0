"""What time it is: the machine's clock, or one moment that stands still."""

from collections.abc import Callable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from cds_service.errors import SettingsError

Clock = Callable[[], datetime]
"""Gives the moment as an aware datetime in the site's zone."""

_NOON = time(12)


def running_clock(zone: ZoneInfo) -> Clock:
    """The machine's clock, in the site's zone."""
    return lambda: datetime.now(zone)


def fixed_clock(text: str, zone: ZoneInfo) -> Clock:
    """A clock that stands at the moment `text` names."""
    moment = moment_of(text, zone)
    return lambda: moment


def moment_of(text: str, zone: ZoneInfo) -> datetime:
    """The moment an --as-of names, in the site's zone.

    ISO 8601. A date alone is noon of that day at the site; a time without offset is the site's own
    time, and where clocks were set back the earlier of the two. Raises SettingsError.
    """
    try:
        if len(text) == len("2026-11-22"):
            return datetime.combine(date.fromisoformat(text), _NOON, zone)
        moment = datetime.fromisoformat(text)
        return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        raise SettingsError(
            f"--as-of: found '{text}', expected a date or a time in ISO 8601. "
            "Write it like 2026-11-22 or 2026-11-22T09:00:00-05:00."
        ) from None
