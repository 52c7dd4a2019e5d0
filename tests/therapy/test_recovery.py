"""Recovery plans: for which operation, and what of them is overdue."""

from datetime import date
from typing import Any

import pytest

from cds_service.therapy.record import PlannedActivity, RecoveryPlan, SurgeryKind
from tests.therapy.builders import a_surgery, a_therapy_record, facts_on, on, proof, values_on

TODAY = "2026-07-14"


def a_plan(start: str = "2026-06-01", *activities: PlannedActivity, is_open: bool = True) -> Any:
    return RecoveryPlan(on(start), is_open, activities, proof("CarePlan/plan"))


def an_activity(title: str, end: str | None, is_closed: bool = False) -> PlannedActivity:
    return PlannedActivity(title, date.fromisoformat(end) if end else None, is_closed)


def recovery(*plans: RecoveryPlan, today: str = TODAY, **stated: Any) -> dict[str, Any]:
    surgeries = stated.pop("surgeries", (a_surgery("2026-06-01"),))
    record = a_therapy_record(surgeries=surgeries, recovery_plans=plans, **stated)
    return {
        name.removeprefix("recovery."): value for name, value in values_on(today, record).items()
    }


def test_recovery_is_reviewed_at_six_weeks_and_expected_to_end_at_eight():
    """Surgery on 1 Jun 2026: day 42 is 13 Jul, day 56 is 27 Jul."""
    found = recovery()
    assert found["earliestEnd"] == date(2026, 7, 13)
    assert found["expectedEnd"] == date(2026, 7, 27)
    assert found["surgeryDay"] == 43


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        (SurgeryKind.IMPLANT, True),
        (SurgeryKind.REPLACEMENT, True),
        (SurgeryKind.REVISION, True),
        (SurgeryKind.EXPLANT, False),
    ],
)
def test_recovery_follows_all_operations_but_an_explant(kind: SurgeryKind, counts: bool):
    found = recovery(surgeries=(a_surgery("2026-06-01", kind),))
    assert found["surgeryKnown"] is counts
    assert found["surgeryKind"] == (kind.value if counts else None)


@pytest.mark.parametrize(
    ("start", "belongs"),
    [
        pytest.param("2026-05-02", True, id="30 days before"),
        pytest.param("2026-05-01", False, id="31 days before"),
        pytest.param("2026-06-01", True, id="the day of surgery"),
        pytest.param("2026-06-20", True, id="afterwards"),
        pytest.param("2026-05", True, id="some day of the month before"),
        pytest.param("2026-04", False, id="two months before"),
    ],
)
def test_a_plan_belongs_to_the_operation_it_starts_at_most_30_days_before(
    start: str, belongs: bool
):
    assert recovery(a_plan(start))["planExists"] is belongs


@pytest.mark.parametrize(
    ("end", "is_closed", "is_due"),
    [
        pytest.param("2026-07-13", False, True, id="ended yesterday"),
        pytest.param("2026-07-14", False, False, id="ends today"),
        pytest.param("2026-07-15", False, False, id="ends tomorrow"),
        pytest.param("2026-07-13", True, False, id="ended and done"),
        pytest.param(None, False, False, id="open end: stays open"),
    ],
)
def test_an_activity_is_due_once_its_time_has_passed(
    end: str | None, is_closed: bool, is_due: bool
):
    found = recovery(a_plan("2026-06-01", an_activity("Wound check", end, is_closed)))
    assert (found["milestonesDue"] == 1) is is_due
    assert ("Wound check" in found["milestones"]) is is_due


def test_all_overdue_activities_are_named_the_oldest_first():
    plan = a_plan(
        "2026-06-01", an_activity("Visit", "2026-07-01"), an_activity("Wound check", "2026-06-15")
    )
    found = recovery(plan)
    assert found["milestonesDue"] == 2
    assert found["milestones"] == "Wound check (by 15 Jun 2026); Visit (by 1 Jul 2026)"


def test_an_activity_in_two_plans_is_due_once():
    plan = a_plan("2026-06-01", an_activity("Visit", "2026-07-01"))
    assert recovery(plan, plan)["milestonesDue"] == 1


def test_a_closed_plan_asks_for_nothing():
    found = recovery(a_plan("2026-06-01", an_activity("Visit", "2026-07-01"), is_open=False))
    assert found["planOpen"] is False
    assert found["milestonesDue"] == 0


def test_unread_care_plans_leave_it_unknown_whether_there_is_one():
    record = a_therapy_record(
        surgeries=(a_surgery("2026-06-01"),), unread={"carePlans": "was not sent"}
    )
    fact = facts_on(TODAY, record)["recovery.planExists"]
    assert fact.value is None
    assert fact.unknown_because == "carePlans could not be read"


def test_an_operation_of_month_precision_counts_from_its_last_day():
    found = recovery(surgeries=(a_surgery("2026-06"),))
    assert found["surgeryDate"] == date(2026, 6, 30)
    assert found["surgeryDay"] == 14


@pytest.mark.parametrize(("today", "runs"), [("2026-07-27", True), ("2026-07-28", False)])
def test_a_recovery_runs_until_day_56(today: str, runs: bool):
    assert recovery(today=today)["running"] is runs


def test_without_an_operation_no_recovery_runs():
    assert recovery(surgeries=())["running"] is False
