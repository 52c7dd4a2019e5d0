"""The CDS service over HTTP: discovery, and one route that answers every hook."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound, UnsupportedMediaType

from cds_service.assessment import Assessment, Occasion, Rulebook, assess
from cds_service.cds_hooks.cards import Card, CardContext, cards, response_body
from cds_service.cds_hooks.discovery import PREFETCH_TEMPLATES, SERVICES, HookService, services
from cds_service.cds_hooks.request import HookRequest, read_request
from cds_service.errors import RequiredDataMissingError
from cds_service.fhir.artefacts import NO_ARTEFACTS, Artefacts
from cds_service.settings import Settings
from cds_service.store.open_store import Store
from cds_service.web.json_answer import json_answer, json_bytes_answer
from cds_service.web.metrics import Metrics

MEDIA_TYPES = ("application/json", "application/fhir+json")

_log = structlog.get_logger("itb_cds")


@dataclass(frozen=True, slots=True)
class Service:
    """All that the routes need: the site's settings, rules and artefacts, the time, what is kept.

    `clock` says for which moment patients are assessed, `machine_clock` what time it is for tokens.
    `store` is None where nothing is served, as on the command line: then nothing is kept.
    """

    settings: Settings
    rulebook: Rulebook
    clock: Callable[[], datetime]
    fixed_clock: bool = False
    store: Store | None = None
    machine_clock: Callable[[], datetime] | None = None
    artefacts: Artefacts = NO_ARTEFACTS


def hooks_blueprint(service: Service, metrics: Metrics) -> Blueprint:
    """GET /cds-services and POST /cds-services/{id}."""
    blueprint = Blueprint("hooks", __name__)

    @blueprint.get("/cds-services")
    def discovery() -> Response:
        return json_answer(services(service.settings.prefetch))

    @blueprint.post("/cds-services/<service_id>")
    def answer_hook(service_id: str) -> Response:
        started = perf_counter()
        offered = _offered(service_id)
        hook = read_request(_body(), offered.hook)
        now = service.clock()
        try:
            found = assess(hook.patient_id, hook.prefetch, service.rulebook, now, _occasion(hook))
        except RequiredDataMissingError:
            _note_missing_data(hook, offered, metrics)
            raise
        advised = _cards(found, hook, offered, service.settings, now)
        shown = [] if hook.is_by_patient else advised
        answer = json_bytes_answer(response_body(shown))
        _note_answer(hook, offered, found, shown, perf_counter() - started, metrics)
        _note_withheld(hook, offered, len(advised) - len(shown), metrics)
        return answer

    return blueprint


def _offered(service_id: str) -> HookService:
    offered = SERVICES.get(service_id)
    if offered is None:
        raise NotFound(f"No such service; there are: {', '.join(SERVICES)}. See GET /cds-services.")
    return offered


def _body() -> bytes:
    """The request's body, once its media type promises JSON in UTF-8."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    encoding = request.headers.get("Content-Encoding", "identity").lower()
    if request.mimetype not in MEDIA_TYPES or charset not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(
            f"Found another Content-Type, expected {' or '.join(MEDIA_TYPES)} in UTF-8."
        )
    if encoding != "identity":
        raise UnsupportedMediaType("Found a compressed body, expected it uncompressed.")
    return request.get_data(cache=False)


def _cards(
    found: Assessment, hook: HookRequest, offered: HookService, settings: Settings, now: datetime
) -> list[Card]:
    if not found.evaluation.recommended:
        return []
    call = CardContext(
        hook_instance=hook.hook_instance,
        patient_id=hook.patient_id,
        service_id=offered.id,
        public_url=settings.public_url,
        as_of=now.astimezone(settings.time_zone),
        time_zone=settings.time_zone.key,
        max_cards=settings.max_cards,
    )
    return cards(found.evaluation, found.findings.facts, call)


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


def _note_withheld(
    hook: HookRequest, offered: HookService, withheld: int, metrics: Metrics
) -> None:
    """Cards are written for clinicians: what a patient as user does not see, IT can count."""
    if not withheld:
        return
    metrics.count_withheld(withheld)
    _log.warning(
        "cards withheld from a patient as user",
        hookInstance=hook.hook_instance,
        service=offered.id,
        cards=withheld,
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
