"""A CDS Hooks request: the body of a hook's POST, read at the border.

Prefetch values stay undecoded (`msgspec.Raw`): most patients have no pump, and `fhir` reads of each
resource only what it needs.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from cds_service.cds_hooks.contexts import PATIENTS, HookContext, read_context
from cds_service.cds_hooks.refusals import nested_too_deeply, refused, wrong_member
from cds_service.cds_hooks.triggers import NO_TRIGGER, Trigger, read_trigger
from cds_service.errors import RequestError

_UUID = re.compile(r"(?:urn:uuid:)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
_HOOK_NAME = re.compile(r"[\w.-]{1,64}", re.ASCII)
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class HookRequest:
    """One call of a hook. `hook_instance` is a lower-case UUID, whichever way it was written.

    `prefetch` maps the keys that were sent to their JSON, undecoded; empty when none were sent.
    `trigger` is what made the EHR call, where it says so. `access_token` opens `fhir_server`, and
    nothing else, for as long as this call lasts.
    """

    hook: str
    hook_instance: str
    context: HookContext
    prefetch: Mapping[str, msgspec.Raw]
    fhir_server: str | None = None
    trigger: Trigger = NO_TRIGGER
    access_token: str | None = field(default=None, repr=False)

    @property
    def patient_id(self) -> str:
        """Whose chart it is."""
        return self.context.patient_id

    @property
    def occasion(self) -> str:
        """The hook whose advice fits: the one called, or the one that its trigger stands for."""
        return (self.trigger.hook if self.hook == "patient-view" else "") or self.hook

    @property
    def is_by_patient(self) -> bool:
        """True when the patient, or a person close to her, is the user: no clinician reads it."""
        return self.context.user_id.startswith(tuple(f"{kind}/" for kind in PATIENTS))


class _Authorization(msgspec.Struct):
    patient: str | None = None
    access_token: str | None = None


class _Body(msgspec.Struct, rename="camel"):
    hook: str
    hook_instance: str
    context: msgspec.Raw
    prefetch: dict[str, msgspec.Raw] | None = None
    fhir_server: str | None = None
    fhir_authorization: msgspec.Raw = msgspec.Raw()
    extension: msgspec.Raw = msgspec.Raw()


_BODY = msgspec.json.Decoder(_Body)
_AUTHORIZATION = msgspec.json.Decoder(_Authorization | None)


def read_request(body: bytes, expected_hook: str) -> HookRequest:
    """The request in a POST's body.

    Members it does not know, and `extension`, are tolerated. Raises RequestError, which names the
    member at fault and never quotes what stood in it.
    """
    parsed = _parsed_body(body)
    _check_duplicates(body, parsed)
    if parsed.hook != expected_hook:
        raise refused("hook", _hook_name(parsed.hook), f"'{expected_hook}'", _CALL_OTHER_SERVICE)
    context = read_context(expected_hook, parsed.context)
    access_token = _access_token(parsed, context.patient_id)
    return HookRequest(
        hook=parsed.hook,
        hook_instance=_hook_instance(parsed.hook_instance),
        context=context,
        prefetch=parsed.prefetch or {},
        fhir_server=parsed.fhir_server,
        trigger=read_trigger(parsed.extension),
        access_token=access_token,
    )


_CALL_OTHER_SERVICE = "Call the service that GET /cds-services lists for that hook"


def _parsed_body(body: bytes) -> _Body:
    _check_encoding(body)
    try:
        return _BODY.decode(body)
    except msgspec.ValidationError as fault:
        raise wrong_member("", fault) from None
    except msgspec.DecodeError as fault:
        raise _not_json(body, fault) from None
    except RecursionError:
        raise nested_too_deeply() from None


def _check_encoding(body: bytes) -> None:
    if not body:
        raise refused("the body", "nothing", "a JSON object", "Send the hook's request as JSON")
    if body.startswith(_BYTE_ORDER_MARK):
        raise refused("the body", "a byte order mark", "JSON without one", "Remove it")
    # msgspec does not look into the strings it skips.
    if body.isascii():
        return
    try:
        body.decode()
    except UnicodeDecodeError as fault:
        found = f"bytes that are not UTF-8, from byte {fault.start} on"
        raise refused("the body", found, "UTF-8", "Send the JSON in UTF-8") from None


def _not_json(body: bytes, fault: msgspec.DecodeError) -> RequestError:
    found = f"something that is not JSON ({fault})"
    if b"\\ud" in body.lower():
        found += ", perhaps half of a surrogate pair"
    remedy = "Send strict JSON: no NaN, no comments, no trailing commas, nothing after the object"
    return refused("the body", found, "one JSON object", remedy)


def _check_duplicates(body: bytes, parsed: _Body) -> None:
    """Refuses members sent twice: the decoder keeps the last and forgets the others.

    A body as short as what was kept of it holds nothing else; only its small parts are looked
    through. Any other is looked through whole.
    """
    texts = {
        "hook": parsed.hook,
        "hookInstance": parsed.hook_instance,
        "fhirServer": parsed.fhir_server,
    }
    parts = {
        "context": bytes(parsed.context),
        "fhirAuthorization": bytes(parsed.fhir_authorization),
        "extension": bytes(parsed.extension),
    }
    lengths = {name: len(text) + 2 for name, text in texts.items() if text is not None}
    lengths |= {name: len(part) for name, part in parts.items() if part}
    if parsed.prefetch is not None:
        lengths["prefetch"] = _least({key: len(raw) for key, raw in parsed.prefetch.items()})
    whole = len(body) > _least(lengths)
    for text in (body,) if whole else filter(None, parts.values()):
        _look_through(text)


def _least(lengths: Mapping[str, int]) -> int:
    """The bytes of the shortest JSON object whose members have these names and lengths."""
    members = sum(len(name.encode()) + len('"":') + length for name, length in lengths.items())
    return len("{}") + members + max(0, len(lengths) - 1)


def _look_through(text: bytes) -> None:
    try:
        json.loads(text, object_pairs_hook=_members_once, parse_int=str, parse_float=str)
    except RecursionError:
        raise nested_too_deeply() from None


def _members_once(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        remedy = "Send each member of an object once"
        raise refused("the body", "a member that is there twice", "JSON without", remedy)


def _access_token(parsed: _Body, patient_id: str) -> str | None:
    """The token for the patient's record, where one was sent."""
    if not bytes(parsed.fhir_authorization):
        return None
    try:
        authorization = _AUTHORIZATION.decode(parsed.fhir_authorization)
    except msgspec.ValidationError as fault:
        raise wrong_member("fhirAuthorization", fault) from None
    if authorization is None:
        return None
    if not parsed.fhir_server:
        remedy = "Send both, or neither"
        raise refused("fhirAuthorization", "no fhirServer beside it", "fhirServer", remedy)
    if authorization.patient is not None and authorization.patient != patient_id:
        remedy = "Send a token for the patient whose chart is open"
        raise refused(
            "fhirAuthorization.patient", "another patient", "the id in context.patientId", remedy
        )
    token: str | None = authorization.access_token
    if token is not None and not _TOKEN.fullmatch(token):
        remedy = "Send the token as the authorization server gave it"
        raise refused(
            "fhirAuthorization.access_token", "something else", "a bearer token (RFC 6750)", remedy
        )
    return token


def _hook_instance(text: str) -> str:
    match = _UUID.fullmatch(text)
    if match is None:
        raise refused("hookInstance", "something else", "a UUID", "Send a new UUID for each call")
    return match[1].lower()


def _hook_name(text: str) -> str:
    return f"'{text}'" if _HOOK_NAME.fullmatch(text) else "something that names no hook"
