"""Golden cases: requests over real HTTP, each at its own moment; cards worked out by hand."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from msgspec import Raw

from cds_service.app.wiring import wire
from cds_service.assessment import WORKLIST, Occasion, assess
from cds_service.cds_hooks.cards import CardContext, cards, response_body
from cds_service.settings import Settings
from cds_service.web import create_app
from tests.cases.golden_case import (
    NO_PUMP,
    GoldenCase,
    differences,
    golden_cases,
    plan_actions,
    worklist_cases,
)
from tests.cds_hooks.wire_schema import checked_response
from tests.web.served import Caller, served

HOOK_CASES, WORKLIST_CASES = golden_cases(), worklist_cases()
CASES = HOOK_CASES + WORKLIST_CASES
ACTIONS = [(plan, action) for plan, actions in plan_actions().items() for action in actions]
ALWAYS_DECIDED = {
    "data-conflict": "it counts what was read",
    "could-not-check": "it counts what was not read",
    "screening-preparation": "it asks only what is ordered",
}
"""Actions whose facts are never unknown; all others have an undecided case."""
TOLD_AS_UNCHECKED = {"interval-unknown", "other-drug-unknown"}
"""Actions that stand on the could-not-check card."""


@dataclass(slots=True)
class Clock:
    """A clock that stands where a case wants it."""

    now: datetime = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def service(clock: Clock) -> Iterator[Caller]:
    wired = wire(Settings(stated_public_url="https://cds.example.org"), "2026-11-22")
    with served(create_app(replace(wired, clock=lambda: clock.now))) as address:
        caller = Caller(address)
        yield caller
        caller.session.close()


@pytest.mark.parametrize("case", HOOK_CASES, ids=lambda case: case.id)
def test_the_answer_is_the_one_worked_out_by_hand(case: GoldenCase, service: Caller, clock: Clock):
    clock.now = case.now

    answer = service.post(case.body, f"/cds-services/itb-{case.hook}")

    assert answer.status_code == 200
    assert differences(case, checked_response(answer.content)) == []
    if case.plan == NO_PUMP:
        assert answer.json() == {"cards": []}


@pytest.mark.parametrize("case", WORKLIST_CASES, ids=lambda case: case.id)
def test_the_worklist_is_told_what_was_worked_out_by_hand(case: GoldenCase):
    rulebook = wire(Settings()).rulebook
    request = json.loads(case.body)
    prefetch = {key: Raw(json.dumps(sent).encode()) for key, sent in request["prefetch"].items()}
    patient = request["context"]["patientId"]
    found = assess(patient, prefetch, rulebook, case.now, Occasion(WORKLIST))
    call = CardContext(str(UUID(int=1)), patient, "worklist", "https://cds.example.org", case.now)

    shown = cards(found.evaluation, found.findings.facts, call)

    assert differences(case, json.loads(response_body(shown))["cards"]) == []


@pytest.mark.parametrize(("plan", "action"), ACTIONS)
@pytest.mark.parametrize("what", ["fires", "quiet"])
def test_every_action_has_a_case_that_fires_and_one_that_stays_quiet(
    plan: str, action: str, what: str
):
    assert [case.id for case in CASES if action in case.covers(what)], f"{plan}: {action}"


@pytest.mark.parametrize(("plan", "action"), ACTIONS)
def test_every_action_that_can_be_undecided_has_such_a_case(plan: str, action: str):
    covered = any(action in case.covers("undecided") for case in CASES)
    assert covered is not (action in ALWAYS_DECIDED), f"{plan}: {action}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_case_covers_what_its_cards_say(case: GoldenCase):
    shown = {card.get("action") for card in case.expected}
    topics = {card["topic"] for card in case.expected}

    # What could not be worked out from an interval is told on the could-not-check card.
    fired = {action for action in case.covers("fires") if action not in TOLD_AS_UNCHECKED}
    assert fired <= shown
    assert not case.covers("quiet") & shown
    if case.covers("undecided"):
        assert "itbCouldNotCheck" in topics


def test_the_worked_rows_that_concern_these_plans_are_all_here():
    told = {row for case in CASES for row in case.case.get("rows", ())}

    wanted = {f"R{number}" for number in range(1, 19)}
    wanted |= {f"W{number}" for number in range(1, 5)} | {f"O{number}" for number in range(1, 6)}
    wanted |= {"K1", "K2"} | {f"T{number}" for number in range(1, 7)}
    wanted |= {f"E{number}" for number in range(1, 13)} | {f"P{number}" for number in range(1, 8)}
    assert told == wanted
