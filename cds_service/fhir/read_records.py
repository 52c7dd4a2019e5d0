"""Every record that was read, whether or not anything was made of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from cds_service.fhir.decoding import Reading, Sent

LONGEST = 200
_FAULTS = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)
_DATES = (
    "effectiveDateTime",
    "effectiveInstant",
    "performedDateTime",
    "start",
    "occurrenceDateTime",
    "onsetDateTime",
    "recordedDate",
    "authoredOn",
    "created",
    "issued",
    "manufactureDate",
    "birthDate",
)
_PERIODS = ("effectivePeriod", "performedPeriod", "occurrencePeriod", "period")


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """A record that was read: under which prefetch key, its reference, its date as it stands there.

    What the record does not say is ''.
    """

    key: str
    reference: str
    date: str = ""
    status: str = ""


def read_records(prefetch: Mapping[str, Sent]) -> tuple[ReadRecord, ...]:
    """The records under every key, in their order; an entry that cannot be read has none."""
    return tuple(
        _record(key, resource)
        for key, sent in prefetch.items()
        for resource in _resources(sent)
        if resource.get("resourceType") != "OperationOutcome"
    )


def _resources(sent: Sent) -> Iterator[dict[str, Any]]:
    raw = sent.found if isinstance(sent, Reading) else sent
    if raw is None:
        return
    try:
        value = msgspec.json.decode(raw)
    except _FAULTS:
        return
    if not isinstance(value, dict):
        return
    if value.get("resourceType") != "Bundle":
        yield value
        return
    entries = value.get("entry")
    for entry in entries if isinstance(entries, list) else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            yield resource


def _record(key: str, resource: dict[str, Any]) -> ReadRecord:
    kind, id_ = _text(resource.get("resourceType")), _text(resource.get("id"))
    return ReadRecord(
        key,
        f"{kind or 'a record without a type'}/{id_ or 'without an id'}",
        _date(resource),
        _text(resource.get("status")),
    )


def _date(resource: dict[str, Any]) -> str:
    for name in _DATES:
        if text := _text(resource.get(name)):
            return text
    for name in _PERIODS:
        period = resource.get(name)
        if isinstance(period, dict) and (text := _text(period.get("start"))):
            return text
    return ""


def _text(value: Any) -> str:
    return value[:LONGEST] if isinstance(value, str) else ""
