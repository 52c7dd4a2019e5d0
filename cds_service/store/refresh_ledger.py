"""The readings of the whole population: who reads them now, how far they are, how they ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, delete, func, insert, select, update
from sqlalchemy.engine import Connection

from cds_service.store.database import reading, writing
from cds_service.store.work_rows import moment, seconds
from cds_service.store.work_tables import leases, refresh_patients, refreshes

LEASE = timedelta(seconds=60)
"""For so long others wait for a process that does not say any more that it is at work."""

LONGEST_CUT_OFF = timedelta(hours=6)
"""A reading that was cut off longer ago begins anew: who the patients are may have changed."""

_LEASE_NAME = "refresh"
_KEPT = 200
_UNREAD, _GOOD, _FAILED = "", "good", "failed"


class RefreshState(StrEnum):
    """How a refresh stands. A failed one took nobody off the list, and made nothing stale newer."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CUT_OFF = "cut-off"


@dataclass(frozen=True, slots=True)
class Refresh:
    """One reading of the population. `number` of patients is None until they are known.

    `good` and `failed` count the records that were read, and that could not be. `says` is why it
    failed; while it runs, what is done.
    """

    id: int
    source: str
    began_at: datetime
    ended_at: datetime | None
    state: RefreshState
    says: str
    number: int | None
    good: int
    failed: int


class RefreshLedger:
    """Keeps the readings. One process at a time reads: the one that holds the lease."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take_lease(self, holder: str, now: datetime) -> bool:
        """Whether this holder may read now, and for a while; also says that it is still at work."""
        row = {"holder": holder, "until": seconds(now + LEASE)}
        named = leases.c.name == _LEASE_NAME
        with writing(self._engine) as connection:
            found = connection.execute(select(leases).where(named)).first()
            if found is None:
                connection.execute(insert(leases).values(name=_LEASE_NAME, **row))
            elif found.holder != holder and found.until > seconds(now):
                return False
            else:
                connection.execute(update(leases).where(named).values(row))
        return True

    def drop_lease(self, holder: str) -> None:
        """Lets others read."""
        with writing(self._engine) as connection:
            connection.execute(delete(leases).where(leases.c.holder == holder))

    def open_run(self, source: str, now: datetime) -> Refresh:
        """The reading to work on: the one that was cut off a short while ago, else a new one."""
        with writing(self._engine) as connection:
            running = select(refreshes).where(refreshes.c.state == RefreshState.RUNNING)
            for row in connection.execute(running).all():
                age = now - moment(row.began_at)
                if row.source == source and timedelta() <= age < LONGEST_CUT_OFF:
                    return _refresh(connection, row)
                _close(connection, row.id, RefreshState.CUT_OFF, row.says, now)
            values = {
                "source": source,
                "began_at": seconds(now),
                "state": RefreshState.RUNNING.value,
                "says": "",
                "good": 0,
                "failed": 0,
            }
            connection.execute(insert(refreshes).values(values))
            _forget_old(connection)
            newest = select(refreshes).order_by(refreshes.c.id.desc()).limit(1)
            return _refresh(connection, connection.execute(newest).one())

    def set_cohort(self, run_id: int, patients: Sequence[str]) -> None:
        """Keeps whom a reading has to read, each once, in this order."""
        rows = [
            {"refresh": run_id, "patient": patient, "place": place, "state": _UNREAD}
            for place, patient in enumerate(dict.fromkeys(patients))
        ]
        with writing(self._engine) as connection:
            connection.execute(
                update(refreshes).where(refreshes.c.id == run_id).values(number=len(rows), says="")
            )
            if rows:
                connection.execute(insert(refresh_patients), rows)

    def cohort(self, run_id: int) -> list[str]:
        """Whom a reading under way reads in all."""
        return self._patients(run_id)

    def unread(self, run_id: int) -> list[str]:
        """Whom a reading under way has not read yet."""
        return self._patients(run_id, _UNREAD)

    def not_obtained(self, run_id: int) -> list[str]:
        """Whose record a reading under way could not read."""
        return self._patients(run_id, _FAILED)

    def note(self, run_id: int, read: Mapping[str, bool]) -> None:
        """Keeps of patients that they were read (True), or could not be."""
        with writing(self._engine) as connection:
            for patient, is_good in read.items():
                is_this = refresh_patients.c.patient == patient
                connection.execute(
                    update(refresh_patients)
                    .where(is_this & (refresh_patients.c.refresh == run_id))
                    .values(state=_GOOD if is_good else _FAILED)
                )

    def note_step(self, says: str) -> None:
        """Keeps what the reading under way is doing, in words without anybody's name."""
        running = refreshes.c.state == RefreshState.RUNNING
        with writing(self._engine) as connection:
            connection.execute(update(refreshes).where(running).values(says=says))

    def end(self, run_id: int, state: RefreshState, says: str, now: datetime) -> Refresh:
        """Ends a reading; how it ended."""
        with writing(self._engine) as connection:
            _close(connection, run_id, state, says, now)
            found = select(refreshes).where(refreshes.c.id == run_id)
            return _refresh(connection, connection.execute(found).one())

    def latest(self) -> Refresh | None:
        """The newest reading, under way or over; None when there was none."""
        return self._newest()

    def latest_done(self) -> Refresh | None:
        """The newest reading that went through; None when none ever did."""
        return self._newest(refreshes.c.state == RefreshState.DONE)

    def _newest(self, *criteria: Any) -> Refresh | None:
        wanted = select(refreshes).where(*criteria).order_by(refreshes.c.id.desc()).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(wanted).first()
            return _refresh(connection, row) if row else None

    def _patients(self, run_id: int, state: str | None = None) -> list[str]:
        wanted = select(refresh_patients.c.patient).where(refresh_patients.c.refresh == run_id)
        if state is not None:
            wanted = wanted.where(refresh_patients.c.state == state)
        with reading(self._engine) as connection:
            ordered = wanted.order_by(refresh_patients.c.place)
            return list(connection.execute(ordered).scalars())


def _refresh(connection: Connection, row: Any) -> Refresh:
    good, failed = row.good, row.failed
    if row.state == RefreshState.RUNNING:
        good, failed = _counted(connection, row.id)
    return Refresh(
        id=row.id,
        source=row.source,
        began_at=moment(row.began_at),
        ended_at=None if row.ended_at is None else moment(row.ended_at),
        state=RefreshState(row.state),
        says=row.says,
        number=row.number,
        good=good,
        failed=failed,
    )


def _counted(connection: Connection, run_id: int) -> tuple[int, int]:
    """How many were read in a reading under way, and how many could not be."""
    state = refresh_patients.c.state
    wanted = select(state, func.count()).where(refresh_patients.c.refresh == run_id)
    counts = {row[0]: int(row[1]) for row in connection.execute(wanted.group_by(state))}
    return counts.get(_GOOD, 0), counts.get(_FAILED, 0)


def _close(
    connection: Connection, run_id: int, state: RefreshState, says: str, now: datetime
) -> None:
    good, failed = _counted(connection, run_id)
    over = {"ended_at": seconds(now), "state": state.value, "says": says}
    connection.execute(
        update(refreshes).where(refreshes.c.id == run_id).values(**over, good=good, failed=failed)
    )
    connection.execute(delete(refresh_patients).where(refresh_patients.c.refresh == run_id))


def _forget_old(connection: Connection) -> None:
    newest = select(func.max(refreshes.c.id)).scalar_subquery()
    connection.execute(delete(refreshes).where(refreshes.c.id <= newest - _KEPT))
