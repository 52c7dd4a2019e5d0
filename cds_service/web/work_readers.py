"""Who may read the coordinator's work as FHIR, and that it is written down who did."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from flask import current_app
from werkzeug.exceptions import Forbidden

from cds_service.errors import UntrustedCallerError
from cds_service.fhir.audit_event import Act, audit_event
from cds_service.settings import Client
from cds_service.store.audit_ledger import AuditLedger
from cds_service.web.access.gate import Access, check_at_this_machine
from cds_service.web.access.person import Role
from cds_service.web.access.session import Session
from cds_service.web.calling_client import calling_client

CARE = frozenset({Role.COORDINATOR, Role.CLINICIAN})


@dataclass(frozen=True, slots=True)
class WorkReader:
    """A caller that may read: a client of the site, or a person.

    `patient` is whom a launch named: then nobody else is shown.
    """

    id: str
    name: str
    role: str
    patient: str = ""

    def act(
        self,
        says: str,
        at: datetime,
        patient_id: str,
        outcome: Literal["done", "refused"] = "done",
    ) -> Act:
        """A reading by this caller."""
        return Act("R", says, self.id, self.name, self.role, at, patient_id, outcome)


def work_reader() -> WorkReader:
    """The caller of the running request. Raises Forbidden, or UntrustedCallerError."""
    client = calling_client()
    if client is not None:
        return _client(client)
    access: Access | None = current_app.extensions.get("access")
    session = access.find(access.cookie.read()) if access else None
    if session is not None:
        return _person(session)
    if access is not None and access.is_demo:
        check_at_this_machine()
        return WorkReader("", "", "demo")
    raise UntrustedCallerError("neither a trusted client nor a signed-in person")


def _client(client: Client) -> WorkReader:
    if not client.reads_worklist:
        raise Forbidden("This client may not read the work. The site can allow it.")
    return WorkReader(f"client {client.name}", client.name, "trusted client")


def _person(session: Session) -> WorkReader:
    person = session.person
    if person.role not in CARE:
        raise Forbidden("The work is for coordinators and clinicians.")
    return WorkReader(person.id, person.name, person.role.value, session.patient)


def write_down(ledger: AuditLedger, observer: str, act: Act) -> None:
    """Keeps a reading in the audit. Raises StoreError: then nothing may be sent."""
    event = json.dumps(audit_event(act, observer), ensure_ascii=False)
    ledger.append(act.person_id, act.patient_id, event, act.at)
