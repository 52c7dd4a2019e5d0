"""Delivery checks worked apart from the service: a changed concentration, a residual volume."""

from datetime import date, timedelta
from fractions import Fraction

from tests.oracle.expected import Expected, of_topic
from tests.oracle.pump_record import Fill
from tests.oracle.refill_oracle import RefillRecord, fills_in_force

PROBLEM = "itbDeliveryProblem"
BRIDGE_TOLD_FOR = timedelta(days=14)


def bridge_expected(record: RefillRecord) -> Expected:
    """A fill with another concentration than the one before, no bridge bolus being recorded."""
    current = fills_in_force(record)
    if not current or current[0].last < record.today - BRIDGE_TOLD_FOR:
        return Expected()
    since = record.implant or date.min
    earlier = [f for f in record.fills if since <= f.last < current[0].first]
    newest = max((f.first for f in earlier), default=None)
    if newest is None:
        return Expected()
    if not any(map(_says_something, current)) or not any(
        _says_something(f) for f in earlier if f.first == newest
    ):
        return Expected()
    before = {f.concentration for f in earlier if f.first == newest}
    told = [f for f in current if _says_something(f)]
    now = {f.concentration for f in told or current}
    if None in before | now:
        return Expected(could_not_check=current[0].first != record.today)
    return of_topic(PROBLEM if before != now else None)


def _says_something(fill: Fill) -> bool:
    """False for a refill known from its procedure alone."""
    return bool(fill.dose_ml or fill.observed_ml or fill.concentration)


def residual_limit(delivered_ml: Fraction) -> Fraction:
    """The smaller of 2 mL and 20 % of what was delivered, at least 1 mL."""
    return max(min(Fraction(2), delivered_ml / 5), Fraction(1))


def residual_verdict(
    filled_ml: Fraction, concentration: Fraction, doses: list[tuple[int, Fraction]], drawn: Fraction
) -> str:
    """`more`, `less` or `as expected`; `doses` are (days, mcg/day), one after the other."""
    given = sum((days * dose / concentration for days, dose in doses), Fraction(0))
    expected = max(filled_ml - given, Fraction(0))
    apart = drawn - expected
    if abs(apart) <= residual_limit(filled_ml - expected):
        return "as expected"
    return "more" if apart > 0 else "less"
