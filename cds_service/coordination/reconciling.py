"""What a new reading of the record does to a patient's tasks: makes, escalates and closes them.

A task closes by itself only when the record shows why it may. What could not be read shows nothing.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID, uuid5

from cds_service.coordination.kinds import OPENED_BY_PEOPLE, Kind
from cds_service.coordination.status import Advice, PatientStatus
from cds_service.coordination.tasks import (
    Changed,
    Event,
    TaskEvent,
    TaskState,
    WorkTask,
)
from cds_service.guidance.plan import COULD_NOT_CHECK, DATA_QUALITY, URGENCIES, Urgency

_IDS = UUID("6f2b0f4e-8a0c-4a55-9a0e-2f5f3c1d7b61")


@dataclass(frozen=True, slots=True)
class StatedElsewhere:
    """A user's word on a card that the patient was refilled elsewhere, on a day if one was named.

    `key` is the same for the same word, and for no other.
    """

    key: str
    on: date | None


def reconcile(
    tasks: Sequence[WorkTask],
    status: PatientStatus,
    today: date,
    stated: Iterable[StatedElsewhere] = (),
) -> tuple[Changed, ...]:
    """The tasks to write: new ones (version 1) and changed ones (one version up).

    `tasks` are all of the patient's, open and closed. Given once more with what it gave taken in,
    it gives nothing.
    """
    if status.failure:
        return ()
    at = status.read_at
    open_ones = [task for task in tasks if task.state.is_open]
    if status.identity.is_deceased:
        return tuple(
            _closed(task, TaskState.CANCELLED, at, TaskEvent(at, Event.DECEASED))
            for task in open_ones
        )
    by_kind = {task.kind: task for task in open_ones if task.kind not in OPENED_BY_PEOPLE}
    advised = _advised(status)
    return (
        *_made_or_changed(tasks, by_kind, advised, status, today),
        *_without_advice(by_kind, advised, status),
        *_confirmed(open_ones, status),
        *_to_confirm(tasks, status, stated),
    )


@dataclass(frozen=True, slots=True)
class Opening:
    """Work that no advice stands behind, and why; see WorkTask. The same `key`, the same task."""

    kind: Kind
    key: str
    says: str = ""
    title: str = ""
    due: date | None = None
    stated_on: date | None = None
    baseline: date | None = None


def opened(patient_id: str, opening: Opening, at: datetime, who: str = "") -> Changed:
    """The task that is opened so."""
    task = WorkTask(
        id=_id(patient_id, opening.kind, opening.key),
        patient_id=patient_id,
        kind=opening.kind.value,
        title=opening.title,
        summary=opening.says,
        urgency=Urgency.INFO.value,
        made_at=at,
        changed_at=at,
        cause=opening.key,
        due=opening.due,
        baseline=opening.baseline,
        stated_on=opening.stated_on,
        told_by=who if opening.kind is Kind.CONFIRM_REFILL else "",
    )
    event = TaskEvent(at, Event.MADE, who, opening.says, opening.stated_on)
    return Changed(task, (event,))


def _advised(status: PatientStatus) -> dict[str, Advice]:
    """The most urgent advice of each family, with the cause of all of it."""
    families: dict[str, list[Advice]] = {}
    for each in status.advice:
        if not each.is_arranged:
            families.setdefault(each.kind, []).append(each)
    if status.unchecked:
        families[Kind.UNCHECKED] = [_gaps(status.unchecked)]
    return {kind: _foremost(found) for kind, found in families.items()}


def _foremost(advice: list[Advice]) -> Advice:
    first = min(advice, key=lambda each: (_rank(each.urgency), each.act_by or date.max))
    if len(advice) == 1:
        return first
    act_by = min((each.act_by for each in advice if each.act_by), default=None)
    if first.urgency != Urgency.INFO and first.act_by is None:
        # Urgent without a day is for now: the day of something milder must not put it off.
        act_by = None
    causes = "\n".join(sorted(each.cause for each in advice))
    return replace(first, cause=sha256(causes.encode()).hexdigest(), act_by=act_by)


def _gaps(unchecked: tuple[str, ...]) -> Advice:
    cause = sha256("\n".join(sorted(unchecked)).encode("utf-8", "replace")).hexdigest()
    return Advice(
        plan=DATA_QUALITY,
        version="",
        action="",
        topic=COULD_NOT_CHECK,
        title="",
        urgency=Urgency.INFO.value,
        summary="",
        detail="",
        cause=cause,
    )


def _made_or_changed(
    tasks: Sequence[WorkTask],
    by_kind: Mapping[str, WorkTask],
    advised: Mapping[str, Advice],
    status: PatientStatus,
    today: date,
) -> Iterator[Changed]:
    for kind, advice in advised.items():
        task = by_kind.get(kind)
        if task is None:
            earlier = sum(task.kind == kind for task in tasks)
            yield _made(kind, advice, status, earlier)
        else:
            found = _followed(task, advice, status, today)
            if found is not None:
                yield found


def _made(kind: str, advice: Advice, status: PatientStatus, earlier: int) -> Changed:
    at, patient_id = status.read_at, status.identity.patient_id
    task = WorkTask(
        # A clock that stands still, as in a demonstration, must not give two tasks one id.
        id=_id(patient_id, kind, f"{earlier} {int(at.timestamp())}"),
        patient_id=patient_id,
        kind=kind,
        title=advice.title,
        summary=advice.summary,
        urgency=advice.urgency,
        made_at=at,
        changed_at=at,
        plan=advice.plan,
        topic=advice.topic,
        cause=advice.cause,
        act_by=advice.act_by,
        baseline=_baseline(kind, status),
        gaps=_gap_marks(status),
    )
    return Changed(task, (TaskEvent(at, Event.MADE, says=advice.title, on=advice.act_by),))


def _followed(task: WorkTask, advice: Advice, status: PatientStatus, today: date) -> Changed | None:
    """The task as its advice now has it; None when nothing is new."""
    gaps = _gap_marks(status)
    if _is_milder(task, advice) and _is_doubtful(task, status, gaps):
        return _held(task, status.read_at)
    is_same = task.topic == advice.topic and task.cause == advice.cause
    events = tuple(_differences(task, advice, status.read_at))
    away = task.away
    if away is not None and _is_over(task, advice, status, today):
        if not away.is_mark:
            events = (*events, TaskEvent(status.read_at, Event.CAME_BACK))
        away = None
    after = replace(
        task,
        plan=advice.plan,
        topic=advice.topic,
        title=advice.title,
        summary=advice.summary,
        urgency=advice.urgency,
        cause=advice.cause,
        act_by=advice.act_by,
        is_held=False,
        is_unasked=False,
        gaps=tuple(each for each in task.gaps if each in gaps) if is_same else gaps,
        away=away,
        state=_state(task, is_away=away is not None and not away.is_mark),
    )
    return None if after == task else _next(after, status.read_at, events)


def _is_milder(task: WorkTask, advice: Advice) -> bool:
    """Whether the advice asks for less than the task did, or for the same on a later day."""
    if task.urgency != advice.urgency:
        return _rank(advice.urgency) > _rank(task.urgency)
    return task.act_by is not None and (advice.act_by is None or advice.act_by > task.act_by)


def _is_doubtful(task: WorkTask, status: PatientStatus, gaps: tuple[str, ...]) -> bool:
    """Whether what is milder may be so only because less of the record was read than before."""
    if task.plan not in status.open_plans or _evidence(task, status) is not None:
        return False
    return not gaps or not set(gaps) <= set(task.gaps)


def _gap_marks(status: PatientStatus) -> tuple[str, ...]:
    """A short hash of each thing that could not be checked, as the tasks keep it."""
    lines = {each.encode("utf-8", "replace") for each in status.unchecked}
    return tuple(sorted(sha256(line).hexdigest()[:12] for line in lines))


def _held(task: WorkTask, at: datetime) -> Changed | None:
    if task.is_held:
        return None
    return _next(replace(task, is_held=True), at, (TaskEvent(at, Event.HELD_OPEN),))


def _differences(task: WorkTask, advice: Advice, at: datetime) -> Iterator[TaskEvent]:
    if task.topic != advice.topic or task.urgency != advice.urgency:
        is_worse = _rank(advice.urgency) < _rank(task.urgency)
        what = Event.ESCALATED if is_worse else Event.EASED
        yield TaskEvent(at, what, says=advice.title, on=advice.act_by)
    elif task.act_by != advice.act_by:
        yield TaskEvent(at, Event.ACT_BY_MOVED, on=advice.act_by)


def _is_over(task: WorkTask, advice: Advice, status: PatientStatus, today: date) -> bool:
    """Whether the waiting ends: its day has come, or what was set aside has changed.

    What somebody decided of advice that never waited stays as a mark while the advice is the same.
    """
    away = task.away
    if away is None:
        return False
    is_another = task.cause != advice.cause or task.topic != advice.topic
    if away.is_mark:
        return is_another
    was_read = away.until_read and status.read_at > away.since
    return (
        today >= away.until
        or (advice.act_by is not None and today >= advice.act_by)
        or is_another
        or advice.urgency == Urgency.CRITICAL
        or (was_read and advice.plan not in status.open_plans)
    )


def _state(task: WorkTask, *, is_away: bool) -> TaskState:
    if is_away:
        return TaskState.ON_HOLD
    return TaskState.ACCEPTED if task.owner else TaskState.REQUESTED


def _without_advice(
    by_kind: Mapping[str, WorkTask], advised: Mapping[str, Advice], status: PatientStatus
) -> Iterator[Changed]:
    """Tasks whose advice is gone: closed with the evidence, or held open where it is not sure."""
    at = status.read_at
    asked = {plan for plan, _ in status.plans}
    for kind, task in by_kind.items():
        if kind in advised:
            continue
        event = _evidence(task, status)
        if event is not None:
            yield _closed(task, TaskState.COMPLETED, at, event)
        elif task.plan in status.open_plans:
            if (held := _held(task, at)) is not None:
                yield held
        elif task.plan and task.plan not in (*asked, DATA_QUALITY):
            if not task.is_unasked:
                after = replace(task, is_held=True, is_unasked=True)
                yield _next(after, at, (TaskEvent(at, Event.PLAN_OFF),))
        else:
            yield _closed(task, TaskState.COMPLETED, at, TaskEvent(at, Event.NOT_ADVISED))


def _evidence(task: WorkTask, status: PatientStatus) -> TaskEvent | None:
    """What the record shows to have been done, if it shows it."""
    figures, at = status.figures, status.read_at
    is_sure = task.plan not in status.open_plans
    if task.kind == Kind.REFILL:
        if _is_newer(figures.last_fill, task):
            return TaskEvent(at, Event.REFILLED, on=figures.last_fill)
        # What was not read may be the alarm itself: a booking alone ends nothing critical then.
        is_calm = task.urgency != Urgency.CRITICAL
        in_time = is_calm and figures.alarm and figures.booked and figures.booked < figures.alarm
        if figures.booked and (is_sure or in_time):
            return TaskEvent(at, Event.BOOKED, on=figures.booked)
    if task.kind == Kind.BATTERY:
        if _is_newer(figures.implanted, task):
            return TaskEvent(at, Event.REPLACED, on=figures.implanted)
        if figures.replacement and is_sure:
            return TaskEvent(at, Event.BOOKED, on=figures.replacement)
    return None


def _is_newer(found: date | None, task: WorkTask) -> bool:
    """Whether it happened after what was known when the task was made.

    Where nothing was known then, perhaps because it could not be read, only what happened since
    the task was made is evidence: an old record that is read now was no news even then.
    """
    if found is None:
        return False
    return found >= task.made_at.date() if task.baseline is None else found > task.baseline


def _baseline(kind: str, status: PatientStatus) -> date | None:
    figures = status.figures
    return {Kind.REFILL.value: figures.last_fill, Kind.BATTERY.value: figures.implanted}.get(kind)


def _confirmed(open_ones: Iterable[WorkTask], status: PatientStatus) -> Iterator[Changed]:
    """Refills that were only told of, and are on record now."""
    fill = status.figures.last_fill
    for task in open_ones:
        if task.kind == Kind.CONFIRM_REFILL and fill and _is_confirmed_by(fill, task):
            event = TaskEvent(status.read_at, Event.REFILLED, on=fill)
            yield _closed(task, TaskState.COMPLETED, status.read_at, event)


def _is_confirmed_by(fill: date, task: WorkTask) -> bool:
    if task.stated_on is not None:
        is_new = task.baseline is None or fill > task.baseline
        return is_new and fill >= task.stated_on
    return _is_newer(fill, task)


def _to_confirm(
    tasks: Iterable[WorkTask], status: PatientStatus, stated: Iterable[StatedElsewhere]
) -> Iterator[Changed]:
    known = {task.cause for task in tasks if task.kind == Kind.CONFIRM_REFILL}
    fill = status.figures.last_fill
    for each in stated:
        if each.key in known or (each.on and fill and fill >= each.on):
            continue
        known.add(each.key)
        opening = Opening(Kind.CONFIRM_REFILL, each.key, stated_on=each.on, baseline=fill)
        yield opened(status.identity.patient_id, opening, status.read_at)


def _closed(task: WorkTask, state: TaskState, at: datetime, event: TaskEvent) -> Changed:
    return _next(replace(task, state=state, away=None, closed_at=at), at, (event,))


def _next(task: WorkTask, at: datetime, events: tuple[TaskEvent, ...]) -> Changed:
    # A person may have changed the task after the record was read; time does not run back.
    changed_at = max(task.changed_at, at)
    return Changed(replace(task, changed_at=changed_at, version=task.version + 1), events)


def _rank(urgency: str) -> int:
    return [each.value for each in URGENCIES].index(urgency)


def _id(patient_id: str, kind: str, key: str) -> str:
    """The same task has the same id in every process that makes it."""
    return str(uuid5(_IDS, f"{patient_id}\n{kind}\n{key}"))
