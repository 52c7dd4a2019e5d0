"""Pump printouts and refills that people typed in: withdrawn at times, but never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from sqlalchemy import Engine, case, insert, select, update
from sqlalchemy.engine import Connection

from cds_service.errors import ChangeRefusedError
from cds_service.store.database import reading, writing
from cds_service.store.work_tables import readings

PRINTOUT, REFILL_ELSEWHERE = "printout", "refill-elsewhere"
ACTIVE, WITHDRAWN = "active", "withdrawn"
KEPT_HERE, IN_EHR, TO_WITHDRAW = "kept-here", "in-ehr", "to-withdraw"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class KeptReading:
    """One reading: its FHIR resources, who typed it (an id) and when, and whether it counts.

    `sent`: `in-ehr` when the EHR has it as it stands, `to-withdraw` when it has it and does not
    know yet that it was withdrawn, else `kept-here`. `taken_at` is as it was typed, ISO.
    """

    id: str
    patient: str
    kind: str
    taken_at: str
    entered_at: datetime
    who: str
    state: str
    sent: str
    resources: tuple[Json, ...]
    withdrawn_because: str = ""

    @property
    def day(self) -> date:
        """The day it was taken on."""
        return date.fromisoformat(self.taken_at[:10])

    @property
    def counts(self) -> bool:
        """True while it is used like any reading."""
        return self.state == ACTIVE


class ReadingsLedger:
    """Keeps readings."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, typed: KeptReading) -> bool:
        """Writes a reading; False when it is there already, as after a second click.

        Raises StoreError, and ChangeRefusedError when the id is there with something else.
        """
        with writing(self._engine) as connection:
            return keep_reading(connection, typed)

    def of_patient(self, patient_id: str) -> list[KeptReading]:
        """Every reading of a patient, withdrawn ones too, the newest first. Raises StoreError."""
        wanted = (
            select(readings)
            .where(readings.c.patient == patient_id)
            .order_by(readings.c.entered_at.desc(), readings.c.id)
        )
        with reading(self._engine) as connection:
            return [_kept(row) for row in connection.execute(wanted)]

    def resources(self, patient_id: str) -> list[Json]:
        """The resources of all readings that count. Raises StoreError."""
        found = self.of_patient(patient_id)
        return [resource for each in found if each.counts for resource in each.resources]

    def withdraw(self, reading_id: str, patient_id: str, because: str) -> bool:
        """Takes a reading out of use; False when it was already, or is not there."""
        with writing(self._engine) as connection:
            return withdraw_reading(connection, reading_id, patient_id, because)

    def not_sent(self, most: int) -> Sequence[KeptReading]:
        """What the EHR lacks, or has and should not count, oldest first. Raises StoreError."""
        is_new = (readings.c.state == ACTIVE) & (readings.c.sent == KEPT_HERE)
        wanted = (
            select(readings)
            .where(is_new | (readings.c.sent == TO_WITHDRAW))
            .order_by(readings.c.entered_at, readings.c.id)
            .limit(most)
        )
        with reading(self._engine) as connection:
            return [_kept(row) for row in connection.execute(wanted)]

    def note_sent(self, reading_id: str) -> None:
        """Keeps that the EHR has a reading as it stands now. Raises StoreError."""
        with writing(self._engine) as connection:
            is_this = readings.c.id == reading_id
            connection.execute(update(readings).where(is_this).values(sent=IN_EHR))


def keep_reading(connection: Connection, typed: KeptReading) -> bool:
    """As `ReadingsLedger.keep`, inside the caller's transaction."""
    row = {
        "id": typed.id,
        "patient": typed.patient,
        "kind": typed.kind,
        "taken_at": typed.taken_at,
        "entered_at": int(typed.entered_at.timestamp()),
        "who": typed.who,
        "state": ACTIVE,
        "sent": KEPT_HERE,
        "content": msgspec.json.encode(typed.resources),
        "withdrawn_because": "",
    }
    found = connection.execute(select(readings).where(readings.c.id == typed.id)).first()
    if found is None:
        connection.execute(insert(readings).values(row))
        return True
    if not _is_same(_kept(found), typed):
        raise ChangeRefusedError(
            "kept-otherwise",
            "Another reading was kept from this form before. Open the readings again: if that "
            "one is wrong, withdraw it, and type this one in anew.",
        )
    return False


def withdraw_reading(
    connection: Connection, reading_id: str, patient_id: str, because: str
) -> bool:
    """As `ReadingsLedger.withdraw`, inside the caller's transaction."""
    is_this = (
        (readings.c.id == reading_id)
        & (readings.c.patient == patient_id)
        & (readings.c.state == ACTIVE)
    )
    was_sent = readings.c.sent == IN_EHR
    values = {
        "state": WITHDRAWN,
        "withdrawn_because": because,
        "sent": case((was_sent, TO_WITHDRAW), else_=KEPT_HERE),
    }
    return bool(connection.execute(update(readings).where(is_this).values(values)).rowcount)


def _is_same(kept: KeptReading, typed: KeptReading) -> bool:
    """Whether it is the very reading, sent again; when it was typed in does not matter."""
    told = [
        [{key: each[key] for key in each if key not in ("issued", "note")} for each in found]
        for found in (kept.resources, typed.resources)
    ]
    is_theirs = (kept.patient, kept.who, kept.kind) == (typed.patient, typed.who, typed.kind)
    return kept.counts and is_theirs and told[0] == told[1]


def _kept(row: Any) -> KeptReading:
    return KeptReading(
        id=row.id,
        patient=row.patient,
        kind=row.kind,
        taken_at=row.taken_at,
        entered_at=datetime.fromtimestamp(row.entered_at, UTC),
        who=row.who,
        state=row.state,
        sent=row.sent,
        resources=tuple(msgspec.json.decode(row.content)),
        withdrawn_because=row.withdrawn_because,
    )
