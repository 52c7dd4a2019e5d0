"""The weeks after an operation: each step with its days, and whether the record shows it done."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cds_service.guidance.plan import Plan, PlannedStep
from cds_service.therapy.calendar import add_days
from cds_service.therapy.evidence import Evidence
from cds_service.therapy.fact import Facts
from cds_service.therapy.record import PlannedActivity, RecoveryPlan, TherapyRecord


class StepState(StrEnum):
    """Where a step stands. `UNRECORDED`: its time has passed, and no record says whether."""

    DONE = "done"
    OVERDUE = "overdue"
    NOW = "now"
    AHEAD = "ahead"
    UNRECORDED = "unrecorded"


@dataclass(frozen=True, slots=True)
class RecoveryStep:
    """One step: from which day to which (None: until a clinician closes it)."""

    title: str
    description: str
    start: date
    end: date | None
    state: StepState
    is_restriction: bool = False


@dataclass(frozen=True, slots=True)
class RecoveryTimeline:
    """The steps after the latest operation, in the order of their days.

    `has_plan`: the steps are those of the care plans in the record (`evidence`); else those the
    plan proposes. `is_plan_unread`: whether there is a care plan could not be read.
    `last_day` is the day, counted from the operation, to which recovery is expected to take.
    """

    kind: str
    surgery: date
    today: date
    last_day: int
    steps: tuple[RecoveryStep, ...]
    has_plan: bool
    is_plan_unread: bool
    evidence: tuple[Evidence, ...]

    @property
    def day(self) -> int:
        """Days since the operation."""
        return (self.today - self.surgery).days


def recovery_timeline(
    record: TherapyRecord, facts: Facts, plan: Plan, today: date
) -> RecoveryTimeline | None:
    """The recovery that runs: inside its window, or while its care plan is open; else None."""
    surgery, kind = _day(facts, "recovery.surgeryDate"), facts.get("recovery.surgeryKind")
    expected = _day(facts, "recovery.expectedEnd")
    if surgery is None or expected is None or kind is None:
        return None
    is_open = facts["recovery.planOpen"].value is True
    if today > expected and not is_open:
        return None
    found = _of_this_surgery(record, facts)
    steps = _recorded(found, plan, surgery, today) if found else _proposed(plan, facts, today)
    return RecoveryTimeline(
        kind=str(kind.value),
        surgery=surgery,
        today=today,
        last_day=(expected - surgery).days,
        steps=tuple(sorted(steps, key=lambda step: (step.start, step.end or date.max))),
        has_plan=bool(found),
        is_plan_unread=facts["recovery.planExists"].is_missing,
        evidence=tuple(each.evidence for each in found),
    )


def _of_this_surgery(record: TherapyRecord, facts: Facts) -> list[RecoveryPlan]:
    """The care plans that the facts count for this operation."""
    proofs = set(facts["recovery.planExists"].evidence)
    return [each for each in record.recovery_plans if each.evidence in proofs]


def _recorded(
    found: Iterable[RecoveryPlan], plan: Plan, surgery: date, today: date
) -> Iterator[RecoveryStep]:
    known = {step.title: step for step in plan.steps}
    for care_plan in found:
        for activity in care_plan.activities:
            step = known.get(activity.title)
            yield RecoveryStep(
                title=activity.title,
                description=step.description if step else "",
                start=_start(activity, step, surgery),
                end=activity.window_end,
                state=_state(activity, _start(activity, step, surgery), care_plan.is_open, today),
                is_restriction=step is not None and step.is_restriction,
            )


def _start(activity: PlannedActivity, step: PlannedStep | None, surgery: date) -> date:
    if activity.window_start is not None:
        return activity.window_start
    return add_days(surgery, step.first_day) if step else surgery


def _state(activity: PlannedActivity, start: date, is_open: bool, today: date) -> StepState:
    if activity.is_closed or not is_open:
        return StepState.DONE
    if activity.window_end is not None and activity.window_end < today:
        return StepState.OVERDUE
    return StepState.AHEAD if start > today else StepState.NOW


def _proposed(plan: Plan, facts: Facts, today: date) -> Iterator[RecoveryStep]:
    """The plan's own steps that fit the operation; nothing says which of them were done."""
    surgery = _day(facts, "recovery.surgeryDate") or today
    for step in plan.steps:
        if step.condition is not None and step.condition.decide(facts) is False:
            continue
        start = add_days(surgery, step.first_day)
        end = None if step.last_day is None else add_days(surgery, step.last_day)
        state = StepState.AHEAD if start > today else StepState.NOW
        if end is not None and end < today:
            state = StepState.UNRECORDED
        yield RecoveryStep(step.title, step.description, start, end, state, step.is_restriction)


def _day(facts: Facts, name: str) -> date | None:
    fact = facts.get(name)
    return fact.value if fact is not None and isinstance(fact.value, date) else None
