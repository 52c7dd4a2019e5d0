"""A plan that cannot be used refuses the start: file, element, remedy."""

import copy
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from cds_service.app.plans import plan_resources, plans_folder
from cds_service.errors import PlanError
from cds_service.fhir.plan_definition import DUE_FACT, read_plans
from cds_service.fhir.thresholds import THRESHOLD
from cds_service.guidance.plan import Plan, Urgency
from tests.fhir.builders import Json

SHIPPED = plan_resources(plans_folder())
FILE = "itb-refill/PlanDefinition-itb-refill.json"
Spoil = Callable[[Json], Any]


def read(spoil: Spoil = lambda _: None, file: str = FILE, **overrides: str) -> tuple[Plan, ...]:
    """The shipped plans with one of them spoilt."""
    resources = [(name, copy.deepcopy(body) if name == file else body) for name, body in SHIPPED]
    for name, body in resources:
        if name == file:
            spoil(body)
    return read_plans(resources, {name: Decimal(value) for name, value in overrides.items()})


def ladder(plan: Json) -> Json:
    found: Json = plan["action"][0]
    return found


def first(plan: Json) -> Json:
    found: Json = ladder(plan)["action"][0]
    return found


def suggestion(plan: Json) -> Json:
    found: Json = next(
        child for action in ladder(plan)["action"] for child in action.get("action", [])
    )
    return found


def part(plan: Json, name: str) -> Json:
    found: Json = next(each for each in threshold(plan)["extension"] if each["url"] == name)
    return found


def threshold(plan: Json) -> Json:
    """Its first threshold."""
    found: Json = next(each for each in plan["extension"] if each["url"] == THRESHOLD)
    return found


def condition(plan: Json) -> Json:
    found: Json = first(plan)["condition"][0]["expression"]
    return found


def without(name: str) -> Spoil:
    return lambda body: body.pop(name)


def test_the_shipped_plans_are_read():
    assert {plan.id for plan in read()} >= {"itb-refill", "itb-battery", "itb-recovery"}


REFUSED: dict[str, tuple[Spoil, str]] = {
    "no url": (without("url"), "has no url; add it"),
    "no version": (without("version"), "has no version; add it"),
    "no title": (without("title"), "has no title; add it"),
    "no description": (without("description"), "has no description; add it"),
    "a blank title": (lambda plan: plan.update(title="  "), "has no title; add it"),
    "no condition": (lambda plan: first(plan).pop("condition"), "has no applicability condition"),
    "two conditions": (
        lambda plan: first(plan)["condition"].append(first(plan)["condition"][0]),
        "several conditions; join them",
    ),
    "another language": (
        lambda plan: condition(plan).update(language="text/cql"),
        "only text/fhirpath is read",
    ),
    "a misspelt fact": (
        lambda plan: condition(plan).update(expression="%refill.dayToAlarm < 7"),
        "unknown fact %refill.dayToAlarm",
    ),
    "a clock": (
        lambda plan: condition(plan).update(expression="%refill.alarmDate < today()"),
        "is not allowed",
    ),
    "no citation": (lambda plan: first(plan).pop("documentation"), "cite a source or the policy"),
    "no topic": (lambda plan: first(plan).pop("code"), "add its topic"),
    "no priority": (lambda plan: first(plan).pop("priority"), "has no priority; add it"),
    "an unknown priority": (
        lambda plan: first(plan).update(priority="now"),
        "has priority 'now'; use routine, urgent, asap, stat",
    ),
    "no action id": (lambda plan: first(plan).pop("id"), "has no id; add it"),
    "no summary": (lambda plan: first(plan).pop("title"), "has no title; add it"),
    "a summary too long": (
        lambda plan: first(plan).update(title="x" * 140),
        "can grow to 140 characters, over 139: shorten it",
    ),
    "a summary that can grow too long": (
        lambda plan: first(plan).update(title="x" * 120 + "{{refill.formula}}"),
        "shorten it",
    ),
    "a text with an unknown fact": (
        lambda plan: first(plan).update(description="{{refill.dayToAlarm}}"),
        "description shows unknown fact refill.dayToAlarm",
    ),
    "a placeholder not closed": (
        lambda plan: first(plan).update(description="{{refill.alarmDate}"),
        "placeholder that is not closed",
    ),
    "an optional part not closed": (
        lambda plan: first(plan).update(description="[[{{refill.alarmDate}}"),
        "placeholder that is not closed",
    ),
    "no ladder behaviour": (
        lambda plan: ladder(plan).pop("extension"),
        "needs cqf-applicabilityBehavior 'any'",
    ),
    "a trigger without name": (
        lambda plan: ladder(plan)["trigger"][0].pop("name"),
        "has a trigger ''; use one of appointment-book",
    ),
    "an unknown least priority": (
        lambda plan: next(each for each in ladder(plan)["trigger"] if each.get("extension"))[
            "extension"
        ][0].update(valueCode="soon"),
        "has least priority 'soon'; use routine, urgent, asap, stat",
    ),
    "a threshold in days that is not whole": (
        lambda plan: part(plan, "value").update(valueDecimal=7.5),
        "a whole number is needed",
    ),
    "a threshold without source": (
        lambda plan: threshold(plan)["extension"].remove(part(plan, "source")),
        "lacks source; add it",
    ),
    "a threshold outside its bounds": (
        lambda plan: part(plan, "value").update(valueDecimal=999),
        "is 999; it must be",
    ),
    "a suggestion without activity": (
        lambda plan: suggestion(plan).pop("definitionCanonical"),
        "has no definitionCanonical; add it",
    ),
    "a suggestion of nothing known": (
        lambda plan: suggestion(plan).update(definitionCanonical="https://x/ActivityDefinition/y"),
        "is not among the plans",
    ),
    "a suggestion due by an unknown fact": (
        lambda plan: suggestion(plan).update(
            extension=[{"url": DUE_FACT, "valueString": "refill.someday"}]
        ),
        "is due by unknown fact refill.someday",
    ),
    "a rung to act on by an unknown fact": (
        lambda plan: first(plan).update(
            extension=[{"url": DUE_FACT, "valueString": "refill.someday"}]
        ),
        "is due by unknown fact refill.someday",
    ),
}


@pytest.mark.parametrize(("spoil", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_a_plan_that_cannot_be_used_is_refused_with_file_and_remedy(spoil: Spoil, message: str):
    with pytest.raises(PlanError) as refused:
        read(spoil)
    assert message in str(refused.value)
    assert FILE in str(refused.value)


def test_a_refused_action_is_named():
    with pytest.raises(PlanError, match="'reservoir-empty' has no applicability condition"):
        read(lambda plan: first(plan).pop("condition"))


@pytest.mark.parametrize("element", ["url", "id", "kind", "title", "description", "code"])
def test_an_activity_that_lacks_something_is_refused_with_file_and_remedy(element: str):
    file = "itb-refill/ActivityDefinition-refill-visit.json"
    with pytest.raises(PlanError) as refused:
        read(without(element), file)
    told = str(refused.value)
    assert file in told
    assert element in told


def test_an_activity_that_becomes_no_service_request_is_refused():
    file = "itb-refill/ActivityDefinition-refill-visit.json"
    with pytest.raises(PlanError, match=r"kind: found 'Task', expected ServiceRequest"):
        read(lambda activity: activity.update(kind="Task"), file)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda plan: threshold(plan).pop("extension"), id="without parts"),
        pytest.param(lambda plan: part(plan, "value").pop("valueDecimal"), id="no value"),
        pytest.param(
            lambda plan: part(plan, "value").update(valueDecimal="seven"), id="not a number"
        ),
    ],
)
def test_a_malformed_threshold_is_refused_with_its_file(spoil: Spoil):
    with pytest.raises(PlanError, match="PlanDefinition-itb-refill"):
        read(spoil)


def test_plans_that_never_say_what_could_not_be_checked_are_refused():
    plans = [(name, body) for name, body in SHIPPED if "itb-data-quality" not in name]

    with pytest.raises(PlanError, match="no action of itb-data-quality has topic"):
        read_plans(plans, {})


def test_a_threshold_that_the_arithmetic_needs_is_missed():
    def forget(plan: Json) -> None:
        plan["extension"] = [
            found
            for found in plan["extension"]
            if not any(
                each.get("valueString") == "missedVisitDays" for each in found.get("extension", ())
            )
        ]

    with pytest.raises(PlanError, match="no plan states the threshold missedVisitDays"):
        read(forget)


def test_an_action_id_used_twice_is_refused():
    def rename(plan: Json) -> None:
        ladder(plan)["action"][1]["id"] = first(plan)["id"]

    with pytest.raises(PlanError, match="action id reservoir-empty is used twice"):
        read(rename)


@pytest.mark.parametrize(
    ("value", "is_accepted"),
    [("2", False), ("3", True), ("21", True), ("22", False)],
    ids=["below", "at the least", "at the most", "above"],
)
def test_a_site_sets_a_threshold_within_its_bounds(value: str, is_accepted: bool):
    """refillLeadDays: 7 days, from 3 to 21."""
    if not is_accepted:
        with pytest.raises(PlanError, match="it must be 3 to 21"):
            read(refillLeadDays=value)
        return
    plan = next(found for found in read(refillLeadDays=value) if found.id == "itb-refill")
    threshold = plan.thresholds["refillLeadDays"]
    assert threshold.value == Decimal(value)
    assert threshold.is_overridden


def test_a_threshold_nobody_has_is_refused_with_those_known():
    with pytest.raises(PlanError) as refused:
        read(refilLeadDays="7")
    assert "thresholds.refilLeadDays: no plan has this threshold" in str(refused.value)
    assert "refillLeadDays" in str(refused.value)


@pytest.mark.parametrize(
    ("priority", "urgency"),
    [
        ("routine", Urgency.INFO),
        ("urgent", Urgency.WARNING),
        ("asap", Urgency.WARNING),
        ("stat", Urgency.CRITICAL),
    ],
)
def test_the_priority_says_how_urgent_the_card_is(priority: str, urgency: Urgency):
    plans = read(lambda plan: first(plan).update(priority=priority))
    plan = next(found for found in plans if found.id == "itb-refill")
    assert plan.ladders[0].actions[0].urgency is urgency
