"""Targets of a plan's goal: what is aimed at, and the fact that says where the patient stands."""

from collections.abc import Mapping
from typing import Any

from cds_service import CANONICAL_BASE
from cds_service.fhir.decoding import KEYS
from cds_service.fhir.plan_element import fault_in, text_of
from cds_service.guidance.plan import GoalTarget
from cds_service.guidance.wording import longest, placeholders
from cds_service.therapy.fact import FactDefinition
from cds_service.therapy.vocabulary import FACTS

Json = Mapping[str, Any]
GOAL_FACT = f"{CANONICAL_BASE}/StructureDefinition/itb-goal-fact"


def read_targets(
    file: str, resource: Json, facts: Mapping[str, FactDefinition]
) -> tuple[GoalTarget, ...]:
    """The targets of every goal, in their order; `facts` are those they may name.

    Raises PlanError.
    """
    return tuple(
        _target(file, str(goal.get("id", "?")), target, facts)
        for goal in resource.get("goal", [])
        for target in goal.get("target", [])
    )


def _target(file: str, goal: str, target: Json, facts: Mapping[str, FactDefinition]) -> GoalTarget:
    measure = text_of(file, {"id": goal, **target.get("measure", {})}, "text")
    says = text_of(file, {"id": goal, **target.get("detailCodeableConcept", {})}, "text")
    unknown = placeholders(says) - facts.keys()
    if unknown:
        raise fault_in(file, goal, f"target shows unknown fact {', '.join(sorted(unknown))}")
    if any(mark in longest(says, FACTS) for mark in ("{{", "}}", "[[", "]]")):
        raise fault_in(file, goal, "target has a placeholder that is not closed")
    parts = [
        (part.get("url", ""), part.get("valueString", ""))
        for extension in target.get("extension", [])
        if extension.get("url") == GOAL_FACT
        for part in extension.get("extension", [])
    ]
    named = [value for url, value in parts if url == "fact"]
    sources = tuple(value for url, value in parts if url == "source")
    if len(named) != 1 or named[0] not in facts:
        what = f"target needs one fact that there is (itb-goal-fact); found {named or 'none'}"
        raise fault_in(file, goal, what)
    if not sources or set(sources) - KEYS.keys():
        what = f"target needs its sources (itb-goal-fact), of {', '.join(KEYS)}"
        raise fault_in(file, goal, what)
    return GoalTarget(measure, says, named[0], sources)
