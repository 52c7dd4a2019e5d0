"""An authorization server that the site named: where it is asked, and tokens for a code.

SMART App Launch 2.2 and OpenID Connect, authorization code with PKCE. Servers that the site does
not name are never asked anything.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import quote_plus, urlsplit

from cds_service.ehr.call import in_time
from cds_service.ehr.signing_keys import SigningKey, assertion_fields
from cds_service.ehr.web_client import Reply, WebClient
from cds_service.errors import NotObtainedError
from cds_service.settings import Issuer

LARGEST_ANSWER = 64 * 1024
SECONDS_TO_WAIT = 5.0
SECONDS_FOR_A_NAME = 2.0
SECONDS_KEPT = 3600.0
SECONDS_A_FAILURE_HOLDS = 5.0
"""A server that does not answer is not asked again at once: each try holds a thread."""

_OK = 200
_REDIRECTS = range(300, 400)
_REFUSED = (400, 401)
_JSON = {"Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What a server says of itself: where it is asked, and who signs its id_tokens.

    `only_old_scopes`: it knows the scopes of SMART 1 alone (`.read` for `.rs`).
    """

    authorization: str
    token: str
    issuer: str
    jwks: str
    revocation: str = ""
    only_old_scopes: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """How we prove to a server who we are: by a key, by a secret, or by neither."""

    key: SigningKey | None = None
    secret: str = ""


class AuthorizationServer:
    """One issuer's server; what it says of itself is kept for an hour."""

    def __init__(
        self,
        issuer: Issuer,
        proof: Proof,
        monotonic_clock: Callable[[], float] = monotonic,
    ) -> None:
        self.issuer = issuer
        self.web = WebClient(issuer.allow_private_network, issuer.ca_file)
        self._proof = proof
        self._now = monotonic_clock
        self._lock = Lock()
        self._endpoints: Endpoints | None = None
        self._failure: NotObtainedError | None = None
        self._read_at = float("-inf")

    def endpoints(self) -> Endpoints:
        """What the server says of itself. Raises NotObtainedError."""
        with self._lock:
            age = self._now() - self._read_at
            if self._endpoints and age < SECONDS_KEPT:
                return self._endpoints
            if self._failure and age < SECONDS_A_FAILURE_HOLDS:
                raise NotObtainedError(self._failure.status, str(self._failure))
            try:
                self._endpoints, self._failure = self._discovered(), None
            except NotObtainedError as fault:
                self._endpoints, self._failure = None, fault
                raise
            finally:
                self._read_at = self._now()
            return self._endpoints

    def tokens(self, code: str, verifier: str, redirect_uri: str, now: datetime) -> dict[str, Any]:
        """The token response for a code, as it came.

        Raises NotObtainedError when the server refuses, or gives no answer that can be used.
        """
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        reply = self._posted(self.endpoints().token, fields, now)
        if reply.status in _REFUSED:
            raise NotObtainedError(str(reply.status), _refusal(reply))
        answer = _json_of(reply)
        token_type = answer.get("token_type")
        is_bearer = isinstance(token_type, str) and token_type.lower() == "bearer"
        if not is_bearer or not _text(answer, "access_token"):
            raise NotObtainedError("not-a-token", "answered without a bearer token")
        return answer

    def revoke(self, token: str, now: datetime) -> None:
        """Takes a token back, where the server offers it. Raises NotObtainedError."""
        endpoint = self.endpoints().revocation
        if endpoint:
            self._posted(endpoint, {"token": token}, now)

    def get(self, url: str) -> bytes:
        """The body of a good answer to a GET without token. Raises NotObtainedError."""
        reply = in_time(
            SECONDS_TO_WAIT, lambda: self.web.get(url, _JSON, SECONDS_TO_WAIT, LARGEST_ANSWER)
        )
        _check_status(reply)
        return reply.body

    def practitioner(self, user: str, token: str) -> dict[str, Any]:
        """The Practitioner who opened the app, read with the launch's token. NotObtainedError."""
        url = f"{self.issuer.iss.rstrip('/')}/{user}"
        headers = {"Accept": "application/fhir+json", "Authorization": f"Bearer {token}"}
        reply = in_time(
            SECONDS_FOR_A_NAME,
            lambda: self.web.get(url, headers, SECONDS_FOR_A_NAME, LARGEST_ANSWER),
        )
        return _json_of(reply)

    def _posted(self, url: str, fields: Mapping[str, str], now: datetime) -> Reply:
        sent, headers = {**fields}, {**_JSON}
        client_id, secret = self.issuer.client_id, self._proof.secret
        match self.issuer.authentication:
            case "private_key_jwt" if self._proof.key:
                sent |= assertion_fields(self._proof.key, client_id, url, now)
            case "client_secret_basic":
                # RFC 6749, 2.3.1: each half is encoded as in a form before they are joined.
                pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
                headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
            case "client_secret_post":
                sent |= {"client_id": client_id, "client_secret": secret}
            case _:
                sent["client_id"] = client_id
        return in_time(
            SECONDS_TO_WAIT,
            lambda: self.web.post_form(url, sent, headers, SECONDS_TO_WAIT, LARGEST_ANSWER),
        )

    def _discovered(self) -> Endpoints:
        base = self.issuer.iss.rstrip("/")
        if self.issuer.kind == "oidc":
            said = self._said(f"{base}/.well-known/openid-configuration")
            if said.get("issuer") != self.issuer.iss:
                raise NotObtainedError("other-issuer", "says that it is another issuer")
            return self._endpoints_of(said, said)
        said = self._said(f"{base}/.well-known/smart-configuration")
        signer = said if "jwks_uri" in said else {}
        if not signer:
            # SMART 1 servers name their keys in the OpenID document alone.
            signer = self._said(f"{base}/.well-known/openid-configuration")
        return self._endpoints_of(said, signer)

    def _said(self, url: str) -> dict[str, Any]:
        return _object(self.get(url))

    def _endpoints_of(self, said: Mapping[str, Any], signer: Mapping[str, Any]) -> Endpoints:
        self._check_challenge(said)
        capabilities = said.get("capabilities")
        listed = capabilities if isinstance(capabilities, list) else []
        return Endpoints(
            authorization=self._address(said, "authorization_endpoint"),
            token=self._address(said, "token_endpoint"),
            issuer=self.issuer.id_token_iss or _text(signer, "issuer") or self.issuer.iss,
            jwks=self._address(signer, "jwks_uri"),
            revocation=(
                self._address(said, "revocation_endpoint") if "revocation_endpoint" in said else ""
            ),
            only_old_scopes="permission-v1" in listed and "permission-v2" not in listed,
        )

    def _check_challenge(self, said: Mapping[str, Any]) -> None:
        methods = said.get("code_challenge_methods_supported")
        # SMART demands the list; OpenID Connect leaves it out at will, and PKCE is sent anyway.
        if methods is None and self.issuer.kind == "oidc":
            return
        if not isinstance(methods, list) or "S256" not in methods:
            raise NotObtainedError("no-s256", "does not offer PKCE with S256")

    def _address(self, said: Mapping[str, Any], name: str) -> str:
        found = _text(said, name)
        try:
            parts = urlsplit(found)
            is_whole = bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_whole = False
        is_plain = found.isascii() and found.isprintable() and not set(found) & set(' "<>\\^`{|}')
        if not is_whole or not is_plain or parts.username or parts.password or parts.fragment:
            raise NotObtainedError("not-an-address", f"names no usable {name}")
        if parts.scheme != "https" and parts.scheme != urlsplit(self.issuer.iss).scheme:
            raise NotObtainedError("not-https", f"names a {name} that is not https")
        return found


def _refusal(reply: Reply) -> str:
    """Why a code was refused: the word of RFC 6749, where it is one, and never more of the text."""
    try:
        error = _object(reply.body).get("error")
    except NotObtainedError:
        error = None
    words = _WHY.get(str(error), "it gave no reason that can be shown")
    return f"did not accept the sign-in (status {reply.status}): {words}"


_WHY = {
    "invalid_grant": "the sign-in was used before, or took too long (invalid_grant)",
    "invalid_client": "it does not know this service, or not its key (invalid_client)",
    "unauthorized_client": "this service may not sign people in (unauthorized_client)",
    "invalid_request": "it does not understand the request (invalid_request)",
    "invalid_scope": "it does not grant what was asked for (invalid_scope)",
    "unsupported_grant_type": "it does not know this way to sign in (unsupported_grant_type)",
}


def _json_of(reply: Reply) -> dict[str, Any]:
    _check_status(reply)
    return _object(reply.body)


def _check_status(reply: Reply) -> None:
    if reply.status in _REDIRECTS:
        raise NotObtainedError(
            str(reply.status), f"answered with a redirect ({reply.status}), which is not followed"
        )
    if reply.status != _OK:
        raise NotObtainedError(str(reply.status), f"answered with status {reply.status}")


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise NotObtainedError("not-json", "answered with something that is not JSON")
    return found


def _text(said: Mapping[str, Any], name: str) -> str:
    found = said.get(name)
    return found if isinstance(found, str) else ""
