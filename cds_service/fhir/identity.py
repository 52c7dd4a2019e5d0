"""Who a patient is, as the Patient resource says it: for people who must not take one for another.

Nothing here decides anything clinical; a field that cannot be read is empty.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from cds_service.fhir.decoding import Reading, Sent

MRN_TYPE = ("http://terminology.hl7.org/CodeSystem/v2-0203", "MR")
LONGEST = 200
"""Characters kept of a name or number; the whole stands in the record."""

_NAME_USES = ("official", "usual", "", "temp", "nickname", "anonymous")
_FAULTS = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the patient is, as the record says it; '' where it says nothing.

    `birth_date` is a FHIR date, which may be a year alone. `is_merged`: the record was replaced by
    another one.
    """

    patient_id: str
    name: str
    birth_date: str = ""
    mrn: str = ""
    gender: str = ""
    is_deceased: bool = False
    is_merged: bool = False


def identity_of(patient_id: str, sent: Sent | None, mrn_system: str = "") -> Identity:
    """The identity under the prefetch key `patient`: a Patient, or a Bundle with it.

    The MRN is the identifier of the site's system, else of the type MR, else the first.
    """
    patient = next((each for each in _patients(sent) if each.get("id") == patient_id), None)
    if patient is None:
        return Identity(patient_id, "")
    died = _text(patient.get("deceasedDateTime")) or patient.get("deceasedBoolean") is True
    links = _objects(patient, "link")
    return Identity(
        patient_id=patient_id,
        name=name_in(patient),
        birth_date=_text(patient.get("birthDate"))[:10],
        mrn=_mrn(patient, mrn_system),
        gender=_text(patient.get("gender")),
        is_deceased=bool(died),
        is_merged=any(_text(link.get("type")) == "replaced-by" for link in links),
    )


def _patients(sent: Sent | None) -> Iterator[dict[str, Any]]:
    raw = sent.found if isinstance(sent, Reading) else sent
    if raw is None:
        return
    try:
        value = msgspec.json.decode(raw)
    except _FAULTS:
        return
    if not isinstance(value, dict):
        return
    if value.get("resourceType") == "Patient":
        yield value
    for entry in _objects(value, "entry"):
        resource = entry.get("resource")
        if isinstance(resource, dict) and resource.get("resourceType") == "Patient":
            yield resource


def name_in(person: dict[str, Any]) -> str:
    """The name of a Patient or Practitioner, the official one first; '' for none."""
    names = sorted(_objects(person, "name"), key=_use_rank)
    return next((text for name in names if (text := _one_name(name))), "")


def _use_rank(name: dict[str, Any]) -> int:
    use = _text(name.get("use"))
    return _NAME_USES.index(use) if use in _NAME_USES else len(_NAME_USES)


def _one_name(name: dict[str, Any]) -> str:
    """`Family, Given Given`, as lists are sorted; the text where there are no parts."""
    given = name.get("given")
    firsts = (
        " ".join(_text(each) for each in given if _text(each)) if isinstance(given, list) else ""
    )
    family = _text(name.get("family"))
    return ", ".join(part for part in (family, firsts) if part)[:LONGEST] or _text(name.get("text"))


def _mrn(patient: dict[str, Any], system: str) -> str:
    found = _objects(patient, "identifier")
    of_site = [each for each in found if system and _text(each.get("system")) == system]
    of_type = [each for each in found if _is_mrn(each)]
    return next(
        (value for each in (*of_site, *of_type, *found) if (value := _text(each.get("value")))), ""
    )


def _is_mrn(identifier: dict[str, Any]) -> bool:
    kind = identifier.get("type")
    codings = _objects(kind, "coding") if isinstance(kind, dict) else []
    return any((_text(c.get("system")), _text(c.get("code"))) == MRN_TYPE for c in codings)


def _objects(value: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = value.get(key)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _text(value: Any) -> str:
    """A text in one line, without control characters; '' for anything else."""
    if not isinstance(value, str):
        return ""
    return "".join(mark if mark.isprintable() else " " for mark in value).strip()[:LONGEST]
