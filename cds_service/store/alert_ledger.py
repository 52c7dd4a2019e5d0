"""Alarms that stand, and the digests of each day: told once, whichever process tells."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Engine, delete, insert, select, update

from cds_service.store.count_tables import alerts, sent_digests
from cds_service.store.database import reading, writing

CLAIMED, SENT, FAILED = "claimed", "sent", "failed"
_SECONDS_OF_A_CLAIM = 900


@dataclass(frozen=True, slots=True)
class Alert:
    """An alarm that stands: its name, since when, what it says, and whether people were told."""

    name: str
    since: datetime
    says: str
    is_told: bool


@dataclass(frozen=True, slots=True)
class DigestNote:
    """What became of a day's digest: claimed, sent or failed; when last tried; why it failed."""

    day: date
    state: str
    tried_at: datetime
    says: str


class AlertLedger:
    """Keeps alarms and digests, so that no process tells what another has told."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def raise_alert(self, name: str, says: str, now: datetime) -> bool:
        """Keeps an alarm; True when it did not stand before. Raises StoreError."""
        with writing(self._engine) as connection:
            changed = connection.execute(
                update(alerts).where(alerts.c.name == name).values(says=says)
            )
            if changed.rowcount:
                return False
            connection.execute(
                insert(alerts).values(name=name, since=int(now.timestamp()), says=says)
            )
        return True

    def end_alert(self, name: str) -> bool:
        """Ends an alarm; True when it stood. Raises StoreError."""
        with writing(self._engine) as connection:
            return bool(connection.execute(delete(alerts).where(alerts.c.name == name)).rowcount)

    def note_told(self, name: str, now: datetime) -> None:
        """Keeps that people were told. Raises StoreError."""
        with writing(self._engine) as connection:
            told = update(alerts).where(alerts.c.name == name)
            connection.execute(told.values(told_at=int(now.timestamp())))

    def standing(self) -> list[Alert]:
        """The alarms that stand, by name. Raises StoreError."""
        with reading(self._engine) as connection:
            found = connection.execute(select(alerts).order_by(alerts.c.name)).all()
        return [
            Alert(row.name, _moment(row.since), row.says, row.told_at is not None) for row in found
        ]

    def claim_digest(self, day: date, now: datetime) -> bool:
        """True for the one process that is to send the day's digest. Raises StoreError.

        A digest that failed, or whose sender died, is free again after a quarter of an hour.
        """
        at = int(now.timestamp())
        is_day = sent_digests.c.day == day.isoformat()
        with writing(self._engine) as connection:
            found = connection.execute(select(sent_digests).where(is_day)).first()
            if found is None:
                new = {"day": day.isoformat(), "state": CLAIMED, "tried_at": at, "says": ""}
                connection.execute(insert(sent_digests).values(new))
                return True
            if found.state == SENT or at < found.tried_at + _SECONDS_OF_A_CLAIM:
                return False
            connection.execute(
                update(sent_digests).where(is_day).values(state=CLAIMED, tried_at=at)
            )
        return True

    def note_digest(self, day: date, failure: str = "") -> None:
        """Keeps that the day's digest was sent, or why it failed. Raises StoreError."""
        with writing(self._engine) as connection:
            connection.execute(
                update(sent_digests)
                .where(sent_digests.c.day == day.isoformat())
                .values(state=FAILED if failure else SENT, says=failure)
            )

    def last_digest(self) -> DigestNote | None:
        """The newest digest; None before the first. Raises StoreError."""
        newest = select(sent_digests).order_by(sent_digests.c.day.desc()).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(newest).first()
        if row is None:
            return None
        return DigestNote(date.fromisoformat(row.day), row.state, _moment(row.tried_at), row.says)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
