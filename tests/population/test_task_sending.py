"""The coordinator's tasks in an EHR: a FHIR server written by others, over HTTP on this machine."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from cds_service.coordination.changes import Assign, Finish
from cds_service.ehr.record_writer import RecordWriter
from cds_service.ehr.web_client import WebClient
from cds_service.errors import NotObtainedError
from cds_service.population.task_sending import MOST_FAILURES, Sent, send_tasks
from cds_service.store.open_store import Store, open_store
from tests.coordination.builders import CONFLICT, NOW, REFILL_DUE, THRESHOLDS, TODAY, a_status
from tests.ehr.sekmet_server import TOKEN, SekmetServer, sekmet_server

Json = dict[str, Any]
WRONG = "no such token"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SekmetServer]:
    with sekmet_server(tmp_path_factory.mktemp("sekmet")) as running:
        yield running


@pytest.fixture
def store() -> Store:
    return open_store(None, lambda: NOW)


def writer(server: SekmetServer, token: str = TOKEN) -> RecordWriter:
    return RecordWriter(server.address, WebClient(allow_private_network=True), lambda: token)


def in_the_ehr(server: SekmetServer, patient_id: str) -> list[Json]:
    session = requests.Session()
    session.trust_env = False
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = session.get(
        f"{server.address}/Task", params={"patient": patient_id}, headers=headers, timeout=10
    )
    return [entry["resource"] for entry in answer.json().get("entry", [])]


def a_patient(server: SekmetServer, store: Store, patient_id: str, *advice: Any) -> None:
    server.keep([{"resourceType": "Patient", "id": patient_id}])
    store.work.keep(a_status(patient_id, advice=advice), TODAY)


def test_every_task_is_in_the_ehr_once_and_follows_its_changes(server: SekmetServer, store: Store):
    a_patient(server, store, "s1", REFILL_DUE, CONFLICT)

    assert send_tasks(store.work, writer(server), {}, NOW) == Sent(2, 0)
    assert send_tasks(store.work, writer(server), {}, NOW) == Sent(0, 0)
    task = next(task for task in store.work.tasks("s1") if task.kind == "refill")
    store.work.change(task.id, task.version, Assign("Practitioner/kc"), "kc", NOW)
    assert not store.work.deliveries("s1")[task.id].is_sent
    assert send_tasks(store.work, writer(server), {}, NOW) == Sent(1, 0)

    found = in_the_ehr(server, "s1")
    assert len(found) == 2
    refill = next(each for each in found if "owner" in each)
    assert refill["status"] == "accepted"
    assert refill["identifier"][0]["value"] == f"urn:uuid:{task.id}"
    assert store.work.deliveries("s1")[task.id].is_sent


def test_a_sending_that_was_cut_off_after_the_server_took_it_gives_no_second_task(
    server: SekmetServer, store: Store
):
    a_patient(server, store, "s2", REFILL_DUE)
    send_tasks(store.work, writer(server), {}, NOW)
    (task,) = store.work.tasks("s2")
    store.work.note_sent(task.id, 0)

    assert send_tasks(store.work, writer(server), {}, NOW) == Sent(1, 0)
    assert len(in_the_ehr(server, "s2")) == 1


def test_what_the_ehr_refuses_is_kept_with_the_reason_and_tried_again(
    server: SekmetServer, store: Store
):
    a_patient(server, store, "s3", REFILL_DUE)
    (task,) = store.work.tasks("s3")

    sent = send_tasks(store.work, writer(server, WRONG), {}, NOW)

    assert (sent.taken, sent.failed) == (0, 1)
    delivery = store.work.deliveries("s3")[task.id]
    assert not delivery.is_sent
    assert delivery.fault == "The EHR did not accept the access token (401)"
    assert send_tasks(store.work, writer(server), {}, NOW) == Sent(1, 0)
    assert store.work.deliveries("s3")[task.id].fault == ""


def test_a_server_that_fails_again_and_again_is_left_alone_until_the_next_time(store: Store):
    for number in range(MOST_FAILURES + 2):
        store.work.keep(a_status(f"p{number}", advice=(REFILL_DUE,)), TODAY)

    def no_token() -> str:
        raise NotObtainedError("401", "gave no token")

    nowhere = RecordWriter("http://127.0.0.1:9", WebClient(allow_private_network=True), no_token)

    assert send_tasks(store.work, nowhere, {}, NOW) == Sent(0, MOST_FAILURES, "gave no token")


def test_work_that_was_over_before_it_was_sent_is_no_news(server: SekmetServer, store: Store):
    server.keep([{"resourceType": "Patient", "id": "s4"}])
    task = store.work.add_task("s4", "Send the card", None, "kc", NOW)
    store.work.change(task.id, task.version, Finish(THRESHOLDS), "kc", NOW)

    assert send_tasks(store.work, writer(server), {}, NOW) == Sent(0, 0)
