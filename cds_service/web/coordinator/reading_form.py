"""The form on which a pump printout is typed: its fields, and how what stands in them is read."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from cds_service.therapy.quantities import (
    MicrogramsPerDay,
    MicrogramsPerMillilitre,
    Millilitres,
)
from cds_service.therapy.record import Alarm
from cds_service.therapy.typed_reading import TypedReading

LONGEST_MODEL = 100

_NUMBER = re.compile(r"(\d{1,6})(?:[.,](\d{1,6}))?", re.ASCII)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_THOUSAND_DIGITS = 3


@dataclass(slots=True)
class Read:
    """What was typed: `reading` is None when a field cannot be read; `faults` say which, and why.

    A fault is a word that the template puts into a sentence.
    """

    reading: TypedReading | None = None
    faults: dict[str, str] = field(default_factory=dict)


class _RefusedError(ValueError):
    """A field cannot be read; its text is the word for why."""


def read_form(form: Mapping[str, str], alarms: list[str], now: datetime) -> Read:
    """The printout as it was typed. `alarms` are the codes that were ticked.

    `now` is aware, in the site's zone, in which days and times are typed.
    """
    read, values = Read(), {}
    for name, reader in _FIELDS.items():
        text = form.get(name, "").strip()
        try:
            values[name] = reader(text) if text else None
        except _RefusedError as fault:
            read.faults[name] = str(fault)
    try:
        taken_at = _moment(form.get("taken_on", "").strip(), form.get("taken_time", ""), now)
    except _RefusedError as fault:
        read.faults["taken_on"] = str(fault)
        return read
    unknown = [code for code in alarms if code not in set(Alarm)]
    if unknown:
        read.faults["alarms"] = "unknown"
    if read.faults:
        return read
    read.reading = TypedReading(
        taken_at=taken_at,
        model="".join(c for c in form.get("model", "") if c.isprintable()).strip()[:LONGEST_MODEL],
        is_refill=form.get("is_refill") == "yes",
        alarms=frozenset(Alarm(code) for code in alarms),
        **values,
    )
    return read


def number(text: str) -> Decimal:
    """A number as it is typed, with a decimal point or comma.

    Three digits behind it could be thousands: `1,234` is refused, `0,125` is not.
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise _RefusedError("no-number")
    whole, decimals = found[1], found[2] or ""
    if len(decimals) == _THOUSAND_DIGITS and int(whole) != 0:
        raise _RefusedError("ambiguous")
    return Decimal(f"{whole}.{decimals}" if decimals else whole)


def _moment(day: str, at: str, now: datetime) -> datetime:
    """The moment typed; without a time noon, and today this very minute."""
    if not day:
        raise _RefusedError("missing")
    if not at.strip():
        noon = datetime.combine(_day(day), time(12), now.tzinfo)
        return min(noon, now) if noon.date() == now.date() else noon
    if not _TIME.fullmatch(at.strip()):
        raise _RefusedError("no-time")
    return datetime.combine(_day(day), time.fromisoformat(at.strip()), now.tzinfo)


def _day(text: str) -> date:
    """A day as browsers send it. Numbers with slashes mean two days in two countries."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _RefusedError("no-day") from None


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise _RefusedError("unknown")
    return text == "yes"


_FIELDS: dict[str, Callable[[str], Any]] = {
    "filled": lambda text: Millilitres(number(text)),
    "concentration": lambda text: MicrogramsPerMillilitre(number(text)),
    "daily_dose": lambda text: MicrogramsPerDay(number(text)),
    "bridge_bolus": _yes_or_no,
    "residual_expected": lambda text: Millilitres(number(text)),
    "residual_aspirated": lambda text: Millilitres(number(text)),
    "alarm_volume": lambda text: Millilitres(number(text)),
    "alarm_date": _day,
    "months_to_eri": number,
}
