"""The public keys by which a trusted client signs: from the file or the address the site names."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from cds_service.ehr.web_client import WebClient
from cds_service.errors import NotObtainedError
from cds_service.settings import Client

Key = ECKey | RSAKey

LARGEST_KEY_SET = 64 * 1024
SECONDS_BETWEEN_READINGS = 60.0
"""At least: a token with an unknown key id must not make the service ask without end."""

SECONDS_KEPT = 3600.0
SECONDS_TO_WAIT = 2.0

_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
_SMALLEST_RSA_BITS = 2048
_OK = 200


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One key of a client's set, and what it may be used for."""

    kid: str
    key: Key
    algorithm: str = ""

    def fits(self, algorithm: str) -> bool:
        """Whether a signature by that algorithm can be this key's."""
        if self.algorithm not in ("", algorithm):
            return False
        if isinstance(self.key, ECKey):
            return self.key.curve_name == _CURVES.get(algorithm)
        return algorithm[:2] in ("RS", "PS") and self.key.public_key.key_size >= _SMALLEST_RSA_BITS


class ClientKeys:
    """The keys of one client, read again when they change.

    A file is read again when it was written; an address once an hour, and for an unknown key at
    most once a minute. What was read last stays in use while nothing newer can be had.
    """

    def __init__(self, client: Client, monotonic_clock: Callable[[], float] = monotonic) -> None:
        self._client = client
        self._now = monotonic_clock
        self._lock = Lock()
        self._keys: tuple[PublicKey, ...] = ()
        self._stamp: tuple[int, int] | None = None
        self._read_at = float("-inf")
        self._web = WebClient(client.allow_private_network, client.ca_file) if client.jku else None
        self.problem = ""

    def named(self, kid: str) -> list[PublicKey]:
        """The keys with that id; none when the client has no such key."""
        found = self._found(kid)
        # Without waiting for whoever reads the keys just now.
        if found and self._client.jku and self._now() - self._read_at < SECONDS_KEPT:
            return found
        with self._lock:
            self._refresh(needed=False)
            if not self._found(kid):
                self._refresh(needed=True)
            return self._found(kid)

    def look(self) -> str:
        """Reads the keys; why they cannot be used, or nothing."""
        with self._lock:
            self._refresh(needed=True)
            return self.problem

    def _found(self, kid: str) -> list[PublicKey]:
        return [each for each in self._keys if each.kid == kid]

    def _refresh(self, needed: bool) -> None:
        try:
            text = self._from_file() if self._client.jwks else self._from_address(needed)
            if text is not None:
                self._keys = public_keys(text)
                self.problem = ""
        except (NotObtainedError, OSError, ValueError) as fault:
            self.problem = f"{type(fault).__name__}: {fault}"

    def _from_file(self) -> bytes | None:
        """The file's content when it is not the one read last."""
        assert self._client.jwks  # noqa: S101
        found = self._client.jwks.stat()
        stamp = (found.st_mtime_ns, found.st_size)
        if stamp == self._stamp:
            return None
        text = self._client.jwks.read_bytes()
        self._stamp = stamp
        return text

    def _from_address(self, needed: bool) -> bytes | None:
        age = self._now() - self._read_at
        if age < (SECONDS_BETWEEN_READINGS if needed or not self._keys else SECONDS_KEPT):
            return None
        self._read_at = self._now()
        assert self._web  # noqa: S101
        reply = self._web.get(
            self._client.jku, {"Accept": "application/json"}, SECONDS_TO_WAIT, LARGEST_KEY_SET
        )
        if reply.status != _OK:
            raise NotObtainedError(str(reply.status), f"answered with status {reply.status}")
        return reply.body


def public_keys(text: bytes) -> tuple[PublicKey, ...]:
    """The usable keys of a JWKS.

    Keys without id, for encryption, symmetric or broken are passed over. Raises ValueError when it
    is no JWKS, holds a private key, or no usable key.
    """
    try:
        entries = json.loads(text)["keys"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError("the key set is not a JWKS: a JSON object with a list 'keys'") from None
    if not isinstance(entries, list):
        raise ValueError("the key set is not a JWKS: 'keys' is no list")
    if any(isinstance(entry, dict) and "d" in entry for entry in entries):
        raise ValueError("the key set holds a private key; only public keys belong into it")
    keys = tuple(key for entry in entries if (key := _public_key(entry)))
    if not keys:
        raise ValueError("the key set holds no EC or RSA key with an id that can be used")
    return keys


def _public_key(entry: Any) -> PublicKey | None:
    kinds: dict[object, type[Key]] = {"EC": ECKey, "RSA": RSAKey}
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    kind, kid, algorithm = kinds.get(entry.get("kty")), entry.get("kid"), entry.get("alg", "")
    operations = entry.get("key_ops", ["verify"])
    if kind is None or not isinstance(kid, str) or not kid or not isinstance(algorithm, str):
        return None
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    try:
        key = kind.import_key({name: text for name, text in entry.items() if name != "alg"})
        _ = key.public_key
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return PublicKey(kid, key, algorithm)
