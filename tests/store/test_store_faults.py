"""A store that is locked, full, read-only, gone or replaced says so, and loses nothing it had."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cds_service.errors import StoreError
from cds_service.store import database
from cds_service.store.database import server_engine, writing
from cds_service.store.open_store import Store, open_store
from cds_service.store.session_ledger import KnownPerson
from tests.coordination.builders import REFILL_DUE, a_status
from tests.store.faults import FAULTS, Fault
from tests.store.test_ledger_queue import NOTE
from tests.store.test_ledgers import CALL, UUID

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
KIM = KnownPerson("idp/kim", "Kim Coordinator", "coordinator")
CANARY = "Name-Canary"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store that waits for others less long than in service."""
    monkeypatch.setattr(database, "SECONDS_TO_WAIT", 0.05)
    store = open_store(tmp_path, lambda: NOW)
    store.audit.append("kim", "p1", "before", NOW)
    store.work.keep(a_status("p1", advice=(REFILL_DUE,)), TODAY)
    return store


WRITES = {
    "audit": lambda store: store.audit.append("kim", "p1", CANARY, NOW),
    "task": lambda store: store.work.keep(a_status(CANARY, advice=(REFILL_DUE,)), TODAY),
    "note": lambda store: store.work.add_note("p1", "kim", CANARY, NOW),
    "session": lambda store: store.sessions.begin(KIM, NOW, CANARY),
    "token": lambda store: store.replay.remember("iss", CANARY, NOW + timedelta(minutes=5)),
    "card": lambda store: store.cards.keep(CALL),
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_write_that_cannot_be_kept_says_so_and_leaves_nothing_half(store: Store, fault: Fault):
    with fault(store):
        for write in WRITES.values():
            with pytest.raises(StoreError) as said:
                write(store)
            assert CANARY not in str(said.value)
        assert store.problem()

    assert store.problem() == ""
    assert [row.content for row in store.audit.rows()] == ["before"]
    assert store.audit.first_broken() is None
    assert [head.identity.patient_id for head in store.work.heads()] == ["p1"]
    for write in WRITES.values():
        write(store)
    assert store.audit.first_broken() is None
    assert len(store.work.heads()) == 2


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_what_hooks_leave_waits_until_the_fault_is_over(store: Store, fault: Fault):
    store.queue.keep_call(CALL)
    store.queue.keep_note(NOTE)
    with fault(store), pytest.raises(StoreError):
        store.queue.flush()

    store.queue.flush()

    assert len(store.cards.entries(UUID)) == 1
    assert store.audit.rows()[0].content == NOTE.content
    store.close()


def test_a_server_that_is_not_there_is_said_without_its_password():
    engine = server_engine("postgresql://itb@127.0.0.1:1/itb", "password-canary")

    began = time.monotonic()
    with pytest.raises(StoreError) as said, writing(engine):
        pass

    assert "canary" not in str(said.value)
    assert time.monotonic() - began < 5
