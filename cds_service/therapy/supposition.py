"""What if: the days of a reservoir that is filled and programmed as somebody supposes."""

from dataclasses import dataclass
from datetime import date

from cds_service.therapy.calendar import add_days
from cds_service.therapy.cycle import Thresholds
from cds_service.therapy.quantities import MicrogramsPerDay, MicrogramsPerMillilitre, Millilitres
from cds_service.therapy.reservoir import EMPTY, DoseStep, Filling, reaches


@dataclass(frozen=True, slots=True)
class Supposition:
    """A volume in the reservoir on a day, and the daily dose from that day on."""

    on: date
    volume: Millilitres
    concentration: MicrogramsPerMillilitre
    dose: MicrogramsPerDay


@dataclass(frozen=True, slots=True)
class SupposedDays:
    """When to refill, when the pump would sound its alarm, and when it would be empty.

    `starts_low`: what is supposed lies at or below the alarm volume from the first day on.
    """

    target: date
    alarm: date
    empty: date
    starts_low: bool


def supposed_days(
    supposed: Supposition, alarm_volume: Millilitres, thresholds: Thresholds
) -> SupposedDays:
    """The days by the arithmetic of the refill plan: whole days, rounded down."""
    filling = Filling(
        supposed.volume, supposed.concentration, (DoseStep(supposed.on, supposed.dose),)
    )
    alarm = reaches(filling, alarm_volume)
    lead, longest = int(thresholds["refillLeadDays"]), int(thresholds["longestRefillDays"])
    target = min(add_days(alarm, -lead), add_days(supposed.on, longest))
    return SupposedDays(
        max(target, supposed.on), alarm, reaches(filling, EMPTY), supposed.volume <= alarm_volume
    )
