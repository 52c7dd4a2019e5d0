"""Two processes at once, and one that is killed: no task is lost, none is there twice."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cds_service.coordination.changes import Assign
from cds_service.errors import ChangedMeanwhileError
from tests.coordination.builders import CONFLICT, NOW, REFILL_DUE, TODAY, a_status
from tests.store import stores

ROOT = Path(__file__).parents[2]
ADVICE = (REFILL_DUE, CONFLICT)

KEEP_UNTIL_KILLED = """
import itertools, sys
from pathlib import Path
from tests.coordination.builders import TODAY, a_status
from tests.store.stores import a_site_store
from tests.store.test_work_survival import ADVICE
store = a_site_store(Path(sys.argv[1]), sys.argv[2])
for number in itertools.count():
    store.work.keep(a_status(f"p{number}", advice=ADVICE), TODAY)
    if number == 20:
        print("ready", flush=True)
"""


def test_two_processes_that_keep_one_reading_make_one_task_of_it(tmp_path: Path):
    url = stores.server_url()
    both = [stores.a_site_store(tmp_path, url) for _ in range(2)]

    with ThreadPoolExecutor(2) as pool:
        for number in range(10):
            status = a_status(f"p{number}", advice=ADVICE)
            assert all(pool.map(lambda store, now=status: store.work.keep(now, TODAY), both))

    heads = both[0].work.heads()
    assert sorted(len(head.tasks) for head in heads) == [2] * 10
    for task in heads[0].tasks:
        assert len(both[1].work.history(task.id)) == 1


def test_of_two_processes_that_change_one_task_one_is_told_of_the_other(tmp_path: Path):
    url = stores.server_url()
    both = [stores.a_site_store(tmp_path, url) for _ in range(2)]
    both[0].work.keep(a_status(advice=(REFILL_DUE,)), TODAY)
    (task,) = both[0].work.tasks("p1")

    def give(number: int) -> str:
        who = f"person {number}"
        try:
            return both[number].work.change(task.id, 1, Assign(who), who, NOW).owner
        except ChangedMeanwhileError as conflict:
            return f"told of {conflict.current.owner}"

    with ThreadPoolExecutor(2) as pool:
        said = set(pool.map(give, range(2)))

    (owner,) = {both[0].work.tasks("p1")[0].owner}
    assert said == {owner, f"told of {owner}"}


def test_a_process_that_is_killed_leaves_every_patient_whole_or_not_at_all(tmp_path: Path):
    url = stores.server_url()
    command = [sys.executable, "-c", KEEP_UNTIL_KILLED, str(tmp_path), url]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGKILL)

    store = stores.a_site_store(tmp_path, url)
    heads = store.work.heads()
    assert len(heads) >= 21
    for head in heads:
        patient_id = head.identity.patient_id
        assert store.work.status(patient_id).status.advice == ADVICE  # type: ignore[union-attr]
        assert [len(store.work.history(task.id)) for task in head.tasks] == [1, 1]
    again = heads[-1].identity.patient_id
    store.work.keep(a_status(again, advice=ADVICE), TODAY)
    assert len(store.work.tasks(again)) == 2
