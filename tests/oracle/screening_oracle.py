"""The screening test by the worked cases T1 to T4; the service never uses it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

ORDINALS = {grade: Fraction(grade) for grade in ("0", "1", "2", "3", "4")} | {"1+": Fraction(3, 2)}
INTERVAL, RESPONSE = timedelta(hours=24), timedelta(hours=8)
PAYER_POINTS, LARGEST_MCG = 2, 100


@dataclass(frozen=True)
class Grading:
    """The grades of all muscle groups at one moment, by name of the muscle group."""

    at: datetime
    grades: dict[str, str]


@dataclass(frozen=True)
class Screening:
    """One test dose, graded at most once before it; `planned` is the next dose ordered, if any."""

    now: datetime
    given: datetime
    mcg: int
    before: Grading | None
    after: tuple[Grading, ...]
    planned: datetime | None


def is_too_early(test: Screening) -> bool:
    """T4: less than 24 hours from the last dose to the next."""
    return max(test.planned or test.now, test.now) - test.given < INTERVAL


def change(test: Screening) -> Fraction | None:
    """T1 to T3: the largest fall of the mean grade of muscles graded before and after."""
    if test.before is None:
        return None
    changes = []
    for grading in test.after:
        shared = grading.grades.keys() & test.before.grades.keys()
        if shared and timedelta(0) < grading.at - test.given <= RESPONSE:
            after = _mean(grading.grades[name] for name in shared)
            changes.append(
                (after, grading.at, after - _mean(test.before.grades[n] for n in shared))
            )
    return min(changes)[2] if changes else None


def response_action(test: Screening) -> str | None:
    """The action that tells of the response, once there is one or it should be there."""
    found = change(test)
    if found is None:
        return "screening-not-graded" if test.now - test.given >= RESPONSE else None
    is_short = -found < PAYER_POINTS
    is_largest = test.mcg >= LARGEST_MCG
    return "screening-largest-dose" if is_largest and is_short else "screening-response"


def _mean(grades: Iterable[str]) -> Fraction:
    ordinals = [ORDINALS[grade] for grade in grades]
    return sum(ordinals, Fraction(0)) / len(ordinals)
