"""Whether a database is whole, of this service's version, with its key, its audit unchanged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, func, select
from sqlalchemy.engine import Connection

from cds_service.store.audit_ledger import AuditLedger
from cds_service.store.database import POSTGRESQL, reading
from cds_service.store.pseudonyms import FINGERPRINT, Pseudonyms
from cds_service.store.schema import HEAD, version_of
from cds_service.store.tables import calls, store_keys
from cds_service.store.work_tables import audit, statuses, tasks


@dataclass(frozen=True, slots=True)
class Soundness:
    """What was found: what is wrong, in words (nothing: all is well), and how much there is.

    `audited` is when the first and the last entry of the audit were written.
    """

    problems: Sequence[str]
    patients: int = 0
    tasks: int = 0
    calls: int = 0
    entries: int = 0
    audited: tuple[datetime, datetime] | None = None


def soundness(engine: Engine, key: bytes) -> Soundness:
    """Looks through a database and changes nothing. Raises StoreError when it cannot be read."""
    pseudonyms = Pseudonyms(key)
    with reading(engine) as connection:
        version = version_of(connection)
        if version != HEAD:
            found = f"the database is of version {version}" if version else "the database is empty"
            return Soundness((f"{found}; this service works with {HEAD}",))
        problems = list(_problems(connection, pseudonyms))
        first, last = connection.execute(select(func.min(audit.c.at), func.max(audit.c.at))).one()
        patients, work, answered, entries = (
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (statuses, tasks, calls, audit)
        )
    broken = AuditLedger(engine, key).first_broken()
    if broken is not None:
        problems.append(f"the audit is not as it was written, from entry {broken} on")
    times = None if first is None else (_moment(first), _moment(last))
    return Soundness(problems, patients, work, answered, entries, times)


def _problems(connection: Connection, pseudonyms: Pseudonyms) -> Iterator[str]:
    if connection.dialect.name != POSTGRESQL:
        for row in connection.exec_driver_sql("PRAGMA integrity_check(3)"):
            if row[0] != "ok":
                yield f"the file is damaged: {row[0]}"
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if orphans:
            yield f"{len(orphans)} rows belong to rows that are not there"
    wanted = select(store_keys.c.value).where(store_keys.c.name == FINGERPRINT)
    if connection.execute(wanted).scalar_one_or_none() != pseudonyms.fingerprint:
        yield "the key is not the one that the database was made with"


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
