"""A refill told of is settled whole or not at all, whenever the process dies."""

import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from cds_service.coordination.changes import Cancel, Finish, Override
from cds_service.coordination.tasks import TaskState, WorkTask
from cds_service.errors import ChangedMeanwhileError, ChangeRefusedError
from cds_service.fhir.override_reasons import REFILLED_ELSEWHERE
from cds_service.store.open_store import Store
from cds_service.store.readings_ledger import REFILL_ELSEWHERE, KeptReading
from tests.coordination.builders import NOW, REFILL_DUE, THRESHOLDS, TODAY, a_status
from tests.store import stores

ROOT = Path(__file__).parents[2]
DONE = Finish(THRESHOLDS, "seen the letter")

CONFIRM_AND_DIE = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from tests.coordination.builders import NOW
from tests.store.stores import a_site_store
from tests.store.test_told_refills import DONE, the_refill, to_confirm
store = a_site_store(Path(sys.argv[1]), sys.argv[2])

@event.listens_for(store.engine, "before_cursor_execute")
def die_between(connection, cursor, statement, *rest):
    if statement.startswith(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

task = to_confirm(store)
store.told_refills.confirm(task, the_refill(task), DONE, NOW)
"""


def tell(store: Store) -> WorkTask:
    """Somebody says on a task that the pump was refilled elsewhere; the task to confirm it."""
    store.work.keep(a_status(advice=(REFILL_DUE,)), TODAY)
    (seen,) = store.work.tasks("p1")
    said = Override(REFILLED_ELSEWHERE, THRESHOLDS, "at St. Elsewhere", date(2026, 11, 20))
    store.work.change(seen.id, seen.version, said, "kc", NOW)
    return to_confirm(store)


def to_confirm(store: Store) -> WorkTask:
    (task,) = [each for each in store.work.tasks("p1") if each.kind == "confirm-refill"]
    return task


def the_refill(task: WorkTask, volume: int = 20) -> KeptReading:
    resource = {"resourceType": "MedicationAdministration", "id": "m1", "volume": volume}
    return KeptReading(
        task.id, "p1", REFILL_ELSEWHERE, "2026-11-20", NOW, "kc", "", "", (resource,)
    )


@pytest.mark.parametrize("before", ["INSERT INTO readings", "UPDATE tasks", "INSERT INTO task_e"])
def test_killed_between_refill_and_task_neither_is_kept_and_the_next_try_ends_well(
    tmp_path: Path, before: str
):
    url = stores.server_url()
    store = stores.a_site_store(tmp_path, url)
    task = tell(store)
    command = [sys.executable, "-c", CONFIRM_AND_DIE, str(tmp_path), url, before]

    assert subprocess.run(command, cwd=ROOT, check=False).returncode == -signal.SIGKILL

    assert store.readings.of_patient("p1") == []
    assert to_confirm(store).state.is_open
    store.told_refills.confirm(task, the_refill(task), DONE, NOW)
    assert [each.counts for each in store.readings.of_patient("p1")] == [True]
    assert to_confirm(store).state is TaskState.COMPLETED


def test_the_same_confirmed_again_is_one(tmp_path: Path):
    store = stores.a_site_store(tmp_path, stores.server_url())
    task = tell(store)

    for _ in range(2):
        store.told_refills.confirm(task, the_refill(task), DONE, NOW)

    assert len(store.readings.of_patient("p1")) == 1
    assert len(store.work.history(task.id)) == 2


def test_another_refill_for_the_same_task_changes_nothing(tmp_path: Path):
    store = stores.a_site_store(tmp_path, stores.server_url())
    task = tell(store)
    store.told_refills.confirm(task, the_refill(task), DONE, NOW)

    with pytest.raises(ChangeRefusedError):
        store.told_refills.confirm(task, the_refill(task, 18), DONE, NOW)
    with pytest.raises(ChangedMeanwhileError):
        store.told_refills.reject(task, Cancel("no"), "rn", NOW)

    (kept,) = store.readings.of_patient("p1")
    assert (kept.counts, kept.resources[0]["volume"]) == (True, 20)


def test_a_refusal_to_close_the_task_keeps_no_refill(tmp_path: Path):
    store = stores.a_site_store(tmp_path, stores.server_url())
    task = tell(store)
    store.told_refills.reject(task, Cancel("never was there"), "rn", NOW)

    with pytest.raises(ChangedMeanwhileError):
        store.told_refills.confirm(task, the_refill(task), DONE, NOW)

    assert store.readings.of_patient("p1") == []
