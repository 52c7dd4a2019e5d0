"""Flex dosing: several rates a day, each with its hours, summed to a daily dose."""

from decimal import Decimal
from fractions import Fraction

from cds_service.errors import UnitError
from cds_service.fhir.elements import Dosage, TimingRepeat
from cds_service.fhir.medications import rate_of
from cds_service.therapy.quantities import MicrogramsPerDay

_DAY = 24
_HOURS = {"h": Fraction(1), "min": Fraction(1, 60), "d": Fraction(_DAY)}


def summed_over_day(instructions: list[Dosage]) -> MicrogramsPerDay:
    """The daily dose of instructions that together cover 24 hours.

    Raises UnitError unless every rate says for how many hours a day it runs, and these make 24.
    """
    total, covered = Fraction(0), Fraction(0)
    for instruction in instructions:
        for part in instruction.doseAndRate:
            rate = rate_of(part.rateQuantity, part.rateRatio)
            if rate is None:
                continue
            hours = _hours_a_day(instruction)
            covered += hours
            total += Fraction(rate.value) * hours / _DAY
    if covered != _DAY:
        told = float(covered)
        raise UnitError(f"the rates given cover {told:g} of 24 hours, their sum is not known")
    return MicrogramsPerDay(Decimal(total.numerator) / Decimal(total.denominator)).rounded()


def _hours_a_day(instruction: Dosage) -> Fraction:
    repeat = instruction.timing.repeat if instruction.timing else None
    if repeat is None or repeat.duration is None or repeat.durationMax is not None:
        raise UnitError("several rates are given, and not for how many hours each")
    unit = _HOURS.get(repeat.durationUnit or "")
    if unit is None or not _is_daily(repeat) or len(instruction.doseAndRate) != 1:
        raise UnitError("several rates are given, and their hours a day are not plain")
    times = Fraction(repr(repeat.frequency)) if repeat.frequency is not None else Fraction(1)
    return Fraction(repr(repeat.duration)) * unit * times


def _is_daily(repeat: TimingRepeat) -> bool:
    """True when it comes back every day; nothing said of the period counts as that."""
    if repeat.period is None and repeat.periodUnit is None:
        return True
    in_days = repeat.periodUnit == "d" and repeat.period == 1
    return in_days or (repeat.periodUnit == "h" and repeat.period == _DAY)
