"""The conformance check itself: every constraint has a fixture that breaks it; nothing passes."""

import tomllib

import pytest
from fhir.resources.R4B import get_fhir_model_class

from tests.conformance.constraints import Constraint, constraints, violation
from tests.conformance.extension_hosts import EXTENSIONS, sound_extension
from tests.conformance.run import Finding, file_of, problems
from tests.conformance.specimens import Specimen
from tests.conformance.tools import HERE

CONSTRAINTS = constraints()
SOUND = Specimen("card/sound", {"resourceType": "Patient"})
WRONG = Specimen("violating/wrong", {"resourceType": "Patient"}, (), ("ERROR", "itb-pump-1"))
EXPLAINED = [{"says": "CodeSystem is unknown", "why": "licensed"}]


def finding(specimen: Specimen, severity: str, message: str) -> Finding:
    return Finding(str(file_of(specimen)), severity, "code", "Patient", message)


SEEN = finding(WRONG, "ERROR", "Constraint failed: itb-pump-1")
LICENSED = finding(SOUND, "WARNING", "CodeSystem is unknown: cpt")


@pytest.mark.parametrize("constraint", CONSTRAINTS, ids=lambda found: found.id)
def test_every_constraint_has_a_resource_that_breaks_it(constraint: Constraint):
    found = violation(constraint)
    assert found.says
    assert found.resource["resourceType"]


def test_profiles_and_extensions_are_all_covered():
    assert {found.profile for found in CONSTRAINTS} >= {*EXTENSIONS, "itb-pump", "itb-task"}
    assert len({found.id for found in CONSTRAINTS}) == len(CONSTRAINTS) > 100


@pytest.mark.parametrize("name", EXTENSIONS)
def test_every_extension_has_a_sound_use(name: str):
    resource = sound_extension(name)
    get_fhir_model_class(resource["resourceType"]).model_validate(resource)


def test_all_found_as_it_should_be_is_no_problem():
    assert problems([SOUND, WRONG], [SEEN, LICENSED], EXPLAINED) == []


@pytest.mark.parametrize(
    ("findings", "says"),
    [
        ([LICENSED], "the validator is blind to it"),
        ([LICENSED, finding(WRONG, "WARNING", "itb-pump-1")], "the validator is blind to it"),
        ([LICENSED, finding(WRONG, "ERROR", "another")], "the validator is blind to it"),
        ([SEEN, LICENSED, finding(SOUND, "ERROR", "no subject")], "no subject"),
        ([SEEN, LICENSED, finding(SOUND, "FATAL", "not JSON")], "not JSON"),
        ([SEEN, LICENSED, finding(SOUND, "WARNING", "odd")], "warning nobody explained"),
        ([SEEN], "no warning says 'CodeSystem is unknown' any more"),
    ],
    ids=["unseen", "only-a-warning", "another-error", "error", "fatal", "unexplained", "stale"],
)
def test_whatever_is_not_as_it_should_be_is_told(findings: list[Finding], says: str):
    (told,) = problems([SOUND, WRONG], findings, EXPLAINED)
    assert says in told


def test_every_explained_warning_has_its_reason():
    explained = tomllib.loads((HERE / "warnings.toml").read_text())["warning"]
    assert all(found["says"] and found["why"] for found in explained)
