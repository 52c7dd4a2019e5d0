"""An ordered intrathecal dose against the present one: how large a step, and how soon.

The steps of the US drug label differ by origin (spinal; cerebral, and all children) and by phase
(titration; later, at refills). Where origin, age or phase is not known the stricter limit rules.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from cds_service.therapy.calendar import When, add_days, add_months, day
from cds_service.therapy.cycle import Cycle, Thresholds
from cds_service.therapy.dosing import DoseEntry, dose_changes, timeline
from cds_service.therapy.fact import absent, known, unknown
from cds_service.therapy.quantities import MicrogramsPerDay, MicrogramsPerMillilitre
from cds_service.therapy.record import (
    Evidence,
    OrderKind,
    Origin,
    ProposedOrder,
    SurgeryKind,
    TherapyRecord,
)
from cds_service.therapy.recovery import NamedFacts

ADULT_MONTHS = 18 * 12
_NO_ORDER = "no intrathecal baclofen is drafted"
_NO_DOSE = "the draft order states no daily dose that can be read"
_NO_PRESENT_DOSE = "the present daily dose is not recorded or was refused"


@dataclass(frozen=True, slots=True)
class Limit:
    """The largest increase that applies, in per cent, and why this one."""

    percent: Decimal
    origin: str
    phase: str
    is_titration: bool


def step_percent(now: MicrogramsPerDay, new: MicrogramsPerDay) -> Fraction:
    """The change from one daily dose to another, in per cent, exact."""
    return (Fraction(new.value) - Fraction(now.value)) * 100 / Fraction(now.value)


def step_limit(record: TherapyRecord, thresholds: Thresholds, today: date) -> Limit:
    """The limit for this patient today."""
    origin, is_spinal = _origin(record, today)
    phase, is_titration = _phase(record, thresholds, today)
    name = f"{'spinal' if is_spinal else 'cerebral'}{'Titration' if is_titration else 'Refill'}Step"
    return Limit(thresholds[name], origin, phase, is_titration)


def dose_facts(
    record: TherapyRecord, cycle: Cycle | None, thresholds: Thresholds, now: datetime
) -> NamedFacts:
    """The facts of a drafted intrathecal baclofen order."""
    orders = [order for order in record.proposed_orders if order.kind is OrderKind.INTRATHECAL_DRUG]
    yield "order.intrathecal", known(bool(orders), *(order.evidence for order in orders))
    order = max(orders, key=_by_dose, default=None)
    yield from _concentration_facts(order, cycle, thresholds)
    limit = step_limit(record, thresholds, now.date())
    yield "order.origin", known(limit.origin, *(cause.evidence for cause in record.causes))
    yield "order.phase", known(limit.phase)
    yield "order.stepLimit", known(limit.percent)
    entries = _entries(record, order, thresholds, now.date())
    yield from _step_facts(order, entries, limit, thresholds)
    yield from _timing_facts(record, order, entries, limit, thresholds, now)


def _by_dose(order: ProposedOrder) -> tuple[Decimal, str]:
    return (order.dose.value if order.dose else Decimal(-1)), order.evidence.reference


def _origin(record: TherapyRecord, today: date) -> tuple[str, bool]:
    """The origin in words, and whether the wider limits of spinal origin in adults apply."""
    origins = {cause.origin for cause in record.causes}
    names = ", ".join(sorted({cause.name for cause in record.causes}))
    born = record.birth_date
    if Origin.CEREBRAL in origins:
        return f"cerebral ({names})", False
    if born is not None and add_months(born.last, ADULT_MONTHS) > today:
        return f"child under 18{f' ({names})' if names else ''}", False
    if not origins:
        return "not known, so the stricter limit is used", False
    if born is None:
        return f"spinal ({names}), age not known, so the stricter limit is used", False
    return f"spinal ({names})", True


def _phase(record: TherapyRecord, thresholds: Thresholds, today: date) -> tuple[str, bool]:
    """The phase in words, and whether it is titration. A new pump for an old goes on as before."""
    implants = [found for found in record.surgeries if found.kind is SurgeryKind.IMPLANT]
    replaced = any(found.kind is SurgeryKind.REPLACEMENT for found in record.surgeries)
    if not implants:
        if replaced:
            return "after titration", False
        return "not known (no implant on record), so the stricter limit is used", True
    latest = max(found.when.last for found in implants)
    if today <= add_days(latest, int(thresholds["titrationDays"])):
        return "titration after the implant", True
    return "after titration", False


def _entries(
    record: TherapyRecord, order: ProposedOrder | None, thresholds: Thresholds, today: date
) -> list[DoseEntry]:
    """The doses stated up to today, without what the order itself left in the record."""
    own = order.evidence.reference if order else ""
    stated = [
        found
        for found in record.dose_statements
        if found.evidence.reference != own and found.when.first <= today
    ]
    lowest = MicrogramsPerDay(thresholds["lowestDailyDose"])
    return list(timeline(stated, lowest, MicrogramsPerDay(thresholds["highestDailyDose"])).entries)


def _step_facts(
    order: ProposedOrder | None,
    entries: list[DoseEntry],
    limit: Limit,
    thresholds: Thresholds,
) -> NamedFacts:
    present = entries[-1] if entries else None
    if present is None or present.dose is None:
        yield "order.currentDose", unknown(_NO_PRESENT_DOSE)
    else:
        yield "order.currentDose", known(str(present.dose), present.evidence)
    if order is None:
        yield "order.newDose", absent(_NO_ORDER)
        yield "order.doseImplausible", known(False)
        yield "order.stepPercent", absent(_NO_ORDER)
        yield "order.stepTooLarge", known(False)
        return
    if order.dose is None:
        for name in ("newDose", "doseImplausible", "stepPercent", "stepTooLarge"):
            yield f"order.{name}", unknown(_NO_DOSE, order.evidence)
        return
    highest = thresholds["highestDailyDose"]
    yield "order.newDose", known(str(order.dose), order.evidence)
    yield "order.doseImplausible", known(order.dose.value > highest, order.evidence)
    if present is None or present.dose is None:
        yield "order.stepPercent", unknown(_NO_PRESENT_DOSE)
        yield "order.stepTooLarge", unknown(_NO_PRESENT_DOSE)
        return
    step = step_percent(present.dose, order.dose)
    proof = (order.evidence, present.evidence)
    told = f"({order.dose} - {present.dose}) / {present.dose}"
    yield "order.stepPercent", known(_tenths(step), *proof, basis=told)
    yield "order.stepTooLarge", known(step > Fraction(limit.percent), *proof)


def _tenths(step: Fraction) -> Decimal:
    exact = Decimal(step.numerator) / Decimal(step.denominator)
    return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)


def _timing_facts(
    record: TherapyRecord,
    order: ProposedOrder | None,
    entries: list[DoseEntry],
    limit: Limit,
    thresholds: Thresholds,
    now: datetime,
) -> NamedFacts:
    raised = _last_raised(record, entries)
    if raised is None:
        yield "order.lastRaised", absent("no increase is recorded")
    else:
        yield "order.lastRaised", known(raised[0].first, raised[1])
    present = entries[-1].dose if entries else None
    is_increase = bool(order and order.dose and present and order.dose > present)
    if order is None or raised is None or not is_increase or not limit.is_titration:
        yield "order.raisedTooSoon", known(False)
        return
    planned = order.planned or When(now.date(), now.date(), now)
    too_soon = _within(raised[0], planned, int(thresholds["titrationGapHours"]))
    yield "order.raisedTooSoon", known(too_soon, order.evidence, raised[1])


def _last_raised(record: TherapyRecord, entries: list[DoseEntry]) -> tuple[When, Evidence] | None:
    """When the dose last went up, or the therapy started: there is no increase on its first day."""
    moments = {
        (found.evidence.reference, found.when.first): found.when for found in record.dose_statements
    }
    raised = [
        (moments.get((after.evidence.reference, after.start), day(after.start)), after.evidence)
        for before, after in dose_changes(entries)
        if before.dose and after.dose and after.dose > before.dose
    ]
    raised += [
        (found.when, found.evidence[0])
        for found in record.surgeries
        if found.kind is SurgeryKind.IMPLANT and found.when.is_day
    ]
    return max(raised, key=lambda found: found[0].first, default=None)


def _within(earlier: When, later: When, hours: int) -> bool:
    """By the clock where both have a time of day, else on the same day."""
    if earlier.instant is not None and later.instant is not None:
        return timedelta(0) <= later.instant - earlier.instant < timedelta(hours=hours)
    return earlier.first == later.first


def _concentration_facts(
    order: ProposedOrder | None, cycle: Cycle | None, thresholds: Thresholds
) -> NamedFacts:
    if order is None or order.concentration is None:
        yield "order.newConcentration", absent("no concentration is drafted")
        yield "order.concentrationImplausible", known(False)
        yield "order.concentrationDiffers", known(False)
        return
    new, proof = order.concentration, order.evidence
    low = MicrogramsPerMillilitre(thresholds["lowestConcentration"])
    high = MicrogramsPerMillilitre(thresholds["highestConcentration"])
    yield "order.newConcentration", known(str(new), proof)
    yield "order.concentrationImplausible", known(not low <= new <= high, proof)
    present = cycle.concentration if cycle else None
    differs = present is not None and present != new
    yield "order.concentrationDiffers", known(differs, proof)
