"""What a short text was read as, remembered: a hospital writes few texts, many thousand times."""

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

Read = TypeVar("Read")

_MOST_TEXTS = 1024
_LONGEST_TEXT = 300
"""Longer ones are read each time, so that what is remembered stays small whatever is sent."""


def remembered(read: Callable[[str], Read]) -> Callable[[str], Read]:
    """The same reader, which reads a short text once."""
    short = lru_cache(maxsize=_MOST_TEXTS)(read)

    def reader(text: str) -> Read:
        return short(text) if len(text) <= _LONGEST_TEXT else read(text)

    return reader
