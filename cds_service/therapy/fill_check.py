"""What the last fill shows of delivery: the volume left over, and a changed concentration.

Sources: residual volume check and bridge bolus, Best Practices for Intrathecal Baclofen Therapy,
Neuromodulation 2016 (abstracts).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cds_service.therapy.calendar import add_days, day_text
from cds_service.therapy.cycle import Cycle, Thresholds, fill_before
from cds_service.therapy.dosing import Timeline
from cds_service.therapy.fact import Fact, absent, known, seen, unknown
from cds_service.therapy.quantities import MicrogramsPerMillilitre, Millilitres
from cds_service.therapy.record import Evidence, Reading, TherapyRecord
from cds_service.therapy.refill import RefillStatus
from cds_service.therapy.reservoir import left_on

NamedFacts = Iterator[tuple[str, Fact]]
_VERDICTS = ("residualMore", "residualLess")
_DETAILS = ("residualAspirated", "residualExpected", "residualLimit", "residualBasis")


@dataclass(frozen=True, slots=True)
class Residual:
    """What was left in the reservoir, and what should have been; None is not known."""

    drawn_out: Millilitres
    expected: Millilitres
    delivered: Millilitres | None
    basis: str
    evidence: tuple[Evidence, ...]

    @property
    def difference(self) -> Decimal:
        """Positive when more was left than expected."""
        return self.drawn_out.value - self.expected.value


def residual_facts(
    record: TherapyRecord, status: RefillStatus, thresholds: Thresholds, today: date
) -> NamedFacts:
    """The facts `delivery.residual*`: the newest volume drawn out, inside its look-back.

    That of the last fill is told however long ago, but as a mismatch only inside the look-back.
    """
    since = add_days(today, -int(thresholds["residualLookBackDays"]))
    recent = _newest(record.residuals_aspirated, since)
    drawn = recent or _of_last_fill(record, status, thresholds)
    if recent is None:
        for name in _VERDICTS:
            yield f"delivery.{name}", seen(record.unread, "observations", False)
    if drawn is None or drawn.value is None:
        for name in ("residualDate", *_DETAILS):
            yield f"delivery.{name}", absent("no volume drawn out is recorded lately")
        return
    yield "delivery.residualDate", known(drawn.when.first, drawn.evidence)
    yield "delivery.residualAspirated", known(str(drawn.value), drawn.evidence)
    residual = _residual(record, status, thresholds, drawn)
    if isinstance(residual, str):
        for name in (*(_VERDICTS if recent else ()), *_DETAILS[1:]):
            yield f"delivery.{name}", unknown(residual, drawn.evidence)
        return
    if recent:
        yield from _against_limit(residual, thresholds)
    evidence = residual.evidence
    yield "delivery.residualExpected", known(str(residual.expected), *evidence)
    yield "delivery.residualLimit", known(limits(residual, thresholds)[2], *evidence)
    yield "delivery.residualBasis", known(residual.basis, *evidence)


def _of_last_fill(
    record: TherapyRecord, status: RefillStatus, thresholds: Thresholds
) -> Reading[Millilitres] | None:
    """The volume drawn out at the last fill, or charted a few days after it."""
    if status.cycle is None or status.cycle.is_assumed:
        return None
    filled = status.cycle.fill.when.first
    drawn = _newest(record.residuals_aspirated, filled)
    if drawn is None:
        return None
    late = (drawn.when.first - filled).days
    return drawn if 0 <= late <= thresholds["sameFillDays"] else None


def _against_limit(residual: Residual, thresholds: Thresholds) -> NamedFacts:
    evidence, difference = residual.evidence, residual.difference
    strict, loose, _ = limits(residual, thresholds)
    for name, excess in (("residualMore", difference), ("residualLess", -difference)):
        if strict.value < excess <= loose.value:
            because = "how much was delivered is not known, so the cut-off is not either"
            yield f"delivery.{name}", unknown(because, *evidence)
        else:
            yield f"delivery.{name}", known(excess > strict.value, *evidence, basis=residual.basis)


def limits(residual: Residual, thresholds: Thresholds) -> tuple[Millilitres, Millilitres, str]:
    """The cut-off as lowest and highest it can be: equal when the volume delivered is known."""
    highest = Millilitres(thresholds["residualLimitVolume"])
    least = Millilitres(thresholds["residualLeastLimit"])
    if residual.delivered is None:
        return least, highest, f"{least} to {highest}: the volume delivered is not known"
    share = Millilitres(residual.delivered.value * thresholds["residualLimitShare"] / 100)
    limit = max(min(highest, share), least)
    return limit, limit, str(limit)


def _residual(
    record: TherapyRecord,
    status: RefillStatus,
    thresholds: Thresholds,
    drawn: Reading[Millilitres],
) -> Residual | str:
    on = _fill_day(drawn, status, thresholds)
    return residual_at(record, status.dosing, thresholds, drawn, on)


def residual_at(
    record: TherapyRecord,
    dosing: Timeline,
    thresholds: Thresholds,
    drawn: Reading[Millilitres],
    on: date,
) -> Residual | str:
    """What was expected at the fill of the day `on`, as the pump said, else as calculated.

    A text says why that is not known. `record` holds only what belongs to the present pump.
    """
    drawn_out = drawn.value or Millilitres(Decimal(0))
    before = fill_before(record, thresholds, dosing, on)
    filled = before.filling.volume if before and before.filling else None
    for said in record.residuals_expected:
        if said.value is not None and said.when.first in (on, drawn.when.first):
            delivered = filled - said.value if filled and filled > said.value else None
            basis = f"{said.value} expected by the pump on {said.when}"
            proofs = (drawn.evidence, said.evidence)
            return Residual(drawn_out, said.value, delivered, basis, proofs)
    if not drawn.when.is_day:
        return f"the volume drawn out is dated {drawn.when} only"
    if before is None:
        return "the volume expected is not recorded, nor is a fill before it"
    return _calculated(before, drawn_out, on, drawn.evidence)


def _fill_day(drawn: Reading[Millilitres], status: RefillStatus, thresholds: Thresholds) -> date:
    """The day of the fill that a volume drawn out belongs to; it may be charted days later."""
    if status.cycle is None:
        return drawn.when.first
    filled = status.cycle.fill.when.first
    late = (drawn.when.first - filled).days
    return filled if 0 <= late <= thresholds["sameFillDays"] else drawn.when.first


def _calculated(
    before: Cycle, drawn_out: Millilitres, on: date, evidence: Evidence
) -> Residual | str:
    filling, when = before.filling, before.fill.when
    if filling is None or before.missing:
        missing = ", ".join(before.missing) or "figures"
        return f"the volume expected on {day_text(on)}: the fill of {when} lacks {missing}"
    if not when.is_day or (before.known_until is not None and before.known_until < on):
        return f"the volume expected on {day_text(on)} cannot be worked out from the fill of {when}"
    expected = left_on(filling, on).over(filling.concentration)
    days = (on - filling.doses[0].start).days
    doses = ", then ".join(str(step.dose) for step in filling.doses)
    basis = (
        f"{filling.volume} of {filling.concentration} filled on {when}, {doses}, {days} days: "
        f"{filling.volume - expected} delivered, {expected} left"
    )
    proofs = (evidence, *before.evidence)
    return Residual(drawn_out, expected, filling.volume - expected, basis, proofs)


def bridge_facts(
    record: TherapyRecord, status: RefillStatus, thresholds: Thresholds, today: date
) -> NamedFacts:
    """Whether the last fill changed the concentration, and whether a bridge bolus is recorded."""
    cycle = status.cycle
    names = ("concentrationBefore", "concentrationNow", "concentrationChangeDate")
    since = add_days(today, -int(thresholds["bridgeLookBackDays"]))
    before = None
    if cycle is not None and not cycle.is_assumed and cycle.fill.when.last >= since:
        before = fill_before(record, thresholds, status.dosing, cycle.fill.when.first)
    if cycle is None or before is None or not _both_name_drugs(before, cycle):
        yield "delivery.concentrationChanged", known(False)
        yield "delivery.bridgeBolus", known(False)
        for name in names:
            yield f"delivery.{name}", absent("no other fill came shortly before")
        return
    evidence = (*before.evidence, *cycle.evidence)
    yield "delivery.concentrationChanged", _changed(before, cycle, evidence, today)
    told = [found for found in record.bridge_boluses if found.when.last >= cycle.fill.when.first]
    done = [found.evidence for found in told if found.value]
    yield "delivery.bridgeBolus", seen(record.unread, "observations", bool(done), *done)
    values = (before.concentration, cycle.concentration, cycle.fill.when.first)
    for name, value in zip(names, values, strict=True):
        text = str(value) if isinstance(value, MicrogramsPerMillilitre) else value
        yield (
            f"delivery.{name}",
            known(text, *evidence) if text is not None else unknown("it is not recorded"),
        )


def _both_name_drugs(before: Cycle, cycle: Cycle) -> bool:
    """False for a refill known from its procedure alone: it does not say what was filled."""
    return before.fill.names_drug and cycle.fill.names_drug


def _changed(before: Cycle, cycle: Cycle, evidence: tuple[Evidence, ...], today: date) -> Fact:
    """Whether it was changed; what is not recorded on the day of the fill may still be to come."""
    for found in (before, cycle):
        if found.concentration is None or found.concentration_is_assumed:
            if cycle.fill.when.first == today:
                return known(False)
            because = f"the drug concentration of the fill of {found.fill.when} is not recorded"
            return unknown(f"{because}: whether it was changed is not known")
    return known(before.concentration != cycle.concentration, *evidence)


def _newest(readings: tuple[Reading[Millilitres], ...], since: date) -> Reading[Millilitres] | None:
    told = [found for found in readings if found.value is not None and found.when.last >= since]
    return max(told, key=lambda found: (found.when.first, found.evidence.reference), default=None)
