"""Small clinics for tests: sources that answer as they are told, and a store for what follows."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

import msgspec

from cds_service.app.wiring import wire
from cds_service.demo_clinic.population import DemoPatients
from cds_service.demo_clinic.roster import PATIENTS
from cds_service.errors import NotObtainedError
from cds_service.fhir.decoding import Sent
from cds_service.settings import Settings
from cds_service.store.open_store import Store, open_store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
RULEBOOK = wire(Settings(time_zone=ZoneInfo("UTC"))).rulebook
DEMO = DemoPatients(lambda patient_id, day: PATIENTS[patient_id].chart(day), NOW.date)
QUIET = next(iter(PATIENTS))


def a_store() -> Store:
    return open_store(None, lambda: NOW)


class Clinic:
    """Patients who all have the chart of a demo patient; `answer` may say otherwise."""

    name = "North"
    mrn_system = ""

    def __init__(self, *patients: str) -> None:
        self.patients = list(patients)
        self.exported_at: datetime | None = None
        self.asked: list[str] = []
        self.doubts: tuple[str, ...] = ()
        self.failing: Mapping[str, NotObtainedError] = {}
        self.broken: NotObtainedError | None = None
        self.before: Callable[[str], None] = lambda _: None

    def cohort(self) -> Sequence[str]:
        if self.broken:
            raise self.broken
        return self.patients

    def remarks(self) -> Sequence[str]:
        return self.doubts

    def as_of(self) -> datetime | None:
        return self.exported_at

    def chart(self, patient_id: str) -> Mapping[str, Sent]:
        self.before(patient_id)
        self.asked.append(patient_id)
        if patient_id in self.failing:
            raise self.failing[patient_id]
        return {
            key: msgspec.Raw(text.replace(QUIET.encode(), patient_id.encode()))
            for key, text in _quiet_chart().items()
        }


@cache
def _quiet_chart() -> Mapping[str, bytes]:
    sent = DEMO.chart(QUIET)
    return {key: bytes(each) for key, each in sent.items() if isinstance(each, msgspec.Raw)}


def timeout() -> NotObtainedError:
    return NotObtainedError("timeout", "did not answer in time")
