"""The audit shows who did what, and that nobody changed it afterwards."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cds_service.errors import StoreError
from cds_service.store.audit_guard import unguard_audit
from cds_service.store.open_store import Store, open_store
from tests.store import stores

ROOT = Path(__file__).parents[2]
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


def test_who_looked_at_a_patient_looked_at_a_list_with_the_patient(store):
    store.audit.append("kim", "", '{"n":4,"what":["Patient/p1","Patient/p22"]}', NOW)
    store.audit.append("kim", "", '{"n":5,"what":["Patient/P2"]}', NOW)

    def found(patient: str) -> list[str]:
        return [row.content[:6] for row in store.audit.rows(patient=patient)]

    assert found("p1") == ['{"n":4', '{"n":3', '{"n":1']
    assert found("p2") == ['{"n":2']
    assert found("P2") == ['{"n":5']
    assert found("p22") == ['{"n":4']
    assert found("p_2") == found("%") == []


def test_an_untouched_chain_is_whole(store):
    assert store.audit.first_broken() is None


@pytest.mark.parametrize(
    ("tampering", "first_broken"),
    [
        pytest.param("update audit set patient = 'p9' where id = 2", 2, id="changed"),
        pytest.param("delete from audit where id = 2", 3, id="taken out"),
        pytest.param("update audit set at = at - 1 where id = 1", 1, id="moved in time"),
        pytest.param("update audit set chain = 'é' where id = 2", 2, id="sealed by somebody"),
        pytest.param("delete from audit where id = 3", 3, id="the newest taken off"),
        pytest.param("delete from audit", 1, id="emptied"),
        pytest.param(
            "delete from store_keys where name = 'audit_newest'", 4, id="the end left open"
        ),
    ],
)
def test_tampering_breaks_the_chain_at_its_place(store, tampering, first_broken):
    with store.engine.begin() as connection:
        unguard_audit(connection)
        connection.execute(text(tampering))

    assert store.audit.first_broken() == first_broken


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set patient = 'p9' where id = 2",
        "delete from audit where id = 3",
        "delete from audit",
    ],
)
def test_the_database_itself_refuses_to_change_the_audit(store, statement):
    with pytest.raises(DBAPIError, match="the audit is"), store.engine.begin() as connection:
        connection.execute(text(statement))

    assert len(store.audit.rows()) == 3


def test_what_was_kept_long_enough_goes_and_the_chain_goes_on(store):
    store.audit.append("kim", "p3", '{"n":4}', NOW + timedelta(days=10))
    store.audit.append("kim", "p4", '{"n":5}', NOW + timedelta(days=20))

    store.audit.forget_before(NOW + timedelta(days=5))

    assert [row.content for row in store.audit.rows()] == ['{"n":5}', '{"n":4}']
    assert store.audit.first_broken() is None
    with pytest.raises(DBAPIError, match="the audit is"), store.engine.begin() as connection:
        connection.execute(text("delete from audit where id = 4"))


def test_a_cut_that_the_service_did_not_make_breaks_the_chain(store):
    with store.engine.begin() as connection:
        chain = connection.execute(text("select chain from audit where id = 2")).scalar_one()
        for name, value in (("audit_cut_at", "2"), ("audit_cut_seal", f"{chain}:{'0' * 64}")):
            connection.execute(
                text("insert into store_keys values (:name, :value)"),
                {"name": name, "value": value},
            )
        connection.execute(text("delete from audit where id <= 2"))

    assert store.audit.first_broken() == 3


def test_a_clock_that_was_set_back_lets_nothing_go_too_early(store):
    store.audit.append("kim", "p3", '{"n":4}', NOW + timedelta(days=10))
    store.audit.append("kim", "p4", '{"n":5}', NOW)
    store.audit.append("kim", "p5", '{"n":6}', NOW + timedelta(days=20))

    assert store.audit.forget_before(NOW + timedelta(days=5)) == 3

    assert [row.content for row in store.audit.rows()] == ['{"n":6}', '{"n":5}', '{"n":4}']
    assert store.audit.first_broken() is None
    assert store.audit.forget_before(NOW + timedelta(days=5)) == 0


def test_half_a_character_is_refused_in_words(store):
    with pytest.raises(StoreError, match="half a character"):
        store.audit.append("kim", "p1", "\ud800", NOW)

    assert store.audit.first_broken() is None


def test_the_newest_entry_stays_whatever_its_age(store):
    store.audit.forget_before(NOW + timedelta(days=5000))

    assert [row.content for row in store.audit.rows()] == ['{"n":3}']
    assert store.audit.first_broken() is None


WRITER = """
import sys
from pathlib import Path
from tests.store.stores import NOW, a_site_store
store = a_site_store(Path(sys.argv[1]), sys.argv[2])
for number in range(int(sys.argv[3])):
    store.audit.append(sys.argv[4], "", str(number), NOW)
    print(number, flush=True)
"""


def writing(folder: Path, url: str, entries: int, who: str) -> subprocess.Popen[str]:
    """A process that writes entries and says the number of each when it is kept."""
    started = [sys.executable, "-c", WRITER, str(folder), url, str(entries), who]
    return subprocess.Popen(started, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_two_processes_write_one_chain(tmp_path):
    url = stores.server_url()
    writers = [writing(tmp_path, url, 15, name) for name in ("one", "two")]
    for writer in writers:
        writer.communicate(timeout=60)
    assert [writer.returncode for writer in writers] == [0, 0]

    audit = stores.a_site_store(tmp_path, url).audit

    assert len(audit.rows()) == 30
    assert audit.first_broken() is None


def test_a_process_killed_while_it_writes_leaves_a_whole_chain(tmp_path):
    url = stores.server_url()
    with writing(tmp_path, url, 100_000, "killed") as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(20)]
        writer.kill()

    audit = stores.a_site_store(tmp_path, url).audit

    kept = {row.content for row in audit.rows(limit=100_000)}
    assert {line.strip() for line in said} <= kept
    assert audit.first_broken() is None
