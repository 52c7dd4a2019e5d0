"""The HTTP server: waitress, with the limits of a service that handles patients' records."""

import signal
from collections.abc import Callable
from types import FrameType
from typing import Any
from wsgiref.types import WSGIApplication

import structlog
from waitress.server import create_server

from cds_service.app.dispatcher import Channel, Dispatcher
from cds_service.app.heartbeat import Heartbeat
from cds_service.app.memory import settle_memory
from cds_service.app.watch import duties
from cds_service.app.wiring import warm_up
from cds_service.errors import SettingsError
from cds_service.settings import MOST_CALLS, Settings, check_exposure
from cds_service.web import Service
from cds_service.web.application import LARGEST_BODY
from cds_service.web.plan_uses import restrictions

_MEBIBYTE = 1024 * 1024
# A body a little too large is read, so that its sender gets to hear the application's answer.
_LARGEST_READ = LARGEST_BODY + _MEBIBYTE

THREADS = 16
"""More than the processor needs: a thread waits while an EHR is read."""

_WAITRESS = {
    # Beside them there must be file handles for the store and for readings of EHRs: many systems
    # allow a process 1024. poll, because select knows no more than that either.
    "connection_limit": 800,
    "asyncore_use_poll": True,
    "channel_timeout": 30,
    "cleanup_interval": 1,
    "recv_bytes": 65536,
    "max_request_body_size": _LARGEST_READ,
    # Above it waitress writes the body, a patient's record, to a temporary file.
    "inbuf_overflow": _LARGEST_READ + _MEBIBYTE,
    "expose_tracebacks": False,
    "ident": None,
}

_log = structlog.get_logger("itb_cds")


def make_server(app: WSGIApplication, host: str, port: int, most_calls: int = MOST_CALLS) -> Any:
    """A waitress server that listens but does not run yet; port 0 takes a free one.

    Raises SettingsError when the address cannot be listened on.
    """
    try:
        dispatcher = Dispatcher(THREADS, most_calls)
        server = create_server(app, host=host, port=port, _dispatcher=dispatcher, **_WAITRESS)
    except (OSError, ValueError) as fault:
        raise SettingsError(
            f"host and port: found {host}:{port}, which cannot be listened on ({fault}), expected "
            "a free port of this machine. Choose another --port, or stop what listens there."
        ) from None
    # A name such as localhost can stand for several addresses, each with a server of its own.
    for listener in (server, *getattr(server, "map", {}).values()):
        listener.channel_class = Channel
    return server


def serve(
    app: WSGIApplication, service: Service, once_open: Callable[[], None] = lambda: None
) -> None:
    """Serves until SIGTERM or Ctrl-C, and finishes the requests under way.

    `once_open` is called when the service listens.
    """
    settings = service.settings
    check_exposure(settings)
    server = make_server(app, settings.host, settings.port, settings.most_calls)
    warm_up(service)
    _announce(service)
    once_open()
    heartbeat = Heartbeat(duties(service))
    heartbeat.start()
    if service.refresher:
        service.refresher.start()
    signal.signal(signal.SIGTERM, _stop)
    settle_memory()
    server.run()
    if service.refresher:
        service.refresher.stop()
    heartbeat.stop()
    if service.store is not None:
        service.store.close()
    _log.info("stopped")


def _announce(service: Service) -> None:
    settings: Settings = service.settings
    if not settings.clients:
        _log.warning(
            "NO CLIENT AUTHENTICATION: whoever reaches this address is answered; not for patient "
            "care",
            host=settings.host,
        )
    if service.fixed_clock:
        _log.warning("FIXED CLOCK: not for patient care", clock=service.clock().isoformat())
    if service.store and service.store.kept_in == "memory":
        _log.warning(
            "STORE IN MEMORY: cards issued, feedback and tokens seen are lost at the end",
            remedy="name a folder in [store]; several processes need it to know of each other",
        )
    if service.store and (service.store.queue.taken_over or service.store.queue.unreadable):
        _log.warning(
            "LEDGER TAKEN OVER: a process ended before the database had all it kept",
            records=service.store.queue.taken_over,
            unreadable=service.store.queue.unreadable,
        )
    for line in restrictions(settings):
        _log.warning("PLAN RESTRICTED: its advice does not reach everyone", use=line)
    _log.info(
        "serving",
        host=settings.host,
        port=settings.port,
        publicUrl=settings.public_url,
        configuration=settings.origin,
        timeZone=settings.time_zone.key,
        clients=[client.name for client in settings.clients],
        plans={plan.id: plan.version for plan in service.rulebook.plans},
    )


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
