"""Reads all patients of the source, one after the other, and keeps what stands for each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cds_service.assessment import Rulebook
from cds_service.population.reading import read_patient
from cds_service.population.source import PatientSource
from cds_service.store.open_store import Store


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did: patients read, and patients whose record could not be read."""

    read: int
    failed: int


def refresh(
    source: PatientSource, store: Store, rulebook: Rulebook, clock: Callable[[], datetime]
) -> Refreshed:
    """Reads everybody. Raises NotObtainedError when it cannot be told who they are, StoreError."""
    read = failed = 0
    for patient_id in source.cohort():
        now = clock().astimezone(rulebook.time_zone)
        typed = store.readings.resources(patient_id)
        status = read_patient(source, patient_id, rulebook, now, typed).status
        store.work.keep(status, now.date())
        failed += bool(status.failure)
        read += not status.failure
    return Refreshed(read, failed)
