"""The CDS service over HTTP: discovery, and one route that answers every hook."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Any

import structlog
from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from cds_service.assessment import Assessment, Occasion, Rulebook, assess
from cds_service.cds_hooks.cards import Card, response_body
from cds_service.cds_hooks.discovery import PREFETCH_TEMPLATES, SERVICES, HookService, services
from cds_service.cds_hooks.queries import templates
from cds_service.cds_hooks.request import HookRequest, read_request
from cds_service.errors import RequiredDataMissingError
from cds_service.fhir.artefacts import NO_ARTEFACTS, Artefacts
from cds_service.fhir.decoding import Sent
from cds_service.settings import Client, Settings
from cds_service.store.open_store import Store
from cds_service.web.calling_client import calling_client
from cds_service.web.delivery import Answering, Delivery
from cds_service.web.json_answer import json_answer, json_bytes_answer
from cds_service.web.metrics import Metrics
from cds_service.web.record_reading import Completed, RecordReading
from cds_service.web.request_body import request_body

_log = structlog.get_logger("itb_cds")


@dataclass(frozen=True, slots=True)
class Service:
    """All that the routes need: the site's settings, rules and artefacts, the time, what is kept.

    `clock` says for which moment patients are assessed, `machine_clock` what time it is for tokens.
    `store` is None where nothing is served, as on the command line: then nothing is kept.
    `client_rulebooks` holds each client's rules by its name.
    """

    settings: Settings
    rulebook: Rulebook
    clock: Callable[[], datetime]
    fixed_clock: bool = False
    store: Store | None = None
    machine_clock: Callable[[], datetime] | None = None
    artefacts: Artefacts = NO_ARTEFACTS
    client_rulebooks: Mapping[str, Rulebook] = field(default_factory=dict)


def hooks_blueprint(service: Service, metrics: Metrics) -> Blueprint:
    """GET /cds-services and POST /cds-services/{id}."""
    blueprint = Blueprint("hooks", __name__)
    delivery = Delivery(service.settings, service.store, metrics)
    record_reading = RecordReading(service.settings, service.rulebook)

    @blueprint.get("/cds-services")
    def discovery() -> Response:
        return json_answer(_discovery(service.settings, calling_client()))

    @blueprint.post("/cds-services/<service_id>")
    def answer_hook(service_id: str) -> Response:
        started = perf_counter()
        offered = offered_service(service_id)
        hook = read_request(request_body(), offered.hook)
        client = calling_client()
        rulebook = rulebook_for(service, client)
        now = service.clock()

        def by(prefetch: Mapping[str, Sent]) -> Assessment:
            return assess(hook.patient_id, prefetch, rulebook, now, _occasion(hook))

        try:
            found, completed = record_reading.assessed(hook, client, by)
        except RequiredDataMissingError:
            _note_missing_data(hook, offered, metrics)
            raise
        _note_reading(hook, completed, metrics)
        shown = delivery.cards(Answering(hook, offered.id, found, rulebook, now, client))
        answer = json_bytes_answer(response_body(shown))
        _note_answer(hook, offered, found, shown, perf_counter() - started, metrics)
        return answer

    return blueprint


def _discovery(settings: Settings, client: Client | None) -> dict[str, Any]:
    """The services, with the prefetch that suits the client."""
    if client is None:
        return services(settings.prefetch)
    asked = templates(client.dialect, client.templates)
    return services(client.prefetch or settings.prefetch, asked)


def rulebook_for(service: Service, client: Client | None) -> Rulebook:
    """The rules by which a client's patients are assessed."""
    return service.client_rulebooks.get(client.name if client else "", service.rulebook)


def offered_service(service_id: str) -> HookService:
    """The service with this id; 404 when there is none."""
    offered = SERVICES.get(service_id)
    if offered is None:
        raise NotFound(f"No such service; there are: {', '.join(SERVICES)}. See GET /cds-services.")
    return offered


def _occasion(hook: HookRequest) -> Occasion:
    return Occasion(hook.occasion, hook.context.proposed, hook.context.selections)


def _note_answer(
    hook: HookRequest,
    offered: HookService,
    found: Assessment,
    shown: list[Card],
    seconds: float,
    metrics: Metrics,
) -> None:
    """One log line and the counters. Ids of the call and topics only: never the patient's."""
    topics = [card["source"]["topic"]["code"] for card in shown]
    metrics.count_answer(offered.id, found.has_pump, topics, seconds)
    _log.info(
        "hook answered",
        hookInstance=hook.hook_instance,
        service=offered.id,
        occasion=hook.occasion,
        trigger=hook.trigger.name,
        criteria=hook.trigger.criteria_id,
        status=200,
        pump=found.has_pump,
        topics=topics,
        undecided=len(found.evaluation.undecided),
        issues=len(found.record.issues),
        ms=round(seconds * 1000, 2),
    )


def _note_reading(hook: HookRequest, completed: Completed, metrics: Metrics) -> None:
    """One log line when the EHR was read; statuses by prefetch key, nothing of what was read."""
    if not completed.answers:
        return
    for key, answer in completed.answers.items():
        metrics.count_reading(key, answer.status, answer.seconds)
    _log.info(
        "EHR read",
        hookInstance=hook.hook_instance,
        answers={key: answer.status for key, answer in completed.answers.items()},
        ms=round(max(answer.seconds for answer in completed.answers.values()) * 1000, 1),
    )


def _note_missing_data(hook: HookRequest, offered: HookService, metrics: Metrics) -> None:
    metrics.count_required_data_missing()
    _log.warning(
        "required data missing",
        hookInstance=hook.hook_instance,
        service=offered.id,
        status=412,
        prefetch=[key for key in PREFETCH_TEMPLATES if key in hook.prefetch],
    )
