"""What the demo EHR files when a suggestion is accepted, a refill recorded, a visit booked."""

from datetime import date

import pytest
from fhir.resources.R4B import get_fhir_model_class

from cds_service.demo_clinic.coding import RECOVERY_PLAN, visit_type
from cds_service.demo_clinic.roster import PATIENTS
from cds_service.demo_clinic.visits import accepted, refill_again, weekday_by

TODAY = date(2026, 11, 23)  # a Monday
CHART = PATIENTS["demo-001"].chart(TODAY)


def request_for(kind: str, **occurrence: object) -> dict[str, object]:
    return {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "proposal",
        "code": visit_type(kind),
        "subject": {"reference": "Patient/demo-001"},
        **occurrence,
    }


@pytest.mark.parametrize(
    ("occurrence", "booked"),
    [
        ({"occurrencePeriod": {"start": "2026-11-23", "end": "2026-12-03"}}, "2026-12-01"),
        ({"occurrencePeriod": {"start": "2026-11-23", "end": "2026-11-30"}}, "2026-11-27"),
        ({"occurrencePeriod": {"start": "2026-11-23", "end": "2026-11-24"}}, "2026-11-23"),
        ({"occurrenceDateTime": "2026-11-23"}, "2026-11-23"),
        ({"occurrenceDateTime": "2026-11-01"}, "2026-11-23"),
        ({}, "2026-11-27"),
    ],
    ids=["quarter-to-spare", "not-a-sunday", "tomorrow", "today", "past", "no-date"],
)
def test_an_accepted_request_is_booked_on_a_weekday_before_the_day_it_asks_for(
    occurrence: dict[str, object], booked: str
):
    request, visit = accepted(CHART, request_for("refill-visit", **occurrence), TODAY)

    assert visit["start"].startswith(booked)
    assert visit["serviceType"] == [visit_type("refill-visit")]
    assert request["status"] == "active"
    assert request["occurrenceDateTime"] == booked
    for resource in (request, visit):
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def test_a_request_for_no_visit_of_this_clinic_is_filed_without_a_booking():
    request = request_for("refill-visit") | {"code": {"text": "Something else"}}
    assert len(accepted(CHART, request, TODAY)) == 1


def test_an_accepted_care_plan_is_filed_with_the_day_it_was_accepted():
    plan = {
        "resourceType": "CarePlan",
        "id": "from-the-service",
        "instantiatesCanonical": [RECOVERY_PLAN],
        "status": "active",
        "intent": "plan",
        "subject": {"reference": "Patient/demo-001"},
    }
    (filed,) = accepted(CHART, plan, TODAY)
    assert filed["created"] == "2026-11-23"
    assert "id" not in filed


def test_a_recorded_refill_repeats_the_newest_one():
    again = refill_again(CHART, TODAY)
    assert again is not None
    assert again["effectiveDateTime"] == "2026-11-23"
    assert again["dosage"]["dose"]["value"] == 20


def test_a_patient_without_a_fill_has_none_to_repeat():
    assert refill_again(PATIENTS["demo-021"].chart(TODAY), TODAY) is None


@pytest.mark.parametrize(
    ("day", "weekday"),
    [("2026-11-27", "2026-11-27"), ("2026-11-28", "2026-11-27"), ("2026-11-29", "2026-11-27")],
    ids=["friday", "saturday", "sunday"],
)
def test_a_weekend_becomes_the_friday_before_it(day: str, weekday: str):
    assert weekday_by(date.fromisoformat(day)) == date.fromisoformat(weekday)
