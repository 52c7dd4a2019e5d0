"""A fact: a value about the therapy with its evidence, or the reason why it is unknown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

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


@dataclass(frozen=True, slots=True)
class Fact:
    """A value with its evidence. `value` None means unknown, and `unknown_because` says why."""

    value: FactValue | None
    evidence: tuple[Evidence, ...] = ()
    unknown_because: str = ""
    basis: str = ""


Facts = Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Findings:
    """All facts of a patient, and what contradicts itself in the record."""

    facts: Facts
    conflicts: tuple[DataIssue, ...] = ()


def known(value: FactValue, *evidence: Evidence, basis: str = "") -> Fact:
    """A fact that is known."""
    return Fact(value, evidence, basis=basis)


def unknown(because: str, *evidence: Evidence) -> Fact:
    """A fact that is not known, and why."""
    return Fact(None, evidence, unknown_because=because)
