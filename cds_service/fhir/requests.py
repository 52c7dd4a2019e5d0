"""What an accepted suggestion creates: a ServiceRequest, or the recovery plan as CarePlan."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from cds_service.fhir.care_plans import recovery_care_plan
from cds_service.guidance.plan import Activity, Plan, Suggestion
from cds_service.therapy.fact import Fact


def suggested_resource(
    plan: Plan,
    suggestion: Suggestion,
    facts: Mapping[str, Fact],
    patient_id: str,
    as_of: datetime,
) -> dict[str, Any] | None:
    """The resource that accepting the suggestion creates: a draft, intent `proposal`.

    None when it cannot be made for this patient (a recovery plan without a known operation).
    """
    activity = plan.activities.get(suggestion.activity)
    if activity is None:
        return recovery_care_plan(plan, facts, patient_id, as_of.date())
    due = facts[suggestion.due].value if suggestion.due else None
    return _service_request(plan, activity, suggestion.priority, patient_id, due, as_of)


def _service_request(
    plan: Plan,
    activity: Activity,
    priority: str,
    patient_id: str,
    due: object,
    as_of: datetime,
) -> dict[str, Any]:
    system, code, display = activity.code
    today = as_of.date()
    latest = max(due, today) if isinstance(due, date) else today
    return {
        "resourceType": "ServiceRequest",
        "instantiatesCanonical": [plan.canonical],
        "status": "draft",
        "intent": "proposal",
        "priority": priority,
        "code": {
            "coding": [{"system": system, "code": code, "display": display}],
            "text": activity.title,
        },
        "subject": {"reference": f"Patient/{patient_id}"},
        "occurrencePeriod": {"start": today.isoformat(), "end": latest.isoformat()},
        "authoredOn": as_of.isoformat(timespec="seconds"),
        "note": [{"text": activity.description}],
    }
