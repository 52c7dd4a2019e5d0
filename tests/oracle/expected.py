"""What the service must answer: the topics, and whether it must admit a gap or a conflict."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Expected:
    """The topics of one or more plans.

    could_not_check and data_conflict: True must be shown, False must not, None is not asserted.
    """

    topics: frozenset[str] = frozenset()
    could_not_check: bool | None = False
    data_conflict: bool | None = False


def of_topic(topic: str | None, could_not_check: bool | None = False) -> Expected:
    """An expectation of one topic, or of silence."""
    return Expected(frozenset({topic} if topic else ()), could_not_check)


def combined(parts: Iterable[Expected]) -> Expected:
    """All plans of one patient together; one plan that must speak outweighs one that need not."""
    listed = list(parts)
    return Expected(
        frozenset().union(*(part.topics for part in listed)),
        _strongest(part.could_not_check for part in listed),
        _strongest(part.data_conflict for part in listed),
    )


def _strongest(claims: Iterable[bool | None]) -> bool | None:
    seen = set(claims)
    if True in seen:
        return True
    return None if None in seen else False
