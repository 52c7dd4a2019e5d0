"""`$apply` and the hook give the same recommendations for the same data, over all golden cases."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.app.wiring import wire
from cds_service.assessment.application import occasion_of
from cds_service.guidance.plan import COULD_NOT_CHECK, DATA_QUALITY
from cds_service.settings import Settings
from cds_service.web import create_app
from tests.cases.golden_case import EVIDENCE, GoldenCase, golden_cases
from tests.cases.test_cases import Clock
from tests.web.apply_body import apply_body, encoded

Json = dict[str, Any]
WIRED = wire(Settings(stated_public_url="https://cds.example.org", max_cards=50), "2026-11-22")
PLANS = [plan for plan in WIRED.rulebook.plans if occasion_of(plan) == "patient-view"]
CASES = [
    case
    for case in golden_cases()
    # An EHR's trigger makes another occasion of the same hook.
    if case.hook == "patient-view" and b"bpa-trigger-action" not in case.body
]
URGENCY = {"critical": "stat", "warning": "urgent", "info": "routine"}


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def client(clock: Clock) -> Iterator[FlaskClient]:
    with create_app(replace(WIRED, clock=lambda: clock.now)).test_client() as client:
        yield client


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_card_of_the_hook_is_an_action_of_apply_and_the_other_way_round(
    case: GoldenCase, client: FlaskClient, clock: Clock
):
    clock.now = case.now
    hook = client.post("/cds-services/itb-patient-view", data=case.body, headers=JSON)

    plans = {plan.id: applied(client, plan.id, case) for plan in PLANS}

    assert hook.status_code == 200
    wanted = {_plan_and_action(card): _of_card(card) for card in json.loads(hook.data)["cards"]}
    found = {
        (plan, action["id"]): _of_action(action, plan_answer)
        for plan, plan_answer in plans.items()
        for action in group(plan_answer)["action"]
        if not action["title"].startswith("Not decided")
    }
    assert found == wanted
    assert len(found) == len(json.loads(hook.data)["cards"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_no_answer_of_apply_is_silent(case: GoldenCase, client: FlaskClient, clock: Clock):
    clock.now = case.now
    unchecked = any(card["topic"] == COULD_NOT_CHECK for card in case.expected)

    answer = applied(client, "itb-refill", case)

    outcomes = [found for found in answer["contained"] if found["id"].startswith("note-")]
    said = [issue["code"] for outcome in outcomes for issue in outcome["issue"]]
    assert group(answer).get("action") or said
    assert ("incomplete" in said) is unchecked


JSON = {"Content-Type": "application/json"}


def applied(client: FlaskClient, plan: str, case: GoldenCase) -> Json:
    request = json.loads(case.body)
    patient = request["context"]["patientId"]
    answer = client.post(
        f"/fhir/PlanDefinition/{plan}/$apply",
        data=encoded(apply_body(request["prefetch"], f"Patient/{patient}")),
        headers={"Content-Type": "application/fhir+json"},
    )
    assert answer.status_code == 200, answer.text
    body: Json = json.loads(answer.data)
    return body


def group(answer: Json) -> Json:
    found: Json = answer["contained"][0]
    return {"action": [], **found}


def _plan_and_action(card: Json) -> tuple[str, str]:
    evidence = card["extension"][EVIDENCE]
    plan = evidence["planCanonical"].split("/")[-1].split("|")[0]
    return plan, evidence["action"]


def _of_card(card: Json) -> Json:
    resources = [
        (found["label"], found["actions"][0]["resource"]) for found in card.get("suggestions", ())
    ]
    return {
        "title": card["summary"],
        "description": card["detail"],
        "priority": URGENCY[card["indicator"]],
        "topic": card["source"]["topic"],
        "requests": resources,
    }


def _of_action(action: Json, answer: Json) -> Json:
    contained = {f"#{found['id']}": found for found in answer["contained"]}
    requests = [
        (offer["title"], _without_id(contained[offer["resource"]["reference"]]))
        for offer in action.get("action", ())
    ]
    return {
        "title": action["title"],
        "description": action["description"],
        "priority": action["priority"],
        "topic": action["code"][0]["coding"][0],
        "requests": requests,
    }


def _without_id(resource: Json) -> Json:
    return {name: value for name, value in resource.items() if name != "id"}


def test_the_cases_cover_the_plans_that_are_compared():
    assert len(CASES) > 200
    assert {DATA_QUALITY, "itb-refill", "itb-battery"} <= {plan.id for plan in PLANS}
