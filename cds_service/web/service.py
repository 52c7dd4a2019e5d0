"""The CDS service over HTTP: discovery, and one route that answers every hook."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic, perf_counter
from typing import Any

from flask import Blueprint, Response
from werkzeug.exceptions import NotFound

from cds_service.assessment import Assessment, Occasion, Rulebook, assess
from cds_service.cds_hooks.cards import response_body
from cds_service.cds_hooks.discovery import SERVICES, HookService, services
from cds_service.cds_hooks.queries import templates
from cds_service.cds_hooks.request import HookRequest, read_request
from cds_service.errors import RequiredDataMissingError
from cds_service.fhir.artefacts import NO_ARTEFACTS, Artefacts
from cds_service.fhir.decoding import Sent
from cds_service.population.refresher import Refresher
from cds_service.population.source import PatientSource
from cds_service.settings import Client, Settings
from cds_service.store.open_store import Store
from cds_service.web.call_notes import Answered, note_answer, note_missing_data, note_reading
from cds_service.web.calling_client import calling_client
from cds_service.web.delivery import Answering, Delivery
from cds_service.web.json_answer import json_answer, json_bytes_answer
from cds_service.web.metrics import Metrics
from cds_service.web.plan_uses import asks_for_role
from cds_service.web.record_reading import RecordReading
from cds_service.web.request_body import request_body
from cds_service.web.tally import Tally
from cds_service.web.typed_records import with_typed
from cds_service.web.user_roles import UserRoles


@dataclass(frozen=True, slots=True)
class Service:
    """All that the routes need: the site's settings, rules and artefacts, the time, what is kept.

    `clock` says for which moment patients are assessed, `machine_clock` what time it is for tokens.
    `store` is None where nothing is served, as on the command line: then nothing is kept.
    `client_rulebooks` holds each client's rules by its name. `tally` counts for the page of
    hospital IT, where there is a store. `population` is where the worklist's patients come from,
    `population_client` the client whose patients they are; None where there is no worklist.
    `refresher` reads them in the background; None while the clock stands still.
    `is_demo`: only this machine calls, and people need no sign-in.
    """

    settings: Settings
    rulebook: Rulebook
    clock: Callable[[], datetime]
    fixed_clock: bool = False
    store: Store | None = None
    machine_clock: Callable[[], datetime] | None = None
    artefacts: Artefacts = NO_ARTEFACTS
    client_rulebooks: Mapping[str, Rulebook] = field(default_factory=dict)
    tally: Tally | None = None
    population: PatientSource | None = None
    population_client: str | None = None
    refresher: Refresher | None = None
    is_demo: bool = False

    @property
    def worklist_rulebook(self) -> Rulebook:
        """The rules by which the worklist's patients are assessed: those of their client."""
        return self.client_rulebooks.get(self.population_client or "", self.rulebook)

    def typed_in(self, client: Client | None) -> Store | None:
        """The store with what people typed in for a client's patients; None for other clients."""
        is_theirs = self.population_client == (client.name if client else "")
        return self.store if is_theirs else None


def hooks_blueprint(service: Service, metrics: Metrics) -> Blueprint:
    """GET /cds-services and POST /cds-services/{id}."""
    blueprint = Blueprint("hooks", __name__)
    record_reading = RecordReading(service.settings, service.rulebook)
    user_roles = UserRoles(record_reading, metrics)
    delivery = Delivery(service.settings, service.store, metrics, user_roles)

    @blueprint.get("/cds-services")
    def discovery() -> Response:
        return json_answer(_discovery(service.settings, calling_client()))

    @blueprint.post("/cds-services/<service_id>")
    def answer_hook(service_id: str) -> Response:
        started, reads_end_at = perf_counter(), monotonic() + service.settings.ehr_deadline_seconds
        offered = offered_service(service_id)
        hook = read_request(request_body(service.settings.most_entries), offered.hook)
        client = calling_client()
        rulebook = rulebook_for(service, client)
        now = service.clock()

        def by_sent(prefetch: Mapping[str, Sent]) -> Assessment:
            return assess(hook.patient_id, prefetch, rulebook, now, _occasion(hook))

        by = with_typed(service.typed_in(client), hook.patient_id, by_sent)
        try:
            found, completed = record_reading.assessed(hook, client, by)
        except RequiredDataMissingError:
            note_missing_data(hook, client, offered.id, metrics)
            raise
        note_reading(hook, completed, metrics)
        shown = delivery.cards(
            Answering(hook, offered.id, found, rulebook, now, client, reads_end_at)
        )
        answer = json_bytes_answer(response_body(shown))
        took = perf_counter() - started
        note_answer(Answered(hook, client, offered.id, found, shown, took), completed, metrics)
        return answer

    return blueprint


def _discovery(settings: Settings, client: Client | None) -> dict[str, Any]:
    """The services, with the prefetch that suits the client."""
    asks = asks_for_role(settings, client)
    if client is None:
        return services(settings.prefetch, asks_for_role=asks)
    asked = templates(client.dialect, client.templates)
    return services(client.prefetch or settings.prefetch, asked, asks_for_role=asks)


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
