"""A typed pump printout as FHIR R4, in the shape in which an EHR would have sent it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from cds_service import CANONICAL_BASE
from cds_service.fhir.terminology.systems import PUMP_OBSERVATION, SNOMED, UCUM
from cds_service.therapy.quantities import plain
from cds_service.therapy.record import Alarm
from cds_service.therapy.typed_reading import TypedReading

TYPED_READINGS = f"{CANONICAL_BASE}/NamingSystem/itb-typed-reading"
"""System of the identifiers of resources that were typed in."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Typist:
    """Who typed a reading, as others know the person, when, and the reading's own id (a UUID)."""

    name: str
    entered_at: datetime
    reading_id: str


def typed_records(typed: TypedReading, patient_id: str, typist: Typist) -> list[Json]:
    """Observations, and the MedicationAdministration of a refill; each with an identifier."""
    subject = {"reference": f"Patient/{patient_id}"}
    found = [_observation(typed, typist, subject, code, value) for code, value in _values(typed)]
    if typed.is_refill:
        found.append(_refill(typed, typist, subject))
    return found


def told_refill(
    on: date, patient_id: str, typist: Typist, filled_ml: Decimal | None = None
) -> list[Json]:
    """A refill done elsewhere, as somebody confirmed it: its volume may be unknown."""
    subject = {"reference": f"Patient/{patient_id}"}
    record = _administration(subject, typist, on.isoformat())
    return [_with_volume(record, filled_ml)]


def entered_in_error(record: Json) -> Json:
    """The same record withdrawn, as FHIR says it."""
    return record | {"status": "entered-in-error"}


def _values(typed: TypedReading) -> Iterator[tuple[str, Json]]:
    """Each code of CodeSystem itb-pump-observation with its value[x]."""
    volumes = {
        "reservoir-fill-volume": typed.filled,
        "residual-volume-expected": typed.residual_expected,
        "residual-volume-aspirated": typed.residual_aspirated,
        "low-reservoir-alarm-volume": typed.alarm_volume,
    }
    for code, volume in volumes.items():
        if volume is not None:
            yield code, {"valueQuantity": _quantity(volume.value, "mL", "mL")}
    if typed.concentration is not None:
        value = _quantity(typed.concentration.value, "mcg/mL", "ug/mL")
        yield "drug-concentration", {"valueQuantity": value}
    if typed.daily_dose is not None:
        value = _quantity(typed.daily_dose.value, "mcg/day", "ug/d")
        yield "daily-dose", {"valueQuantity": value}
    if typed.alarm_date is not None:
        yield "low-reservoir-alarm-date", {"valueDateTime": typed.alarm_date.isoformat()}
    if typed.months_to_eri is not None:
        value = _quantity(typed.months_to_eri, "months", "mo")
        yield "months-to-eri", {"valueQuantity": value}
    if typed.bridge_bolus is not None:
        yield "bridge-bolus-programmed", {"valueBoolean": typed.bridge_bolus}
    for alarm in sorted(typed.alarms, key=list(Alarm).index):
        coding = {"system": PUMP_OBSERVATION, "code": alarm.value}
        yield "pump-alarm", {"valueCodeableConcept": {"coding": [coding]}}


def _observation(
    typed: TypedReading, typist: Typist, subject: Json, code: str, value: Json
) -> Json:
    told = value.get("valueCodeableConcept", {}).get("coding", [{}])[0].get("code", "")
    name = "-".join(part for part in (code, told) if part)
    return {
        "resourceType": "Observation",
        "id": _id(typist, name),
        "meta": {"profile": [f"{CANONICAL_BASE}/StructureDefinition/itb-pump-reading"]},
        "identifier": [_identifier(typist, name)],
        "status": "final",
        "code": {"coding": [{"system": PUMP_OBSERVATION, "code": code}]},
        "subject": subject,
        "effectiveDateTime": typed.taken_at.isoformat(timespec="seconds"),
        "issued": typist.entered_at.isoformat(timespec="seconds"),
        "performer": [{"display": typist.name}],
        **value,
        "note": [{"text": _typed_by(typist)}],
    }


def _refill(typed: TypedReading, typist: Typist, subject: Json) -> Json:
    record = _administration(subject, typist, typed.taken_at.isoformat(timespec="seconds"))
    return _with_volume(record, typed.filled.value if typed.filled else None)


def _with_volume(record: Json, filled_ml: Decimal | None) -> Json:
    """The record with its volume. R4 has no dosage without dose or rate, nor has our profile."""
    if filled_ml is None:
        return {name: found for name, found in record.items() if name not in ("dosage", "meta")}
    return record | {"dosage": record["dosage"] | {"dose": _quantity(filled_ml, "mL", "mL")}}


def _administration(subject: Json, typist: Typist, when: str) -> Json:
    route = {"system": SNOMED, "code": "72607000", "display": "Intrathecal route"}
    return {
        "resourceType": "MedicationAdministration",
        "id": _id(typist, "refill"),
        "meta": {"profile": [f"{CANONICAL_BASE}/StructureDefinition/itb-refill"]},
        "identifier": [_identifier(typist, "refill")],
        "status": "completed",
        "medicationCodeableConcept": {"text": "Baclofen for the intrathecal route"},
        "subject": subject,
        "effectiveDateTime": when,
        "performer": [{"actor": {"display": typist.name}}],
        "note": [{"text": _typed_by(typist)}],
        "dosage": {"text": "Pump refill", "route": {"coding": [route]}},
    }


def _typed_by(typist: Typist) -> str:
    return f"Typed in by {typist.name} at {typist.entered_at.isoformat(timespec='minutes')}"


def _identifier(typist: Typist, name: str) -> Json:
    return {"system": TYPED_READINGS, "value": f"{typist.reading_id}.{name}"}


def _id(typist: Typist, name: str) -> str:
    """A FHIR id: at most 64 characters, and never that of another resource."""
    return f"typed-{typist.reading_id.replace('-', '')[:20]}-{name}"[:64]


def _quantity(value: Decimal, unit: str, code: str) -> Json:
    number = plain(value)
    return {
        "value": int(number) if "." not in number else float(number),
        "unit": unit,
        "system": UCUM,
        "code": code,
    }
