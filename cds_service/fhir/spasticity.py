"""Spasticity before a pump: how severe, where from, test doses, and what speaks against a test."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from cds_service.errors import DateError, UnitError
from cds_service.fhir.chart import Chart, evidence, exact, start_of
from cds_service.fhir.concepts import codes, diagnosis_codes, names_patient, words
from cds_service.fhir.dates import read_when
from cds_service.fhir.decoding import Source
from cds_service.fhir.elements import Condition, MedicationAdministration, Observation
from cds_service.fhir.fills import gives_intrathecal_baclofen
from cds_service.fhir.medications import Formulary, Product, strength_of
from cds_service.fhir.readings import KEY, Readings
from cds_service.fhir.terminology.spasticity import (
    ASHWORTH_GRADES,
    BRAIN_INJURY,
    BRAIN_INJURY_WORDS,
    HINDRANCES,
    LESS_THAN_SEVERE,
    LESS_WORDS,
    MULTIPLE_SCLEROSIS,
    NO_HINDRANCE,
    NOT_OF_LIMBS,
    SEVERE,
    SEVERE_WORDS,
    SPASTICITY,
    SPASTICITY_WORDS,
)
from cds_service.therapy import units
from cds_service.therapy.ashworth import GRADES, AshworthGrade
from cds_service.therapy.calendar import When
from cds_service.therapy.quantities import Micrograms
from cds_service.therapy.record import Evidence, Reading

_ADMINISTRATIONS = "medicationAdministrations"
_LARGEST = Micrograms(Fraction(100))
"""Test doses are 50 to 100 mcg (drug labels); no pump is filled with so little."""
_REFUTED = {"refuted", "entered-in-error"}
_ACTIVE = {"active", "recurrence", "relapse"}


@dataclass(slots=True)
class Workup:
    """What the diagnoses say that bears on a pump: `unrated` spasticity states no severity.

    Of brain injuries `when` is every day on which the injury can have been.
    """

    severe: list[Evidence] = field(default_factory=list)
    unrated: list[Evidence] = field(default_factory=list)
    brain_injuries: list[Evidence] = field(default_factory=list)
    hindrances: list[Evidence] = field(default_factory=list)


def read_workup(chart: Chart, source: Source[Any]) -> Workup:
    """The patient's diagnoses of spasticity, brain injury, and what speaks against a test now.

    Whose they are, and what of them cannot be read, is reported with the other diagnoses.
    """
    workup = Workup()
    for found in source.resources:
        if not isinstance(found, Condition) or not names_patient(found.subject, chart.patient_id):
            continue
        if {code for _, code in codes(found.verificationStatus)} & _REFUTED:
            continue
        told, coded = words(found.code), set(diagnosis_codes(found.code))
        if not coded.isdisjoint(BRAIN_INJURY) or BRAIN_INJURY_WORDS.search(told):
            workup.brain_injuries.append(
                evidence(found, told or "traumatic brain injury", _days_of_injury(chart, found))
            )
        clinical = {code for _, code in codes(found.clinicalStatus)}
        if clinical and not clinical & _ACTIVE:
            continue
        if not coded.isdisjoint(SPASTICITY) or (
            SPASTICITY_WORDS.search(told) and not NOT_OF_LIMBS.search(told)
        ):
            _add_spasticity(chart, found, told, workup)
        what = _hindrance(told, clinical)
        if what:
            says = f"{what}: {told}"
            workup.hindrances.append(evidence(found, says, _stated(chart, found)))
    return workup


def read_ashworth(chart: Chart, found: Observation, when: When, readings: Readings) -> None:
    """Adds a grade of the Modified Ashworth Scale; 1+ stays 1+."""
    grade = _grade(found)
    if grade is None:
        chart.report(KEY, found, "a Modified Ashworth grade that is none of 0, 1, 1+, 2, 3, 4")
        return
    score = AshworthGrade(grade, words(found.bodySite))
    proof = evidence(found, f"Modified Ashworth {score}", when)
    readings.values["modified-ashworth-scale"].append(Reading(score, when, proof))


def read_test_doses(chart: Chart, source: Source[Any]) -> tuple[Reading[Micrograms], ...]:
    """Doses of the screening test that were given; the amount is None where it is not recorded."""
    formulary = Formulary(source)
    doses = []
    for given in source.resources:
        if not isinstance(given, MedicationAdministration) or given.status != "completed":
            continue
        if not names_patient(given.subject, chart.patient_id):
            continue
        product = formulary.product(given)
        if not gives_intrathecal_baclofen(given, product):
            continue
        try:
            amount = _amount(given, product)
        except UnitError:
            continue  # Reported where fills are read.
        text = start_of(given.effectiveDateTime, given.effectivePeriod)
        when = _when(chart, text)
        is_test = product.is_for_screening or (amount is not None and amount <= _LARGEST)
        if is_test and when is not None:
            told = f"{float(amount.value):g} mcg" if amount else "amount not recorded"
            says = f"screening test dose: {told}"
            doses.append(Reading(amount, when, evidence(given, says, when)))
    return tuple(doses)


def _amount(given: MedicationAdministration, product: Product) -> Micrograms | None:
    """The mass given, from the mass or from volume and strength. Raises UnitError."""
    dose = given.dosage.dose if given.dosage else None
    if dose is None or dose.value is None:
        return None
    if units.kind_of(dose.unit, dose.code) is units.Kind.MASS:
        return units.micrograms(exact(dose), dose.unit, dose.code)
    strength, _ = strength_of(product)
    volume = units.millilitres(exact(dose), dose.unit, dose.code)
    return volume * strength if strength else None


def _grade(found: Observation) -> str | None:
    if found.valueInteger is not None:
        told = {str(found.valueInteger)}
    elif found.valueCodeableConcept is not None:
        named = codes(found.valueCodeableConcept)
        told = {ASHWORTH_GRADES[code] for code in named if code in ASHWORTH_GRADES}
        told = told or {(found.valueCodeableConcept.text or "").strip()}
    else:
        told = {(found.valueString or "").strip()}
    grade = told.pop() if len(told) == 1 else None
    return grade if grade in GRADES else None


def _names_spasticity(told: str) -> bool:
    return bool(SPASTICITY_WORDS.search(told)) and not NOT_OF_LIMBS.search(told)


def _add_spasticity(chart: Chart, found: Condition, told: str, workup: Workup) -> None:
    graded = set(codes(found.severity))
    said = f"{words(found.severity)} / {told}"
    stated = _stated(chart, found)
    says = told or "spasticity"
    if not graded.isdisjoint(SEVERE) or SEVERE_WORDS.search(said):
        is_said = "" if SEVERE_WORDS.search(says) else ", severe"
        workup.severe.append(evidence(found, f"{says}{is_said}", stated))
    elif graded.isdisjoint(LESS_THAN_SEVERE) and not LESS_WORDS.search(said):
        workup.unrated.append(evidence(found, says, stated))


def _hindrance(told: str, clinical: set[str]) -> str:
    """What a diagnosis is that speaks against a test now, or nothing."""
    if NO_HINDRANCE.search(told):
        return ""
    if MULTIPLE_SCLEROSIS.search(told) and "relapse" in clinical:
        return "MS exacerbation"
    return next((what for what, pattern in HINDRANCES if pattern.search(told)), "")


def _days_of_injury(chart: Chart, found: Condition) -> When:
    """The onset; else every day up to the recording, or up to today."""
    onset = _when(chart, found.onsetDateTime) or _year(found.onsetDateTime)
    recorded = _when(chart, found.recordedDate)
    return onset or When(date.min, recorded.last if recorded else chart.today)


def _year(text: str | None) -> When | None:
    if not text or len(text) != len("2026") or not text.isdecimal() or not int(text):
        return None
    return When(date(int(text), 1, 1), date(int(text), 12, 31))


def _stated(chart: Chart, found: Condition) -> When | None:
    return max(_dates(chart, found), key=lambda when: when.last, default=None)


def _dates(chart: Chart, found: Condition) -> Iterator[When]:
    for text in (found.onsetDateTime, found.recordedDate):
        when = _when(chart, text)
        if when is not None:
            yield when


def _when(chart: Chart, text: str | None) -> When | None:
    """The date; None when there is none that can be: that is reported with other diagnoses."""
    if not text:
        return None
    try:
        when = read_when(text, chart.zone)
    except DateError:
        return None
    return None if when.first > chart.today else when.capped(chart.today)
