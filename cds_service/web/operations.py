"""What hospital IT asks: is it alive, is it ready, what has it counted."""

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST

from cds_service.store.open_store import Store
from cds_service.web.json_answer import json_answer
from cds_service.web.metrics import Metrics
from cds_service.web.service import Service

_UNAVAILABLE = 503


def operations_blueprint(service: Service, metrics: Metrics) -> Blueprint:
    """GET /health/live, /health/ready and /metrics."""
    blueprint = Blueprint("operations", __name__)

    @blueprint.get("/health/live")
    def live() -> Response:
        return json_answer({"status": "live"})

    @blueprint.get("/health/ready")
    def ready() -> Response:
        now = service.clock()
        problem = service.store.problem() if service.store else ""
        return json_answer(
            {
                "status": "degraded" if problem else "ready",
                "plans": {plan.id: plan.version for plan in service.rulebook.plans},
                "timeZone": service.rulebook.time_zone.key,
                "clock": f"fixed at {now.isoformat()}" if service.fixed_clock else "running",
                "store": problem or _kept_in(service.store),
            },
            _UNAVAILABLE if problem else 200,
        )

    @blueprint.get("/metrics")
    def counters() -> Response:
        return Response(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)

    return blueprint


def _kept_in(store: Store | None) -> str:
    return store.kept_in if store else "none"
