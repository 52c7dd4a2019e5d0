"""What is written down of each use of the pages. What cannot be written down is not shown."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import structlog
from flask import current_app, g

from cds_service.errors import StoreError
from cds_service.fhir.audit_event import Act, Action, audit_event
from cds_service.store.audit_ledger import AuditLedger

_log = structlog.get_logger("itb_cds")


class Auditor:
    """Writes AuditEvents of people on the pages."""

    def __init__(self, ledger: AuditLedger, observer: str) -> None:
        self._ledger = ledger
        self._observer = observer

    def note(
        self,
        action: Action,
        says: str,
        now: datetime,
        patient: str | Sequence[str] = "",
        outcome: Literal["done", "refused", "failed"] = "done",
    ) -> None:
        """Keeps one act of the running request's person. Raises StoreError.

        `patient` is the id of the patient it is about, '' where there is none, or those of a list.
        """
        patient_id, listed = (patient, ()) if isinstance(patient, str) else ("", tuple(patient))
        session = g.get("session")
        person = session.person if session else None
        act = Act(
            action,
            says,
            person.id if person else "",
            person.name if person else "",
            person.role.value if person else "",
            now,
            patient_id,
            outcome,
            listed,
        )
        event = json.dumps(audit_event(act, self._observer), ensure_ascii=False)
        try:
            self._ledger.append(act.person_id, patient_id, event, now)
        except StoreError as fault:
            _log.error("audit failed", action=action, why=str(fault))
            raise


def note_access(
    action: Action,
    says: str,
    patient: str | Sequence[str] = "",
    outcome: Literal["done", "refused", "failed"] = "done",
) -> None:
    """Keeps what the running request's person does. Raises StoreError: then do not show it.

    `patient` is the id of the patient it is about, '' where there is none, or those of a list.
    """
    access = current_app.extensions["access"]
    access.auditor.note(action, says, access.clock(), patient, outcome)
