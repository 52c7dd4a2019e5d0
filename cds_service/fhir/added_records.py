"""Records of our own put beside what was read of a patient, as if the EHR had sent them."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Raw

from cds_service.fhir.decoding import Reading, Sent

_KEY_OF = {
    "Observation": "observations",
    "MedicationAdministration": "medicationAdministrations",
}
NOT_SENT = "not sent"


def with_added(prefetch: Mapping[str, Sent], added: Iterable[Mapping[str, Any]]) -> dict[str, Sent]:
    """The prefetch with resources of our own under their keys; what was unread stays unread.

    What is already there under the same identifier, because the EHR took it over, is not added.
    """
    result = dict(prefetch)
    by_key: dict[str, list[Mapping[str, Any]]] = {}
    for resource in added:
        by_key.setdefault(_KEY_OF[resource["resourceType"]], []).append(resource)
    for key, resources in by_key.items():
        result[key] = _joined(prefetch.get(key), resources)
    return result


def with_gap(prefetch: Mapping[str, Sent], why: str) -> dict[str, Sent]:
    """The prefetch, with the word that records of our own are missing among the observations."""
    sent = prefetch.get("observations")
    if isinstance(sent, Reading):
        gap = Reading(sent.found, "; ".join(each for each in (sent.unread, why) if each))
    else:
        gap = Reading(sent, why if sent is not None else f"{NOT_SENT}; {why}")
    return {**prefetch, "observations": gap}


def _joined(sent: Sent | None, resources: list[Mapping[str, Any]]) -> Sent:
    raw = sent.found if isinstance(sent, Reading) else sent
    unread = sent.unread if isinstance(sent, Reading) else "" if sent is not None else NOT_SENT
    try:
        value = msgspec.json.decode(raw) if raw is not None else None
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        unread, value = unread or "could not be read as JSON", None
    if isinstance(value, dict) and value.get("resourceType") == "OperationOutcome":
        unread, value = unread or "the EHR sent an error in its place", None
    entries = _entries(value)
    if isinstance(value, dict) and not isinstance(value.get("entry", []), list):
        unread = unread or "its entries could not be read"
    there = {text for entry in entries for text in _identifiers(entry)}
    new = [
        {"resource": each}
        for each in resources
        if not there & set(_identifiers({"resource": each}))
    ]
    bundle = value if _is_bundle(value) else {"resourceType": "Bundle", "type": "collection"}
    joined: dict[str, Any] = {**(bundle or {}), "entry": [*entries, *new]}
    if isinstance(joined.get("total"), int):
        joined["total"] += len(new)
    return Reading(Raw(msgspec.json.encode(joined)), unread)


def _is_bundle(value: Any) -> bool:
    return isinstance(value, dict) and value.get("resourceType") == "Bundle"


def _entries(value: Any) -> list[Any]:
    if _is_bundle(value):
        found = value.get("entry")
        return list(found) if isinstance(found, list) else []
    return [{"resource": value}] if isinstance(value, dict) else []


def _identifiers(entry: Any) -> list[str]:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    found = resource.get("identifier") if isinstance(resource, dict) else None
    if not isinstance(found, list):
        return []
    return [f"{each.get('system')}|{each.get('value')}" for each in found if isinstance(each, dict)]
