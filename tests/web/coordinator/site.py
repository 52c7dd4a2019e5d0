"""The coordinator's pages over a real store, and somebody at a browser."""

import json
import re
from dataclasses import replace
from datetime import datetime
from html import unescape
from zoneinfo import ZoneInfo

from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.test import TestResponse

from cds_service.app.wiring import wire
from cds_service.coordination.status import PatientStatus
from cds_service.coordination.tasks import WorkTask
from cds_service.settings import Issuer, Settings, SignInSettings
from cds_service.store.open_store import Store, open_store
from cds_service.store.session_ledger import KnownPerson
from cds_service.web import Service, create_app

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 22, 9, tzinfo=ZONE)
KIM = KnownPerson("idp/kim", "Kim Coordinator", "coordinator")
LEE = KnownPerson("idp/lee", "Lee Coordinator", "coordinator")
CASEY = KnownPerson("idp/casey", "Dr Casey", "clinician")
IRA = KnownPerson("idp/ira", "Ira Informatics", "it")

HOSPITAL = Issuer("hospital", "oidc", "https://idp.example.org", "itb", authentication="public")
WIRED = wire(Settings(time_zone=ZONE, sign_in=SignInSettings(issuers=(HOSPITAL,))), NOW.isoformat())
"""The rules, read once for all tests."""


def a_store(*statuses: PatientStatus) -> Store:
    """A store in which these patients were read."""
    store = open_store(None, lambda: NOW)
    for status in statuses:
        store.work.keep(status, NOW.date())
    return store


def a_service(store: Store, now: datetime = NOW) -> Service:
    """The service of a site over a store; its clock stands."""
    return replace(WIRED, store=store, clock=lambda: now, machine_clock=lambda: now)


class Compiled(BytecodeCache):
    """Templates compiled once for all the applications of the tests."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


def an_app(service: Service) -> Flask:
    """The application of a service."""
    app = create_app(service)
    app.jinja_env.bytecode_cache = COMPILED
    return app


class Browser:
    """A signed-in person's browser. Forms carry the token that a page gave."""

    def __init__(
        self,
        app: Flask,
        store: Store,
        person: KnownPerson,
        patient: str = "",
        now: datetime = NOW,
    ) -> None:
        secret = store.sessions.begin(person, now, patient)
        self.client: FlaskClient = app.test_client()
        self.client.set_cookie("itb_session", secret)
        self.person, self.store = person, store
        self._home, self._token = "/it" if person.role == "it" else "/worklist/help", ""

    def get(self, address: str, status: int = 200) -> str:
        """A page's HTML; the answer must have the status."""
        answer = self.client.get(address)
        assert answer.status_code == status, answer.text[:2000]
        return answer.text

    def post(self, address: str, **fields: object) -> TestResponse:
        """A form sent with the session's token."""
        sent = {name.rstrip("_"): value for name, value in fields.items()}
        return self.client.post(address, data={"csrf_token": self.token, **sent})

    def done(self, address: str, **fields: object) -> str:
        """A form sent that is taken, and the page it leads to."""
        answer = self.post(address, **fields)
        assert answer.status_code == 303, visible_text(answer.text)[:2000]
        return self.get(answer.location.partition("#")[0])

    @property
    def token(self) -> str:
        """The token of the session's forms."""
        if not self._token:
            page = self.client.get(self._home).text
            self._token = re.findall(r'name="csrf_token" value="(\w+)"', page)[0]
        return self._token


def a_browser(
    store: Store, person: KnownPerson = KIM, patient: str = "", now: datetime = NOW
) -> Browser:
    """Somebody signed in at the site with this store."""
    return Browser(an_app(a_service(store, now)), store, person, patient, now)


def visible_text(page: str) -> str:
    """What a page says, without markup, on one line."""
    body = re.sub(r"<(script|style|head)\b.*?</\1>", " ", page, flags=re.DOTALL)
    body = re.sub(r"</?(bdi|strong|a)\b[^>]*>", "", body)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def shown_patients(page: str) -> list[str]:
    """The ids of the patients of the list, in its order."""
    return re.findall(r'<tr role="row" id="row-([^"]*)"', page)


def row_of(page: str, patient_id: str) -> str:
    """What the row of a patient says."""
    found = re.search(rf'id="row-{re.escape(patient_id)}".*?</tr>', page, re.DOTALL)
    assert found, f"no row of {patient_id}"
    return visible_text("<" + found[0])


def the_task(store: Store, patient_id: str, kind: str = "refill") -> WorkTask:
    """The one open task of a kind."""
    (task,) = [
        each for each in store.work.tasks(patient_id) if each.kind == kind and each.state.is_open
    ]
    return task


def audited(store: Store) -> list[tuple[str, str]]:
    """What was written down, oldest first: the patient and what was done."""
    rows = reversed(store.audit.rows(limit=1000))
    return [(row.patient, json.loads(row.content)["outcomeDesc"]) for row in rows]
