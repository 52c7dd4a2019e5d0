"""Pump readings, alarms, signs and temperatures from Observations."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from cds_service.errors import DateError, UnitError
from cds_service.fhir.chart import Chart, evidence, start_of
from cds_service.fhir.concepts import codes, words
from cds_service.fhir.dates import read_when
from cds_service.fhir.decoding import Source
from cds_service.fhir.elements import Observation, Quantity
from cds_service.fhir.terminology.findings import (
    BODY_TEMPERATURE,
    SIGN_CODES,
    SIGN_CODES_AT_SITE,
    WOUND_SITE,
)
from cds_service.fhir.terminology.systems import PUMP_OBSERVATION, Code
from cds_service.therapy import units
from cds_service.therapy.calendar import When
from cds_service.therapy.quantities import plain
from cds_service.therapy.record import (
    Alarm,
    DoseSource,
    DoseStatement,
    Evidence,
    Reading,
    Sign,
    SignReading,
)

_KEY = "observations"
_FINAL = {"final", "amended", "corrected"}
_NOT_FINAL = {"registered", "preliminary", "cancelled", "entered-in-error", "unknown"}
_QUALIFIER = re.compile(r"\s*\([^)]*\)$")
_YES = re.compile(r"^(yes|y|true|present|positive|1)\b", re.I)
_NO = re.compile(r"^(no|n|none|false|absent|not present|negative|denies|denied|without|0)\b", re.I)
_NO_READING = re.compile(
    r"^(not|un)\s?-?(assess|exam|done|known|record|test|applic|able|sure)"
    r"|^(no|not) (increas|wors|more)",
    re.I,
)
_INCREASING = re.compile(
    r"(?<!not )(?<!no )(?<!nor )(?<!without )\b(increas|worse|more severe|new pain)", re.I
)
_QUANTITY_WORDS = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(\D[^\s]*(?: ?\S+){0,2})\s*$")


@dataclass(slots=True)
class Readings:
    """Everything the observations say; each list in the order of the search."""

    doses: list[DoseStatement] = field(default_factory=list)
    values: dict[str, list[Reading[Any]]] = field(default_factory=lambda: defaultdict(list))
    signs: list[SignReading] = field(default_factory=list)
    temperatures: list[Reading[Decimal]] = field(default_factory=list)


def read_observations(
    chart: Chart, source: Source[Observation], last_fill: date | None
) -> Readings:
    """The readings that concern ITB therapy; all others are passed over.

    Of each pump value those since the last fill are read and the newest before it: older ones
    decide nothing any more. Signs and vital signs are read as far back as any plan looks.
    """
    readings = Readings()
    values: dict[Reader, list[tuple[str, Observation]]] = defaultdict(list)
    oldest = {reader: (chart.today - kept).isoformat() for reader, kept in _KEPT_FOR.items()}
    for found in chart.own(source, Observation, lambda observation: observation.subject):
        if found.status in _NOT_FINAL:
            continue
        reader = _reader_of(chart, found)
        if reader is None:
            continue
        date_text = _date_text(found)
        if reader in _SUPERSEDED:
            values[reader].append((date_text, found))
        elif date_text[:_DAY] >= oldest.get(reader, "") or len(date_text) < _DAY:
            _read_one(chart, found, reader, readings)
    since = last_fill.isoformat() if last_fill else ""
    for reader, dated in values.items():
        for found in _still_telling(dated, since):
            _read_one(chart, found, reader, readings)
    return readings


def _reader_of(chart: Chart, found: Observation) -> "Reader | None":
    for code in codes(found.code):
        reader = _reader(code, found)
        if reader is not None:
            return reader
    if "code" in found.unreadable:
        chart.report(_KEY, found, "code cannot be read as FHIR R4")
    return None


def _still_telling(dated: list[tuple[str, Observation]], since: str) -> list[Observation]:
    """Those dated since that day, and all of the newest earlier day; undated ones too."""
    earlier = [text[:_DAY] for text, _ in dated if text and text[:_DAY] < since]
    from_day = max(earlier, default="")
    return [found for text, found in dated if not text or text[:_DAY] >= from_day]


def _date_text(found: Observation) -> str:
    text = found.effectiveDateTime or found.effectiveInstant
    return start_of(text, found.effectivePeriod) or ""


_DAY = len("2026-11-22")
_LONGEST_LIFE_MONTHS = 240
_NO_RULE = "for which this version has no rule: look at it yourself"
_NO_RULE_SHOWN_FOR = timedelta(days=30)

Reader = Callable[[Chart, Observation, When, Readings], None]


def _read_one(chart: Chart, found: Observation, reader: Reader, readings: Readings) -> None:
    if found.status not in _FINAL:
        chart.report(_KEY, found, "has no status that is known; not used")
        return
    if found.unreadable:
        parts = ", ".join(found.unreadable)
        chart.report(_KEY, found, f"{parts} cannot be read as FHIR R4")
    when = chart.when(_KEY, found, _date_text(found), "a pump reading or sign")
    if when is not None:
        reader(chart, found, when, readings)


def _reader(code: Code, found: Observation) -> Reader | None:
    system, name = code
    if code in BODY_TEMPERATURE:
        return _read_temperature
    if code in SIGN_CODES:
        return _SIGN_READERS[SIGN_CODES[code]]
    if code in SIGN_CODES_AT_SITE:
        told = " / ".join((words(found.bodySite), words(found.code)))
        return _SIGN_READERS[SIGN_CODES_AT_SITE[code]] if WOUND_SITE.search(told) else None
    return _PUMP_READERS.get(name) if system == PUMP_OBSERVATION else None


def _read_temperature(chart: Chart, found: Observation, when: When, readings: Readings) -> None:
    celsius = chart.measured(_KEY, found, found.valueQuantity, units.celsius, "the temperature")
    if celsius is not None and not Decimal(20) <= celsius <= Decimal(46):
        chart.report(_KEY, found, f"a temperature of {plain(celsius)} °C cannot be; not used")
    elif celsius is not None:
        proof = evidence(found, f"temperature {plain(celsius)} °C", when)
        readings.temperatures.append(Reading(celsius, when, proof))


def _sign_reader(sign: Sign) -> Reader:
    def read(chart: Chart, found: Observation, when: When, readings: Readings) -> None:
        present = _yes_or_no(found)
        if present is None:
            chart.report(_KEY, found, f"{sign.value}: neither present nor absent; not used")
            return
        told = " / ".join(
            [found.valueString or "", words(found.valueCodeableConcept)]
            + [words(concept) for concept in found.interpretation]
            + [note.text or "" for note in found.note]
        )
        says = f"{sign.value.replace('-', ' ')}: {'present' if present else 'absent'}"
        if (
            sign is Sign.SKIN_BREAKDOWN
            and present
            and when.last >= chart.today - _NO_RULE_SHOWN_FOR
        ):
            chart.report(_KEY, found, f"{when}: skin breakdown over pump or catheter, {_NO_RULE}")
        increasing = bool(_INCREASING.search(told))
        readings.signs.append(
            SignReading(sign, present, when, evidence(found, says, when), increasing)
        )

    return read


def _yes_or_no(found: Observation) -> bool | None:
    """True for present, False for asked and absent, None when the record says neither."""
    if found.valueBoolean is not None:
        return found.valueBoolean
    concept = found.valueCodeableConcept
    told = [found.valueString, concept and concept.text]
    told += [coding.display for coding in (concept.coding if concept else ())]
    said = {_said(_QUALIFIER.sub("", text.strip())) for text in told if text}
    return said.pop() if len(said) == 1 else None


def _said(text: str) -> bool | None:
    if _NO_READING.search(text):
        return None
    if _NO.search(text):
        return False
    return True if _YES.search(text) or _INCREASING.search(text) else None


def _read_alarm(chart: Chart, found: Observation, when: When, readings: Readings) -> None:
    named = {name for _, name in codes(found.valueCodeableConcept)}
    told = (
        (found.valueString or words(found.valueCodeableConcept)).strip().lower().replace(" ", "-")
    )
    for alarm in Alarm:
        if alarm.value in named or alarm.value == told:
            if alarm is Alarm.MEMORY_ERROR and when.last >= chart.today - _NO_RULE_SHOWN_FOR:
                chart.report(_KEY, found, f"{when}: a pump memory error alarm, {_NO_RULE}")
            proof = evidence(found, f"pump alarm: {_ALARM_WORDS[alarm]}", when)
            readings.values["pump-alarm"].append(Reading(alarm, when, proof))
            return
    chart.report(_KEY, found, "a pump alarm that is not named in the known list; not used")


_ALARM_WORDS = {alarm: alarm.value.replace("-", " ") for alarm in Alarm} | {
    Alarm.ERI: "elective replacement indicator (ERI)",
    Alarm.EOS: "end of service (EOS)",
}


def _read_dose(chart: Chart, found: Observation, when: When, readings: Readings) -> None:
    quantity = _quantity(found)
    dose = chart.measured(_KEY, found, quantity, units.daily_dose, "the daily dose")
    proof = evidence(found, f"daily dose {dose}" if dose else "a daily dose that was refused", when)
    readings.doses.append(DoseStatement(dose, when, DoseSource.OBSERVATION, proof))


def _quantity_reader(name: str, what: str, read: Callable[..., Any]) -> Reader:
    def reader(chart: Chart, found: Observation, when: When, readings: Readings) -> None:
        value = chart.measured(_KEY, found, _quantity(found), read, what)
        says = f"{what} {value}" if value is not None else f"{what}: refused"
        readings.values[name].append(Reading(value, when, evidence(found, says, when)))

    return reader


def _read_months(chart: Chart, found: Observation, when: When, readings: Readings) -> None:
    quantity = _quantity(found)
    if quantity is None and found.valueInteger is not None:
        quantity = Quantity(value=found.valueInteger, code="mo")
    months = chart.measured(_KEY, found, quantity, _months, "the months to ERI")
    says = f"{plain(months)} months to ERI" if months is not None else "months to ERI: refused"
    readings.values["months-to-eri"].append(Reading(months, when, evidence(found, says, when)))


def _months(value: Decimal, unit: str | None, code: str | None) -> Decimal:
    months = units.convert(value, units.Kind.MONTHS, unit, code)
    if months > _LONGEST_LIFE_MONTHS:
        raise UnitError(f"{plain(months)} months cannot be right")
    return months


def _date_reader(name: str, what: str) -> Reader:
    def reader(chart: Chart, found: Observation, when: When, readings: Readings) -> None:
        value = _date_value(chart, found, what)
        says = f"{what} {value}" if value else f"{what}: refused"
        proof: Evidence = evidence(found, says, when)
        readings.values[name].append(Reading(value, when, proof))

    return reader


def _date_value(chart: Chart, found: Observation, what: str) -> When | None:
    text = found.valueDateTime or found.valueString
    if not text:
        chart.report(_KEY, found, f"{what} has no value")
        return None
    try:
        return read_when(text.strip(), chart.zone)
    except DateError as fault:
        chart.report(_KEY, found, f"{what}: {fault}; not used")
        return None


def _quantity(found: Observation) -> Quantity | None:
    """The value as a quantity, also from words such as `20 mL`."""
    if found.valueQuantity is not None or not found.valueString:
        return found.valueQuantity
    told = _QUANTITY_WORDS.match(found.valueString)
    if told is None:
        return None
    return Quantity(value=float(told[1]), unit=told[2])


_VOLUMES = {
    "reservoir-capacity": "reservoir capacity",
    "reservoir-fill-volume": "reservoir fill volume",
    "low-reservoir-alarm-volume": "low-reservoir alarm volume",
}
_DATES = {
    "low-reservoir-alarm-date": "low-reservoir alarm date",
    "eri-date": "ERI date",
    "eos-date": "EOS date",
}
_SIGN_READERS = {sign: _sign_reader(sign) for sign in Sign}
_PUMP_READERS: dict[str, Reader] = {
    **{name: _quantity_reader(name, what, units.millilitres) for name, what in _VOLUMES.items()},
    **{name: _date_reader(name, what) for name, what in _DATES.items()},
    "drug-concentration": _quantity_reader(
        "drug-concentration", "drug concentration", units.concentration
    ),
    "daily-dose": _read_dose,
    "months-to-eri": _read_months,
    "pump-alarm": _read_alarm,
}
_SUPERSEDED = frozenset(reader for name, reader in _PUMP_READERS.items() if name != "pump-alarm")
_KEPT_FOR: dict[Reader, timedelta] = {
    _read_temperature: timedelta(days=31),
    **dict.fromkeys(_SIGN_READERS.values(), timedelta(days=400)),
}
"""No plan looks further back for these; an inpatient can have thousands."""
