"""Vital signs, scores and symptoms as EHRs record them."""

from decimal import Decimal

import pytest

from cds_service.fhir.observations import read_observations
from cds_service.fhir.problems import read_problems
from cds_service.fhir.readings import Readings
from cds_service.therapy.signs import Sign, Vital
from tests.fhir.builders import (
    ICD10CM,
    LOINC,
    SNOMED,
    Json,
    a_chart,
    a_condition,
    an_observation,
    coded,
    problems,
    quantity,
    source,
    text,
)

PRESSURE, BREATHS, OXYGEN = coded(LOINC, "8480-6"), coded(LOINC, "9279-1"), coded(LOINC, "59408-5")
COMA, PAIN = coded(LOINC, "9269-2"), coded(LOINC, "72514-3")
YESTERDAY = "2026-01-31T10:00:00Z"


def read(*observations: Json) -> tuple[Readings, list[str]]:
    chart = a_chart()
    return read_observations(chart, source("observations", *observations), None), problems(chart)


def signs_of(condition: Json) -> list[Sign]:
    signs = read_problems(a_chart(), source("conditions", condition)).signs
    return [found.sign for found in signs]


def a_panel(*parts: Json) -> Json:
    return an_observation(
        coded(LOINC, "85354-9"), effectiveDateTime=YESTERDAY, component=list(parts)
    )


@pytest.mark.parametrize(
    ("code", "value", "vital"),
    [
        (PRESSURE, quantity(84, "mmHg", "mm[Hg]"), Vital.SYSTOLIC_PRESSURE),
        (PRESSURE, quantity(84, "mm Hg"), Vital.SYSTOLIC_PRESSURE),
        (BREATHS, quantity(84, "breaths/min", "/min"), Vital.RESPIRATORY_RATE),
        (BREATHS, quantity(84, "{breaths}/min"), Vital.RESPIRATORY_RATE),
        (OXYGEN, quantity(84, "%", "%"), Vital.OXYGEN_SATURATION),
        (coded(LOINC, "2708-6"), quantity(84, "%"), Vital.OXYGEN_SATURATION),
    ],
)
def test_a_vital_sign_is_read(code: Json, value: Json, vital: Vital):
    found, told = read(an_observation(code, effectiveDateTime=YESTERDAY, valueQuantity=value))
    assert [(each.vital, each.value) for each in found.vitals] == [(vital, Decimal(84))]
    assert told == []


@pytest.mark.parametrize(
    "stated",
    [
        {"valueQuantity": quantity(9, "{score}", "{score}")},
        {"valueQuantity": {"value": 9}},
        {"valueInteger": 9},
    ],
)
@pytest.mark.parametrize("code", [COMA, PAIN], ids=["coma", "pain"])
def test_a_score_needs_no_unit(code: Json, stated: Json):
    found, told = read(an_observation(code, effectiveDateTime=YESTERDAY, **stated))
    assert [each.value for each in found.vitals] == [Decimal(9)]
    assert told == []


def test_the_systolic_pressure_of_a_panel_is_read():
    systolic = {"code": PRESSURE, "valueQuantity": quantity(84, "mmHg", "mm[Hg]")}
    diastolic = {"code": coded(LOINC, "8462-4"), "valueQuantity": quantity(50, "mmHg", "mm[Hg]")}
    found, told = read(a_panel(diastolic, systolic))
    assert [each.value for each in found.vitals] == [Decimal(84)]
    assert told == []


def test_a_panel_that_was_not_measured_says_nothing():
    absent = {"code": PRESSURE, "dataAbsentReason": text("not performed")}
    found, told = read(a_panel(absent))
    assert (found.vitals, told) == ([], [])


@pytest.mark.parametrize(
    ("code", "value"),
    [
        (PRESSURE, quantity(11, "kPa", "kPa")),
        (PRESSURE, quantity(840, "mmHg", "mm[Hg]")),
        (BREATHS, quantity(200, "/min", "/min")),
        (OXYGEN, quantity(0.91, "1", "1")),
        (OXYGEN, quantity(101, "%", "%")),
        (COMA, quantity(2, "{score}", "{score}")),
        (COMA, quantity(16, "{score}", "{score}")),
        (PAIN, quantity(11, "{score}", "{score}")),
        (PAIN, quantity(70, "mm", "mm")),
        (OXYGEN, {**quantity(92, "%", "%"), "comparator": "<"}),
    ],
)
def test_a_vital_sign_that_cannot_be_believed_is_refused_and_reported(code: Json, value: Json):
    found, told = read(an_observation(code, effectiveDateTime=YESTERDAY, valueQuantity=value))
    assert found.vitals == []
    assert len(told) == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("severe", [True]),
        ("mild", []),
        ("not severe", []),
        ("absent", [False]),
        ("present", []),
    ],
)
def test_pain_is_a_sign_only_when_it_is_severe(words: str, expected: list[bool]):
    found, told = read(an_observation(coded(SNOMED, "22253000"), valueString=words))
    assert [each.present for each in found.signs] == expected
    assert told == []


@pytest.mark.parametrize(("words", "count"), [("worse", 1), ("increased", 1), ("present", 0)])
def test_spasticity_is_a_sign_only_when_it_is_worse(words: str, count: int):
    found, _ = read(an_observation(coded(SNOMED, "221360009"), valueString=words))
    assert [each.sign for each in found.signs] == [Sign.SPASTICITY] * count


def test_a_diagnosis_of_spasticity_is_the_baseline_and_no_sign():
    assert signs_of(a_condition(coded(SNOMED, "221360009", "Spasticity"))) == []


@pytest.mark.parametrize(("severity", "count"), [("Severe", 1), ("Mild", 0), (None, 0)])
def test_a_diagnosis_of_pain_is_a_sign_only_when_severe(severity: str | None, count: int):
    graded = text(severity) if severity else None
    found = signs_of(a_condition(coded(SNOMED, "22253000"), severity=graded))
    assert found == [Sign.SEVERE_DISCOMFORT] * count


@pytest.mark.parametrize(
    ("code", "sign"),
    [
        ("418290006", Sign.ITCHING),
        ("418363000", Sign.ITCHING),
        ("279333002", Sign.ITCHING),
        ("276444007", Sign.ITCHING),
        ("271807003", Sign.RASH),
        ("415690000", Sign.SWEATING),
        ("55300003", Sign.SPASTICITY),
        ("16046003", Sign.RIGIDITY),
        ("404640003", Sign.DIZZINESS),
        ("271789005", Sign.DIZZINESS),
        ("422587007", Sign.NAUSEA),
        ("271782001", Sign.DROWSINESS),
        ("26544005", Sign.WEAKNESS),
        ("713514005", Sign.WEAKNESS),
        ("13791008", Sign.WEAKNESS),
        ("398152000", Sign.WEAKNESS),
        ("398151007", Sign.WEAKNESS),
        ("45007003", Sign.LOW_PRESSURE),
        ("234171009", Sign.LOW_PRESSURE),
        ("386689009", Sign.HYPOTHERMIA),
        ("267036007", Sign.BREATHING),
        ("409623005", Sign.BREATHING),
        ("65710008", Sign.BREATHING),
        ("418107008", Sign.UNCONSCIOUS),
        ("419045004", Sign.UNCONSCIOUS),
        ("371632003", Sign.UNCONSCIOUS),
    ],
)
def test_a_symptom_is_known_by_its_snomed_code(code: str, sign: Sign):
    assert signs_of(a_condition(coded(SNOMED, code))) == [sign]
    found, _ = read(an_observation(coded(SNOMED, code), valueBoolean=False))
    assert [(each.sign, each.present) for each in found.signs] == [(sign, False)]


@pytest.mark.parametrize(
    ("code", "sign"),
    [
        ("L29.9", Sign.ITCHING),
        ("L29.89", Sign.ITCHING),
        ("R21", Sign.RASH),
        ("R61", Sign.SWEATING),
        ("R42", Sign.DIZZINESS),
        ("R110", Sign.NAUSEA),
        ("R40.0", Sign.DROWSINESS),
        ("R53.1", Sign.WEAKNESS),
        ("M6281", Sign.WEAKNESS),
        ("I95.2", Sign.LOW_PRESSURE),
        ("I95.9", Sign.LOW_PRESSURE),
        ("R68.0", Sign.HYPOTHERMIA),
        ("R06.00", Sign.BREATHING),
        ("J96.00", Sign.BREATHING),
        ("R40.20", Sign.UNCONSCIOUS),
        ("R55", Sign.UNCONSCIOUS),
    ],
)
def test_a_symptom_is_known_by_its_icd_code(code: str, sign: Sign):
    assert signs_of(a_condition(coded(ICD10CM, code))) == [sign]


@pytest.mark.parametrize("code", ["304213008", "36649002", "286933003", "91019004"])
def test_codes_that_no_rule_names_are_no_symptom(code: str):
    assert signs_of(a_condition(coded(SNOMED, code))) == []


@pytest.mark.parametrize("code", ["371632003", "419045004", "16046003"])
def test_a_code_of_medium_confidence_is_marked(code: str):
    signs = read_problems(a_chart(), source("conditions", a_condition(coded(SNOMED, code)))).signs
    assert [found.evidence.rung for found in signs] == ["code of medium confidence"]


def test_a_year_on_the_problem_list_is_no_fault_of_the_record():
    chart = a_chart()
    dated = a_condition(coded(SNOMED, "26544005"), onsetDateTime="2019", recordedDate=None)
    both = a_condition(coded(SNOMED, "26544005"), onsetDateTime="2026", recordedDate="2026-01-20")
    signs = read_problems(chart, source("conditions", dated, both)).signs
    assert [str(found.when) for found in signs] == ["20 Jan 2026"]
    assert problems(chart) == []
