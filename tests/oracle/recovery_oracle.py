"""The recovery plan's presence and its milestones; the service never uses it."""

from dataclasses import dataclass
from datetime import date, timedelta

from tests.oracle.expected import Expected, of_topic
from tests.oracle.pump_record import RecoveryCarePlan

PLAN, MILESTONE = "itbRecoveryPlan", "itbRecoveryMilestone"
LAST_DAY, PLAN_FROM = 56, timedelta(days=30)
PRESENT_STATUSES = ("active", "on-hold", "draft")


@dataclass(frozen=True)
class RecoveryRecord:
    """Surgery is the latest implant, replacement or revision."""

    today: date
    surgery: date | None
    care_plans: tuple[RecoveryCarePlan, ...] = ()


def recovery_expected(record: RecoveryRecord) -> Expected:
    """The recovery topic of this record, by section 9 of the design."""
    if record.surgery is None:
        return of_topic(None, None)
    plans = [p for p in record.care_plans if p.status in PRESENT_STATUSES]
    plans = [p for p in plans if p.start >= record.surgery - PLAN_FROM]
    if plans:
        return of_topic(
            MILESTONE if any(_has_open_window(p, record.today) for p in plans) else None
        )
    day = (record.today - record.surgery).days
    return of_topic(PLAN if 0 <= day <= LAST_DAY else None)


def _has_open_window(plan: RecoveryCarePlan, today: date) -> bool:
    return any(a.end < today and a.status != "completed" for a in plan.activities)
