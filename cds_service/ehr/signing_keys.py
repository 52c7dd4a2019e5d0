"""Our own key pairs, by which this service proves who it is to authorization servers.

SMART App Launch 2.2, asymmetric client authentication: ES384 with P-384, or RS384 with 2048 bits.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from cds_service.errors import SettingsError

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SECONDS_VALID = 300

_SMALLEST_RSA_BITS = 2048
_LARGEST_FILE = 64 * 1024


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key, the id under which its public half is published, and how it signs."""

    key: ECKey | RSAKey
    kid: str
    algorithm: str

    def public(self) -> dict[str, Any]:
        """The public half as a JWK, nothing private in it."""
        public = dict(self.key.as_dict(private=False))
        return public | {"kid": self.kid, "alg": self.algorithm, "use": "sig"}

    def assertion(self, client_id: str, endpoint: str, now: datetime) -> str:
        """A JWT that says to one endpoint, for five minutes, which client we are."""
        # Half of Authlib: only a service that signs pays for its import.
        from authlib.oauth2.rfc7523 import private_key_jwt_sign  # noqa: PLC0415

        signed: str = private_key_jwt_sign(
            self.key,
            client_id,
            endpoint,
            alg=self.algorithm,
            header={"kid": self.kid, "typ": "JWT"},
            issued_at=int(now.timestamp()),
            expires_in=SECONDS_VALID,
        )
        return signed


def assertion_fields(
    key: SigningKey, client_id: str, endpoint: str, now: datetime
) -> dict[str, str]:
    """The form fields that prove who asks a token endpoint."""
    return {
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": key.assertion(client_id, endpoint, now),
    }


def signing_key(file: Path, setting: str) -> SigningKey:
    """The key pair in a file, PEM or JWK; `setting` names where the file is named.

    The id is the JWK's own, else the key's thumbprint (RFC 7638). Raises SettingsError.
    """
    try:
        text = file.read_bytes()
        key = _key(text) if len(text) <= _LARGEST_FILE else None
    except (OSError, JoseError, ValueError, TypeError, KeyError, RecursionError):
        key = None
    algorithm = _algorithm(key) if key else ""
    if key is None or not algorithm:
        raise SettingsError(
            f"{setting}: found no private key that can be used in {file}, expected an EC key on "
            f"P-384 (ES384) or an RSA key of {_SMALLEST_RSA_BITS} bits or more (RS384), as PEM "
            "without password or as JWK. Make one with: openssl genpkey -algorithm EC -pkeyopt "
            "ec_paramgen_curve:P-384"
        )
    return SigningKey(key, str(key.kid or key.thumbprint()), algorithm)


def published_keys(keys: Iterable[SigningKey]) -> dict[str, Any]:
    """The JWKS of our keys' public halves, each once."""
    by_id = {key.kid: key.public() for key in keys}
    return {"keys": list(by_id.values())}


def _key(text: bytes) -> ECKey | RSAKey:
    if not text.lstrip().startswith(b"{"):
        try:
            return ECKey.import_key(text)
        except (JoseError, ValueError, TypeError):
            return RSAKey.import_key(text)
    entry = json.loads(text)
    kinds: dict[object, type[ECKey | RSAKey]] = {"EC": ECKey, "RSA": RSAKey}
    return kinds[entry.get("kty")].import_key(entry)


def _algorithm(key: ECKey | RSAKey) -> str:
    """By which a key signs; '' for one that is public, too weak or of another kind."""
    if not key.is_private:
        return ""
    if isinstance(key, ECKey):
        return "ES384" if key.curve_name == "P-384" else ""
    return "RS384" if key.public_key.key_size >= _SMALLEST_RSA_BITS else ""
