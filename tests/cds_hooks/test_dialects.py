"""What each kind of client is sent, and that what is left out is said in words."""

import json
import re
from typing import Any

import pytest

from cds_service.app.wiring import wire
from cds_service.assessment import Occasion, assess
from cds_service.cds_hooks.cards import CardContext, cards, response_body
from cds_service.cds_hooks.dialects import DIALECTS
from cds_service.cds_hooks.request import read_request
from cds_service.settings import Settings
from cds_service.settings.client_readers import DIALECTS as CONFIGURED
from tests.cases.golden_case import GoldenCase, golden_cases
from tests.cds_hooks.wire_schema import checked_response

CASES = [case for case in golden_cases() if case.expected]
RULEBOOK = wire(Settings()).rulebook
EPIC_CREATES = {"ServiceRequest", "Condition", "MedicationRequest"}


def sent(case: GoldenCase, dialect: str, launch_url: str = "") -> list[dict[str, Any]]:
    """The cards of a case for a client of this dialect, checked as the wire wants them."""
    hook = read_request(case.body, json.loads(case.body)["hook"])
    found = assess(hook.patient_id, hook.prefetch, RULEBOOK, case.now, Occasion(hook.occasion))
    call = CardContext(
        hook_instance=hook.hook_instance,
        patient_id=hook.patient_id,
        service_id="itb-patient-view",
        public_url="https://cds.example.org",
        as_of=case.now,
        dialect=dialect,
        launch_url=launch_url,
    )
    made = cards(found.evaluation, found.findings.facts, call)
    return checked_response(response_body(made))


every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)


def test_the_configuration_knows_every_dialect_and_no_other():
    assert set(CONFIGURED) == set(DIALECTS)


@every_case
def test_epic_gets_one_action_a_suggestion_and_orders_only(case: GoldenCase):
    for card in sent(case, "epic"):
        assert card.get("selectionBehavior", "any") == "any"
        for suggestion in card.get("suggestions", ()):
            (action,) = suggestion["actions"]
            assert action["resource"]["resourceType"] in EPIC_CREATES
        topic = card["source"]["topic"]["code"]
        assert re.fullmatch(r"[A-Za-z0-9]{1,100}", topic)


@every_case
def test_oracle_gets_no_suggestion_no_reason_and_no_table(case: GoldenCase):
    for card in sent(case, "oracle"):
        assert not card.keys() & {"suggestions", "selectionBehavior", "overrideReasons"}
        assert not re.search(r"^\s*\|", card["detail"], re.MULTILINE)
        assert "**Basis**" not in card["detail"]


@every_case
def test_no_dialect_changes_what_is_said_how_urgently_or_left_out_in_silence(case: GoldenCase):
    standard = sent(case, "standard")
    for dialect in ("epic", "oracle"):
        other = sent(case, dialect)
        kept = ("uuid", "summary", "indicator", "source", "links")
        assert [[card[name] for name in kept] for card in other] == [
            [card[name] for name in kept] for card in standard
        ]
        for full, card in zip(standard, other, strict=True):
            left = {each["uuid"] for each in card.get("suggestions", ())}
            for suggestion in full.get("suggestions", ()):
                told = f"- {suggestion['label']}"
                assert suggestion["uuid"] in left or told in card["detail"].splitlines()


def test_without_a_launch_no_card_offers_app_context_or_a_smart_link():
    for case in CASES[:20]:
        for dialect in DIALECTS:
            links = [link for card in sent(case, dialect) for link in card["links"]]
            assert {link["type"] for link in links} == {"absolute"}
            assert not any("appContext" in link for link in links)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_with_a_launch_every_card_leads_into_the_app_and_says_nothing_of_the_patient(dialect: str):
    for case in CASES[:20]:
        patient_id = json.loads(case.body)["context"]["patientId"]
        for card in sent(case, dialect, "https://cds.example.org/launch"):
            app, how = card["links"]
            assert (app["type"], how["type"]) == ("smart", "absolute")
            assert app["url"] == "https://cds.example.org/launch"
            assert app["label"] == "Open the care plan of this patient's pump"
            plan = how["url"].rpartition("/")[2]
            # Oracle Health's documentation says that it does not take it.
            said = app.get("appContext", "")
            assert said == ("" if dialect == "oracle" else f'{{"v":1,"plan":"{plan}"}}')
            assert len(said) < 1024
            assert patient_id not in said


def test_every_topic_is_one_that_every_client_takes():
    topics = {
        action.topic
        for plan in RULEBOOK.plans
        for ladder in plan.ladders
        for action in ladder.actions
    }
    assert topics
    assert [topic for topic in topics if not re.fullmatch(r"[A-Za-z0-9]{1,100}", topic)] == []
