"""Device infections and signs recorded as diagnoses."""

from typing import Any

import pytest

from cds_service.fhir.problems import Problems, read_problems
from cds_service.therapy.signs import Sign
from tests.fhir.builders import (
    ICD10CM,
    SNOMED,
    Json,
    a_chart,
    a_condition,
    coded,
    problems,
    source,
    text,
)

CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
INFECTED = coded(ICD10CM, "T85.738A")
DEHISCENCE = coded(SNOMED, "225553008")
AT_THE_POCKET = {"bodySite": [text("pump pocket")]}


def infections(code: Json, **stated: Any) -> int:
    return len(
        read_problems(a_chart(), source("conditions", a_condition(code, **stated))).infections
    )


def signs(code: Json, **stated: Any) -> list[tuple[str, Sign]]:
    found = read_problems(a_chart(), source("conditions", a_condition(code, **stated))).signs
    return [(each.when.first.isoformat(), each.sign) for each in found]


@pytest.mark.parametrize(
    ("code", "count"),
    [("T85.735A", 1), ("T85.738A", 1), ("T85.72XA", 0), ("T85.738D", 0), ("Z45.1", 0)],
)
def test_infection_of_the_device_is_known_by_its_diagnosis(code: str, count: int):
    """T85.72 is of insulin pumps."""
    assert infections(coded(ICD10CM, code)) == count


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        ("active", True),
        ("recurrence", True),
        ("relapse", True),
        ("inactive", False),
        ("remission", False),
        ("resolved", False),
    ],
)
def test_only_an_active_diagnosis_counts(status: str, counts: bool):
    assert bool(infections(INFECTED, clinicalStatus=coded(CLINICAL, status))) is counts


@pytest.mark.parametrize(
    ("status", "counts"),
    [("confirmed", True), ("provisional", True), ("refuted", False), ("entered-in-error", False)],
)
def test_a_refuted_diagnosis_does_not_count(status: str, counts: bool):
    assert bool(infections(INFECTED, verificationStatus=coded(VERIFICATION, status))) is counts


def test_a_sign_counts_from_the_later_of_onset_and_recording():
    found = signs(coded(SNOMED, "386661006"), onsetDateTime="2026-01-25", recordedDate="2026-01-20")
    assert found == [("2026-01-25", Sign.FEVER)]


@pytest.mark.parametrize(("site", "counts"), [("pump pocket", True), ("left knee", False)])
def test_dehiscence_counts_only_at_pump_or_incision(site: str, counts: bool):
    assert bool(signs(DEHISCENCE, bodySite=[text(site)])) is counts


def test_a_standing_problem_without_any_date_counts_for_no_window():
    assert signs(DEHISCENCE, recordedDate=None, **AT_THE_POCKET) == []


@pytest.mark.parametrize(
    ("stated", "what"),
    [
        pytest.param({"recordedDate": "2026"}, "only a year", id="year only"),
        pytest.param({"recordedDate": "20.01.2026"}, "not a FHIR date", id="no FHIR date"),
        pytest.param({"recordedDate": "2026-03-01"}, "future", id="future"),
    ],
)
def test_a_sign_whose_date_cannot_be_used_is_reported(stated: Json, what: str):
    """What is recorded and not used is never dropped in silence."""
    chart = a_chart()
    sent = a_condition(DEHISCENCE, **AT_THE_POCKET, **stated)
    assert read_problems(chart, source("conditions", sent)).signs == []
    assert what in " ".join(problems(chart))


def test_another_patients_diagnosis_is_reported_and_not_used():
    chart = a_chart()
    other = a_condition(INFECTED, subject={"reference": "Patient/p2"})
    assert read_problems(chart, source("conditions", other)) == Problems()
    assert "another patient" in problems(chart)[0]
