"""What all readers of a chart share: whose it is, which day it is, and the list of faults found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from cds_service.errors import DateError, UnitError
from cds_service.fhir.concepts import names_patient
from cds_service.fhir.dates import read_when
from cds_service.fhir.decoding import Source
from cds_service.fhir.elements import Period, Quantity, Reference, Resource
from cds_service.therapy.calendar import When
from cds_service.therapy.record import DataIssue, Evidence

_LOWEST, _HIGHEST = Decimal(0), Decimal(10**9)
_FINEST = -9
"""Power of ten of the smallest number that any reading can mean."""
Measure = TypeVar("Measure")
Kept = TypeVar("Kept", bound=Resource)


@dataclass(slots=True)
class Chart:
    """One patient's chart while it is read.

    `issues` collects every record that was refused, `set_aside` refills that were not completed,
    `other_pumps` the ids of pumps that are not in place any more.
    """

    patient_id: str
    zone: ZoneInfo
    today: date
    issues: list[DataIssue] = field(default_factory=list)
    set_aside: list[Evidence] = field(default_factory=list)
    other_pumps: set[str] = field(default_factory=set)

    def report(
        self, key: str, resource: Resource, problem: str, *, is_foreign: bool = False
    ) -> None:
        """Notes that a record, or a part of it, was not used."""
        self.issues.append(DataIssue(key, name_of(resource), problem, is_foreign))

    def own(
        self, source: Source[Any], kind: type[Kept], subject: Callable[[Kept], Reference | None]
    ) -> Iterable[Kept]:
        """The resources of one kind that are this patient's; others are dropped and reported."""
        for resource in source.resources:
            if not isinstance(resource, kind):
                continue
            named = subject(resource)
            if names_patient(named, self.patient_id):
                yield resource
            elif named is None:
                self.report(source.key, resource, "does not say whose it is and was not used")
            else:
                problem = "belongs to another patient and was not used"
                self.report(source.key, resource, problem, is_foreign=True)

    def owns(self, subject: Reference | None) -> bool:
        """True when a record is this patient's; `own` reports those that are not."""
        return names_patient(subject, self.patient_id)

    def when(self, key: str, resource: Resource, text: str | None, what: str) -> When | None:
        """The recorded date; None, reported, when it is missing, unreadable or in the future."""
        if not text:
            self.report(key, resource, f"{what} has no date and was not used")
            return None
        try:
            when = read_when(text, self.zone)
        except DateError as fault:
            self.report(key, resource, f"{what}: {fault}; not used")
            return None
        if when.first > self.today:
            self.report(key, resource, f"{what} is dated {when}, in the future, and was not used")
            return None
        return when.capped(self.today)

    def when_known(self, text: str | None) -> When | None:
        """The recorded date where there is one that can be read: for what decides nothing alone."""
        try:
            return read_when(text, self.zone) if text else None
        except DateError:
            return None

    def measured(
        self,
        key: str,
        resource: Resource,
        quantity: Quantity | None,
        read: Callable[[Decimal, str | None, str | None], Measure],
        what: str,
    ) -> Measure | None:
        """The quantity in our units; None, reported, when it cannot be believed."""
        if quantity is None or quantity.value is None:
            self.report(key, resource, f"{what} has no value")
            return None
        try:
            return read(exact(quantity), quantity.unit, quantity.code)
        except UnitError as fault:
            self.report(key, resource, f"{what}: {fault}; not used")
            return None


def exact(quantity: Quantity) -> Decimal:
    """The value. Raises UnitError when it is not one exact number in a range that can be real."""
    if quantity.value is None:
        raise UnitError("it is not a number")
    # The shortest decimal that stands for the float: the digits that were sent.
    value = Decimal(repr(quantity.value))
    if quantity.comparator:
        raise UnitError(f"'{quantity.comparator[:2]}' gives no exact number")
    if not _LOWEST <= value < _HIGHEST or (value and value.adjusted() < _FINEST):
        raise UnitError(f"{'a negative number' if value < 0 else 'the number'} cannot be right")
    # Unary plus rounds to the 28 digits of decimal arithmetic, and to no more work than that.
    return +value


def name_of(resource: Resource) -> str:
    """The resource as `Type/id`."""
    return f"{type(resource).__name__}/{resource.id or '(no id)'}"


def evidence(resource: Resource, says: str, when: When | None, rung: str = "") -> Evidence:
    """Evidence that this resource gives."""
    usual = "code of the site's own" if resource.site_coded else "first choice"
    return Evidence(name_of(resource), says, when, rung or usual)


def start_of(date_time: str | None, period: Period | None) -> str | None:
    """The moment, or the start of the period."""
    return date_time or (period.start if period else None)
