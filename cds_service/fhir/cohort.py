"""Which patients resources are about: for telling who belongs to a clinic, and what to whom."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import Raw, Struct

from cds_service.fhir.decoding import BundleEntry, BundleLink, lacking
from cds_service.fhir.elements import OperationOutcome

PATIENT_ID = re.compile(r"[A-Za-z0-9.-]{1,64}", re.ASCII)
"""An id as FHIR R4 allows it; nothing else is ever asked for or looked up."""

_PATIENT = re.compile(
    r"(?:https?://[^?#\s]*/)?Patient/([A-Za-z0-9.-]{1,64})(?:/_history/[A-Za-z0-9.-]+)?", re.ASCII
)
_FAULTS = (msgspec.MsgspecError, RecursionError, ValueError)
_MAY_BE_NOBODYS = ("Device", "OperationOutcome")
"""A device in stock belongs to nobody yet."""
_OUTCOME = "OperationOutcome"


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a resource is about. `is_unclear`: a patient is meant, but cannot be told which."""

    kind: str
    id: str
    patients: tuple[str, ...]
    is_unclear: bool = False


@dataclass(frozen=True, slots=True)
class Cohort:
    """The patients that an answer names. `lacking` says what it does not hold, '' when it is whole.

    `unclear` counts resources of which it cannot be told whose they are.
    """

    patients: tuple[str, ...]
    unclear: int = 0
    lacking: str = ""


class _Owned(Struct):
    resourceType: Any = None
    id: Any = None
    patient: Any = None
    subject: Any = None
    participant: Any = None


class _Drug(Struct):
    medicationReference: Any = None


class _Group(Struct):
    quantity: int | None = None
    member: list[Any] | None = None


class _Bundle(Struct):
    resourceType: str | None = None
    entry: list[BundleEntry] | None = None
    link: list[BundleLink] | None = None
    total: int | None = None


def named_in(resource: bytes | Raw) -> Named | None:
    """Whom one resource is about; None when it is not a resource in JSON."""
    try:
        owned = msgspec.json.decode(resource, type=_Owned)
    except _FAULTS:
        return None
    kind, id_ = owned.resourceType, owned.id if isinstance(owned.id, str) else ""
    if not isinstance(kind, str):
        return None
    if kind == "Patient":
        is_usable = PATIENT_ID.fullmatch(id_) is not None
        return Named(kind, id_, (id_,) if is_usable else (), not is_usable)
    if kind == "Appointment":
        return _appointment(owned, id_)
    reference = owned.patient if kind == "Device" else owned.subject
    if reference is None:
        return Named(kind, id_, (), kind not in _MAY_BE_NOBODYS)
    patient, is_unclear = _patient(reference)
    return Named(kind, id_, (patient,) if patient else (), is_unclear)


def cohort_of(answer: Raw | None) -> Cohort:
    """The patients named by a search's answer, or by a Group."""
    try:
        bundle = msgspec.json.decode(answer or b"null", type=_Bundle)
        if bundle.resourceType == "Group":
            return _members(msgspec.json.decode(answer or b"", type=_Group))
    except _FAULTS:
        return Cohort((), lacking="what was sent is not FHIR")
    if bundle.resourceType != "Bundle":
        return Cohort((), lacking="what was sent is neither a search's answer nor a Group")
    entries = [entry for entry in bundle.entry or () if bytes(entry.resource)]
    found = [(named_in(entry.resource), entry) for entry in entries]
    about = [named for named, _ in found if named and named.kind != _OUTCOME]
    if len(about) < sum(not _is_harmless(named, entry) for named, entry in found):
        return Cohort((), lacking="an entry of what was sent is an error, or is not FHIR")
    matches = sum(entry.search is None or entry.search.mode in (None, "match") for entry in entries)
    return Cohort(
        tuple(dict.fromkeys(patient for each in about for patient in each.patients)),
        sum(each.is_unclear for each in about),
        lacking(bundle, matches),
    )


def _is_harmless(named: Named | None, entry: BundleEntry) -> bool:
    """Whether an entry is a warning, which says nothing of patients."""
    if named is None or named.kind != _OUTCOME:
        return False
    try:
        outcome = msgspec.json.decode(entry.resource, type=OperationOutcome)
    except _FAULTS:
        return False
    return all(issue.severity in ("warning", "information") for issue in outcome.issue)


def drug_id(record: bytes) -> str:
    """The id of the Medication that a record refers to; '' for none."""
    try:
        reference = msgspec.json.decode(record, type=_Drug).medicationReference
    except _FAULTS:
        return ""
    text = reference.get("reference") if isinstance(reference, dict) else None
    if not isinstance(text, str):
        return ""
    kind, _, id_ = text.partition("/_history/")[0].rpartition("/")
    return id_ if kind == "Medication" or kind.endswith("/Medication") else ""


def giving_of(drug: str) -> bytes:
    """An administration of the Medication with this id, to ask whether it may fill a pump."""
    return msgspec.json.encode(
        {
            "resourceType": "MedicationAdministration",
            "status": "completed",
            "medicationReference": {"reference": f"Medication/{drug}"},
        }
    )


def bundle_of(resources: Iterable[bytes]) -> Raw:
    """Resources in JSON as one Bundle."""
    entries = b",".join(b'{"resource":' + each + b"}" for each in resources)
    return Raw(b'{"resourceType":"Bundle","type":"collection","entry":[' + entries + b"]}")


def _members(group: _Group) -> Cohort:
    """A member who left, or who is no person, is passed over."""
    patients, unclear = [], 0
    for member in group.member or ():
        if not isinstance(member, dict):
            unclear += 1
        elif member.get("inactive") is not True:
            patient, is_unclear = _patient(member.get("entity"))
            patients += [patient] if patient else []
            unclear += is_unclear
    number = len(group.member or ())
    is_part = group.quantity is not None and group.quantity > number
    told = f"only {number} of {group.quantity} members were sent" if is_part else ""
    if group.member is None and not told:
        told = "the Group lists no members"
    return Cohort(tuple(dict.fromkeys(patients)), unclear, told)


def _appointment(owned: _Owned, id_: str) -> Named:
    actors = [
        each["actor"]
        for each in (owned.participant if isinstance(owned.participant, list) else ())
        if isinstance(each, dict) and isinstance(each.get("actor"), dict)
    ]
    found = [_patient(actor) for actor in actors if actor.get("reference")]
    patients = tuple(dict.fromkeys(patient for patient, _ in found if patient))
    unclear = any(not actor.get("reference") and actor.get("type") == "Patient" for actor in actors)
    return Named("Appointment", id_, patients, unclear and not patients)


def _patient(reference: Any) -> tuple[str, bool]:
    """The id of the patient that is referred to, '' for none; and whether that is unclear."""
    text = reference.get("reference") if isinstance(reference, dict) else None
    if not isinstance(text, str) or not text:
        return "", True
    found = _PATIENT.fullmatch(text)
    if found:
        return found.group(1), False
    return "", "Patient/" in text or text.startswith(("#", "urn:"))
