"""What happens to a store of record: real faults, for as long as a block lasts."""

import resource
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event

from cds_service.store.open_store import DATABASE_FILE, Store, open_store


@contextmanager
def locked(store: Store) -> Iterator[None]:
    """Another process is writing and does not come to an end."""
    assert store.file is not None
    other = open_store(store.file.parent, lambda: pytest.fail("the clock was asked"))
    with other.engine.connect().execution_options(store_begin="BEGIN IMMEDIATE") as connection:
        connection.exec_driver_sql("SELECT 1")
        yield
    other.close()


@contextmanager
def full(store: Store) -> Iterator[None]:
    """No file of this process can grow beyond what the store has written so far."""
    assert store.file is not None
    log = store.file.with_name(f"{DATABASE_FILE}-wal")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def read_only(store: Store) -> Iterator[None]:
    """The database may be read and not written."""

    def refuse_writes(connection, _) -> None:
        connection.execute("PRAGMA query_only=ON")

    event.listen(store.engine, "connect", refuse_writes)
    store.engine.dispose()
    yield
    event.remove(store.engine, "connect", refuse_writes)
    store.engine.dispose()


@contextmanager
def gone(store: Store) -> Iterator[None]:
    """Somebody moved the database away, and puts it back."""
    assert store.file is not None
    away = store.file.with_name("moved-away")
    store.file.rename(away)
    yield
    away.rename(store.file)


@contextmanager
def replaced(store: Store) -> Iterator[None]:
    """Somebody put another file in the database's place, and takes it away again."""
    with gone(store):
        assert store.file is not None
        store.file.write_bytes(Path("/dev/null").read_bytes())
        yield
        store.file.unlink()


Fault = Callable[[Store], AbstractContextManager[None]]
FAULTS: tuple[Fault, ...] = (locked, full, read_only, gone, replaced)
