"""Where the tests of the store keep things: in memory, or on the PostgreSQL of `make postgres`."""

from datetime import UTC, datetime

from sqlalchemy import Engine

from cds_service.store import database, open_store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def empty_engine() -> Engine:
    """A database with nothing in it."""
    made: Engine = getattr(open_store, database.memory_engine.__name__)()
    return made
