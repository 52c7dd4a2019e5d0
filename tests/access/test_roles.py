"""Every page, and everybody who might ask for it: the table of roles holds, and is whole."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from cds_service.app.wiring import wire
from cds_service.coordination.status import Advice
from cds_service.settings import Client, Issuer, Settings, SignInSettings
from cds_service.settings.population import PopulationSettings
from cds_service.store.open_store import open_store
from cds_service.store.session_ledger import KnownPerson
from cds_service.web import Service, create_app
from cds_service.web.access.admission import admit_people, issuers_of_our_patients
from cds_service.web.access.roles import PAGES, WITHOUT_PATIENT
from cds_service.web.access.sign_in_pages import OPEN_PAGES
from tests.coordination.builders import REFILL_DUE, a_status
from tests.ehr.tokens import NOW

NO_PEOPLE = {
    *("hooks", "capabilities", "feedback", "operations", "plans", "fhir", "apply", "fhir_work"),
    *("sign_in", "static", "closed", "key_set"),
}
"""Blueprints of machines, of open pages, and of the sign-in."""

ISSUER = Issuer(
    "ehr", "smart", "https://ehr.example/fhir", "app", authentication="public", same_patients=True
)
ROLES = ("coordinator", "clinician", "it")
CALLERS = ("nobody", *ROLES, "bound to p1", "bound to p2", "bound it")
DUE: Advice = REFILL_DUE


class House:
    """The whole application, with a task of p1, and a session for each kind of caller."""

    def __init__(self) -> None:
        settings = Settings(sign_in=SignInSettings(issuers=(ISSUER,)))
        self.store = open_store(None, lambda: NOW)
        for patient_id in ("p1", "p2"):
            self.store.work.keep(a_status(patient_id, advice=(DUE,)), NOW.date())
        self.task = self.store.work.tasks("p1")[0].id
        self.service = replace(
            wire(settings, NOW.isoformat()), store=self.store, machine_clock=lambda: NOW
        )
        self.app = create_app(self.service)
        self.secrets = {role: self._begun(role, role) for role in ROLES}
        self.secrets |= {
            "bound to p1": self._begun("clinician", "bound1", "p1"),
            "bound to p2": self._begun("clinician", "bound2", "p2"),
            "bound it": self._begun("it", "bound-it", "p1"),
        }

    def _begun(self, role: str, name: str, patient: str = "") -> str:
        return self.store.sessions.begin(KnownPerson(f"x/{name}", name, role), NOW, patient)

    def asked(self, caller: str, rule: Rule, method: str) -> int:
        """The status of a call of a page, of p1 where it is of a patient."""
        client: FlaskClient = self.app.test_client()
        secret = self.secrets.get(caller, "")
        if secret:
            client.set_cookie("itb_session", secret)
        values = {"patient_id": "p1", "task_id": self.task, "reading_id": "r1"}
        filled = {name: values.get(name) or _first(rule, name) for name in rule.arguments}
        with self.app.test_request_context():
            address = self.app.url_map.bind("").build(rule.endpoint, filled, method=method)
        form = {"csrf_token": self._form_token(secret)} if method == "POST" else None
        answer = client.open(address, method=method, data=form)
        if rule.endpoint == "session.sign_out" and caller in self.secrets:
            self.secrets[caller] = self._again(caller)
        return answer.status_code

    def _form_token(self, secret: str) -> str:
        kept = self.store.sessions.find(secret, NOW, timedelta(hours=1), timedelta(hours=1))
        return kept.form_token if kept else ""

    def _again(self, caller: str) -> str:
        role = caller if caller in ROLES else "it" if caller == "bound it" else "clinician"
        patient = {"bound to p1": "p1", "bound to p2": "p2", "bound it": "p1"}.get(caller, "")
        return self._begun(role, caller, patient)


def _first(rule: Rule, name: str) -> str:
    """The first of the words that a part of the address may be."""
    return sorted(rule._converters[name].items)[0]  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    house = House()
    yield house
    house.store.close()


def pages(app: Flask) -> list[tuple[Rule, str]]:
    """Each page for people, with each way to call it."""
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.partition(".")[0] not in NO_PEOPLE
        and not rule.endpoint.endswith(".static")
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "DELETE", "PATCH"})
    ]


def expected(rule: Rule, caller: str) -> bool:
    """Whether the table lets this caller in."""
    if caller == "nobody":
        return False
    role = {"bound to p1": "clinician", "bound to p2": "clinician", "bound it": "it"}.get(
        caller, caller
    )
    if role not in PAGES[rule.endpoint]:
        return False
    if not caller.startswith("bound"):
        return True
    if "patient_id" in rule.arguments or "task_id" in rule.arguments:
        return caller != "bound to p2"
    return rule.endpoint in WITHOUT_PATIENT


def test_every_page_lets_in_whom_the_table_names_and_nobody_else(house: House):
    tried = 0
    wrong = []
    for rule, method in pages(house.app):
        for caller in CALLERS:
            status = house.asked(caller, rule, method)
            is_in = status not in (401, 403) and not (caller == "nobody" and status == 303)
            tried += 1
            if is_in is not expected(rule, caller):
                wrong.append((rule.endpoint, method, caller, status))

    assert wrong == []
    assert tried > 100
    print(f"{tried} calls of pages by {len(CALLERS)} kinds of callers: as the table says")  # noqa: T201


def test_the_table_names_every_page_and_only_pages_that_there_are(house: House):
    there = {rule.endpoint for rule, _ in pages(house.app)}
    planned = {"worklist.refresh"}

    assert there <= set(PAGES)
    assert set(PAGES) - there <= planned
    assert set(PAGES) >= WITHOUT_PATIENT


def test_no_blueprint_is_open_unseen(house: House):
    blueprints = set(house.app.blueprints)

    guarded = {page.partition(".")[0] for page in PAGES}
    assert blueprints <= guarded | NO_PEOPLE
    open_pages = {
        rule.endpoint
        for rule in house.app.url_map.iter_rules()
        if rule.endpoint.startswith("sign_in.")
    }
    assert open_pages == OPEN_PAGES


def test_a_page_without_a_place_in_the_table_stops_the_start(house: House):
    unseen = Blueprint("unseen", __name__)
    unseen.add_url_rule("/unseen", "page", lambda: "everybody's record")

    with pytest.raises(LookupError, match=r"page 'unseen\.page' has no roles"):
        admit_people(Flask("other"), house.service, [unseen])


def test_hospital_it_sees_no_patient_and_nobody_but_it_sees_the_audit(house: House):
    care = {"coordinator", "clinician"}
    for rule, _ in pages(house.app):
        if "patient_id" in rule.arguments or rule.endpoint.startswith(("worklist.", "tasks.")):
            assert set(PAGES[rule.endpoint]) <= care
        if rule.endpoint.startswith("it."):
            assert PAGES[rule.endpoint] == {"it"}


def test_every_refusal_is_written_down(house: House):
    before = len(house.store.audit.rows(limit=10_000))
    refused = [
        (rule, method) for rule, method in pages(house.app) if "it" not in PAGES[rule.endpoint]
    ]
    for rule, method in refused:
        house.asked("it", rule, method)

    rows = house.store.audit.rows(limit=10_000)
    assert len(rows) - before == len(refused)
    assert all("refused: " in row.content for row in rows[: len(refused)])
    assert house.store.audit.first_broken() is None


def test_the_work_as_fhir_follows_the_same_table(house: House):
    for caller, status in {
        "nobody": 401,
        "coordinator": 200,
        "clinician": 200,
        "it": 403,
        "bound to p1": 200,
        "bound to p2": 403,
    }.items():
        client = house.app.test_client()
        client.set_cookie("itb_session", house.secrets.get(caller, ""))
        assert client.get(f"/fhir/Task/{house.task}").status_code == status, caller


def test_the_service_used_here_is_not_the_demo(house: House):
    service: Service = house.service
    assert not service.is_demo


def test_an_ehr_launches_when_its_patients_are_those_that_are_read(house: House):
    def named(
        issuer: Issuer, population: PopulationSettings, client: str | None = None
    ) -> list[str]:
        settings = Settings(
            sign_in=SignInSettings((issuer,)),
            population=population,
            clients=(Client("north", "x", fhir_servers=("https://ehr.example/fhir",)),),
        )
        site = replace(house.service, settings=settings, population_client=client)
        return list(issuers_of_our_patients(site))

    unsure = replace(ISSUER, same_patients=False)
    read_there = PopulationSettings(fhir_server="https://ehr.example/fhir/")
    assert named(unsure, PopulationSettings()) == []
    assert named(unsure, PopulationSettings(fhir_server="https://ehr.example/fhir2")) == []
    assert named(unsure, read_there) == ["ehr"]
    assert named(unsure, PopulationSettings(), client="north") == ["ehr"]
    assert named(unsure, PopulationSettings(), client="south") == []
    assert named(ISSUER, PopulationSettings()) == ["ehr"]
