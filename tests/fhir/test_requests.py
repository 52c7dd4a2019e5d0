"""What accepting a suggestion creates: valid FHIR R4B, a proposal, dated in time."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from fhir.resources.R4B.servicerequest import ServiceRequest

from cds_service.app.plans import plans, plans_folder
from cds_service.fhir.requests import suggested_resource
from cds_service.guidance.plan import Plan, Suggestion
from cds_service.therapy.fact import known, unknown
from tests.fhir.builders import Json

AS_OF = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)
PLANS = plans(plans_folder(), {})
SUGGESTED = {
    suggestion.id: (plan, suggestion)
    for plan in PLANS
    for ladder in plan.ladders
    for action in ladder.actions
    for suggestion in action.suggestions
    if suggestion.activity in plan.activities
}


def made(plan: Plan, suggestion: Suggestion, due: date | None) -> Json:
    facts: dict[str, Any] = {suggestion.due: known(due) if due else unknown("not known")}
    body = suggested_resource(plan, suggestion, facts, "p1", AS_OF)
    assert body is not None
    return body


@pytest.mark.parametrize(("plan", "suggestion"), SUGGESTED.values(), ids=SUGGESTED.keys())
def test_every_suggested_request_is_valid_fhir_r4b(plan: Plan, suggestion: Suggestion):
    request = ServiceRequest(**made(plan, suggestion, date(2026, 3, 29)))
    assert (request.status, request.intent) == ("draft", "proposal")
    assert request.subject.reference == "Patient/p1"
    assert request.priority == suggestion.priority


REFILL = next(pair for pair in SUGGESTED.values() if pair[1].due == "refill.targetDate")


@pytest.mark.parametrize(
    ("due", "latest"),
    [
        pytest.param(date(2026, 3, 29), "2026-03-29", id="ahead"),
        pytest.param(date(2026, 2, 1), "2026-02-01", id="today"),
        pytest.param(date(2026, 1, 1), "2026-02-01", id="past: today at the latest"),
        pytest.param(None, "2026-02-01", id="unknown: today at the latest"),
    ],
)
def test_a_request_is_to_be_done_between_today_and_its_due_date(due: date | None, latest: str):
    period = made(*REFILL, due)["occurrencePeriod"]
    assert period == {"start": "2026-02-01", "end": latest}


def test_a_request_names_nobody_but_by_reference():
    body = made(*REFILL, None)
    assert body["subject"] == {"reference": "Patient/p1"}
    assert "performer" not in body
