"""Recovery plans: read from the chart, and suggested as valid FHIR R4B."""

from datetime import date
from typing import Any

import pytest
from fhir.resources.R4B.careplan import CarePlan

from cds_service import CANONICAL_BASE
from cds_service.app.plans import plans, plans_folder
from cds_service.fhir.care_plans import read_recovery_plans, recovery_care_plan
from cds_service.therapy.fact import Fact, known, unknown
from tests.fhir.builders import Json, a_care_plan, a_chart, problems, source

RECOVERY = f"{CANONICAL_BASE}/PlanDefinition/itb-recovery"
PLAN = next(plan for plan in plans(plans_folder(), {}) if plan.id == "itb-recovery")


def found(**stated: Any) -> Any:
    return read_recovery_plans(a_chart(), source("carePlans", a_care_plan(**stated)))


@pytest.mark.parametrize(
    ("canonical", "counts"),
    [
        (RECOVERY, True),
        (f"{RECOVERY}|9.9.9", True),
        (f"{CANONICAL_BASE}/PlanDefinition/itb-refill", False),
        (f"{RECOVERY}-other", False),
        ("https://elsewhere.example/PlanDefinition/itb-recovery", False),
    ],
    ids=["without version", "any version", "another plan", "a longer name", "another base"],
)
def test_a_recovery_plan_is_known_by_what_it_instantiates(canonical: str, counts: bool):
    assert bool(found(instantiatesCanonical=[canonical])) is counts


@pytest.mark.parametrize(
    ("status", "counts"),
    [("active", True), ("on-hold", True), ("draft", True), ("entered-in-error", False)],
)
def test_an_active_held_or_drafted_plan_is_present(status: str, counts: bool):
    assert bool(found(status=status)) is counts


@pytest.mark.parametrize(
    ("stated", "start"),
    [
        ({}, "2026-01-20"),
        ({"created": "2026-01-10"}, "2026-01-20"),
        ({"period": None, "created": "2026-01-10"}, "2026-01-10"),
    ],
    ids=["period", "period before created", "created"],
)
def test_a_plan_starts_with_its_period_else_when_created(stated: Json, start: str):
    assert found(**stated)[0].start.first == date.fromisoformat(start)


def test_a_plan_without_start_is_reported():
    chart = a_chart()
    assert read_recovery_plans(chart, source("carePlans", a_care_plan(period=None))) == ()
    assert "without a start" in " ".join(problems(chart))


@pytest.mark.parametrize(
    ("status", "is_closed"),
    [("completed", True), ("not-started", False), ("in-progress", False), ("scheduled", False)],
)
def test_an_activity_is_closed_once_completed(status: str, is_closed: bool):
    detail = {
        "code": {"text": "Wound check"},
        "status": status,
        "scheduledPeriod": {"start": "2026-01-25", "end": "2026-01-30"},
    }
    (activity,) = found(activity=[{"detail": detail}])[0].activities
    assert activity.title == "Wound check"
    assert activity.window_end == date(2026, 1, 30)
    assert activity.is_closed is is_closed


def suggested(kind: str, today: str, surgery: str | None = "2026-06-01") -> Json | None:
    facts: dict[str, Fact] = {
        "recovery.surgeryDate": known(date.fromisoformat(surgery)) if surgery else unknown("none"),
        "recovery.surgeryKind": known(kind),
    }
    return recovery_care_plan(PLAN, facts, "p1", date.fromisoformat(today))


@pytest.mark.parametrize("kind", ["implant", "replacement", "revision"])
@pytest.mark.parametrize("today", ["2026-06-01", "2026-06-20", "2026-07-27", "2026-09-30"])
def test_the_suggested_plan_is_valid_fhir_r4b(kind: str, today: str):
    body = suggested(kind, today)
    assert body is not None
    plan = CarePlan(**body)
    assert plan.status == "draft"
    assert plan.intent == "proposal"
    assert plan.subject.reference == "Patient/p1"
    assert plan.instantiatesCanonical == [PLAN.canonical]


def titles(kind: str, today: str = "2026-06-01") -> set[str]:
    body = suggested(kind, today)
    assert body is not None
    return {part["detail"]["code"]["text"] for part in body["activity"]}


def test_p6_after_a_replacement_there_is_no_hospital_stay():
    stay, leave = (
        next(step.title for step in PLAN.steps if step.id == name)
        for name in ("hospital-stay", "same-day-discharge")
    )
    assert stay in titles("implant")
    assert stay not in titles("replacement")
    assert leave in titles("replacement")
    assert leave not in titles("implant")


def test_a_late_plan_asks_for_nothing_that_can_no_longer_be_done():
    wound_check = next(step.title for step in PLAN.steps if step.id == "wound-check")
    assert wound_check in titles("implant", "2026-06-15")
    assert wound_check not in titles("implant", "2026-06-16")


def test_the_suggested_plan_is_read_back_as_a_recovery_plan():
    body = suggested("implant", "2026-06-01")
    assert body is not None
    chart = a_chart(today=date(2026, 6, 2))
    (plan,) = read_recovery_plans(chart, source("carePlans", {**body, "id": "x"}))
    assert plan.start is not None
    assert plan.start.first == date(2026, 6, 1)
    assert len(plan.activities) == len(body["activity"])
    assert problems(chart) == []


def test_restrictions_stay_open_until_the_all_clear():
    restrictions = [step for step in PLAN.steps if step.is_restriction]
    assert restrictions
    assert all(step.last_day is None for step in restrictions)


def test_without_a_known_operation_there_is_no_plan():
    assert suggested("implant", "2026-06-01", None) is None


def test_a_plan_reads_the_same_when_it_was_stored_by_a_server():
    body = a_care_plan(meta={"versionId": "3"}, text={"status": "generated"})
    assert len(read_recovery_plans(a_chart(), source("carePlans", body))) == 1
