"""The id_token of a sign-in: who somebody is, on the word of the issuer that signed it.

OpenID Connect Core, 3.1.3.7. Nothing that the token names is ever fetched.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Any

from cds_service.ehr.authorization_server import AuthorizationServer
from cds_service.ehr.client_keys import PublicKey, public_keys
from cds_service.ehr.compact_jwt import header_and_claims, is_signed
from cds_service.errors import NotObtainedError, SignInRefusedError

ALGORITHMS = ("RS256", "RS384", "ES256", "ES384")
LEEWAY_SECONDS = 60
LONGEST_SUB = 255
SECONDS_BETWEEN_READINGS = 60.0
"""At least, once the keys are known: unknown key ids must not make the service ask without end."""

SECONDS_KEPT = 3600.0

_LATEST = 253402200000.0


@dataclass(frozen=True, slots=True)
class Expected:
    """What the id_token of this sign-in must say."""

    issuer: str
    client_id: str
    nonce: str
    access_token: str


class IssuerKeys:
    """The keys by which a server signs, read again when one is unknown."""

    def __init__(
        self, server: AuthorizationServer, monotonic_clock: Callable[[], float] = monotonic
    ) -> None:
        self._server = server
        self._now = monotonic_clock
        self._lock = Lock()
        self._keys: tuple[PublicKey, ...] = ()
        self._read_at = float("-inf")

    def fitting(self, kid: str | None, algorithm: str) -> list[PublicKey]:
        """The keys that may have signed; without an id the one that fits, if it is the only one.

        Raises NotObtainedError when there are no keys to be had.
        """
        with self._lock:
            if self._now() - self._read_at >= SECONDS_KEPT:
                self._read()
            found = self._fitting(kid, algorithm)
            if not found and self._now() - self._read_at >= SECONDS_BETWEEN_READINGS:
                self._read()
                found = self._fitting(kid, algorithm)
            return found

    def look(self) -> int:
        """Reads the keys; how many can be used. Raises NotObtainedError."""
        with self._lock:
            self._read()
            return len(self._keys)

    def _fitting(self, kid: str | None, algorithm: str) -> list[PublicKey]:
        found = [key for key in self._keys if kid in (None, key.kid) and key.fits(algorithm)]
        return found if kid is not None or len(found) == 1 else []

    def _read(self) -> None:
        try:
            self._keys = public_keys(self._server.get(self._server.endpoints().jwks))
        except ValueError as fault:
            raise NotObtainedError("not-a-key-set", f"has no usable keys: {fault}") from None
        self._read_at = self._now()


def checked_claims(
    token: str, keys: IssuerKeys, expected: Expected, now: datetime
) -> dict[str, Any]:
    """The claims of an id_token that holds.

    Raises SignInRefusedError, whose text says which check failed, NotObtainedError.
    """
    try:
        header, claims = header_and_claims(token)
        _check_signature(token, header, keys)
        _check_times(claims, now.timestamp())
        _check_names(claims, expected)
        _check_rest(header, claims, expected, now)
    except ValueError as fault:
        raise SignInRefusedError(
            f"What the sign-in server says of the person cannot be believed: {fault}. Nobody was "
            "signed in. Try again; if it comes again, tell hospital IT."
        ) from None
    return claims


def _check_signature(token: str, header: Mapping[str, Any], keys: IssuerKeys) -> None:
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in ALGORITHMS:
        raise ValueError(f"the id_token is not signed by one of {', '.join(ALGORITHMS)}")
    if kid is not None and (not isinstance(kid, str) or not kid):
        raise ValueError("the id_token names its key in a way that cannot be read")
    candidates = keys.fitting(kid, algorithm)
    if not candidates:
        raise ValueError("the id_token is signed by a key that the server does not publish")
    if not any(is_signed(token, each.key, algorithm) for each in candidates):
        raise ValueError("the signature of the id_token is wrong")


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    exp, iat = _moment(claims, "exp"), _moment(claims, "iat")
    nbf = _moment(claims, "nbf") if "nbf" in claims else iat
    if exp + LEEWAY_SECONDS <= now:
        raise ValueError("the id_token has expired")
    if iat - LEEWAY_SECONDS > now or nbf - LEEWAY_SECONDS > now:
        raise ValueError("the id_token was made in the future: compare the clocks")


def _check_names(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise ValueError("the id_token is of another issuer")
    aud = claims.get("aud")
    named = aud if isinstance(aud, list) else [aud]
    if expected.client_id not in named or not all(isinstance(each, str) for each in named):
        raise ValueError("the id_token is for another application")
    sub = claims.get("sub")
    if not isinstance(sub, str) or not 0 < len(sub) <= LONGEST_SUB or not sub.isprintable():
        raise ValueError("the id_token does not say who signed in (sub)")
    if claims.get("nonce") != expected.nonce:
        raise ValueError("the id_token belongs to another sign-in (nonce)")


def _check_rest(
    header: Mapping[str, Any], claims: Mapping[str, Any], expected: Expected, now: datetime
) -> None:
    """What OpenID Connect asks beyond: azp, at_hash and the kinds of the other claims."""
    # Half of Authlib: only a service that signs people in pays for its import.
    from authlib.oidc.core import CodeIDToken  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415

    known = {"client_id": expected.client_id, "access_token": expected.access_token}
    try:
        CodeIDToken(claims, header, params=known | {"nonce": expected.nonce}).validate(
            int(now.timestamp()), LEEWAY_SECONDS
        )
    except (JoseError, TypeError, AttributeError):
        raise ValueError(
            "a claim of the id_token does not hold (azp, at_hash or another)"
        ) from None


def _moment(claims: Mapping[str, Any], name: str) -> float:
    found = claims.get(name)
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    if found is None or not is_number or not 0 <= found < _LATEST:
        raise ValueError(f"the id_token has no {name} that is a time")
    return float(found)
