"""Prefetch values to resources, tolerantly.

One bad field never hides its resource, one bad resource never hides the others, and everything
dropped or doubtful is reported.

The whole value is decoded at once by type; only where that fails is it taken apart, first by
entry, then by field.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec
from msgspec import Raw, Struct

from cds_service.fhir import elements
from cds_service.fhir.duplicates import without_older_versions
from cds_service.fhir.elements import OperationOutcome, Resource
from cds_service.fhir.translation import NO_SITE_CODES, SiteCodes, translate
from cds_service.therapy.record import DataIssue

Found = TypeVar("Found", bound=Resource)
_FAULTS = (msgspec.MsgspecError, RecursionError, ValueError, TypeError)

KEYS: dict[str, tuple[type[Resource], ...]] = {
    "patient": (elements.Patient,),
    "devices": (elements.Device,),
    "medicationAdministrations": (elements.MedicationAdministration, elements.Medication),
    "procedures": (elements.Procedure,),
    "observations": (elements.Observation,),
    "conditions": (elements.Condition,),
    "medicationRequests": (elements.MedicationRequest, elements.Medication),
    "appointments": (elements.Appointment,),
    "serviceRequests": (elements.ServiceRequest,),
    "carePlans": (elements.CarePlan,),
}
"""The prefetch keys, and the kinds of resource read from each."""

DRAFT_ORDERS = "draftOrders"
_KINDS = {
    **KEYS,
    DRAFT_ORDERS: (elements.MedicationRequest, elements.ServiceRequest, elements.Medication),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading the EHR gave in place of a prefetch value; `unread` says what it did not give.

    `found` is the JSON as a prefetch value would be; None when there is none.
    """

    found: Raw | None
    unread: str = ""


Sent: TypeAlias = Raw | Reading
"""A prefetch value as it was sent, or as the EHR was read for it."""


class BundleLink(Struct):
    """Bundle.link."""

    relation: str | None = None


class _Search(Struct):
    mode: str | None = None


class BundleEntry(Struct):
    """Bundle.entry; the resource stays undecoded."""

    resource: Raw = Raw()
    search: _Search | None = None
    fullUrl: str | None = None


class _Envelope(Struct):
    """What can be learnt of a prefetch value whose parts do not all decode."""

    resourceType: str | None = None
    entry: list[Raw] | None = None
    total: int | None = None
    link: list[BundleLink] | None = None


@dataclass(slots=True)
class Source(Generic[Found]):
    """What one prefetch key gave. `unread` says why the key is not, or not fully, read.

    `urls` finds a resource by its entry's address; `strays` counts resources of another kind.
    """

    key: str
    resources: list[Found] = field(default_factory=list)
    unread: str = ""
    issues: list[DataIssue] = field(default_factory=list)
    urls: dict[str, Found] = field(default_factory=dict)
    strays: int = 0


def read_source(key: str, sent: Sent | None, site_codes: SiteCodes = NO_SITE_CODES) -> Source[Any]:
    """The resources under one prefetch key; `sent` None means that the key was not sent."""
    if isinstance(sent, Reading):
        source = _read_source(key, sent.found)
        source.unread = sent.unread or source.unread
    else:
        source = _read_source(key, sent)
    source.resources = without_older_versions(source.resources)
    if site_codes:
        translate(source.resources, site_codes)
    return source


def _read_source(key: str, sent: Raw | None) -> Source[Any]:
    source: Source[Any] = Source(key)
    if sent is None:
        source.unread = "not sent"
        return source
    try:
        value = _decoder(key)(sent)
    except _FAULTS:
        _read_piecewise(source, sent)
        return source
    if value is None:
        return source
    if isinstance(value, OperationOutcome):
        source.unread = "the EHR sent an error in its place"
    elif isinstance(value, Resource):
        source.resources.append(value)
    else:
        _read_entries(source, value)
    return source


@lru_cache(maxsize=len(_KINDS))
def _decoder(key: str) -> Callable[[Raw], Any]:
    kinds = _KINDS[key]
    allowed = kinds[0]
    for kind in (*kinds[1:], OperationOutcome):
        allowed = allowed | kind  # type: ignore[assignment]
    entry = msgspec.defstruct(
        "Entry",
        [
            ("resource", allowed | None, None),
            ("search", _Search | None, None),
            ("fullUrl", str | None, None),
        ],
    )
    bundle = msgspec.defstruct(
        "Bundle",
        [
            ("entry", list[entry] | None, None),  # type: ignore[valid-type]
            ("total", int | None, None),
            ("link", list[BundleLink] | None, None),
        ],
        tag_field="resourceType",
        tag="Bundle",
    )
    return msgspec.json.Decoder(bundle | allowed | None).decode


def _read_entries(source: Source[Any], bundle: Any) -> None:
    matches = 0
    for entry in bundle.entry or ():
        resource = entry.resource
        if resource is None:
            continue
        if isinstance(resource, OperationOutcome):
            _note_outcome(source, resource)
            continue
        if entry.search is None or entry.search.mode != "include":
            matches += 1
        _keep(source, resource, entry.fullUrl)
    _note_incomplete(source, bundle, matches)


def _keep(source: Source[Any], resource: Resource, url: str | None) -> None:
    source.resources.append(resource)
    if url:
        source.urls[url] = resource


def _note_outcome(source: Source[Any], outcome: OperationOutcome) -> None:
    """A warning beside an empty search means "no data", an error means "not obtained"."""
    if any(issue.severity not in ("warning", "information") for issue in outcome.issue):
        source.unread = "the EHR sent an error in its place"


def _note_incomplete(source: Source[Any], bundle: Any, matches: int) -> None:
    source.unread = source.unread or lacking(bundle, matches)


def lacking(bundle: Any, matches: int) -> str:
    """What a Bundle with that many matches says it does not hold; empty when it holds all."""
    if any(link.relation == "next" for link in bundle.link or ()):
        return "only the first page was sent"
    if bundle.total is not None and bundle.total > matches:
        return f"only {matches} of {bundle.total} records were sent"
    return ""


def _read_piecewise(source: Source[Any], sent: Raw) -> None:
    try:
        envelope = msgspec.json.decode(sent, type=_Envelope)
    except _FAULTS:
        source.unread = "what was sent is not FHIR"
        return
    if envelope.resourceType == "Bundle" and envelope.entry is not None:
        matches = sum(_read_entry(source, raw, index) for index, raw in enumerate(envelope.entry))
        _note_incomplete(source, envelope, matches)
        # Orders of other kinds are drafted too: they are no sign that the wrong thing was sent.
        if source.strays and not source.resources and source.key != DRAFT_ORDERS:
            source.unread = "what was sent is not the FHIR resource asked for"
    elif envelope.resourceType == "Bundle":
        _note_incomplete(source, envelope, 0)
    elif envelope.resourceType == "OperationOutcome":
        source.unread = "the EHR sent an error in its place"
    elif envelope.resourceType in kinds_of(source.key):
        _read_resource(source, sent, "", None)
    else:
        source.unread = "what was sent is not the FHIR resource asked for"


def _read_entry(source: Source[Any], raw: Raw, index: int) -> bool:
    """Reads one entry; True when it counts as a match of the search."""
    try:
        entry = msgspec.json.decode(raw, type=BundleEntry)
    except _FAULTS:
        _report(source, f"entry {index + 1}", "is not a Bundle entry")
        return True
    if not bytes(entry.resource):
        return False
    is_match = entry.search is None or entry.search.mode in (None, "match")
    known = _read_resource(source, entry.resource, f"entry {index + 1}", entry.fullUrl)
    source.strays += is_match and not known
    return is_match and known


def _read_resource(source: Source[Any], raw: Raw, place: str, url: str | None) -> bool:
    """Keeps what can be read of a resource; False when it is of a kind not asked for."""
    kinds = kinds_of(source.key)
    try:
        parts = msgspec.json.decode(raw, type=dict[str, Raw])
        name = msgspec.json.decode(parts["resourceType"], type=str)
    except (*_FAULTS, KeyError):
        _report(source, place or source.key, "is not a FHIR resource")
        return True
    if name == "OperationOutcome":
        _note_outcome(source, _by_field(OperationOutcome, parts))
        return True
    if name not in kinds:
        return False
    resource = _by_field(kinds[name], parts)
    _keep(source, resource, url)
    deciding = _DECIDING.get(source.key, frozenset()).intersection(resource.unreadable)
    if deciding:
        words = ", ".join(sorted(deciding))
        _report(source, _name(resource, place), f"{words} cannot be read as FHIR R4")
    return True


@lru_cache(maxsize=32)
def _field_types(kind: type[Resource]) -> tuple[tuple[str, Any], ...]:
    return tuple(
        (found.name, found.type if found.type is Raw else found.type | None)
        for found in msgspec.structs.fields(kind)
        if found.name not in ("unreadable", "site_coded")
    )


_DECIDING = {
    "devices": frozenset(name for name, _ in _field_types(elements.Device)),
    "medicationAdministrations": frozenset(
        {"medicationCodeableConcept", "medicationReference", "dosage", "contained"}
    ),
    "procedures": frozenset({"code"}),
}
"""Elements that show whether there is a pump at all: unreadable, one could have been."""


def _by_field(kind: type[Found], parts: dict[str, Raw]) -> Found:
    values: dict[str, Any] = {}
    unreadable: list[str] = []
    for name, part_type in _field_types(kind):
        if name not in parts:
            continue
        try:
            value = msgspec.json.decode(parts[name], type=part_type)
        except _FAULTS:
            unreadable.append(name)
            continue
        if value is not None:
            values[name] = value
    return kind(**values, unreadable=tuple(unreadable))


def kinds_of(key: str) -> dict[str, type[Resource]]:
    """The kinds of resource read from a prefetch key, by name."""
    return {kind.__name__: kind for kind in _KINDS[key]}


def _name(resource: Resource, place: str) -> str:
    return f"{type(resource).__name__}/{resource.id}" if resource.id else place


def _report(source: Source[Any], reference: str, problem: str) -> None:
    source.issues.append(DataIssue(source.key, reference, problem))
