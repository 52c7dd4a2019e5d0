"""Vital signs and scores from Observations; blood pressure alone or in its panel."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from cds_service.fhir.chart import Chart, evidence
from cds_service.fhir.concepts import codes
from cds_service.fhir.elements import Observation, Quantity
from cds_service.fhir.readings import KEY, Reader, Readings
from cds_service.fhir.terminology.findings import (
    BLOOD_PRESSURE,
    GLASGOW_COMA_SCORE,
    OXYGEN_SATURATION,
    PAIN_SCORE,
    RESPIRATORY_RATE,
    SYSTOLIC_PRESSURE,
)
from cds_service.fhir.terminology.systems import Code
from cds_service.therapy import units
from cds_service.therapy.calendar import When
from cds_service.therapy.quantities import plain
from cds_service.therapy.signs import Vital, VitalReading

Measure = Callable[[Decimal, str | None, str | None], Decimal]


@dataclass(frozen=True, slots=True)
class _Kind:
    """A vital sign, how it is measured, and the values a living patient can have."""

    vital: Vital
    measure: Measure
    lowest: Decimal
    highest: Decimal


def _in(kind: units.Kind) -> Measure:
    return lambda value, unit, code: units.convert(value, kind, unit, code)


_PRESSURE = _Kind(Vital.SYSTOLIC_PRESSURE, _in(units.Kind.PRESSURE), Decimal(20), Decimal(350))
_BREATHS = _Kind(Vital.RESPIRATORY_RATE, _in(units.Kind.RATE), Decimal(0), Decimal(150))
_OXYGEN = _Kind(Vital.OXYGEN_SATURATION, _in(units.Kind.PERCENT), Decimal(10), Decimal(100))
_COMA = _Kind(Vital.GLASGOW_COMA_SCORE, units.score, Decimal(3), Decimal(15))
_PAIN = _Kind(Vital.PAIN_SCORE, units.score, Decimal(0), Decimal(10))


def _reader_of(kind: _Kind) -> Reader:
    def read(chart: Chart, found: Observation, when: When, readings: Readings) -> None:
        _keep(chart, found, _quantity_of(found), kind, when, readings)

    return read


def _read_panel(chart: Chart, found: Observation, when: When, readings: Readings) -> None:
    """The systolic pressure of a panel; a panel without one says nothing of it."""
    for part in found.component:
        if part.valueQuantity and not SYSTOLIC_PRESSURE.isdisjoint(codes(part.code)):
            _keep(chart, found, part.valueQuantity, _PRESSURE, when, readings)


def _quantity_of(found: Observation) -> Quantity | None:
    if found.valueQuantity is None and found.valueInteger is not None:
        return Quantity(found.valueInteger)
    return found.valueQuantity


def _keep(
    chart: Chart,
    found: Observation,
    quantity: Quantity | None,
    kind: _Kind,
    when: When,
    readings: Readings,
) -> None:
    value = chart.measured(KEY, found, quantity, kind.measure, kind.vital.value)
    if value is None:
        return
    says = f"{kind.vital.value}: {plain(value)}"
    if not kind.lowest <= value <= kind.highest:
        chart.report(KEY, found, f"{says} cannot be; not used")
        return
    readings.vitals.append(VitalReading(kind.vital, value, when, evidence(found, says, when)))


VITAL_READERS: dict[Code, Reader] = {
    code: reader
    for value_set, reader in (
        (SYSTOLIC_PRESSURE, _reader_of(_PRESSURE)),
        (BLOOD_PRESSURE, _read_panel),
        (RESPIRATORY_RATE, _reader_of(_BREATHS)),
        (OXYGEN_SATURATION, _reader_of(_OXYGEN)),
        (GLASGOW_COMA_SCORE, _reader_of(_COMA)),
        (PAIN_SCORE, _reader_of(_PAIN)),
    )
    for code in value_set
}
"""How each vital sign is read."""
GLASGOW_READER = VITAL_READERS[next(iter(GLASGOW_COMA_SCORE))]
"""Read further back than the others: a score is compared with the patient's own earlier one."""
