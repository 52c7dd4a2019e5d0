"""Tokens of trusted clients, signed with real keys."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ISS = "https://ehr.example/fhir"


def ec_key(kid: str, curve: str = "P-384") -> ECKey:
    """An EC key pair with an id."""
    return ECKey.generate_key(curve, {"kid": kid}, private=True)


def rsa_key(kid: str, bits: int = 2048) -> RSAKey:
    """An RSA key pair with an id."""
    return RSAKey.generate_key(bits, {"kid": kid}, private=True)


def key_set(*keys: ECKey | RSAKey) -> bytes:
    """The public halves as a JWKS."""
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]}).encode()


def claims(audience: object, **other: object) -> dict[str, object]:
    """What a client says in a token made now for five minutes; `other` replaces, None removes."""
    said = {
        "iss": ISS,
        "aud": audience,
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(minutes=5)).timestamp()),
        "jti": str(uuid4()),
    } | other
    return {name: found for name, found in said.items() if found is not None}


@dataclass(frozen=True)
class Signer:
    """A client's key, and how it signs with it."""

    key: ECKey | RSAKey
    algorithm: str = "ES384"

    def token(self, said: Mapping[str, Any], **header: object) -> str:
        """The claims as a signed JWT; `header` replaces members of its header, None removes."""
        named = {"alg": self.algorithm, "kid": self.key.kid, "typ": "JWT"} | header
        kept = {name: found for name, found in named.items() if found is not None}
        return jws.serialize_compact(
            kept, json.dumps(said).encode(), self.key, algorithms=[str(kept.get("alg"))]
        )


def unsigned(header: Mapping[str, object], said: Mapping[str, object], signature: str = "") -> str:
    """A token put together by hand."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode()
        for each in (header, said)
    ]
    return ".".join([*parts, signature])


def key_file(folder: Path, *keys: ECKey | RSAKey) -> Path:
    """The public keys in a file, as a site pins them."""
    path = folder / "keys.json"
    path.write_bytes(key_set(*keys))
    return path
