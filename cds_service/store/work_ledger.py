"""The coordinator's work as it is kept: statuses, tasks with their history, notes.

Each call is one transaction, kept whole or not at all; a failing database is a StoreError.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from cds_service.coordination.changes import Assign, Change, changed, is_repeat, tidy
from cds_service.coordination.heads import StatusHead
from cds_service.coordination.kinds import Kind
from cds_service.coordination.reconciling import Opening, StatedElsewhere, opened, reconcile
from cds_service.coordination.status import KeptStatus, PatientStatus
from cds_service.coordination.tasks import Event, Note, TaskEvent, WorkTask
from cds_service.errors import ChangedMeanwhileError, ChangeRefusedError, UnknownTaskError
from cds_service.fhir.identity import Identity
from cds_service.store.database import reading, writing
from cds_service.store.feedback_ledger import OnCard, StatedRefill, overridden_on, stated_for
from cds_service.store.pseudonyms import Pseudonyms
from cds_service.store.work_rows import (
    NEVER,
    kept_status,
    milliseconds,
    moment,
    moment_in,
    seconds,
    status_head,
    status_row,
    task_event,
    tasks_of,
    unread_row,
    work_task,
    write_events,
    write_task,
)
from cds_service.store.work_tables import notes, statuses, task_events, tasks

_ONE_DAY = timedelta(days=1)

NO_CLIENTS = ("",)
"""The client of a service that asks nobody who calls."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """What became of an assignment of many: tasks given, and tasks that somebody else changed."""

    given: tuple[WorkTask, ...]
    changed_meanwhile: tuple[WorkTask, ...]


@dataclass(frozen=True, slots=True)
class Delivery:
    """Whether the EHR has the newest version of a task; `fault` says why it could not be sent."""

    is_sent: bool
    fault: str


@dataclass(frozen=True, slots=True)
class WantedTasks:
    """Which tasks a search asks for; an empty list asks for all."""

    patients: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()


class WorkLedger:
    """Keeps the work. Times given are aware and in the site's zone: their date is today."""

    def __init__(self, engine: Engine, pseudonyms: Pseudonyms) -> None:
        self._engine = engine
        self._pseudonyms = pseudonyms

    def keep(self, status: PatientStatus, today: date, clients: Sequence[str] = NO_CLIENTS) -> bool:
        """Keeps a reading, and makes, changes and closes the tasks that follow from it.

        `clients` names the EHRs whose patient ids these are: what their users stated on cards is
        taken in. False, and nothing kept, when a newer reading is there already.
        """
        patient_id = status.identity.patient_id
        if status.failure:
            self.keep_failure(patient_id, status.read_at, status.failure, status.identity)
            return True
        with writing(self._engine) as connection:
            row = _locked(connection, status.identity)
            if _is_newer(row.read_at, status.read_at, today):
                return False
            is_this = statuses.c.patient == patient_id
            connection.execute(update(statuses).where(is_this).values(status_row(status)))
            stated = self._stated(connection, patient_id, clients)
            for change in reconcile(tasks_of(connection, patient_id), status, today, stated):
                write_task(connection, change)
        return True

    def keep_failure(
        self, patient_id: str, tried_at: datetime, why: str, identity: Identity | None = None
    ) -> None:
        """Keeps that the record could not be read, and why. The last good reading stays."""
        with writing(self._engine) as connection:
            row = _locked(connection, identity or Identity(patient_id, ""))
            if _is_newer(row.tried_at, tried_at, tried_at.date()):
                return
            said = {"tried_at": milliseconds(tried_at), "failure": why}
            is_this = statuses.c.patient == patient_id
            connection.execute(update(statuses).where(is_this).values(said))

    def note_gone(self, patient_id: str, why: str, at: datetime) -> None:
        """Keeps that the cohort has the patient no more, and why; '' when it has the patient again.

        A new reading does not end it: people may look at somebody who has left.
        """
        with writing(self._engine) as connection:
            is_this = statuses.c.patient == patient_id
            said = {"gone": why, "gone_at": seconds(at) if why else NEVER}
            connection.execute(update(statuses).where(is_this).values(said))

    def known(self) -> dict[str, str]:
        """Every patient ever kept, with why the cohort has the patient no more, '' while it has."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(statuses.c.patient, statuses.c.gone)).all()
        return {row.patient: row.gone for row in rows}

    def status(self, patient_id: str) -> KeptStatus | None:
        """What is kept of a patient; None for one who is not known."""
        with reading(self._engine) as connection:
            wanted = select(statuses).where(statuses.c.patient == patient_id)
            row = connection.execute(wanted).first()
        return kept_status(row) if row else None

    def heads(self) -> list[StatusHead]:
        """Every patient with the open tasks, in no particular order."""
        open_ones: dict[str, list[WorkTask]] = {}
        light = (statuses.c.tried_at, statuses.c.failure, statuses.c.gone, statuses.c.head)
        with reading(self._engine) as connection:
            wanted = select(tasks.c.patient, tasks.c.content).where(tasks.c.open_key.is_not(None))
            for patient_id, content in connection.execute(wanted):
                open_ones.setdefault(patient_id, []).append(work_task(content))
            rows = connection.execute(select(statuses.c.patient, *light)).all()
        return [status_head(row, open_ones.get(row.patient, ())) for row in rows]

    def tasks(self, patient_id: str) -> list[WorkTask]:
        """All tasks of a patient, open and closed, oldest first."""
        with reading(self._engine) as connection:
            return tasks_of(connection, patient_id)

    def task(self, task_id: str) -> WorkTask | None:
        """One task; None when there is none."""
        with reading(self._engine) as connection:
            return _task(connection, task_id)

    def history(self, task_id: str) -> list[TaskEvent]:
        """What happened to a task, oldest first."""
        with reading(self._engine) as connection:
            return _history(connection, task_id)

    def found(self, wanted: WantedTasks) -> list[WorkTask]:
        """The tasks that are asked for, the latest changed first."""
        columns = ((tasks.c.patient, wanted.patients), (tasks.c.owner, wanted.owners))
        criteria = [column.in_(values) for column, values in columns if values]
        criteria += [tasks.c.id.in_(wanted.ids)] if wanted.ids else []
        newest = select(tasks.c.content).where(*criteria)
        newest = newest.order_by(tasks.c.changed_at.desc(), tasks.c.id)
        with reading(self._engine) as connection:
            return [work_task(content) for content in connection.execute(newest).scalars()]

    def histories(self, task_ids: Sequence[str]) -> dict[str, list[TaskEvent]]:
        """What happened to each of these tasks, oldest first."""
        wanted = select(task_events).where(task_events.c.task.in_(task_ids))
        told: dict[str, list[TaskEvent]] = {task_id: [] for task_id in task_ids}
        with reading(self._engine) as connection:
            for row in connection.execute(wanted.order_by(task_events.c.id)):
                told[row.task].append(task_event(row))
        return told

    def change(
        self, task_id: str, version: int, change: Change, who: str, at: datetime
    ) -> WorkTask:
        """The task after somebody's change, which was made looking at `version`.

        The same change posted twice is one. Raises UnknownTaskError, ChangeRefusedError, or
        ChangedMeanwhileError with the task as it is now.
        """
        with writing(self._engine) as connection:
            return change_task(connection, (task_id, version), change, who, at)

    def assign_all(
        self, versions: Mapping[str, int], owner: str, who: str, at: datetime
    ) -> Assigned:
        """Gives many tasks (id to version looked at) to one person, but for those that changed."""
        given, other = [], []
        with writing(self._engine) as connection:
            # In one order, so that two who assign the same tasks wait for each other.
            for task_id in sorted(versions):
                task = _task(connection, task_id, is_to_change=True)
                if task is None:
                    continue
                if task.owner == owner:
                    given.append(task)
                elif task.version != versions[task_id] or not task.state.is_open:
                    other.append(task)
                else:
                    outcome = changed(task, Assign(owner), who, at)
                    write_task(connection, outcome.changed)
                    given.append(outcome.changed.task)
        return Assigned(tuple(given), tuple(other))

    def add_task(
        self, patient_id: str, title: str, due: date | None, who: str, at: datetime
    ) -> WorkTask:
        """A task that a person adds. Raises ChangeRefusedError when it has no title."""
        words = tidy(title)
        if not words:
            raise ChangeRefusedError("empty", "Say what there is to do.")
        opening = Opening(Kind.OTHER, str(uuid4()), title=words, due=due)
        with writing(self._engine) as connection:
            return _open(connection, patient_id, opening, who, at)

    def unsent(self, limit: int) -> list[WorkTask]:
        """Tasks of which the EHR lacks the newest version, the longest unchanged first.

        Those that could not be sent before come last: one that the EHR never takes must not stand
        in the way. A task that was closed before it was ever sent is no news to the EHR.
        """
        is_news = or_(tasks.c.open_key.is_not(None), tasks.c.sent_version > 0)
        wanted = select(tasks.c.content).where(tasks.c.version > tasks.c.sent_version, is_news)
        order = (tasks.c.sent_fault != "", tasks.c.changed_at, tasks.c.id)
        wanted = wanted.order_by(*order).limit(limit)
        with reading(self._engine) as connection:
            return [work_task(content) for content in connection.execute(wanted).scalars()]

    def note_sent(self, task_id: str, version: int, fault: str = "") -> None:
        """Keeps that the EHR has this version of a task, or with a `fault` why it has not."""
        said = {"sent_fault": fault} if fault else {"sent_fault": "", "sent_version": version}
        with writing(self._engine) as connection:
            connection.execute(update(tasks).where(tasks.c.id == task_id).values(said))

    def deliveries(self, patient_id: str) -> dict[str, Delivery]:
        """Of each of a patient's tasks, how far the EHR has it."""
        columns = (tasks.c.id, tasks.c.version, tasks.c.sent_version, tasks.c.sent_fault)
        with reading(self._engine) as connection:
            rows = connection.execute(select(*columns).where(tasks.c.patient == patient_id)).all()
        return {row[0]: Delivery(row[1] <= row[2], row[3]) for row in rows}

    def notes(self, patient_id: str) -> list[Note]:
        """What people wrote about a patient, oldest first."""
        with reading(self._engine) as connection:
            wanted = select(notes).where(notes.c.patient == patient_id).order_by(notes.c.id)
            rows = connection.execute(wanted).all()
        return [Note(moment(row.at), row.who, row.says) for row in rows]

    def add_note(self, patient_id: str, says: str, who: str, at: datetime) -> None:
        """Keeps what a person writes about a patient. Raises ChangeRefusedError without a word."""
        words = tidy(says)
        if not words:
            raise ChangeRefusedError("empty", "The note is empty. Write one.")
        row = {"patient": patient_id, "at": seconds(at), "who": who, "says": words}
        with writing(self._engine) as connection:
            connection.execute(insert(notes).values(row))

    def overrides_of(self, client: str, patient_id: str) -> list[OnCard]:
        """What clinicians of an EHR set aside on cards for a patient, oldest first."""
        patient = self._pseudonyms.of_patient(client, patient_id)
        with reading(self._engine) as connection:
            return overridden_on(connection, client, patient)

    def stated_refills(self, client: str, patient_id: str) -> list[StatedRefill]:
        """What clinicians of an EHR said was refilled elsewhere, oldest first."""
        patient = self._pseudonyms.of_patient(client, patient_id)
        with reading(self._engine) as connection:
            return stated_for(connection, client, patient)

    def _stated(
        self, connection: Connection, patient_id: str, clients: Iterable[str]
    ) -> list[StatedElsewhere]:
        return [
            StatedElsewhere(_key(each), each.on)
            for client in clients
            for each in stated_for(
                connection, client, self._pseudonyms.of_patient(client, patient_id)
            )
        ]


def change_task(
    connection: Connection, looked_at: tuple[str, int], change: Change, who: str, at: datetime
) -> WorkTask:
    """As `WorkLedger.change`, inside the caller's transaction; `looked_at` is id and version."""
    task_id, version = looked_at
    task = _task(connection, task_id, is_to_change=True)
    if task is None:
        raise UnknownTaskError("There is no such task.")
    if task.version != version:
        last = _history(connection, task_id)[-1:]
        if task.version == version + 1 and last and is_repeat(change, last[0], who):
            return task
        raise ChangedMeanwhileError(task, version)
    outcome = changed(task, change, who, at)
    write_task(connection, outcome.changed)
    if outcome.opens is not None:
        _open(connection, task.patient_id, outcome.opens, who, at)
    return outcome.changed.task


def _is_newer(kept: int, at: datetime, today: date) -> bool:
    """Whether what is kept is newer; what a wrong clock dated ahead of today is not."""
    return kept > milliseconds(at) and moment_in(kept).date() <= today + _ONE_DAY


def _key(stated: StatedRefill) -> str:
    """A card's uuid alone could stand for another EHR's card, too."""
    return sha256(f"{stated.client}\n{stated.card}".encode("utf-8", "replace")).hexdigest()


def _locked(connection: Connection, identity: Identity) -> Any:
    """The patient's row, made when missing, and nobody else's until the transaction ends."""
    made = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = {"patient": identity.patient_id, **unread_row(identity)}
    connection.execute(made(statuses).values(row).on_conflict_do_nothing())
    wanted = select(statuses.c.read_at, statuses.c.tried_at)
    is_this = statuses.c.patient == identity.patient_id
    return connection.execute(wanted.where(is_this).with_for_update()).one()


def _task(connection: Connection, task_id: str, *, is_to_change: bool = False) -> WorkTask | None:
    wanted = select(tasks.c.content).where(tasks.c.id == task_id)
    wanted = wanted.with_for_update() if is_to_change else wanted
    content = connection.execute(wanted).scalar_one_or_none()
    return work_task(content) if content is not None else None


def _history(connection: Connection, task_id: str) -> list[TaskEvent]:
    wanted = select(task_events).where(task_events.c.task == task_id).order_by(task_events.c.id)
    return [task_event(row) for row in connection.execute(wanted)]


def _open(
    connection: Connection, patient_id: str, opening: Opening, who: str, at: datetime
) -> WorkTask:
    """The work opened; where the same is open already, what is said is added to that."""
    same = _same_open(tasks_of(connection, patient_id), opening)
    if same is not None:
        said = TaskEvent(at, Event.COMMENTED, who, opening.says)
        write_events(connection, same.id, [said] if opening.says else [])
        return same
    made = opened(patient_id, opening, at, who)
    write_task(connection, made)
    return made.task


def _same_open(found: Iterable[WorkTask], opening: Opening) -> WorkTask | None:
    """Of what people add, the same words with the same day are the same: a form posted twice."""
    is_other = opening.kind is Kind.OTHER
    return next(
        (
            task
            for task in found
            if task.state.is_open
            and task.kind == opening.kind
            and task.stated_on == opening.stated_on
            and (not is_other or (task.title, task.due) == (opening.title, opening.due))
        ),
        None,
    )
