"""What a caller of `$apply` sends: the parameters of the operation, by query or as Parameters.

The data come along: a Bundle of one patient, or parts named by prefetch key, as a hook has them.
What is about to be ordered or booked comes under the names of the hooks' contexts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
from msgspec import Raw

from cds_service.errors import InputError, RequestError
from cds_service.fhir.bundle import prefetch_of
from cds_service.fhir.decoding import KEYS
from cds_service.fhir.proposed_bundle import ProposedBundle, read_proposed_bundle
from cds_service.guidance.plan import HOOKS, WORKLIST

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
_PROPOSED = ("draftOrders", "appointments")
_ASKED_ABOUT = {
    "order-select": "draftOrders",
    "order-sign": "draftOrders",
    "appointment-book": "appointments",
}
"""The hooks that ask about proposals, and the parameter that holds them."""
_NAMES = (
    *_REFERENCES,
    "data",
    "prefetchData",
    "hook",
    *_PROPOSED,
    "selections",
    *_WITHOUT_EFFECT,
)
_SEND_DATA = (
    "Send the patient's data: POST Parameters with a parameter 'data' that holds a Bundle of one "
    "patient, or parameters 'prefetchData' with the parts 'key' and 'data'."
)


@dataclass(frozen=True, slots=True)
class ApplyRequest:
    """Whom a plan is applied to, and with which data by prefetch key.

    `hook` is empty where the caller leaves to the plan as whose answer it is applied. `proposed`
    and `selections` are what a hook's context holds of them.
    """

    subject: str
    prefetch: Mapping[str, Raw]
    encounter: str = ""
    practitioner: str = ""
    hook: str = ""
    proposed: Mapping[str, Raw] = field(default_factory=dict)
    selections: tuple[str, ...] = ()


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
    proposed = _proposed(given)
    selections = _selections(given, proposed)
    return ApplyRequest(
        _of_kind("subject", subject, "Patient"),
        _prefetch(given, _of_kind("subject", subject, "Patient").removeprefix("Patient/")),
        _of_kind("encounter", _only(given, "encounter"), "Encounter"),
        _only(given, "practitioner"),
        _hook(_only(given, "hook"), proposed, selections),
        proposed,
        selections,
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


def _hook(stated: str, proposed: Mapping[str, Raw], selections: tuple[str, ...]) -> str:
    """The hook that is meant: as stated, or the one that asks about what is proposed."""
    known = sorted({*HOOKS, WORKLIST})
    if stated and stated not in known:
        raise RequestError(
            f"$apply: found the hook '{stated[:40]}', expected one of {', '.join(known)}. "
            "Correct it, or leave it out."
        )
    implied = "appointment-book" if "appointments" in proposed else "order-sign"
    hook = stated or (("order-select" if selections else implied) if proposed else "")
    wanted = {_ASKED_ABOUT[hook]} if hook in _ASKED_ABOUT else set()
    if wanted != {*proposed}:
        found = ", ".join(proposed) or "none"
        expected = ", ".join(wanted) or "none"
        raise RequestError(
            f"$apply: found proposals: {found}; expected for {hook or 'chart open'}: {expected}. "
            "Send the hook's own proposals, as a Bundle, and no others."
        )
    if selections and hook != "order-select":
        raise RequestError(
            f"$apply: found selections for {hook or 'chart open'}, expected them for order-select "
            "only. Take them away, or state the hook order-select."
        )
    return hook


def _proposed(given: list[_Parameter]) -> dict[str, Raw]:
    proposed: dict[str, Raw] = {}
    for found in given:
        if found.name in _PROPOSED:
            if found.name in proposed or not _bundle(found.resource):
                raise RequestError(
                    f"$apply: parameter '{found.name}': found something else, expected one FHIR "
                    "Bundle. Correct it."
                )
            proposed[found.name] = Raw(bytes(found.resource))
    return proposed


def _bundle(sent: Raw) -> ProposedBundle | None:
    try:
        bundle = read_proposed_bundle(Raw(bytes(sent) or b"null"))
    except (msgspec.ValidationError, RecursionError):
        return None
    return bundle if bundle.is_bundle else None


def _selections(given: list[_Parameter], proposed: Mapping[str, Raw]) -> tuple[str, ...]:
    """The drafts selected; one that names no draft would go unchecked without a word."""
    selections = tuple(_text(found) for found in given if found.name == "selections")
    bundle = _bundle(proposed["draftOrders"]) if "draftOrders" in proposed else None
    for selection in selections:
        if bundle is None or not bundle.holds(selection):
            raise RequestError(
                "$apply: parameter 'selections': found a name that no resource in draftOrders has, "
                "expected its Type/id. Correct it."
            )
    return selections


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
