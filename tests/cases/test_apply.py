"""`$apply` and the hook give the same recommendations for the same data, over all golden cases.

What overlaps: every card of a hook is an action of the plan it comes from, and the other way round,
with the same summary, detail, urgency, topic and suggested resources. Only hooks fold and withhold
cards; only `$apply` tells what stayed undecided, and why there is nothing.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from msgspec import Raw

from cds_service.app.wiring import wire
from cds_service.assessment import WORKLIST, Occasion, assess
from cds_service.cds_hooks.cards import CardContext, cards, response_body
from cds_service.cds_hooks.request import read_request
from cds_service.guidance.plan import COULD_NOT_CHECK, DATA_QUALITY, HOOKS
from cds_service.settings import Settings
from cds_service.web import create_app
from tests.cases.golden_case import EVIDENCE, GoldenCase, golden_cases, worklist_cases
from tests.cases.test_cases import Clock
from tests.web.apply_body import apply_as_hook, encoded

Json = dict[str, Any]
Advice = dict[tuple[str, str], Json]
WIRED = wire(Settings(stated_public_url="https://cds.example.org", max_cards=50), "2026-11-22")
CASES = golden_cases()
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
    hook = client.post(f"/cds-services/itb-{case.hook}", data=case.body, headers=JSON)

    assert hook.status_code == 200
    shown = json.loads(hook.data)["cards"]
    assert actions_of(client, case, occasion_of(case)) == by_action(shown)


@pytest.mark.parametrize("case", worklist_cases(), ids=lambda case: case.id)
def test_what_the_worklist_is_told_is_what_apply_gives(
    case: GoldenCase, client: FlaskClient, clock: Clock
):
    clock.now = case.now
    request = json.loads(case.body)
    prefetch = {key: Raw(json.dumps(sent).encode()) for key, sent in request["prefetch"].items()}
    patient = request["context"]["patientId"]
    found = assess(patient, prefetch, WIRED.rulebook, case.now, Occasion(WORKLIST))
    call = CardContext(
        str(UUID(int=1)), patient, WORKLIST, "https://cds.example.org", case.now, max_cards=50
    )
    told = json.loads(response_body(cards(found.evaluation, found.findings.facts, call)))["cards"]

    assert actions_of(client, case, WORKLIST) == by_action(told)


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.hook == "patient-view"], ids=lambda case: case.id
)
def test_no_answer_of_apply_is_silent(case: GoldenCase, client: FlaskClient, clock: Clock):
    clock.now = case.now
    unchecked = any(card["topic"] == COULD_NOT_CHECK for card in case.expected)

    answer = applied(client, "itb-refill", case, occasion_of(case))

    outcomes = [found for found in answer["contained"] if found["id"].startswith("note-")]
    said = [issue["code"] for outcome in outcomes for issue in outcome["issue"]]
    assert group(answer).get("action") or said
    assert ("incomplete" in said) is unchecked


JSON = {"Content-Type": "application/json"}


def occasion_of(case: GoldenCase) -> str:
    """The hook called, or the one that the EHR's trigger stands for."""
    return read_request(case.body, case.hook).occasion


def actions_of(client: FlaskClient, case: GoldenCase, hook: str) -> Advice:
    """What every plan that answers the hook recommends, by plan and action."""
    answers = {
        plan.id: applied(client, plan.id, case, hook)
        for plan in WIRED.rulebook.plans
        if any(hook in ladder.hooks for ladder in plan.ladders)
    }
    return {
        (plan, action["id"]): _of_action(action, answer)
        for plan, answer in answers.items()
        for action in group(answer)["action"]
        if not action["title"].startswith("Not decided")
    }


def by_action(shown: list[Json]) -> Advice:
    found = {_plan_and_action(card): _of_card(card) for card in shown}
    assert len(found) == len(shown)
    return found


def applied(client: FlaskClient, plan: str, case: GoldenCase, hook: str) -> Json:
    answer = client.post(
        f"/fhir/PlanDefinition/{plan}/$apply",
        data=encoded(apply_as_hook(json.loads(case.body), hook)),
        headers={"Content-Type": "application/fhir+json"},
    )
    assert answer.status_code == 200, answer.text
    found: Json = json.loads(answer.data)
    return found


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


def test_the_cases_cover_every_hook_and_every_plan():
    fired = {(card["topic"], case.hook) for case in CASES for card in case.expected}
    assert {hook for _, hook in fired} == HOOKS
    plans = {case.plan for case in (*CASES, *worklist_cases()) if case.expected}
    answering = {plan.id for plan in WIRED.rulebook.plans if plan.ladders}
    assert answering <= plans | {DATA_QUALITY}
