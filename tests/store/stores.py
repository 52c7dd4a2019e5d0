"""Where the tests of the store keep things: here, or on the PostgreSQL of `make postgres`."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from cds_service.settings import StoreSettings
from cds_service.store import database, open_store
from cds_service.store.open_store import Store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
opened: list[Store] = []
"""The stores of sites: a server's connections have to be closed before the test ends."""


def empty_engine() -> Engine:
    """A database with nothing in it."""
    made: Engine = getattr(open_store, database.memory_engine.__name__)()
    return made


def server_url() -> str:
    """A new database on the server; '' where stores with a folder are files in it."""
    return ""


def a_site_store(folder: Path, url: str = "") -> Store:
    """The store of a site with this folder, and with this database where one is named."""
    opened.append(open_store.open_store(folder, lambda: NOW, StoreSettings(url=url)))
    return opened[-1]
