"""The whole service with people who sign in, and browsers that hold cookies as browsers do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import requests

from cds_service.app.wiring import wire
from cds_service.ehr.signing_keys import published_keys, signing_key
from cds_service.settings import Issuer, Settings, SignInSettings
from cds_service.store.open_store import Store, open_store
from cds_service.web import Service, create_app
from tests.access.authorization_double import CLIENT_ID, SECRET, AuthorizationDouble
from tests.ehr.tokens import NOW, ec_key
from tests.web.served import served

APP_KEY = ec_key("app")
PUBLIC = "https://cds.example.org"
ROLES = {
    "clinician": (("fhirUser", "Practitioner/*"),),
    "coordinator": (("groups", "itb-coordinators"),),
    "it": (("sub", "ira"),),
}


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def reset(self) -> None:
        """Back to NOW."""
        self.now = NOW

    def move(self, **by: float) -> None:
        """Moves it on, by hours=, minutes= or seconds=."""
        self.now += timedelta(**by)


class Browser:
    """Keeps what it is given, cookie by cookie, and follows nothing by itself."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.cookies: dict[str, str] = {}
        self.marks: dict[str, str] = {}
        self._session = requests.Session()
        self._session.trust_env = False

    def get(self, path: str, **query: str) -> requests.Response:
        """GET of a path of the service, or of its public address."""
        asked = f"?{urlencode(query)}" if query else ""
        return self._asked("GET", path + asked)

    def post(self, path: str, form: dict[str, str] | None = None) -> requests.Response:
        """POST of a form."""
        return self._asked("POST", path, data=form or {})

    def launch(self, double: AuthorizationDouble, launch: str = "launch-1") -> requests.Response:
        """Opens the app from a chart, as far as the answer of /callback."""
        answer = self.get("/launch", iss=double.iss, launch=launch)
        assert answer.status_code == 302, answer.text
        return self.get(double.authorize(answer.headers["Location"]))

    def close(self) -> None:
        """Closes its connections."""
        self._session.close()

    def _asked(self, method: str, path: str, **options: Any) -> requests.Response:
        path = path.removeprefix(PUBLIC)
        sent = "; ".join(f"{name}={text}" for name, text in self.cookies.items())
        answer = self._session.request(
            method,
            self.address + path,
            headers={"Cookie": sent} if sent else {},
            allow_redirects=False,
            timeout=20,
            **options,
        )
        for line in answer.raw.headers.getlist("Set-Cookie"):
            pair, _, marks = line.partition("; ")
            name, _, text = pair.partition("=")
            self.marks[name] = marks
            if "Max-Age=0" in marks:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = text
        return answer


@dataclass
class SignedSite:
    """Where the service answers, what it keeps, and its browsers."""

    address: str
    store: Store
    clock: Clock
    service: Service
    browsers: list[Browser] = field(default_factory=list)

    def browser(self) -> Browser:
        """A new browser, without any cookie."""
        made = Browser(self.address)
        self.browsers.append(made)
        return made

    def audited(self) -> list[str]:
        """What was written down, oldest first: outcome and words of each AuditEvent."""
        rows = reversed(self.store.audit.rows(limit=1000))
        return [row.content for row in rows]


def smart_issuer(double: AuthorizationDouble, folder: Path, **other: Any) -> Issuer:
    """The double as the site's EHR."""
    key_file = folder / "app.pem"
    key_file.write_bytes(APP_KEY.as_pem(private=True))
    ours = signing_key(key_file, "test")
    double.client_keys = published_keys([ours])
    issuer = Issuer(
        "ehr",
        "smart",
        double.iss,
        CLIENT_ID,
        key_file=key_file,
        roles=ROLES,
        same_patients=True,
        allow_private_network=True,
    )
    return replace(issuer, **other)


def oidc_issuer(double: AuthorizationDouble, folder: Path, **other: Any) -> Issuer:
    """The double as the hospital's own sign-in."""
    secret_file = folder / "secret"
    secret_file.write_text(f"{SECRET}\n")
    issuer = Issuer(
        "hospital",
        "oidc",
        double.address,
        CLIENT_ID,
        authentication="client_secret_basic",
        secret_file=secret_file,
        roles=ROLES,
        allow_private_network=True,
    )
    return replace(issuer, **other)


@cache
def _wired() -> Service:
    """The plans are read once for all tests."""
    return wire(Settings(), NOW.isoformat())


@contextmanager
def signed_site(*issuers: Issuer, public_url: str = PUBLIC, **sign_in: Any) -> Iterator[SignedSite]:
    """The whole service, its clock at NOW until a test moves it."""
    settings = Settings(
        stated_public_url=public_url, sign_in=SignInSettings(issuers=issuers, **sign_in)
    )
    clock = Clock()
    store = open_store(None, clock)
    service = replace(_wired(), settings=settings, store=store, clock=clock, machine_clock=clock)
    with served(create_app(service)) as address:
        site = SignedSite(address, store, clock, service)
        yield site
        for browser in site.browsers:
            browser.close()
    store.close()


def words(answer: requests.Response) -> str:
    """What a person reads on a page."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def token_on(browser: Browser, page: str) -> str:
    """The token that the forms of a page carry."""
    answer = browser.get(page)
    assert answer.status_code == 200, words(answer)
    return re.findall(r'name="csrf_token" value="(\w+)"', answer.text)[0]
