"""Which page for a patient a clinician has released: who, when, and a hash of what it says."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, insert, select

from cds_service.store.database import reading, writing
from cds_service.store.work_rows import moment, seconds
from cds_service.store.work_tables import handout_releases


@dataclass(frozen=True, slots=True)
class Release:
    """A page released. It holds for exactly the content with this fingerprint; `at` is UTC."""

    patient_id: str
    fingerprint: str
    person_id: str
    name: str
    at: datetime


class HandoutLedger:
    """Keeps releases; none is changed or taken away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def release(self, release: Release) -> None:
        """Keeps a release. Raises StoreError."""
        row = {
            "patient": release.patient_id,
            "fingerprint": release.fingerprint,
            "person": release.person_id,
            "name": release.name,
            "at": seconds(release.at),
        }
        with writing(self._engine) as connection:
            connection.execute(insert(handout_releases).values(row))

    def newest(self, patient_id: str) -> Release | None:
        """The newest release for a patient; None before the first. Raises StoreError."""
        columns = handout_releases.c
        wanted = (
            select(handout_releases)
            .where(columns.patient == patient_id)
            .order_by(columns.id.desc())
            .limit(1)
        )
        with reading(self._engine) as connection:
            row = connection.execute(wanted).first()
        if row is None:
            return None
        return Release(row.patient, row.fingerprint, row.person, row.name, moment(row.at))
