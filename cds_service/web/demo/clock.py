"""The demo's clock: a page may ask the service to answer as of another day."""

from collections.abc import Callable
from datetime import datetime

from flask import abort, has_request_context, request

from cds_service.settings.loopback import is_loopback

AS_OF_HEADER = "X-Demo-As-Of"
"""An ISO instant with its offset; honoured in the demo only, and only from loopback."""

Clock = Callable[[], datetime]


def demo_clock(clock: Clock) -> Clock:
    """The clock that reads the instant of the running request's header, else the given clock.

    A header that is no aware instant is answered with 400: guessing a day would show wrong cards.
    """

    def now() -> datetime:
        if not has_request_context() or AS_OF_HEADER not in request.headers:
            return clock()
        if not is_loopback(request.remote_addr):
            return clock()
        return _instant(request.headers[AS_OF_HEADER])

    return now


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        abort(400, f"{AS_OF_HEADER}: expected an ISO instant with its offset from UTC.")
    return instant
