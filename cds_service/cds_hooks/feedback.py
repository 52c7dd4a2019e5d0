"""CDS Hooks feedback as it comes: batches, repeats, and each vendor's way to give a reason.

Only a body that cannot be read at all is refused; an item that makes no sense is counted.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

import msgspec

from cds_service.errors import RequestError

MOST_ITEMS = 1000
LONGEST_ID = 200
LONGEST_COMMENT = 4000
EPIC_REASON = "com.epic.cdshooks.feedback.overrideReason"
"""Start of the names under which Epic sends a reason that a site built itself."""

Outcome = Literal["accepted", "overridden"]

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO_DAY = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b", re.ASCII)
_WORDED_DAY = re.compile(r"\b(\d{1,2})\.? ?([A-Za-z]{3})[a-z]*\.?,? (\d{4})\b", re.ASCII)
_US_WORDED_DAY = re.compile(r"\b([A-Za-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})\b", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a card was overridden; all empty when no reason was given."""

    system: str = ""
    code: str = ""
    display: str = ""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a user did with one card.

    `said_at` is the client's time stamp as it was sent, `outcome_at` the moment it means, None when
    it means none. `comment` is free text and may name anybody.
    """

    card: str
    outcome: Outcome
    accepted: tuple[str, ...] = ()
    reason: Reason = Reason()
    comment: str = ""
    said_at: str = ""
    outcome_at: datetime | None = None

    @property
    def key(self) -> str:
        """The same for a repeat, and for nothing else: card, outcome, suggestions, time stamp."""
        return "\n".join((self.card, self.outcome, " ".join(self.accepted), self.said_at))

    @property
    def stated_date(self) -> date | None:
        """The one day that the comment names; None when it names none, or several."""
        days = set(_days_in(self.comment))
        return days.pop() if len(days) == 1 else None


@dataclass(frozen=True, slots=True)
class FeedbackBatch:
    """The items of one body, and how many were no feedback."""

    items: tuple[Feedback, ...]
    not_understood: int


def read_feedback(body: bytes) -> FeedbackBatch:
    """The feedback in a POST's body. Raises RequestError when it cannot be read at all."""
    try:
        parsed = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _refused("something that is not JSON") from None
    sent = parsed.get("feedback") if isinstance(parsed, dict) else None
    if not isinstance(sent, list):
        raise _refused("no array 'feedback'")
    if len(sent) > MOST_ITEMS:
        raise _refused(f"{len(sent)} items in one body")
    items = [item for item in map(_item, sent) if item is not None]
    return FeedbackBatch(tuple(items), len(sent) - len(items))


def _refused(found: str) -> RequestError:
    return RequestError(
        f"the body: found {found}, expected an object with an array 'feedback' of at most "
        f"{MOST_ITEMS} items. Send it as CDS Hooks 2.0 defines it."
    )


def _item(sent: object) -> Feedback | None:
    if not isinstance(sent, dict):
        return None
    card, outcome = _text(sent.get("card"), LONGEST_ID), sent.get("outcome")
    accepted = _accepted(sent.get("acceptedSuggestions"))
    if not card or outcome not in ("accepted", "overridden") or accepted is None:
        return None
    reason, comment = _why(sent)
    said_at = _text(sent.get("outcomeTimestamp"), LONGEST_ID)
    return Feedback(
        card=card.lower().removeprefix("urn:uuid:"),
        outcome=outcome,
        accepted=accepted,
        reason=reason,
        comment=comment,
        said_at=said_at,
        outcome_at=_moment(said_at),
    )


def _accepted(sent: object) -> tuple[str, ...] | None:
    """The ids of the suggestions; None when what stands there is no list of them."""
    if sent is None:
        return ()
    if not isinstance(sent, list):
        return None
    ids = [_text(each.get("id"), LONGEST_ID) for each in sent if isinstance(each, dict)]
    return tuple(sorted(ids)) if len(ids) == len(sent) and all(ids) else None


def _why(sent: Mapping[str, Any]) -> tuple[Reason, str]:
    """Reason and comment: the first that `overrideReason` or Epic's `overrideReasons` gives."""
    comment = ""
    reason = Reason()
    for given in _objects(sent.get("overrideReason"), sent.get("overrideReasons")):
        comment = comment or _text(given.get("userComment"), LONGEST_COMMENT)
        if reason == Reason():
            reason = _reason(given)
    return reason, comment


def _reason(given: Mapping[str, Any]) -> Reason:
    """A Coding under `reason`, a CodeableConcept there, the Coding itself, or Epic's extension."""
    for concept in _objects(given.get("reason")):
        for coding in (*_objects(concept.get("coding")), concept):
            found = _coding(coding)
            if found:
                return found
    return _coding(given) or _epic_reason(given.get("extension"))


def _coding(sent: Mapping[str, Any]) -> Reason | None:
    code = _text(sent.get("code"), LONGEST_ID)
    system, display = (_text(sent.get(name), LONGEST_ID) for name in ("system", "display"))
    return Reason(system, code, display) if code else None


def _epic_reason(extension: object) -> Reason:
    if not isinstance(extension, dict):
        return Reason()
    names = ("reasonTitle", "reasonDisplay", "reasonCategory")
    texts = [_text(extension.get(f"{EPIC_REASON}.{name}"), LONGEST_ID) for name in names]
    display = next((text for text in texts if text), "")
    return Reason(EPIC_REASON, "", display) if display else Reason()


def _objects(*sent: object) -> Iterator[Mapping[str, Any]]:
    """The JSON objects among these, and in lists among these."""
    for each in sent:
        for found in each if isinstance(each, list) else (each,):
            if isinstance(found, dict):
                yield found


def _text(sent: object, longest: int) -> str:
    if not isinstance(sent, str | int) or isinstance(sent, bool):
        return ""
    text = "".join(mark if mark.isprintable() else " " for mark in str(sent))
    return text.strip()[:longest]


def _moment(text: str) -> datetime | None:
    """RFC 3339; without an offset it is UTC, as the specification has it."""
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _days_in(text: str) -> Iterable[date]:
    for year, month, day in _ISO_DAY.findall(text):
        yield from _day(year, int(month), day)
    for day, month, year in _WORDED_DAY.findall(text):
        yield from _day(year, _month(month), day)
    for month, day, year in _US_WORDED_DAY.findall(text):
        yield from _day(year, _month(month), day)


def _month(word: str) -> int:
    known = word.lower()
    return _MONTHS.index(known) + 1 if known in _MONTHS else 0


def _day(year: str, month: int, day: str) -> Iterable[date]:
    try:
        yield date(int(year), month, int(day))
    except ValueError:
        return
