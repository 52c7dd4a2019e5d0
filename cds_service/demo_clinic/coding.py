"""The code systems and codings that the demo clinic's charts use."""

from typing import Any

from cds_service import CANONICAL_BASE
from cds_service.fhir.terminology.systems import VISIT

Resource = dict[str, Any]

RECOVERY_PLAN = f"{CANONICAL_BASE}/PlanDefinition/itb-recovery"
MRN_SYSTEM = "https://example.org/demo-clinic/mrn"
UCUM = "http://unitsofmeasure.org"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"

VISIT_NAMES = {
    "refill-visit": "Pump refill visit",
    "pump-check": "Pump check",
    "replacement-surgery": "Pump replacement surgery",
    "wound-check": "Wound check",
    "follow-up-visit": "Follow-up visit",
}
"""The visits this clinic books, by code of CodeSystem itb-visit."""


def concept(system: str, code: str, display: str, text: str = "") -> Resource:
    """A CodeableConcept with one coding; `text` is what the clinic calls it."""
    return {
        "coding": [{"system": system, "code": code, "display": display}],
        "text": text or display,
    }


def quantity(value: float, unit: str, code: str = "") -> Resource:
    """A Quantity in UCUM; `code` is the UCUM code where it differs from the printed unit."""
    return {"value": value, "unit": unit, "system": UCUM, "code": code or unit}


def visit_type(kind: str) -> Resource:
    """What an Appointment or a ServiceRequest is for, coded in CodeSystem itb-visit."""
    return concept(VISIT, kind, VISIT_NAMES[kind])
