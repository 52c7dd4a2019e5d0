"""`$apply` over HTTP: what it gives, and what it refuses with a remedy."""

import json
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cds_service.app.conformance import problems_of
from cds_service.app.wiring import wire
from cds_service.assessment.application import occasion_of
from cds_service.settings import Settings
from cds_service.web import create_app
from cds_service.web.authentication import is_protected
from tests.fhir.builders import (
    OF_P1,
    a_device,
    a_patient,
    a_procedure,
    an_administration,
    an_appointment,
    coded,
    searchset,
)
from tests.web.apply_body import apply_body, apply_with_bundle, encoded

Json = dict[str, Any]
PATH = "/fhir/PlanDefinition/itb-refill/$apply"
SERVICE = wire(Settings(stated_public_url="https://cds.example.org"), "2026-04-10")
(REFILL,) = (plan for plan in SERVICE.rulebook.plans if plan.id == "itb-refill")
CPT = "http://www.ama-assn.org/go/cpt"
CHART = searchset(
    a_patient(), a_device(), a_procedure(coded(CPT, "62362"), "2024-01-15"), an_administration()
)
GATE = ("patient", "devices", "medicationAdministrations", "procedures")


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(SERVICE).test_client()


def post(client: FlaskClient, body: Json, path: str = PATH) -> TestResponse:
    return client.post(path, data=encoded(body), headers={"Content-Type": "application/fhir+json"})


def care_plan(answer: TestResponse) -> Json:
    assert answer.status_code == 200, answer.text
    found: Json = json.loads(answer.data)
    assert problems_of(found) == []
    return found


def actions(plan: Json) -> list[Json]:
    found: list[Json] = plan["contained"][0].get("action", [])
    return found


def test_a_plan_applied_is_a_draft_that_proposes(client: FlaskClient):
    """Filled 5 Jan with 20 mL of 500 mcg/mL at 100 mcg/day: 2 mL left after 90 d, on 5 Apr."""
    plan = care_plan(post(client, apply_with_bundle(CHART)))

    group = plan["contained"][0]
    assert plan["activity"] == [{"reference": {"reference": "#request-group"}}]
    for part in (plan, group):
        assert (part["status"], part["intent"]) == ("draft", "proposal")
        assert part["instantiatesCanonical"] == [REFILL.canonical]
        assert part["subject"] == OF_P1
    (action,) = actions(plan)
    assert (action["id"], action["priority"]) == ("refill-overdue", "stat")
    assert "5 Apr 2026" in action["title"]
    (request,) = [found for found in plan["contained"] if found["id"] == "request-1"]
    assert request["resourceType"] == "ServiceRequest"
    assert action["action"][0]["resource"] == {"reference": "#request-1"}


def test_a_recommendation_says_what_it_rests_on(client: FlaskClient):
    (action,) = actions(care_plan(post(client, apply_with_bundle(CHART))))

    told = {
        parts["fact"]["valueString"]: parts
        for parts in (
            {part["url"]: part for part in found["extension"]} for found in action["extension"]
        )
    }
    assert told["refill.alarmDate"]["value"]["valueDate"] == "2026-04-05"
    record = told["refill.fillDate"]["record"]["valueReference"]
    assert record["reference"] == "MedicationAdministration/fill"


def test_what_could_not_be_decided_carries_its_outcome(client: FlaskClient):
    """Day 12 after the implant, and the wound sheets cannot be read."""
    sent = {
        "patient": a_patient(),
        "devices": searchset(a_device()),
        "medicationAdministrations": searchset(an_administration(effectiveDateTime="2026-03-29")),
        "procedures": searchset(a_procedure(coded(CPT, "62362"), "2026-03-29")),
        "observations": {
            "resourceType": "OperationOutcome",
            "issue": [{"severity": "error", "code": "timeout"}],
        },
    }
    plan = care_plan(post(client, apply_body(sent), "/fhir/PlanDefinition/itb-infection/$apply"))

    open_questions = [found for found in actions(plan) if found["title"].startswith("Not decided")]
    contained = {f"#{found['id']}": found for found in plan["contained"]}
    assert open_questions
    for question in open_questions:
        outcome = contained[question["resource"]["reference"]]
        assert outcome["resourceType"] == "OperationOutcome"
        assert "observations" in outcome["issue"][0]["details"]["text"]
    note = contained[plan["extension"][-1]["valueReference"]["reference"]]
    assert note["issue"][0]["code"] == "incomplete"


@pytest.mark.parametrize(
    ("chart", "said"),
    [
        (searchset(a_patient()), "No sign of an intrathecal pump was found."),
        (
            searchset(a_patient(deceasedBoolean=True), a_device(), an_administration()),
            "The patient is recorded as deceased.",
        ),
        (
            searchset(
                a_patient(),
                a_device(),
                a_procedure(coded(CPT, "62362"), "2024-01-15"),
                an_administration(effectiveDateTime="2026-04-09"),
            ),
            "Nothing of this plan applies now.",
        ),
    ],
)
def test_an_answer_without_actions_says_that_somebody_looked(
    client: FlaskClient, chart: Json, said: str
):
    plan = care_plan(post(client, apply_with_bundle(chart)))

    assert actions(plan) == []
    (note,) = [found for found in plan["contained"] if found["id"] == "note-1"]
    assert note["issue"][0]["details"]["text"] == said


def test_encounter_and_practitioner_are_passed_on(client: FlaskClient):
    body = apply_with_bundle(CHART, "p1")
    body["parameter"] += [
        {"name": "encounter", "valueString": "https://ehr.example/fhir/Encounter/e1"},
        {"name": "practitioner", "valueReference": {"reference": "Practitioner/dr"}},
        {"name": "setting", "valueCodeableConcept": {"text": "ward"}},
    ]
    plan = care_plan(post(client, body))
    assert plan["encounter"] == {"reference": "Encounter/e1"}
    assert plan["author"] == {"reference": "Practitioner/dr"}


def test_a_threshold_the_site_set_decides_and_is_shown_with_the_plans_own():
    """Alarm 5 Apr (day 90). On 27 Mar, 9 days before: due from 10 days ahead, not from 7."""
    own, shipped = Settings(thresholds={"refillLeadDays": Decimal("10")}), Settings()
    due = {}
    for name, settings in (("own", own), ("shipped", shipped)):
        client = create_app(wire(settings, "2026-03-27")).test_client()
        plan = care_plan(post(client, apply_with_bundle(CHART)))
        due[name] = [action["id"] for action in actions(plan)]
        thresholds = [
            {part["url"]: part for part in found["extension"]}
            for found in plan["extension"]
            if "extension" in found
        ]
        (lead,) = [t for t in thresholds if t["name"]["valueString"] == "refillLeadDays"]
        assert lead["value"]["valueDecimal"] == (10 if name == "own" else 7)
        assert ("shippedValue" in lead) is (name == "own")
    assert due["own"] != due["shipped"]
    assert "due" in due["own"][0]


TWO = searchset(a_patient(), {**a_patient(), "id": "p2"}, a_device())
NOT_THE_SUBJECT = searchset({**a_patient(), "id": "p2"}, a_device())
ONLY_SUBJECT = {"resourceType": "Parameters", "parameter": [apply_body({})["parameter"][0]]}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (apply_with_bundle(TWO), "2 Patient resources; expected is a Bundle of one patient"),
        (apply_with_bundle(NOT_THE_SUBJECT), "data are of another patient than the subject"),
        (apply_with_bundle(searchset(a_device())), "no Patient resource"),
        (apply_with_bundle(a_patient()), "the file holds Patient"),
        (ONLY_SUBJECT, "found no data"),
        (apply_with_bundle(CHART, ""), "found no subject"),
        (apply_with_bundle(CHART, "Group/p1"), "'subject' is no Patient"),
        (apply_body({"devices": searchset()}, encounter="Patient/1"), "'encounter' is no"),
        (apply_body({"device": searchset()}), "key 'device', expected each of patient"),
        (apply_body({"devices": searchset()}, subjekt="p1"), "found a parameter 'subjekt'"),
        (apply_body({"devices": searchset()}, subject2="p1"), "found a parameter 'subject2'"),
        ({"resourceType": "Bundle"}, "found Bundle, expected Parameters"),
        ({"resourceType": "Parameters", "parameter": 1}, "not a FHIR Parameters resource"),
        (
            {
                "resourceType": "Parameters",
                "parameter": apply_with_bundle(CHART)["parameter"]
                + apply_body({"devices": searchset()})["parameter"][1:],
            },
            "more than one set",
        ),
        (
            {
                "resourceType": "Parameters",
                "parameter": [*apply_with_bundle(CHART)["parameter"], ONLY_SUBJECT["parameter"][0]],
            },
            "found 2 parameters 'subject', expected one",
        ),
    ],
)
def test_what_cannot_be_applied_is_refused_with_its_remedy(
    client: FlaskClient, body: Json, words: str
):
    answer = post(client, body)

    outcome = json.loads(answer.data)
    assert answer.status_code == 400
    assert problems_of(outcome) == []
    assert words in outcome["issue"][0]["details"]["text"]


def test_data_without_devices_or_other_sign_of_a_pump_are_not_enough(client: FlaskClient):
    answer = post(client, apply_body({"patient": a_patient()}))

    assert answer.status_code == 412
    assert json.loads(answer.data)["resourceType"] == "OperationOutcome"


def test_a_get_names_the_subject_and_is_told_to_send_the_data(client: FlaskClient):
    answer = client.get(f"{PATH}?subject=Patient/p1")
    assert answer.status_code == 400
    assert "POST Parameters" in json.loads(answer.data)["issue"][0]["details"]["text"]
    assert client.get(PATH).status_code == 400


def test_an_unknown_plan_and_another_media_type_are_refused(client: FlaskClient):
    unknown = post(client, apply_with_bundle(CHART), "/fhir/PlanDefinition/none/$apply")
    form = client.post(PATH, data="subject=1", content_type="application/x-www-form-urlencoded")
    assert (unknown.status_code, form.status_code) == (404, 415)
    assert client.put(PATH).status_code == 405


def test_apply_takes_patients_data_from_trusted_clients_only():
    assert is_protected(PATH)
    assert not is_protected("/fhir/PlanDefinition/itb-refill")


@pytest.mark.parametrize("plan", SERVICE.rulebook.plans, ids=lambda plan: plan.id)
def test_every_plan_can_be_applied(client: FlaskClient, plan):
    assert occasion_of(plan)
    body = apply_with_bundle(searchset(*(e["resource"] for e in CHART["entry"]), an_appointment()))
    care_plan(post(client, body, f"/fhir/PlanDefinition/{plan.id}/$apply"))
