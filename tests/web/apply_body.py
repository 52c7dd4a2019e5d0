"""The body of `$apply` with the data that a hook's request carries."""

import json
from typing import Any

Json = dict[str, Any]


def apply_body(prefetch: Json, subject: str = "Patient/p1", **also: str) -> Json:
    """Parameters with prefetch's keys as parts; a key without a resource is sent without data."""
    parts = [
        {
            "name": "prefetchData",
            "part": [
                {"name": "key", "valueString": key},
                *([{"name": "data", "resource": sent}] if sent else []),
            ],
        }
        for key, sent in prefetch.items()
    ]
    given = [{"name": name, "valueString": value} for name, value in also.items()]
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": "subject", "valueString": subject}, *given, *parts],
    }


def apply_as_hook(request: Json, hook: str) -> Json:
    """Parameters with all that a hook's request carries: data, proposals and selections.

    `hook` empty leaves it to the plan as whose answer it is applied.
    """
    context = request["context"]
    stated = {"hook": hook} if hook else {}
    body = apply_body(request.get("prefetch") or {}, f"Patient/{context['patientId']}", **stated)
    body["parameter"] += [
        {"name": name, "resource": context[name]}
        for name in ("draftOrders", "appointments")
        if name in context
    ]
    body["parameter"] += [
        {"name": "selections", "valueString": each} for each in context.get("selections", ())
    ]
    return body


def apply_with_bundle(bundle: Json, subject: str = "Patient/p1") -> Json:
    """Parameters with the data as one Bundle."""
    return {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "subject", "valueString": subject},
            {"name": "data", "resource": bundle},
        ],
    }


def encoded(content: Json) -> bytes:
    return json.dumps(content).encode()
