"""What the demo EHR writes into a chart: booked visits, refills, and what a suggestion asks for."""

from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta

from cds_service.demo_clinic.chart import Chart
from cds_service.demo_clinic.coding import VISIT_NAMES, Resource, visit_type
from cds_service.fhir.terminology.systems import VISIT

_FRIDAY = 4
_DAYS_WITHOUT_A_DATE = 7
_SPARED = 4


def appointment(
    patient_id: str, kind: str, on: date, *, made: date, status: str = "booked"
) -> Resource:
    """An Appointment of half an hour in the early afternoon (UTC), entered on the day `made`."""
    return {
        "resourceType": "Appointment",
        "status": status,
        "serviceType": [visit_type(kind)],
        "description": VISIT_NAMES[kind],
        "start": f"{on.isoformat()}T17:00:00Z",
        "end": f"{on.isoformat()}T17:30:00Z",
        "created": made.isoformat(),
        "participant": [
            {
                "actor": {"reference": f"Patient/{patient_id}"},
                "status": "declined" if status == "cancelled" else "accepted",
            }
        ],
    }


def refill_again(chart: Chart, on: date) -> Resource | None:
    """The newest fill once more, on that day: same drug and volume. None when there is no fill."""
    fills = sorted(
        chart.of_type("MedicationAdministration"), key=lambda fill: str(fill["effectiveDateTime"])
    )
    if not fills:
        return None
    again = deepcopy(fills[-1])
    again["effectiveDateTime"] = on.isoformat()
    again.pop("id", None)
    return again


def accepted(chart: Chart, suggested: Resource, today: date) -> tuple[Resource, ...]:
    """What this EHR stores when a suggestion is accepted.

    A ServiceRequest for a visit is booked at once, before the day it asks for, and stored with the
    day that was found; a CarePlan or any other request is stored as it came.
    """
    stored = deepcopy(suggested)
    stored.pop("id", None)
    if stored["resourceType"] == "CarePlan":
        stored.setdefault("created", today.isoformat())
        return (stored,)
    stored.setdefault("authoredOn", today.isoformat())
    kind = visit_kind(stored)
    if stored["resourceType"] != "ServiceRequest" or kind is None:
        return (stored,)
    on = _sensible_day(_asked_for(stored), today)
    stored.pop("occurrencePeriod", None)
    stored |= {"status": "active", "intent": "order", "occurrenceDateTime": on.isoformat()}
    return (stored, appointment(chart.patient_id, kind, on, made=today))


def weekday_by(day: date) -> date:
    """The day itself, or the Friday before it when it falls on a weekend."""
    return day - timedelta(days=max(0, day.weekday() - _FRIDAY))


def visit_kind(request: Resource) -> str | None:
    """The code of CodeSystem itb-visit that a request carries; None when it carries none."""
    return next((code for code in _visit_codes(request) if code in VISIT_NAMES), None)


def _visit_codes(request: Resource) -> Iterator[str]:
    concepts = [request.get("code", {}), *request.get("reasonCode", ())]
    for coding in (coding for found in concepts for coding in found.get("coding", ())):
        if coding.get("system") == VISIT:
            yield str(coding.get("code"))


def _asked_for(request: Resource) -> date | None:
    period = request.get("occurrencePeriod", {})
    text = request.get("occurrenceDateTime") or period.get("end") or period.get("start")
    return date.fromisoformat(str(text)[:10]) if text else None


def _sensible_day(asked_for: date | None, today: date) -> date:
    """A weekday with a quarter of the time to spare; today when the day asked for has come."""
    latest = asked_for or today + timedelta(days=_DAYS_WITHOUT_A_DATE)
    span = (latest - today).days
    if span <= 0:
        return today
    return max(today, weekday_by(latest - timedelta(days=max(1, span // _SPARED))))
