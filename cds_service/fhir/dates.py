"""FHIR date, dateTime and instant to days in the site's zone.

An instant becomes the day it fell on in the site's zone; a date stays the day it names; a month
is an interval of days. A year alone is not a date anything can be computed from.
"""

import re
from calendar import monthrange
from datetime import date, datetime
from zoneinfo import ZoneInfo

from cds_service.errors import DateError
from cds_service.therapy.calendar import When

_SHAPE = re.compile(
    r"\d{4}(-\d{2}(-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?)?)?\Z",
    re.ASCII,
)
_YEAR, _MONTH, _DAY = len("2026"), len("2026-11"), len("2026-11-22")


def read_when(text: str, zone: ZoneInfo) -> When:
    """The days the text can mean. A time without zone is taken as the site's local time.

    Raises DateError for a year alone and for anything that is not a FHIR date or dateTime.
    """
    if not _SHAPE.match(text):
        raise DateError(f"'{text[:24]}' is not a FHIR date")
    if len(text) == _YEAR:
        raise DateError(f"'{text}' gives only a year")
    try:
        if len(text) == _MONTH:
            return _month(int(text[:4]), int(text[5:]))
        if len(text) == _DAY:
            on = date.fromisoformat(text)
            return When(on, on)
        return _moment(text, zone)
    except (ValueError, OverflowError) as fault:
        raise DateError(f"'{text[:24]}' is not a date of the calendar") from fault


def read_birth_date(text: str, zone: ZoneInfo) -> When | None:
    """The days the patient can have been born on; a year alone is enough here. None: unreadable."""
    try:
        if len(text) == _YEAR and text.isascii() and text.isdigit():
            return When(date(int(text), 1, 1), date(int(text), 12, 31))
        return read_when(text, zone)
    except (DateError, ValueError):
        return None


def _month(year: int, month: int) -> When:
    return When(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


def _moment(text: str, zone: ZoneInfo) -> When:
    """A leap second counts as the second before it: no day ends later for it."""
    moment = datetime.fromisoformat(text.replace(":60", ":59") if text[17:19] == "60" else text)
    moment = moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
    return When(moment.date(), moment.date(), moment)
