"""A JWT in compact form: what stands in it before it is believed, and whether a key signed it."""

import base64
import binascii
import json
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

LONGEST_TOKEN = 16 * 1024

_PARTS = 3


def header_and_claims(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, not yet believed. Raises ValueError, whose text quotes nothing of them."""
    parts = token.split(".")
    if len(token) > LONGEST_TOKEN or len(parts) != _PARTS or not all(parts):
        raise ValueError("the token is not a signed JWT in compact form")
    header, claims = _json(parts[0]), _json(parts[1])
    if "crit" in header or "b64" in header:
        raise ValueError("the header asks for an extension")
    return header, claims


def is_signed(token: str, key: Any, algorithm: str) -> bool:
    """Whether the key signed the token by this algorithm, whatever the token says of itself."""
    # Members of the header that nobody knows are passed over, as RFC 7515 says.
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = LONGEST_TOKEN
    try:
        jws.deserialize_compact(token, key, algorithms=[algorithm], registry=registry)
    except (JoseError, ValueError, TypeError):
        return False
    return True


def _json(part: str) -> dict[str, Any]:
    try:
        text = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        found = json.loads(text, object_pairs_hook=_once)
    except (binascii.Error, ValueError, RecursionError):
        raise ValueError("the token does not hold JSON") from None
    if not isinstance(found, dict):
        raise ValueError("the token does not hold a JSON object")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member twice")
    return found
