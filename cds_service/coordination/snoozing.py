"""How long a task may wait: never past the day by which to act, and urgent work not at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from cds_service.coordination.kinds import Kind
from cds_service.coordination.tasks import WorkTask
from cds_service.fhir.override_reasons import LONGEST_WITHOUT_DATE, SNOOZE_THRESHOLDS
from cds_service.guidance.plan import Urgency
from cds_service.therapy.calendar import add_days

Thresholds = Mapping[str, Decimal]


class CapReason(StrEnum):
    """What limits a snooze."""

    CRITICAL = "critical"
    UNCHECKED = "unchecked"
    ACT_BY = "act-by"
    UNDATED_WARNING = "undated-warning"
    LONGEST = "longest"


@dataclass(frozen=True, slots=True)
class SnoozeCap:
    """The last day on which a task must be back, and what sets it; today when it may not wait."""

    until: date
    why: CapReason

    def allows(self, today: date) -> bool:
        """Whether the task may wait at all."""
        return today < self.until


def snooze_cap(task: WorkTask, today: date, thresholds: Thresholds) -> SnoozeCap:
    """How long this task may wait from today."""
    if task.urgency == Urgency.CRITICAL:
        return SnoozeCap(today, CapReason.CRITICAL)
    if task.kind == Kind.UNCHECKED:
        return SnoozeCap(today, CapReason.UNCHECKED)
    if task.act_by is not None:
        return SnoozeCap(max(task.act_by, today), CapReason.ACT_BY)
    if task.urgency == Urgency.WARNING:
        days = int(thresholds[LONGEST_WITHOUT_DATE])
        return SnoozeCap(add_days(today, days), CapReason.UNDATED_WARNING)
    longest = max(int(thresholds[name]) for name in SNOOZE_THRESHOLDS)
    return SnoozeCap(add_days(today, longest), CapReason.LONGEST)
