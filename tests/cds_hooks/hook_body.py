"""Bodies of hook calls, ordinary but for what a test states."""

import json
from typing import Any

HOOK_INSTANCE = "7c8d3c1e-4f0b-4d5e-9a57-0d1f6a2b3c4d"
NO_ENTRIES = {"resourceType": "Bundle", "type": "searchset", "total": 0}
NO_PUMP = {
    "patient": {"resourceType": "Patient", "id": "p1"},
    "devices": NO_ENTRIES,
    "medicationAdministrations": NO_ENTRIES,
    "procedures": NO_ENTRIES,
}


def a_body(**members: Any) -> dict[str, Any]:
    """A patient-view call for a patient without a pump; a member given as None is left out."""
    body = {
        "hook": "patient-view",
        "hookInstance": HOOK_INSTANCE,
        "context": {"userId": "Practitioner/1", "patientId": "p1"},
        "prefetch": NO_PUMP,
    } | members
    return {name: value for name, value in body.items() if value is not None}


def as_json(body: Any) -> bytes:
    """The body as bytes."""
    return json.dumps(body).encode()


def a_context(**members: Any) -> dict[str, Any]:
    """A patient-view context."""
    context = {"userId": "Practitioner/1", "patientId": "p1"} | members
    return {name: value for name, value in context.items() if value is not None}


SOUND = as_json(a_body())
MALFORMED = {
    "empty": (b"", "the body: found nothing"),
    "not JSON": (b"hello", "the body: found something that is not JSON"),
    "an array": (b"[]", "the body: Expected `object`, got `array`"),
    "null": (b"null", "the body: Expected `object`, got `null`"),
    "cut off": (SOUND[:-20], "not JSON"),
    "trailing garbage": (SOUND + b" x", "not JSON"),
    "two objects": (SOUND + SOUND, "not JSON"),
    "byte order mark": (b"\xef\xbb\xbf" + SOUND, "a byte order mark"),
    "UTF-16": (SOUND.decode().encode("utf-16"), "not UTF-8"),
    "invalid UTF-8 in a value nobody reads": (
        SOUND.replace(b'"id": "p1"', b'"id": "p\xff"'),
        "not UTF-8, from byte",
    ),
    "half a surrogate pair": (SOUND.replace(b'"id": "p1"', b'"id": "\\ud800"'), "surrogate"),
    "NaN": (SOUND.replace(b'"total": 0', b'"total": NaN'), "not JSON"),
    "comment": (SOUND.replace(b"{", b"{/* */", 1), "not JSON"),
    "nested 5000 deep": (
        SOUND.replace(b'"total": 0', b'"x": ' + b"[" * 5000 + b"]" * 5000),
        "nested too deeply",
    ),
    "nested 100 000 deep and cut off": (b'{"x":' + b'{"a":' * 100_000, "nested too deeply"),
    "no hook": (as_json(a_body(hook=None)), "missing required field `hook`"),
    "another hook": (as_json(a_body(hook="order-sign")), "found 'order-sign', expected"),
    "hook that is no name": (as_json(a_body(hook="<b>")), "something that names no hook"),
    "hook as a number": (as_json(a_body(hook=5)), "hook: Expected `str`, got `int`"),
    "no hookInstance": (as_json(a_body(hookInstance=None)), "required field `hookInstance`"),
    "hookInstance no UUID": (as_json(a_body(hookInstance="42")), "hookInstance: found"),
    "no context": (as_json(a_body(context=None)), "required field `context`"),
    "context a string": (as_json(a_body(context="p1")), "context: Expected `object`, got `str`"),
    "no patientId": (as_json(a_body(context=a_context(patientId=None))), "field `patientId`"),
    "patientId empty": (as_json(a_body(context=a_context(patientId=" "))), "context.patientId"),
    "patientId a number": (
        as_json(a_body(context=a_context(patientId=5))),
        "context.patientId: Expected `str`",
    ),
    "no userId": (as_json(a_body(context=a_context(userId=None))), "field `userId`"),
    "userId without type": (as_json(a_body(context=a_context(userId="1"))), "context.userId"),
    "userId of another type": (
        as_json(a_body(context=a_context(userId="Device/1"))),
        "Practitioner, PractitionerRole, Patient, RelatedPerson",
    ),
    "userId without id": (
        as_json(a_body(context=a_context(userId="Practitioner/"))),
        "context.userId",
    ),
    "prefetch an array": (as_json(a_body(prefetch=[])), "prefetch: Expected `object | null`"),
    "prefetch a string": (as_json(a_body(prefetch="x")), "prefetch: Expected `object | null`"),
    "authorization without server": (
        as_json(a_body(fhirAuthorization={"access_token": "t"})),
        "fhirAuthorization: found no fhirServer",
    ),
    "token of another patient": (
        as_json(a_body(fhirServer="https://ehr.example.org", fhirAuthorization={"patient": "p2"})),
        "fhirAuthorization.patient: found another patient",
    ),
}
"""Bodies that are no hook call, each with words that its refusal must hold."""
