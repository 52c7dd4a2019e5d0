"""Ladders: the first that applies wins; what is unknown is reported, never taken as false."""

from typing import Any

import pytest

from cds_service.guidance.evaluation import Evaluation, evaluate
from cds_service.guidance.plan import Ladder, Plan
from tests.guidance.builders import a_plan, a_plan_of, an_action, facts

BOOKED, NEAR, SHORT = "%refill.booked", "%refill.daysToAlarm <= 7", "%refill.reserveDays < 3"


def climbed(plan: Plan, hook: str = "patient-view", **values: Any) -> tuple[list[str], list[str]]:
    """The ids recommended, and those left undecided."""
    found: Evaluation = evaluate([plan], facts(**values), hook)
    return (
        [each.action.id for each in found.recommended],
        [each.action.id for each in found.undecided],
    )


LADDER = a_plan(an_action("first", BOOKED), an_action("second", NEAR), an_action("third", SHORT))


@pytest.mark.parametrize(
    ("values", "recommended", "undecided"),
    [
        pytest.param(
            {"refill_booked": True, "refill_daysToAlarm": 1}, ["first"], [], id="first match wins"
        ),
        pytest.param(
            {"refill_booked": False, "refill_daysToAlarm": 1}, ["second"], [], id="the next"
        ),
        pytest.param(
            {"refill_booked": False, "refill_daysToAlarm": 30, "refill_reserveDays": 9},
            [],
            [],
            id="none applies",
        ),
        pytest.param(
            {"refill_daysToAlarm": 1}, ["second"], ["first"], id="an open rung is passed and named"
        ),
        pytest.param({}, [], ["first", "second", "third"], id="nothing known"),
        pytest.param(
            {"refill_booked": True}, ["first"], [], id="what lies below the winner does not matter"
        ),
    ],
)
def test_a_ladder_is_climbed_from_the_top(
    values: dict[str, Any], recommended: list[str], undecided: list[str]
):
    assert climbed(LADDER, **values) == (recommended, undecided)


def test_an_open_rung_is_not_named_when_what_follows_gives_the_same_advice():
    plan = a_plan(
        an_action("first", BOOKED, topic="itbRefillDue"),
        an_action("second", NEAR, topic="itbRefillDue"),
    )
    assert climbed(plan, refill_daysToAlarm=1) == (["second"], [])
    assert climbed(plan) == ([], ["first", "second"])


def test_an_open_rung_is_named_with_what_is_missing_and_why():
    found = evaluate([LADDER], facts(refill_daysToAlarm=1), "patient-view")
    assert found.undecided[0].missing == (("refill.booked", "refill.booked is not recorded"),)


@pytest.mark.parametrize(
    ("guard", "recommended", "undecided"),
    [
        pytest.param(True, ["act"], [], id="holds"),
        pytest.param(False, [], [], id="does not hold"),
        pytest.param(None, [], ["act"], id="not known"),
    ],
)
def test_a_guard_holds_the_whole_ladder(
    guard: bool | None, recommended: list[str], undecided: list[str]
):
    plan = a_plan(an_action("act", BOOKED), guard="%pump.inPlace")
    assert climbed(plan, pump_inPlace=guard, refill_booked=True) == (recommended, undecided)


def test_an_unknown_guard_is_what_is_missing():
    plan = a_plan(an_action("act", BOOKED), guard="%pump.inPlace")
    found = evaluate([plan], facts(refill_booked=True), "patient-view")
    assert [name for name, _ in found.undecided[0].missing] == ["pump.inPlace"]


def test_under_an_unknown_guard_a_rung_that_does_not_apply_is_not_named():
    plan = a_plan(an_action("act", BOOKED), guard="%pump.inPlace")
    assert climbed(plan, refill_booked=False) == ([], [])


def test_a_ladder_answers_its_own_hooks_only():
    plan = a_plan(an_action("act", BOOKED), hook="order-sign")
    assert climbed(plan, refill_booked=True) == ([], [])
    assert climbed(plan, hook="order-sign", refill_booked=True) == (["act"], [])


def test_every_ladder_gives_its_own_advice_in_the_order_of_the_plans():
    hooks = frozenset({"patient-view"})
    ladders = [
        Ladder("one", "One", hooks, (an_action("a", BOOKED),)),
        Ladder("two", "Two", hooks, (an_action("b", BOOKED),)),
    ]
    other = a_plan_of(Ladder("three", "Three", hooks, (an_action("c", BOOKED),)), name="itb-z")
    found = evaluate([other, a_plan_of(*ladders)], facts(refill_booked=True), "patient-view")
    assert [each.action.id for each in found.recommended] == ["c", "a", "b"]


def test_a_recommendation_rests_on_the_facts_shown_and_the_facts_asked():
    action = an_action("act", BOOKED, summary="Alarm in {{refill.daysToAlarm}} days")
    found = evaluate(
        [a_plan(action)], facts(refill_booked=True, refill_daysToAlarm=3), "patient-view"
    )
    assert found.recommended[0].summary == "Alarm in 3 days"
    assert [name for name, _ in found.recommended[0].basis] == [
        "refill.daysToAlarm",
        "refill.booked",
    ]


def test_no_plan_recommends_nothing():
    assert evaluate([], facts(), "patient-view") == Evaluation((), ())
