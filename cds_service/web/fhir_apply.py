"""`PlanDefinition/$apply` over HTTP: a plan applied to the data that come with the request."""

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound, UnsupportedMediaType

from cds_service.assessment import Occasion, assess
from cds_service.assessment.application import SiteUse, applied, occasion_of
from cds_service.fhir.apply_request import apply_request
from cds_service.fhir.request_group import Asked
from cds_service.settings import PlanUse
from cds_service.web.calling_client import calling_client
from cds_service.web.fhir_answer import FHIR_JSON, check_format, fhir_answer
from cds_service.web.plan_uses import plan_use, use_in_words
from cds_service.web.request_body import MEDIA_TYPES
from cds_service.web.service import Service, rulebook_for
from cds_service.web.typed_records import with_typed

_log = structlog.get_logger("itb_cds")


def apply_blueprint(service: Service) -> Blueprint:
    """GET and POST /fhir/PlanDefinition/{id}/$apply."""
    blueprint = Blueprint("apply", __name__, url_prefix="/fhir")
    plans = {plan.id: plan for plan in service.rulebook.plans}

    @blueprint.route("/PlanDefinition/<plan_id>/$apply", methods=["GET", "POST"])
    def apply(plan_id: str) -> Response:
        check_format()
        plan = plans.get(plan_id)
        if plan is None:
            raise NotFound(f"No such PlanDefinition; there are: {', '.join(plans)}.")
        query = {name: texts for name, texts in request.args.lists() if name != "_format"}
        asked = apply_request(query, _body())
        client = calling_client()
        rulebook = rulebook_for(service, client)
        now = service.clock().astimezone(rulebook.time_zone)
        occasion = Occasion(asked.hook or occasion_of(plan), asked.proposed, asked.selections)
        patient_id = asked.subject.removeprefix("Patient/")
        found = with_typed(
            service.typed_in(client),
            patient_id,
            lambda sent: assess(patient_id, sent, rulebook, now, occasion),
        )(asked.prefetch)
        whom = Asked(asked.subject, now, asked.encounter, asked.practitioner)
        use = _site_use(plan_use(service.settings, client, plan.id))
        answer = fhir_answer(applied(plan, found, whom, occasion, use))
        _log.info("plan applied", plan=plan.id, status=200, pump=found.has_pump)
        return answer

    return blueprint


def _site_use(use: PlanUse) -> SiteUse:
    return SiteUse(use.mode == "off", "" if use == PlanUse() else use_in_words(use))


def _body() -> bytes | None:
    """The body of a POST, once its media type promises JSON; None otherwise."""
    if request.method != "POST":
        return None
    if request.mimetype not in MEDIA_TYPES:
        raise UnsupportedMediaType(
            f"Found another Content-Type, expected {FHIR_JSON} with a Parameters resource."
        )
    return request.get_data(cache=False)
