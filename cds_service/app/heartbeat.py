"""Once a minute: counts are kept, alarms are looked for and told, the morning digest goes out."""

from collections.abc import Callable, Sequence
from threading import Event, Thread

import structlog

from cds_service.errors import ItbCdsError

SECONDS_BETWEEN = 60.0

_log = structlog.get_logger("itb_cds")

Duty = Callable[[], None]
"""One thing to do at each beat; what it raises is logged, and keeps no other from being done."""


class Heartbeat:
    """A thread that does its duties once a minute, and once more when it ends."""

    def __init__(self, duties: Sequence[Duty], seconds: float = SECONDS_BETWEEN) -> None:
        self._duties = duties
        self._seconds = seconds
        self._ended = Event()
        self._thread = Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Begins to beat."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after a last beat."""
        self._ended.set()
        self._thread.join(self._seconds)

    def _run(self) -> None:
        while not self._ended.wait(self._seconds):
            beat(self._duties)
        beat(self._duties)


def beat(duties: Sequence[Duty]) -> None:
    """Does each duty; one that fails keeps no other from being done."""
    for duty in duties:
        try:
            duty()
        except ItbCdsError as fault:
            _log.error("a duty failed", why=str(fault))
        except Exception as fault:  # noqa: BLE001
            # The watch must not die of a fault in what it watches. Type only: the text may quote.
            _log.error("a duty failed", why=type(fault).__name__)
