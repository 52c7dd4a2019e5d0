"""One HTTP call that another thread can end, however slowly the server drips."""

import socket
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock, Timer, local
from time import monotonic
from typing import TypeVar

from cds_service.errors import NotObtainedError

NOT_IN_TIME = "did not answer in time"
_under_way = local()

Answered = TypeVar("Answered")


class Call:
    """A reading under way. `ends_at` is when it must be over, on the monotonic clock."""

    def __init__(self, ends_at: float) -> None:
        self.ends_at = ends_at
        self.latest = ends_at
        self.is_cut = Event()
        self._lock = Lock()
        self._socket: socket.socket | None = None

    def begin(self, seconds: float) -> None:
        """Starts the next HTTP exchange, in this thread, and gives it so long at most."""
        if self.is_cut.is_set():
            raise NotObtainedError("timeout", NOT_IN_TIME)
        self.ends_at = min(self.latest, monotonic() + seconds)
        _under_way.call = self

    def end(self) -> None:
        """The exchange is over: its connection may serve others now."""
        with self._lock:
            self._socket = None
        self.ends_at = self.latest
        _under_way.call = None

    def cut(self) -> None:
        """Ends the exchange from another thread."""
        with self._lock:
            self.is_cut.set()
            if self._socket is not None:
                with suppress(OSError):
                    self._socket.shutdown(socket.SHUT_RDWR)

    def uses(self, connection: socket.socket) -> None:
        """Remembers the connection that `cut` has to end."""
        with self._lock:
            self._socket = connection
        if self.is_cut.is_set():
            raise NotObtainedError("timeout", NOT_IN_TIME)


def connection_is_used(connection: socket.socket | None) -> None:
    """Tells the call of this thread which connection it uses."""
    call: Call | None = getattr(_under_way, "call", None)
    if call is not None and connection is not None:
        call.uses(connection)


def in_time(seconds: float, exchange: Callable[[], Answered]) -> Answered:
    """What one HTTP exchange of this thread gives, ended when the seconds are over.

    Raises NotObtainedError.
    """
    call = Call(monotonic() + seconds)
    end = Timer(seconds, call.cut)
    end.daemon = True
    call.begin(seconds)
    end.start()
    try:
        return exchange()
    except NotObtainedError:
        if call.is_cut.is_set():
            raise NotObtainedError("timeout", NOT_IN_TIME) from None
        raise
    finally:
        end.cancel()
        call.end()
