"""The coordinator's work as FHIR: who may read it, what it says, how it is searched."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.app.conformance import problems_of
from cds_service.app.wiring import wire
from cds_service.coordination.changes import Assign, Comment, Override, Snooze
from cds_service.coordination.tasks import WorkTask
from cds_service.settings import Client, Settings
from cds_service.store.open_store import Store, open_store
from cds_service.web import Service, create_app
from cds_service.web.access.person import Person, Role
from tests.coordination.builders import (
    CONFLICT,
    NOW,
    REFILL_DUE,
    REFILL_OVERDUE,
    THRESHOLDS,
    TODAY,
    a_status,
)
from tests.ehr.tokens import ISS, Signer, claims, ec_key, key_file
from tests.ehr.tokens import NOW as TOKENS_NOW
from tests.web.work_stories import app_of, work_in_every_state

PUBLIC = "https://cds.example.org"
SIGNER = Signer(ec_key("ec-1"))
Json = dict[str, Any]


@pytest.fixture(scope="module")
def wired() -> Service:
    return wire(Settings(stated_public_url=PUBLIC), NOW.isoformat())


@pytest.fixture
def store() -> Store:
    return open_store(None, lambda: NOW)


@pytest.fixture
def client(wired: Service, store: Store) -> FlaskClient:
    return app_of(replace(wired, store=store)).test_client()


def told(client: FlaskClient, path: str, status: int = 200, **headers: str) -> Json:
    answer = client.get(path, headers=headers)
    assert answer.status_code == status, answer.text
    found: Json = json.loads(answer.data)
    assert problems_of(found) == []
    return found


def a_task(store: Store, kind: str = "refill", **status: Any) -> WorkTask:
    store.work.keep(a_status(**{"advice": (REFILL_DUE,), **status}), TODAY)
    (task,) = [each for each in store.work.tasks("p1") if each.kind == kind and each.state.is_open]
    return task


def test_a_task_says_for_whom_what_by_when_by_whom_and_why(client: FlaskClient, store: Store):
    task = a_task(store)
    task = store.work.change(task.id, 1, Assign("Practitioner/kc"), "Practitioner/kc", NOW)
    store.work.change(task.id, 2, Comment("<b>called</b>"), "Practitioner/kc", NOW)

    found = told(client, f"/fhir/Task/{task.id}")

    assert found["identifier"] == [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{task.id}"}]
    assert (found["status"], found["priority"]) == ("accepted", "urgent")
    assert found["code"]["coding"][0]["code"] == "itbRefillDue"
    assert found["description"] == REFILL_DUE.summary
    assert found["for"] == {"reference": "Patient/p1"}
    assert found["owner"] == {"reference": "Practitioner/kc"}
    assert found["restriction"] == {"period": {"end": "2026-11-30"}}
    assert found["instantiatesCanonical"].endswith("/PlanDefinition/itb-refill")
    assert [note["text"] for note in found["note"]] == ["&lt;b>called&lt;/b>"]
    assert found["meta"]["versionId"] == "3"


def test_a_task_that_waits_says_why_and_until_when(client: FlaskClient, store: Store):
    task = a_task(store)
    snooze = Snooze(date(2026, 11, 25), "need-more-info", THRESHOLDS)
    store.work.change(task.id, task.version, snooze, "kc", NOW)

    found = told(client, f"/fhir/Task/{task.id}")

    assert found["status"] == "on-hold"
    assert found["statusReason"]["coding"][0]["code"] == "need-more-info"
    assert found["businessStatus"]["text"] == "Put off until 25 Nov 2026"


def test_a_task_that_was_set_aside_in_vain_says_that_it_stays(client: FlaskClient, store: Store):
    task = a_task(store)
    override = Override("wrong-time-workflow", THRESHOLDS)
    store.work.change(task.id, task.version, override, "kc", NOW)

    found = told(client, f"/fhir/Task/{task.id}")

    assert found["status"] == "requested"
    assert found["businessStatus"]["text"] == "Advice set aside, but the task stays"


def test_what_waited_until_today_waits_no_more_even_if_nothing_was_read(
    wired: Service, store: Store
):
    task = a_task(store)
    snooze = Snooze(date(2026, 11, 25), "need-more-info", THRESHOLDS)
    store.work.change(task.id, task.version, snooze, "kc", NOW)
    later = replace(wired, store=store, clock=lambda: NOW + timedelta(days=3))

    assert told(app_of(later).test_client(), f"/fhir/Task/{task.id}")["status"] == "requested"


def test_a_task_that_closed_itself_names_the_evidence(client: FlaskClient, store: Store):
    task = a_task(store)
    figures = replace(a_status().figures, last_fill=date(2026, 11, 21))
    store.work.keep(a_status(figures=figures), TODAY)

    found = told(client, f"/fhir/Task/{task.id}")

    assert found["status"] == "completed"
    assert found["output"] == [{"type": {"text": "Refill on record"}, "valueDate": "2026-11-21"}]
    assert found["businessStatus"]["text"] == "Refill on record: 21 Nov 2026"


def test_tasks_are_found_by_patient_owner_status_and_id_page_by_page(
    client: FlaskClient, store: Store
):
    refill = a_task(store, advice=(REFILL_DUE, CONFLICT))
    store.work.change(refill.id, refill.version, Assign("kc"), "kc", NOW)
    store.work.keep(a_status("p2", advice=(REFILL_OVERDUE,)), TODAY)

    def total(query: str) -> int:
        return int(told(client, f"/fhir/Task?{query}")["total"])

    assert total("") == 3
    assert total("patient=Patient/p1") == total("subject=p1") == 2
    assert total("patient=p1,p2&status=accepted") == total("owner=kc") == 1
    assert total("status=requested,accepted") == 3
    assert total("status=completed") == total("patient=nobody") == 0
    assert total(f"_id={refill.id}") == 1
    page = told(client, "/fhir/Task?_count=2&patient=p1,p2")
    assert [link["relation"] for link in page["link"]] == ["self", "next"]
    rest = told(client, page["link"][1]["url"].removeprefix(PUBLIC))
    ids = [entry["resource"]["id"] for each in (page, rest) for entry in each["entry"]]
    assert len(set(ids)) == 3


def test_a_search_can_be_posted_so_that_no_address_names_a_patient(
    client: FlaskClient, store: Store
):
    a_task(store)

    answer = client.post("/fhir/Task/_search", data={"patient": "p1"})

    assert json.loads(answer.data)["total"] == 1


@pytest.mark.parametrize(
    "query",
    [
        "name=Ada",
        "status=none",
        "patient=",
        "patient=a&subject=a",
        "_count=x",
        "patient=a&patient=b",
    ],
)
def test_a_search_that_is_not_understood_is_refused_and_not_guessed(
    client: FlaskClient, query: str
):
    told(client, f"/fhir/Task?{query}", 400)


def test_a_task_is_sent_once_while_it_stays_the_same(client: FlaskClient, store: Store):
    task = a_task(store)
    path = f"/fhir/Task/{task.id}"
    etag = client.get(path).headers["ETag"]

    assert client.get(path, headers={"If-None-Match": etag}).status_code == 304
    store.work.change(task.id, task.version, Assign("kc"), "kc", NOW)
    assert client.get(path, headers={"If-None-Match": etag}).status_code == 200


def test_the_care_plan_names_the_plans_the_tasks_and_the_gaps(client: FlaskClient, store: Store):
    task = a_task(store, unchecked=("Visits: not read",), plans=(("itb-refill", "0.2.0"),))

    found = told(client, "/fhir/CarePlan?subject=Patient/p1")["entry"][0]["resource"]

    assert found["status"] == "active"
    assert found["instantiatesCanonical"][0].endswith("/PlanDefinition/itb-refill|0.2.0")
    assert {"reference": {"reference": f"Task/{task.id}"}} in found["activity"]
    assert found["note"][0]["text"] == "Could not check: Visits: not read"
    assert told(client, "/fhir/CarePlan/p1") == found


def test_an_old_reading_is_not_told_as_one_of_today(wired: Service, store: Store):
    a_task(store)
    store.work.keep_failure("p1", NOW + timedelta(hours=80), "no answer")
    later = replace(wired, store=store, clock=lambda: NOW + timedelta(hours=80))

    found = told(app_of(later).test_client(), "/fhir/CarePlan/p1")

    assert found["status"] == "unknown"
    assert "not known" in found["description"]
    assert found["note"][0]["text"] == "The record could not be read: no answer"


@pytest.mark.parametrize(
    "path", ["/fhir/Task/none", "/fhir/Task/%3Cscript%3E", "/fhir/CarePlan/nobody"]
)
def test_what_is_not_there_is_not_found_and_not_echoed(client: FlaskClient, path: str):
    assert "script" not in json.dumps(told(client, path, 404))


def test_a_hostile_comment_and_reason_stay_text(client: FlaskClient, store: Store):
    task = a_task(store)
    override = Override("data-wrong", THRESHOLDS, "</div><script>alert(1)</script>")
    store.work.change(task.id, task.version, override, "kc", NOW)

    page = told(client, "/fhir/Task?patient=p1")

    (problem,) = [
        entry["resource"]
        for entry in page["entry"]
        if entry["resource"]["code"]["text"] == "Correct the record"
    ]
    assert problem["description"] == "</div><script>alert(1)</script>"
    assert "text" not in problem


@pytest.fixture(params=[True, False], ids=["allowed", "not allowed"])
def trusted(
    request: pytest.FixtureRequest, tmp_path: Path, wired: Service, store: Store
) -> tuple[FlaskClient, bool]:
    north = Client("north", ISS, jwks=key_file(tmp_path, SIGNER.key), reads_worklist=request.param)
    settings = replace(wired.settings, clients=(north,))
    site = replace(wired, store=store, settings=settings, machine_clock=lambda: TOKENS_NOW)
    app = create_app(site)
    return app.test_client(), request.param


ALLOWED = {"/fhir/Task": 200, "/fhir/CarePlan": 400, "/fhir/Task/t": 404, "/fhir/CarePlan/p1": 200}


@pytest.mark.parametrize("path", ALLOWED)
def test_only_a_trusted_client_that_the_site_allows_reads_the_work(
    trusted: tuple[FlaskClient, bool], store: Store, path: str
):
    client, is_allowed = trusted
    a_task(store)
    token = SIGNER.token(claims(PUBLIC + path))

    assert client.get(path).status_code == 401
    answer = client.get(path, headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == (ALLOWED[path] if is_allowed else 403)
    assert "Ada" not in answer.text


def test_without_a_token_and_without_a_session_nobody_reads_the_work(wired: Service, store: Store):
    a_task(store)

    assert create_app(replace(wired, store=store)).test_client().get(TASKS).status_code == 401


TASKS = "/fhir/Task"
PEOPLE = {
    "a coordinator": (Role.COORDINATOR, "", 200, 200),
    "a clinician": (Role.CLINICIAN, "", 200, 200),
    "hospital IT": (Role.IT, "", 403, 403),
    "a launch of this patient": (Role.CLINICIAN, "p1", 200, 200),
    "a launch of another patient": (Role.CLINICIAN, "p2", 200, 403),
}


@pytest.mark.parametrize(
    ("role", "bound", "list_status", "read_status"), PEOPLE.values(), ids=PEOPLE.keys()
)
def test_signed_in_people_read_what_their_session_may_see(
    wired: Service, store: Store, role: Role, bound: str, list_status: int, read_status: int
):
    task = a_task(store)
    app = app_of(replace(wired, store=store))
    access = app.extensions["access"] = replace(app.extensions["access"], is_demo=False)
    secret = access.begin(Person("iss kc", "Kim", role), bound)
    client = app.test_client()
    client.set_cookie(access.cookie.name, secret, domain="cds.example.org", path="/")

    searched = client.get(TASKS, base_url=PUBLIC)
    read = client.get(f"{TASKS}/{task.id}", base_url=PUBLIC)

    assert (searched.status_code, read.status_code) == (list_status, read_status)
    if list_status == 200:
        assert json.loads(searched.data)["total"] == (0 if bound == "p2" else 1)
        rows = store.audit.rows()
        assert [row.person for row in rows] == ["iss kc", "iss kc"]
        outcome = json.loads(rows[0].content)["outcome"]
        assert (rows[0].patient, outcome) == ("p1", "4" if read_status == 403 else "0")
    else:
        assert store.audit.rows() == []


def test_a_session_from_one_chart_that_searches_another_is_refused_and_written_down(
    wired: Service, store: Store
):
    task = a_task(store)
    app = app_of(replace(wired, store=store))
    access = app.extensions["access"] = replace(app.extensions["access"], is_demo=False)
    secret = access.begin(Person("iss kc", "Kim", Role.CLINICIAN), "p2")
    client = app.test_client()
    client.set_cookie(access.cookie.name, secret, domain="cds.example.org", path="/")
    searches = [
        f"{TASKS}?patient=Patient/p1",
        f"{TASKS}?subject=p2,p1",
        f"{TASKS}?_id={task.id}",
        "/fhir/CarePlan?subject=p1",
        "/fhir/CarePlan?_id=p1",
    ]

    answers = [client.get(search, base_url=PUBLIC) for search in searches]

    assert [answer.status_code for answer in answers] == [403] * 5
    assert "p1" not in "".join(answer.text for answer in answers)
    rows = [(row.patient, json.loads(row.content)["outcome"]) for row in store.audit.rows()]
    assert rows == [("p1", "4")] * 5
    assert client.get(f"{TASKS}?patient=p2", base_url=PUBLIC).status_code == 200


@pytest.mark.parametrize(
    ("host", "remote", "status"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1", 200),
        ("http://localhost:8000", "127.0.0.1", 200),
        # A name of somebody's own that leads here.
        ("http://rebound.example.org:8000", "127.0.0.1", 403),
        ("http://127.0.0.1:8000", "192.0.2.7", 403),
    ],
)
def test_the_demo_shows_its_work_to_nobody_elsewhere(
    client: FlaskClient, host: str, remote: str, status: int
):
    answer = client.get(TASKS, base_url=host, environ_base={"REMOTE_ADDR": remote})

    assert answer.status_code == status


def test_tasks_in_every_state_and_all_care_plans_are_valid(wired: Service):
    client = app_of(replace(wired, store=work_in_every_state())).test_client()

    tasks = [entry["resource"] for entry in told(client, "/fhir/Task")["entry"]]
    plans = [entry["resource"] for entry in told(client, "/fhir/CarePlan?_id=p1,p2,p3")["entry"]]

    assert {task["status"] for task in tasks} == {
        "requested",
        "accepted",
        "on-hold",
        "completed",
        "cancelled",
    }
    for resource in (*tasks, *plans):
        assert problems_of(resource) == []
    for task in tasks:
        is_aside = task["status"] in ("on-hold", "cancelled")
        assert ("statusReason" in task) is is_aside, "itb-task-1"
    assert [plan["status"] for plan in plans] == ["active", "active", "revoked"]
