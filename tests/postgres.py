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

SERVER = os.environ["ITB_TEST_POSTGRES"]
_numbers = count()


@pytest.fixture(autouse=True)
def on_postgresql(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every store that would be in memory is a new database on the server."""
    admin = create_engine(
        SERVER.replace("postgresql:", "postgresql+psycopg:") + "/postgres",
        isolation_level="AUTOCOMMIT",
    )
    made: list[tuple[str, Engine]] = []

    def engine() -> Engine:
        name = f"itb_{os.getpid()}_{next(_numbers)}"
        with admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        made.append((name, server_engine(f"{SERVER}/{name}", "")))
        return made[-1][1]

    monkeypatch.setattr(open_store, "memory_engine", engine)
    yield
    for name, used in made:
        used.dispose()
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()
