"""A database of any version becomes one of this version, and can be taken back."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from cds_service.errors import SettingsError
from cds_service.settings import StoreSettings
from cds_service.store import schema
from cds_service.store.database import reading, writing
from cds_service.store.open_store import DATABASE_FILE, SiteDatabase, open_store
from cds_service.store.tables import metadata
from tests.coordination.builders import a_status
from tests.store.stores import NOW, empty_engine


def names(connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


def differences(connection) -> list:
    return compare_metadata(MigrationContext.configure(connection), metadata)


def test_up_down_and_up_again_gives_what_the_code_works_with():
    engine = empty_engine()
    with writing(engine) as connection:
        schema.move(connection, schema.HEAD)
        assert differences(connection) == []
        schema.move(connection, "0001")
        assert names(connection) == {"store_keys", "seen_tokens", "calls", "cards", "feedback"}
        schema.move(connection, "base")
        assert names(connection) == set()
        schema.move(connection, schema.HEAD)
        assert differences(connection) == []


def test_a_new_database_is_as_if_all_steps_had_been_taken():
    engine = empty_engine()
    with writing(engine) as connection:
        schema.prepare(connection)
        assert schema.version_of(connection) == schema.HEAD
        assert differences(connection) == []


def test_the_code_knows_every_step():
    folder = Path(schema.__file__).parent / "migrations"
    steps = ScriptDirectory(str(folder)).walk_revisions()

    assert tuple(reversed([step.revision for step in steps])) == schema.VERSIONS


def test_a_database_from_before_there_were_steps_keeps_what_is_in_it(tmp_path):
    file = tmp_path / DATABASE_FILE
    open_store(tmp_path, lambda: NOW).close()
    old = create_engine(f"sqlite:///{file}")
    with old.begin() as connection:
        schema.move(connection, "0001")
        connection.execute(text("drop table alembic_version"))
        connection.execute(text("insert into seen_tokens values ('t', 1)"))
    old.dispose()

    store = open_store(tmp_path, lambda: NOW)

    with reading(store.engine) as connection:
        assert schema.version_of(connection) == schema.HEAD
        assert connection.execute(text("select token from seen_tokens")).scalar_one() == "t"
        assert differences(connection) == []


def test_a_reading_keeps_its_moment_through_the_versions(tmp_path):
    store = open_store(tmp_path, lambda: NOW)
    store.work.keep(a_status(read_at=NOW), NOW.date())
    store.close()
    database = SiteDatabase.of(tmp_path, StoreSettings(folder=tmp_path))

    database.downgrade("0002")
    file = create_engine(f"sqlite:///{tmp_path / DATABASE_FILE}")
    with file.connect() as connection:
        kept = connection.execute(text("select read_at, tried_at from statuses")).one()
    file.dispose()
    # 2026-11-23 09:00 UTC.
    assert tuple(kept) == (1795424400, 1795424400)

    database.upgrade()
    found = open_store(tmp_path, lambda: NOW).work.status("p1")
    assert found is not None
    assert found.tried_at == NOW


def test_a_database_of_a_newer_service_is_refused_in_words(tmp_path):
    store = open_store(tmp_path, lambda: NOW)
    with writing(store.engine) as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))

    with pytest.raises(SettingsError, match="'9999', which this service does not know"):
        open_store(tmp_path, lambda: NOW)


def test_a_site_can_go_back_and_forth(tmp_path):
    open_store(tmp_path, lambda: NOW).close()
    database = SiteDatabase.of(tmp_path, StoreSettings(folder=tmp_path))

    database.downgrade("0001")
    assert database.version() == "0001"
    database.upgrade()
    assert database.version() == schema.HEAD
    database.downgrade("base")
    assert database.version() is None
