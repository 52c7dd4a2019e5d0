"""What a pump reports, from Observations: volumes, doses, dates, alarms."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from cds_service.errors import DateError, UnitError
from cds_service.fhir.chart import Chart, evidence
from cds_service.fhir.concepts import codes, words
from cds_service.fhir.dates import read_when
from cds_service.fhir.elements import Observation, Quantity
from cds_service.fhir.medications import number_in_words
from cds_service.fhir.readings import KEY, Reader, Readings
from cds_service.therapy import units
from cds_service.therapy.calendar import When
from cds_service.therapy.quantities import plain
from cds_service.therapy.record import Alarm, DoseSource, DoseStatement, Evidence, Reading

_QUANTITY_WORDS = re.compile(r"^\s*(\d[\d.,'’]*)\s*(\D[^\s]*(?: ?\S+){0,2})\s*$")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")
_LONGEST_LIFE_MONTHS = 240


def _read_alarm(chart: Chart, found: Observation, when: When, readings: Readings) -> None:
    named = {name for _, name in codes(found.valueCodeableConcept)}
    spoken = (found.valueString or words(found.valueCodeableConcept)).strip().lower()
    said = _NOT_CRITICAL.sub("", spoken).strip().replace(" ", "-")
    for known in Alarm:
        if known.value in named or known.value == said:
            is_minor = known is Alarm.MEMORY_ERROR and _NOT_CRITICAL.search(_all_words(found))
            says = f"pump alarm: {_ALARM_WORDS[known]}" + (_MINOR if is_minor else "")
            told = readings.values["minor-alarm" if is_minor else "pump-alarm"]
            told.append(Reading(known, when, evidence(found, says, when)))
            return
    chart.report(KEY, found, "a pump alarm that is not named in the known list; not used")


def _all_words(found: Observation) -> str:
    told = [words(found.valueCodeableConcept), *(words(each) for each in found.interpretation)]
    return " / ".join([found.valueString or "", *told, *(note.text or "" for note in found.note)])


_NOT_CRITICAL = re.compile(r"\b(?:non|not)[\s-]?critical", re.I)
_MINOR = ", recorded as not critical"
_ALARM_WORDS = {alarm: alarm.value.replace("-", " ") for alarm in Alarm} | {
    Alarm.ERI: "elective replacement indicator (ERI)",
    Alarm.EOS: "end of service (EOS)",
}


def _read_bridge(chart: Chart, found: Observation, when: When, readings: Readings) -> None:
    if found.valueBoolean is None:
        chart.report(KEY, found, "bridge bolus: neither yes nor no; not used")
        return
    told = "programmed" if found.valueBoolean else "not programmed"
    proof = evidence(found, f"bridge bolus {told}", when)
    readings.values["bridge-bolus-programmed"].append(Reading(found.valueBoolean, when, proof))


def _read_dose(chart: Chart, found: Observation, when: When, readings: Readings) -> None:
    quantity = _quantity(found)
    dose = chart.measured(KEY, found, quantity, units.daily_dose, "the daily dose")
    proof = evidence(found, f"daily dose {dose}" if dose else "a daily dose that was refused", when)
    readings.doses.append(DoseStatement(dose, when, DoseSource.OBSERVATION, proof))


def _quantity_reader(name: str, what: str, read: Callable[..., Any]) -> Reader:
    def reader(chart: Chart, found: Observation, when: When, readings: Readings) -> None:
        value = chart.measured(KEY, found, _quantity(found), read, what)
        says = f"{what} {value}" if value is not None else f"{what}: refused"
        readings.values[name].append(Reading(value, when, evidence(found, says, when)))

    return reader


def _read_months(chart: Chart, found: Observation, when: When, readings: Readings) -> None:
    quantity = _quantity(found)
    if quantity is None and found.valueInteger is not None:
        quantity = Quantity(value=found.valueInteger, code="mo")
    months = chart.measured(KEY, found, quantity, _months, "the months to ERI")
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
        chart.report(KEY, found, f"{what} has no value")
        return None
    try:
        return read_when(text.strip(), chart.zone)
    except DateError as fault:
        chart.report(KEY, found, f"{what}: {fault}; not used")
        return None


def _quantity(found: Observation) -> Quantity | None:
    """The value as a quantity, also from words such as `20 mL` or `18,5 ml`."""
    if found.valueQuantity is not None or not found.valueString:
        return found.valueQuantity
    told = _QUANTITY_WORDS.match(found.valueString)
    if told is None:
        return None
    if _PLAIN.fullmatch(told[1]):
        return Quantity(value=float(told[1]), unit=told[2])
    try:
        return Quantity(value=float(number_in_words(told[1])), unit=told[2])
    except UnitError:
        return None


_VOLUMES = {
    "reservoir-capacity": "reservoir capacity",
    "reservoir-fill-volume": "reservoir fill volume",
    "low-reservoir-alarm-volume": "low-reservoir alarm volume",
    "residual-volume-aspirated": "volume drawn out",
    "residual-volume-expected": "volume expected before the fill",
}
_DATES = {
    "low-reservoir-alarm-date": "low-reservoir alarm date",
    "eri-date": "ERI date",
    "eos-date": "EOS date",
}
PUMP_READERS: dict[str, Reader] = {
    **{name: _quantity_reader(name, what, units.millilitres) for name, what in _VOLUMES.items()},
    **{name: _date_reader(name, what) for name, what in _DATES.items()},
    "drug-concentration": _quantity_reader(
        "drug-concentration", "drug concentration", units.concentration
    ),
    "daily-dose": _read_dose,
    "months-to-eri": _read_months,
    "pump-alarm": _read_alarm,
    "bridge-bolus-programmed": _read_bridge,
}
"""How each code of CodeSystem itb-pump-observation is read, but those of signs."""
