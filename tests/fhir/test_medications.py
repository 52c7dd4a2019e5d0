"""The drug given: found wherever a record keeps it, and its strength."""

from typing import Any

import pytest

from cds_service.fhir.decoding import read_source
from cds_service.fhir.elements import MedicationAdministration
from cds_service.fhir.medications import Formulary, strength_of
from tests.fhir.builders import (
    Json,
    an_administration,
    quantity,
    raw,
    record_of,
    searchset,
    text,
)

MEDICATION: Json = {
    "resourceType": "Medication",
    "id": "med",
    "code": text("Baclofen intrathecal solution"),
    "ingredient": [
        {
            "itemCodeableConcept": text("baclofen"),
            "strength": {
                "numerator": quantity(2, "mg", "mg"),
                "denominator": quantity(1, "mL", "mL"),
            },
        }
    ],
}


def strengths(*resources: Json) -> list[str]:
    fills = record_of("medicationAdministrations", *resources).fills
    return [str(fill.concentration) for fill in fills]


def referring(reference: str, **stated: Any) -> Json:
    return an_administration(
        medicationCodeableConcept=None, medicationReference={"reference": reference}, **stated
    )


@pytest.mark.parametrize(
    "reference",
    ["Medication/med", "Medication/med/_history/2", "https://ehr.example/fhir/Medication/med"],
)
def test_a_medication_is_found_by_its_id(reference: str):
    assert strengths(referring(reference), MEDICATION) == ["2000 mcg/mL"]


def test_a_medication_is_found_by_the_url_of_its_entry():
    sent = searchset(referring("urn:uuid:1"))
    sent["entry"].append({"fullUrl": "urn:uuid:1", "resource": {**MEDICATION, "id": "other"}})
    found = read_source("medicationAdministrations", raw(sent))
    given = next(each for each in found.resources if isinstance(each, MedicationAdministration))
    strength, _ = strength_of(Formulary(found).product(given))
    assert str(strength) == "2000 mcg/mL"


def test_a_contained_medication_is_found():
    assert strengths(referring("#med", contained=[MEDICATION])) == ["2000 mcg/mL"]


def with_strength(top: Json, bottom: Json) -> Json:
    ingredient = {
        "itemCodeableConcept": text("baclofen"),
        "strength": {"numerator": top, "denominator": bottom},
    }
    return {**MEDICATION, "ingredient": [ingredient]}


@pytest.mark.parametrize(
    ("top", "bottom", "strength"),
    [
        pytest.param(quantity(2, "mg", "mg"), quantity(1, "mL", "mL"), "2000 mcg/mL", id="mg"),
        pytest.param(quantity(500, "ug", "ug"), quantity(1, "mL", "mL"), "500 mcg/mL", id="ug"),
        pytest.param(quantity(10, "mg", "mg"), quantity(20, "mL", "mL"), "500 mcg/mL", id="per 20"),
        pytest.param(quantity(10, "mg"), quantity(5, "cc"), "2000 mcg/mL", id="no codes, cc"),
        pytest.param(quantity(500, "µg"), quantity(1, "mL"), "500 mcg/mL", id="micro sign"),
        pytest.param(quantity(500, "μg"), quantity(1, "mL"), "500 mcg/mL", id="Greek mu"),
        pytest.param(quantity(500, "mg", "ug"), quantity(1, "mL", "mL"), "None", id="contradicts"),
        pytest.param(quantity(500, "ug"), quantity(0, "mL"), "None", id="per nothing"),
        pytest.param(quantity(500, "units"), quantity(1, "mL"), "None", id="unknown unit"),
    ],
)
def test_a_strength_is_converted_or_refused(top: Json, bottom: Json, strength: str):
    assert strengths(referring("Medication/med"), with_strength(top, bottom)) == [strength]


def test_a_refused_strength_is_reported():
    medication = with_strength(quantity(500, "mg", "ug"), quantity(1, "mL", "mL"))
    record = record_of("medicationAdministrations", referring("Medication/med"), medication)
    told = " ".join(issue.problem for issue in record.issues)
    assert "the strength" in told
    assert "contradict" in told


def test_of_a_mixture_the_strength_of_the_baclofen_is_read():
    morphine = {
        "itemCodeableConcept": text("morphine"),
        "strength": {"numerator": quantity(10, "mg"), "denominator": quantity(1, "mL")},
    }
    mixture = {**MEDICATION, "ingredient": [morphine, MEDICATION["ingredient"][0]]}
    assert strengths(referring("Medication/med"), mixture) == ["2000 mcg/mL"]


@pytest.mark.parametrize(
    ("words", "strength"),
    [
        ("Baclofen 2000 mcg/mL intrathecal", "2000 mcg/mL"),
        ("Lioresal intrathecal 10 mg/20 mL", "500 mcg/mL"),
        ("Gablofen 40 mg / 20 mL", "2000 mcg/mL"),
        ("baclofen 0.5 mg/mL intrathecal", "500 mcg/mL"),
        ("baclofen 0,5 mg/ml intrathekal", "500 mcg/mL"),
        ("baclofen 2,000 mcg/mL intrathecal", "2000 mcg/mL"),
        ("Baclofen 500 µg/mL intrathecal", "500 mcg/mL"),
        ("Baclofen intrathecal", "None"),
    ],
)
def test_a_strength_is_read_from_the_products_words(words: str, strength: str):
    given = an_administration(medicationCodeableConcept=text(words))
    assert strengths(given) == [strength]
