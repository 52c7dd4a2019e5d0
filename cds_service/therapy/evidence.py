"""What facts rest on: a record read, its date, and what of a record could not be used."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from msgspec import Struct

from cds_service.therapy.calendar import When


class Evidence(Struct, frozen=True):
    """One record that a fact rests on: reference, what it says, date, and the rung it came from.

    `rung` is `first choice`, or names the fallback: it is shown on the card.
    """

    reference: str
    says: str
    when: When | None = None
    rung: str = "first choice"


class DataIssue(Struct, frozen=True):
    """Something in the record that could not be read or was refused, in words for the chart reader.

    `source` is the prefetch key it stood in; `reference` names the resource, never the patient.
    `is_foreign`: it was refused because it is another patient's.
    """

    source: str
    reference: str
    problem: str
    is_foreign: bool = False


Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Reading(Generic[Value]):
    """A value with its date; `value` is None when it was recorded but refused."""

    value: Value | None
    when: When
    evidence: Evidence
