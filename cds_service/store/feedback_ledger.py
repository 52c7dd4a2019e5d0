"""Feedback as it was received, each once; and what follows from it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Engine,
    Select,
    bindparam,
    exists,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection

from cds_service.cds_hooks.feedback import Feedback
from cds_service.fhir.override_reasons import (
    REFILLED_ELSEWHERE,
    reason_display,
    reason_is_known,
)
from cds_service.store.card_ledger import SHOWN
from cds_service.store.database import reading, writing
from cds_service.store.tables import calls, cards, feedback


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a batch: new items, repeats, and items about cards the ledger does not have.

    `topics`: of each new item the outcome and its card's topic, '' when the card is unknown.
    """

    new: int
    repeated: int
    unknown_cards: int
    topics: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Overridden:
    """A card that a user set aside for a patient: the seal of its cause, why, and when."""

    topic: str
    cause: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StatedRefill:
    """A user's word that a patient was refilled elsewhere: provisional, until it is confirmed.

    `on` is None when the comment named no single day.
    """

    client: str
    patient: str
    card: str
    on: date | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class OnCard:
    """A card that a user overrode, as it is shown to the coordinator; texts are the client's."""

    topic: str
    reason: str
    comment: str
    stated_on: date | None
    at: datetime


class FeedbackLedger:
    """Keeps feedback. A client's feedback counts for its own cards only."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, client: str, items: Sequence[Feedback], received_at: datetime) -> Received:
        """Writes a batch, all or nothing; a repeat brings what it says anew. Raises StoreError."""
        new, topics = 0, []
        unknown = 0
        with writing(self._engine) as connection:
            for item in items:
                whose = _whose(connection, client, item.card)
                unknown += whose is None
                if _keep(connection, client, item, whose or _NOBODYS, received_at):
                    new += 1
                    topics.append((item.outcome, (whose or _NOBODYS).topic))
        return Received(new, len(items) - new, unknown, tuple(topics))

    def set_aside(self, client: str, patient: str, user: str) -> list[Overridden]:
        """What this user overrode for this patient, oldest first. Raises StoreError."""
        whose = {"client": client, "patient": patient, "user": user}
        with reading(self._engine) as connection:
            # Nearly always none; the question below grows with every call for this patient.
            if connection.execute(_ANY_OVERRIDDEN, whose).first() is None:
                return []
        overridden = _overridden(client, patient, user)
        wanted = (
            select(cards.c.topic, cards.c.cause, feedback.c.reason_code, feedback.c.outcome_at)
            .distinct()
            .join(cards, cards.c.uuid == feedback.c.card)
            .join(calls, calls.c.id == cards.c.call)
            .where(
                cards.c.uuid.in_(overridden),
                calls.c.client == client,
                calls.c.patient == patient,
                calls.c.user == user,
                feedback.c.client == client,
                feedback.c.outcome == "overridden",
                cards.c.fate == SHOWN,
                _speaks_of_one(),
            )
            .order_by(feedback.c.outcome_at)
        )
        with reading(self._engine) as connection:
            found = connection.execute(wanted).all()
        return [Overridden(*row[:3], _moment(row[3])) for row in found]

    def stated_refills(self) -> list[StatedRefill]:
        """Every "refilled elsewhere", oldest first, for the coordinator. Raises StoreError."""
        with reading(self._engine) as connection:
            return _stated(connection)


def stated_for(connection: Connection, client: str, patient: str) -> list[StatedRefill]:
    """Every "refilled elsewhere" said of one patient (as a keyed hash), oldest first."""
    return _stated(connection, feedback.c.client == client, calls.c.patient == patient)


def overridden_on(connection: Connection, client: str, patient: str) -> list[OnCard]:
    """What users of a client overrode for a patient (as a keyed hash), oldest first."""
    said = (feedback.c.reason_code, feedback.c.reason_display, feedback.c.comment)
    wanted = (
        select(cards.c.topic, *said, feedback.c.stated_date, feedback.c.outcome_at)
        .distinct()
        .join(cards, cards.c.uuid == feedback.c.card)
        .join(calls, (calls.c.id == cards.c.call) & (calls.c.client == feedback.c.client))
        .where(
            feedback.c.client == client,
            calls.c.patient == patient,
            feedback.c.outcome == "overridden",
            cards.c.fate == SHOWN,
            _speaks_of_one(),
        )
        .order_by(feedback.c.outcome_at)
    )
    return [
        OnCard(row[0], _reason(row[1], row[2]), row[3], _day(row[4]), _moment(row[5]))
        for row in connection.execute(wanted)
    ]


def _stated(connection: Connection, *criteria: ColumnElement[bool]) -> list[StatedRefill]:
    wanted = (
        select(
            feedback.c.client,
            calls.c.patient,
            feedback.c.card,
            feedback.c.stated_date,
            feedback.c.received_at,
        )
        .distinct()
        .join(cards, cards.c.uuid == feedback.c.card)
        .join(calls, (calls.c.id == cards.c.call) & (calls.c.client == feedback.c.client))
        .where(
            feedback.c.reason_code == REFILLED_ELSEWHERE,
            cards.c.fate == SHOWN,
            _speaks_of_one(),
            *criteria,
        )
        .order_by(feedback.c.received_at)
    )
    found = connection.execute(wanted).all()
    return [StatedRefill(*row[:3], _day(row[3]), _moment(row[4])) for row in found]


def _reason(code: str, display: str) -> str:
    """The reason in our words where its code is known, else as the client gave it."""
    return reason_display(code) if reason_is_known(code) else display or code


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)


def _overridden(
    client: str | BindParameter[str],
    patient: str | BindParameter[str],
    user: str | BindParameter[str],
) -> Select[tuple[str]]:
    return select(feedback.c.card).where(
        feedback.c.client == client,
        # Feedback that came before its card, or on a card of several people, names nobody.
        feedback.c.patient.in_((patient, "")),
        feedback.c.user.in_((user, "")),
        feedback.c.outcome == "overridden",
    )


_ANY_OVERRIDDEN = _overridden(bindparam("client"), bindparam("patient"), bindparam("user")).limit(1)
"""Made once: every call with cards asks it."""


def _speaks_of_one() -> ColumnElement[bool]:
    """That no card with this uuid was shown for another patient or user.

    A client that sends the same hookInstance for two patients gives two cards one uuid; feedback on
    one of them must not silence the other.
    """
    other_cards, other_calls = cards.alias(), calls.alias()
    other = (
        select(other_cards.c.id)
        .join(other_calls, other_calls.c.id == other_cards.c.call)
        .where(
            other_cards.c.uuid == cards.c.uuid,
            or_(other_calls.c.patient != calls.c.patient, other_calls.c.user != calls.c.user),
        )
    )
    return ~exists(other.correlate(cards, calls))


@dataclass(frozen=True, slots=True)
class _Whose:
    topic: str
    patient: str
    user: str


_NOBODYS = _Whose("", "", "")
_LONG_PAST = datetime(1970, 1, 2, tzinfo=UTC)


def _whose(connection: Connection, client: str, card: str) -> _Whose | None:
    """Topic, patient and user of a card; None for a card that was never shown.

    Of a uuid that was shown to several, only the topic: feedback on it speaks for none of them.
    """
    wanted = (
        select(cards.c.topic, calls.c.patient, calls.c.user)
        .distinct()
        .join(calls, calls.c.id == cards.c.call)
        .where(cards.c.uuid == card, calls.c.client == client, cards.c.fate == SHOWN)
        .limit(2)
    )
    found = connection.execute(wanted).all()
    if not found:
        return None
    return _Whose(*found[0]) if len(found) == 1 else _Whose(found[0][0], "", "")


def _keep(
    connection: Connection, client: str, item: Feedback, whose: _Whose, received_at: datetime
) -> bool:
    """True when the item is new. A repeat adds what the first lacked, and moves no time."""
    key = sha256(f"{client}\n{item.key}".encode("utf-8", "surrogatepass")).hexdigest()
    is_this = feedback.c.key == key
    if connection.execute(select(feedback.c.key).where(is_this)).first() is None:
        connection.execute(insert(feedback).values(_row(client, key, item, whose, received_at)))
        return True
    said = {name: text for name, text in _said(item) if text}
    if said:
        connection.execute(update(feedback).where(is_this).values(said))
    return False


def _row(
    client: str, key: str, item: Feedback, whose: _Whose, received_at: datetime
) -> dict[str, str | int]:
    # A client's clock that runs ahead would prolong a snooze; a date that stands for none, as the
    # year 1, is kept as long past.
    at = max(_LONG_PAST, min(item.outcome_at or received_at, received_at))
    return {
        "key": key,
        "client": client,
        "card": item.card,
        "patient": whose.patient,
        "user": whose.user,
        "outcome": item.outcome,
        "accepted": msgspec.json.encode(item.accepted).decode(),
        "outcome_at": int(at.timestamp()),
        "received_at": int(received_at.timestamp()),
        **dict(_said(item)),
    }


def _said(item: Feedback) -> Iterable[tuple[str, str]]:
    yield "reason_system", item.reason.system
    yield "reason_code", item.reason.code
    yield "reason_display", item.reason.display
    yield "comment", item.comment
    yield "stated_date", item.stated_date.isoformat() if item.stated_date else ""
