"""What a plan says of its use of the date of birth is what its facts do, over all golden cases."""

import json
from functools import cache
from typing import Any

import pytest

from cds_service.app.wiring import wire
from cds_service.assessment import Occasion, assess
from cds_service.cds_hooks.request import read_request
from cds_service.errors import RequiredDataMissingError
from cds_service.guidance.plan import Plan
from cds_service.guidance.wording import placeholders
from cds_service.settings import Settings
from cds_service.therapy.fact import Facts
from tests.cases.golden_case import GoldenCase, golden_cases

SERVICE = wire(Settings())
BIRTH_DATES = (None, "1980-05-17", "2023-05-17")
# Lists for people, which name whatever could not be read.
NOT_OF_THE_THERAPY = ("data.",)


@cache
def touched() -> frozenset[str]:
    """Every fact that changes with nothing but the date of birth, in any golden case."""
    found: set[str] = set()
    for case in golden_cases():
        first, *others = (_facts(case, born) for born in BIRTH_DATES)
        for other in others:
            found |= {name for name in first.keys() & other.keys() if first[name] != other[name]}
    return frozenset(name for name in found if not name.startswith(NOT_OF_THE_THERAPY))


def _facts(case: GoldenCase, born: str | None) -> Facts:
    request: dict[str, Any] = json.loads(case.body)
    patient = request.get("prefetch", {}).get("patient")
    if not isinstance(patient, dict) or patient.get("resourceType") != "Patient":
        return {}
    patient.pop("birthDate", None)
    if born:
        patient["birthDate"] = born
    call = read_request(json.dumps(request).encode(), request["hook"])
    occasion = Occasion(call.occasion, call.context.proposed, call.context.selections)
    try:
        found = assess(call.patient_id, call.prefetch, SERVICE.rulebook, case.now, occasion)
    except RequiredDataMissingError:
        return {}
    return found.findings.facts


def _named(plan: Plan) -> set[str]:
    names: set[str] = set()
    for ladder in plan.ladders:
        names |= ladder.condition.facts if ladder.condition else frozenset()
        for action in ladder.actions:
            names |= action.condition.facts
            names |= placeholders(action.summary) | placeholders(action.detail)
            names |= {offer.due for offer in action.suggestions if offer.due}
    for text in plan.patient_texts:
        names |= text.condition.facts if text.condition else frozenset()
        names |= placeholders(text.text)
    return names


@pytest.mark.parametrize("plan", SERVICE.rulebook.plans, ids=lambda plan: plan.id)
def test_a_plan_whose_facts_change_with_the_date_of_birth_says_that_it_uses_it(plan: Plan):
    used = {use.element: use.used for use in plan.attributes.data_uses}["date-of-birth"]
    if used is False:
        assert not _named(plan) & touched()


def test_the_cases_show_that_facts_change_with_the_date_of_birth():
    assert "overdose.isChild" in touched()
