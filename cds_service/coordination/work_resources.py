"""Tasks and statuses in the words of FHIR: what other systems read of the coordinator's work."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from cds_service.coordination.kinds import Kind
from cds_service.coordination.lanes import Freshness, freshness_of
from cds_service.coordination.status import KeptStatus
from cds_service.coordination.tasks import Event, PutAway, TaskEvent, TaskState, WorkTask
from cds_service.fhir.work_task import (
    Json,
    PlanForm,
    Said,
    TaskForm,
    care_plan_resource,
    task_resource,
)
from cds_service.therapy.calendar import day_text

KIND_WORDS: Mapping[str, str] = {
    Kind.UNCHECKED.value: "Find out what could not be checked",
    Kind.CONFIRM_REFILL.value: "Confirm the refill done elsewhere",
    Kind.DATA_PROBLEM.value: "Correct the record",
    Kind.OTHER.value: "Other work",
}
"""What a task is called that has no advice to be called by."""

_ENDINGS = {
    Event.REFILLED: "Refill on record",
    Event.BOOKED: "Visit booked",
    Event.REPLACED: "Replacement on record",
    Event.NOT_ADVISED: "No longer advised",
    Event.DECEASED: "Patient recorded as deceased",
    Event.DONE: "Done, as a person said",
    Event.CANCELLED: "Not needed, as a person said",
}
_WAITS = {
    PutAway.SNOOZED: "Put off",
    PutAway.OVERRIDDEN: "Advice set aside",
    PutAway.SAID_DONE: "Said to be done, not on record yet",
}


def words_of(task: WorkTask) -> str:
    """What the task is called."""
    return task.title or KIND_WORDS.get(task.kind, task.kind)


def fhir_task(
    task: WorkTask, history: Sequence[TaskEvent], plans: Mapping[str, str], today: date
) -> Json:
    """The task as a FHIR Task. `plans` maps ids of plans to canonical URLs."""
    return task_resource(
        TaskForm(
            id=task.id,
            version=task.version,
            patient_id=task.patient_id,
            status=state_on(task, today).value,
            urgency=task.urgency,
            description=task.summary or words_of(task),
            authored_on=task.made_at,
            last_modified=max(task.changed_at, task.made_at),
            topic=(task.topic, task.title) if task.topic else ("", ""),
            words=words_of(task),
            plan_url=plans.get(task.plan, ""),
            owner=task.owner,
            until=_until(task),
            business_status=_business_status(task, history, today),
            reason=_reason(task, history, today),
            notes=[_said(event) for event in history if event.what is Event.COMMENTED],
            outcome=_outcome(task, history),
        )
    )


def state_on(task: WorkTask, today: date) -> TaskState:
    """The state as of a day: what waited until that day waits no more, read again or not."""
    if task.state is not TaskState.ON_HOLD or task.is_away(today):
        return task.state
    return TaskState.ACCEPTED if task.owner else TaskState.REQUESTED


def fhir_care_plan(
    kept: KeptStatus, tasks: Iterable[WorkTask], plans: Mapping[str, str], now: datetime
) -> Json:
    """What the plans of the therapy ask for now, and the tasks it has led to, as a FHIR CarePlan.

    A status too old to be believed gives a CarePlan of unknown status.
    """
    status = kept.status
    freshness = freshness_of(status.read_at if status else None, now)
    open_tasks = [task for task in tasks if task.state.is_open]
    asked = status.plans if status else ()
    return care_plan_resource(
        PlanForm(
            patient_id=kept.identity.patient_id,
            status=_plan_status(kept, freshness),
            title="Intrathecal baclofen therapy: the coordinator's work",
            description=_description(kept, freshness),
            read_at=status.read_at if status else None,
            plans=[f"{plans[plan]}|{version}" for plan, version in asked if plan in plans],
            task_ids=[task.id for task in open_tasks],
            notes=[Said(text, kept.tried_at) for text in _gaps(kept)],
        )
    )


def _plan_status(kept: KeptStatus, freshness: Freshness) -> str:
    if kept.identity.is_deceased:
        return "revoked"
    return "active" if freshness.is_known else "unknown"


def _until(task: WorkTask) -> date | None:
    return min((day for day in (task.act_by, task.due) if day), default=None)


def _business_status(task: WorkTask, history: Sequence[TaskEvent], today: date) -> str:
    if not task.state.is_open:
        words, on = _outcome(task, history)
        return f"{words}: {day_text(on)}" if on else words
    told = []
    if task.is_held:
        told.append("Held open: the record could not be read well enough to close it")
    if task.away is not None:
        until = f" until {day_text(task.away.until)}" if task.is_away(today) else ""
        until = ", but the task stays" if task.mark else until
        told.append(f"{_WAITS[task.away.how]}{until}")
    return "; ".join(told)


def _reason(task: WorkTask, history: Sequence[TaskEvent], today: date) -> str:
    if task.away is not None and task.is_away(today):
        return task.away.reason
    return _outcome(task, history)[0] if task.state is TaskState.CANCELLED else ""


def _outcome(task: WorkTask, history: Sequence[TaskEvent]) -> tuple[str, date | None]:
    """What ended the task, and the day of the evidence if there is one."""
    if task.state.is_open:
        return "", None
    ended = [event for event in history if event.what in _ENDINGS]
    return (_ENDINGS[ended[-1].what], ended[-1].on) if ended else ("Closed", None)


def _said(event: TaskEvent) -> Said:
    return Said(event.says, event.at, event.who)


def _description(kept: KeptStatus, freshness: Freshness) -> str:
    if kept.identity.is_deceased:
        return "The patient is recorded as deceased."
    if kept.status is None:
        return "The record was never read: nothing is known."
    day = day_text(kept.status.read_at.date())
    if not freshness.is_known:
        return f"The record could not be read since {day}: what stands now is not known."
    return f"As of the record read on {day}."


def _gaps(kept: KeptStatus) -> list[str]:
    told = [f"Could not check: {line}" for line in (kept.status.unchecked if kept.status else ())]
    return [f"The record could not be read: {kept.failure}", *told] if kept.failure else told
