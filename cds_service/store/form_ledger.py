"""Forms that people sent when their session had just ended: kept for them alone, for a day."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import Engine, delete, insert, select

from cds_service.store.database import reading, writing
from cds_service.store.sealing import Sealing
from cds_service.store.work_tables import kept_forms

KEPT_FOR = timedelta(hours=24)
LARGEST_FORM = 64 * 1024


class _Content(msgspec.Struct):
    path: str
    fields: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class KeptForm:
    """A form as it was sent: where to, its fields in order, and when."""

    path: str
    fields: tuple[tuple[str, str], ...]
    at: datetime


class FormLedger:
    """Keeps one form a person, the newest; encrypted, and gone after a day."""

    def __init__(self, engine: Engine, key: bytes) -> None:
        self._engine = engine
        self._sealing = Sealing(key, "forms")

    def keep(self, person_id: str, form: KeptForm) -> bool:
        """Keeps the form in place of an older one; False when it is too large. StoreError."""
        content = msgspec.json.encode(_Content(form.path, list(form.fields)))
        if len(content) > LARGEST_FORM:
            return False
        at = int(form.at.timestamp())
        row = {"person": person_id, "at": at, "content": self._sealing.seal(content)}
        with writing(self._engine) as connection:
            over = at - int(KEPT_FOR.total_seconds())
            connection.execute(delete(kept_forms).where(kept_forms.c.at < over))
            connection.execute(delete(kept_forms).where(kept_forms.c.person == person_id))
            connection.execute(insert(kept_forms).values(row))
        return True

    def find(self, person_id: str, now: datetime) -> KeptForm | None:
        """The form that is kept for a person. Raises StoreError."""
        over = int((now - KEPT_FOR).timestamp())
        wanted = select(kept_forms).where(kept_forms.c.person == person_id, kept_forms.c.at >= over)
        with reading(self._engine) as connection:
            row = connection.execute(wanted).first()
        if row is None:
            return None
        content = msgspec.json.decode(self._sealing.open(row.content), type=_Content)
        return KeptForm(content.path, tuple(content.fields), datetime.fromtimestamp(row.at, UTC))

    def drop(self, person_id: str) -> None:
        """Forgets the form of a person. Raises StoreError."""
        with writing(self._engine) as connection:
            connection.execute(delete(kept_forms).where(kept_forms.c.person == person_id))
