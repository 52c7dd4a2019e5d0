"""The steps after an operation: what is done, what is late, and what nobody wrote down."""

from datetime import date

import pytest

from cds_service.app.plans import plans, plans_folder
from cds_service.assessment.recovery_timeline import (
    RecoveryTimeline,
    StepState,
    recovery_timeline,
)
from cds_service.therapy.record import PlannedActivity, RecoveryPlan, SurgeryKind, TherapyRecord
from tests.therapy.builders import a_surgery, a_therapy_record, facts_on, on, proof

PLAN = next(plan for plan in plans(plans_folder(), {}) if plan.id == "itb-recovery")
SURGERY = "2026-06-01"


def a_record(*activities: PlannedActivity, is_open: bool = True, **stated: object) -> TherapyRecord:
    plan = RecoveryPlan(on(SURGERY), is_open, activities, proof("CarePlan/plan"))
    surgeries = stated.pop("surgeries", (a_surgery(SURGERY),))
    care_plans = (plan,) if activities else ()
    return a_therapy_record(surgeries=surgeries, recovery_plans=care_plans, **stated)


def timeline_on(today: str, record: TherapyRecord) -> RecoveryTimeline | None:
    return recovery_timeline(record, facts_on(today, record), PLAN, date.fromisoformat(today))


def states(found: RecoveryTimeline | None) -> dict[str, StepState]:
    assert found is not None
    return {step.title: step.state for step in found.steps}


WOUND = PlannedActivity("Wound check, both wounds", date(2026, 6, 15), False, date(2026, 6, 11))


@pytest.mark.parametrize(
    ("today", "state"),
    [
        ("2026-06-10", StepState.AHEAD),
        ("2026-06-11", StepState.NOW),
        ("2026-06-15", StepState.NOW),
        ("2026-06-16", StepState.OVERDUE),
    ],
)
def test_a_step_of_the_care_plan_is_late_after_its_last_day(today: str, state: StepState):
    assert states(timeline_on(today, a_record(WOUND))) == {WOUND.title: state}


def test_a_step_that_was_closed_is_done():
    closed = PlannedActivity(WOUND.title, WOUND.window_end, True)
    found = timeline_on("2026-07-01", a_record(closed))

    assert found is not None
    assert (found.has_plan, found.day) == (True, 30)
    # The care plan names no first day: day 10 after surgery is the plan's own.
    assert [(step.state, step.start) for step in found.steps] == [
        (StepState.DONE, date(2026, 6, 11))
    ]


def test_without_a_care_plan_no_step_is_called_done():
    found = timeline_on("2026-07-01", a_record())

    assert found is not None
    assert (found.has_plan, found.is_plan_unread) == (False, False)
    told = states(found)
    assert told["Wound check, both wounds"] is StepState.UNRECORDED
    assert told["No strenuous activity; plenty of rest"] is StepState.NOW
    assert told["All clear by a clinician"] is StepState.AHEAD
    assert StepState.DONE not in told.values()


def test_care_plans_that_could_not_be_read_are_not_taken_for_none():
    found = timeline_on("2026-07-01", a_record(unread={"carePlans": "time-out"}))

    assert found is not None
    assert found.is_plan_unread


def test_steps_that_do_not_fit_the_operation_are_left_out():
    replaced = a_record(surgeries=(a_surgery(SURGERY, SurgeryKind.REPLACEMENT),))
    told = states(timeline_on("2026-06-02", replaced))

    assert "Going home after a pump replacement" in told
    assert "Hospital stay after a new or revised system" not in told


@pytest.mark.parametrize(
    ("today", "record", "runs"),
    [
        pytest.param("2026-07-27", a_record(), True, id="day 56"),
        pytest.param("2026-07-28", a_record(), False, id="day 57"),
        pytest.param("2026-07-28", a_record(WOUND), True, id="day 57, care plan open"),
        pytest.param("2026-07-28", a_record(WOUND, is_open=False), False, id="care plan closed"),
        pytest.param("2026-07-01", a_record(surgeries=()), False, id="no operation"),
    ],
)
def test_a_recovery_runs_eight_weeks_or_until_its_care_plan_is_closed(
    today: str, record: TherapyRecord, runs: bool
):
    assert (timeline_on(today, record) is not None) is runs
