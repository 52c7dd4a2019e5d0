"""What hooks leave to be kept gets into the database once, whatever happens to the process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import pytest

from cds_service.errors import StoreError
from cds_service.store import ledger_queue
from cds_service.store.ledger_queue import AuditNote
from cds_service.store.open_store import Store, open_store
from tests.store.faults import read_only
from tests.store.test_ledgers import CALL, CARD, NOW, UUID

ROOT = Path(__file__).parents[2]
NOTE = AuditNote("p1", '{"resourceType":"AuditEvent"}', NOW)
DIES = """
import os, signal, sys
from pathlib import Path
from cds_service.store import ledger_queue
from cds_service.store.open_store import open_store
from tests.store.test_ledger_queue import CALL, NOTE, NOW
ledger_queue.SECONDS_BETWEEN_WRITINGS = 600.0
store = open_store(Path(sys.argv[1]), lambda: NOW)
store.queue.keep_call(CALL)
if sys.argv[2] == "half written":
    store.queue.flush()
store.queue.keep_call(CALL)
store.queue.keep_note(NOTE)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(autouse=True)
def nothing_is_written_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_queue, "SECONDS_BETWEEN_WRITINGS", 600.0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path, lambda: NOW)
    yield opened
    opened.close()


def journals(folder: Path) -> list[Path]:
    return sorted(folder.glob("journal-*.log"))


def killed(folder: Path, when: str) -> None:
    """Runs a process that keeps two calls and a note, and is killed."""
    ended = subprocess.run([sys.executable, "-c", DIES, str(folder), when], cwd=ROOT, check=False)
    assert ended.returncode == -signal.SIGKILL


@pytest.mark.parametrize("folder", [True, False], ids=["in a folder", "in memory"])
def test_what_is_left_is_in_the_database_once_it_is_written(tmp_path: Path, folder: bool):
    store = open_store(tmp_path if folder else None, lambda: NOW)
    store.queue.keep_call(CALL)
    store.queue.keep_call(replace(CALL, content=b"newer"))
    store.queue.keep_note(NOTE)

    store.queue.flush()
    store.queue.flush()

    assert [entry.content for entry in store.cards.entries(UUID)] == [b"newer", b"content"]
    assert store.cards.entries(UUID)[0].card == CARD
    assert [(row.patient, row.content) for row in store.audit.rows()] == [("p1", NOTE.content)]
    assert store.audit.first_broken() is None
    store.close()


def test_it_is_written_soon_without_being_asked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ledger_queue, "SECONDS_BETWEEN_WRITINGS", 0.01)
    store = open_store(None, lambda: NOW)
    store.queue.keep_call(CALL)

    for _ in range(200):
        if store.cards.entries(UUID):
            break
        Event().wait(0.02)

    assert len(store.cards.entries(UUID)) == 1
    store.close()


@pytest.mark.parametrize("when", ["nothing written", "half written"])
def test_a_killed_process_loses_nothing_and_doubles_nothing(tmp_path: Path, when: str):
    killed(tmp_path, when)
    assert len(journals(tmp_path)) == 1

    store = open_store(tmp_path, lambda: NOW)

    assert len(store.cards.entries(UUID)) == 2
    assert len(store.audit.rows()) == 1
    assert store.queue.taken_over == (3 if when == "nothing written" else 2)
    assert journals(tmp_path) == []
    store.close()
    again = open_store(tmp_path, lambda: NOW)
    assert len(again.cards.entries(UUID)) == 2
    again.close()


def test_half_a_record_at_the_end_hides_no_whole_one(tmp_path: Path):
    killed(tmp_path, "nothing written")
    (journal,) = journals(tmp_path)
    os.truncate(journal, journal.stat().st_size - 3)

    store = open_store(tmp_path, lambda: NOW)

    assert len(store.cards.entries(UUID)) == 2
    assert store.audit.rows() == []
    store.close()


def test_a_record_that_nobody_can_read_hides_no_other(tmp_path: Path):
    killed(tmp_path, "nothing written")
    (journal,) = journals(tmp_path)
    whole = journal.read_bytes()
    foreign = b"\x00\x00\x00\x01\xa5\x05\xdf\x1b" + b"\x01"
    journal.write_bytes(foreign + whole)

    store = open_store(tmp_path, lambda: NOW)

    assert (store.queue.taken_over, store.queue.unreadable) == (3, 1)
    store.close()


def test_the_journal_of_a_process_that_lives_is_left_to_it(tmp_path: Path, store: Store):
    store.queue.keep_call(CALL)

    other = open_store(tmp_path, lambda: NOW)

    assert other.queue.taken_over == 0
    assert other.cards.entries(UUID) == []
    other.close()
    store.queue.flush()
    assert len(store.cards.entries(UUID)) == 1


def test_an_orderly_end_leaves_no_journal(tmp_path: Path):
    store = open_store(tmp_path, lambda: NOW)
    store.queue.keep_call(CALL)
    assert len(journals(tmp_path)) == 1

    store.close()

    assert journals(tmp_path) == []
    again = open_store(tmp_path, lambda: NOW)
    assert len(again.cards.entries(UUID)) == 1
    again.close()


def test_a_long_journal_is_followed_by_a_new_one(
    tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ledger_queue, "_LARGEST_JOURNAL", 1000)
    for _ in range(12):
        store.queue.keep_call(CALL)
    assert len(journals(tmp_path)) > 1

    store.queue.flush()

    assert len(journals(tmp_path)) == 1
    assert len(store.cards.entries(UUID)) == 12


def test_what_the_database_refuses_stays_until_it_takes_it(store: Store):
    with store.engine.begin() as blocker:
        blocker.exec_driver_sql("DELETE FROM feedback")
        store.queue.keep_call(CALL)
        with pytest.raises(StoreError):
            store.queue.flush()

    store.queue.flush()
    assert len(store.cards.entries(UUID)) == 1


def test_one_record_that_is_refused_holds_no_other_back(store: Store):
    told: list[StoreError] = []
    store.queue.tell = told.append
    broken = replace(CARD, plan=None)  # type: ignore[arg-type]
    store.queue.keep_call(replace(CALL, cards=(broken,)))
    store.queue.keep_call(CALL)

    store.queue.flush()

    assert len(store.cards.entries(UUID)) == 1
    assert len(told) == 1
    assert "content" not in str(told[0])


def test_what_was_written_before_a_fault_is_not_written_again(store: Store):
    faults = ExitStack()
    store.queue.tell = lambda _: faults.enter_context(read_only(store))
    for call in (CALL, replace(CALL, cards=(replace(CARD, plan=None),)), CALL):  # type: ignore[arg-type]
        store.queue.keep_call(call)

    with faults, pytest.raises(StoreError):
        store.queue.flush()
    store.queue.flush()

    assert len(store.cards.entries(UUID)) == 2


def test_when_too_much_waits_it_says_so(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ledger_queue, "MOST_WAITING", 2)
    store.queue.keep_call(CALL)
    store.queue.keep_call(CALL)

    with pytest.raises(StoreError, match="too much waits"):
        store.queue.keep_call(CALL)


def test_many_threads_lose_nothing(store: Store):
    def leave() -> None:
        for _ in range(25):
            store.queue.keep_call(CALL)

    threads = [Thread(target=leave) for _ in range(4)]
    for thread in threads:
        thread.start()
    store.queue.flush()
    for thread in threads:
        thread.join()
    store.queue.flush()

    assert len(store.cards.entries(UUID)) == 100


def test_only_the_service_may_read_a_journal(tmp_path: Path, store: Store):
    store.queue.keep_call(replace(CALL, answered_at=datetime(2026, 11, 22, tzinfo=UTC)))

    (journal,) = journals(tmp_path)
    assert journal.stat().st_mode & 0o777 == 0o600
