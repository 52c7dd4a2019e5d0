"""What is known of one patient now: the record as just read, else what was kept of it last."""

import re
from dataclasses import dataclass
from datetime import datetime

from cds_service.assessment import Assessment
from cds_service.coordination.heads import StatusHead, reading_of
from cds_service.coordination.lanes import Freshness, Standing, standing
from cds_service.coordination.status import KeptStatus, PatientStatus
from cds_service.coordination.tasks import WorkTask
from cds_service.errors import NotObtainedError
from cds_service.fhir.identity import Identity
from cds_service.population.reading import PatientReading, read_patient
from cds_service.web.coordinator.desk import Desk
from cds_service.web.coordinator.timed_reading import TimedReading

_ID = re.compile(r"[A-Za-z0-9\-.]{1,255}")
"""FHIR's ids; some servers give longer ones than its 64 characters."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One patient as the page shows the patient.

    `reading` is the record as just read, None when it could not be read now: `failure` says why.
    `status` is what stands: of that reading, else the last one kept, None when none ever was.
    """

    identity: Identity
    status: PatientStatus | None
    standing: Standing
    tasks: tuple[WorkTask, ...]
    reading: PatientReading | None = None
    failure: str = ""
    gone: str = ""

    @property
    def assessment(self) -> Assessment | None:
        """What the record just read shows; None when it could not be read now."""
        return self.reading.assessment if self.reading else None

    @property
    def is_live(self) -> bool:
        """Whether the record was read just now."""
        return self.assessment is not None

    @property
    def shown(self) -> PatientStatus | None:
        """The status, unless it is too old to be shown as one."""
        return self.status if self.standing.freshness.is_known else None

    @property
    def is_too_old(self) -> bool:
        """Whether the last reading is too old to say anything of today."""
        return self.standing.freshness is Freshness.TOO_OLD


class Patients:
    """Reads single patients for the pages."""

    def __init__(self, desk: Desk, timed: TimedReading | None = None) -> None:
        self._desk = desk
        self._timed = timed or TimedReading()

    def see(self, patient_id: str, now: datetime, *, is_launched: bool) -> Seen | None:
        """The patient now; None for somebody nobody here looks after.

        `is_launched`: the EHR opened the page on this very patient. What was read is kept, so that
        the worklist says the same. Raises StoreError, and NotObtainedError when it cannot be told
        whether there is such a patient.
        """
        if not _ID.fullmatch(patient_id):
            return None
        work = self._desk.store.work
        kept = work.status(patient_id)
        if kept is None and not is_launched and not self._is_in_cohort(patient_id):
            return None
        reading = self._read(patient_id, now)
        if isinstance(reading, PatientReading) and (kept is not None or not is_launched):
            work.keep(reading.status, now.date())
            kept = work.status(patient_id)
        tasks = tuple(work.tasks(patient_id))
        return _seen(patient_id, reading, kept, tasks, now)

    def _is_in_cohort(self, patient_id: str) -> bool:
        """Asked before everybody was read once; from then on whoever is looked after is kept."""
        source = self._desk.source
        if source is None or self._desk.store.refreshes.latest_done() is not None:
            return False
        return patient_id in self._timed.of(source.cohort)

    def _read(self, patient_id: str, now: datetime) -> PatientReading | str:
        """The reading, or why there is none in time."""
        source = self._desk.source
        if source is None:
            return "No source of patients' records is configured."
        rulebook = self._desk.rulebook
        typed = self._desk.store.readings.resources(patient_id)
        try:
            return self._timed.of(lambda: read_patient(source, patient_id, rulebook, now, typed))
        except NotObtainedError as fault:
            return f"{source.name} {fault}"


def _seen(
    patient_id: str,
    reading: PatientReading | str,
    kept: KeptStatus | None,
    tasks: tuple[WorkTask, ...],
    now: datetime,
) -> Seen:
    if isinstance(reading, PatientReading) and reading.assessment is not None:
        status: PatientStatus | None = reading.status
        failure = ""
    else:
        status = kept.status if kept else None
        failure = reading if isinstance(reading, str) else reading.status.failure
    gone = kept.gone if kept else ""
    identity = _identity(patient_id, reading, kept)
    head = StatusHead(
        identity,
        reading_of(status) if status else None,
        now,
        failure,
        gone,
        tuple(task for task in tasks if task.state.is_open),
    )
    live = reading if isinstance(reading, PatientReading) else None
    return Seen(identity, status, standing(head, now), tasks, live, failure, gone)


def _identity(patient_id: str, reading: PatientReading | str, kept: KeptStatus | None) -> Identity:
    """Who the patient is: as just read, else as kept; a name that is not known stays ''."""
    if isinstance(reading, PatientReading) and reading.status.identity.name:
        return reading.status.identity
    return kept.identity if kept else Identity(patient_id, "")
