"""What is kept of people who left the cohort ends when the site says, and not before."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from cds_service.settings import StoreSettings
from cds_service.store.database import reading, writing
from cds_service.store.open_store import Store, open_store
from cds_service.store.work_tables import (
    handout_releases,
    notes,
    readings,
    statuses,
    task_events,
    tasks,
)
from tests.coordination.builders import NOW, REFILL_DUE, TODAY, a_status
from tests.store.test_handout_ledger import a_release
from tests.store.test_readings_ledger import a_reading

WORK = (statuses, tasks, task_events, notes, readings, handout_releases)


def a_store(left_days: int | None) -> Store:
    """Of p1 and p2 there is everything; p1 has left, the day before yesterday."""
    store = open_store(None, lambda: NOW, StoreSettings(left_days=left_days))
    for patient in ("p1", "p2"):
        store.work.keep(a_status(patient, advice=(REFILL_DUE,)), TODAY)
        store.work.add_note(patient, "calls in the morning", "kim", NOW)
        store.readings.keep(a_reading(f"reading of {patient}", patient))
        store.handouts.release(a_release("f" * 64, patient))
        store.audit.append("kim", patient, "{}", NOW)
    store.work.note_gone("p1", "left the clinic", NOW - timedelta(days=2))
    return store


def amounts(store: Store) -> list[int]:
    with reading(store.engine) as connection:
        return [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in WORK
        ]


@pytest.mark.parametrize(
    ("left_days", "found"),
    [(None, []), (3, []), (2, ["p1"]), (1, ["p1"])],
    ids=["kept", "a day too early", "on the day", "past it"],
)
def test_who_left_is_found_once_the_sites_days_are_over(left_days: int | None, found: list[str]):
    assert a_store(left_days).retention.left_long_ago(NOW) == found


def test_all_of_the_patient_goes_and_nothing_of_another():
    store = a_store(1)

    assert store.retention.forget_patient("p1", NOW)

    assert amounts(store) == [1, 1, 1, 1, 1, 1]
    assert store.work.known() == {"p2": ""}
    assert [each.patient for each in store.audit.rows()] == ["p2", "p1"]
    assert store.audit.first_broken() is None
    assert not store.retention.forget_patient("p1", NOW)


def test_who_came_back_meanwhile_is_kept():
    store = a_store(1)
    store.work.note_gone("p1", "", NOW)

    assert store.retention.left_long_ago(NOW) == []
    assert not store.retention.forget_patient("p1", NOW)
    assert amounts(store) == [2, 2, 2, 2, 2, 2]


def test_for_who_left_before_the_moment_was_kept_the_days_count_from_now():
    store = a_store(30)
    with writing(store.engine) as connection:
        connection.execute(update(statuses).where(statuses.c.patient == "p1").values(gone_at=0))

    def found(days: int) -> list[str]:
        return store.retention.left_long_ago(NOW + timedelta(days=days))

    assert (found(0), found(29), found(30)) == ([], [], ["p1"])
