"""Where the store is kept, its key, and what is refused at the start."""

import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cds_service.errors import SettingsError
from cds_service.store.open_store import DATABASE_FILE, KEY_FILE, open_store
from cds_service.store.pseudonyms import Pseudonyms

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def test_only_the_service_may_read_the_folder_and_the_key(tmp_path: Path):
    folder = tmp_path / "data"
    open_store(folder, lambda: NOW)

    assert folder.stat().st_mode & 0o077 == 0
    assert [file.name for file in folder.iterdir() if file.stat().st_mode & 0o077] == []
    assert sorted(file.name.split("-")[0] for file in folder.iterdir()).count("itb") >= 2


def test_a_power_loss_loses_nothing_that_was_kept(tmp_path: Path):
    store = open_store(tmp_path, lambda: NOW)

    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_pseudonyms_are_the_same_after_a_restart_and_differ_by_site(tmp_path: Path):
    first = open_store(tmp_path / "a", lambda: NOW).pseudonyms
    again = open_store(tmp_path / "a", lambda: NOW).pseudonyms
    elsewhere = open_store(tmp_path / "b", lambda: NOW).pseudonyms

    assert first.of_patient("ehr", "p1") == again.of_patient("ehr", "p1")
    assert first.of_patient("ehr", "p1") != elsewhere.of_patient("ehr", "p1")


def test_a_pseudonym_tells_patients_users_and_clients_apart():
    pseudonyms = Pseudonyms(b"k" * 32)
    made = {
        pseudonyms.of_patient("ehr", "p1"),
        pseudonyms.of_patient("ehr", "p2"),
        pseudonyms.of_patient("other", "p1"),
        pseudonyms.of_user("ehr", "p1"),
    }

    assert len(made) == 4
    assert "k" * 8 not in repr(pseudonyms)


def test_another_key_is_refused(tmp_path: Path):
    open_store(tmp_path, lambda: NOW).close()
    (tmp_path / KEY_FILE).write_bytes(b"x" * 32)

    with pytest.raises(SettingsError, match="not the key"):
        open_store(tmp_path, lambda: NOW)


def test_a_key_cut_short_is_refused(tmp_path: Path):
    (tmp_path / KEY_FILE).write_bytes(b"short")

    with pytest.raises(SettingsError, match="found 5 bytes"):
        open_store(tmp_path, lambda: NOW)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path):
    (tmp_path / DATABASE_FILE).write_bytes(b"not a database, but long enough to look at " * 50)

    with pytest.raises(SettingsError, match="not a database"):
        open_store(tmp_path, lambda: NOW)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path):
    (tmp_path / "file").write_text("")

    with pytest.raises(SettingsError, match="cannot be made"):
        open_store(tmp_path / "file" / "data", lambda: NOW)


def test_a_database_that_vanished_is_a_problem(tmp_path: Path):
    store = open_store(tmp_path, lambda: NOW)
    (tmp_path / DATABASE_FILE).unlink()

    assert "is gone" in store.problem()


WRITES_FOR_EVER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from cds_service.store.open_store import open_store
now = datetime(2026, 11, 22, 9, tzinfo=UTC)
replay = open_store(Path(sys.argv[1]), lambda: now).replay
for n in range(1_000_000):
    replay.remember("iss", str(n), now)
    print(n, flush=True)
"""


@pytest.mark.parametrize("seconds", [0.02, 0.05, 0.11])
def test_a_process_killed_while_it_writes_loses_nothing_it_had_kept(tmp_path: Path, seconds: float):
    process = subprocess.Popen(
        [sys.executable, "-c", WRITES_FOR_EVER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    told = process.communicate(timeout=60)[0].splitlines()

    last = int(told[-1]) if told else 0
    replay = open_store(tmp_path, lambda: NOW).replay
    assert not any(replay.remember("iss", str(n), NOW) for n in range(last + 1))
    with sqlite3.connect(tmp_path / DATABASE_FILE) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
