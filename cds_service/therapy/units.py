"""The closed table of unit spellings that clinical records use for ITB therapy.

A unit that is not listed is refused, never guessed: a slip between mg and mcg is a factor of 1000.
UCUM codes: The Unified Code for Units of Measure, https://ucum.org; the others are spellings seen
in flowsheets and on pump printouts.
"""

from decimal import Decimal
from enum import Enum
from fractions import Fraction

from cds_service.errors import UnitError
from cds_service.therapy.quantities import (
    Micrograms,
    MicrogramsPerDay,
    MicrogramsPerMillilitre,
    Millilitres,
)


class Kind(Enum):
    """What a unit measures."""

    VOLUME = "volume"
    MASS = "amount of drug"
    CONCENTRATION = "concentration"
    DAILY_DOSE = "daily dose"
    CELSIUS = "temperature"
    FAHRENHEIT = "temperature in Fahrenheit"
    MONTHS = "number of months"
    TIME = "length of time"
    PRESSURE = "blood pressure"
    RATE = "rate a minute"
    PERCENT = "percentage"
    SCORE = "score"


_MASSES = {
    Decimal(1): ("ug", "mcg", "µg", "μg", "MCG", "microgram", "micrograms"),
    Decimal(1000): ("mg", "MG", "milligram", "milligrams"),
    Decimal(1_000_000): ("g", "gram", "grams"),
}
_VOLUMES = {
    Decimal(1): ("mL", "ml", "ML", "cc", "milliliter", "millilitre", "milliliters", "millilitres"),
    Decimal(1000): ("L", "l", "liter", "litre"),
}
_TIMES = {
    Decimal(1): (
        *("d", "day", "days", "D", "DAY", "24h", "24 h", "24.h", "(24.h)", "24 hours", "24hr"),
        *("Tag", "jour", "j", "día", "dia", "giorno", "dag"),
    ),
    Decimal(1) / 24: (
        "h",
        "hr",
        "hrs",
        "hour",
        "hours",
        "HR",
        "H",
        "Std",
        "Stunde",
        "heure",
        "hora",
        "ora",
        "uur",
    ),
}
_OTHERS = {
    Kind.CELSIUS: ("Cel", "°C", "C", "degC", "deg C", "celsius", "Celsius"),
    Kind.FAHRENHEIT: ("[degF]", "°F", "F", "degF", "deg F", "fahrenheit", "Fahrenheit"),
    Kind.MONTHS: ("mo", "month", "months", "mon"),
    Kind.PRESSURE: ("mm[Hg]", "mmHg", "mm Hg", "mmhg", "MMHG"),
    Kind.RATE: (
        "/min",
        "1/min",
        "{breaths}/min",
        "{Breaths}/min",
        "{resp}/min",
        "breaths/min",
        "breaths/minute",
        "breaths per minute",
        "br/min",
        "resp/min",
        "/minute",
        "per minute",
        "bpm",
    ),
    Kind.PERCENT: ("%", "percent", "% O2", "%O2"),
    Kind.SCORE: ("{score}", "1", "score", "{Score}", "{#}", "points", "/10", "/15"),
}


def _table() -> dict[str, tuple[Kind, Decimal]]:
    table = {name: (kind, Decimal(1)) for kind, names in _OTHERS.items() for name in names}
    for millilitres_each, volumes in _VOLUMES.items():
        table.update(dict.fromkeys(volumes, (Kind.VOLUME, millilitres_each)))
    for days_each, times in _TIMES.items():
        table.update(dict.fromkeys(times, (Kind.TIME, days_each)))
    for micrograms_each, masses in _MASSES.items():
        for mass in masses:
            table[mass] = (Kind.MASS, micrograms_each)
            for millilitres_each, volumes in _VOLUMES.items():
                for joined in _per(mass, volumes):
                    table[joined] = (Kind.CONCENTRATION, micrograms_each / millilitres_each)
            for joined in _per(mass, _TIMES[Decimal(1)]):
                table[joined] = (Kind.DAILY_DOSE, micrograms_each)
            for joined in _per(mass, _TIMES[Decimal(1) / 24]):
                table[joined] = (Kind.DAILY_DOSE, micrograms_each * 24)
    return table


def _per(mass: str, names: tuple[str, ...]) -> list[str]:
    return [f"{mass}{per}{name}" for name in names for per in ("/", " per ")]


_UNITS = _table()


def kind_of(unit: str | None, code: str | None) -> Kind | None:
    """What the recorded unit measures, or None when it is not in the table."""
    found = _meaning(code or unit or "")
    return found[0] if found else None


def convert(value: Decimal, kind: Kind, unit: str | None, code: str | None) -> Decimal:
    """The value in our unit of that kind.

    The code is read first; where code and printed unit are both known and differ, neither is
    believed. Raises UnitError for a missing, unknown or contradictory unit or one of another kind.
    """
    by_unit = _meaning(unit) if unit else None
    found = _meaning(code) if code else by_unit
    spelling = _quoted(code or unit or "")
    if found is None:
        what = f"the unit {spelling} is not known" if code or unit else "no unit is given"
        raise UnitError(f"{what}, a {kind.value} was expected")
    if by_unit and by_unit != found:
        raise UnitError(
            f"the unit {_quoted(unit or '')} and its code {spelling} contradict each other"
        )
    if found[0] is not kind:
        raise UnitError(f"the unit {spelling} is not that of a {kind.value}")
    return value * found[1]


def millilitres(value: Decimal, unit: str | None, code: str | None) -> Millilitres:
    """The volume. Raises UnitError."""
    return Millilitres(convert(value, Kind.VOLUME, unit, code))


def micrograms(value: Decimal, unit: str | None, code: str | None) -> Micrograms:
    """The amount of drug. Raises UnitError."""
    return Micrograms(Fraction(convert(value, Kind.MASS, unit, code)))


def concentration(value: Decimal, unit: str | None, code: str | None) -> MicrogramsPerMillilitre:
    """The concentration. Raises UnitError."""
    return MicrogramsPerMillilitre(convert(value, Kind.CONCENTRATION, unit, code))


def daily_dose(value: Decimal, unit: str | None, code: str | None) -> MicrogramsPerDay:
    """The dose a day, rounded to 0.1 mcg/day. Raises UnitError."""
    return MicrogramsPerDay(convert(value, Kind.DAILY_DOSE, unit, code)).rounded()


def celsius(value: Decimal, unit: str | None, code: str | None) -> Decimal:
    """The temperature in degrees Celsius, from Fahrenheit to 0.01 degree. Raises UnitError."""
    if kind_of(unit, code) is Kind.FAHRENHEIT:
        fahrenheit = convert(value, Kind.FAHRENHEIT, unit, code)
        return ((fahrenheit - 32) * 5 / 9).quantize(Decimal("0.01"))
    return convert(value, Kind.CELSIUS, unit, code)


def score(value: Decimal, unit: str | None, code: str | None) -> Decimal:
    """A score, which may be written without a unit. Raises UnitError."""
    return convert(value, Kind.SCORE, unit, code) if unit or code else value


def _meaning(spelling: str) -> tuple[Kind, Decimal] | None:
    return _UNITS.get(spelling) or _UNITS.get(_tidy(spelling))


def _tidy(text: str) -> str:
    return " ".join(text.replace(" /", "/").replace("/ ", "/").split())


def _quoted(text: str) -> str:
    """The spelling as found, cut to a length a card can carry."""
    return "'" + text[:24] + "'"
