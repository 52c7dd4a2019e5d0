"""The card ledger: what was said to whom, and all that is needed to say it again."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, insert, select
from sqlalchemy.engine import Connection

from cds_service.store.database import reading, writing
from cds_service.store.tables import calls, cards

SHOWN = "shown"
FOLDED = "folded"


@dataclass(frozen=True, slots=True)
class KeptCard:
    """One piece of advice. `fate`: shown, folded or why withheld; `seal` is '' without a card."""

    uuid: str
    plan: str
    version: str
    action: str
    topic: str
    indicator: str
    cause: str
    fate: str
    seal: str = ""


@dataclass(frozen=True, slots=True)
class AnsweredCall:
    """A call with something to say; patient and user as keyed hashes."""

    client: str
    service: str
    patient: str
    user: str
    answered_at: datetime
    content: bytes
    cards: Sequence[KeptCard]


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What the ledger has of one card."""

    card: KeptCard
    client: str
    patient: str
    content: bytes


class CardLedger:
    """Keeps the calls that had something to say, each whole or not at all."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, call: AnsweredCall) -> None:
        """Writes the call and its cards. Raises StoreError."""
        with writing(self._engine) as connection:
            self.keep_all(connection, (call,))

    def keep_all(self, connection: Connection, answered: Sequence[AnsweredCall]) -> None:
        """Writes calls and their cards inside the caller's transaction."""
        if not answered:
            return
        numbers = connection.execute(_INSERT_CALLS, [_row(call) for call in answered]).scalars()
        rows = [
            {"call": number} | _columns(card)
            for number, call in zip(numbers, answered, strict=True)
            for card in call.cards
        ]
        connection.execute(insert(cards), rows)

    def entries(self, uuid: str) -> list[LedgerEntry]:
        """Every time a card with this uuid was shown, the newest first. Raises StoreError."""
        columns = [cards.c[name] for name in _CARD_COLUMNS]
        wanted = (
            select(*columns, calls.c.client, calls.c.patient, calls.c.content)
            .join(calls, calls.c.id == cards.c.call)
            .where(cards.c.uuid == uuid, cards.c.fate == SHOWN)
            .order_by(cards.c.id.desc())
        )
        with reading(self._engine) as connection:
            found = connection.execute(wanted).all()
        return [
            LedgerEntry(KeptCard(*row[: len(columns)]), row[-3], row[-2], zlib.decompress(row[-1]))
            for row in found
        ]


_CARD_COLUMNS = (
    *("uuid", "plan", "version", "action", "topic", "indicator", "cause", "fate", "seal"),
)


_INSERT_CALLS = insert(calls).returning(calls.c.id, sort_by_parameter_order=True)


def _row(call: AnsweredCall) -> dict[str, str | int | bytes]:
    return {
        "client": call.client,
        "service": call.service,
        "patient": call.patient,
        "user": call.user,
        "answered_at": int(call.answered_at.timestamp()),
        "content": zlib.compress(call.content, 1),
    }


def _columns(card: KeptCard) -> dict[str, str]:
    return {name: getattr(card, name) for name in _CARD_COLUMNS}
