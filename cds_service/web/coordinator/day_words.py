"""Days and moments as the coordinator reads them: never a bare number, never relative alone."""

from datetime import date, datetime

from cds_service.therapy.calendar import day_text

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WITH_WEEKDAY = 14


def day_in_words(day: date, today: date) -> str:
    """The day as `30 Nov 2026`; within two weeks of today with its weekday."""
    if abs((day - today).days) > _WITH_WEEKDAY:
        return day_text(day)
    return f"{_WEEKDAYS[day.weekday()]} {day_text(day)}"


def from_today(day: date, today: date) -> str:
    """How far the day is from today: `today`, `in 8 days`, `3 days ago`."""
    days = (day - today).days
    if days == 0:
        return "today"
    unit = "day" if abs(days) == 1 else "days"
    return f"in {days} {unit}" if days > 0 else f"{-days} {unit} ago"


def moment_in_words(moment: datetime, now: datetime) -> str:
    """The moment as `22 Nov 2026, 17:30 EST`, in the zone of `now`."""
    local = moment.astimezone(now.tzinfo)
    return f"{day_text(local.date())}, {local:%H:%M %Z}"


def span_in_words(first: datetime, last: datetime, now: datetime) -> str:
    """Two moments as one text, in the zone of `now`; what they share is said once."""
    start, end = first.astimezone(now.tzinfo), last.astimezone(now.tzinfo)
    if f"{start:%Y%m%d%H%M}" == f"{end:%Y%m%d%H%M}":
        return moment_in_words(end, now)
    if start.date() == end.date() and start.utcoffset() == end.utcoffset():
        return f"{day_text(start.date())}, {start:%H:%M} to {end:%H:%M %Z}"
    return f"{moment_in_words(start, now)} to {moment_in_words(end, now)}"
