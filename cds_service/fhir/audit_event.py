"""Who did what on the pages, as FHIR R4 AuditEvent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Action = Literal["C", "R", "U", "D", "E"]
"""Created, read, updated, deleted, executed."""

DICOM = "http://dicom.nema.org/resources/ontology/DCM"

_SUCCESS, _REFUSED, _FAILED = "0", "4", "8"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done: what (`says` names the page or export, never clinical content), by whom.

    `patient_id` is '' where it concerns no single patient; `listed` are the ids of all on a list.
    `outcome`: done, refused or failed.
    """

    action: Action
    says: str
    person_id: str
    person_name: str
    role: str
    at: datetime
    patient_id: str = ""
    outcome: Literal["done", "refused", "failed"] = "done"
    listed: tuple[str, ...] = ()


def audit_event(act: Act, observer: str) -> dict[str, Any]:
    """The AuditEvent of an act; `observer` is the service's public address, '' if it has none."""
    where = {"identifier": {"value": observer}} if observer else {}
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "type": {"system": DICOM, "code": "110110", "display": "Patient Record"}
        if act.patient_id or act.listed
        else {"system": DICOM, "code": "110100", "display": "Application Activity"},
        "action": act.action,
        "recorded": act.at.isoformat(timespec="seconds"),
        "outcome": {"done": _SUCCESS, "refused": _REFUSED, "failed": _FAILED}[act.outcome],
        "outcomeDesc": act.says,
        "agent": [
            {
                "role": [{"text": act.role or "nobody signed in"}],
                "who": {"identifier": {"value": act.person_id or "anonymous"}},
                "name": act.person_name or "nobody signed in",
                "requestor": True,
            }
        ],
        "source": {"observer": where | {"display": "ITB Pump CDS"}},
    }
    entities = [_patient(act.patient_id)] if act.patient_id else _listed(act.listed)
    if entities:
        event["entity"] = entities
    return event


def _patient(patient_id: str) -> dict[str, Any]:
    return {
        "what": {"reference": f"Patient/{patient_id}"},
        "type": {
            "system": "http://terminology.hl7.org/CodeSystem/audit-entity-type",
            "code": "1",
            "display": "Person",
        },
        "role": {
            "system": "http://terminology.hl7.org/CodeSystem/object-role",
            "code": "1",
            "display": "Patient",
        },
    }


def _listed(patient_ids: tuple[str, ...]) -> list[dict[str, Any]]:
    """Bare references: a list can hold thousands."""
    return [{"what": {"reference": f"Patient/{each}"}} for each in patient_ids]
