"""The whole way against a FHIR server written by others, over HTTP on this machine."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cds_service.demo_clinic.prefetch import Faults, prefetch
from cds_service.demo_clinic.roster import PATIENTS
from tests.ehr.sekmet_server import TOKEN, SekmetServer, sekmet_server
from tests.web.trusted_site import TrustedSite, trusted_site

TODAY = date(2026, 11, 22)
MALFORMED = {key for key, each in PATIENTS.items() if each.chart(TODAY).malformed}
AUTHORIZATION = {
    "access_token": TOKEN,
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "patient/*.read",
    "subject": "itb",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SekmetServer]:
    with sekmet_server(tmp_path_factory.mktemp("sekmet")) as running:
        for patient in PATIENTS.values():
            chart = patient.chart(TODAY)
            running.keep([chart.patient, *chart.as_known_on(TODAY).resources])
        yield running


@pytest.fixture(scope="module")
def site(server: SekmetServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrustedSite]:
    folder = tmp_path_factory.mktemp("site")
    with trusted_site(folder, server.address, seconds=10.0) as running:
        yield running


def said(cards: list[dict[str, Any]]) -> list[str]:
    return [json.dumps([card["source"]["topic"], card["summary"]]) for card in cards]


@pytest.mark.parametrize("patient_id", [key for key in PATIENTS if key not in MALFORMED])
def test_a_record_read_from_the_server_is_answered_as_one_that_was_sent(
    site: TrustedSite, patient_id: str
):
    sent = dict(prefetch(PATIENTS[patient_id].chart(TODAY), TODAY, Faults()))

    read = site.cards({}, patient_id, fhirAuthorization=AUTHORIZATION)

    assert said(read) == said(site.cards(sent, patient_id))


def test_the_servers_refusal_of_the_token_is_412_when_nothing_was_sent(site: TrustedSite):
    answer = site.hook({}, "demo-004")

    assert answer.status_code == 412
    assert "did not accept the access token (401)" in answer.text


def test_a_record_of_several_pages_is_read_whole(
    site: TrustedSite, server: SekmetServer, tmp_path: Path
):
    weights = [
        {
            "resourceType": "Observation",
            "id": f"weight-{number}",
            "status": "final",
            "subject": {"reference": "Patient/demo-004"},
            "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
            "effectiveDateTime": "2026-11-20T08:00:00Z",
            "valueQuantity": {
                "value": 70,
                "unit": "kg",
                "system": "http://unitsofmeasure.org",
                "code": "kg",
            },
        }
        for number in range(60)
    ]
    server.keep(weights)
    template = {"observations": "Observation?patient={{context.patientId}}&_count=7"}
    before = site.cards({}, "demo-004", fhirAuthorization=AUTHORIZATION)

    with trusted_site(tmp_path, server.address, seconds=10.0, templates=template) as paged:
        read = paged.cards({}, "demo-004", fhirAuthorization=AUTHORIZATION)

    assert said(read) == said(before)
    assert "itbCouldNotCheck" not in json.dumps(read)
