"""The coordinator's work in a real database."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cds_service.cds_hooks.feedback import Feedback, Reason
from cds_service.coordination.changes import (
    Assign,
    Change,
    Comment,
    Finish,
    MoveDue,
    Override,
    Snooze,
)
from cds_service.coordination.kinds import Kind
from cds_service.coordination.tasks import Event, TaskState, WorkTask
from cds_service.errors import ChangedMeanwhileError, ChangeRefusedError, UnknownTaskError
from cds_service.fhir.override_reasons import LOCAL_REASONS
from cds_service.store.card_ledger import AnsweredCall, KeptCard
from cds_service.store.open_store import Store, open_store
from tests.coordination.builders import (
    CONFLICT,
    NOW,
    REFILL_DUE,
    THRESHOLDS,
    TODAY,
    a_status,
)

DUE = a_status(advice=(REFILL_DUE,))
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def store() -> Store:
    return open_store(None, lambda: NOW)


def the_task(store: Store, kind: str = "refill") -> WorkTask:
    (task,) = [each for each in store.work.tasks("p1") if each.kind == kind]
    return task


def test_a_status_comes_back_whole(store: Store):
    status = a_status(advice=(REFILL_DUE,), unchecked=("Visits: not read",), plans=(("p", "1"),))

    assert store.work.keep(status, TODAY)

    kept = store.work.status("p1")
    assert kept is not None
    assert (kept.status, kept.failure, kept.tried_at) == (status, "", NOW)
    assert store.work.status("nobody") is None


def test_the_list_has_every_patient_with_the_open_tasks(store: Store):
    store.work.keep(DUE, TODAY)
    store.work.keep(a_status("p2"), TODAY)
    store.work.keep_failure("p3", NOW, "the EHR did not answer")

    heads = {head.identity.patient_id: head for head in store.work.heads()}

    assert set(heads) == {"p1", "p2", "p3"}
    assert [task.kind for task in heads["p1"].tasks] == ["refill"]
    assert heads["p2"].tasks == ()
    assert (heads["p3"].reading, heads["p3"].failure) == (None, "the EHR did not answer")


def test_a_failed_try_leaves_the_last_good_reading_and_its_tasks(store: Store):
    store.work.keep(DUE, TODAY)
    store.work.keep_failure("p1", LATER, "timed out")
    store.work.keep(replace(a_status(read_at=LATER), failure="timed out again"), TODAY)

    kept = store.work.status("p1")

    assert kept is not None
    assert (kept.status, kept.failure, kept.tried_at) == (DUE, "timed out again", LATER)
    assert the_task(store).state.is_open


@pytest.mark.parametrize("age", [timedelta(milliseconds=1), timedelta(days=1)], ids=str)
def test_an_older_reading_never_takes_the_place_of_a_newer_one(store: Store, age: timedelta):
    store.work.keep(DUE, TODAY)

    assert not store.work.keep(a_status(read_at=NOW - age), TODAY)
    assert the_task(store).state.is_open

    store.work.keep_failure("p1", NOW - age, "timed out")
    kept = store.work.status("p1")
    assert kept is not None
    assert (kept.failure, kept.tried_at) == ("", NOW)


def test_a_reading_dated_far_ahead_gives_way_to_one_of_today(store: Store):
    ahead = NOW + timedelta(days=60)
    store.work.keep(a_status(read_at=ahead), ahead.date())

    store.work.keep_failure("p1", NOW, "timed out")
    kept = store.work.status("p1")
    assert kept is not None
    assert (kept.failure, kept.tried_at) == ("timed out", NOW)
    assert store.work.keep(DUE, TODAY)
    assert the_task(store).state.is_open


def test_keeping_the_same_reading_again_changes_nothing(store: Store):
    store.work.keep(DUE, TODAY)
    first = store.work.tasks("p1")
    store.work.keep(DUE, TODAY)

    assert store.work.tasks("p1") == first
    assert [event.what for event in store.work.history(first[0].id)] == [Event.MADE]


def test_a_clock_that_stands_still_gives_every_task_an_id_of_its_own(store: Store):
    store.work.keep(DUE, TODAY)
    store.work.keep(a_status(), TODAY)
    store.work.keep(DUE, TODAY)

    assert [task.state for task in store.work.tasks("p1")].count(TaskState.COMPLETED) == 1
    assert len({task.id for task in store.work.tasks("p1")}) == 2


def test_the_second_of_two_people_gets_the_task_as_it_is_now_and_loses_nothing(store: Store):
    store.work.keep(DUE, TODAY)
    seen = the_task(store)

    first = store.work.change(seen.id, seen.version, Assign("kc"), "kc", NOW)
    with pytest.raises(ChangedMeanwhileError) as conflict:
        store.work.change(seen.id, seen.version, Comment("called the family"), "rn", NOW)

    assert (conflict.value.current, conflict.value.asked_version) == (first, seen.version)
    store.work.change(first.id, first.version, Comment("called the family"), "rn", NOW)
    told = [(event.what, event.who, event.says) for event in store.work.history(seen.id)]
    assert told == [
        (Event.MADE, "", "Refill due"),
        (Event.OWNED, "kc", "kc"),
        (Event.COMMENTED, "rn", "called the family"),
    ]
    assert the_task(store).owner == "kc"


def test_a_form_posted_twice_counts_once(store: Store):
    store.work.keep(DUE, TODAY)
    seen = the_task(store)
    snooze = Snooze(date(2026, 11, 25), "need-more-info", THRESHOLDS, "waiting for the fax")

    once = store.work.change(seen.id, seen.version, snooze, "kc", NOW)
    again = store.work.change(seen.id, seen.version, snooze, "kc", LATER)

    assert again == once
    assert len(store.work.history(seen.id)) == 2


DECEMBER = date(2026, 12, 5)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (MoveDue(DECEMBER), MoveDue(None)),
        (MoveDue(None), MoveDue(DECEMBER)),
        (
            Override("booked-elsewhere", THRESHOLDS, on=DECEMBER),
            Override("booked-elsewhere", THRESHOLDS),
        ),
        (
            Override("booked-elsewhere", THRESHOLDS),
            Override("booked-elsewhere", THRESHOLDS, on=DECEMBER),
        ),
        (
            Snooze(date(2026, 11, 25), "need-more-info", THRESHOLDS),
            Snooze(date(2026, 11, 26), "need-more-info", THRESHOLDS),
        ),
    ],
    ids=["due cleared", "due set", "no day of it", "a day of it", "another day"],
)
def test_another_day_from_a_second_tab_is_no_repetition(
    store: Store, first: Change, second: Change
):
    store.work.keep(DUE, TODAY)
    seen = the_task(store)
    kept = store.work.change(seen.id, seen.version, first, "kc", NOW)

    with pytest.raises(ChangedMeanwhileError) as conflict:
        store.work.change(seen.id, seen.version, second, "kc", LATER)

    assert conflict.value.current == kept
    assert store.work.change(seen.id, seen.version, first, "kc", LATER) == kept


def test_work_said_to_be_done_twice_is_done_once(store: Store):
    store.work.keep(DUE, TODAY)
    seen = the_task(store)
    done = Finish(THRESHOLDS, "filled")

    once = store.work.change(seen.id, seen.version, done, "kc", NOW)

    assert store.work.change(seen.id, seen.version, done, "kc", LATER) == once


def test_what_is_refused_leaves_no_trace(store: Store):
    store.work.keep(DUE, TODAY)
    seen = the_task(store)

    with pytest.raises(ChangeRefusedError):
        store.work.change(seen.id, seen.version, Comment("  "), "kc", NOW)
    with pytest.raises(UnknownTaskError):
        store.work.change("none", 1, Assign("kc"), "kc", NOW)

    assert the_task(store) == seen


def test_many_tasks_are_given_at_once_but_for_those_that_changed(store: Store):
    store.work.keep(a_status(advice=(REFILL_DUE, CONFLICT)), TODAY)
    refill, conflict = the_task(store), the_task(store, "data-conflict")
    store.work.change(conflict.id, conflict.version, Comment("mine"), "rn", NOW)

    versions = {refill.id: refill.version, conflict.id: conflict.version, "none": 1}
    assigned = store.work.assign_all(versions, "kc", "kc", NOW)

    assert [task.owner for task in assigned.given] == ["kc"]
    assert [task.id for task in assigned.changed_meanwhile] == [conflict.id]
    assert store.work.assign_all(versions, "kc", "kc", LATER).given == assigned.given


def test_a_refill_said_to_be_done_elsewhere_is_one_thing_to_confirm(store: Store):
    store.work.keep(DUE, TODAY)
    seen = the_task(store)
    elsewhere = Override("refilled-elsewhere", THRESHOLDS, "at St. Elsewhere", date(2026, 11, 20))

    changed = store.work.change(seen.id, seen.version, elsewhere, "kc", NOW)
    store.work.change(changed.id, changed.version, elsewhere, "rn", NOW)

    confirm = the_task(store, Kind.CONFIRM_REFILL)
    assert (confirm.stated_on, confirm.summary) == (date(2026, 11, 20), "at St. Elsewhere")
    told = [(event.what, event.who) for event in store.work.history(confirm.id)]
    assert told == [(Event.MADE, "kc"), (Event.COMMENTED, "rn")]
    assert the_task(store).away.until == date(2026, 11, 29)  # type: ignore[union-attr]


def test_a_task_that_a_person_adds_is_done_when_the_person_says_so(store: Store):
    added = store.work.add_task("p1", "Send the emergency card", TODAY, "kc", NOW)

    done = store.work.change(added.id, added.version, Finish(THRESHOLDS, "sent"), "kc", NOW)

    assert (done.state, done.closed_at) == (TaskState.COMPLETED, NOW)
    with pytest.raises(ChangeRefusedError):
        store.work.add_task("p1", " \u202e ", None, "kc", NOW)


def test_notes_come_back_in_their_order(store: Store):
    store.work.add_note("p1", "prefers mornings", "kc", NOW)
    store.work.add_note("p1", "interpreter: Polish", "rn", LATER)
    store.work.add_note("p2", "other", "rn", LATER)

    told = [(note.at, note.who, note.says) for note in store.work.notes("p1")]
    assert told == [(NOW, "kc", "prefers mornings"), (LATER, "rn", "interpreter: Polish")]


def test_what_clinicians_said_on_cards_is_seen_with_the_patients_work(store: Store):
    patient = store.pseudonyms.of_patient("ehr", "p1")
    card = KeptCard("u1", "itb-refill", "1", "due", "itbRefillDue", "warning", "c", "shown", "s")
    store.cards.keep(AnsweredCall("ehr", "itb-patient-view", patient, "user", NOW, b"", (card,)))
    reason = Reason(LOCAL_REASONS, "refilled-elsewhere")
    said = Feedback("u1", "overridden", reason=reason, comment="refilled 20 Nov 2026", said_at="t")
    store.feedback.keep("ehr", [said], NOW)

    (found,) = store.work.overrides_of("ehr", "p1")
    assert (found.topic, found.comment, found.stated_on, found.at) == (
        "itbRefillDue",
        "refilled 20 Nov 2026",
        date(2026, 11, 20),
        NOW,
    )
    assert found.reason.startswith("Refilled elsewhere")
    assert store.work.overrides_of("other", "p1") == []

    store.work.keep(DUE, TODAY, ("ehr",))
    store.work.keep(DUE, TODAY, ("ehr",))
    assert the_task(store, Kind.CONFIRM_REFILL).stated_on == date(2026, 11, 20)


def test_a_patient_who_left_the_cohort_keeps_the_work_and_comes_back(store: Store):
    store.work.keep(DUE, TODAY)
    store.work.note_gone("p1", "no longer in the cohort", NOW)

    (head,) = store.work.heads()
    assert (head.gone, len(head.tasks)) == ("no longer in the cohort", 1)

    store.work.keep(replace(DUE, read_at=LATER), TODAY)
    assert store.work.heads()[0].gone == "no longer in the cohort"
    store.work.note_gone("p1", "", LATER)
    assert store.work.heads()[0].gone == ""


def test_a_task_that_the_ehr_never_takes_stands_in_nobodys_way(store: Store):
    store.work.keep(DUE, TODAY)
    store.work.keep(a_status("p2", advice=(REFILL_DUE,), read_at=LATER), TODAY)
    first, second = store.work.unsent(10)
    assert (first.patient_id, second.patient_id) == ("p1", "p2")

    store.work.note_sent(first.id, first.version, fault="The EHR does not take this Task (422)")

    assert [task.id for task in store.work.unsent(1)] == [second.id]
