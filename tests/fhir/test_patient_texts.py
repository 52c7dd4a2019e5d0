"""Texts for patients in a plan: bad ones refuse the start."""

from typing import Any

import pytest

from cds_service.errors import PlanError
from cds_service.fhir.patient_texts import is_for_patients, read_patient_texts
from cds_service.guidance.condition import Vocabulary
from cds_service.therapy.vocabulary import FACTS

SOURCE = [{"type": "citation", "label": "Policy", "display": "Policy"}]


def a_group(**changed: Any) -> dict[str, Any]:
    text = {
        "id": "handout-visit",
        "title": "Your visit",
        "description": "Your visit is on {{refill.bookedDate}}.",
        "documentation": SOURCE,
        "condition": [
            {
                "kind": "applicability",
                "expression": {"language": "text/fhirpath", "expression": "%refill.booked"},
            }
        ],
    }
    return {"id": "handout", "participant": [{"type": "patient"}], "action": [{**text, **changed}]}


def read(group: dict[str, Any]) -> Any:
    return read_patient_texts("plan.json", group, Vocabulary(FACTS, {}), FACTS)


def test_a_text_is_read_with_heading_condition_and_source():
    (found,) = read(a_group())

    assert (found.id, found.title) == ("handout-visit", "Your visit")
    assert found.condition is not None
    assert found.condition.facts == {"refill.booked"}
    assert found.citations[0].text == "Policy"


def test_a_text_without_a_condition_always_applies():
    (found,) = read(a_group(condition=[]))

    assert found.condition is None


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"description": "By {{refill.day}}."}, "shows unknown fact refill.day"),
        ({"description": "By {{refill.bookedDate."}, "placeholder that is not closed"),
        ({"description": " "}, "has no description"),
        ({"title": ""}, "has no title"),
        ({"documentation": []}, "has no documentation"),
    ],
)
def test_a_text_that_cannot_be_shown_refuses_the_start(changed: dict[str, Any], says: str):
    with pytest.raises(PlanError, match=says):
        read(a_group(**changed))


def test_only_a_group_for_the_patient_holds_texts_for_patients():
    assert is_for_patients(a_group())
    assert not is_for_patients({"id": "steps", "participant": [{"type": "practitioner"}]})
    assert not is_for_patients({"id": "steps"})
