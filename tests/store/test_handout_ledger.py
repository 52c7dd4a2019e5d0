"""Which page for a patient was released, by whom: the newest release, none lost."""

from datetime import UTC, datetime, timedelta

from cds_service.store.handout_ledger import Release
from cds_service.store.open_store import open_store

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def a_release(seal: str, patient_id: str = "ben", minutes: int = 0) -> Release:
    at = NOW + timedelta(minutes=minutes)
    return Release(patient_id, seal, "site|casey", "Dr Casey", at)


def test_the_newest_release_of_a_patient_is_found():
    store = open_store(None, lambda: NOW)
    store.handouts.release(a_release("first"))
    store.handouts.release(a_release("second", minutes=5))
    store.handouts.release(a_release("another", "ada", 9))

    assert store.handouts.newest("ben") == a_release("second", minutes=5)
    assert store.handouts.newest("ada") == a_release("another", "ada", 9)
    assert store.handouts.newest("nobody") is None
