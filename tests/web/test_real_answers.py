"""The whole way, from the body to the cards, for every patient of the demo clinic."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from cds_service.app.conformance import problems_of
from cds_service.app.wiring import wire
from cds_service.demo_clinic.prefetch import Faults, prefetch
from cds_service.demo_clinic.roster import PATIENTS
from cds_service.settings import Settings
from cds_service.web import create_app
from tests.cds_hooks.hook_body import a_body, a_context, as_json
from tests.cds_hooks.wire_schema import checked_response
from tests.web.served import Caller, served

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def real() -> Iterator[Caller]:
    service = wire(Settings(), TODAY.isoformat())
    with served(create_app(service)) as address:
        caller = Caller(address)
        yield caller
        caller.session.close()


def a_call(patient_id: str) -> bytes:
    sent = prefetch(PATIENTS[patient_id].chart(TODAY), TODAY, Faults())
    context = a_context(patientId=patient_id)
    return as_json(a_body(prefetch=dict(sent), context=context))


def suggested(cards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        suggestion["actions"][0]["resource"]
        for card in cards
        for suggestion in card.get("suggestions", [])
    ]


@pytest.mark.parametrize("patient_id", PATIENTS)
def test_every_answer_keeps_the_wires_rules_and_suggests_valid_resources(
    real: Caller, patient_id: str
):
    answer = real.post(a_call(patient_id))

    assert answer.status_code == 200
    cards = checked_response(answer.content)
    assert [problems_of(resource) for resource in suggested(cards)] == [
        [] for _ in suggested(cards)
    ]
    for card in cards:
        assert patient_id not in json.dumps([card["summary"], card["source"], card["links"]])


@pytest.mark.parametrize("patient_id", list(PATIENTS)[:5])
def test_the_same_call_is_answered_byte_for_byte_the_same(real: Caller, patient_id: str):
    body = a_call(patient_id)

    assert real.post(body).content == real.post(body).content


def test_a_call_without_any_prefetch_is_412(real: Caller):
    assert real.post(as_json(a_body(prefetch=None))).status_code == 412


def test_a_patient_without_a_pump_is_answered_with_no_cards(real: Caller):
    assert real.post(as_json(a_body())).content == b'{"cards":[]}'
