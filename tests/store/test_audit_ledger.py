"""The audit shows who did what, and that nobody changed it afterwards."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from cds_service.store.open_store import Store, open_store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    store = open_store(None, lambda: NOW)
    for number, patient in enumerate(("p1", "p2", "p1"), start=1):
        store.audit.append("kim", patient, f'{{"n":{number}}}', NOW)
    return store


def test_entries_come_back_newest_first(store):
    assert [row.content for row in store.audit.rows()] == ['{"n":3}', '{"n":2}', '{"n":1}']
    assert [row.content for row in store.audit.rows(patient="p1")] == ['{"n":3}', '{"n":1}']
    assert store.audit.rows(person="somebody else") == []


def test_an_untouched_chain_is_whole(store):
    assert store.audit.first_broken() is None


@pytest.mark.parametrize(
    ("tampering", "first_broken"),
    [
        pytest.param("update audit set patient = 'p9' where id = 2", 2, id="changed"),
        pytest.param("delete from audit where id = 2", 3, id="taken out"),
        pytest.param("update audit set at = at - 1 where id = 1", 1, id="moved in time"),
    ],
)
def test_tampering_breaks_the_chain_at_its_place(store, tampering, first_broken):
    with store.engine.begin() as connection:
        connection.execute(text(tampering))

    assert store.audit.first_broken() == first_broken
