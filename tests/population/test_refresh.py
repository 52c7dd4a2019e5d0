"""Reading everybody: what is kept, what a failure leaves as it was, and where a cut-off goes on."""

import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from cds_service.coordination.lanes import standing
from cds_service.coordination.status import Lane, OffList
from cds_service.errors import AlreadyUnderWayError
from cds_service.population.refresh import Manner, refresh, reread
from cds_service.population.refresher import MINUTES_AFTER_A_FAILURE, Refresher, is_due
from cds_service.store.open_store import Store, open_store
from cds_service.store.refresh_ledger import LEASE, Refresh, RefreshState
from tests.population.clinics import NOW, RULEBOOK, Clinic, a_store, timeout

ROOT = Path(__file__).parents[2]
HOUR = timedelta(hours=1)


def read(clinic: Clinic, store: Store, at: datetime = NOW, manner: Manner | None = None) -> Refresh:
    return refresh(clinic, store, RULEBOOK, lambda: at, manner)


def test_everybody_is_read_once_and_kept():
    clinic, store = Clinic("p1", "p2", "p3", "p2"), a_store()

    done = read(clinic, store)

    assert (done.state, done.number, done.good, done.failed) == (RefreshState.DONE, 3, 3, 0)
    assert sorted(clinic.asked) == ["p1", "p2", "p3"]
    assert {head.identity.patient_id for head in store.work.heads()} == {"p1", "p2", "p3"}


def test_whoever_could_not_be_read_is_tried_once_more_and_then_kept_as_that():
    clinic, store = Clinic("p1", "p2"), a_store()
    read(clinic, store)
    clinic.asked.clear()
    clinic.failing = {"p2": timeout()}

    done = read(clinic, store, NOW + HOUR)

    assert (done.state, done.good, done.failed) == (RefreshState.DONE, 1, 1)
    assert sorted(clinic.asked) == ["p1", "p2", "p2"]
    kept = store.work.status("p2")
    assert kept
    assert kept.status
    assert kept.failure == "North did not answer in time"
    assert kept.status.read_at == NOW


def test_when_nobody_can_be_read_the_reading_failed_and_says_why():
    clinic, store = Clinic("p1", "p2"), a_store()
    clinic.failing = {"p1": timeout(), "p2": timeout()}

    done = read(clinic, store)

    assert done.state is RefreshState.FAILED
    assert done.says == "No record could be read. North did not answer in time"
    assert len(clinic.asked) == 2


def test_when_nobody_says_who_the_patients_are_the_last_good_statuses_stay():
    clinic, store = Clinic("p1", "p2"), a_store()
    read(clinic, store)
    clinic.broken = timeout()

    done = read(clinic, store, NOW + HOUR)

    assert done.state is RefreshState.FAILED
    assert done.says == "North did not answer in time"
    heads = store.work.heads()
    assert [head.gone for head in heads] == ["", ""]
    assert all(head.reading and head.reading.read_at == NOW for head in heads)


def test_whoever_leaves_the_cohort_leaves_the_list_with_the_reason_and_may_come_back():
    clinic, store = Clinic("p1", "p2"), a_store()
    read(clinic, store)
    clinic.patients = ["p1"]
    read(clinic, store, NOW + HOUR)

    (gone,) = [head for head in store.work.heads() if head.identity.patient_id == "p2"]
    assert gone.gone == "Not among the patients of North since 23 Nov 2026."
    assert standing(gone, NOW + HOUR).off_list is OffList.GONE

    clinic.patients = ["p1", "p2"]
    clinic.failing = {"p2": timeout()}
    read(clinic, store, NOW + 2 * HOUR)

    # Not read again yet, but nobody who is to be looked after stays off the list.
    (back,) = [head for head in store.work.heads() if head.identity.patient_id == "p2"]
    assert (back.gone, standing(back, NOW + 2 * HOUR).off_list) == ("", None)


def test_a_cohort_that_loses_most_patients_at_once_takes_nobody_off_the_list():
    clinic, store = Clinic(*(f"p{number}" for number in range(10))), a_store()
    read(clinic, store)
    clinic.patients = ["p0", "p1", "p2", "p3"]

    done = read(clinic, store, NOW + HOUR)

    assert done.state is RefreshState.FAILED
    assert "6 of the 10 on the list are not among them" in done.says
    assert not any(store.work.known().values())

    let_go = read(clinic, store, NOW + HOUR, Manner(lets_go=True))
    assert let_go.state is RefreshState.DONE
    assert sum(bool(gone) for gone in store.work.known().values()) == 6


@pytest.mark.parametrize("listed", [1, 3])
def test_a_cohort_of_nobody_takes_nobody_off_even_a_short_list(listed: int):
    clinic, store = Clinic(*(f"p{number}" for number in range(listed))), a_store()
    read(clinic, store)
    clinic.patients = []

    done = read(clinic, store, NOW + HOUR)

    assert done.state is RefreshState.FAILED
    assert f"{listed} of the {listed} on the list are not among them" in done.says
    assert not any(store.work.known().values())

    let_go = read(clinic, store, NOW + HOUR, Manner(lets_go=True))
    assert let_go.state is RefreshState.DONE
    assert all(store.work.known().values())


def test_of_a_short_list_two_may_leave_while_one_stays():
    clinic, store = Clinic("p0", "p1", "p2"), a_store()
    read(clinic, store)
    clinic.patients = ["p1"]

    assert read(clinic, store, NOW + HOUR).state is RefreshState.DONE
    assert [each for each, gone in store.work.known().items() if gone] == ["p0", "p2"]


def test_where_nobody_is_listed_a_cohort_of_nobody_is_read():
    assert read(Clinic(), a_store()).state is RefreshState.DONE


def test_a_record_that_nobody_foresaw_hides_neither_itself_nor_the_others():
    clinic, store = Clinic("p1", "p2"), a_store()

    def trip(patient_id: str) -> None:
        if patient_id == "p1":
            raise ZeroDivisionError("Testpatient-Secret")

    clinic.before = trip
    done = read(clinic, store)

    assert (done.good, done.failed) == (1, 1)
    kept = store.work.status("p1")
    assert kept
    assert kept.failure == (
        "The record could not be assessed (ZeroDivisionError): tell hospital IT."
    )


def test_what_was_doubtful_about_the_cohort_is_kept_with_the_reading():
    clinic = Clinic("p1")
    clinic.doubts = ("Of 2 records it cannot be told whose they are.",)

    assert read(clinic, a_store()).says == "Of 2 records it cannot be told whose they are."


def test_a_reading_that_is_ended_early_goes_on_where_it_stopped():
    clinic, store = Clinic(*(f"p{number}" for number in range(12))), a_store()
    manner = Manner(at_once=2, is_over=Event())

    def stop_at_fifth(_: str) -> None:
        if len(clinic.asked) == 4:
            manner.is_over.set()

    clinic.before = stop_at_fifth
    cut_off = read(clinic, store, NOW, manner)
    first = list(clinic.asked)
    assert cut_off.state is RefreshState.RUNNING
    assert 5 <= len(first) < 12

    clinic.before = lambda _: None
    done = read(clinic, store, NOW + timedelta(minutes=1))

    assert (done.id, done.state, done.good) == (cut_off.id, RefreshState.DONE, 12)
    assert sorted(clinic.asked) == sorted(clinic.patients)


def test_of_two_processes_one_reads_and_the_other_is_told():
    clinic, store = Clinic("p1"), a_store()
    told = []

    def another(_: str) -> None:
        with pytest.raises(AlreadyUnderWayError):
            read(Clinic("p1"), store)
        told.append(True)

    clinic.before = another
    assert read(clinic, store).state is RefreshState.DONE
    assert told == [True]


KILLED = """
import sys, os, signal
from pathlib import Path
from cds_service.population.refresh import Manner, refresh
from cds_service.store.open_store import open_store
from tests.population.clinics import NOW, RULEBOOK, Clinic
clinic = Clinic(*(f"p{number}" for number in range(30)))
def die(_):
    if len(clinic.asked) == 20:
        os.kill(os.getpid(), signal.SIGKILL)
clinic.before = die
store = open_store(Path(sys.argv[1]), lambda: NOW)
refresh(clinic, store, RULEBOOK, lambda: NOW, Manner(at_once=2))
"""


def test_a_process_that_was_killed_leaves_nothing_half_and_another_goes_on(tmp_path: Path):
    died = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, check=False)
    assert died.returncode == -signal.SIGKILL
    store = open_store(tmp_path, lambda: NOW)
    cut_off = store.refreshes.latest()
    assert cut_off
    left = store.refreshes.unread(cut_off.id)
    assert 0 < len(left) < 30
    clinic = Clinic(*(f"p{number}" for number in range(30)))
    with pytest.raises(AlreadyUnderWayError):
        read(clinic, store, NOW + LEASE - timedelta(seconds=1))

    done = read(clinic, store, NOW + LEASE)

    assert (done.state, done.good, done.failed) == (RefreshState.DONE, 30, 0)
    assert sorted(clinic.asked) == sorted(left)
    heads = store.work.heads()
    assert len(heads) == 30
    assert all(standing(head, NOW + LEASE).lane is Lane.NO_ACTION for head in heads)


def test_one_patient_can_be_read_anew():
    clinic, store = Clinic("p1"), a_store()

    assert reread(clinic, store, RULEBOOK, "p1", NOW)
    clinic.failing = {"p1": timeout()}
    assert not reread(clinic, store, RULEBOOK, "p1", NOW + HOUR)


def ended(state: RefreshState, at: datetime | None) -> Refresh:
    return Refresh(1, "North", NOW, at, state, "", 1, 1, 0)


SOON = timedelta(minutes=MINUTES_AFTER_A_FAILURE)
DUE = {
    "nothing was ever read": (None, timedelta(), True),
    "it was cut off": (ended(RefreshState.RUNNING, None), timedelta(), True),
    "just done": (ended(RefreshState.DONE, NOW), timedelta(), False),
    "done nearly an hour ago": (ended(RefreshState.DONE, NOW), HOUR - timedelta(seconds=1), False),
    "done an hour ago": (ended(RefreshState.DONE, NOW), HOUR, True),
    "just failed": (ended(RefreshState.FAILED, NOW), timedelta(seconds=1), False),
    "failed a short while ago": (ended(RefreshState.FAILED, NOW), SOON, True),
    "the clock was set back": (ended(RefreshState.DONE, NOW), -HOUR, True),
}


@pytest.mark.parametrize(("latest", "later", "expected"), DUE.values(), ids=DUE)
def test_when_it_is_time_to_read(latest: Refresh | None, later: timedelta, expected: bool):
    assert is_due(latest, NOW + later, HOUR) is expected


def test_the_background_reads_at_once_and_again_only_when_somebody_wants_it():
    store, times = a_store(), []

    def once(_: Event) -> Refresh:
        times.append(1)
        return read(Clinic("p1"), store)

    refresher = Refresher(once, store.refreshes, HOUR, lambda: NOW)
    refresher.look()
    refresher.look()
    assert len(times) == 1

    refresher.read_now()
    refresher.look()
    refresher.look()
    assert len(times) == 2


@pytest.mark.parametrize("fault", [AlreadyUnderWayError("x"), timeout(), ValueError("x")], ids=repr)
def test_a_failure_of_any_kind_does_not_end_the_reading_for_ever(fault: Exception):
    store = a_store()

    def fail(_: Event) -> Refresh:
        raise fault

    Refresher(fail, store.refreshes, HOUR, lambda: NOW).look()
