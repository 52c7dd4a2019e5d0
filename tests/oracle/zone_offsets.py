"""Offsets from UTC in 2026 to 2028, written down by hand from the zones' own rules.

Independent of the time zone database that the service uses. Summer time in these years:
United States and Canada second Sunday of March 2:00 to first Sunday of November 2:00 local;
European Union last Sundays of March and October 1:00 UTC; South Australia and Lord Howe first
Sunday of October 2:00 to first Sunday of April; New Zealand last Sunday of September to first
Sunday of April, 14:00 UTC on the Saturday; Egypt is looked at only outside its summer time.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

Moment = datetime


def _sunday(year: int, month: int, which: int) -> date:
    """The first (1), second (2) or last (-1) Sunday of a month."""
    if which > 0:
        first = date(year, month, 1)
        return first + timedelta((6 - first.weekday()) % 7 + 7 * (which - 1))
    after = date(year + month // 12, month % 12 + 1, 1)
    return after - timedelta((after.weekday() - 6) % 7 or 7)


def _at(day: date, hours: float) -> Moment:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hours)


def _american(standard: float) -> Callable[[Moment], bool]:
    def is_summer(moment: Moment) -> bool:
        starts = _at(_sunday(moment.year, 3, 2), 2 - standard)
        ends = _at(_sunday(moment.year, 11, 1), 2 - (standard + 1))
        return starts <= moment < ends

    return is_summer


def _european(moment: Moment) -> bool:
    year = moment.year
    return _at(_sunday(year, 3, -1), 1) <= moment < _at(_sunday(year, 10, -1), 1)


def _southern(hours_before: float, first_month: int, which: int) -> Callable[[Moment], bool]:
    """Summer ends the first Sunday of April; hours from midnight UTC of the Sunday, by the zone."""

    def is_summer(moment: Moment) -> bool:
        ends = _at(_sunday(moment.year, 4, 1), hours_before)
        starts = _at(_sunday(moment.year, first_month, which), hours_before)
        return not ends <= moment < starts

    return is_summer


def _never(_moment: Moment) -> bool:
    return False


_NEW_ZEALAND = _southern(-10, 9, -1)
_ADELAIDE = _southern(-7.5, 10, 1)
_LORD_HOWE = _southern(-9, 10, 1)
_ZONES: dict[str, tuple[float, float, Callable[[Moment], bool]]] = {
    "Pacific/Kiritimati": (14, 0, _never),
    "Pacific/Apia": (13, 0, _never),
    "Pacific/Auckland": (12, 1, _NEW_ZEALAND),
    "Pacific/Chatham": (12.75, 1, _NEW_ZEALAND),
    "Australia/Lord_Howe": (10.5, 0.5, _LORD_HOWE),
    "Australia/Adelaide": (9.5, 1, _ADELAIDE),
    "Asia/Tokyo": (9, 0, _never),
    "Asia/Kathmandu": (5.75, 0, _never),
    "Asia/Kolkata": (5.5, 0, _never),
    "Asia/Tehran": (3.5, 0, _never),
    "Asia/Dubai": (4, 0, _never),
    "Europe/Moscow": (3, 0, _never),
    "Europe/Helsinki": (2, 1, _european),
    "Europe/Berlin": (1, 1, _european),
    "Europe/London": (0, 1, _european),
    "UTC": (0, 0, _never),
    "Atlantic/Azores": (-1, 1, _european),
    "America/Noronha": (-2, 0, _never),
    "America/St_Johns": (-3.5, 1, _american(-3.5)),
    "America/Sao_Paulo": (-3, 0, _never),
    "America/Halifax": (-4, 1, _american(-4)),
    "America/New_York": (-5, 1, _american(-5)),
    "America/Chicago": (-6, 1, _american(-6)),
    "America/Denver": (-7, 1, _american(-7)),
    "America/Los_Angeles": (-8, 1, _american(-8)),
    "America/Anchorage": (-9, 1, _american(-9)),
    "Pacific/Honolulu": (-10, 0, _never),
    "Pacific/Marquesas": (-9.5, 0, _never),
    "Pacific/Pago_Pago": (-11, 0, _never),
    "Etc/GMT+12": (-12, 0, _never),
    "America/Caracas": (-4, 0, _never),
    "Africa/Johannesburg": (2, 0, _never),
}
ZONES = tuple(_ZONES)


def day_in(zone: str, moment: Moment) -> date:
    """The calendar day in that zone at that moment."""
    standard, summer, is_summer = _ZONES[zone]
    utc = moment.astimezone(UTC)
    hours = standard + (summer if is_summer(utc) else 0)
    return (utc.replace(tzinfo=None) + timedelta(hours=hours)).date()
