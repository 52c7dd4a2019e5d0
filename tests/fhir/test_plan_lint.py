"""What `itb-cds check` finds in a site's plan beyond what the FHIR models check."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from cds_service.app.plans import plan_resources, plans_folder
from cds_service.fhir.plan_lint import lint

Json = dict[str, Any]
SHIPPED = plan_resources(plans_folder())
FILE, PLAN = next((file, found) for file, found in SHIPPED if found["id"] == "itb-refill")
VISIT_FILE, VISIT = next((file, found) for file, found in SHIPPED if found["id"] == "refill-visit")


@pytest.mark.parametrize(("file", "resource"), SHIPPED, ids=[file for file, _ in SHIPPED])
def test_the_shipped_plans_are_clean(file: str, resource: Json):
    assert lint(file, resource) == []


def rung(plan: Json) -> Json:
    found: Json = plan["action"][0]["action"][0]
    return found


@pytest.mark.parametrize(
    ("spoil", "element", "remedy"),
    [
        (lambda plan: plan.update(id="itb-x"), "id: found 'itb-x'", "Rename one."),
        (lambda plan: plan.update(url="https://a/b"), "url: found 'https://a/b'", "ends with"),
        (lambda plan: plan.update(status="final"), "status: found 'final'", "draft, active"),
        (lambda plan: plan.pop("relatedArtifact"), "relatedArtifact: found none", "Add a citation"),
        (
            lambda plan: plan["relatedArtifact"][0].update(type="cite"),
            "relatedArtifact[0].type: found 'cite'",
            "documentation, justification, citation",
        ),
        (
            lambda plan: rung(plan).update(documentation=[{"type": "citation"}]),
            "action[0].action[0].documentation[0]: found a citation without text",
            "Say what is cited.",
        ),
        (
            lambda plan: rung(plan).update(selectionBehavior="some"),
            "action[0].action[0].selectionBehavior: found 'some'",
            "any, all, all-or-none",
        ),
        (
            lambda plan: rung(plan).update(priority="high"),
            "action[0].action[0].priority: found 'high'",
            "routine, urgent, asap, stat",
        ),
        (
            lambda plan: plan["action"][0]["trigger"][0].update(type="periodic"),
            "action[0].trigger.type: found 'periodic'",
            "named-event",
        ),
        (
            lambda plan: rung(plan)["condition"][0].update(kind="when"),
            "action[0].action[0].condition.kind: found 'when'",
            "applicability, start, stop",
        ),
        (
            lambda plan: plan["action"][0].update(goalId=["aim"]),
            "action[0].goalId: found 'aim'",
            "expected the id of a goal",
        ),
        (
            lambda plan: plan["extension"][0].update(valueCode="clever"),
            "extension http://hl7.org/fhir/StructureDefinition/cqf-knowledgeCapability: found "
            "'clever'",
            "shareable, computable",
        ),
    ],
)
def test_a_fault_is_told_with_file_element_found_expected_and_remedy(
    spoil: Callable[[Json], Any], element: str, remedy: str
):
    plan = copy.deepcopy(PLAN)
    spoil(plan)

    told = lint(FILE, plan)

    assert [line for line in told if line.startswith(f"{FILE}: {element}") and remedy in line]


def test_the_codes_of_an_activity_are_checked():
    told = lint(VISIT_FILE, {**VISIT, "intent": "wish", "priority": "soon", "kind": "Wish"})
    assert len(told) == 3
    assert "kind: found 'Wish', expected one of Appointment" in told[0]
    assert "found 'wish', expected one of proposal" in told[2]
