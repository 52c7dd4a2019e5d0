"""What a plan says of its use of patient data is what its facts do, over all golden cases.

A kind of data is used when some fact that the plan names changes with nothing but these data.
"""

import json
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from cds_service.app.wiring import wire
from cds_service.assessment import Assessment, Occasion, assess
from cds_service.cds_hooks.request import read_request
from cds_service.errors import RequiredDataMissingError
from cds_service.fhir.source_attributes import ELEMENTS
from cds_service.guidance.plan import Plan
from cds_service.guidance.wording import placeholders
from cds_service.settings import Settings
from cds_service.therapy.fact import Facts
from cds_service.therapy.facts import findings
from cds_service.therapy.record import TherapyRecord
from cds_service.therapy.signs import Sign, Vital
from tests.cases.golden_case import GoldenCase, golden_cases, worklist_cases

SERVICE = wire(Settings())
BIRTH_DATES = ("1980-05-17", "2023-05-17")
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition"
DEMOGRAPHICS = {
    "gender": "female",
    "communication": [{"language": {"text": "Hmong"}, "preferred": True}],
    "extension": [
        {"url": f"{US_CORE}/us-core-race", "extension": [{"url": "text", "valueString": "x"}]},
        {"url": f"{US_CORE}/us-core-ethnicity", "extension": [{"url": "text", "valueString": "x"}]},
        {"url": f"{US_CORE}/us-core-birthsex", "valueCode": "F"},
        {"url": f"{US_CORE}/us-core-sex", "valueCode": "248152002"},
        {"url": f"{US_CORE}/us-core-genderIdentity", "valueCodeableConcept": {"text": "x"}},
    ],
}
"""Race, ethnicity, language, gender identity and sex, where US Core keeps them in a Patient."""

HEALTH_STATUS_SIGNS = {
    Sign.ALTERED_MENTAL_STATE,
    Sign.DROWSINESS,
    Sign.UNCONSCIOUS,
    Sign.WEAKNESS,
    Sign.DIFFICULTY_STANDING,
    Sign.SPASTICITY,
    Sign.RIGIDITY,
}
"""Signs that are findings on function or on the mental state."""
HEALTH_STATUS_SCORES = {Vital.GLASGOW_COMA_SCORE, Vital.PAIN_SCORE}

# Lists for people, which name whatever could not be read.
NOT_OF_THE_THERAPY = ("data.",)
NEVER_READ = [
    each for each in ELEMENTS if each not in ("date-of-birth", "health-status-assessment")
]


@cache
def touched() -> dict[str, frozenset[str]]:
    """Every fact that changes with nothing but one kind of data, in any golden case."""
    found: dict[str, set[str]] = {each: set() for each in ("date-of-birth", "others", "health")}
    for case in (*golden_cases(), *worklist_cases()):
        patient = json.loads(case.body).get("prefetch", {}).get("patient")
        if not isinstance(patient, dict) or patient.get("resourceType") != "Patient":
            continue
        plain = {name: said for name, said in patient.items() if name not in DEMOGRAPHICS}
        unborn = {name: said for name, said in plain.items() if name != "birthDate"}
        first = _assessed(case, unborn)
        if first is None:
            continue
        for born in BIRTH_DATES:
            found["date-of-birth"] |= _changed(
                first, _assessed(case, {**unborn, "birthDate": born})
            )
        found["others"] |= _changed(first, _assessed(case, {**unborn, **DEMOGRAPHICS}))
        found["health"] |= _without_health_status(first, case)
    return {
        kind: frozenset(name for name in names if not name.startswith(NOT_OF_THE_THERAPY))
        for kind, names in found.items()
    }


def _assessed(case: GoldenCase, patient: dict[str, Any]) -> Assessment | None:
    request: dict[str, Any] = json.loads(case.body)
    request["prefetch"]["patient"] = patient
    call = read_request(json.dumps(request).encode(), request["hook"])
    hook = "worklist" if case.is_for_worklist else call.occasion
    occasion = Occasion(hook, call.context.proposed, call.context.selections)
    try:
        return assess(call.patient_id, call.prefetch, SERVICE.rulebook, case.now, occasion)
    except RequiredDataMissingError:
        return None


def _changed(first: Assessment, other: Assessment | None) -> set[str]:
    return _differing(first.findings.facts, other.findings.facts) if other else set()


def _differing(first: Facts, other: Facts) -> set[str]:
    return {name for name in first.keys() & other.keys() if first[name] != other[name]}


def _without_health_status(found: Assessment, case: GoldenCase) -> set[str]:
    record = found.record
    less = replace(
        record,
        signs=tuple(each for each in record.signs if each.sign not in HEALTH_STATUS_SIGNS),
        vitals=tuple(each for each in record.vitals if each.vital not in HEALTH_STATUS_SCORES),
        ashworth_grades=(),
        severe_spasticity=(),
        unrated_spasticity=(),
    )
    if less == record:
        return set()
    return _differing(_facts(record, case), _facts(less, case))


def _facts(record: TherapyRecord, case: GoldenCase) -> Facts:
    now = case.now.astimezone(SERVICE.rulebook.time_zone)
    return findings(record, SERVICE.rulebook.thresholds, now, "911").facts


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
    for step in plan.steps:
        names |= step.condition.facts if step.condition else frozenset()
    return names


def _uses(plan: Plan) -> dict[str, bool | None]:
    return {use.element: use.used for use in plan.attributes.data_uses}


PLANS = SERVICE.rulebook.plans


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.id)
def test_a_plan_says_that_it_uses_the_date_of_birth_when_its_facts_do(plan: Plan):
    assert _uses(plan)["date-of-birth"] is bool(_named(plan) & touched()["date-of-birth"])


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.id)
def test_a_plan_says_that_it_uses_health_status_assessments_when_its_facts_do(plan: Plan):
    used = bool(_named(plan) & touched()["health"])
    assert _uses(plan)["health-status-assessment"] is used


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.id)
def test_no_plan_uses_what_no_fact_is_read_from(plan: Plan):
    assert {each: _uses(plan)[each] for each in NEVER_READ} == dict.fromkeys(NEVER_READ, False)


def test_no_fact_changes_with_race_ethnicity_language_gender_identity_or_sex():
    assert touched()["others"] == frozenset()


def test_the_cases_show_that_facts_change_with_what_is_used():
    assert "overdose.isChild" in touched()["date-of-birth"]
    assert "withdrawal.signs" in touched()["health"]
