"""A fact: a value about the therapy with its evidence, or the reason why it is unknown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from msgspec import Struct

from cds_service.therapy.record import DataIssue, Evidence

FactValue = bool | int | Decimal | str | date


class FactType(Enum):
    """What kind of value a fact has; conditions compare only like with like."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    DATE = "date"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class FactDefinition:
    """A fact's name, type, unit and meaning, as conditions and card texts may use it.

    `example` is the longest value it can take; plans are checked with it when they are read.
    """

    name: str
    type: FactType
    meaning: str
    unit: str = ""
    example: FactValue = ""


class Fact(Struct, frozen=True):
    """A value with its evidence; without one, `unknown_because` says why.

    `is_missing` is False where there is nothing to know, as the date of a visit nobody booked.
    `basis` is the arithmetic behind the value.
    """

    value: FactValue | None
    evidence: tuple[Evidence, ...] = ()
    unknown_because: str = ""
    basis: str = ""
    is_missing: bool = False


Facts = Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Findings:
    """All facts of a patient, and what contradicts itself in the record."""

    facts: Facts
    conflicts: tuple[DataIssue, ...] = ()


def known(value: FactValue, *evidence: Evidence, basis: str = "") -> Fact:
    """A fact that is known."""
    return Fact(value, evidence, basis=basis)


def seen(unread: Mapping[str, str], key: str, found: bool, *evidence: Evidence) -> Fact:
    """Whether something was found under a prefetch key; unknown when that was not fully read."""
    if not found and key in unread:
        return unknown(f"{key} could not be read")
    return known(found, *evidence)


def unknown(because: str, *evidence: Evidence) -> Fact:
    """A fact that should be known and is not, and why."""
    return Fact(None, evidence, unknown_because=because, is_missing=True)


def absent(because: str) -> Fact:
    """A fact that has no value because there is nothing it could be of."""
    return Fact(None, unknown_because=because)
