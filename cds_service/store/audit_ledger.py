"""Who viewed, exported or changed what: appended, never changed, each row sealing the one before.

A row is FHIR AuditEvent JSON. Its seal is made with the site's key over the seal before it, so a
row that was changed, put in or taken out later breaks the chain at its place. Both ends are sealed
too: up to where old rows were lawfully deleted, and which row is the newest. An older copy of the
whole database, put in its place, the chain cannot tell.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import Engine, and_, delete, func, insert, or_, select, update
from sqlalchemy.engine import Connection

from cds_service.store.audit_guard import CUT_AT, CUT_SEAL, NEWEST
from cds_service.store.database import reading, writing
from cds_service.store.tables import store_keys
from cds_service.store.work_tables import audit

_BEGINNING = "0" * 64
_FORGED = ""
_AT_ONCE = 500


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
        row = {"at": at, "person": person, "patient": patient, "content": content, "chain": chain}
        (number,) = connection.execute(insert(audit).values(row)).inserted_primary_key or (0,)
        _keep_words(connection, {NEWEST: self._end("newest", number, chain)})

    def rows(
        self, person: str = "", patient: str = "", since: datetime | None = None, limit: int = 200
    ) -> list[AuditRow]:
        """The newest entries that match, the newest first. Raises StoreError.

        Those of a patient are those about the patient alone, and lists on which the patient stood.
        """
        wanted = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if person:
            wanted = wanted.where(audit.c.person == person)
        if patient:
            on_list = audit.c.content.contains(_reference(patient), autoescape=True)
            of_list = and_(audit.c.patient == "", on_list)
            wanted = wanted.where(or_(audit.c.patient == patient, of_list))
        if since is not None:
            wanted = wanted.where(audit.c.at >= int(since.timestamp()))
        with reading(self._engine) as connection:
            return [
                AuditRow(row.id, _moment(row.at), row.person, row.patient, row.content)
                for row in connection.execute(wanted)
                # SQLite's LIKE takes P1 for p1; ids of FHIR are two then.
                if not patient or row.patient == patient or _reference(patient) in row.content
            ]

    def first_broken(self) -> int | None:
        """The number of the first row that is not as it was written; None when all are.

        A row that is missing counts: the one behind it is named, or the number it would have had.
        Raises StoreError.
        """
        wanted = select(audit).order_by(audit.c.id).execution_options(yield_per=_AT_ONCE)
        with reading(self._engine) as connection:
            words = _words(connection)
            number, before = self._beginning(words)
            with connection.execute(wanted) as rows:
                for row in rows:
                    chain = self._seal(before, row.at, row.person, row.patient, row.content)
                    if not _is_same(chain, row.chain):
                        return int(row.id)
                    number, before = row.id, row.chain
        is_nothing = not words and before == _BEGINNING
        is_whole = _is_same(words.get(NEWEST, ""), self._end("newest", number, before))
        return None if is_nothing or is_whole else number + 1

    def forget_before(self, moment: datetime) -> int:
        """Deletes entries that were kept long enough, and says how many.

        The chain goes on from the last of them. Whatever stands behind an entry that must be kept
        is kept, and the newest always. Raises StoreError.
        """
        with reading(self._engine) as connection:
            if _last_before(connection, moment) is None:
                return 0
        with writing(self._engine) as connection:
            last = _last_before(connection, moment)
            if last is None:
                return 0
            number, chain = last
            seal = f"{chain}:{self._end('cut', number, chain)}"
            _keep_words(connection, {CUT_AT: str(number), CUT_SEAL: seal})
            return connection.execute(delete(audit).where(audit.c.id <= number)).rowcount

    def _beginning(self, words: Mapping[str, str]) -> tuple[int, str]:
        """The number and the seal that the first row there follows from."""
        if CUT_AT not in words and CUT_SEAL not in words:
            return 0, _BEGINNING
        at = words.get(CUT_AT, "")
        number = int(at) if at.isdecimal() else 0
        chain, _, proof = words.get(CUT_SEAL, "").partition(":")
        is_ours = _is_same(proof, self._end("cut", number, chain))
        return number, chain if is_ours else _FORGED

    def _end(self, which: str, number: int, chain: str) -> str:
        told = f"{which}:{number}:{chain}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, told, sha256).hexdigest()

    def _seal(self, *parts: object) -> str:
        # In words, because SQLite takes a value of any kind from whoever changes a row.
        told = "".join(f"{len(str(part))}:{part}" for part in parts)
        return hmac.new(self._key, told.encode("utf-8", "surrogatepass"), sha256).hexdigest()


def _reference(patient: str) -> str:
    """How an entry names a patient of a list."""
    return json.dumps(f"Patient/{patient}", ensure_ascii=False)


def _is_same(one: object, other: object) -> bool:
    seals = (str(seal).encode("utf-8", "surrogatepass") for seal in (one, other))
    return hmac.compare_digest(*seals)


def _words(connection: Connection) -> dict[str, str]:
    """What stands beside the rows about both ends of the chain."""
    names = store_keys.c.name.in_((CUT_AT, CUT_SEAL, NEWEST))
    found = connection.execute(select(store_keys.c.name, store_keys.c.value).where(names))
    return {row.name: row.value for row in found}


def _keep_words(connection: Connection, words: Mapping[str, str]) -> None:
    for name, value in words.items():
        is_this = store_keys.c.name == name
        if not connection.execute(update(store_keys).where(is_this).values(value=value)).rowcount:
            connection.execute(insert(store_keys).values(name=name, value=value))


def _last_before(connection: Connection, moment: datetime) -> tuple[int, str] | None:
    """Number and seal of the last entry of which it and all before it are older than the moment."""
    newest = connection.execute(select(func.max(audit.c.id))).scalar_one_or_none()
    wanted = select(audit.c.id, audit.c.at, audit.c.chain).order_by(audit.c.id)
    last = None
    with connection.execute(wanted.execution_options(yield_per=_AT_ONCE)) as rows:
        # A clock may have been set back between two entries: the number decides.
        for row in rows:
            if row.id == newest or row.at >= int(moment.timestamp()):
                break
            last = (row.id, row.chain)
    return last


def _last_seal(connection: Connection) -> str:
    newest = select(audit.c.chain).order_by(audit.c.id.desc()).limit(1)
    return connection.execute(newest).scalar_one_or_none() or _BEGINNING


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
