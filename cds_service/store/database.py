"""The connection to the database, SQLite or PostgreSQL; its failures in words.

One process writes at a time, on both: what a transaction has read stays true until it is kept.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, QueuePool, create_engine, event, make_url, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from cds_service.errors import RefusedRecordError, SettingsError, StoreError

SECONDS_TO_WAIT = 1.0
"""For another process to finish writing. A hook waits no longer: cards go out without ledger."""

POSTGRESQL = "postgresql"

_BEGIN = "store_begin"
_CONNECTIONS = 16
_ONE_WRITER = text("SELECT pg_advisory_xact_lock(4891274620)")
"""What BEGIN IMMEDIATE is on SQLite. The number is this service's own among advisory locks."""


def memory_engine() -> Engine:
    """A database in this process's memory; one connection, which one thread at a time uses."""
    engine = create_engine(
        "sqlite://",
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=SECONDS_TO_WAIT,
        connect_args={"check_same_thread": False},
    )
    return _prepared(engine)


def file_engine(file: Path) -> Engine:
    """A database in a file that is there, and that several processes may share.

    A file that is taken away or replaced later is refused: what is written to one without a name
    would be lost without a word. Raises OSError when there is none.
    """
    address = f"file:{quote(str(file.absolute()))}?mode=rw"
    engine = create_engine(
        "sqlite://",
        poolclass=QueuePool,
        pool_timeout=SECONDS_TO_WAIT,
        creator=lambda: sqlite3.connect(
            address, uri=True, timeout=SECONDS_TO_WAIT, check_same_thread=False
        ),
    )
    opened = _identity(file)
    event.listen(engine, "begin", lambda _: _check_same(file, opened))
    return _prepared(engine)


def server_engine(url: str, password: str) -> Engine:
    """A database of a PostgreSQL server. Raises SettingsError where its driver is not installed."""
    address = make_url(url).set(drivername="postgresql+psycopg", password=password or None)
    try:
        return create_engine(
            address,
            pool_size=_CONNECTIONS,
            max_overflow=0,
            pool_timeout=SECONDS_TO_WAIT,
            pool_pre_ping=True,
            connect_args={
                "connect_timeout": 2,
                # A server that vanished without a word would hold each call for minutes.
                "tcp_user_timeout": 2000,
                "application_name": "itb-pump-cds",
                "options": "-c lock_timeout=1000 -c statement_timeout=15000",
            },
        )
    except ImportError:
        raise SettingsError(
            "store.url: the driver for PostgreSQL is not installed. Install the extra: "
            "pip install 'itb-pump-cds[postgres]'."
        ) from None


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that writes, kept whole or not at all. Raises StoreError."""
    # Begun as a reader, it would fail at once when another writes between its read and its write.
    writer = engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
    with _spoken_of(), writer.begin() as connection:
        if connection.dialect.name == POSTGRESQL:
            connection.execute(_ONE_WRITER)
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One view of the database that no writer changes meanwhile. Raises StoreError."""
    is_server = engine.dialect.name == POSTGRESQL
    level = {"isolation_level": "REPEATABLE READ"} if is_server else {}
    with _spoken_of(), engine.connect().execution_options(**level) as connection:
        yield connection


@contextmanager
def _spoken_of() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as fault:
        # Never the statement: its parameters are what is kept.
        cause = getattr(fault, "orig", None) or fault
        kind = RefusedRecordError if isinstance(fault, IntegrityError | DataError) else StoreError
        raise kind(
            f"store: the database refused ({type(cause).__name__}: {_words(cause)}). "
            "Look at the free space and the rights of the store's folder."
        ) from None
    except UnicodeEncodeError:
        raise RefusedRecordError(
            "store: a text holds half a character; it cannot be kept."
        ) from None


def _words(cause: BaseException) -> str:
    return str(cause) if isinstance(cause, sqlite3.Error) else "see the database's own log"


def _check_same(file: Path, opened: tuple[int, int]) -> None:
    try:
        is_same = _identity(file) == opened
    except OSError:
        is_same = False
    if not is_same:
        raise StoreError(
            f"store: {file} is gone, or another file is in its place. Put it back, and start the "
            "service again."
        )


def _identity(file: Path) -> tuple[int, int]:
    found = file.stat()
    return found.st_dev, found.st_ino


def _prepared(engine: Engine) -> Engine:
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _: Any) -> None:
    # The driver would begin transactions by its own rules; `_on_begin` does it.
    connection.isolation_level = None
    # What was answered must outlast a loss of power: FULL waits for the disk at each commit.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))
