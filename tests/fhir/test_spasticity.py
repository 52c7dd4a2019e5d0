"""Modified Ashworth grades, severity, brain injury, problems and test doses from FHIR."""

from datetime import date
from typing import Any

import pytest

from cds_service.fhir.terminology.visits import is_evaluation_in_words, visit_in_words
from cds_service.therapy.record import VisitKind
from tests.fhir.builders import (
    a_condition,
    an_administration,
    an_observation,
    an_order,
    coded,
    quantity,
    record_of,
    text,
)

OURS = "https://example.org/itb-pump-cds/fhir/CodeSystem/itb-pump-observation"
SNOMED = "http://snomed.info/sct"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"


def grades(**stated: Any) -> list[str]:
    record = record_of("observations", an_observation("modified-ashworth-scale", **stated))
    return [str(found.value) for found in record.ashworth_grades]


@pytest.mark.parametrize(
    ("value", "grade"),
    [
        ({"valueInteger": 0}, "0"),
        ({"valueInteger": 3}, "3"),
        ({"valueCodeableConcept": coded(OURS, "mas-1-plus", "1+")}, "1+"),
        ({"valueCodeableConcept": coded(OURS, "mas-4")}, "4"),
        ({"valueCodeableConcept": text("1+")}, "1+"),
        ({"valueString": "1+"}, "1+"),
        ({"valueString": " 2 "}, "2"),
    ],
)
def test_a_grade_is_read_as_it_was_written(value: dict[str, Any], grade: str):
    assert grades(**value) == [grade]


@pytest.mark.parametrize(
    "value",
    [
        {"valueInteger": 5},
        {"valueString": "1.5"},
        {"valueString": "1 to 2"},
        {"valueString": "increased"},
        {"valueQuantity": quantity(1.5, "1", "1")},
        {},
    ],
)
def test_what_is_no_grade_is_refused_and_reported(value: dict[str, Any]):
    record = record_of("observations", an_observation("modified-ashworth-scale", **value))
    assert record.ashworth_grades == ()
    assert "Modified Ashworth" in record.issues[0].problem


def test_the_muscle_group_is_named():
    assert grades(valueInteger=2, bodySite=text("left knee")) == ["2 (left knee)"]


@pytest.mark.parametrize(
    ("stated", "severe", "unrated"),
    [
        ({"code": coded(SNOMED, "221360009")}, 0, 1),
        ({"code": coded(SNOMED, "221360009"), "severity": coded(SNOMED, "24484000")}, 1, 0),
        ({"code": coded(SNOMED, "221360009"), "severity": coded(SNOMED, "6736007")}, 0, 0),
        ({"code": coded(ICD, "G80.0"), "severity": text("severe")}, 1, 0),
        ({"code": text("Severe spastic quadriparesis")}, 1, 0),
        ({"code": text("Mild spasticity of the left arm")}, 0, 0),
        ({"code": text("Severe spastic colon")}, 0, 0),
        ({"code": text("Non-spastic cerebral palsy")}, 0, 0),
        ({"code": coded(ICD, "G35"), "severity": coded(SNOMED, "24484000")}, 0, 0),
        (
            {"code": text("severe spasticity"), "clinicalStatus": coded("x", "resolved")},
            0,
            0,
        ),
        (
            {"code": text("severe spasticity"), "verificationStatus": coded("x", "refuted")},
            0,
            0,
        ),
    ],
)
def test_severity_of_spasticity(stated: dict[str, Any], severe: int, unrated: int):
    code = stated.pop("code")
    record = record_of("conditions", a_condition(code, **stated))
    assert len(record.severe_spasticity) == severe
    assert len(record.unrated_spasticity) == unrated


@pytest.mark.parametrize(
    ("stated", "first", "last"),
    [
        ({"onsetDateTime": "2026-02-01"}, date(2026, 2, 1), date(2026, 2, 1)),
        ({"onsetDateTime": "2024"}, date(2024, 1, 1), date(2024, 12, 31)),
        ({"recordedDate": "2025-05-01"}, date.min, date(2025, 5, 1)),
    ],
)
def test_a_brain_injury_happened_by_the_day_it_was_recorded(
    stated: dict[str, Any], first: date, last: date
):
    ordinary: dict[str, Any] = {"onsetDateTime": None, "recordedDate": None}
    told = a_condition(coded(SNOMED, "127295002"), **{**ordinary, **stated})
    (injury,) = record_of("conditions", told).brain_injuries
    assert injury.when is not None
    assert (injury.when.first, injury.when.last) == (first, last)


@pytest.mark.parametrize(
    ("told", "what"),
    [
        ("Urinary tract infection", "active infection"),
        ("Acute UTI", "active infection"),
        ("Harnwegsinfekt", "active infection"),
        ("Acute exacerbation of multiple sclerosis", "MS exacerbation"),
        ("Multiple sclerosis, acute relapse", "MS exacerbation"),
        ("Chronic wound of the sacrum", "wound that does not heal"),
        ("Hypersensitivity to baclofen", "baclofen hypersensitivity"),
        ("Relapsing remitting multiple sclerosis", None),
        ("History of urinary tract infection", None),
        ("HIV infection", None),
        ("Neurogenic bladder", None),
        ("Allergy to penicillin", None),
    ],
)
def test_problems_that_speak_against_a_test(told: str, what: str | None):
    found = record_of("conditions", a_condition(text(told))).hindrances
    assert [each.says.split(":")[0] for each in found] == ([what] if what else [])


def test_multiple_sclerosis_in_relapse_is_an_exacerbation():
    told = a_condition(text("Multiple sclerosis"), clinicalStatus=coded("x", "relapse"))
    (found,) = record_of("conditions", told).hindrances
    assert found.says.startswith("MS exacerbation")


@pytest.mark.parametrize(
    ("dose", "mcg"),
    [
        (quantity(50, "ug", "ug"), 50),
        (quantity(0.1, "mg", "mg"), 100),
        (quantity(10, "mg", "mg"), None),
    ],
    ids=["50 mcg", "0.1 mg", "a fill"],
)
def test_a_test_dose_is_no_fill_and_a_fill_no_test_dose(dose: Any, mcg: int | None):
    given = an_administration()
    given["dosage"]["dose"] = dose
    record = record_of("medicationAdministrations", given)
    assert [int(each.value.value) for each in record.test_doses if each.value] == (
        [mcg] if mcg else []
    )
    assert len(record.fills) == (0 if mcg else 1)


@pytest.mark.parametrize(
    ("told", "is_one"),
    [
        ("Evaluation for intrathecal baclofen pump", True),
        ("Referral: ITB candidate?", True),
        ("Consult for insulin pump", False),
        ("Evaluation for spinal cord stimulator or pump", False),
        ("Refill of the baclofen pump", False),
    ],
)
def test_an_evaluation_is_known_by_its_words(told: str, is_one: bool):
    assert is_evaluation_in_words(told) is is_one
    assert not is_one or visit_in_words(told) is None


def test_an_active_order_for_an_evaluation_is_open():
    order = an_order(code=text("Referral to evaluate for baclofen pump"))
    (visit,) = record_of("serviceRequests", order).visits
    assert visit.kind is VisitKind.EVALUATION
