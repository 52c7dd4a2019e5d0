"""How a fact is declared: its name `area.fact`, type, unit, meaning and longest example."""

from datetime import date
from decimal import Decimal

from cds_service.therapy.fact import FactDefinition, FactType

_LATE = date(2026, 9, 30)
_LONG = "a long text that stands for whatever the record says about it"


def yes_no(name: str, meaning: str) -> FactDefinition:
    """A fact that is true or false."""
    return FactDefinition(name, FactType.BOOLEAN, meaning, example=True)


def number(name: str, unit: str, meaning: str) -> FactDefinition:
    """A fact that is a number, with its unit as UCUM writes it."""
    return FactDefinition(name, FactType.NUMBER, meaning, unit, Decimal("-1234.5"))


def day(name: str, meaning: str) -> FactDefinition:
    """A fact that is a date."""
    return FactDefinition(name, FactType.DATE, meaning, example=_LATE)


def text(name: str, meaning: str, example: str = _LONG) -> FactDefinition:
    """A fact in words; `example` is as long as it can get."""
    return FactDefinition(name, FactType.TEXT, meaning, example=example)
