"""What people do to a task: snoozes and their caps, reasons and their effects."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from cds_service.coordination.changes import (
    Assign,
    Cancel,
    Change,
    Comment,
    Finish,
    MoveDue,
    Override,
    Return,
    Snooze,
    changed,
    finished_until,
)
from cds_service.coordination.kinds import Kind
from cds_service.coordination.snoozing import CapReason, snooze_cap
from cds_service.coordination.tasks import Event, PutAway, TaskState, WorkTask
from cds_service.errors import ChangeRefusedError
from tests.coordination.builders import ALARM, FILLED, NOW, THRESHOLDS, TODAY, a_task

FAR = date(2027, 6, 1)
CRITICAL = a_task(urgency="critical", act_by=None)
SIGNS = a_task(kind="infection", act_by=None)
MILESTONE = a_task(kind="recovery", urgency="info", act_by=None)
OWN = a_task(kind="other", urgency="info", act_by=None)


def after(task: WorkTask, change: Change) -> WorkTask:
    return changed(task, change, "kc", NOW).changed.task


def a_snooze(**changes: Any) -> Snooze:
    return replace(Snooze(FAR, "need-more-info", THRESHOLDS, "waiting for the fax"), **changes)


CAPS = {
    "the day by which to act": (a_task(), ALARM, CapReason.ACT_BY),
    "a day that has passed": (
        a_task(act_by=TODAY - timedelta(days=2)),
        TODAY,
        CapReason.ACT_BY,
    ),
    "a warning without a day": (SIGNS, date(2026, 11, 23), CapReason.UNDATED_WARNING),
    "mere information": (MILESTONE, date(2026, 12, 22), CapReason.LONGEST),
    "a critical": (CRITICAL, TODAY, CapReason.CRITICAL),
    "a critical with a day": (a_task(urgency="critical"), TODAY, CapReason.CRITICAL),
    "what could not be checked": (
        a_task(kind="unchecked", act_by=None),
        TODAY,
        CapReason.UNCHECKED,
    ),
}


@pytest.mark.parametrize(("task", "until", "why"), CAPS.values(), ids=CAPS.keys())
def test_no_snooze_lasts_past_its_cap(task: WorkTask, until: date, why: CapReason):
    cap = snooze_cap(task, TODAY, THRESHOLDS)

    assert (cap.until, cap.why) == (until, why)
    if cap.allows(TODAY):
        for day in (until - timedelta(days=1), until):
            if day > TODAY:
                snoozed = after(task, a_snooze(until=day))
                assert snoozed.away is not None
                assert (snoozed.away.until, snoozed.state) == (day, TaskState.ON_HOLD)
    with pytest.raises(ChangeRefusedError):
        after(task, a_snooze(until=until + timedelta(days=1)))


def test_a_snooze_keeps_its_reason_and_comment_and_can_be_ended():
    snoozed = after(a_task(owner="kc"), a_snooze(until=date(2026, 11, 25)))

    assert snoozed.away is not None
    assert (snoozed.away.how, snoozed.away.reason, snoozed.away.comment) == (
        PutAway.SNOOZED,
        "need-more-info",
        "waiting for the fax",
    )
    back = after(snoozed, Return())
    assert (back.away, back.state) == (None, TaskState.ACCEPTED)


@pytest.mark.parametrize(
    "change", [a_snooze(until=TODAY), a_snooze(reason=""), a_snooze(reason="x")]
)
def test_a_snooze_needs_a_later_day_and_a_coded_reason(change: Change):
    with pytest.raises(ChangeRefusedError):
        after(a_task(), change)


def an_override(reason: str, on: date | None = None) -> Override:
    return Override(reason, THRESHOLDS, "why", on)


EFFECTS = {
    "refilled-elsewhere": (date(2026, 11, 29), Kind.CONFIRM_REFILL),
    "action-completed": (date(2026, 11, 29), None),
    "need-more-info": (date(2026, 11, 25), None),
    "action-not-priority": (date(2026, 11, 25), None),
    "patient-refuses": (ALARM, None),
    "cds-not-applicable": (ALARM, None),
    "pump-removed": (ALARM, None),
    "data-wrong": (TODAY, Kind.DATA_PROBLEM),
    "inappropriate-recipient": (TODAY, None),
    "wrong-time-workflow": (TODAY, None),
    "booked-elsewhere": (date(2026, 11, 29), None),
}


@pytest.mark.parametrize("reason", EFFECTS)
def test_each_reason_has_its_own_effect(reason: str):
    until, opens = EFFECTS[reason]
    outcome = changed(a_task(owner="kc"), an_override(reason), "kc", NOW)
    task = outcome.changed.task

    assert task.away is not None
    assert (task.away.until, task.away.reason) == (until, reason)
    assert task.is_away(TODAY) is (until > TODAY)
    assert (outcome.opens.kind if outcome.opens else None) is opens
    assert task.away.until_read is (reason == "pump-removed")
    assert task.owner == ("" if reason == "inappropriate-recipient" else "kc")


@pytest.mark.parametrize("reason", EFFECTS)
def test_no_reason_hides_a_critical(reason: str):
    task = after(CRITICAL, an_override(reason))

    assert not task.is_away(TODAY)
    assert task.state is TaskState.REQUESTED
    assert task.mark is not None
    assert (task.mark.who, task.mark.reason, task.mark.since) == ("kc", reason, NOW)


def test_a_visit_booked_elsewhere_waits_for_its_day_but_not_past_the_alarm():
    soon, late = date(2026, 11, 26), date(2026, 12, 3)

    assert after(a_task(), an_override("booked-elsewhere", soon)).away.until == soon  # type: ignore[union-attr]
    assert after(a_task(), an_override("booked-elsewhere", late)).away.until == ALARM  # type: ignore[union-attr]


def test_a_refill_cannot_have_been_done_in_the_future():
    with pytest.raises(ChangeRefusedError):
        after(a_task(), an_override("refilled-elsewhere", TODAY + timedelta(days=1)))


def test_what_waits_is_no_mark():
    assert after(a_task(), an_override("patient-refuses")).mark is None
    assert after(a_task(), an_override("wrong-time-workflow")).mark is not None


def test_a_task_said_to_be_done_waits_as_long_as_the_form_promises():
    # Said to be done waits 7 days, which is until 29 Nov, and never past the day to act by.
    for act_by, until in (
        (date(2026, 11, 27), date(2026, 11, 27)),
        (date(2026, 11, 29), date(2026, 11, 29)),
        (date(2026, 12, 2), date(2026, 11, 29)),
        (TODAY, TODAY),
    ):
        task = a_task(act_by=act_by)
        assert finished_until(task, TODAY, THRESHOLDS) == until
        said = after(task, Finish(THRESHOLDS))
        assert said.away is not None
        assert said.away.until == until
        assert (said.mark is not None) is (until == TODAY)


def test_saying_done_waits_for_the_evidence_while_advice_stands():
    said = after(a_task(), Finish(THRESHOLDS, "booked by phone"))

    assert said.state is TaskState.ON_HOLD
    assert said.away is not None
    assert (said.away.how, said.away.until) == (PutAway.SAID_DONE, date(2026, 11, 29))


SWITCHED_OFF = a_task(is_held=True, is_unasked=True)


@pytest.mark.parametrize("task", [OWN, SWITCHED_OFF], ids=["own", "of a plan switched off"])
def test_done_is_done_where_no_advice_stands(task: WorkTask):
    assert after(task, Finish(THRESHOLDS)).state is TaskState.COMPLETED


def test_done_does_not_end_what_a_reading_with_gaps_left_open():
    due = after(a_task(is_held=True), Finish(THRESHOLDS))
    overdue = after(a_task(is_held=True, urgency="critical"), Finish(THRESHOLDS))

    assert due.state is TaskState.ON_HOLD
    assert (overdue.state.is_open, overdue.is_away(TODAY)) == (True, False)


@pytest.mark.parametrize(
    ("on", "is_taken"),
    [
        (date(2025, 11, 20), False),  # the year mistyped
        (FILLED, False),
        (FILLED + timedelta(days=1), True),
        (None, True),
    ],
    ids=str,
)
def test_a_refill_elsewhere_lies_after_the_last_on_record(on: date | None, is_taken: bool):
    override = Override("refilled-elsewhere", THRESHOLDS, on=on)

    if is_taken:
        assert changed(a_task(), override, "kc", NOW).opens is not None
        return
    with pytest.raises(ChangeRefusedError, match="a refill of that day or a later one"):
        changed(a_task(), override, "kc", NOW)


def test_only_work_that_people_opened_can_be_cancelled_and_with_a_word():
    assert after(OWN, Cancel("opened twice")).state is TaskState.CANCELLED
    for task, comment in ((OWN, " "), (a_task(), "no")):
        with pytest.raises(ChangeRefusedError):
            after(task, Cancel(comment))


def test_a_closed_task_takes_nothing_more():
    done = after(OWN, Finish(THRESHOLDS))

    for change in (Assign("kc"), Comment("more"), MoveDue(FAR), Return()):
        with pytest.raises(ChangeRefusedError):
            after(done, change)


def test_late_work_can_be_given_moved_and_commented_as_ever():
    late = a_task(act_by=TODAY - timedelta(days=30))

    task = after(after(after(late, Assign("kc")), MoveDue(TODAY)), Comment("on it"))

    assert (task.owner, task.due, task.state, task.version) == ("kc", TODAY, TaskState.ACCEPTED, 4)


def test_a_comment_loses_control_characters_and_what_is_beyond_its_length():
    hostile = "a\x00\u202eb\ud800<script>" + "x" * 5000
    (event,) = changed(a_task(), Comment(hostile), "kc", NOW).changed.events

    assert event.what is Event.COMMENTED
    assert event.says.startswith("a  b <script>")
    assert len(event.says) == 4000
    event.says.encode()
