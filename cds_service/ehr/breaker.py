"""A server that failed several times in a row is left alone for a while."""

from collections.abc import Callable
from threading import Lock
from time import monotonic

FAILURES_IN_A_ROW = 5
SECONDS_LEFT_ALONE = 30.0


class Breaker:
    """Opens after failures in a row; when its time is over, the next failure opens it again."""

    def __init__(self, monotonic_clock: Callable[[], float] = monotonic) -> None:
        self._now = monotonic_clock
        self._lock = Lock()
        self._failures = 0
        self._closed_from = float("-inf")

    @property
    def is_open(self) -> bool:
        """True while the server is left alone."""
        return self._now() < self._closed_from

    def note(self, failed: bool) -> None:
        """Counts what became of one call."""
        with self._lock:
            self._failures = self._failures + 1 if failed else 0
            if self._failures >= FAILURES_IN_A_ROW:
                self._closed_from = self._now() + SECONDS_LEFT_ALONE
