"""What was typed in arrives in an EHR once: a FHIR server written by others, over HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import requests

from cds_service.ehr.record_writer import RecordWriter
from cds_service.ehr.web_client import WebClient
from cds_service.fhir.typed_records import typed_records
from cds_service.population.reading_sending import send_readings
from cds_service.population.task_sending import Sent
from cds_service.store.open_store import Store, open_store
from cds_service.store.readings_ledger import PRINTOUT, KeptReading
from tests.ehr.sekmet_server import TOKEN, SekmetServer, sekmet_server
from tests.fhir.test_typed_records import TYPED, TYPIST

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SekmetServer]:
    with sekmet_server(tmp_path_factory.mktemp("sekmet")) as running:
        running.keep([{"resourceType": "Patient", "id": "p1"}])
        yield running


@pytest.fixture
def store() -> Store:
    store = open_store(None, lambda: NOW)
    records = tuple(typed_records(TYPED, "p1", TYPIST))
    store.readings.keep(
        KeptReading("r1", "p1", PRINTOUT, "2026-11-20T14:05", NOW, "kim", "", "", records)
    )
    return store


def writer(server: SekmetServer, token: str = TOKEN) -> RecordWriter:
    return RecordWriter(server.address, WebClient(allow_private_network=True), lambda: token)


def statuses(server: SekmetServer, kind: str) -> list[str]:
    session = requests.Session()
    session.trust_env = False
    answer = session.get(
        f"{server.address}/{kind}",
        params={"patient": "p1", "_count": "100"},
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=10,
    )
    return [entry["resource"]["status"] for entry in answer.json().get("entry", [])]


def test_a_reading_is_in_the_ehr_once_and_is_taken_back_when_withdrawn(server, store):
    refused = send_readings(store.readings, writer(server, "no such token"))
    assert (refused.taken, refused.failed) == (0, 1)
    assert len(store.readings.not_sent(10)) == 1

    assert send_readings(store.readings, writer(server)) == Sent(1, 0)
    assert send_readings(store.readings, writer(server)) == Sent(0, 0)
    assert statuses(server, "MedicationAdministration") == ["completed"]
    # TYPED has nine single values and two alarms; the refill is no Observation.
    assert statuses(server, "Observation") == ["final"] * 11

    store.readings.withdraw("r1", "p1", "another patient's printout")
    assert send_readings(store.readings, writer(server)) == Sent(1, 0)

    assert statuses(server, "MedicationAdministration") == ["entered-in-error"]
    assert set(statuses(server, "Observation")) == {"entered-in-error"}
    assert store.readings.of_patient("p1")[0].sent == "in-ehr"
