"""The page of hospital IT: is the service asked, does it answer, who is not reached, who looked."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template, request

from cds_service.coordination.service_figures import (
    DAYS_SHOWN,
    Hourly,
    PlanFigures,
    ServiceFigures,
    service_figures,
    since_hour,
)
from cds_service.fhir.override_reasons import reason_display
from cds_service.guidance.plan import Plan, topic_names
from cds_service.settings.in_force import in_force
from cds_service.store.audit_ledger import AuditRow
from cds_service.store.feedback_report import feedback_report
from cds_service.web.access.audit import note_access
from cds_service.web.coordinator.desk import Desk
from cds_service.web.plan_uses import plan_use, use_in_words
from cds_service.web.plots.sparkline import Sparkline, sparkline

_KINDS = ("call", "fired", "undecided", "unchecked", "missing", "ms", "read")
LONGEST_SEARCH = 255
_ID = re.compile(r"[A-Za-z0-9\-.]{1,255}")


@dataclass(frozen=True, slots=True)
class PlanLine:
    """A plan as the page shows it: how it is used here, what it did, and its drawing."""

    plan: Plan
    use: str
    figures: PlanFigures
    drawing: Sparkline


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry of the audit in words."""

    row: AuditRow
    action: str
    says: str
    name: str
    role: str
    outcome: str


def it_blueprint(desk: Desk) -> Blueprint:
    """GET /it, and POST /it/audit, which searches the audit without a name in an address."""
    blueprint = Blueprint("it", __name__, template_folder="../templates")

    @blueprint.get("/it")
    def show() -> str:
        note_access("R", "page of hospital IT")
        return _page(desk)

    @blueprint.post("/it/audit")
    def audit() -> str:
        person = request.form.get("person", "").strip()[:LONGEST_SEARCH]
        patient = request.form.get("patient_id", "").strip()[:LONGEST_SEARCH]
        _note_search(patient)
        rows = desk.store.audit.rows(person, patient)
        is_checked = request.form.get("check") == "yes"
        broken = desk.store.audit.first_broken() if is_checked else None
        return _page(
            desk,
            sought_person=person,
            sought_patient=patient,
            audit=[_audit_line(row) for row in rows],
            is_checked=is_checked,
            broken=broken,
        )

    return blueprint


def _note_search(patient_id: str) -> None:
    """Whoever searches for a patient stands among those who looked at that patient."""
    is_id = not patient_id or _ID.fullmatch(patient_id) is not None
    says = "audit searched" if is_id else "audit searched for what is no patient's id"
    note_access("R", says, patient_id if is_id else "")


def _page(desk: Desk, **searched: Any) -> str:
    now = desk.now()
    figures = service_figures(
        _counts(desk),
        [plan.id for plan in desk.rulebook.plans],
        now,
        desk.rulebook.time_zone,
    )
    return render_template(
        "coordinator/it.html",
        **desk.words(
            days=DAYS_SHOWN,
            figures=figures,
            plans=_plan_lines(desk, figures),
            topics=feedback_report(
                desk.store.engine, now - timedelta(days=DAYS_SHOWN), with_comments=True
            ).topics,
            alarms=desk.store.alerts.standing(),
            refresh=desk.store.refreshes.latest(),
            digest=desk.store.alerts.last_digest(),
            digest_is_on=desk.settings.digest.is_on,
            store_problem=desk.store.problem(),
            kept_in=desk.store.kept_in,
            settings=in_force(desk.settings),
            reason_of=reason_display,
            topic_name=lambda code: topic_names(desk.rulebook.plans).get(code, code),
            overridden=_overridden(desk),
            **{
                "audit": None,
                "sought_person": "",
                "sought_patient": "",
                "is_checked": False,
                "broken": None,
            }
            | searched,
        ),
    )


def _counts(desk: Desk) -> Mapping[str, Hourly]:
    since = since_hour(desk.now())
    return {kind: desk.store.counts.by_name(kind, since) for kind in _KINDS}


def _plan_lines(desk: Desk, figures: ServiceFigures) -> list[PlanLine]:
    plans = {plan.id: plan for plan in desk.rulebook.plans}
    return [
        PlanLine(
            plans[each.plan],
            use_in_words(plan_use(desk.settings, None, each.plan)),
            each,
            sparkline(each.by_day, each.usual_most),
        )
        for each in figures.plans
    ]


def _overridden(desk: Desk) -> list[tuple[str, str, str, str]]:
    """Plan, threshold, value here and value shipped, of every threshold that the site set."""
    return [
        (plan.id, threshold.name, str(threshold), str(threshold.shipped))
        for plan in desk.rulebook.plans
        for threshold in plan.thresholds.values()
        if threshold.is_overridden
    ]


_ACTIONS = {"C": "created", "R": "viewed", "U": "changed", "D": "deleted", "E": "done"}
_OUTCOMES = {"0": "", "4": "refused", "8": "failed"}


def _audit_line(row: AuditRow) -> AuditLine:
    event = json.loads(row.content)
    agent = event["agent"][0]
    return AuditLine(
        row,
        _ACTIONS.get(event.get("action", ""), ""),
        event.get("outcomeDesc", ""),
        agent.get("name", ""),
        agent["role"][0]["text"] if agent.get("role") else "",
        _OUTCOMES.get(event.get("outcome", ""), ""),
    )
