"""How many of the cohort were read, counted in a real database."""

from datetime import timedelta

from cds_service.store.open_store import Store, open_store
from cds_service.store.reading_overview import Overview, overview_of
from tests.coordination.builders import NOW, TODAY, a_status

TOO_OLD = NOW - timedelta(hours=72)


def a_store(*read: tuple[str, timedelta]) -> Store:
    """A store in which each patient was read so long ago."""
    store = open_store(None, lambda: NOW)
    for patient_id, ago in read:
        store.work.keep(a_status(patient_id, read_at=NOW - ago), TODAY)
    return store


def test_an_empty_list_is_not_one_of_which_all_were_read():
    assert overview_of(a_store().engine, TOO_OLD) == Overview(0, 0)


def test_the_overview_says_when_the_first_and_the_last_were_read():
    store = a_store(("p1", timedelta(hours=2)), ("p2", timedelta(0)))

    assert overview_of(store.engine, TOO_OLD) == Overview(2, 0, NOW - timedelta(hours=2), NOW)


def test_failed_never_read_and_too_old_count_as_unread():
    store = a_store(
        ("p1", timedelta(0)), ("failed", timedelta(hours=1)), ("old", timedelta(hours=73))
    )
    store.work.keep_failure("failed", NOW, "the EHR did not answer")
    store.work.keep_failure("never", NOW, "the EHR did not answer")

    assert overview_of(store.engine, TOO_OLD) == Overview(4, 3, NOW, NOW)


def test_whom_the_cohort_has_no_more_does_not_count():
    store = a_store(("p1", timedelta(0)), ("p2", timedelta(0)))
    store.work.note_gone("p2", "left the clinic", NOW)

    assert overview_of(store.engine, TOO_OLD) == Overview(1, 0, NOW, NOW)
