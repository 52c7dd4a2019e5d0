"""A clinic of demo patients as a source of records, and all the ways in which it can fail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event
from typing import Any

import msgspec

from cds_service.coordination.status import PatientStatus
from cds_service.demo_clinic.chart import Chart
from cds_service.demo_clinic.prefetch import Faults, prefetch
from cds_service.demo_clinic.roster import PATIENTS
from cds_service.errors import NotObtainedError
from cds_service.fhir.decoding import Reading, Sent
from cds_service.population.reading import read_patient
from cds_service.settings import HandoutSettings
from cds_service.store.open_store import Store
from cds_service.store.session_ledger import KnownPerson
from cds_service.web import create_app
from tests.web.coordinator.site import KIM, NOW, WIRED, Browser, a_service

HANDOUT = HandoutSettings("Rehab East", "555-0100", "Monday to Friday")
FULL, COMES_UP, DUE, OVERDUE = "demo-001", "demo-002", "demo-003", "demo-004"
BOOKED, BOOKED_LATE, DISAGREES = "demo-006", "demo-007", "demo-011"
DOSE_RAISED = "demo-009"
NO_PLAN_YET, STEP_LATE, REMOVED = "demo-017", "demo-019", "demo-020"
NO_PUMP, BROKEN = "demo-021", "demo-023"


@dataclass
class Clinic:
    """The demo's charts of a day. `down` says why nothing can be read, `unread` why a key cannot.

    `added` are resources put into a chart, `person` is merged into the Patient. A chart waits while
    `hangs` is set, until it is cleared.
    """

    now: datetime = NOW
    name: str = "The EHR"
    mrn_system: str = ""
    down: str = ""
    cohort_down: str = ""
    unread: Mapping[str, str] = field(default_factory=dict)
    added: Mapping[str, tuple[dict[str, Any], ...]] = field(default_factory=dict)
    person: Mapping[str, Any] = field(default_factory=dict)
    let_go: Event | None = None
    asked: list[str] = field(default_factory=list)

    def cohort(self) -> Sequence[str]:
        if self.cohort_down:
            raise NotObtainedError("500", self.cohort_down)
        return list(PATIENTS)

    def remarks(self) -> Sequence[str]:
        return ()

    def as_of(self) -> datetime | None:
        return None

    def chart(self, patient_id: str) -> Mapping[str, Sent]:
        self.asked.append(patient_id)
        if self.let_go is not None:
            self.let_go.wait(20)
        if self.down:
            raise NotObtainedError("503", self.down)
        day = self.now.date()
        told = self._with_added(PATIENTS[patient_id].chart(day))
        sent = dict(prefetch(told, day, Faults()))
        sent["patient"] = {**sent["patient"], **self.person}
        found: dict[str, Sent] = {
            key: msgspec.Raw(msgspec.json.encode(value)) for key, value in sent.items()
        }
        return found | {key: Reading(None, why) for key, why in self.unread.items()}

    def _with_added(self, chart: Chart) -> Chart:
        for resources in self.added.values():
            for resource in resources:
                chart = chart.with_added(resource)
        return chart


def browser(
    store: Store,
    clinic: Clinic,
    person: KnownPerson = KIM,
    *,
    patient: str = "",
    now: datetime = NOW,
    handout: HandoutSettings = HANDOUT,
) -> Browser:
    """Somebody signed in at the site whose patients come from the clinic."""
    site = a_service(store, now)
    settings = replace(site.settings, handout=handout)
    app = create_app(replace(site, settings=settings, population=clinic, population_client=""))
    return Browser(app, store, person, patient)


def read_into(store: Store, clinic: Clinic, patient_id: str, at: datetime) -> PatientStatus:
    """The patient as a refresh read and kept the patient at a moment."""
    status = read_patient(clinic, patient_id, WIRED.rulebook, at).status
    store.work.keep(status, at.date())
    return status
