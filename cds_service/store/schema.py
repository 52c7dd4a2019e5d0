"""The version of a database: a new one is made at once, an older one is brought up step by step.

Alembic is imported only when there is a step to take: it costs a start more than all tables do.
"""

from pathlib import Path

from sqlalchemy import Column, MetaData, String, Table, delete, insert, inspect, select
from sqlalchemy.engine import Connection

from cds_service.errors import SettingsError
from cds_service.store import count_tables, work_tables  # noqa: F401 - they are in the metadata
from cds_service.store.audit_guard import guard_audit
from cds_service.store.tables import create_tables

VERSIONS = ("0001", "0002", "0003")
"""The steps, the oldest first; the last is what this version of the service works with."""
HEAD = VERSIONS[-1]

_FIRST_TABLE = "calls"
_version_table = Table(
    "alembic_version", MetaData(), Column("version_num", String(32), primary_key=True)
)


def prepare(connection: Connection) -> None:
    """Brings the database to this version. Raises SettingsError for one that is newer."""
    found = version_of(connection)
    if found == HEAD:
        return
    if found is None:
        create_tables(connection)
        guard_audit(connection)
        _stamp(connection)
    else:
        check_known(found)
        move(connection, HEAD)


def version_of(connection: Connection) -> str | None:
    """The version of the database; None for one that is empty.

    A database from before there were steps has no version written in it; it counts as the first.
    """
    tables = inspect(connection)
    if tables.has_table(_version_table.name):
        wanted = select(_version_table.c.version_num)
        found: str | None = connection.execute(wanted).scalar_one_or_none()
        if found is not None:
            return found
    return VERSIONS[0] if tables.has_table(_FIRST_TABLE) else None


def check_known(version: str) -> None:
    """Refuses a database that this version of the service does not know. Raises SettingsError."""
    if version not in VERSIONS:
        raise SettingsError(
            f"store: the database is of version {version!r}, which this service does not know: it "
            f"knows {', '.join(VERSIONS)}. Start the newer service that made it, and take it back "
            "with `itb-cds store downgrade`, or restore the backup from before."
        )


def move(connection: Connection, version: str) -> None:
    """Moves the database to a version, up or down; `base` takes every table away."""
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    found = version_of(connection)
    if found is not None and not inspect(connection).has_table(_version_table.name):
        _stamp(connection, found)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    is_down = version == "base" or (found is not None and version < found)
    (command.downgrade if is_down else command.upgrade)(config, version)


def _stamp(connection: Connection, version: str = HEAD) -> None:
    _version_table.create(connection, checkfirst=True)
    connection.execute(delete(_version_table))
    connection.execute(insert(_version_table).values(version_num=version))
