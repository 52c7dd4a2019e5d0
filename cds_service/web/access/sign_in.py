"""The sign-in of one person: to the issuer and back, by code with PKCE, state and nonce.

SMART App Launch 2.2 and OpenID Connect Core. What the browser brings back is never believed: the
state was made here, is used once within ten minutes, and belongs to the browser that began.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any

import msgspec
import structlog

from cds_service.cds_hooks.app_context import plan_in
from cds_service.ehr.id_token import Expected, checked_claims
from cds_service.ehr.scopes import missing_scopes, smart_1_scope
from cds_service.errors import NotObtainedError, SignInRefusedError, UnknownSignInError
from cds_service.fhir.identity import name_in
from cds_service.store.session_ledger import SessionLedger
from cds_service.web.access.claims import fhir_user, is_named, person_of
from cds_service.web.access.issuers import KnownIssuer
from cds_service.web.access.launched import Launched
from cds_service.web.access.person import Person

LONGEST_STAY = timedelta(minutes=10)
"""How long a person may take at the issuer."""

LONGEST_PARAMETER = 4096

_log = structlog.get_logger("itb_cds")

_BYTES, _VERIFIER_BYTES = 32, 64
_PATIENT = re.compile(r"[A-Za-z0-9._-]{1,255}", re.ASCII)
_NO_STATE = (
    "This sign-in is not known: it was used before, was begun more than ten minutes ago, or was "
    "not begun here. Nobody was signed in. Open the app again."
)


class UnderWay(msgspec.Struct):
    """A sign-in between two visits of the browser; `browser` is a hash of what it must bring."""

    issuer: str
    nonce: str
    verifier: str
    browser: str
    aud: str = ""
    launch: str = ""


class NoCookieError(UnknownSignInError):
    """The browser does not bring what it was given a moment ago; `under_way` was begun for it."""

    def __init__(self, under_way: UnderWay) -> None:
        super().__init__("This browser did not keep the cookie that it was given a moment ago.")
        self.under_way = under_way


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody whom an issuer vouched for; `launched` is None where no chart was opened."""

    person: Person
    issuer: str
    launched: Launched | None = None


@dataclass(frozen=True, slots=True)
class SignIns:
    """Sends people to the site's issuers and takes them back. `public_url` is ours.

    `of_our_patients` names the EHRs whose patients have the ids that ours have: a launch from any
    other would show somebody else's record under the right id.
    """

    issuers: Mapping[str, KnownIssuer]
    ledger: SessionLedger
    public_url: str
    of_our_patients: frozenset[str] = frozenset()

    @property
    def callback(self) -> str:
        """Where issuers send browsers back to: registered there, letter by letter."""
        return f"{self.public_url}/callback"

    def begin(
        self, known: KnownIssuer, browser: str, now: datetime, aud: str = "", launch: str = ""
    ) -> str:
        """The address at the issuer to which the browser goes next.

        Raises NotObtainedError when the issuer does not say where that is, StoreError.
        """
        endpoints, issuer = known.server.endpoints(), known.issuer
        state, nonce = secrets.token_urlsafe(_BYTES), secrets.token_urlsafe(_BYTES)
        verifier = secrets.token_urlsafe(_VERIFIER_BYTES)
        kept = UnderWay(issuer.name, nonce, verifier, _hash(browser), aud, launch)
        self.ledger.begin_sign_in(state, msgspec.json.encode(kept), now)
        scopes = issuer.scopes
        if endpoints.only_old_scopes:
            scopes = tuple(smart_1_scope(scope) for scope in scopes)
        asked = {
            "redirect_uri": self.callback,
            "scope": " ".join(scopes),
            "state": state,
            "nonce": nonce,
            "aud": aud or None,
            "launch": launch or None,
        }
        return _authorize_address(endpoints.authorization, issuer.client_id, verifier, asked)

    def finish(self, said: Mapping[str, str], browser: str, now: datetime) -> SignedIn:
        """Who comes back from an issuer.

        Raises SignInRefusedError, whose text says why; UnknownSignInError when it was not begun
        here by this browser, NotObtainedError when the issuer does not answer, StoreError.
        """
        under_way = self._taken(said, now)
        known = self.issuers.get(under_way.issuer)
        if known is None:
            raise UnknownSignInError(_NO_STATE)
        _check_browser(under_way, browser)
        if said.get("error"):
            raise SignInRefusedError(_error_in_words(said["error"]))
        if not said.get("code"):
            raise SignInRefusedError("The sign-in server sent no code. Open the app again.")
        endpoints = known.server.endpoints()
        # RFC 9207: a code of one issuer must not be shown to another.
        if said.get("iss", endpoints.issuer) not in (endpoints.issuer, known.issuer.iss):
            raise SignInRefusedError(
                "The answer came from another sign-in server than was asked. Open the app again; "
                "if it stays like this, tell hospital IT."
            )
        answer = known.server.tokens(said["code"], under_way.verifier, self.callback, now)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise SignInRefusedError(
                "The sign-in server does not say who signed in (no id_token). Hospital IT: grant "
                "the scopes openid and fhirUser."
            )
        expected = Expected(
            endpoints.issuer, known.issuer.client_id, under_way.nonce, answer["access_token"]
        )
        claims = checked_claims(token, known.keys, expected, now)
        person = person_of(known.issuer, claims)
        if known.issuer.kind == "oidc":
            return SignedIn(person, under_way.issuer)
        person = _named(known, person, claims, answer["access_token"])
        return SignedIn(person, under_way.issuer, _launched(known, answer, now))

    def _taken(self, said: Mapping[str, str], now: datetime) -> UnderWay:
        state = said.get("state", "")
        kept = self.ledger.take_sign_in(state, now, LONGEST_STAY) if state else None
        if kept is None:
            raise UnknownSignInError(_NO_STATE)
        return msgspec.json.decode(kept, type=UnderWay)


def _authorize_address(
    endpoint: str, client_id: str, verifier: str, asked: Mapping[str, str | None]
) -> str:
    # A part of Authlib: only a service that signs people in pays for its import.
    from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # noqa: PLC0415
    from authlib.oauth2.rfc7636 import create_s256_code_challenge  # noqa: PLC0415

    address: str = prepare_grant_uri(
        endpoint,
        client_id,
        "code",
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
        **asked,
    )
    return address


def _check_browser(under_way: UnderWay, browser: str) -> None:
    if not browser:
        raise NoCookieError(under_way)
    if not compare_digest(under_way.browser, _hash(browser)):
        raise UnknownSignInError(
            "This sign-in was begun in another browser or window. Nobody was signed in. Open the "
            "app again."
        )


def _error_in_words(error: str) -> str:
    words = _ERRORS.get(error, "it gave no reason that can be shown")
    return f"The sign-in server signed nobody in: {words}. Open the app again to try once more."


_ERRORS = {
    "access_denied": "it was refused there, or broken off (access_denied)",
    "invalid_request": "it does not understand the request (invalid_request)",
    "invalid_scope": "it does not grant what the app asks for (invalid_scope)",
    "unauthorized_client": "the app may not sign people in there (unauthorized_client)",
    "unsupported_response_type": "it does not offer codes (unsupported_response_type)",
    "server_error": "it failed (server_error)",
    "temporarily_unavailable": "it is not available now (temporarily_unavailable)",
    "login_required": "you are not signed in there (login_required)",
    "invalid_launch": "it does not know this launch (invalid_launch)",
}


def _named(known: KnownIssuer, person: Person, claims: Mapping[str, Any], token: str) -> Person:
    """The person under the name that the EHR has, where the id_token gives none."""
    user = fhir_user(known.issuer, claims)
    if is_named(claims) or not user.startswith("Practitioner/"):
        return person
    try:
        found = known.server.practitioner(user, token)
    except NotObtainedError as fault:
        # Colleagues then see an id: no reason to keep a clinician from the chart.
        _log.warning("name not read", status=fault.status)
        return person
    is_this = f"{found.get('resourceType')}/{found.get('id')}" == user
    return replace(person, name=(name_in(found) if is_this else "") or person.name)


def _launched(known: KnownIssuer, answer: Mapping[str, Any], now: datetime) -> Launched:
    patient = answer.get("patient")
    if not isinstance(patient, str) or not _PATIENT.fullmatch(patient) or not patient.strip("."):
        raise SignInRefusedError(
            "The EHR did not say which patient's chart is open. Open the app from a patient's "
            "chart; if you did, tell hospital IT that the launch carries no patient."
        )
    granted = answer.get("scope")
    seconds = answer.get("expires_in")
    life = seconds if type(seconds) is int and 0 < seconds < 24 * 3600 else 300
    return Launched(
        issuer=known.issuer.name,
        patient=patient,
        access_token=answer["access_token"],
        expires_at=int(now.timestamp()) + life,
        missing=missing_scopes(known.issuer.scopes, granted if isinstance(granted, str) else ""),
        needs_banner=answer.get("need_patient_banner") is not False,
        plan=plan_in(answer.get("appContext")),
    )


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
