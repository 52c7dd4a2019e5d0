"""Statuses and tasks as rows, and back."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from cds_service.coordination.heads import Reading, StatusHead, reading_of
from cds_service.coordination.kinds import OPENED_BY_PEOPLE
from cds_service.coordination.status import KeptStatus, PatientStatus
from cds_service.coordination.tasks import Changed, Event, TaskEvent, WorkTask
from cds_service.errors import StoreError
from cds_service.fhir.identity import Identity
from cds_service.store.work_tables import task_events, tasks

NEVER = 0
_COMPRESSION = 1


@dataclass(frozen=True, slots=True)
class _Head:
    identity: Identity
    reading: Reading | None


def status_row(status: PatientStatus) -> dict[str, Any]:
    """The columns of a good reading."""
    return {
        "read_at": milliseconds(status.read_at),
        "tried_at": milliseconds(status.read_at),
        "failure": "",
        "head": msgspec.json.encode(_Head(status.identity, reading_of(status))),
        "content": zlib.compress(msgspec.json.encode(status), _COMPRESSION),
    }


def unread_row(identity: Identity) -> dict[str, Any]:
    """The columns of a patient whose record was never read."""
    return {
        "read_at": NEVER,
        "tried_at": NEVER,
        "failure": "",
        "gone": "",
        "gone_at": NEVER,
        "head": msgspec.json.encode(_Head(identity, None)),
        "content": b"",
    }


def kept_status(row: Any) -> KeptStatus:
    """The status in a row. Raises StoreError when it is not one."""
    head = _head(row.head)
    status = None
    if row.read_at != NEVER:
        try:
            status = msgspec.json.decode(zlib.decompress(row.content), type=PatientStatus)
        except (msgspec.MsgspecError, zlib.error):
            raise _unreadable("a status") from None
    return KeptStatus(head.identity, status, moment_in(row.tried_at), row.failure, row.gone)


def status_head(row: Any, open_tasks: Iterable[WorkTask]) -> StatusHead:
    """The light form in a row, with the patient's open tasks. Raises StoreError."""
    head = _head(row.head)
    return StatusHead(
        head.identity,
        head.reading,
        moment_in(row.tried_at),
        row.failure,
        row.gone,
        tuple(open_tasks),
    )


def work_task(content: bytes) -> WorkTask:
    """The task in a row. Raises StoreError when it is not one."""
    try:
        return _TASKS.decode(content)
    except msgspec.MsgspecError:
        raise _unreadable("a task") from None


def tasks_of(connection: Connection, patient_id: str) -> list[WorkTask]:
    """All tasks of a patient, open and closed, oldest first."""
    wanted = select(tasks.c.content).where(tasks.c.patient == patient_id)
    found = [work_task(content) for content in connection.execute(wanted).scalars()]
    return sorted(found, key=lambda task: (task.made_at, task.id))


def write_task(connection: Connection, change: Changed) -> None:
    """Writes a task that is new (version 1) or changed, and what happened to it."""
    task = change.task
    row = _task_row(task)
    if task.version == 1:
        connection.execute(insert(tasks).values(**row, id=task.id, sent_version=0, sent_fault=""))
    else:
        connection.execute(update(tasks).where(tasks.c.id == task.id).values(**row))
    write_events(connection, task.id, change.events)


def write_events(connection: Connection, task_id: str, events: Iterable[TaskEvent]) -> None:
    """Writes what happened to a task."""
    rows = [_event_row(task_id, event) for event in events]
    if rows:
        connection.execute(insert(task_events), rows)


def task_event(row: Any) -> TaskEvent:
    """The event in a row."""
    on = date.fromisoformat(row.on_day) if row.on_day else None
    return TaskEvent(moment(row.at), Event(row.what), row.who, row.says, on)


def seconds(at: datetime) -> int:
    """The moment in epoch seconds."""
    return int(at.timestamp())


def milliseconds(at: datetime) -> int:
    """The moment in epoch milliseconds: of readings, which may follow each other at once."""
    return round(at.timestamp() * 1000)


def moment_in(at: int) -> datetime:
    """The moment of epoch milliseconds."""
    return datetime.fromtimestamp(at / 1000, UTC)


def moment(at: int) -> datetime:
    """The moment of epoch seconds."""
    return datetime.fromtimestamp(at, UTC)


_HEADS = msgspec.json.Decoder(_Head)
_TASKS = msgspec.json.Decoder(WorkTask)


def _head(content: bytes) -> _Head:
    try:
        return _HEADS.decode(content)
    except msgspec.MsgspecError:
        raise _unreadable("a status") from None


def _unreadable(what: str) -> StoreError:
    return StoreError(
        f"store: {what} of the worklist cannot be read back. The database is damaged, or was "
        "written by a newer version: put back the backup, or the newer version."
    )


def _task_row(task: WorkTask) -> dict[str, Any]:
    return {
        "patient": task.patient_id,
        "kind": task.kind,
        "state": task.state.value,
        "owner": task.owner,
        "changed_at": seconds(task.changed_at),
        "closed_at": seconds(task.closed_at) if task.closed_at else None,
        "version": task.version,
        "open_key": _open_key(task) if task.state.is_open else None,
        "content": msgspec.json.encode(task),
    }


def _open_key(task: WorkTask) -> str:
    """One of a kind for a patient; what people open stands for itself."""
    return task.id if task.kind in OPENED_BY_PEOPLE else f"{task.patient_id}\n{task.kind}"


def _event_row(task_id: str, event: TaskEvent) -> dict[str, Any]:
    return {
        "task": task_id,
        "at": seconds(event.at),
        "who": event.who,
        "what": event.what.value,
        "says": event.says,
        "on_day": event.on.isoformat() if event.on else "",
    }
