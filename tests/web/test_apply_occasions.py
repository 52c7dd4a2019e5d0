"""`$apply` told of a hook and of what is proposed, and of plans that the site switched off."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.app.conformance import problems_of
from cds_service.app.wiring import wire
from cds_service.settings import PlanSettings, PlanUse, Settings
from cds_service.web import create_app
from tests.fhir.builders import a_device, a_patient, an_administration, searchset
from tests.web.apply_body import apply_with_bundle, encoded

Json = dict[str, Any]
CHART = searchset(a_patient(), a_device(), an_administration())
MRI = {
    "resourceType": "ServiceRequest",
    "id": "scan",
    "status": "draft",
    "intent": "order",
    "subject": {"reference": "Patient/p1"},
    "code": {"text": "MRI of the lumbar spine"},
}
BLOOD = {**MRI, "id": "blood", "code": {"text": "Complete blood count"}}


def applied(client: FlaskClient, plan: str, *more: Json, chart: Json = CHART) -> Json:
    body = apply_with_bundle(chart)
    body["parameter"] += more
    answer = client.post(
        f"/fhir/PlanDefinition/{plan}/$apply",
        data=encoded(body),
        content_type="application/fhir+json",
    )
    assert answer.status_code == 200, answer.text
    found: Json = json.loads(answer.data)
    assert problems_of(found) == []
    return found


def drafts(*orders: Json) -> Json:
    return {"name": "draftOrders", "resource": searchset(*orders)}


def hook(name: str) -> Json:
    return {"name": "hook", "valueCode": name}


def action_ids(care_plan: Json) -> list[str]:
    return [action["id"] for action in care_plan["contained"][0].get("action", ())]


def notes(care_plan: Json) -> list[tuple[str, str]]:
    return [
        (issue["code"], issue["details"]["text"])
        for found in care_plan["contained"]
        if found["id"].startswith("note-")
        for issue in found["issue"]
    ]


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return create_app(wire(Settings(), "2026-04-10")).test_client()


def test_a_draft_order_is_judged_as_when_it_is_signed(client: FlaskClient):
    assert action_ids(applied(client, "itb-order-safety", drafts(MRI))) == ["mri-synchromed-two"]
    assert action_ids(applied(client, "itb-order-safety", hook("order-sign"), drafts(MRI))) == [
        "mri-synchromed-two"
    ]


def test_of_drafts_only_the_selected_are_judged(client: FlaskClient):
    picked = {"name": "selections", "valueString": "ServiceRequest/blood"}
    care_plan = applied(client, "itb-order-safety", drafts(MRI, BLOOD), picked)
    assert action_ids(care_plan) == []
    assert notes(care_plan) == [
        (
            "informational",
            "What is proposed does not concern intrathecal therapy; nothing else was looked at.",
        )
    ]


def test_without_a_proposal_the_plan_for_orders_says_what_it_needs(client: FlaskClient):
    ((code, said),) = notes(applied(client, "itb-order-safety"))
    assert code == "informational"
    assert "it answers order-select, and $apply is given no proposal. Send draftOrders" in said


def test_a_plan_that_does_not_answer_the_hook_says_so(client: FlaskClient):
    ((_, said),) = notes(applied(client, "itb-weakness", hook("encounter-discharge")))
    assert "it does not answer encounter-discharge, but patient-view" in said


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ([hook("chart-open")], "found the hook 'chart-open', expected one of appointment-book"),
        ([hook("order-sign")], "found proposals: none; expected for order-sign: draftOrders"),
        (
            [hook("patient-view"), drafts(MRI)],
            "found proposals: draftOrders; expected for patient-view: none",
        ),
        (
            [drafts(MRI), {"name": "appointments", "resource": searchset()}],
            "found proposals: draftOrders, appointments",
        ),
        ([drafts(MRI), drafts(BLOOD)], "'draftOrders': found something else, expected one"),
        ([{"name": "draftOrders", "resource": MRI}], "'draftOrders': found something else"),
        ([{"name": "draftOrders"}], "'draftOrders': found something else"),
        (
            [drafts(MRI), {"name": "selections", "valueString": "ServiceRequest/other"}],
            "'selections': found a name that no resource in draftOrders has",
        ),
        ([{"name": "selections", "valueString": "ServiceRequest/scan"}], "'selections': found"),
        (
            [
                hook("order-sign"),
                drafts(MRI),
                {"name": "selections", "valueString": "ServiceRequest/scan"},
            ],
            "found selections for order-sign, expected them for order-select only",
        ),
    ],
)
def test_a_proposal_that_does_not_fit_is_refused_with_its_remedy(
    client: FlaskClient, more: list[Json], words: str
):
    body = apply_with_bundle(CHART)
    body["parameter"] += more
    answer = client.post(
        "/fhir/PlanDefinition/itb-order-safety/$apply",
        data=encoded(body),
        content_type="application/fhir+json",
    )
    assert answer.status_code == 400
    assert words in json.loads(answer.data)["issue"][0]["details"]["text"]


def site(use: PlanUse) -> FlaskClient:
    plans = PlanSettings(uses={"itb-refill": use})
    return create_app(wire(Settings(plans=plans), "2026-04-10")).test_client()


def test_a_plan_that_is_off_here_is_said_to_be_off_and_not_that_nothing_applies():
    """The alarm date, 5 Apr, has passed: live, the plan would call for a refill."""
    care_plan = applied(site(PlanUse("off")), "itb-refill")
    assert action_ids(care_plan) == []
    assert ("suppressed", "At this site the plan is off: not evaluated.") in notes(care_plan)
    assert not [said for _, said in notes(care_plan) if "Nothing of this plan" in said]


def test_what_could_not_be_checked_is_said_of_a_plan_that_is_off_too():
    broken = {**an_administration(), "dosage": {"dose": {"value": 20, "unit": "furlong"}}}
    care_plan = applied(
        site(PlanUse("off")), "itb-refill", chart=searchset(a_patient(), a_device(), broken)
    )
    assert {code for code, _ in notes(care_plan)} == {"suppressed", "incomplete"}


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (PlanUse("silent"), "silent: evaluated and counted, not shown"),
        (PlanUse(audiences=("Practitioner",)), "live, to Practitioner only"),
    ],
)
def test_a_plan_that_few_or_none_are_shown_is_applied_and_marked(use: PlanUse, said: str):
    care_plan = applied(site(use), "itb-refill")
    assert action_ids(care_plan) == ["refill-overdue"]
    assert ("informational", f"At this site the plan is {said}.") in notes(care_plan)
