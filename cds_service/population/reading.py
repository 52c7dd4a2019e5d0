"""One patient's record read from the source, assessed, and put into a status."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cds_service.assessment import Assessment, Occasion, Rulebook, assess
from cds_service.assessment.occasion import WORKLIST
from cds_service.coordination.status import PatientStatus
from cds_service.coordination.status_of import Assessed, status_of
from cds_service.errors import NotObtainedError, RequiredDataMissingError
from cds_service.fhir.added_records import with_added
from cds_service.fhir.decoding import Sent
from cds_service.fhir.identity import Identity, identity_of
from cds_service.population.source import PatientSource


@dataclass(frozen=True, slots=True)
class PatientReading:
    """What a record held and what follows; `assessment` is None when nothing could be said.

    Then `status.failure` says why.
    """

    prefetch: Mapping[str, Sent]
    assessment: Assessment | None
    status: PatientStatus


def read_patient(
    source: PatientSource,
    patient_id: str,
    rulebook: Rulebook,
    now: datetime,
    typed: Sequence[Mapping[str, Any]] = (),
) -> PatientReading:
    """The patient as the source has the patient now. `now` is aware.

    `typed` are resources that people typed in here; they count like any other. A status is of the
    moment that its records are of: what an export holds grows old from the export on.
    """
    read_at = now.astimezone(rulebook.time_zone)
    try:
        prefetch = with_added(source.chart(patient_id), typed)
    except NotObtainedError as fault:
        why = f"{source.name} {fault}"
        return PatientReading(
            {}, None, PatientStatus(Identity(patient_id, ""), read_at, failure=why)
        )
    identity = identity_of(patient_id, prefetch.get("patient"), source.mrn_system)
    try:
        found = assess(patient_id, prefetch, rulebook, read_at, Occasion(WORKLIST))
    except RequiredDataMissingError as fault:
        status = PatientStatus(identity, read_at, failure=str(fault))
        return PatientReading(prefetch, None, status)
    assessed = Assessed(found.has_pump, found.evaluation, found.findings.facts, found.record)
    plans = (*rulebook.clinical, *rulebook.data_quality)
    status = status_of(identity, assessed, plans, rulebook.thresholds, read_at)
    exported_at = source.as_of()
    if exported_at is not None:
        status = replace(status, read_at=min(read_at, exported_at.astimezone(read_at.tzinfo)))
    return PatientReading(prefetch, found, status)
