"""A plan's page says in words what its conditions, thresholds and sources are."""

import re
from decimal import Decimal
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cds_service.app.wiring import wire
from cds_service.assessment import Rulebook
from cds_service.settings import Settings
from cds_service.web.plan_page import plan_blueprint
from cds_service.web.plan_words import Clause, condition_in_words, text_in_words

RULEBOOK: Rulebook = wire(Settings()).rulebook
PLAN_IDS = [plan.id for plan in RULEBOOK.plans]
THRESHOLDS = next(plan.thresholds for plan in RULEBOOK.plans if plan.id == "itb-refill")


@pytest.fixture(scope="module")
def browser() -> FlaskClient:
    app = Flask("plan_pages", static_folder=None)
    app.register_blueprint(plan_blueprint(RULEBOOK))
    return app.test_client()


@pytest.mark.parametrize("plan", RULEBOOK.plans, ids=PLAN_IDS)
def test_a_plan_shows_its_rules_thresholds_and_version(browser: FlaskClient, plan):
    answer = browser.get(f"/plans/{plan.id}")
    page = unescape(answer.text)
    assert answer.status_code == 200
    assert "Not reviewed by a clinician yet." in page
    assert f"Version {plan.version}" in page
    for ladder in plan.ladders:
        for action in ladder.actions:
            assert action.condition.text in page
            assert action.topic in page
    for threshold in plan.thresholds.values():
        assert threshold.rationale in page
        assert threshold.source in page
    for step in plan.steps:
        assert step.title in page


@pytest.mark.parametrize("plan", RULEBOOK.plans, ids=PLAN_IDS)
def test_every_condition_reads_without_code(plan):
    for ladder in plan.ladders:
        for action in ladder.actions:
            said = sentences(condition_in_words(action.condition.text, plan.thresholds))
            assert said
            for sentence in said:
                assert not re.search(r"%|\{|\.not|^the same|[<>=]", sentence), sentence


def test_and_binds_tighter_than_or_and_not_is_said():
    said = condition_in_words("%refill.booked.not() or %refill.booked and %refill.visitMissed", {})
    assert said.joined == "any"
    assert said.parts[0].text.startswith("not: a refill visit is booked")
    assert said.parts[1].joined == "all"


def test_a_threshold_is_shown_with_its_value_in_force():
    said = condition_in_words("%refill.daysToTarget <= %threshold.upcomingDays", THRESHOLDS)
    assert said.text == "days to the target date is at most 30 days (upcoming days)"


def test_a_card_text_names_its_facts():
    text = "Refill by {{refill.targetDate}}[[; booked {{refill.bookedDate}}]]"
    assert text_in_words(text) == "Refill by ‹target date›; booked ‹booked date›"


@pytest.mark.parametrize("plan", RULEBOOK.plans, ids=PLAN_IDS)
def test_the_page_states_the_thirteen_source_attributes(browser: FlaskClient, plan):
    page = unescape(browser.get(f"/plans/{plan.id}").text)
    table = page[page.index("Source attributes</h2>") : page.index("Sources</h2>")]

    assert table.count("<tr>") == 14
    assert plan.attributes.developer in table
    assert (plan.attributes.funding or "not stated") in table
    assert "approved: not yet; last review: not yet" in table
    for use in plan.attributes.data_uses:
        assert f"Uses: {use.name}" in table
        assert use.note in table
    assert plan.goal in table
    assert f'href="/fhir/PlanDefinition/{plan.id}"' in page


def test_a_threshold_the_site_set_is_shown_with_what_the_plan_came_with():
    rulebook = wire(Settings(thresholds={"refillLeadDays": Decimal("10")})).rulebook
    app = Flask("plan_pages", static_folder=None)
    app.register_blueprint(plan_blueprint(rulebook))
    page = unescape(app.test_client().get("/plans/itb-refill").text)
    assert "<strong>10 days</strong>" in page
    assert "set by this site; the plan came with 7 days" in page


def test_an_unknown_plan_is_not_found(browser: FlaskClient):
    assert browser.get("/plans/nothing").status_code == 404


def test_the_page_runs_no_script(browser: FlaskClient):
    answer = browser.get("/plans/itb-refill")
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "<script" not in answer.text
    assert " style=" not in answer.text


def sentences(clause: Clause) -> list[str]:
    if not clause.joined:
        return [clause.text]
    return [sentence for part in clause.parts for sentence in sentences(part)]
