"""A Bundle of one patient's resources, as handed to the command line, sorted into prefetch keys."""

from typing import Any

import msgspec
from msgspec import Raw, Struct

from cds_service.errors import InputError
from cds_service.fhir.decoding import KEYS, BundleEntry, BundleLink, kinds_of, lacking


class _Kind(Struct):
    resourceType: Any = None
    id: Any = None
    status: Any = None


class _Bundle(Struct):
    resourceType: str | None = None
    entry: list[BundleEntry] = []
    link: list[BundleLink] | None = None
    total: int | None = None


def prefetch_of(body: bytes) -> tuple[str, dict[str, Raw]]:
    """The patient's id, and the resources under their prefetch keys as searchset Bundles.

    Takes a collection, searchset or transaction; a Patient named only by `urn:uuid:` keeps that id.
    What is missing or unreadable in the Bundle stays so under every key it may belong to.
    Raises InputError when it is not a Bundle of exactly one Patient.
    """
    bundle = _decoded(body)
    kinds = [(_kind(entry), entry) for entry in bundle.entry if bytes(entry.resource)]
    patients = [(kind, entry) for kind, entry in kinds if kind.resourceType == "Patient"]
    if len(patients) != 1:
        found = f"{len(patients)} Patient resources" if patients else "no Patient resource"
        raise InputError(f"the Bundle has {found}; expected is a Bundle of one patient")
    kind, entry = patients[0]
    address = (entry.fullUrl or "").removeprefix("urn:uuid:")
    patient_id = kind.id if isinstance(kind.id, str) else address.rsplit("/", 1)[-1]
    if not patient_id:
        raise InputError("the Patient has neither an id nor a fullUrl; give it one of them")
    is_part = _is_part(bundle)
    searchsets = {
        key: _searchset(found, is_part) for key, found in _sorted(kinds, entry, patient_id).items()
    }
    searchsets["patient"] = _searchset([_named(entry, entry, patient_id)], False)
    return patient_id, {key: Raw(msgspec.json.encode(sent)) for key, sent in searchsets.items()}


def proposed_of(body: bytes) -> dict[str, Raw]:
    """What in the Bundle is only proposed, under the members of a hook's context that hold it.

    `draftOrders`: requests with status draft, and all Medications; `appointments`: Appointments
    with status proposed. Raises InputError when it is no Bundle.
    """
    proposed: dict[str, list[Any]] = {member: [] for member in set(_PROPOSED.values())}
    drugs = []
    for entry in _decoded(body).entry:
        kind = _kind(entry)
        if kind.resourceType == "Medication":
            drugs.append(_as_sent(entry))
        elif (kind.resourceType, kind.status) in _PROPOSED:
            proposed[_PROPOSED[kind.resourceType, kind.status]].append(_as_sent(entry))
    proposed["draftOrders"] += drugs
    return {
        member: Raw(msgspec.json.encode({"resourceType": "Bundle", "entry": entries}))
        for member, entries in proposed.items()
    }


_PROPOSED = {
    ("MedicationRequest", "draft"): "draftOrders",
    ("ServiceRequest", "draft"): "draftOrders",
    ("DeviceRequest", "draft"): "draftOrders",
    ("Appointment", "proposed"): "appointments",
}


def _as_sent(entry: BundleEntry) -> dict[str, Any]:
    return {"fullUrl": entry.fullUrl or "", "resource": entry.resource}


def _decoded(body: bytes) -> _Bundle:
    try:
        bundle = msgspec.json.decode(body, type=_Bundle)
    except (msgspec.MsgspecError, RecursionError, ValueError) as fault:
        raise InputError(f"the file is not a FHIR Bundle in JSON: {fault}") from fault
    if bundle.resourceType != "Bundle":
        found = bundle.resourceType or "no resourceType"
        raise InputError(f"the file holds {found}; expected is a FHIR Bundle of one patient")
    return bundle


def _kind(entry: BundleEntry) -> _Kind:
    try:
        return msgspec.json.decode(entry.resource, type=_Kind)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return _Kind()


def _sorted(
    kinds: list[tuple[_Kind, BundleEntry]], patient: BundleEntry, patient_id: str
) -> dict[str, list[Any]]:
    resources: dict[str, list[Any]] = {key: [] for key in KEYS}
    for kind, entry in kinds:
        for key, found in resources.items():
            if _may_belong(kind.resourceType, key):
                found.append(_named(entry, patient, patient_id))
    return resources


def _may_belong(kind: object, key: str) -> bool:
    """Whether a key asks for it; an error, or a resource of no kind, may stand for any."""
    return not isinstance(kind, str) or kind == "OperationOutcome" or kind in kinds_of(key)


def _is_part(bundle: _Bundle) -> bool:
    """Whether the Bundle says of itself that there is more than it holds."""
    modes = (entry.search.mode if entry.search else None for entry in bundle.entry)
    return bool(lacking(bundle, sum(mode not in ("include", "outcome") for mode in modes)))


def _searchset(entries: list[Any], is_part: bool) -> dict[str, Any]:
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    return {**bundle, "link": [{"relation": "next"}]} if is_part else bundle


def _named(entry: BundleEntry, patient: BundleEntry, patient_id: str) -> dict[str, Any]:
    """The entry with references to the patient's temporary name replaced by the lasting one."""
    raw = bytes(entry.resource)
    if patient.fullUrl and patient.fullUrl.startswith("urn:uuid:"):
        raw = raw.replace(f'"{patient.fullUrl}"'.encode(), f'"Patient/{patient_id}"'.encode())
    named: dict[str, Any] = {"resource": Raw(raw)}
    if entry.fullUrl:
        named["fullUrl"] = entry.fullUrl
    return named
