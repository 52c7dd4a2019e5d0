"""What the service offers and needs, on one page for hospital IT; nothing about patients."""

from collections.abc import Iterator

from flask import Blueprint, Response, render_template

from cds_service.cds_hooks.brief_text import MOST_WORDS
from cds_service.cds_hooks.dialects import DIALECTS, Dialect
from cds_service.cds_hooks.discovery import GATE_KEYS, PREFETCH_TEMPLATES, SERVICES
from cds_service.web.plan_page import POLICY
from cds_service.web.plan_uses import plan_use, use_in_words
from cds_service.web.service import Service

UNITS = (
    ("volumes", "mL"),
    ("concentrations", "mcg/mL or mg/mL"),
    ("doses", "mcg/day or mg/day; mcg/h is converted"),
    ("temperatures", "Cel or [degF]"),
)
"""What is read, in the units that sites use most; an unknown unit is reported, never guessed."""


def capability_blueprint(service: Service) -> Blueprint:
    """GET /capabilities."""
    blueprint = Blueprint(
        "capabilities",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/capabilities/static",
    )
    settings = service.settings

    @blueprint.get("/capabilities")
    def show() -> str:
        return render_template(
            "capabilities.html",
            settings=settings,
            services=SERVICES.values(),
            templates=[
                (key, query, key in GATE_KEYS or settings.prefetch == "full")
                for key, query in PREFETCH_TEMPLATES.items()
            ],
            units=UNITS,
            dialects=[(dialect.name, list(_left_out(dialect))) for dialect in DIALECTS.values()],
            plans=[
                (plan, use_in_words(plan_use(settings, None, plan.id)))
                for plan in service.rulebook.plans
            ],
            clients_apart=sum(bool(client.plans) for client in settings.clients),
            fixed_clock=service.clock() if service.fixed_clock else None,
        )

    @blueprint.after_request
    def with_policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return blueprint


def _left_out(dialect: Dialect) -> Iterator[str]:
    """What a client of this dialect is not sent, in words."""
    if dialect.creates is not None:
        taken = ", ".join(sorted(dialect.creates)) or "nothing"
        yield f"suggestions create {taken}; the others are named in the text, to be ordered by hand"
    if not dialect.takes_override_reasons:
        yield "no override reasons"
    if dialect.is_brief:
        yield (
            "records, arithmetic and sources stay behind the card's link; so do explanations "
            f"while a text is longer than {MOST_WORDS} words"
        )
