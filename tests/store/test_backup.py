"""A copy made while the service writes is whole, and what is put back is what was kept."""

import shutil
from pathlib import Path

import pytest

from cds_service.errors import StoreError
from cds_service.store.backup import back_up
from cds_service.store.open_store import DATABASE_FILE, KEY_FILE, open_store
from tests.coordination.builders import REFILL_DUE, a_status
from tests.store.faults import full
from tests.store.stores import NOW
from tests.store.test_audit_ledger import writing
from tests.store.test_ledgers import CALL, UUID


def put_back(copy: Path, key: Path, folder: Path) -> None:
    """As the operator does after a loss."""
    folder.mkdir()
    shutil.copy(copy, folder / DATABASE_FILE)
    shutil.copy(key, folder / KEY_FILE)


def test_what_was_kept_before_the_copy_is_there_after_the_loss(tmp_path: Path):
    here, there, copy = tmp_path / "here", tmp_path / "there", tmp_path / "copy"
    store = open_store(here, lambda: NOW)
    store.work.keep(a_status("p1", advice=(REFILL_DUE,)), NOW.date())
    store.cards.keep(CALL)
    store.audit.append("kim", "p1", "{}", NOW)

    back_up(here / DATABASE_FILE, copy)
    store.audit.append("kim", "p1", "later", NOW)
    put_back(copy, here / KEY_FILE, there)

    again = open_store(there, lambda: NOW)
    assert again.work.heads() == store.work.heads()
    assert len(again.cards.entries(UUID)) == 1
    assert [row.content for row in again.audit.rows()] == ["{}"]
    again.audit.append("kim", "p1", "after", NOW)
    assert again.audit.first_broken() is None


def test_a_copy_made_while_another_process_writes_is_whole(tmp_path: Path):
    here, there, copy = tmp_path / "here", tmp_path / "there", tmp_path / "copy"
    with writing(here, "", 100_000, "kim") as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline().strip() for _ in range(20)]
        back_up(here / DATABASE_FILE, copy)
        writer.kill()
    put_back(copy, here / KEY_FILE, there)

    audit = open_store(there, lambda: NOW).audit

    assert set(said) <= {row.content for row in audit.rows(limit=100_000)}
    assert audit.first_broken() is None


def test_a_copy_is_for_the_service_alone_and_one_file(tmp_path: Path):
    open_store(tmp_path / "here", lambda: NOW)

    back_up(tmp_path / "here" / DATABASE_FILE, tmp_path / "copy")

    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["copy"]
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o600


def test_an_older_copy_is_never_written_over(tmp_path: Path):
    open_store(tmp_path / "here", lambda: NOW)
    (tmp_path / "copy").write_text("of yesterday")

    with pytest.raises(StoreError, match="not there yet"):
        back_up(tmp_path / "here" / DATABASE_FILE, tmp_path / "copy")

    assert (tmp_path / "copy").read_text() == "of yesterday"


def test_a_copy_that_cannot_be_finished_is_not_there(tmp_path: Path):
    store = open_store(tmp_path / "here", lambda: NOW)
    log = (tmp_path / "here" / f"{DATABASE_FILE}-wal").stat().st_size
    for _ in range(4):
        store.audit.append("kim", "p1", "x" * log, NOW)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.audit.append("kim", "p1", "y", NOW)

    with full(store), pytest.raises(StoreError, match="no copy was made"):
        back_up(tmp_path / "here" / DATABASE_FILE, tmp_path / "copy")

    assert [each.name for each in tmp_path.iterdir()] == ["here"]
