"""Tokens for reading without a user: SMART Backend Services, by a key and never by a secret.

SMART App Launch 2.2, "Backend Services". A server that does not know us is left alone for a while:
asking on and on would look like an attack, and change nothing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import msgspec

from cds_service.ehr.call import in_time
from cds_service.ehr.scopes import missing_scopes, smart_1_scope, unreadable_kinds
from cds_service.ehr.signing_keys import SigningKey, assertion_fields, signing_key
from cds_service.ehr.web_client import Reply, WebClient
from cds_service.errors import NotObtainedError
from cds_service.settings import PopulationSettings

INVALID_CLIENT = "invalid_client"
LARGEST_ANSWER = 64 * 1024
SECONDS_A_CALL = 5.0
SECONDS_BEFORE_ITS_END = 30.0

SECONDS_LEFT_ALONE = {INVALID_CLIENT: 900.0}
"""After a refusal that only people can mend; other failures are tried again soon."""

_SECONDS_A_FAILURE_HOLDS = 5.0
_SECONDS_UNSTATED = 60.0
_LONGEST_LIFE = 3600.0
_OK = 200
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}", re.ASCII)
_JSON = {"Accept": "application/json"}


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    ends_at: float
    granted: str


class BackendServices:
    """Gets tokens for one FHIR server; one request at a time, however many readers wait.

    `clock` says what time it is for the authorization server. A token is kept in memory alone.
    """

    def __init__(
        self,
        site: PopulationSettings,
        keys: Sequence[SigningKey],
        clock: Callable[[], datetime],
        monotonic_clock: Callable[[], float] = monotonic,
    ) -> None:
        self._site = site
        self._keys = keys
        self._clock = clock
        self._now = monotonic_clock
        self._web = WebClient(site.allow_private_network, site.ca_file)
        self._lock = Lock()
        self._token: _Token | None = None
        self._failure: tuple[NotObtainedError, float] | None = None

    def token(self) -> str | None:
        """A token that holds now; None where the site asks for none. Raises NotObtainedError."""
        if not self._keys:
            return None
        with self._lock:
            if self._token and self._now() < self._token.ends_at:
                return self._token.text
            if self._failure and self._now() < self._failure[1]:
                fault = self._failure[0]
                raise NotObtainedError(fault.status, str(fault))
            try:
                self._token, self._failure = self._requested(), None
            except NotObtainedError as fault:
                pause = SECONDS_LEFT_ALONE.get(fault.status, _SECONDS_A_FAILURE_HOLDS)
                self._token, self._failure = None, (fault, self._now() + pause)
                raise
            return self._token.text

    def forget(self, token: str | None) -> None:
        """Does not use a token any more that the FHIR server refused."""
        with self._lock:
            if self._token and self._token.text == token:
                self._token = None

    @property
    def not_granted(self) -> tuple[str, ...]:
        """The scopes that were asked for and not given with the newest token."""
        granted = self._granted()
        return missing_scopes(self._site.scopes, granted) if granted else ()

    def unreadable(self, kinds: Sequence[str]) -> tuple[str, ...]:
        """The kinds of resource that the newest token does not give to read, or not wholly.

        Empty when the server did not say what it granted.
        """
        return unreadable_kinds(kinds, self._site.scopes, self._granted())

    def _granted(self) -> str:
        token = self._token
        return token.granted if token else ""

    def _requested(self) -> _Token:
        endpoint, old_scopes = self._endpoint()
        scopes = [smart_1_scope(each) if old_scopes else each for each in self._site.scopes]
        for place, key in enumerate(self._keys):
            reply = self._asked(endpoint, key, " ".join(scopes))
            try:
                return self._read(reply)
            except NotObtainedError as fault:
                # While keys are changed, a server may know only the older one yet.
                if fault.status != INVALID_CLIENT or place == len(self._keys) - 1:
                    raise
        raise NotObtainedError(INVALID_CLIENT, "gave no access token: there is no key")

    def _asked(self, endpoint: str, key: SigningKey, scope: str) -> Reply:
        fields = {"grant_type": "client_credentials", "scope": scope}
        fields |= assertion_fields(key, self._site.client_id, endpoint, self._clock())
        try:
            return in_time(
                SECONDS_A_CALL,
                lambda: self._web.post_form(
                    endpoint, fields, _JSON, SECONDS_A_CALL, LARGEST_ANSWER
                ),
            )
        except NotObtainedError as fault:
            words = f"gave no access token: its authorization server {fault}"
            raise NotObtainedError(fault.status, words) from None

    def _read(self, reply: Reply) -> _Token:
        said = _object(reply.body)
        if reply.status != _OK:
            raise _refusal(reply.status, said.get("error"))
        text, token_type = said.get("access_token"), said.get("token_type")
        is_bearer = isinstance(token_type, str) and token_type.lower() == "bearer"
        if not is_bearer or not isinstance(text, str) or not _TOKEN.fullmatch(text):
            raise NotObtainedError(
                "not-a-token", "gave no access token: the answer is no bearer token"
            )
        scope = said.get("scope")
        granted = scope if isinstance(scope, str) else ""
        return _Token(text, self._now() + _life(said.get("expires_in")), granted)

    def _endpoint(self) -> tuple[str, bool]:
        """Where tokens are given, and whether only the scopes of SMART 1 are known there."""
        if self._site.token_endpoint:
            return self._site.token_endpoint, False
        url = f"{self._site.fhir_server}/.well-known/smart-configuration"
        try:
            reply = in_time(
                SECONDS_A_CALL, lambda: self._web.get(url, _JSON, SECONDS_A_CALL, LARGEST_ANSWER)
            )
        except NotObtainedError as fault:
            words = f"{fault} when it was asked where access tokens are given"
            raise NotObtainedError(fault.status, words) from None
        said = _object(reply.body) if reply.status == _OK else {}
        endpoint = said.get("token_endpoint")
        if not isinstance(endpoint, str) or not self._may_be_asked(endpoint):
            raise NotObtainedError(
                "no-token-endpoint",
                "does not say where access tokens are given (smart-configuration, "
                f"status {reply.status}): set token_endpoint",
            )
        listed = said.get("capabilities")
        named = listed if isinstance(listed, list) else []
        return endpoint, "permission-v1" in named and "permission-v2" not in named

    def _may_be_asked(self, endpoint: str) -> bool:
        try:
            parts = urlsplit(endpoint)
            is_whole = bool(parts.hostname) and parts.port != 0
        except ValueError:
            return False
        is_plain = endpoint.isascii() and endpoint.isprintable() and not set(endpoint) & set(' "<>')
        allowed = {"https", urlsplit(self._site.fhir_server).scheme}
        return is_whole and is_plain and parts.scheme in allowed and not parts.username


def _life(stated: Any) -> float:
    """For how many seconds a token is used: it must still hold when the answer comes."""
    is_number = isinstance(stated, int | float) and not isinstance(stated, bool) and stated > 0
    life = min(float(stated) if is_number else _SECONDS_UNSTATED, _LONGEST_LIFE)
    return max(life - SECONDS_BEFORE_ITS_END, life / 2)


def _refusal(status: int, error: Any) -> NotObtainedError:
    """Why no token was given: the word of RFC 6749, and never more of what was sent."""
    word = error if isinstance(error, str) and error in _WHY else str(status)
    why = _WHY.get(word, f"its authorization server answered with status {status}")
    return NotObtainedError(word, f"gave no access token: {why}")


_WHY = {
    INVALID_CLIENT: (
        "it does not know this service, or not its key (invalid_client). Register the client id "
        "and our public keys there; after that start the service again, or wait a quarter of an "
        "hour"
    ),
    "unauthorized_client": "this service may not read without a user (unauthorized_client)",
    "invalid_scope": "it does not grant what was asked for (invalid_scope)",
    "invalid_grant": "it did not accept the proof (invalid_grant)",
    "invalid_request": "it does not understand the request (invalid_request)",
    "unsupported_grant_type": "it knows no access without a user (unsupported_grant_type)",
}


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def keys_of(site: PopulationSettings) -> list[SigningKey]:
    """The site's own keys, the one that signs first. Raises SettingsError."""
    return [signing_key(file, "population.key_files") for file in site.key_files]
