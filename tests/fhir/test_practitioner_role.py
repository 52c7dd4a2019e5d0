"""The roles of a user are read from her own PractitionerRole; what is no such gives none."""

import json

import pytest
from msgspec import Raw

from cds_service.fhir.decoding import Reading
from cds_service.fhir.practitioner_role import roles_in

NURSE = {"system": "http://snomed.info/sct", "code": "224535009"}
ROLE = {
    "resourceType": "PractitionerRole",
    "id": "r1",
    "practitioner": {"reference": "Practitioner/1", "display": "Doe"},
    "code": [{"coding": [NURSE, {"code": "RN"}]}, {"text": "on call"}],
}


def raw(content: object) -> Raw:
    return Raw(json.dumps(content).encode())


def test_the_codes_of_a_role_are_read_each_with_its_system():
    assert roles_in(raw(ROLE), "r1") == {("http://snomed.info/sct", "224535009")}


def test_a_role_that_was_read_from_the_ehr_counts_as_one_sent():
    assert roles_in(Reading(raw(ROLE)), "r1") == roles_in(raw(ROLE), "r1")


@pytest.mark.parametrize(
    "sent",
    [
        None,
        Reading(None, "the EHR does not permit it"),
        raw(None),
        raw(ROLE | {"id": "r2"}),
        raw(ROLE | {"resourceType": "Practitioner"}),
        raw({"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}),
        raw({"resourceType": "Bundle", "entry": [{"resource": ROLE}]}),
        raw(ROLE | {"code": "nurse"}),
        raw(ROLE | {"code": [{"text": "nurse"}]}),
        raw([ROLE]),
        Raw(b'{"resourceType": "PractitionerRole", "id"'),
    ],
)
def test_anything_else_tells_no_role(sent: Raw | Reading | None):
    assert roles_in(sent, "r1") == frozenset()
