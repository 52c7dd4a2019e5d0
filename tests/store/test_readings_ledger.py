"""Readings are kept once, used until withdrawn, and never lost."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cds_service.errors import ChangeRefusedError
from cds_service.store.open_store import Store, open_store
from cds_service.store.readings_ledger import PRINTOUT, KeptReading

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    return open_store(None, lambda: NOW)


def a_reading(reading_id: str = "r1", patient: str = "p1", who: str = "kim") -> KeptReading:
    resources = ({"resourceType": "Observation", "id": reading_id},)
    return KeptReading(
        reading_id, patient, PRINTOUT, "2026-11-20T14:05+00:00", NOW, who, "", "", resources
    )


def test_a_reading_sent_twice_is_kept_once(store):
    assert store.readings.keep(a_reading())
    assert not store.readings.keep(a_reading())

    assert store.readings.resources("p1") == [{"resourceType": "Observation", "id": "r1"}]


def test_the_id_of_another_patients_reading_is_refused(store):
    store.readings.keep(a_reading())

    with pytest.raises(ChangeRefusedError):
        store.readings.keep(a_reading(patient="p2"))
    assert store.readings.resources("p2") == []


def test_a_corrected_form_is_not_taken_for_the_first_one(store):
    store.readings.keep(a_reading())
    corrected = replace(a_reading(), resources=({"resourceType": "Observation", "id": "other"},))

    with pytest.raises(ChangeRefusedError):
        store.readings.keep(corrected)
    store.readings.withdraw("r1", "p1", "wrong")
    with pytest.raises(ChangeRefusedError):
        store.readings.keep(a_reading())


def test_a_withdrawn_reading_stays_and_counts_no_more(store):
    store.readings.keep(a_reading())

    assert not store.readings.withdraw("r1", "p2", "of another patient")
    assert store.readings.withdraw("r1", "p1", "wrong printout")
    assert not store.readings.withdraw("r1", "p1", "again")

    assert store.readings.resources("p1") == []
    (kept,) = store.readings.of_patient("p1")
    assert (kept.counts, kept.withdrawn_because) == (False, "wrong printout")


def test_what_the_ehr_lacks_or_should_not_count_is_known(store):
    store.readings.keep(a_reading("r1"))
    store.readings.keep(a_reading("r2"))
    assert [each.id for each in store.readings.not_sent(10)] == ["r1", "r2"]

    store.readings.note_sent("r1")
    store.readings.withdraw("r2", "p1", "never sent: nothing to take back")
    assert store.readings.not_sent(10) == []

    store.readings.withdraw("r1", "p1", "sent: to be taken back")
    assert [each.id for each in store.readings.not_sent(10)] == ["r1"]
    store.readings.note_sent("r1")
    assert store.readings.not_sent(10) == []
