"""Who may call: each call to the CDS services carries a token of a trusted client."""

from collections.abc import Callable
from datetime import datetime

import structlog
from flask import Flask, g, request
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from cds_service.ehr.caller import Caller, TrustedClients
from cds_service.errors import StoreError, UntrustedCallerError
from cds_service.settings import Client
from cds_service.web.call_rate import CallRate
from cds_service.web.metrics import Metrics
from cds_service.web.service import Service

WORK = ("/fhir/Task", "/fhir/CarePlan")
"""The coordinator's work, which signed-in people read, too: see `work_readers`."""

PROTECTED = ("/cds-services", "/operations", *WORK)
"""Everything under these paths speaks of patients or of how the service is used."""

APPLY = "/$apply"
"""What an operation's path ends with that takes a patient's data; other artefacts are public."""

SECONDS_TO_RETRY_AFTER = 10

_log = structlog.get_logger("itb_cds")


def authenticate_callers(app: Flask, service: Service, metrics: Metrics) -> None:
    """Lets only trusted clients call, where the site has any; without, nobody is asked.

    A service without clients does not start where other machines could reach it.
    """
    if not service.settings.clients:
        return
    trusted = TrustedClients(service.settings.clients)
    clock = service.machine_clock or service.clock
    rate = CallRate(service.settings.clients)

    @app.before_request
    def check_caller() -> None:
        if request.method == "OPTIONS" or not is_protected(request.path):
            return
        if _is_for_people(request.path) and "Authorization" not in request.headers:
            return
        g.client = _caller(trusted, service, clock).client
        # After the whole check: nobody else can use up a client's calls.
        _check_rate(rate, g.client, metrics)


def is_protected(path: str) -> bool:
    """Whether a path needs a token."""
    return path.endswith(APPLY) or _is_under(path, PROTECTED)


def _is_for_people(path: str) -> bool:
    return _is_under(path, WORK)


def _is_under(path: str, places: tuple[str, ...]) -> bool:
    return any(path == each or path.startswith(f"{each}/") for each in places)


def _check_rate(rate: CallRate, client: Client, metrics: Metrics) -> None:
    seconds = rate.seconds_to_wait(client)
    if not seconds:
        return
    metrics.count_too_many_calls(client.name)
    _log.warning("too many calls", client=client.name, most=client.calls_per_minute)
    raise TooManyRequests(
        "More calls a minute than this client may send (calls_per_minute). The service says "
        "nothing about this patient: treat this as not checked.",
        retry_after=seconds,
    )


def _caller(trusted: TrustedClients, service: Service, clock: Callable[[], datetime]) -> Caller:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise UntrustedCallerError("no bearer token")
    # The address as the site states it: the Host header is whatever a caller writes.
    address = f"{service.settings.public_url}{request.path}"
    caller = trusted.caller(token.strip(), address, clock())
    if not _is_new(caller, service):
        raise UntrustedCallerError("jti was seen before", caller.client.name)
    return caller


def _is_new(caller: Caller, service: Service) -> bool:
    """Whether the token comes for the first time. Nobody is let in while that cannot be told."""
    try:
        if service.store is None:
            raise StoreError("store: there is none.")
        return service.store.replay.remember(caller.client.iss, caller.jti, caller.expires_at)
    except StoreError as fault:
        _log.error("no caller can be let in", client=caller.client.name, why=str(fault))
        raise ServiceUnavailable(
            "The service cannot check tokens now and says nothing about this patient: treat this "
            "as not checked.",
            retry_after=SECONDS_TO_RETRY_AFTER,
        ) from None
