"""Who is calling: the JWT that a trusted client sends with every call.

CDS Hooks 2.0, "Trusting CDS Clients". The order is iss, aud, times, tenant and sub, signature;
whoever asks must then see that the token is new. Nothing that a token names is ever fetched.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cds_service.ehr.client_keys import ClientKeys
from cds_service.ehr.compact_jwt import LONGEST_TOKEN, header_and_claims, is_signed
from cds_service.errors import UntrustedCallerError
from cds_service.settings import Client

LONGEST_JTI = 1024
LONGEST_LIFE_SECONDS = 3600
"""A token that is valid for longer is refused: whoever steals it could use it for too long."""

_LATEST = 253402200000.0
"""A day before the year 9999 ends."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A client that proved who it is. `jti` must not have been seen before `expires_at`."""

    client: Client
    jti: str
    expires_at: datetime


class TrustedClients:
    """The clients of a site, and their keys."""

    def __init__(self, clients: Sequence[Client]) -> None:
        self._clients = clients
        self.keys = {client.name: ClientKeys(client) for client in clients}

    def caller(self, token: str, address: str, now: datetime) -> Caller:
        """Whose token it is. `address` is the URL called, as the outside knows it.

        Raises UntrustedCallerError, whose text is for the log alone.
        """
        header, claims = _read(token)
        client = self._claimed(claims)
        try:
            _check_audience(claims, (address, *client.audiences))
            expires = _check_times(claims, now.timestamp(), client.leeway_seconds)
            _check_sender(header, claims, client)
            self._check_signature(token, header, client)
            jti = _text(claims, "jti", LONGEST_JTI)
        except UntrustedCallerError as fault:
            raise UntrustedCallerError(str(fault), client.name) from None
        return Caller(client, jti, datetime.fromtimestamp(expires + client.leeway_seconds, UTC))

    def _claimed(self, claims: Mapping[str, Any]) -> Client:
        iss = _text(claims, "iss")
        same = [client for client in self._clients if client.iss == iss]
        if not same:
            raise UntrustedCallerError("iss is of no client in the configuration")
        tenant = claims.get("tenant")
        return next((each for each in same if each.tenant == tenant), same[0])

    def _check_signature(self, token: str, header: Mapping[str, Any], client: Client) -> None:
        algorithm, kid = _text(header, "alg"), _text(header, "kid")
        if algorithm not in client.algorithms:
            raise UntrustedCallerError("alg is not one of the client's algorithms")
        keys = self.keys[client.name]
        named = keys.named(kid)
        if not named:
            trouble = f" ({keys.problem})" if keys.problem else ""
            raise UntrustedCallerError(f"kid names no key of the client{trouble}")
        for each in named:
            if each.fits(algorithm) and is_signed(token, each.key, algorithm):
                return
        raise UntrustedCallerError("the signature is not the client's")


def _read(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, not yet believed."""
    try:
        header, claims = header_and_claims(token)
    except ValueError as fault:
        raise UntrustedCallerError(str(fault)) from None
    if str(header.get("typ")).upper() != "JWT":
        raise UntrustedCallerError("typ is not JWT")
    return header, claims


def _text(values: Mapping[str, Any], name: str, longest: int = LONGEST_TOKEN) -> str:
    found = values.get(name)
    if not isinstance(found, str) or not found or len(found) > longest:
        raise UntrustedCallerError(f"{name} is missing or not a text")
    return found


def _check_audience(claims: Mapping[str, Any], accepted: tuple[str, ...]) -> None:
    aud = claims.get("aud")
    named = aud if isinstance(aud, list) else [aud]
    if not any(isinstance(each, str) and each in accepted for each in named):
        raise UntrustedCallerError(f"aud is not {accepted[0]}")


def _check_times(claims: Mapping[str, Any], now: float, leeway: int) -> float:
    """Checks exp, iat and nbf; gives exp."""
    exp, iat = _moment(claims, "exp"), _moment(claims, "iat")
    nbf = _moment(claims, "nbf") if "nbf" in claims else iat
    if exp + leeway <= now:
        raise UntrustedCallerError("exp has passed")
    if iat - leeway > now or nbf - leeway > now:
        raise UntrustedCallerError("iat or nbf lies ahead")
    if exp - iat > LONGEST_LIFE_SECONDS:
        raise UntrustedCallerError("the token is valid for more than an hour")
    return exp


def _moment(claims: Mapping[str, Any], name: str) -> float:
    found = claims.get(name)
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    if found is None or not is_number or not 0 <= found < _LATEST:
        raise UntrustedCallerError(f"{name} is missing or not a time")
    return float(found)


def _check_sender(header: Mapping[str, Any], claims: Mapping[str, Any], client: Client) -> None:
    for name, expected in (("tenant", client.tenant), ("sub", client.sub)):
        if expected and claims.get(name) != expected:
            raise UntrustedCallerError(f"{name} is not the client's")
    # Beside a pinned key set the token may name any address: it is never looked at.
    if client.jku and header.get("jku", client.jku) != client.jku:
        raise UntrustedCallerError("jku is not the client's")
