"""Who viewed, exported or changed what: appended, never changed, each row sealing the one before.

A row is FHIR AuditEvent JSON. Its seal is made with the site's key over the seal before it, so a
row that was changed, put in or taken out later breaks the chain at its place. That the newest rows
were taken off its end, it cannot show.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import Engine, delete, func, insert, select
from sqlalchemy.engine import Connection

from cds_service.store.audit_guard import CUT_AT, CUT_SEAL
from cds_service.store.database import reading, writing
from cds_service.store.tables import store_keys
from cds_service.store.work_tables import audit

_BEGINNING = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One entry: who (an id), about whom ('' for nobody), when, and the AuditEvent as JSON."""

    number: int
    at: datetime
    person: str
    patient: str
    content: str


class AuditLedger:
    """Keeps the audit."""

    def __init__(self, engine: Engine, key: bytes) -> None:
        self._engine = engine
        self._key = hmac.new(key, b"audit", sha256).digest()

    def append(self, person: str, patient: str, content: str, now: datetime) -> None:
        """Writes one entry behind the last. Raises StoreError: then nothing was done unseen."""
        with writing(self._engine) as connection:
            self.append_in(connection, person, patient, content, now)

    def append_in(
        self, connection: Connection, person: str, patient: str, content: str, now: datetime
    ) -> None:
        """Writes one entry inside the caller's transaction."""
        at = int(now.timestamp())
        chain = self._seal(_last_seal(connection), at, person, patient, content)
        connection.execute(
            insert(audit).values(
                at=at, person=person, patient=patient, content=content, chain=chain
            )
        )

    def rows(
        self, person: str = "", patient: str = "", since: datetime | None = None, limit: int = 200
    ) -> list[AuditRow]:
        """The newest entries that match, the newest first. Raises StoreError."""
        wanted = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if person:
            wanted = wanted.where(audit.c.person == person)
        if patient:
            wanted = wanted.where(audit.c.patient == patient)
        if since is not None:
            wanted = wanted.where(audit.c.at >= int(since.timestamp()))
        with reading(self._engine) as connection:
            return [
                AuditRow(row.id, _moment(row.at), row.person, row.patient, row.content)
                for row in connection.execute(wanted)
            ]

    def first_broken(self) -> int | None:
        """The number of the first row that does not follow from the one before; None when whole."""
        with reading(self._engine) as connection:
            cut = select(store_keys.c.value).where(store_keys.c.name == CUT_SEAL)
            before = connection.execute(cut).scalar_one_or_none() or _BEGINNING
            for row in connection.execute(select(audit).order_by(audit.c.id)):
                chain = self._seal(before, row.at, row.person, row.patient, row.content)
                if not hmac.compare_digest(chain, row.chain):
                    number: int = row.id
                    return number
                before = row.chain
        return None

    def forget_before(self, moment: datetime) -> None:
        """Deletes entries that were kept long enough; the chain goes on from the last of them.

        The newest entry always stays, whatever its age. Raises StoreError.
        """
        with writing(self._engine) as connection:
            newest = select(func.max(audit.c.id)).scalar_subquery()
            old = audit.c.at < int(moment.timestamp())
            wanted = select(audit.c.id, audit.c.chain).where(old, audit.c.id < newest)
            last = connection.execute(wanted.order_by(audit.c.id.desc()).limit(1)).first()
            if last is None:
                return
            for name, value in ((CUT_AT, str(last.id)), (CUT_SEAL, last.chain)):
                connection.execute(delete(store_keys).where(store_keys.c.name == name))
                connection.execute(insert(store_keys).values(name=name, value=value))
            connection.execute(delete(audit).where(audit.c.id <= last.id))

    def _seal(self, before: str, at: int, person: str, patient: str, content: str) -> str:
        parts = (before, str(at), person, patient, content)
        told = "".join(f"{len(part)}:{part}" for part in parts)
        return hmac.new(self._key, told.encode("utf-8", "surrogatepass"), sha256).hexdigest()


def _last_seal(connection: Connection) -> str:
    newest = select(audit.c.chain).order_by(audit.c.id.desc()).limit(1)
    return connection.execute(newest).scalar_one_or_none() or _BEGINNING


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
