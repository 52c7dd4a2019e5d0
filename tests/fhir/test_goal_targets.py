"""Targets of a plan's goal: bad ones refuse the start."""

from typing import Any

import pytest

from cds_service.errors import PlanError
from cds_service.fhir.goal_targets import GOAL_FACT, read_targets
from cds_service.guidance.plan import GoalTarget
from cds_service.therapy.vocabulary import FACTS

AIM = {"text": "the next one by {{refill.targetDate}}"}


def a_plan(fact: str = "refill.fillDate", source: str = "procedures", **changed: Any) -> Any:
    parts = [{"url": "fact", "valueString": fact}, {"url": "source", "valueString": source}]
    target = {
        "extension": [{"url": GOAL_FACT, "extension": parts}],
        "measure": {"text": "Last refill"},
        "detailCodeableConcept": AIM,
    }
    return {"goal": [{"id": "goal", "target": [{**target, **changed}]}]}


def test_a_target_is_read_with_its_fact_and_sources():
    assert read_targets("plan.json", a_plan(), FACTS) == (
        GoalTarget("Last refill", AIM["text"], "refill.fillDate", ("procedures",)),
    )


def test_a_goal_without_a_target_has_none():
    assert read_targets("plan.json", {"goal": [{"id": "goal"}]}, FACTS) == ()


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        (a_plan(fact="refill.day"), "needs one fact that there is"),
        (a_plan(extension=[]), "found none"),
        (a_plan(source="charts"), "needs its sources (itb-goal-fact), of patient, devices"),
        (a_plan(measure={}), "'goal' has no text"),
        (a_plan(detailCodeableConcept={}), "'goal' has no text"),
        (a_plan(detailCodeableConcept={"text": "{{refill.day}}"}), "unknown fact refill.day"),
        (a_plan(detailCodeableConcept={"text": "{{refill.fillDate"}), "not closed"),
    ],
)
def test_a_target_that_cannot_be_followed_refuses_the_start(plan: Any, says: str):
    with pytest.raises(PlanError) as refused:
        read_targets("plan.json", plan, FACTS)

    assert says in str(refused.value)
    assert str(refused.value).startswith("plan.json: ")
