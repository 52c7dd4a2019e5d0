"""What is counted until the next time it is kept: cheap enough for every call."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from threading import Lock

from cds_service.store.counts_ledger import Counted

MILLISECONDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
"""Upper bounds of the classes of how long an answer took; what is slower has the name `more`."""


class Tally:
    """Counts of the running process that are not kept yet; threads may share it."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._counts: Counter[Counted] = Counter()

    def add(self, client: str, named: Iterable[tuple[str, str]]) -> None:
        """Counts each (kind, name) once, in the running hour."""
        hour = int(self._clock().timestamp() // 3600)
        with self._lock:
            for kind, name in named:
                self._counts[Counted(hour, client, kind, name)] += 1

    def take(self) -> Mapping[Counted, int]:
        """Everything counted so far, which is then no longer here."""
        with self._lock:
            taken, self._counts = self._counts, Counter()
        return taken

    def put_back(self, counts: Mapping[Counted, int]) -> None:
        """Counts that could not be kept, for the next time."""
        with self._lock:
            self._counts.update(counts)


def class_of(seconds: float) -> str:
    """The class in which a time to answer falls: its upper bound in milliseconds, or `more`."""
    took = seconds * 1000
    return next((str(bound) for bound in MILLISECONDS if took <= bound), "more")
