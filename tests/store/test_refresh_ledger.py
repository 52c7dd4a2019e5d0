"""Readings of the population: one at a time, cut off and taken up again, remembered."""

from datetime import timedelta

from cds_service.store.open_store import open_store
from cds_service.store.refresh_ledger import LEASE, LONGEST_CUT_OFF, RefreshState
from tests.store.stores import NOW

SECOND = timedelta(seconds=1)


def the_ledger():
    return open_store(None, lambda: NOW).refreshes


def test_one_process_at_a_time_reads_and_a_dead_one_is_waited_for_no_longer_than_its_lease():
    ledger = the_ledger()

    assert ledger.take_lease("a", NOW)
    assert not ledger.take_lease("b", NOW + LEASE - SECOND)
    assert ledger.take_lease("a", NOW + LEASE - SECOND)
    assert not ledger.take_lease("b", NOW + LEASE)
    assert ledger.take_lease("b", NOW + 2 * LEASE)
    assert not ledger.take_lease("a", NOW + 2 * LEASE)


def test_only_the_holder_gives_the_lease_back():
    ledger = the_ledger()
    ledger.take_lease("a", NOW)

    ledger.drop_lease("b")
    assert not ledger.take_lease("b", NOW)
    ledger.drop_lease("a")
    assert ledger.take_lease("b", NOW)


def test_a_reading_that_was_cut_off_goes_on_with_whom_it_has_not_read():
    ledger = the_ledger()
    run = ledger.open_run("North", NOW)
    ledger.set_cohort(run.id, ["p1", "p2", "p3", "p1"])
    ledger.note(run.id, {"p2": True, "p3": False})

    again = ledger.open_run("North", NOW + LONGEST_CUT_OFF - SECOND)

    assert again.id == run.id
    assert (again.number, again.good, again.failed) == (3, 1, 1)
    assert ledger.unread(run.id) == ["p1"]
    assert ledger.not_obtained(run.id) == ["p3"]
    assert ledger.cohort(run.id) == ["p1", "p2", "p3"]


def test_a_reading_cut_off_long_ago_or_of_another_source_begins_anew():
    ledger = the_ledger()
    first = ledger.open_run("North", NOW)
    ledger.set_cohort(first.id, ["p1"])

    late = ledger.open_run("North", NOW + LONGEST_CUT_OFF)
    other = ledger.open_run("South", NOW + LONGEST_CUT_OFF)

    assert len({first.id, late.id, other.id}) == 3
    assert other.number is None
    assert ledger.unread(first.id) == []


def test_how_the_newest_and_the_newest_good_one_ended_is_remembered():
    ledger = the_ledger()
    assert (ledger.latest(), ledger.latest_done()) == (None, None)
    good = ledger.open_run("North", NOW)
    ledger.set_cohort(good.id, ["p1", "p2"])
    ledger.note(good.id, {"p1": True, "p2": False})
    ended = ledger.end(good.id, RefreshState.DONE, "", NOW + SECOND)
    assert (ended.good, ended.failed, ended.ended_at) == (1, 1, NOW + SECOND)

    bad = ledger.open_run("North", NOW + 2 * SECOND)
    ledger.note_step("asking who the patients are")
    assert ledger.latest().says == "asking who the patients are"
    ledger.end(bad.id, RefreshState.FAILED, "North failed (500)", NOW + 3 * SECOND)

    assert ledger.latest().says == "North failed (500)"
    assert ledger.latest_done() == ended
