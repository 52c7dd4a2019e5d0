"""Recovery plans as FHIR CarePlan: read from the chart, and written as a suggestion."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cds_service import CANONICAL_BASE
from cds_service.errors import DateError
from cds_service.fhir.chart import Chart, evidence
from cds_service.fhir.concepts import words
from cds_service.fhir.dates import read_when
from cds_service.fhir.decoding import Source
from cds_service.fhir.elements import ActivityDetail, CarePlan
from cds_service.guidance.plan import Plan, PlannedStep
from cds_service.therapy.calendar import When, add_days
from cds_service.therapy.fact import Fact
from cds_service.therapy.record import PlannedActivity, RecoveryPlan

RECOVERY_PLAN = f"{CANONICAL_BASE}/PlanDefinition/itb-recovery"
_KEY = "carePlans"
_ASSESS_PLAN = {
    "system": "http://hl7.org/fhir/us/core/CodeSystem/careplan-category",
    "code": "assess-plan",
}
"""US Core 6.1 and 7.0 ask for it; later versions allow it."""
_OPEN = {"active", "on-hold", "draft"}
_CLOSED_ACTIVITY = {"completed", "cancelled", "stopped", "entered-in-error"}


def read_recovery_plans(chart: Chart, source: Source[CarePlan]) -> tuple[RecoveryPlan, ...]:
    """The care plans made from our recovery plan, of any version, open or completed."""
    plans = []
    for found in chart.own(source, CarePlan, lambda plan: plan.subject):
        if "instantiatesCanonical" in found.unreadable:
            chart.report(_KEY, found, "instantiatesCanonical cannot be read as FHIR R4")
        if not any(url.split("|")[0] == RECOVERY_PLAN for url in found.instantiatesCanonical):
            continue
        is_open = found.status in _OPEN
        if not is_open and found.status != "completed":
            continue
        text = (found.period.start if found.period else None) or found.created
        start = _date(chart, found, text)
        if start is None:
            chart.report(_KEY, found, "is a recovery plan without a start; not used")
            continue
        activities = tuple(
            _activity(chart, found, part.detail) for part in found.activity if part.detail
        )
        proof = evidence(found, f"recovery plan, {found.status}", start)
        plans.append(RecoveryPlan(start, is_open, activities, proof))
    return tuple(plans)


def _activity(chart: Chart, plan: CarePlan, detail: ActivityDetail) -> PlannedActivity:
    title = words(detail.code) or detail.description or "activity"
    is_closed = detail.status in _CLOSED_ACTIVITY
    if detail.scheduledString and not is_closed:
        chart.report(_KEY, plan, f"the time of '{title[:60]}' is in words and was not read")
    end = _date(chart, plan, _end_of(detail))
    period = detail.scheduledPeriod
    start = _date(chart, plan, period.start if period else None)
    return PlannedActivity(
        title, end.last if end else None, is_closed, start.first if start else None
    )


def _end_of(detail: ActivityDetail) -> str | None:
    """The end of the time planned: of a period, of the bounds of a timing, or its last event."""
    if detail.scheduledPeriod is not None:
        return detail.scheduledPeriod.end
    timing = detail.scheduledTiming
    if timing is None:
        return None
    if timing.repeat is not None and timing.repeat.boundsPeriod is not None:
        return timing.repeat.boundsPeriod.end
    return max(timing.event, default=None)


def _date(chart: Chart, plan: CarePlan, text: str | None) -> When | None:
    if not text:
        return None
    try:
        return read_when(text, chart.zone)
    except DateError as fault:
        chart.report(_KEY, plan, f"{fault}; not used")
        return None


def recovery_care_plan(
    plan: Plan, facts: Mapping[str, Fact], patient_id: str, today: date
) -> dict[str, Any] | None:
    """A draft CarePlan with the activities that fit the operation and still lie ahead.

    None when no operation is known to date it from.
    """
    surgery = facts["recovery.surgeryDate"].value
    if not isinstance(surgery, date):
        return None
    day = (today - surgery).days
    steps = [step for step in plan.steps if _fits(step, facts) and _is_ahead(step, day)]
    lasts = [step.last_day for step in steps if step.last_day is not None]
    end = add_days(surgery, max(lasts, default=0))
    return {
        "resourceType": "CarePlan",
        "instantiatesCanonical": [plan.canonical],
        "status": "draft",
        "intent": "proposal",
        "category": [{"coding": [_ASSESS_PLAN]}],
        "title": f"{plan.title} after {facts['recovery.surgeryKind'].value}",
        "description": plan.description,
        "subject": {"reference": f"Patient/{patient_id}"},
        "period": {"start": surgery.isoformat(), "end": end.isoformat()},
        "created": today.isoformat(),
        **({"goal": [{"display": plan.goal}]} if plan.goal else {}),
        "activity": [{"detail": _detail(step, surgery)} for step in steps],
    }


def _fits(step: PlannedStep, facts: Mapping[str, Fact]) -> bool:
    return step.condition is None or step.condition.decide(facts) is not False


def _is_ahead(step: PlannedStep, day: int) -> bool:
    """A plan made late does not ask for what can no longer be done."""
    return step.last_day is None or step.last_day >= day


def _detail(step: PlannedStep, surgery: date) -> dict[str, Any]:
    period = {"start": add_days(surgery, step.first_day).isoformat()}
    if step.last_day is not None:
        period["end"] = add_days(surgery, step.last_day).isoformat()
    return {
        "code": {"text": step.title},
        "status": "not-started",
        "doNotPerform": step.is_restriction,
        "scheduledPeriod": period,
        "description": step.description,
    }
