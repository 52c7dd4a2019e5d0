"""`itb-cds store`: what an operator does before an upgrade, at night, and after a loss."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from cds_service.cli import main
from cds_service.store.audit_guard import unguard_audit
from cds_service.store.ledger_queue import AuditNote
from cds_service.store.open_store import DATABASE_FILE, KEY_FILE, open_store
from cds_service.store.schema import HEAD

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site's folder with two entries of the audit."""
    folder = tmp_path / "data"
    store = open_store(folder, lambda: NOW)
    store.audit.append("kim", "p1", "{}", NOW.replace(day=3))
    store.audit.append("kim", "p1", "{}", NOW)
    store.close()
    return folder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    site = tmp_path / "site.toml"
    site.write_text('[store]\nfolder = "data"\n')

    def command(*arguments: str) -> tuple[int, str, str]:
        status = main(["store", *arguments, "--config", str(site)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return command


@pytest.mark.usefixtures("folder")
def test_a_database_that_is_as_it_should_be(run: Run):
    status, said, _ = run("check")

    assert status == 0
    assert f"whole, version {HEAD}" in said
    assert "entries of the audit 2, 3 Nov 2026 to 23 Nov 2026" in said


def test_what_still_waits_in_a_journal_is_said(run: Run, folder: Path):
    assert "journals" not in run("check")[1]

    store = open_store(folder, lambda: NOW)
    store.queue.keep_note(AuditNote("p1", "{}", NOW))
    said = run("check")[1]
    store.close()

    assert "journals 1: of a service that runs" in said


def test_an_audit_that_was_changed_is_named(run: Run, folder: Path):
    store = open_store(folder, lambda: NOW)
    with store.engine.begin() as connection:
        unguard_audit(connection)
        connection.execute(text("update audit set person = 'lee' where id = 2"))
    store.close()

    status, said, problem = run("check")

    assert (status, said) == (1, "")
    assert "the audit is not as it was written, from entry 2 on" in problem


def test_another_key_is_named(run: Run, folder: Path):
    (folder / KEY_FILE).write_bytes(b"k" * 32)

    status, _, problem = run("check")

    assert status == 1
    assert "the key is not the one" in problem


def test_a_damaged_file_is_never_called_whole(run: Run, folder: Path):
    content = bytearray((folder / DATABASE_FILE).read_bytes())
    for place in range(4096, len(content), 4096):
        content[place : place + 64] = b"\xff" * 64
    (folder / DATABASE_FILE).write_bytes(content)

    status, said, problem = run("check")

    assert status != 0
    assert said == ""
    assert problem


@pytest.mark.parametrize("name", [DATABASE_FILE, KEY_FILE])
def test_what_is_missing_is_said_and_not_made(run: Run, folder: Path, name: str):
    (folder / name).unlink()

    status, _, problem = run("check")

    assert status == 2
    assert f"found no {name}" in problem
    assert not (folder / name).exists()


def test_the_drill_of_a_loss(run: Run, folder: Path, tmp_path: Path):
    copy, key = tmp_path / "copy.sqlite3", tmp_path / "key-apart"
    shutil.copy(folder / KEY_FILE, key)
    status, said, _ = run("backup", "--to", str(copy))
    assert status == 0
    assert "The key is not in it" in said

    shutil.rmtree(folder)
    folder.mkdir(mode=0o700)
    shutil.copy(copy, folder / DATABASE_FILE)
    shutil.copy(key, folder / KEY_FILE)

    assert run("check")[0] == 0
    store = open_store(folder, lambda: NOW)
    assert len(store.audit.rows()) == 2
    store.close()


def test_an_older_version_is_said(run: Run, folder: Path):
    assert run("downgrade", "--to", "0001", "--yes")[0] == 0

    status, _, problem = run("check")
    assert (status, "of version 0001" in problem) == (1, True)

    assert run("upgrade")[:2] == (0, f"database {HEAD}; this service works with {HEAD}\n")
    assert run("check")[0] == 0
    assert folder.is_dir()


def test_a_downgrade_is_never_done_by_mistake(run: Run, folder: Path):
    status, _, problem = run("downgrade", "--to", "base")

    assert status == 2
    assert "make a backup" in problem
    assert len(open_store(folder, lambda: NOW).audit.rows()) == 2
