"""A pump that only the problem list names."""

import json
from typing import Any

import pytest
from msgspec import Raw

from cds_service.fhir.possible_pump import pump_on_problem_list


def conditions(text: str, **more: Any) -> Raw:
    found = {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": "Patient/p1"},
        "code": {"text": text},
        **more,
    }
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": found}]}
    return Raw(json.dumps(bundle).encode())


@pytest.mark.parametrize(
    "text", ["Baclofen pump in place", "Presence of intrathecal baclofen pump", "ITB pump"]
)
def test_a_diagnosis_that_names_a_pump_is_something_to_ask_about(text: str):
    found = pump_on_problem_list(conditions(text), "p1")

    assert found is not None
    assert (found.source, found.reference) == ("conditions", "Condition/c1")
    assert "ask whether the patient has a pump" in found.problem


@pytest.mark.parametrize(
    "text",
    [
        "Spasticity",
        "Oral baclofen, no side effects",
        "Insulin pump in place",
        "History of baclofen pump, removed 2019",
        "Candidate for baclofen pump",
        "Referral for intrathecal baclofen pump",
    ],
)
def test_other_diagnoses_name_no_pump_in_place(text: str):
    assert pump_on_problem_list(conditions(text), "p1") is None


RESOLVED = {"coding": [{"code": "resolved", "system": "http://x"}]}


def test_a_diagnosis_that_is_over_or_of_another_patient_says_nothing():
    assert pump_on_problem_list(conditions("ITB pump", clinicalStatus=RESOLVED), "p1") is None
    assert pump_on_problem_list(conditions("ITB pump"), "p2") is None
    assert pump_on_problem_list(None, "p1") is None
