"""What a new reading of the record does to a patient's tasks."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds_service.coordination.changes import Assign, Finish, Override, Snooze, changed
from cds_service.coordination.kinds import OPENED_BY_PEOPLE, Kind
from cds_service.coordination.reconciling import StatedElsewhere, reconcile
from cds_service.coordination.status import Advice, Figures, PatientStatus
from cds_service.coordination.tasks import Event, TaskState, WorkTask
from cds_service.errors import ChangeRefusedError
from cds_service.fhir.identity import Identity
from tests.coordination.builders import (
    ALARM,
    BATTERY_PLAN,
    CONFLICT,
    FILLED,
    NOW,
    PLANS,
    REFILL_DUE,
    REFILL_OVERDUE,
    THRESHOLDS,
    TODAY,
    a_status,
    a_task,
)

REFILLED_ON = date(2026, 11, 21)
DONE = Figures(last_fill=REFILLED_ON, alarm=date(2027, 3, 1))
BOOKED = Figures(last_fill=FILLED, alarm=ALARM, booked=date(2026, 11, 25))
GAP = ("Pump readings: not read",)
OPEN = ("itb-refill", "itb-battery", "itb-data-quality")


def taken_in(
    tasks: Sequence[WorkTask], status: PatientStatus, today: date = TODAY, stated: Any = ()
) -> tuple[list[WorkTask], list[Event]]:
    """The tasks after a reading, and what happened."""
    changes = reconcile(tasks, status, today, stated)
    by_id = {task.id: task for task in tasks} | {each.task.id: each.task for each in changes}
    return list(by_id.values()), [event.what for each in changes for event in each.events]


def test_each_family_of_advice_is_one_task():
    status = a_status(advice=(REFILL_DUE, replace(REFILL_DUE, cause="c9"), CONFLICT))

    tasks, _ = taken_in([], status)

    assert sorted(task.kind for task in tasks) == ["data-conflict", "refill"]
    refill = next(task for task in tasks if task.kind == "refill")
    assert (refill.act_by, refill.baseline, refill.state) == (ALARM, FILLED, TaskState.REQUESTED)


def test_an_old_fill_read_late_is_no_evidence_for_a_task_made_while_fills_were_unread():
    made_blind = a_task(baseline=None, made_at=NOW, urgency="critical")
    read_late = a_status(figures=Figures(last_fill=FILLED), unchecked=GAP, open_plans=OPEN)

    tasks, events = taken_in([made_blind], read_late)

    assert Event.HELD_OPEN in events
    assert Event.REFILLED not in events
    assert tasks[0].state.is_open
    refilled = a_status(figures=Figures(last_fill=TODAY), unchecked=GAP, open_plans=OPEN)
    assert Event.REFILLED in taken_in([made_blind], refilled)[1]


def test_what_somebody_decided_of_a_critical_stays_marked_while_the_advice_is_the_same():
    made, _ = taken_in([], a_status(advice=(REFILL_OVERDUE,)))
    override = Override("patient-refuses", THRESHOLDS, "asked twice")
    set_aside = changed(made[0], override, "kc", NOW).changed.task
    later = NOW + timedelta(days=2)

    tasks, events = taken_in(
        [set_aside], a_status(advice=(REFILL_OVERDUE,), read_at=later), later.date()
    )
    assert (tasks, events) == ([set_aside], [])
    assert tasks[0].mark is not None

    another = replace(REFILL_OVERDUE, cause="c3")
    tasks, events = taken_in([set_aside], a_status(advice=(another,), read_at=later), later.date())
    assert tasks[0].mark is None
    # It never waited, so it does not come back either.
    assert events == []
    assert tasks[0].state is TaskState.REQUESTED


def test_advice_that_escalates_escalates_its_task_in_place():
    tasks, _ = taken_in([a_task(owner="kc")], a_status(advice=(REFILL_OVERDUE,)))

    (task,) = tasks
    assert (task.id, task.topic, task.urgency, task.owner) == (
        "t1",
        "itbRefillOverdue",
        "critical",
        "kc",
    )
    assert taken_in([a_task()], a_status(advice=(REFILL_OVERDUE,)))[1] == [Event.ESCALATED]
    assert taken_in(tasks, a_status(advice=(REFILL_DUE,)))[1] == [Event.EASED]


EVIDENCE = {
    "a refill on record": (a_status(figures=DONE), Event.REFILLED, REFILLED_ON),
    "a refill on record, the rest unread": (
        a_status(figures=DONE, unchecked=GAP, open_plans=OPEN),
        Event.REFILLED,
        REFILLED_ON,
    ),
    "a visit booked": (a_status(figures=BOOKED), Event.BOOKED, date(2026, 11, 25)),
    "a visit booked in time, the rest unread": (
        a_status(figures=BOOKED, unchecked=GAP, open_plans=OPEN),
        Event.BOOKED,
        date(2026, 11, 25),
    ),
    "the advice is gone, all read": (a_status(), Event.NOT_ADVISED, None),
}


@pytest.mark.parametrize(("status", "what", "on"), EVIDENCE.values(), ids=EVIDENCE.keys())
def test_a_task_closes_by_itself_and_says_on_which_evidence(
    status: PatientStatus, what: Event, on: date | None
):
    closing = next(each for each in reconcile([a_task()], status, TODAY) if each.task.id == "t1")

    assert closing.task.state is TaskState.COMPLETED
    assert [(event.what, event.on) for event in closing.events] == [(what, on)]


def test_a_replacement_closes_the_batterys_task():
    task = a_task(kind="battery", plan="itb-battery", baseline=date(2019, 3, 1))
    status = a_status(figures=Figures(implanted=date(2026, 11, 10)))

    (closing,) = reconcile([task], status, TODAY)

    assert [(event.what, event.on) for event in closing.events] == [
        (Event.REPLACED, date(2026, 11, 10))
    ]


def test_no_task_closes_because_something_could_not_be_read():
    unsure = a_status(unchecked=GAP, open_plans=OPEN, figures=Figures())

    tasks, events = taken_in([a_task()], unsure)

    held = next(task for task in tasks if task.id == "t1")
    assert (held.state, held.is_held) == (TaskState.REQUESTED, True)
    assert Event.HELD_OPEN in events
    assert taken_in(tasks, unsure)[1] == []
    back, _ = taken_in(tasks, a_status(advice=(REFILL_DUE,)))
    assert not next(task for task in back if task.id == "t1").is_held


def test_a_record_that_could_not_be_read_at_all_changes_nothing():
    assert reconcile([a_task()], a_status(failure="no answer"), TODAY) == ()


def test_a_booking_after_the_alarm_closes_nothing_while_something_is_unread():
    late = Figures(last_fill=FILLED, alarm=ALARM, booked=date(2026, 12, 3))
    unsure = a_status(figures=late, unchecked=GAP, open_plans=OPEN)

    assert taken_in([a_task()], unsure)[0][0].is_held


def test_a_booking_closes_nothing_critical_while_something_is_unread():
    unsure = a_status(figures=BOOKED, unchecked=GAP, open_plans=OPEN)
    overdue = a_task(urgency="critical", topic="itbRefillOverdue", act_by=None)

    assert taken_in([overdue], unsure)[0][0].is_held
    assert Event.BOOKED in taken_in([a_task()], unsure)[1]


MILDER = {
    "less urgent": replace(REFILL_DUE, urgency="warning", act_by=None, cause="c7"),
    "information": replace(REFILL_DUE, urgency="info", act_by=ALARM, cause="c7"),
}


@pytest.mark.parametrize("milder", MILDER.values(), ids=MILDER.keys())
def test_a_reading_with_new_gaps_makes_nothing_milder(milder: Advice):
    tasks, _ = taken_in([], a_status(advice=(REFILL_OVERDUE,)))
    unsure = a_status(advice=(milder,), unchecked=GAP, open_plans=OPEN)

    held, events = taken_in(tasks, unsure)

    kept = next(task for task in held if task.kind == "refill")
    assert (kept.urgency, kept.topic, kept.is_held) == ("critical", "itbRefillOverdue", True)
    assert Event.HELD_OPEN in events
    assert Event.EASED not in events
    assert taken_in(held, unsure)[1] == []
    eased, events = taken_in(held, a_status(advice=(milder,)))
    assert Event.EASED in events
    assert not next(task for task in eased if task.kind == "refill").is_held


def test_a_later_day_is_not_believed_of_a_reading_with_new_gaps():
    later = replace(REFILL_DUE, act_by=ALARM + timedelta(days=1), cause="c7")
    unsure = a_status(advice=(later,), unchecked=GAP, open_plans=OPEN)

    assert taken_in([a_task()], unsure)[0][0].act_by == ALARM


def test_gaps_that_were_there_before_do_not_keep_what_a_record_has_eased():
    always: dict[str, Any] = {"unchecked": GAP, "open_plans": OPEN}
    tasks, _ = taken_in([], a_status(advice=(REFILL_OVERDUE,), **always))

    eased, events = taken_in(tasks, a_status(advice=(MILDER["information"],), **always))

    assert Event.EASED in events
    assert next(task for task in eased if task.kind == "refill").urgency == "info"


def test_a_recorded_refill_eases_whatever_else_is_unread():
    tasks, _ = taken_in([], a_status(advice=(REFILL_OVERDUE,)))
    refilled = a_status(
        advice=(MILDER["information"],), figures=DONE, unchecked=GAP, open_plans=OPEN
    )

    assert Event.EASED in taken_in(tasks, refilled)[1]


def test_a_plan_switched_off_closes_nothing_by_itself():
    off = a_status(plans=PLANS[1:])

    held, events = taken_in([a_task(urgency="critical")], off)

    assert events == [Event.PLAN_OFF]
    assert held[0].state.is_open
    assert taken_in(held, off)[1] == []
    assert taken_in(held, replace(off, figures=DONE))[1] == [Event.REFILLED]
    back, _ = taken_in(held, a_status(advice=(REFILL_OVERDUE,)))
    assert not back[0].is_held
    assert not back[0].is_unasked


def test_urgent_advice_without_a_day_is_not_put_off_to_the_day_of_milder_advice():
    undated = replace(REFILL_DUE, act_by=None)
    dated = replace(REFILL_DUE, urgency="info", act_by=date(2027, 3, 1), cause="c8")

    tasks, _ = taken_in([], a_status(advice=(undated, dated)))

    assert (tasks[0].urgency, tasks[0].act_by) == ("warning", None)


def test_an_old_fill_confirms_no_refill_that_was_told_of():
    told = a_task(kind="confirm-refill", plan="", stated_on=date(2025, 11, 20), baseline=FILLED)

    assert taken_in([told], a_status())[1] == []
    assert taken_in([told], a_status(figures=DONE))[1] == [Event.REFILLED]


def test_what_is_booked_in_time_is_no_work():
    arranged = replace(REFILL_DUE, urgency="info", offers=(), is_arranged=True)

    assert reconcile([], a_status(advice=(arranged,), figures=BOOKED), TODAY) == ()


def test_the_next_cycle_is_a_new_task():
    tasks, _ = taken_in([a_task()], a_status(figures=DONE))
    tasks, events = taken_in(
        tasks, a_status(advice=(REFILL_DUE,), figures=DONE, read_at=NOW + timedelta(days=90))
    )

    assert events == [Event.MADE]
    assert [task.state for task in tasks] == [TaskState.COMPLETED, TaskState.REQUESTED]
    assert tasks[1].baseline == REFILLED_ON


def test_the_death_of_a_patient_ends_the_work():
    dead = a_status(identity=Identity("p1", "Ada", is_deceased=True))

    tasks, events = taken_in([a_task(), a_task(id="t2", kind="other")], dead)

    assert {task.state for task in tasks} == {TaskState.CANCELLED}
    assert events == [Event.DECEASED, Event.DECEASED]


def snoozed(until: date = date(2026, 11, 28)) -> WorkTask:
    snooze = Snooze(until, "need-more-info", THRESHOLDS)
    return changed(a_task(), snooze, "kc", NOW).changed.task


ENDS = {
    "its day": (REFILL_DUE, date(2026, 11, 28)),
    "a new cause": (replace(REFILL_DUE, cause="c2"), TODAY),
    "escalation": (REFILL_OVERDUE, TODAY),
    "an earlier day to act": (replace(REFILL_DUE, act_by=TODAY), TODAY),
}


@pytest.mark.parametrize(("advice", "today"), ENDS.values(), ids=ENDS.keys())
def test_a_snooze_ends_with(advice: Any, today: date):
    tasks, events = taken_in([snoozed()], a_status(advice=(advice,)), today)

    assert (tasks[0].away, tasks[0].state) == (None, TaskState.REQUESTED)
    assert Event.CAME_BACK in events


def test_a_snooze_lasts_while_nothing_changes():
    assert reconcile([snoozed()], a_status(advice=(REFILL_DUE,)), TODAY) == ()


def test_a_pump_said_to_be_removed_is_looked_at_again_with_the_next_full_reading():
    override = Override("pump-removed", THRESHOLDS)
    away = changed(a_task(), override, "kc", NOW).changed.task
    later = NOW + timedelta(hours=1)

    assert reconcile([away], a_status(advice=(REFILL_DUE,)), TODAY) == ()
    unsure = a_status(advice=(REFILL_DUE,), read_at=later, open_plans=OPEN)
    assert reconcile([away], unsure, TODAY) == ()
    sure = a_status(advice=(REFILL_DUE,), read_at=later)
    assert taken_in([away], sure)[1] == [Event.CAME_BACK]


def test_gaps_are_one_task_that_ends_when_all_is_read():
    tasks, events = taken_in([], a_status(unchecked=GAP, open_plans=OPEN))

    assert ([task.kind for task in tasks], events) == (["unchecked"], [Event.MADE])
    assert taken_in(tasks, a_status())[1] == [Event.NOT_ADVISED]


STATED = [StatedElsewhere("k1", date(2026, 11, 20)), StatedElsewhere("k2", None)]


def test_a_refill_that_was_only_told_of_is_confirmed_by_its_record():
    tasks, _ = taken_in([], a_status(), stated=STATED)
    assert [(task.kind, task.stated_on) for task in tasks] == [
        (Kind.CONFIRM_REFILL, date(2026, 11, 20)),
        (Kind.CONFIRM_REFILL, None),
    ]
    assert taken_in(tasks, a_status(), stated=STATED)[1] == []

    tasks, events = taken_in(tasks, a_status(figures=DONE), stated=STATED)

    assert events == [Event.REFILLED, Event.REFILLED]
    assert taken_in(tasks, a_status(figures=DONE), stated=STATED)[1] == []


def test_a_refill_on_record_already_need_not_be_confirmed():
    assert taken_in([], a_status(figures=DONE), stated=STATED[:1])[0] == []


ADVICE = st.lists(
    st.sampled_from([REFILL_DUE, REFILL_OVERDUE, CONFLICT, BATTERY_PLAN]), max_size=3
).map(tuple)
STATUSES = st.builds(
    a_status,
    advice=ADVICE,
    unchecked=st.sampled_from([(), GAP]),
    open_plans=st.sampled_from([(), OPEN]),
    figures=st.sampled_from([Figures(last_fill=FILLED), DONE, BOOKED]),
    failure=st.sampled_from(["", "", "", "no answer"]),
)
PEOPLE = st.sampled_from(
    [
        Assign("kc"),
        Snooze(date(2026, 11, 26), "need-more-info", THRESHOLDS),
        Override("refilled-elsewhere", THRESHOLDS, on=REFILLED_ON),
        Override("cds-not-applicable", THRESHOLDS),
        Finish(THRESHOLDS),
    ]
)
STEPS = st.lists(st.tuples(STATUSES, st.one_of(st.none(), PEOPLE)), min_size=1, max_size=8)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_whatever_happens_in_whatever_order(steps: Any):
    tasks: list[WorkTask] = []
    for hours, (status, change) in enumerate(steps):
        read = replace(status, read_at=NOW + timedelta(hours=hours))
        tasks, _ = taken_in(tasks, read)
        assert taken_in(tasks, read)[1] == [], "a repeat, as after a crash, does nothing"
        if not read.failure:
            _mirrors(tasks, read)
        open_ones = [task for task in tasks if task.state.is_open]
        if change is not None and open_ones:
            try:
                task = changed(open_ones[0], change, "kc", read.read_at).changed.task
            except ChangeRefusedError:
                continue
            tasks = [task if each.id == task.id else each for each in tasks]


def _mirrors(tasks: list[WorkTask], status: PatientStatus) -> None:
    open_kinds = [task.kind for task in tasks if task.state.is_open]
    of_advice = [kind for kind in open_kinds if kind not in OPENED_BY_PEOPLE]
    assert len(of_advice) == len(set(of_advice)), "one open task of a kind"
    assert {advice.kind for advice in status.advice} <= set(open_kinds), "no advice without work"
    for task in tasks:
        if task.state.is_open and task.urgency == "critical":
            assert not task.is_away(TODAY), "no critical is hidden"
        if task.closed_at == status.read_at:
            plan = task.plan in status.open_plans
            assert not plan or status.figures != Figures(last_fill=FILLED), "closed on evidence"
