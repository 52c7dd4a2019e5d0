"""Lets tests that keep things in memory keep them on a PostgreSQL server: `-p tests.postgres`.

ITB_TEST_POSTGRES names the server, as `postgresql://postgres@127.0.0.1:5433`. Each store is a
database of its own. Without the variable the tests do not start: nothing is skipped.
"""

import os
from collections.abc import Iterator
from itertools import count

import pytest
from sqlalchemy import Engine, create_engine, text

from cds_service.store import open_store
from cds_service.store.database import server_engine
from tests.store import stores

SERVER = os.environ["ITB_TEST_POSTGRES"]
_numbers = count()


@pytest.fixture(autouse=True)
def on_postgresql(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every store that would be in memory is a new database on the server.

    So is each that a test asks `server_url` for, to share it between processes.
    """
    admin = create_engine(
        SERVER.replace("postgresql:", "postgresql+psycopg:") + "/postgres",
        isolation_level="AUTOCOMMIT",
    )
    made: list[str] = []
    engines: list[Engine] = []

    def url() -> str:
        made.append(f"itb_{os.getpid()}_{next(_numbers)}")
        with admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{made[-1]}"'))
        return f"{SERVER}/{made[-1]}"

    def engine() -> Engine:
        engines.append(server_engine(url(), ""))
        return engines[-1]

    monkeypatch.setattr(open_store, "memory_engine", engine)
    monkeypatch.setattr(stores, "server_url", url)
    yield
    for used in (*engines, *(each.engine for each in stores.opened)):
        used.dispose()
    stores.opened.clear()
    for name in made:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()
