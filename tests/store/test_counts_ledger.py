"""Counts add up over calls, processes and restarts."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from cds_service.store.counts_ledger import Counted
from cds_service.store.open_store import Store, open_store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR = 498_753
CALL = Counted(HOUR, "north", "call", "itb-patient-view")


def a_store(folder: Path | None = None) -> Store:
    return open_store(folder, lambda: NOW)


def test_counts_of_two_processes_add_up(tmp_path):
    one, other = a_store(tmp_path), a_store(tmp_path)

    one.counts.add({CALL: 2})
    other.counts.add({CALL: 3, Counted(HOUR, "south", "call", "itb-patient-view"): 1})

    assert a_store(tmp_path).counts.by_hour("call", HOUR) == {HOUR: 6}


def test_counts_are_told_apart_by_name_and_hour():
    store = a_store()
    store.counts.add(
        {
            Counted(HOUR, "", "fired", "itb-refill"): 4,
            Counted(HOUR + 1, "", "fired", "itb-refill"): 1,
            Counted(HOUR + 1, "", "fired", "itb-battery"): 2,
            Counted(HOUR - 1, "", "fired", "itb-battery"): 9,
        }
    )

    assert store.counts.by_name("fired", HOUR) == {
        "itb-battery": {HOUR + 1: 2},
        "itb-refill": {HOUR: 4, HOUR + 1: 1},
    }
    assert store.counts.first_hour() == HOUR - 1


def test_old_counts_are_forgotten():
    store = a_store()
    store.counts.add({CALL: 1, Counted(HOUR - 1, "", "call", "x"): 1})

    store.counts.forget_before(HOUR)

    assert store.counts.first_hour() == HOUR
    assert a_store().counts.first_hour() is None


def test_an_alarm_stands_until_it_ends_and_keeps_its_beginning():
    alerts = a_store().alerts

    assert alerts.raise_alert("refresh", "failed", NOW)
    assert not alerts.raise_alert("refresh", "failed again", NOW + timedelta(hours=1))
    (alert,) = alerts.standing()
    assert (alert.since, alert.says, alert.is_told) == (NOW, "failed again", False)

    alerts.note_told("refresh", NOW)
    assert alerts.standing()[0].is_told
    assert alerts.end_alert("refresh")
    assert not alerts.end_alert("refresh")


def test_one_process_alone_sends_a_days_digest(tmp_path):
    one, other = a_store(tmp_path).alerts, a_store(tmp_path).alerts
    day = date(2026, 11, 23)

    assert one.claim_digest(day, NOW)
    assert not other.claim_digest(day, NOW + timedelta(minutes=14))
    one.note_digest(day)
    assert not other.claim_digest(day, NOW + timedelta(hours=5))
    assert other.claim_digest(date(2026, 11, 24), NOW + timedelta(days=1))


def test_a_digest_that_failed_or_whose_sender_died_is_tried_again(tmp_path):
    alerts = a_store(tmp_path).alerts
    day = date(2026, 11, 23)

    alerts.claim_digest(day, NOW)
    assert alerts.claim_digest(day, NOW + timedelta(minutes=15))
    alerts.note_digest(day, "the mail server did not answer")

    last = alerts.last_digest()
    assert last is not None
    assert (last.state, last.says) == ("failed", "the mail server did not answer")
    assert alerts.claim_digest(day, NOW + timedelta(minutes=31))
