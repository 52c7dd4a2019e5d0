"""How often each trusted client may call: a bucket of calls that fills up again by the minute.

By client and never by address: all hooks of a hospital come from one.
"""

from collections.abc import Callable, Sequence
from math import ceil
from threading import Lock
from time import monotonic

from cds_service.settings import Client

_ONE_CALL = 60.0


class CallRate:
    """The calls that each client has left, in this process."""

    def __init__(
        self, clients: Sequence[Client], monotonic_clock: Callable[[], float] = monotonic
    ) -> None:
        self._buckets = {
            client.name: _Bucket(client.calls_per_minute, monotonic_clock) for client in clients
        }

    def seconds_to_wait(self, client: Client) -> int:
        """Takes one call of the client; 0 when it may be answered, else when to try again."""
        return self._buckets[client.name].take()


class _Bucket:
    """Holds a minute's calls when it is full, so that a busy minute is answered whole.

    Its content is counted in calls times 60 seconds: whole numbers stay whole.
    """

    def __init__(self, calls_per_minute: int, monotonic_clock: Callable[[], float]) -> None:
        self._now = monotonic_clock
        self._a_second = calls_per_minute
        self._most = self._left = calls_per_minute * _ONE_CALL
        self._lock = Lock()
        self._looked_at = monotonic_clock()

    def take(self) -> int:
        with self._lock:
            now = self._now()
            gained = (now - self._looked_at) * self._a_second
            self._left, self._looked_at = min(self._most, self._left + gained), now
            if self._left >= _ONE_CALL:
                self._left -= _ONE_CALL
                return 0
            return max(1, ceil((_ONE_CALL - self._left) / self._a_second))
