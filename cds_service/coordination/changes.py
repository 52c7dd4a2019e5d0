"""What people do to a task, and what becomes of it. Reasons have their effects here."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from cds_service.coordination.kinds import OPENED_BY_PEOPLE, Kind
from cds_service.coordination.reconciling import Opening
from cds_service.coordination.snoozing import Thresholds, snooze_cap
from cds_service.coordination.tasks import (
    Away,
    Changed,
    Event,
    PutAway,
    TaskEvent,
    TaskState,
    WorkTask,
)
from cds_service.errors import ChangeRefusedError
from cds_service.fhir.override_reasons import (
    BOOKED_ELSEWHERE,
    DATA_WRONG,
    PUMP_REMOVED,
    REFILLED_ELSEWHERE,
    WRONG_RECIPIENT,
    WRONG_TIME,
    reason_is_known,
    snooze_threshold,
)
from cds_service.therapy.calendar import add_days

LONGEST_COMMENT = 4000
ACTION_COMPLETED = "action-completed"


@dataclass(frozen=True, slots=True)
class Assign:
    """Give the task to a person (an id), or with '' to nobody."""

    owner: str


@dataclass(frozen=True, slots=True)
class MoveDue:
    """Set the day by which the owner wants it done, or with None take it away."""

    due: date | None


@dataclass(frozen=True, slots=True)
class Comment:
    """Say something about the task."""

    says: str


@dataclass(frozen=True, slots=True)
class Snooze:
    """Let the task wait until a day, not later than `snooze_cap` allows."""

    until: date
    reason: str
    thresholds: Thresholds
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Override:
    """Set the advice aside for a reason; `on` is the day a refill or visit is said to be on."""

    reason: str
    thresholds: Thresholds
    comment: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Finish:
    """Say that it is done. Advice still stands until the record shows it."""

    thresholds: Thresholds
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Cancel:
    """End work that people opened and that is not needed."""

    comment: str = ""


@dataclass(frozen=True, slots=True)
class Return:
    """End the waiting."""


Change = Assign | MoveDue | Comment | Snooze | Override | Finish | Cancel | Return


@dataclass(frozen=True, slots=True)
class Outcome:
    """The task after a change, and the work that follows from it."""

    changed: Changed
    opens: Opening | None = None


def changed(task: WorkTask, change: Change, who: str, at: datetime) -> Outcome:
    """What becomes of an open task. `at` is aware, in the site's zone: its date is today.

    Raises ChangeRefusedError when the task is closed, or the change is not allowed; nothing is
    lost then, and the text says why.
    """
    if not task.state.is_open:
        raise _refused("closed")
    doing: Callable[[WorkTask, Change, datetime], _Effect] = _EFFECTS[type(change)]
    effect = doing(task, change, at)
    event = replace(effect.event, who=who)
    away = effect.task.away
    if away is not None and away is not task.away:
        away = replace(away, who=who)
    after = replace(effect.task, away=away, changed_at=at, version=task.version + 1)
    return Outcome(Changed(_in_state(after, at.date()), (event,)), effect.opens)


_REFUSALS = {
    "closed": "The task is closed. Open a new one if there is more to do.",
    "empty": "The comment is empty. Write one.",
    "no-reason": "A reason is needed. Choose one.",
    "not-snoozable": "This task may not be snoozed: it has to be acted on now.",
    "too-late": "This task may not wait so long. Choose an earlier day.",
    "too-early": "A snooze ends after today. Choose a later day.",
    "before-last-fill": (
        "The record has a refill of that day or a later one already. Check the date and its year."
    ),
    "in-future": "A refill that was done cannot lie in the future. Check its date.",
    "advised": "Advice stands behind this task. Override it, with a reason.",
    "no-comment": "Say in the comment why the task is not needed.",
}


def _refused(why: str) -> ChangeRefusedError:
    return ChangeRefusedError(why, _REFUSALS[why])


def is_repeat(change: Change, last: TaskEvent, who: str) -> bool:
    """Whether the last thing that happened to a task is this very change by this person."""
    what, says, on = _TOLD[type(change)](change)
    # The service itself works out when work said to be done is back.
    same_day = isinstance(change, Finish) or on == last.on
    return who == last.who and last.what in what and says == last.says and same_day


@dataclass(frozen=True, slots=True)
class _Effect:
    task: WorkTask
    event: TaskEvent
    opens: Opening | None = None


def _in_state(task: WorkTask, today: date) -> WorkTask:
    """The task in the state that follows from what is known of it."""
    if not task.state.is_open:
        return task
    state = TaskState.ACCEPTED if task.owner else TaskState.REQUESTED
    return replace(task, state=TaskState.ON_HOLD if task.is_away(today) else state)


def _assign(task: WorkTask, change: Assign, at: datetime) -> _Effect:
    event = TaskEvent(at, Event.OWNED, says=change.owner)
    return _Effect(replace(task, owner=change.owner), event)


def _move_due(task: WorkTask, change: MoveDue, at: datetime) -> _Effect:
    return _Effect(replace(task, due=change.due), TaskEvent(at, Event.DUE_MOVED, on=change.due))


def _comment(task: WorkTask, change: Comment, at: datetime) -> _Effect:
    says = tidy(change.says)
    if not says:
        raise _refused("empty")
    return _Effect(task, TaskEvent(at, Event.COMMENTED, says=says))


def _snooze(task: WorkTask, change: Snooze, at: datetime) -> _Effect:
    today = at.date()
    if not reason_is_known(change.reason):
        raise _refused("no-reason")
    cap = snooze_cap(task, today, change.thresholds)
    if not cap.allows(today):
        raise _refused("not-snoozable")
    if change.until <= today:
        raise _refused("too-early")
    if change.until > cap.until:
        raise _refused("too-late")
    away = Away(PutAway.SNOOZED, change.until, at, change.reason, tidy(change.comment))
    event = TaskEvent(at, Event.SNOOZED, says=_why(change.reason, change.comment), on=change.until)
    return _Effect(replace(task, away=away), event)


def _override(task: WorkTask, change: Override, at: datetime) -> _Effect:
    today = at.date()
    if not reason_is_known(change.reason):
        raise _refused("no-reason")
    if change.reason == REFILLED_ELSEWHERE and change.on is not None and change.on > today:
        raise _refused("in-future")
    if change.reason == REFILLED_ELSEWHERE and _is_before_last_fill(task, change.on):
        raise _refused("before-last-fill")
    comment = tidy(change.comment)
    until = away_until(task, change, today)
    away = Away(
        PutAway.OVERRIDDEN,
        until,
        at,
        change.reason,
        comment,
        until_read=change.reason == PUMP_REMOVED,
        on=change.on,
    )
    owner = "" if change.reason == WRONG_RECIPIENT else task.owner
    event = TaskEvent(at, Event.OVERRIDDEN, says=_why(change.reason, comment), on=change.on)
    return _Effect(replace(task, away=away, owner=owner), event, _opens(task, change))


def _is_before_last_fill(task: WorkTask, on: date | None) -> bool:
    return on is not None and task.baseline is not None and on <= task.baseline


def _opens(task: WorkTask, change: Override) -> Opening | None:
    key, says = f"{task.id} {task.version}", tidy(change.comment)
    if change.reason == REFILLED_ELSEWHERE:
        return Opening(Kind.CONFIRM_REFILL, key, says, stated_on=change.on, baseline=task.baseline)
    return Opening(Kind.DATA_PROBLEM, key, says) if change.reason == DATA_WRONG else None


def away_until(task: WorkTask, change: Override, today: date) -> date:
    """The day on which an overridden task is back; today when it does not go away at all."""
    if change.reason in (DATA_WRONG, WRONG_RECIPIENT, WRONG_TIME):
        return today
    cap = snooze_cap(task, today, change.thresholds).until
    if change.reason == PUMP_REMOVED:
        return cap
    days = int(change.thresholds[snooze_threshold(change.reason)])
    wanted = add_days(today, days)
    if change.reason == BOOKED_ELSEWHERE and change.on is not None:
        wanted = change.on
    return max(today, min(wanted, cap))


def _finish(task: WorkTask, change: Finish, at: datetime) -> _Effect:
    comment, today = tidy(change.comment), at.date()
    if task.kind in OPENED_BY_PEOPLE or task.is_unasked:
        return _closed(task, TaskState.COMPLETED, TaskEvent(at, Event.DONE, says=comment))
    until = finished_until(task, today, change.thresholds)
    away = Away(PutAway.SAID_DONE, until, at, ACTION_COMPLETED, comment)
    return _Effect(replace(task, away=away), TaskEvent(at, Event.SAID_DONE, says=comment, on=until))


def finished_until(task: WorkTask, today: date, thresholds: Thresholds) -> date:
    """The day until which a task said to be done waits for the record; today: it does not wait."""
    days = int(thresholds[snooze_threshold(ACTION_COMPLETED)])
    return min(add_days(today, days), snooze_cap(task, today, thresholds).until)


def _cancel(task: WorkTask, change: Cancel, at: datetime) -> _Effect:
    if task.kind not in OPENED_BY_PEOPLE:
        raise _refused("advised")
    comment = tidy(change.comment)
    if not comment:
        raise _refused("no-comment")
    return _closed(task, TaskState.CANCELLED, TaskEvent(at, Event.CANCELLED, says=comment))


def _return(task: WorkTask, _: Return, at: datetime) -> _Effect:
    return _Effect(replace(task, away=None), TaskEvent(at, Event.CAME_BACK))


def _closed(task: WorkTask, state: TaskState, event: TaskEvent) -> _Effect:
    return _Effect(replace(task, state=state, away=None, closed_at=event.at), event)


_EFFECTS: dict[type, Callable[..., _Effect]] = {
    Assign: _assign,
    MoveDue: _move_due,
    Comment: _comment,
    Snooze: _snooze,
    Override: _override,
    Finish: _finish,
    Cancel: _cancel,
    Return: _return,
}


_Told = tuple[tuple[Event, ...], str, date | None]
_TOLD: dict[type, Callable[..., _Told]] = {
    Assign: lambda change: ((Event.OWNED,), change.owner, None),
    MoveDue: lambda change: ((Event.DUE_MOVED,), "", change.due),
    Comment: lambda change: ((Event.COMMENTED,), tidy(change.says), None),
    Snooze: lambda change: (
        (Event.SNOOZED,),
        _why(change.reason, change.comment),
        change.until,
    ),
    Override: lambda change: (
        (Event.OVERRIDDEN,),
        _why(change.reason, change.comment),
        change.on,
    ),
    Finish: lambda change: ((Event.DONE, Event.SAID_DONE), tidy(change.comment), None),
    Cancel: lambda change: ((Event.CANCELLED,), tidy(change.comment), None),
    Return: lambda _: ((Event.CAME_BACK,), "", None),
}
"""The event that each change leaves: what, says, and its day where the change names it."""


def tidy(text: str) -> str:
    """A person's words without control characters and outer blanks, and not without end."""
    kept = (mark if mark.isprintable() or mark == "\n" else " " for mark in text)
    return "".join(kept).strip()[:LONGEST_COMMENT]


def _why(reason: str, comment: str) -> str:
    """The reason's code and, on the lines after it, the comment."""
    return f"{reason}\n{tidy(comment)}".strip()
