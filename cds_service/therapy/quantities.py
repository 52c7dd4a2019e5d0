"""Quantities of ITB therapy as small frozen types that allow only the lawful arithmetic.

Units inside are fixed: mL, mcg/mL, mcg/day, mcg. `units` reads the spellings records use.
"""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from msgspec import Struct


def plain(value: Decimal) -> str:
    """The number as a clinician writes it: no exponent, no trailing zeros (`20`, `0.5`, `1000`)."""
    text = f"{value.normalize():f}"
    return text if "." not in text else text.rstrip("0").rstrip(".")


class Millilitres(Struct, frozen=True, order=True):
    """A volume in mL."""

    value: Decimal

    def __add__(self, other: "Millilitres") -> "Millilitres":
        return Millilitres(self.value + other.value)

    def __sub__(self, other: "Millilitres") -> "Millilitres":
        return Millilitres(self.value - other.value)

    def __mul__(self, concentration: "MicrogramsPerMillilitre") -> "Micrograms":
        return Micrograms(Fraction(self.value) * Fraction(concentration.value))

    def __str__(self) -> str:
        return f"{plain(self.value)} mL"


class MicrogramsPerMillilitre(Struct, frozen=True, order=True):
    """A drug concentration in mcg/mL."""

    value: Decimal

    def __str__(self) -> str:
        return f"{plain(self.value)} mcg/mL"


class MicrogramsPerDay(Struct, frozen=True, order=True):
    """A daily dose in mcg/day: the sum over 24 hours, scheduled boluses included."""

    value: Decimal

    def rounded(self) -> "MicrogramsPerDay":
        """The dose to 0.1 mcg/day, so that a rate noted per hour gives the dose it was meant as."""
        return MicrogramsPerDay(self.value.quantize(Decimal("0.1"), ROUND_HALF_UP))

    def __str__(self) -> str:
        return f"{plain(self.value)} mcg/day"


class Micrograms(Struct, frozen=True, order=True):
    """An amount of drug in mcg, exact: refill dates are floors, and a rounded amount moves them."""

    value: Fraction

    def __sub__(self, other: "Micrograms") -> "Micrograms":
        return Micrograms(self.value - other.value)

    def __truediv__(self, dose: MicrogramsPerDay) -> "Days":
        return Days(self.value / Fraction(dose.value))

    def over(self, concentration: MicrogramsPerMillilitre) -> Millilitres:
        """The volume that holds this amount; to a thousandth of a mL."""
        exact = self.value / Fraction(concentration.value)
        return Millilitres(Decimal(round(exact * 1000)) / 1000)


class Days(Struct, frozen=True, order=True):
    """A length of time in days, exact."""

    value: Fraction

    @property
    def whole(self) -> int:
        """Completed days: the floor, so that a date is never later than the pump allows."""
        return self.value.numerator // self.value.denominator

    @property
    def decimal(self) -> Decimal:
        """The days with two decimal places, rounded down: a reserve is never shown as longer."""
        return Decimal(self.value.numerator * 100 // self.value.denominator) / 100
