"""Recovery after surgery: is there a plan for this operation, and what of it is overdue."""

from collections.abc import Iterator
from datetime import date

from cds_service.therapy.calendar import add_days, day_text
from cds_service.therapy.cycle import Thresholds
from cds_service.therapy.fact import Fact, absent, known, unknown
from cds_service.therapy.implants import latest_recovery_surgery
from cds_service.therapy.record import RecoveryPlan, TherapyRecord

NamedFacts = Iterator[tuple[str, Fact]]
_NO_SURGERY = "no implant, replacement or revision is recorded"


def recovery_facts(record: TherapyRecord, thresholds: Thresholds, today: date) -> NamedFacts:
    """Every `recovery.*` fact."""
    surgery = latest_recovery_surgery(record)
    yield "recovery.surgeryKnown", known(surgery is not None)
    if surgery is None:
        yield "recovery.running", known(False)
        names = ("surgeryKind", "surgeryDate", "surgeryDay", "earliestEnd", "expectedEnd")
        for name in (*names, "planExists", "planOpen", "milestonesDue", "milestones"):
            yield f"recovery.{name}", absent(_NO_SURGERY)
        return
    on = surgery.when.capped(today).last
    yield "recovery.surgeryKind", known(surgery.kind.value, *surgery.evidence)
    yield "recovery.surgeryDate", known(on, *surgery.evidence)
    yield "recovery.surgeryDay", known((today - on).days, *surgery.evidence)
    earliest = add_days(on, int(thresholds["earliestRecoveryDays"]))
    yield "recovery.earliestEnd", known(earliest, *surgery.evidence)
    expected = add_days(on, int(thresholds["recoveryDays"]))
    yield "recovery.running", known(today <= expected, *surgery.evidence)
    yield "recovery.expectedEnd", known(expected, *surgery.evidence)
    from_day = add_days(surgery.when.first, -int(thresholds["planBeforeSurgeryDays"]))
    plans = [p for p in record.recovery_plans if p.start and p.start.last >= from_day]
    yield from _plan_facts(record, plans, today)


def _plan_facts(record: TherapyRecord, plans: list[RecoveryPlan], today: date) -> NamedFacts:
    if not plans and "carePlans" in record.unread:
        for name in ("planExists", "planOpen", "milestonesDue", "milestones"):
            yield f"recovery.{name}", unknown("carePlans could not be read")
        return
    evidence = tuple(found.evidence for found in plans)
    open_plans = [found for found in plans if found.is_open]
    due = sorted(
        {
            (activity.window_end, activity.title)
            for found in open_plans
            for activity in found.activities
            if not activity.is_closed and activity.window_end and activity.window_end < today
        }
    )
    yield "recovery.planExists", known(bool(plans), *evidence)
    yield "recovery.planOpen", known(bool(open_plans), *evidence)
    yield "recovery.milestonesDue", known(len(due), *evidence)
    words = "; ".join(f"{title} (by {day_text(end)})" for end, title in due)
    yield "recovery.milestones", known(words, *evidence)
