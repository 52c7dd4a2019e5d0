"""How a request that cannot be understood is refused: element, found, expected, remedy."""

import re

import msgspec

from cds_service.errors import RequestError

_AT_ELEMENT = re.compile(r"^(.*) - at `\$\.?(.*)`$", re.DOTALL)


def refused(element: str, found: str, expected: str, remedy: str = "") -> RequestError:
    """The refusal in one sentence; it never quotes what stood in the request."""
    return RequestError(f"{element}: found {found}, expected {expected}. {remedy or 'Correct it'}.")


def wrong_member(parent: str, fault: msgspec.ValidationError) -> RequestError:
    """The fault in words: msgspec names the element and JSON types, never a value."""
    match = _AT_ELEMENT.match(str(fault))
    problem, place = (match[1], match[2]) if match else (str(fault), "")
    element = ".".join(part for part in (parent, place) if part) or "the body"
    return RequestError(f"{element}: {problem}. Correct the request as CDS Hooks 2.0 defines it.")


def nested_too_deeply() -> RequestError:
    """The refusal of JSON that no FHIR resource can be."""
    return refused("the body", "JSON nested too deeply", "the depth of FHIR resources")
