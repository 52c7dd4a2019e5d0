"""Reads the population in the background, again and again, and when somebody asks for it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event, Thread

import structlog

from cds_service.errors import AlreadyUnderWayError, ItbCdsError
from cds_service.store.refresh_ledger import Refresh, RefreshLedger, RefreshState

SECONDS_BETWEEN_LOOKS = 15.0
MINUTES_AFTER_A_FAILURE = 5

_log = structlog.get_logger("itb_cds")


def is_due(latest: Refresh | None, now: datetime, interval: timedelta) -> bool:
    """Whether it is time to read: after the interval, soon after a failure, at once when cut off.

    A clock that was set back makes it due, so that it can never wait for years.
    """
    if latest is None or latest.ended_at is None:
        return True
    soon = timedelta(minutes=MINUTES_AFTER_A_FAILURE)
    pause = interval if latest.state is RefreshState.DONE else min(interval, soon)
    return not timedelta() <= now - latest.ended_at < pause


class Refresher:
    """A thread that reads when it is time. Of several processes one reads, the others look on."""

    def __init__(
        self,
        read: Callable[[Event], Refresh],
        ledger: RefreshLedger,
        interval: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._read = read
        self._ledger = ledger
        self._interval = interval
        self._clock = clock
        self._wanted = Event()
        self._is_over = Event()
        self._thread = Thread(target=self._run, name="refresher", daemon=True)

    def start(self) -> None:
        """Begins: at once when nothing was read lately, or a reading was cut off."""
        self._thread.start()

    def read_now(self) -> None:
        """Reads everybody as soon as may be, whenever the last time was."""
        self._wanted.set()

    def stop(self, seconds: float = 2.0) -> None:
        """Ends; a reading under way goes on at the next start."""
        self._is_over.set()
        self._wanted.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._is_over.is_set():
            self.look()
            self._wanted.wait(SECONDS_BETWEEN_LOOKS)

    def look(self) -> None:
        """Reads if it is time, or if somebody asked for it."""
        try:
            if self._wanted.is_set() or is_due(
                self._ledger.latest(), self._clock(), self._interval
            ):
                self._wanted.clear()
                self._read(self._is_over)
        except AlreadyUnderWayError:
            return
        except ItbCdsError as fault:
            _log.error("the patients could not be read", why=str(fault))
        except Exception as fault:  # noqa: BLE001
            # The list must not stop being read because of one unforeseen fault. Type only.
            _log.error("the patients could not be read", why=type(fault).__name__)
