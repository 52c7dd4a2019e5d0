"""How a reservoir runs down: the levels and days that a plot draws and a table lists."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from cds_service.assessment.assess import Assessment, Rulebook
from cds_service.therapy.calendar import day_text
from cds_service.therapy.cycle import refill_history
from cds_service.therapy.fact import Facts
from cds_service.therapy.implants import since_implant
from cds_service.therapy.quantities import Millilitres
from cds_service.therapy.reservoir import Filling, reaches


@dataclass(frozen=True, slots=True)
class Level:
    """The volume left (mL) at a moment, in days after the fill."""

    days: float
    ml: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A day that matters: `kind` is fill, target, alarm, empty, booked, today or other."""

    kind: str
    label: str
    day: date
    ml: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A second line that does not rule, and why it is shown."""

    levels: tuple[Level, ...]
    alarm: date
    says: str


@dataclass(frozen=True, slots=True)
class Depletion:
    """The reservoir since its last fill; `levels` falls from the fill to empty."""

    fill_day: date
    levels: tuple[Level, ...]
    marks: tuple[Mark, ...]
    alarm_volume: Millilitres
    comparison: Comparison | None = None


def depletion(
    assessment: Assessment, rulebook: Rulebook, today: date, label: str = "Today"
) -> Depletion | str:
    """The running cycle of the reservoir, or the reason why it cannot be drawn.

    `today` is the day assessed, and `label` what it is called.
    """
    if not assessment.has_pump:
        return "Nothing in this chart shows an intrathecal pump."
    facts = assessment.findings.facts
    stopped = facts.get("therapy.stopped")
    if stopped is not None and stopped.value:
        return "The pump was removed; there is no reservoir."
    record = since_implant(assessment.record)
    history = refill_history(record, rulebook.thresholds, today)
    fill_day, alarm = _day(facts, "refill.fillDate"), _day(facts, "refill.alarmDate")
    if history.cycle is None or history.cycle.filling is None or fill_day is None or alarm is None:
        return _why(facts)
    filling, alarm_volume = history.cycle.filling, history.alarm_volume.volume
    levels = computed = _levels(filling)
    empty = _day(facts, "refill.emptyDate")
    is_computed = facts["refill.isComputed"].value
    if not is_computed and empty is not None:
        levels = _through(filling, fill_day, (alarm, float(alarm_volume.value)), empty)
    comparison = _comparison(filling, alarm_volume, computed, alarm, bool(is_computed))
    marks = tuple(_marks(facts, levels, fill_day, (label, today)))
    return Depletion(fill_day, levels, marks, alarm_volume, comparison)


def volume_on(levels: tuple[Level, ...], days: float) -> float | None:
    """The volume (mL) that many days after the fill; None before it, 0 once empty."""
    if days < 0:
        return None
    for before, after in pairwise(levels):
        if before.days <= days <= after.days and after.days > before.days:
            share = (days - before.days) / (after.days - before.days)
            return before.ml + share * (after.ml - before.ml)
    return 0.0


def _levels(filling: Filling) -> tuple[Level, ...]:
    start, left = filling.doses[0].start, Fraction(filling.volume.value)
    levels = [Level(0.0, float(left))]
    for step, following in pairwise(filling.doses):
        flow = Fraction(step.dose.value) / Fraction(filling.concentration.value)
        used = flow * (following.start - step.start).days
        if used >= left:
            return (*levels, Level((step.start - start).days + float(left / flow), 0.0))
        left -= used
        levels.append(Level(float((following.start - start).days), float(left)))
    last = filling.doses[-1]
    flow = Fraction(last.dose.value) / Fraction(filling.concentration.value)
    return (*levels, Level((last.start - start).days + float(left / flow), 0.0))


def _through(
    filling: Filling, fill_day: date, alarm: tuple[date, float], empty: date
) -> tuple[Level, ...]:
    """The line a reported alarm date gives: from the fill through the alarm volume to empty."""
    day, ml = alarm
    return (
        Level(0.0, float(filling.volume.value)),
        Level(float((day - fill_day).days), ml),
        Level(float((empty - fill_day).days), 0.0),
    )


def _comparison(
    filling: Filling,
    alarm_volume: Millilitres,
    computed: tuple[Level, ...],
    ruling_alarm: date,
    is_computed: bool,
) -> Comparison | None:
    if not is_computed:
        alarm = reaches(filling, alarm_volume)
        late = (alarm - ruling_alarm).days
        return Comparison(
            computed,
            alarm,
            f"Computed from the last fill, the alarm would come on {day_text(alarm)}, {late} days "
            "after the date the pump reported. The earlier date rules.",
        )
    if len(filling.doses) == 1:
        return None
    unchanged = Filling(filling.volume, filling.concentration, filling.doses[:1])
    alarm = reaches(unchanged, alarm_volume)
    late = (alarm - ruling_alarm).days
    direction = "late" if late > 0 else "early"
    return Comparison(
        _levels(unchanged),
        alarm,
        f"If the change from {filling.doses[0].dose} to {filling.doses[-1].dose} on "
        f"{day_text(filling.doses[-1].start)} were ignored, the alarm would be expected on "
        f"{day_text(alarm)}: {abs(late)} days too {direction}.",
    )


def _marks(
    facts: Facts, levels: tuple[Level, ...], fill_day: date, today: tuple[str, date]
) -> Iterator[Mark]:
    days: list[tuple[str, str, date | None]] = [
        ("fill", "Filled", fill_day),
        ("today", *today),
        ("booked", "Visit booked", _day(facts, "refill.bookedDate")),
        ("target", "Refill by", _day(facts, "refill.targetDate")),
        ("alarm", "Low-reservoir alarm", _day(facts, "refill.alarmDate")),
        ("empty", "Empty", _day(facts, "refill.emptyDate")),
    ]
    known = [(kind, label, day) for kind, label, day in days if day is not None]
    for kind, label, day in sorted(known, key=lambda mark: mark[2]):
        yield Mark(kind, label, day, volume_on(levels, (day - fill_day) / timedelta(days=1)))


def _day(facts: Facts, name: str) -> date | None:
    fact = facts.get(name)
    return fact.value if fact is not None and isinstance(fact.value, date) else None


def _why(facts: Facts) -> str:
    missing = facts.get("refill.missing")
    if missing is not None and missing.value:
        return f"The reservoir cannot be drawn. Not known: {missing.value}."
    fact = facts.get("refill.alarmDate")
    reason = fact.unknown_because if fact is not None else ""
    return f"The reservoir cannot be drawn: {reason or 'no refill is recorded'}."
