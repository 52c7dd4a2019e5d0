"""Doses that had to be raised again and again: the drug may not reach the spinal fluid.

Source: drug label digest (a sudden need to escalate the dose suggests a catheter problem).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cds_service.therapy.calendar import add_days, add_months
from cds_service.therapy.cycle import Thresholds
from cds_service.therapy.dosing import DoseEntry, Timeline, dose_changes
from cds_service.therapy.fact import Fact, absent, known
from cds_service.therapy.quantities import MicrogramsPerDay
from cds_service.therapy.record import Evidence, Origin, SurgeryKind, TherapyRecord

NamedFacts = Iterator[tuple[str, Fact]]
_DETAILS = ("doseBefore", "doseNow", "doseRisePercent", "doseRises", "doseStep")
_LEAST_RISES = 2
_ADULT_MONTHS = 18 * 12


@dataclass(frozen=True, slots=True)
class Escalation:
    """Increases inside the look-back: from which dose to which."""

    before: MicrogramsPerDay
    now: MicrogramsPerDay
    rises: int
    evidence: tuple[Evidence, ...]

    @property
    def percent(self) -> Decimal:
        """By how much of the first dose, rounded down to 0.1 %."""
        share = (self.now.value - self.before.value) * 1000 / self.before.value
        return Decimal(int(share)) / 10


def escalation_facts(
    record: TherapyRecord, dosing: Timeline, thresholds: Thresholds, today: date
) -> NamedFacts:
    """The facts `delivery.doseEscalated` and what it rests on."""
    found = _escalation(record, dosing, thresholds, today)
    if found is None:
        yield "delivery.doseEscalated", known(False)
        for name in _DETAILS:
            yield f"delivery.{name}", absent("the dose was not raised repeatedly of late")
        return
    step, words = _step(record, thresholds, today)
    is_above = found.now.value * 100 > found.before.value * (100 + step)
    yield "delivery.doseEscalated", known(is_above, *found.evidence)
    yield "delivery.doseBefore", known(str(found.before), *found.evidence)
    yield "delivery.doseNow", known(str(found.now), *found.evidence)
    yield "delivery.doseRisePercent", known(found.percent, *found.evidence)
    yield "delivery.doseRises", known(found.rises, *found.evidence)
    yield "delivery.doseStep", known(words)


def _escalation(
    record: TherapyRecord, dosing: Timeline, thresholds: Thresholds, today: date
) -> Escalation | None:
    """Two increases or more; none while the dose is still being found after an implant."""
    if _is_titrating(record, thresholds, today):
        return None
    earliest = add_days(today, -int(thresholds["escalationDays"]))
    entries = [entry for entry in dosing.entries if entry.dose is not None]
    rises: list[tuple[DoseEntry, DoseEntry]] = [
        (before, after)
        for before, after in dose_changes(entries)
        if after.start >= earliest and before.dose and after.dose and after.dose > before.dose
    ]
    if len(rises) < _LEAST_RISES:
        return None
    first, now = rises[0][0].dose, entries[-1].dose
    if first is None or now is None:
        return None
    proofs = [rises[0][0].evidence, *(after.evidence for _, after in rises), entries[-1].evidence]
    return Escalation(first, now, len(rises), tuple(dict.fromkeys(proofs)))


def _is_titrating(record: TherapyRecord, thresholds: Thresholds, today: date) -> bool:
    since = add_days(today, -int(thresholds["escalationAfterImplantDays"]))
    return any(
        surgery.kind is SurgeryKind.IMPLANT and surgery.when.last >= since
        for surgery in record.surgeries
    )


def _step(record: TherapyRecord, thresholds: Thresholds, today: date) -> tuple[Decimal, str]:
    """The step of the label: the wider one only for an adult with spasticity of spinal origin."""
    narrow, wide = thresholds["cerebralRefillStep"], thresholds["spinalRefillStep"]
    if record.birth_date is not None and add_months(record.birth_date.last, _ADULT_MONTHS) > today:
        return narrow, f"{narrow} % for a child"
    origins = {cause.origin for cause in record.causes}
    if origins == {Origin.SPINAL}:
        return wide, f"{wide} % for spasticity of spinal origin"
    if Origin.CEREBRAL in origins:
        return narrow, f"{narrow} % for spasticity of cerebral origin"
    return narrow, f"{narrow} %, the narrower one: the origin of the spasticity was not found"
