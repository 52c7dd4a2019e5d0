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

    `patient_id` is '' where it concerns no single patient. `outcome`: done, refused or failed.
    """

    action: Action
    says: str
    person_id: str
    person_name: str
    role: str
    at: datetime
    patient_id: str = ""
    outcome: Literal["done", "refused", "failed"] = "done"


def audit_event(act: Act, observer: str) -> dict[str, Any]:
    """The AuditEvent of an act; `observer` is the service's public address, '' if it has none."""
    where = {"identifier": {"value": observer}} if observer else {}
    event: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "type": {"system": DICOM, "code": "110110", "display": "Patient Record"}
        if act.patient_id
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
    if act.patient_id:
        event["entity"] = [
            {
                "what": {"reference": f"Patient/{act.patient_id}"},
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
        ]
    return event
