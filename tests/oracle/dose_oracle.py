"""The dose step of an order worked apart from the service, from the label's figures alone.

Spinal origin in adults: 30 % in titration, 40 % later. Cerebral origin, children, and whatever is
not known: 15 % and 20 %. Titration: 60 days from the first implant. More than 2500 mcg a day is a
slip of the unit. No second increase within 24 hours in titration.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

MOST_A_DAY = Fraction(2500)
TITRATION = timedelta(days=60)
A_DAY = timedelta(hours=24)
GROWN_UP = 18


@dataclass(frozen=True)
class DoseOrder:
    """What the record says of one patient, and the daily dose ordered; mcg/day."""

    now: datetime
    born: date | None
    origins: frozenset[str]
    implant: date | None
    earlier: Fraction | None
    present: Fraction | None
    raised: datetime | None
    ordered: Fraction


def expected_action(order: DoseOrder) -> str:
    """The card's action that must come; empty for none, `unknown` where nobody can tell."""
    if order.ordered > MOST_A_DAY:
        return "dose-implausible"
    if order.present is None:
        return "unknown"
    if order.ordered <= order.present:
        return ""
    if 100 * (order.ordered / order.present - 1) > step(order):
        return "dose-step-too-large"
    return "dose-raised-too-soon" if _is_too_soon(order) else ""


def step(order: DoseOrder) -> int:
    """The largest increase in per cent."""
    is_wide = order.origins == {"spinal"} and _is_grown_up(order)
    if _is_titration(order):
        return 30 if is_wide else 15
    return 40 if is_wide else 20


def _is_grown_up(order: DoseOrder) -> bool:
    if order.born is None:
        return False
    today = order.now.date()
    birthday_passed = (today.month, today.day) >= (order.born.month, order.born.day)
    return today.year - order.born.year - (not birthday_passed) >= GROWN_UP


def _is_titration(order: DoseOrder) -> bool:
    return order.implant is None or order.now.date() - order.implant <= TITRATION


def _is_too_soon(order: DoseOrder) -> bool:
    if not _is_titration(order):
        return False
    if order.implant == order.now.date():
        return True
    was_raised = (
        order.raised is not None
        and order.earlier is not None
        and order.present is not None
        and order.present > order.earlier
    )
    return was_raised and order.raised is not None and order.now - order.raised < A_DAY
