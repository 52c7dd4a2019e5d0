"""An EHR's authorization server of our own: strict, and misbehaving as it is told.

It signs in whoever comes, checks all that SMART App Launch 2.2 has a server check, and gives codes
that work once. On real sockets of this machine.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from tests.ehr.tokens import NOW, ec_key, key_set

KEY = ec_key("as-1")
CLIENT_ID = "itb-app"
SECRET = "s3cret of the app"  # noqa: S105
Behaviour = Callable[["Exchange"], None]


@dataclass
class Grant:
    """A code that was given: to whom, and with which challenge."""

    redirect_uri: str
    challenge: str
    scope: str
    nonce: str
    launch: str


@dataclass
class AuthorizationDouble:
    """What it knows, gives and was asked.

    `says` goes into id_tokens, `answers` into token answers; None leaves a member out.
    """

    address: str = ""
    key: ECKey | RSAKey = field(default_factory=lambda: KEY)
    algorithm: str = "ES384"
    published: list[ECKey | RSAKey] = field(default_factory=list)
    client_keys: dict[str, Any] = field(default_factory=dict)
    authentication: str = "private_key_jwt"
    redirect_uri: str = "https://cds.example.org/callback"
    scopes: set[str] | None = None
    patients: dict[str, str] = field(default_factory=lambda: {"launch-1": "p1", "launch-2": "p2"})
    person: dict[str, Any] = field(default_factory=dict)
    says: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    id_token: Callable[[dict[str, Any]], str] | None = None
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    given: set[str] = field(default_factory=set)
    revoked: list[str] = field(default_factory=list)
    grants: dict[str, Grant] = field(default_factory=dict)
    used_codes: set[str] = field(default_factory=set)
    used_jtis: set[str] = field(default_factory=set)
    over: Event = field(default_factory=Event)

    def reset(self) -> None:
        """As new, at the same address and with the same client."""
        fresh = AuthorizationDouble(self.address, client_keys=self.client_keys, over=self.over)
        vars(self).update(vars(fresh))

    @property
    def iss(self) -> str:
        """The FHIR base address."""
        return f"{self.address}/fhir"

    def paths(self) -> list[str]:
        """What was asked, in order."""
        return [path for _, path in self.asked]

    def authorize(self, location: str) -> str:
        """What a browser that is sent to this address gets: the address to which it is sent back.

        Raises AssertionError for what a strict server refuses outright.
        """
        parts = urlsplit(location)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.address}/authorize"
        said = dict(parse_qsl(parts.query, strict_parsing=True))
        assert said["response_type"] == "code"
        assert said["client_id"] == CLIENT_ID
        assert said["redirect_uri"] == self.redirect_uri
        assert said["code_challenge_method"] == "S256"
        assert len(said["code_challenge"]) == 43
        assert len(said["state"]) >= 22
        if "launch" in said:
            assert said["aud"].rstrip("/") == self.iss
            assert said["launch"] in self.patients
        code = str(uuid4())
        self.grants[code] = Grant(
            said["redirect_uri"],
            said["code_challenge"],
            said["scope"],
            said["nonce"],
            said.get("launch", ""),
        )
        return f"{said['redirect_uri']}?{urlencode({'code': code, 'state': said['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The answer of the token endpoint."""
        if not self._knows(form, authorization):
            return 401, {"error": "invalid_client"}
        grant = self.grants.get(form.get("code", ""))
        verifier = form.get("code_verifier", "")
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        is_right = (
            grant is not None
            and form.get("grant_type") == "authorization_code"
            and form["code"] not in self.used_codes
            and form.get("redirect_uri") == grant.redirect_uri
            and 43 <= len(verifier) <= 128
            and challenge == grant.challenge
        )
        if grant is None or not is_right:
            return 400, {"error": "invalid_grant", "error_description": "<b>canary</b>"}
        self.used_codes.add(form["code"])
        return 200, self._granted(grant)

    def _granted(self, grant: Grant) -> dict[str, Any]:
        asked = grant.scope.split()
        scope = [each for each in asked if self.scopes is None or each in self.scopes]
        access_token = f"access-{uuid4()}"
        self.given.add(access_token)
        answer: dict[str, Any] = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": " ".join(scope),
            "id_token": self._id_token(grant),
        }
        if grant.launch:
            answer |= {"patient": self.patients[grant.launch], "need_patient_banner": False}
        answer |= self.answers
        return {name: found for name, found in answer.items() if found is not None}

    def _id_token(self, grant: Grant) -> str:
        at = int(NOW.timestamp())
        said = {
            "iss": self.iss if grant.launch else self.address,
            "aud": CLIENT_ID,
            "sub": "casey",
            "iat": at,
            "exp": at + 300,
            "nonce": grant.nonce,
            "name": "Casey Clinician",
            "fhirUser": f"{self.iss}/Practitioner/casey",
        } | self.says
        said = {name: found for name, found in said.items() if found is not None}
        if self.id_token:
            return self.id_token(said)
        header = {"alg": self.algorithm, "kid": self.key.kid}
        return jwt.encode(header, said, self.key, algorithms=[self.algorithm])

    def _knows(self, form: dict[str, str], authorization: str) -> bool:
        if self.authentication == "client_secret_basic":
            pair = f"{quote(CLIENT_ID)}:{SECRET.replace(' ', '+')}".encode()
            return authorization == f"Basic {base64.b64encode(pair).decode()}"
        if self.authentication == "client_secret_post":
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, SECRET)
        if self.authentication == "public":
            return form.get("client_id") == CLIENT_ID and not authorization
        try:
            keys = KeySet.import_key_set(self.client_keys)  # type: ignore[arg-type]
            read = jwt.decode(form["client_assertion"], keys, algorithms=["ES384", "RS384"])
        except Exception:  # noqa: BLE001
            return False
        claims, jti = read.claims, str(read.claims.get("jti"))
        is_new = jti not in self.used_jtis
        self.used_jtis.add(jti)
        return (
            is_new
            and claims["iss"] == claims["sub"] == CLIENT_ID
            and claims["aud"] == f"{self.address}/token"
            and claims["exp"] - claims["iat"] <= 300
        )

    def said_of_itself(self, is_smart: bool) -> dict[str, Any]:
        """The discovery document."""
        said: dict[str, Any] = {
            "issuer": self.iss if is_smart else self.address,
            "jwks_uri": f"{self.address}/jwks",
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "revocation_endpoint": f"{self.address}/revoke",
            "code_challenge_methods_supported": ["S256"],
            "capabilities": ["launch-ehr", "permission-v2", "context-ehr-patient"],
        } | self.discovery
        return {name: found for name, found in said.items() if found is not None}


class Exchange(BaseHTTPRequestHandler):
    """One request, and how it is answered."""

    protocol_version = "HTTP/1.1"
    server: "_Server"

    def do_GET(self) -> None:
        double = self.server.double
        if self._misbehaves():
            return
        path = urlsplit(self.path).path
        if path.endswith("/.well-known/smart-configuration"):
            self.answer(double.said_of_itself(is_smart=True))
        elif path.endswith("/.well-known/openid-configuration"):
            self.answer(double.said_of_itself(is_smart=path.startswith("/fhir")))
        elif path == "/jwks":
            self.answer(json.loads(key_set(*(double.published or [double.key]))))
        elif path == "/authorize":
            self._authorize()
        elif path.startswith("/fhir/Practitioner/"):
            self._practitioner(path.rpartition("/")[2])
        else:
            self.answer({"error": "not found"}, 404)

    def _authorize(self) -> None:
        try:
            back = self.server.double.authorize(self.server.double.address + self.path)
        except (AssertionError, KeyError, ValueError):
            self.answer({"error": "invalid_request"}, 400)
            return
        self.answer(b"", 302, "text/plain", Location=back)

    def _practitioner(self, id_: str) -> None:
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in self.server.double.given:
            self.answer({"error": "no token of ours"}, 401)
            return
        name = [{"use": "official", "family": "Clinician", "given": ["Casey", "M"]}]
        self.answer({"resourceType": "Practitioner", "id": id_, "name": name})

    def do_POST(self) -> None:
        double = self.server.double
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self._misbehaves():
            return
        form = {name: texts[0] for name, texts in parse_qs(body).items()}
        if self.path == "/revoke":
            double.revoked.append(form["token"])
            self.answer({})
            return
        status, answer = double.token(form, self.headers.get("Authorization", ""))
        self.answer(answer, status)

    def _misbehaves(self) -> bool:
        double = self.server.double
        double.asked.append((self.command, self.path))
        behaviour = double.behaviours.get(urlsplit(self.path).path)
        if behaviour is None:
            return False
        with suppress(OSError):
            behaviour(self)
        return True

    def answer(
        self, body: object, status: int = 200, media_type: str = "application/json", **headers: str
    ) -> None:
        """A whole answer; dicts are sent as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(content)))
        for name, text in headers.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(content)

    def pause(self, seconds: float) -> None:
        """Waits, but not longer than the double lives."""
        self.server.double.over.wait(seconds)

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    double: AuthorizationDouble

    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def authorization_double() -> Iterator[AuthorizationDouble]:
    """The double, listening while the block runs."""
    double = AuthorizationDouble()
    server = _Server(("127.0.0.1", 0), Exchange)
    server.double = double
    double.address = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield double
    finally:
        double.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
