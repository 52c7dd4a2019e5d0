"""What users did with cards: received from EHRs, reported to hospital IT."""

from datetime import timedelta

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, ServiceUnavailable

from cds_service.cds_hooks.feedback import FeedbackBatch, read_feedback
from cds_service.errors import StoreError
from cds_service.store.feedback_ledger import Received
from cds_service.store.feedback_report import feedback_report, report_json
from cds_service.store.open_store import Store
from cds_service.web.calling_client import calling_client
from cds_service.web.json_answer import json_answer
from cds_service.web.metrics import Metrics
from cds_service.web.request_body import request_body
from cds_service.web.service import Service, offered_service

DEFAULT_DAYS = 30
MOST_DAYS = 3650
SECONDS_TO_RETRY_AFTER = 10
_NOT_KEPT = "The feedback could not be kept. Send it again."

_log = structlog.get_logger("itb_cds")


def feedback_blueprint(service: Service, metrics: Metrics) -> Blueprint:
    """POST /cds-services/{id}/feedback, and GET /operations/feedback."""
    blueprint = Blueprint("feedback", __name__)

    @blueprint.post("/cds-services/<service_id>/feedback")
    def receive(service_id: str) -> Response:
        offered = offered_service(service_id)
        batch = read_feedback(request_body())
        client = calling_client()
        try:
            store = _store(service)
            # The cards it speaks of may have been sent a moment ago.
            store.queue.flush()
            received = store.feedback.keep(
                client.name if client else "", batch.items, service.clock()
            )
        except StoreError as fault:
            raise _unavailable(metrics, fault, _NOT_KEPT) from None
        _note(offered.id, batch, received, metrics)
        return json_answer(_answer(batch, received))

    @blueprint.get("/operations/feedback")
    def report() -> Response:
        since = service.clock() - timedelta(days=_days())
        try:
            # Comments may name anybody: whoever may read the store's files has the command.
            store = _store(service)
            store.queue.flush()
            found = feedback_report(store.engine, since)
        except StoreError as fault:
            raise _unavailable(metrics, fault, "The store cannot be read now.") from None
        return json_answer(report_json(found))

    return blueprint


def _store(service: Service) -> Store:
    if service.store is None:
        raise StoreError("store: there is none.")
    return service.store


def _unavailable(metrics: Metrics, fault: StoreError, said: str) -> ServiceUnavailable:
    metrics.count_store_failure()
    _log.error("store failed", why=str(fault))
    return ServiceUnavailable(said, retry_after=SECONDS_TO_RETRY_AFTER)


def _answer(batch: FeedbackBatch, received: Received) -> dict[str, int]:
    return {
        "received": len(batch.items),
        "repeated": received.repeated,
        "unknownCards": received.unknown_cards,
        "notUnderstood": batch.not_understood,
    }


def _note(service_id: str, batch: FeedbackBatch, received: Received, metrics: Metrics) -> None:
    """One log line and the counters; never a comment, a reason's words or an id of a user."""
    for outcome, topic in received.topics:
        metrics.count_feedback(outcome, topic or "unknown")
    metrics.count_feedback_not_understood(batch.not_understood)
    _log.info("feedback received", service=service_id, **_answer(batch, received))


def _days() -> int:
    text = request.args.get("days", str(DEFAULT_DAYS))
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(MOST_DAYS))
    if not (is_number and 1 <= int(text) <= MOST_DAYS):
        raise BadRequest(f"days: expected a whole number from 1 to {MOST_DAYS}.")
    return int(text)
