"""Who is worked on, who waits, and who is told at once that there are too many."""

from time import monotonic
from typing import Any

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask, ThreadedTaskDispatcher
from waitress.utilities import Error

from cds_service.web.error_responses import server_refusal

LONGEST_WAIT_SECONDS = 1.0
"""A call that waited longer is refused: its user has looked elsewhere, others still wait."""

SECONDS_TO_ARRIVE = 15.0
"""For a request to arrive whole, however it drips."""

SECONDS_TO_ARRIVE_WHEN_FULL = 2.0
"""The same while no further connection fits: whoever stalls makes room for whoever does not."""


class _TooBusyError(Error):  # type: ignore[misc]
    code = 503
    reason = "Service Unavailable"


class RefusalTask(ErrorTask):  # type: ignore[misc]
    """What is refused before the application sees it, in the application's form."""

    def execute(self) -> None:
        """Writes the refusal and closes the connection."""
        error = self.request.error
        headers, body = server_refusal(error.code)
        self.status = f"{error.code} {error.reason}"
        self.response_headers.extend(headers)
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection; it remembers since when its request waits, and since when one arrives."""

    error_task_class = RefusalTask
    waits_since = 0.0
    _active_at = 0.0

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._arrives_since: float | None = monotonic()
        super().__init__(*arguments, **named)

    @property
    def last_activity(self) -> float:
        """By this the server closes idle connections: long ago for one that should have come."""
        if self._arrives_since is None:
            return self._active_at
        is_full = self.server.in_connection_overflow
        patience = SECONDS_TO_ARRIVE_WHEN_FULL if is_full else SECONDS_TO_ARRIVE
        return self._active_at if monotonic() - self._arrives_since < patience else 0.0

    @last_activity.setter
    def last_activity(self, moment: float) -> None:
        self._active_at = moment

    def handle_read(self) -> None:
        """Takes what came, and notes whether a whole request did."""
        waited_since = self.waits_since
        super().handle_read()
        if self.waits_since != waited_since:
            self._arrives_since = None
        elif self._arrives_since is None:
            self._arrives_since = monotonic()

    def service(self) -> None:
        """Answers the request, unless it waited too long."""
        request = self.requests[0]
        if not request.error and monotonic() - self.waits_since > LONGEST_WAIT_SECONDS:
            request.error = _TooBusyError("waited too long")
        super().service()


class Dispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Hands requests to threads, `most_calls` at a time; the others are refused at once.

    Refusals have a thread of their own: they need not wait for those who are worked on.
    """

    def __init__(self, threads: int, most_calls: int) -> None:
        super().__init__()
        self._most_calls = most_calls
        self._refusals = ThreadedTaskDispatcher()
        self._refusals.set_thread_count(1)
        self.set_thread_count(threads)

    def add_task(self, task: Any) -> None:
        """Takes a request that has arrived whole."""
        task.waits_since = monotonic()
        with self.lock:
            has_room = len(self.queue) + self.active_count < self._most_calls
            if has_room:
                self.queue.append(task)
                self.queue_cv.notify()
        if not has_room:
            task.requests[0].error = _TooBusyError("too many calls")
            self._refusals.add_task(task)

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """Ends the threads, those of the refusals too."""
        self._refusals.shutdown(cancel_pending, timeout)
        return bool(super().shutdown(cancel_pending, timeout))
