"""An ordinary patient of the worklist, of whom only what matters is changed."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from cds_service.coordination.heads import StatusHead, reading_of
from cds_service.coordination.status import Advice, Figures, PatientStatus
from cds_service.coordination.tasks import WorkTask
from cds_service.fhir.identity import Identity

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TODAY = NOW.date()
ALARM = date(2026, 11, 30)
FILLED = date(2026, 9, 1)

THRESHOLDS: Any = {
    "snoozeDoneDays": 7,
    "snoozeLaterDays": 3,
    "snoozeDeclinedDays": 14,
    "snoozeNotForUserDays": 30,
    "snoozeUnstatedDays": 1,
    "snoozeLongestWarningDays": 7,
    "snoozeUndatedWarningDays": 1,
}

PLANS = (("itb-refill", "0.2.0"), ("itb-battery", "0.3.0"), ("itb-data-quality", "0.2.0"))
"""The plans that are asked where a test names none."""

REFILL_DUE = Advice(
    plan="itb-refill",
    version="0.2.0",
    action="refill-due",
    topic="itbRefillDue",
    title="Refill due",
    urgency="warning",
    summary="Refill due; low-reservoir alarm 30 Nov 2026",
    detail="**Suggested now**",
    cause="c1",
    act_by=ALARM,
    offers=("Order a refill visit",),
)
REFILL_OVERDUE = replace(
    REFILL_DUE,
    action="refill-overdue",
    topic="itbRefillOverdue",
    title="Refill overdue",
    urgency="critical",
    act_by=None,
    cause="c2",
)
CONFLICT = Advice(
    plan="itb-data-quality",
    version="0.2.0",
    action="data-conflict",
    topic="itbDataConflict",
    title="Contradicting data",
    urgency="warning",
    summary="Records contradict each other",
    detail="",
    cause="d1",
    offers=("Order a pump check",),
)
BATTERY_PLAN = replace(
    REFILL_DUE,
    plan="itb-battery",
    topic="itbBatteryPlan",
    title="Plan the replacement",
    urgency="info",
    act_by=date(2027, 4, 1),
    cause="b1",
)


def a_status(patient_id: str = "p1", **changes: Any) -> PatientStatus:
    """A patient with a pump, read completely, of whom nothing is due."""
    status = PatientStatus(
        Identity(patient_id, "Ada Testpatient", "1984-05-02", "0001", "female"),
        NOW,
        has_pump=True,
        figures=Figures(last_fill=FILLED, alarm=ALARM, implanted=date(2024, 3, 1)),
        plans=PLANS,
    )
    return replace(status, **changes)


def a_head(status: PatientStatus | None = None, **changes: Any) -> StatusHead:
    """The light form of a status, without tasks."""
    status = status or a_status()
    return replace(StatusHead(status.identity, reading_of(status), status.read_at), **changes)


def a_task(**changes: Any) -> WorkTask:
    """The open task of a refill that is due."""
    task = WorkTask(
        id="t1",
        patient_id="p1",
        kind="refill",
        title=REFILL_DUE.title,
        summary=REFILL_DUE.summary,
        urgency="warning",
        made_at=NOW,
        changed_at=NOW,
        plan="itb-refill",
        topic="itbRefillDue",
        cause="c1",
        act_by=ALARM,
        baseline=FILLED,
    )
    return replace(task, **changes)
