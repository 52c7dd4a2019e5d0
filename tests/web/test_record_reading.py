"""What a call lacks is read from the EHR, and what the EHR does not give is said on a card."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from cds_service.cds_hooks.discovery import GATE_KEYS
from cds_service.demo_clinic.prefetch import Faults, prefetch
from cds_service.demo_clinic.roster import PATIENTS
from tests.ehr.fhir_double import EMPTY, Exchange, FhirDouble, fhir_double, stopwatch
from tests.web.trusted_site import TrustedSite, trusted_site

TODAY = date(2026, 11, 22)
OVERDUE = "demo-004"
KINDS = {
    "devices": "Device",
    "medicationAdministrations": "MedicationAdministration",
    "procedures": "Procedure",
    "observations": "Observation",
    "conditions": "Condition",
    "medicationRequests": "MedicationRequest",
    "appointments": "Appointment",
    "serviceRequests": "ServiceRequest",
    "carePlans": "CarePlan",
}


def everything() -> dict[str, Any]:
    """The ten keys of a patient whose refill is overdue."""
    return dict(prefetch(PATIENTS[OVERDUE].chart(TODAY), TODAY, Faults()))


def gate() -> dict[str, Any]:
    return {key: found for key, found in everything().items() if key in GATE_KEYS}


def no_pump() -> dict[str, Any]:
    patient = {"resourceType": "Patient", "id": OVERDUE}
    return dict.fromkeys(GATE_KEYS, EMPTY) | {"patient": patient}


@pytest.fixture
def double() -> Iterator[FhirDouble]:
    """Holds the patient's whole record."""
    with fhir_double() as running:
        sent = everything()
        running.behaviours["Patient"] = lambda exchange: exchange.answer(sent["patient"])
        for key, kind in KINDS.items():
            running.behaviours[kind] = _answering(sent[key])
        yield running


def _answering(body: object):
    return lambda exchange: exchange.answer(body)


@pytest.fixture
def site(double: FhirDouble, tmp_path: Path) -> Iterator[TrustedSite]:
    with trusted_site(tmp_path, double.address) as running:
        yield running


def topics(cards: list[dict[str, Any]]) -> list[str]:
    return [card["source"]["topic"]["code"] for card in cards]


def kinds_asked(double: FhirDouble) -> set[str]:
    return {path.partition("?")[0].split("/")[2] for path in double.paths()}


def without_source(cards: list[dict[str, Any]]) -> str:
    """The cards as text without what differs from call to call."""
    return json.dumps([{"summary": card["summary"], "detail": card["detail"]} for card in cards])


def test_a_gate_with_a_pump_is_completed_and_answered_like_a_full_prefetch(
    site: TrustedSite, double: FhirDouble
):
    full = site.cards(everything(), OVERDUE)
    assert double.asked == []

    read = site.cards(gate(), OVERDUE)

    assert topics(read) == topics(full) == ["itbRefillOverdue"]
    assert without_source(read) == without_source(full)
    assert kinds_asked(double) == set(KINDS.values()) - {
        "Device",
        "MedicationAdministration",
        "Procedure",
    }
    assert {headers["Authorization"] for _, headers in double.asked} == {
        "Bearer access-token-canary"
    }


def test_nothing_is_read_for_a_patient_without_a_pump(site: TrustedSite, double: FhirDouble):
    assert site.cards(no_pump(), OVERDUE) == []
    assert double.asked == []


def test_without_any_prefetch_the_gate_is_read_first(site: TrustedSite, double: FhirDouble):
    assert topics(site.cards({}, OVERDUE)) == ["itbRefillOverdue"]
    first = {path.partition("?")[0].split("/")[2] for path in double.paths()[:4]}
    assert first == {"Patient", "Device", "MedicationAdministration", "Procedure"}
    assert len(double.asked) == 10


def test_without_prefetch_or_pump_only_the_gate_is_read(site: TrustedSite, double: FhirDouble):
    for kind in KINDS.values():
        double.behaviours[kind] = _answering(EMPTY)

    assert site.cards({}, OVERDUE) == []
    assert len(double.asked) == 4


def test_a_first_page_alone_is_read_again_whole(site: TrustedSite, double: FhirDouble):
    sent = everything()
    sent["observations"] |= {"link": [{"relation": "next", "url": "https://x.example/2"}]}

    assert topics(site.cards(sent, OVERDUE)) == ["itbRefillOverdue"]
    assert kinds_asked(double) == {"Observation"}


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, "did not accept the access token (401)"),
        (403, "does not permit the reading of Observation (403)"),
        (429, "is asked too often (429)"),
        (500, "failed (500)"),
    ],
)
def test_what_the_ehr_refuses_is_told_by_name_beside_the_advice(
    site: TrustedSite, double: FhirDouble, status: int, told: str
):
    double.behaviours["Observation"] = lambda exchange: exchange.answer({}, status)

    cards = site.cards(gate(), OVERDUE)

    assert "itbCouldNotCheck" in topics(cards)
    card = next(each for each in cards if each["source"]["topic"]["code"] == "itbCouldNotCheck")
    assert f"(`observations`): the EHR {told}" in card["detail"]


def test_devices_refused_beside_other_signs_of_a_pump_are_told(
    site: TrustedSite, double: FhirDouble
):
    double.behaviours["Device"] = lambda exchange: exchange.answer({}, 403)
    sent = gate()
    del sent["devices"]

    cards = site.cards(sent, OVERDUE)

    assert "itbCouldNotCheck" in topics(cards)
    assert "does not permit the reading of Device (403)" in json.dumps(cards)


def test_devices_that_cannot_be_had_and_no_other_sign_of_a_pump_are_412(
    site: TrustedSite, double: FhirDouble
):
    double.behaviours["Device"] = lambda exchange: exchange.answer({}, 500)
    sent = no_pump()
    del sent["devices"]

    answer = site.hook(sent, OVERDUE)

    assert answer.status_code == 412
    assert "the EHR failed (500)" in answer.text


def test_one_slow_reading_costs_its_key_alone_and_no_more_than_the_deadline(
    site: TrustedSite, double: FhirDouble
):
    def stalls(exchange: Exchange) -> None:
        exchange.pause(20)

    double.behaviours["Observation"] = stalls
    seconds = stopwatch()

    cards = site.cards(gate(), OVERDUE)

    # The reading stalls for 20 s, and 1.5 s are there for all.
    assert seconds() < 5
    assert "(`observations`): the EHR did not answer in time" in json.dumps(cards)


def test_what_lacks_is_asked_for_all_at_once(site: TrustedSite, double: FhirDouble):
    sent = everything()
    lacking = {key: kind for key, kind in KINDS.items() if key not in GATE_KEYS}
    # Nobody is answered before everybody has asked: one after another they would all be too late.
    all_asked = Barrier(len(lacking))
    for key, kind in lacking.items():

        def meeting(exchange: Exchange, found: object = sent[key]) -> None:
            all_asked.wait(1.4)
            exchange.answer(found)

        double.behaviours[kind] = meeting

    assert topics(site.cards(gate(), OVERDUE)) == ["itbRefillOverdue"]
    assert not all_asked.broken


def test_another_patients_records_from_the_ehr_are_not_used(site: TrustedSite, double: FhirDouble):
    stranger = json.loads(
        json.dumps(everything()["observations"]).replace(f"Patient/{OVERDUE}", "Patient/other")
    )
    double.behaviours["Observation"] = _answering(stranger)

    cards = site.cards(gate(), OVERDUE)

    assert "itbCouldNotCheck" in topics(cards)
    assert "another patient" in json.dumps(cards)


def test_without_a_token_the_ehr_is_asked_without_one(site: TrustedSite, double: FhirDouble):
    assert topics(site.cards(gate(), OVERDUE, fhirAuthorization=None)) == ["itbRefillOverdue"]
    assert all("Authorization" not in headers for _, headers in double.asked)


def test_a_call_without_fhir_server_says_what_was_not_sent(site: TrustedSite, double: FhirDouble):
    cards = site.cards(gate(), OVERDUE, fhirServer=None, fhirAuthorization=None)

    assert "(`observations`): not sent;" in json.dumps(cards)
    assert double.asked == []


@pytest.mark.parametrize("patient_id", ["..", "a/b", "a,b", "a|b", "a?b=c", "a b", "ä", "a%2Fb"])
def test_an_id_that_could_change_the_question_is_not_asked_for(
    site: TrustedSite, double: FhirDouble, patient_id: str
):
    answer = site.hook({}, patient_id)

    assert answer.status_code == 412
    assert double.asked == []


def test_oracles_searches_carry_no_sorting(double: FhirDouble, tmp_path: Path):
    with trusted_site(tmp_path, double.address, dialect="oracle") as site:
        site.cards(gate(), OVERDUE)

    assert f"/fhir/Observation?patient={OVERDUE}&_count=1000" in double.paths()


def test_a_clients_own_templates_are_asked(double: FhirDouble, tmp_path: Path):
    own = {"conditions": "Condition?subject=Patient/{{context.patientId}}&category=problem"}
    with trusted_site(tmp_path, double.address, templates=own) as site:
        site.cards(gate(), OVERDUE)

    assert f"/fhir/Condition?subject=Patient/{OVERDUE}&category=problem" in double.paths()


def _second_page(content: Any) -> Any:
    """Answers an empty first page, and on the second something else than a page."""

    def answer(exchange: Any) -> Any:
        if "p=2" in exchange.path:
            return exchange.answer(content)
        link = [{"relation": "next", "url": "?p=2"}]
        first = {"resourceType": "Bundle", "type": "searchset", "entry": [], "link": link}
        return exchange.answer(first)

    return answer


NO_PAGES = [
    {"resourceType": "OperationOutcome", "issue": [{"severity": "fatal", "code": "timeout"}]},
    {"resourceType": "Patient", "id": "demo-004"},
    {},
]


@pytest.mark.parametrize("content", NO_PAGES, ids=["error", "another resource", "nothing"])
def test_a_second_page_that_is_none_is_never_an_empty_list_of_cards(site, double, content):
    for kind in ("Device", "MedicationAdministration", "Procedure"):
        double.behaviours[kind] = _second_page(content)

    answer = site.hook({}, OVERDUE)

    assert answer.status_code == 412 or answer.json()["cards"]


def test_a_wish_to_wait_for_ever_takes_no_card_away(site, double):
    late = {"Retry-After": "Mon, 01 Jan 99999999999 00:00:00 GMT"}
    double.behaviours["CarePlan"] = lambda exchange: exchange.answer({}, 503, **late)

    answer = site.hook(gate(), OVERDUE)

    assert answer.status_code == 200
    assert {"itbRefillOverdue", "itbCouldNotCheck"} <= set(topics(answer.json()["cards"]))
