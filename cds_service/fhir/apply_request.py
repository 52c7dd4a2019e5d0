"""What a caller of `$apply` sends: the parameters of the operation, by query or as Parameters.

The data come along: a Bundle of one patient, or parts named by prefetch key, as a hook has them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from msgspec import Raw

from cds_service.errors import InputError, RequestError
from cds_service.fhir.bundle import prefetch_of
from cds_service.fhir.decoding import KEYS

_REFERENCES = ("subject", "encounter", "practitioner")
_WITHOUT_EFFECT = (
    "organization",
    "userType",
    "userLanguage",
    "userTaskContext",
    "setting",
    "settingContext",
)
"""Parameters of R4 that change nothing here: the plans do not look at them."""
_NAMES = (*_REFERENCES, "data", "prefetchData", *_WITHOUT_EFFECT)
_SEND_DATA = (
    "Send the patient's data: POST Parameters with a parameter 'data' that holds a Bundle of one "
    "patient, or parameters 'prefetchData' with the parts 'key' and 'data'."
)


@dataclass(frozen=True, slots=True)
class ApplyRequest:
    """Whom a plan is applied to, and with which data by prefetch key."""

    subject: str
    prefetch: Mapping[str, Raw]
    encounter: str = ""
    practitioner: str = ""


class _Reference(msgspec.Struct):
    reference: str = ""


class _Parameter(msgspec.Struct):
    name: str = ""
    valueString: str = ""
    valueCode: str = ""
    valueUri: str = ""
    valueReference: _Reference | None = None
    resource: Raw = Raw()
    part: list["_Parameter"] = []


class _Parameters(msgspec.Struct):
    resourceType: str = ""
    parameter: list[_Parameter] = []


def apply_request(query: Mapping[str, list[str]], body: bytes | None) -> ApplyRequest:
    """What is asked for; `body` None means that all of it stands in the query.

    Raises RequestError when it cannot be understood, or when the data are not the subject's.
    """
    given = [_of_query(name, text) for name, texts in query.items() for text in texts]
    given += _decoded(body).parameter if body is not None else []
    strange = sorted({found.name for found in given} - {*_NAMES})
    if strange:
        raise RequestError(
            f"$apply: found a parameter '{strange[0][:40]}', expected {', '.join(_NAMES)}. "
            "Take it away, or correct its name."
        )
    subject = _only(given, "subject")
    if not subject:
        raise RequestError("$apply: found no subject, expected one, like Patient/123. Add it.")
    return ApplyRequest(
        _of_kind("subject", subject, "Patient"),
        _prefetch(given, _of_kind("subject", subject, "Patient").removeprefix("Patient/")),
        _of_kind("encounter", _only(given, "encounter"), "Encounter"),
        _only(given, "practitioner"),
    )


def _of_query(name: str, text: str) -> _Parameter:
    return _Parameter(name=name, valueString=text)


def _decoded(body: bytes) -> _Parameters:
    try:
        sent = msgspec.json.decode(body, type=_Parameters)
    except (msgspec.MsgspecError, ValueError) as fault:
        raise RequestError(
            f"$apply: the body is not a FHIR Parameters resource in JSON ({fault}). Correct it."
        ) from None
    if sent.resourceType != "Parameters":
        found = sent.resourceType[:40] or "no resourceType"
        raise RequestError(f"$apply: found {found}, expected Parameters. {_SEND_DATA}")
    return sent


def _only(given: list[_Parameter], name: str) -> str:
    values = [_text(found) for found in given if found.name == name]
    if len(values) > 1:
        raise RequestError(
            f"$apply: found {len(values)} parameters '{name}', expected one: a plan is applied to "
            "one patient at a time. Send one request for each."
        )
    return values[0] if values else ""


def _text(found: _Parameter) -> str:
    reference = found.valueReference.reference if found.valueReference else ""
    return reference or found.valueString or found.valueUri or found.valueCode


def _of_kind(name: str, reference: str, kind: str) -> str:
    """The reference as `Type/id`; a bare id and an absolute address are understood."""
    if not reference:
        return ""
    parts = reference.split("/")
    if len(parts) > 1 and parts[-2] != kind:
        raise RequestError(f"$apply: '{name}' is no {kind}; expected {kind}/id. Correct it.")
    if not parts[-1]:
        raise RequestError(f"$apply: '{name}' has no id; expected {kind}/id. Correct it.")
    return f"{kind}/{parts[-1]}"


def _prefetch(given: list[_Parameter], patient_id: str) -> Mapping[str, Raw]:
    bundles = [found.resource for found in given if found.name == "data"]
    parts = [found for found in given if found.name == "prefetchData"]
    if len(bundles) > 1 or (bundles and parts) or not (bundles or parts):
        raise RequestError(f"$apply: found no data, or more than one set of them. {_SEND_DATA}")
    return _by_key(parts) if parts else _of_bundle(bytes(bundles[0]), patient_id)


def _of_bundle(bundle: bytes, patient_id: str) -> Mapping[str, Raw]:
    try:
        found, prefetch = prefetch_of(bundle)
    except InputError as fault:
        raise RequestError(f"$apply: parameter 'data': {fault}. {_SEND_DATA}") from None
    if found != patient_id:
        raise RequestError(
            "$apply: the data are of another patient than the subject; expected one patient. "
            "Send the subject's data."
        )
    return prefetch


def _by_key(parts: list[_Parameter]) -> Mapping[str, Raw]:
    prefetch: dict[str, Raw] = {}
    for found in parts:
        inside = {part.name: part for part in found.part}
        key = _text(inside["key"]) if "key" in inside else ""
        if key not in KEYS or key in prefetch:
            raise RequestError(
                f"$apply: found prefetchData with the key '{key[:40]}', expected each of "
                f"{', '.join(KEYS)} at most once. Correct the key."
            )
        data = bytes(inside["data"].resource) if "data" in inside else b""
        prefetch[key] = Raw(data or b"null")
    return prefetch
