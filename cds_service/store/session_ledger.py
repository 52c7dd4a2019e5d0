"""Who is signed in, and sign-ins under way. What a browser holds is never kept, only its hash."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.engine import Connection

from cds_service.store.database import reading, writing
from cds_service.store.sealing import Sealing
from cds_service.store.work_tables import people, sessions, sign_ins

_BYTES = 32
_SIGN_IN_KEPT = timedelta(hours=1)
_TOUCHED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody who has signed in: to whom work can be given."""

    id: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A session that stands. `patient` is the one a launch named, '' for any; times are UTC.

    `content` is what the session keeps to itself, such as the tokens of its launch; forms opened in
    it carry `form_token`.
    """

    person: KnownPerson
    patient: str
    began_at: datetime
    seen_at: datetime
    content: bytes
    form_token: str


class SessionLedger:
    """Keeps sessions; their content is encrypted with a key made from the site's own."""

    def __init__(self, engine: Engine, key: bytes) -> None:
        self._engine = engine
        self._sealing = Sealing(key, "sessions")
        self._form_key = hmac.new(key, b"forms of sessions", sha256).digest()

    def begin(
        self, person: KnownPerson, now: datetime, patient: str = "", content: bytes = b""
    ) -> str:
        """A new session; what the browser is to hold. Raises StoreError."""
        secret = secrets.token_urlsafe(_BYTES)
        at = int(now.timestamp())
        row = {
            "id": _hash(secret),
            "person": person.id,
            "role": person.role,
            "patient": patient,
            "began_at": at,
            "seen_at": at,
            "content": self._sealing.seal(content),
        }
        with writing(self._engine) as connection:
            _know(connection, person, at)
            connection.execute(insert(sessions).values(row))
        return secret

    def find(
        self, secret: str, now: datetime, idle: timedelta, absolute: timedelta
    ) -> KeptSession | None:
        """The session a browser holds, unless it was idle or lasted too long. Raises StoreError."""
        is_this = sessions.c.id == _hash(secret)
        wanted = (
            select(sessions, people.c.name)
            .join(people, people.c.id == sessions.c.person)
            .where(is_this)
        )
        with reading(self._engine) as connection:
            row = connection.execute(wanted).first()
        if row is None:
            return None
        began, seen = _moment(row.began_at), _moment(row.seen_at)
        if now - seen > idle or now - began > absolute:
            return None
        if now - seen >= _TOUCHED_EVERY:
            with writing(self._engine) as connection:
                at = int(now.timestamp())
                connection.execute(update(sessions).where(is_this).values(seen_at=at))
            seen = now
        person = KnownPerson(row.person, row.name, row.role)
        content, form_token = self._sealing.open(row.content), self._form_token(row.id)
        return KeptSession(person, row.patient, began, seen, content, form_token)

    def whose(self, secret: str) -> KnownPerson | None:
        """Whose session it is or was, as long as it is remembered. Raises StoreError."""
        wanted = (
            select(people.c.id, people.c.name, people.c.role)
            .join(sessions, sessions.c.person == people.c.id)
            .where(sessions.c.id == _hash(secret))
        )
        with reading(self._engine) as connection:
            row = connection.execute(wanted).first()
        return KnownPerson(*row) if row else None

    def form_tokens_of(self, person_id: str) -> list[str]:
        """What a person's forms carry: of each session that stands or is remembered. StoreError."""
        wanted = select(sessions.c.id).where(sessions.c.person == person_id)
        with reading(self._engine) as connection:
            return [self._form_token(id_) for id_ in connection.execute(wanted).scalars()]

    def end(self, secret: str) -> None:
        """Ends a session, if it stands; whose it was is remembered. Raises StoreError."""
        with writing(self._engine) as connection:
            over = {"seen_at": 0, "content": self._sealing.seal(b"")}
            connection.execute(update(sessions).where(sessions.c.id == _hash(secret)).values(over))

    def people(self) -> list[KnownPerson]:
        """Everybody who has ever signed in, by name. Raises StoreError."""
        wanted = select(people.c.id, people.c.name, people.c.role).order_by(people.c.name)
        with reading(self._engine) as connection:
            return [KnownPerson(*row) for row in connection.execute(wanted)]

    def begin_sign_in(self, state: str, content: bytes, now: datetime) -> None:
        """Keeps what is needed when the browser comes back with this state. Raises StoreError."""
        row = {
            "state": _hash(state),
            "began_at": int(now.timestamp()),
            "content": self._sealing.seal(content),
        }
        with writing(self._engine) as connection:
            # Whoever begins and never comes back leaves nothing for long.
            over = int((now - _SIGN_IN_KEPT).timestamp())
            connection.execute(delete(sign_ins).where(sign_ins.c.began_at < over))
            connection.execute(insert(sign_ins).values(row))

    def take_sign_in(self, state: str, now: datetime, most: timedelta) -> bytes | None:
        """What was kept under the state, once; None for one unknown or too old."""
        is_this = sign_ins.c.state == _hash(state)
        with writing(self._engine) as connection:
            row = connection.execute(select(sign_ins).where(is_this)).first()
            connection.execute(delete(sign_ins).where(is_this))
            old = int((now - most).timestamp())
            connection.execute(delete(sign_ins).where(sign_ins.c.began_at < old))
        if row is None or row.began_at < old:
            return None
        return self._sealing.open(row.content)

    def sweep(self, now: datetime, absolute: timedelta) -> None:
        """Forgets sessions that can stand no longer. Raises StoreError."""
        with writing(self._engine) as connection:
            over = int((now - absolute).timestamp())
            connection.execute(delete(sessions).where(sessions.c.began_at < over))

    def _form_token(self, id_: str) -> str:
        # From what is kept, so that a form is known after its session; a copy of it makes none.
        return hmac.new(self._form_key, id_.encode(), sha256).hexdigest()


def _know(connection: Connection, person: KnownPerson, at: int) -> None:
    is_this = people.c.id == person.id
    values = {"name": person.name, "role": person.role, "seen_at": at}
    if connection.execute(update(people).where(is_this).values(values)).rowcount == 0:
        connection.execute(insert(people).values(id=person.id, **values))


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
