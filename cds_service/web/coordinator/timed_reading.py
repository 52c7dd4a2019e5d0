"""A record read while a person waits: in time, or not at all."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotDone
from typing import TypeVar

from cds_service.errors import NotObtainedError

SECONDS = 2.5
"""For how long a person waits for the record; a page without it is better than none."""

_MOST = 8
"""Readings under way at a time. One that hangs keeps its place until the EHR's own deadline."""

Found = TypeVar("Found")


class TimedReading:
    """Reads in threads of its own, so that a hanging EHR cannot hang a page."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(_MOST, "patient-page")

    def of(self, read: Callable[[], Found]) -> Found:
        """What `read` gives. Raises NotObtainedError when it took too long, and what it raises."""
        under_way = self._threads.submit(read)
        try:
            return under_way.result(self._seconds)
        except NotDone:
            under_way.cancel()
            said = f"did not answer within {self._seconds:g} seconds"
            raise NotObtainedError("timeout", said) from None
