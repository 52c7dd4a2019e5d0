"""Tokens seen once are refused the second time, across threads, processes and restarts."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cds_service.errors import StoreError
from cds_service.store.open_store import open_store
from tests.store import stores

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
ISS = "https://ehr.example.org"


def test_a_token_is_new_once(tmp_path: Path):
    replay = open_store(tmp_path, lambda: NOW).replay

    assert replay.remember(ISS, "one", LATER)
    assert not replay.remember(ISS, "one", LATER)
    assert replay.remember(ISS, "two", LATER)
    assert replay.remember("https://other.example.org", "one", LATER)


def test_issuer_and_id_never_run_into_each_other():
    replay = open_store(None, lambda: NOW).replay

    assert replay.remember("ab", "c", LATER)
    assert replay.remember("a", "bc", LATER)


def test_a_restart_forgets_nothing(tmp_path: Path):
    first = open_store(tmp_path, lambda: NOW)
    assert first.replay.remember(ISS, "one", LATER)
    first.close()

    assert not open_store(tmp_path, lambda: NOW).replay.remember(ISS, "one", LATER)


def test_a_token_is_forgotten_only_long_after_it_expired(tmp_path: Path):
    moment = [NOW]
    replay = open_store(tmp_path, lambda: moment[0]).replay
    replay.remember(ISS, "one", LATER)

    moment[0] = LATER + timedelta(hours=23)
    assert not replay.remember(ISS, "one", LATER)
    moment[0] = LATER + timedelta(hours=25)
    assert replay.remember(ISS, "one", LATER)


@pytest.mark.parametrize("in_memory", [True, False])
def test_of_many_threads_one_gets_the_token(tmp_path: Path, in_memory: bool):
    replay = open_store(None if in_memory else tmp_path, lambda: NOW).replay

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: replay.remember(ISS, f"{n % 10}", LATER), range(80)))

    assert answers.count(True) == 10


PROCESS = """
import sys
from pathlib import Path
from tests.store.stores import NOW, a_site_store
store = a_site_store(Path(sys.argv[1]), sys.argv[2])
print(sum(store.replay.remember("https://ehr.example.org", str(n), NOW) for n in range(50)))
"""


def test_of_two_processes_one_gets_each_token(tmp_path: Path):
    folder, url = tmp_path / "made" / "by" / "them", stores.server_url()
    command = [sys.executable, "-c", PROCESS, str(folder), url]
    started = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    fresh = [int(process.communicate(timeout=60)[0]) for process in started]

    assert sum(fresh) == 50


def test_a_store_that_fails_raises(tmp_path: Path):
    store = open_store(tmp_path, lambda: NOW)
    other = open_store(tmp_path, lambda: NOW)

    with other.engine.connect().execution_options(store_begin="BEGIN EXCLUSIVE") as connection:
        connection.exec_driver_sql("SELECT 1")
        with pytest.raises(StoreError, match="locked"):
            store.replay.remember(ISS, "one", LATER)
        assert "locked" in store.problem()

    assert store.problem() == ""
