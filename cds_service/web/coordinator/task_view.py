"""What the pages of a task show: the advice behind it, its history, and what a reason does."""

from dataclasses import dataclass
from datetime import date

from cds_service.coordination.changes import Override, away_until, finished_until
from cds_service.coordination.kinds import OPENED_BY_PEOPLE
from cds_service.coordination.snoozing import SnoozeCap, snooze_cap
from cds_service.coordination.status import Advice
from cds_service.coordination.tasks import TaskEvent, WorkTask
from cds_service.fhir.identity import Identity
from cds_service.fhir.override_reasons import (
    BOOKED_ELSEWHERE,
    REFILLED_ELSEWHERE,
    snooze_reasons,
    worklist_reasons,
)
from cds_service.web.coordinator.desk import Desk


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of a task; of its words the reason's code apart, '' where there is none."""

    event: TaskEvent
    reason: str
    words: str


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task with the patient, the advice behind it (None when that is gone) and its history."""

    identity: Identity
    advice: Advice | None
    unchecked: tuple[str, ...]
    history: tuple[Happened, ...]
    is_own: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason to choose. `back_on` is when the task is back; None when it does not go away.

    `asks_day`: a day said with it is kept, and may move `back_on`.
    """

    code: str
    display: str
    back_on: date | None
    asks_day: bool = False


@dataclass(frozen=True, slots=True)
class PutAwayView:
    """A form that puts a task away: its reasons, and how long the task may wait.

    `finished_until` is the day until which it waits when it is said to be done; today: it does not.
    """

    task: TaskView
    reasons: tuple[Reason, ...]
    cap: SnoozeCap
    may_wait: bool
    finished_until: date


def task_view(desk: Desk, task: WorkTask) -> TaskView:
    """The view of a task. Raises StoreError."""
    kept = desk.store.work.status(task.patient_id)
    status = kept.status if kept else None
    advised = status.advice if status else ()
    return TaskView(
        identity=kept.identity if kept else Identity(task.patient_id, ""),
        advice=next((each for each in advised if each.kind == task.kind), None),
        unchecked=status.unchecked if status and task.kind == "unchecked" else (),
        history=tuple(happened(event) for event in desk.store.work.history(task.id)),
        is_own=task.kind in OPENED_BY_PEOPLE,
    )


def put_away_view(desk: Desk, task: WorkTask, how: str) -> PutAwayView:
    """The form of a task. Raises StoreError."""
    view, today = task_view(desk, task), desk.now().date()
    cap = snooze_cap(task, today, desk.thresholds)
    offered = snooze_reasons()
    if how == "override":
        has_offers = bool(view.advice and view.advice.offers)
        offered = worklist_reasons(task.topic, has_offers)
    reasons = tuple(
        Reason(
            each["code"],
            each["display"],
            _back_on(desk, task, each["code"], today),
            each["code"] in (REFILLED_ELSEWHERE, BOOKED_ELSEWHERE),
        )
        for each in offered
    )
    finished = finished_until(task, today, desk.thresholds)
    return PutAwayView(view, reasons, cap, cap.allows(today), finished)


def _back_on(desk: Desk, task: WorkTask, code: str, today: date) -> date | None:
    until = away_until(task, Override(code, desk.thresholds), today)
    return until if until > today else None


def happened(event: TaskEvent) -> Happened:
    """An event with its reason in words: it stands on the first line of what the event says."""
    if event.what not in ("snoozed", "overridden"):
        return Happened(event, "", event.says)
    code, _, words = event.says.partition("\n")
    return Happened(event, code, words)
