"""Diagnoses that cause spasticity: they select the dose steps of the drug label."""

from cds_service.fhir.chart import Chart, evidence
from cds_service.fhir.concepts import codes, diagnosis_codes, names_patient, words
from cds_service.fhir.decoding import Source
from cds_service.fhir.elements import Condition
from cds_service.fhir.terminology.causes import ORIGINS, cause_in_words, cause_of_code
from cds_service.therapy.calendar import When
from cds_service.therapy.record import Cause

_REFUTED = {"refuted", "entered-in-error"}


def read_causes(chart: Chart, source: Source[Condition]) -> tuple[Cause, ...]:
    """The causes among the diagnoses; one that is over, as a stroke is, is still the cause."""
    causes = []
    for found in source.resources:
        name, rung = _named(found)
        if not name or not names_patient(found.subject, chart.patient_id):
            continue
        if _REFUTED.isdisjoint(code for _, code in codes(found.verificationStatus)):
            since = _since(chart, found)
            proof = evidence(found, words(found.code) or name, since, rung)
            causes.append(Cause(ORIGINS[name], name, since, proof))
    return tuple(causes)


def _named(found: Condition) -> tuple[str, str]:
    for code in diagnosis_codes(found.code):
        name = cause_of_code(code)
        if name:
            return name, ""
    name = cause_in_words(words(found.code))
    return name, "words of the diagnosis" if name else ""


def _since(chart: Chart, found: Condition) -> When | None:
    """The onset; the day of recording says nothing about it."""
    return chart.when_known(found.onsetDateTime)
