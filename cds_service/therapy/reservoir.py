"""When a reservoir reaches a level: depletion at the programmed dose, whole days, exact arithmetic.

days = floor((volume filled - level) x concentration / daily dose); after a dose change the amount
left is carried on at the new dose. Source: worked from the pump's own model of depletion (volume,
concentration, programmed rate); Maino 2017 and Medtronic pump management name the same terms.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from msgspec import Struct

from cds_service.therapy.calendar import add_days, day_text
from cds_service.therapy.quantities import (
    Days,
    Micrograms,
    MicrogramsPerDay,
    MicrogramsPerMillilitre,
    Millilitres,
)

EMPTY = Millilitres(Decimal(0))


class DoseStep(Struct, frozen=True):
    """The programmed dose from a day on."""

    start: date
    dose: MicrogramsPerDay


@dataclass(frozen=True, slots=True)
class Filling:
    """A reservoir as filled: all that decides when it runs down. `doses` starts on the fill day."""

    volume: Millilitres
    concentration: MicrogramsPerMillilitre
    doses: tuple[DoseStep, ...]


def reaches(filling: Filling, level: Millilitres) -> date:
    """The day the reservoir is down to `level`; the fill day itself when it starts below it."""
    left = filling.volume * filling.concentration - level * filling.concentration
    for step, following in zip(filling.doses, filling.doses[1:], strict=False):
        span = Days(Fraction((following.start - step.start).days))
        lasts = left / step.dose
        if lasts < span:
            return add_days(step.start, max(lasts.whole, 0))
        left = Micrograms(left.value - Fraction(step.dose.value) * span.value)
    last = filling.doses[-1]
    return add_days(last.start, max((left / last.dose).whole, 0))


def left_on(filling: Filling, on: date) -> Micrograms:
    """The amount of drug left on a day, at the start of it; nothing once it is empty."""
    left = filling.volume * filling.concentration
    ends = [step.start for step in filling.doses[1:]] + [date.max]
    for step, end in zip(filling.doses, ends, strict=True):
        days = max((min(end, on) - step.start).days, 0)
        left = Micrograms(left.value - Fraction(step.dose.value) * days)
    return max(left, _NONE)


_NONE = Micrograms(Fraction(0))


def reserve(
    alarm_volume: Millilitres, concentration: MicrogramsPerMillilitre, dose: MicrogramsPerDay
) -> Days:
    """How long the alarm volume lasts: the time from alarm to empty."""
    return (alarm_volume * concentration) / dose


def formula(filling: Filling, alarm_volume: Millilitres, alarm: date, empty: date | None) -> str:
    """The arithmetic with its figures, as a clinician can check it by hand."""
    filled = filling.doses[0]
    dose = f"{filled.dose}"
    for step in filling.doses[1:]:
        dose += f", from {day_text(step.start)} {step.dose}"
    return (
        f"filled {filling.volume} on {day_text(filled.start)}, {filling.concentration}, {dose}: "
        f"down to {alarm_volume} after {(alarm - filled.start).days} days ({day_text(alarm)}), "
        f"{_empty_words(filled.start, empty)}. "
        "Days = (volume filled − level) × concentration ÷ daily dose, rounded down"
    )


def _empty_words(start: date, empty: date | None) -> str:
    if empty is None:
        return "the empty date is not known"
    return f"empty after {(empty - start).days} days ({day_text(empty)})"
