"""Drugs outside the pump, and diagnoses that cause spasticity."""

from typing import Any

import pytest

from cds_service.fhir.causes import read_causes
from cds_service.fhir.drug_uses import read_drug_uses, read_drugs_given
from cds_service.fhir.terminology.drugs import ORAL_BACLOFEN
from cds_service.therapy.record import Cause, DrugClass, DrugUse, Origin
from tests.fhir.builders import (
    ICD10CM,
    INTRATHECAL,
    OF_P1,
    SNOMED,
    Json,
    a_chart,
    coded,
    resource,
    source,
    text,
)


def a_prescription(words: str | None = None, **stated: Any) -> Json:
    ordinary = {
        "id": "rx",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": text(words) if words else None,
        "subject": OF_P1,
        "authoredOn": "2025-12-01",
    }
    return resource("MedicationRequest", ordinary, stated)


def uses(*requests: Json) -> tuple[DrugUse, ...]:
    return read_drug_uses(a_chart(), source("medicationRequests", *requests))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Baclofen 10 mg oral tablet", [DrugClass.ORAL_BACLOFEN]),
        ("Lioresal 25 mg Tabletten", [DrugClass.ORAL_BACLOFEN]),
        ("Tizanidine 4 mg", [DrugClass.ORAL_ANTISPASTIC]),
        ("dantrolene 25 mg capsule", [DrugClass.ORAL_ANTISPASTIC]),
        ("Diazepam 5 mg", [DrugClass.ORAL_ANTISPASTIC, DrugClass.CNS_DEPRESSANT]),
        ("Oxycodone 5 mg", [DrugClass.CNS_DEPRESSANT]),
        ("Metformin 500 mg", []),
        ("Baclofen 500 mcg/mL intrathecal solution", []),
    ],
)
def test_a_drug_is_classed_by_its_name(words: str, expected: list[DrugClass]):
    assert [use.drug_class for use in uses(a_prescription(words))] == expected


@pytest.mark.parametrize("code", sorted(ORAL_BACLOFEN))
def test_oral_baclofen_is_known_by_its_code(code: tuple[str, str]):
    (use,) = uses(a_prescription(medicationCodeableConcept=coded(*code)))

    assert use.drug_class is DrugClass.ORAL_BACLOFEN


@pytest.mark.parametrize(
    ("stated", "is_taken"),
    [
        ({}, True),
        ({"status": "on-hold"}, True),
        ({"status": "stopped"}, False),
        ({"status": "completed"}, False),
    ],
)
def test_a_drug_is_taken_until_it_is_stopped(stated: Json, is_taken: bool):
    (use,) = uses(a_prescription("Tizanidine 4 mg", **stated))

    assert (use.stopped is None) is is_taken
    assert str(use.started) == "1 Dec 2025"


@pytest.mark.parametrize(
    "stated",
    [
        {"status": "draft"},
        {"status": "cancelled"},
        {"status": "entered-in-error"},
        {"intent": "proposal"},
        {"doNotPerform": True},
        {"subject": {"reference": "Patient/p2"}},
        {"dosageInstruction": [{"route": INTRATHECAL}]},
    ],
)
def test_what_is_not_taken_is_no_use(stated: Json):
    assert uses(a_prescription("Morphine 10 mg/mL", **stated)) == ()


def given(words: str, **stated: Any) -> tuple[DrugUse, ...]:
    """The sedating drugs read from one administration of 26 Jan 2026, six days before today."""
    ordinary = {
        "id": "given",
        "status": "completed",
        "medicationCodeableConcept": text(words),
        "subject": OF_P1,
        "effectiveDateTime": "2026-01-26T20:00:00Z",
    }
    sent = resource("MedicationAdministration", ordinary, stated)
    return read_drugs_given(a_chart(), source("medicationAdministrations", sent))


def test_a_sedating_drug_that_was_given_is_a_use_of_that_moment():
    (use,) = given("Lorazepam 2 mg injection", dosage={"route": text("intravenous")})
    assert (use.drug_class, use.name, use.was_given) == (
        DrugClass.CNS_DEPRESSANT,
        "lorazepam",
        True,
    )
    assert use.started == use.stopped
    assert use.started is not None
    assert use.started.instant is not None
    assert str(use.started) == "26 Jan 2026"


@pytest.mark.parametrize(
    ("words", "stated"),
    [
        ("Metformin 500 mg", {}),
        ("Tizanidine 4 mg", {}),
        ("Morphine", {"dosage": {"route": INTRATHECAL}}),
        ("Lorazepam", {"status": "not-done"}),
        ("Lorazepam", {"status": "entered-in-error"}),
        ("Lorazepam", {"subject": {"reference": "Patient/p2"}}),
        ("Lorazepam", {"effectiveDateTime": "2026-01-20"}),
        ("Lorazepam", {"effectiveDateTime": "2027-01-01"}),
        ("Lorazepam", {"effectiveDateTime": None}),
    ],
)
def test_what_was_not_given_lately_outside_the_pump_is_no_use(words: str, stated: Json):
    assert given(words, **stated) == ()


def a_diagnosis(**stated: Any) -> Json:
    return resource("Condition", {"id": "c", "subject": OF_P1}, stated)


def causes(*conditions: Json) -> tuple[Cause, ...]:
    return read_causes(a_chart(), source("conditions", *conditions))


@pytest.mark.parametrize(
    ("code", "origin", "name"),
    [
        (coded(SNOMED, "24700007"), Origin.SPINAL, "multiple sclerosis"),
        (coded(ICD10CM, "G35"), Origin.SPINAL, "multiple sclerosis"),
        (coded(ICD10CM, "G35.D"), Origin.SPINAL, "multiple sclerosis"),
        (coded(ICD10CM, "G35B0"), Origin.SPINAL, "multiple sclerosis"),
        (coded(ICD10CM, "S24.109S"), Origin.SPINAL, "spinal cord injury"),
        (coded(SNOMED, "90584004"), Origin.SPINAL, "spinal cord injury"),
        (coded(ICD10CM, "G80.1"), Origin.CEREBRAL, "cerebral palsy"),
        (coded(SNOMED, "230773005"), Origin.CEREBRAL, "cerebral palsy"),
        (coded(ICD10CM, "S06.9X9S"), Origin.CEREBRAL, "traumatic brain injury"),
        (coded(SNOMED, "127295002"), Origin.CEREBRAL, "traumatic brain injury"),
        (coded(ICD10CM, "I69.359"), Origin.CEREBRAL, "stroke"),
        (text("Spastic cerebral palsy, GMFCS IV"), Origin.CEREBRAL, "cerebral palsy"),
        (text("Querschnittlähmung Th6"), Origin.SPINAL, "spinal cord injury"),
        (text("Z.n. Schädel-Hirn-Trauma"), Origin.CEREBRAL, "traumatic brain injury"),
    ],
)
def test_the_origin_is_read_from_the_diagnosis(code: Json, origin: Origin, name: str):
    (cause,) = causes(a_diagnosis(code=code, onsetDateTime="2026-01-01"))

    assert (cause.origin, cause.name, str(cause.since)) == (origin, name, "1 Jan 2026")


@pytest.mark.parametrize(
    "code",
    [
        coded(ICD10CM, "G82.20"),
        coded(ICD10CM, "G81.10"),
        coded(ICD10CM, "Z86.73"),
        coded(ICD10CM, "G36.0"),
        coded(SNOMED, "221360009"),
        text("Family history of multiple sclerosis"),
        text("Risk of stroke"),
        text("Heat stroke"),
        text("Paraplegia"),
    ],
)
def test_paralysis_family_and_risk_name_no_origin(code: Json):
    assert causes(a_diagnosis(code=code)) == ()


@pytest.mark.parametrize("status", ["refuted", "entered-in-error"])
def test_a_refuted_diagnosis_is_no_cause(status: str):
    system = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    found = a_diagnosis(code=coded(ICD10CM, "G80.1"), verificationStatus=coded(system, status))

    assert causes(found) == ()


def test_a_cause_that_is_over_stays_one():
    system = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    found = a_diagnosis(code=coded(SNOMED, "230690007"), clinicalStatus=coded(system, "resolved"))

    assert [cause.name for cause in causes(found)] == ["stroke"]
