"""Days and moments as pages show them: the same in every country, and how far away they are."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from cds_service.therapy.calendar import day_text

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FHIR_DATE = re.compile(r"\d{4}(-\d{2}){0,2}", re.ASCII)
_PARTS = 3
_WITH_WEEKDAY = timedelta(days=14)


def long_day(day: date | None, today: date) -> str:
    """`Mon 30 Nov 2026` within two weeks of today, else `30 Nov 2026`; '' for no day."""
    if day is None:
        return ""
    weekday = f"{_WEEKDAYS[day.weekday()]} " if abs(day - today) <= _WITH_WEEKDAY else ""
    return f"{weekday}{day_text(day)}"


def distance(day: date | None, today: date) -> str:
    """`today`, `in 8 days`, `3 days ago`; '' for no day."""
    if day is None:
        return ""
    days = (day - today).days
    if days == 0:
        return "today"
    unit = "day" if abs(days) == 1 else "days"
    return f"in {days} {unit}" if days > 0 else f"{-days} {unit} ago"


def birth_text(text: str) -> str:
    """A FHIR date, which may lack its day or month, as `2 May 1984`, `May 1984`, `1984`.

    '' for what is no date.
    """
    parts = text.split("-")
    if not _FHIR_DATE.fullmatch(text):
        return ""
    try:
        whole = date.fromisoformat("-".join([*parts, "01", "01"][:3]))
    except ValueError:
        return ""
    return day_text(whole).split(" ", _PARTS - len(parts))[-1]


def moment_text(moment: datetime | None, zone: ZoneInfo) -> str:
    """`22 Nov 2026, 17:30 EST` in the site's zone; '' for no moment."""
    if moment is None:
        return ""
    here = moment.astimezone(zone)
    return f"{day_text(here.date())}, {here:%H:%M %Z}"


def span_text(first: datetime, last: datetime, zone: ZoneInfo) -> str:
    """From the first moment to the last, as one text; what they share is said once."""
    start, end = first.astimezone(zone), last.astimezone(zone)
    if f"{start:%Y%m%d%H%M%z}" == f"{end:%Y%m%d%H%M%z}":
        return moment_text(end, zone)
    if start.date() == end.date() and start.utcoffset() == end.utcoffset():
        return f"{day_text(start.date())}, {start:%H:%M} to {end:%H:%M %Z}"
    return f"{moment_text(start, zone)} to {moment_text(end, zone)}"
