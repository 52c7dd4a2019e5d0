"""Reprogramming, interrogation, MRI and procedures on the spinal fluid; the birth date."""

import pytest

from cds_service.fhir.dates import read_birth_date
from cds_service.fhir.events import read_events
from cds_service.fhir.terminology.events import event_in_words
from cds_service.therapy.record import PumpEventKind
from tests.fhir.builders import (
    CPT,
    SNOMED,
    UTC,
    Json,
    a_chart,
    a_procedure,
    coded,
    problems,
    source,
    text,
)

DONE = "2026-01-30T10:00:00Z"


def events(*procedures: Json) -> list[tuple[PumpEventKind, str]]:
    found = read_events(a_chart(), source("procedures", *procedures))
    return [(event.kind, event.evidence.rung) for event in found]


@pytest.mark.parametrize(
    ("code", "kind", "rung"),
    [
        (coded(CPT, "62367"), PumpEventKind.INTERROGATION, "code of medium confidence"),
        (coded(CPT, "62368"), PumpEventKind.REPROGRAMMING, "first choice"),
        (coded(CPT, "62369"), PumpEventKind.REPROGRAMMING, "code of medium confidence"),
        (coded(CPT, "62370"), PumpEventKind.REPROGRAMMING, "first choice"),
        (coded(SNOMED, "277762005"), PumpEventKind.CSF_PROCEDURE, "first choice"),
        (text("MRI of the brain"), PumpEventKind.MRI, "words of the procedure"),
    ],
)
def test_an_event_is_read_with_its_rung(code: Json, kind: PumpEventKind, rung: str):
    assert events(a_procedure(code, DONE)) == [(kind, rung)]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("MRI lumbar spine without contrast", PumpEventKind.MRI),
        ("Magnetic resonance imaging of head", PumpEventKind.MRI),
        ("MRT Wirbelsäule", PumpEventKind.MRI),
        ("Interrogation of intrathecal baclofen pump after MRI", PumpEventKind.INTERROGATION),
        ("Baclofen pump reprogramming", PumpEventKind.REPROGRAMMING),
        ("Lumbar puncture", PumpEventKind.CSF_PROCEDURE),
        ("Diagnostic spinal tap", PumpEventKind.CSF_PROCEDURE),
        ("Aspiration of CSF from catheter access port", PumpEventKind.CSF_PROCEDURE),
        ("MR BRAIN WO CONTRAST", PumpEventKind.MRI),
        ("fMRI", PumpEventKind.MRI),
        ("Risonanza magnetica encefalo", PumpEventKind.MRI),
        ("Transcatheter repair of severe mitral regurgitation (MR)", None),
        ("Implantation of MRI-conditional pacemaker", None),
        ("MRI safety screening questionnaire", None),
        ("Pacemaker interrogation", None),
        ("Insulin pump reprogramming", None),
        ("CT of the head", None),
        ("Primritter", None),
    ],
)
def test_an_event_is_known_by_its_words(words: str, kind: PumpEventKind | None):
    assert event_in_words(words) == kind


@pytest.mark.parametrize(
    "stated",
    [
        {"status": "preparation"},
        {"status": "not-done"},
        {"status": "entered-in-error"},
        {"subject": {"reference": "Patient/other"}},
    ],
    ids=str,
)
def test_what_was_not_done_to_this_patient_is_no_event(stated: Json):
    assert events(a_procedure(text("MRI of the brain"), DONE, **stated)) == []


@pytest.mark.parametrize("when", ["2026-03-01", "2026", None], ids=["future", "year", "none"])
def test_an_event_without_a_usable_date_is_reported(when: str | None):
    chart = a_chart()
    scan = a_procedure(text("MRI of the brain"), performedDateTime=when)
    assert read_events(chart, source("procedures", scan)) == ()
    assert len(problems(chart)) == 1


@pytest.mark.parametrize(
    ("told", "days"),
    [
        ("2008-02-01", ("2008-02-01", "2008-02-01")),
        ("2008-02", ("2008-02-01", "2008-02-29")),
        ("2008", ("2008-01-01", "2008-12-31")),
        ("0000", None),
        ("80s", None),
        ("2008-13-01", None),
    ],
)
def test_a_birth_date_can_be_partial(told: str, days: tuple[str, str] | None):
    born = read_birth_date(told, UTC)
    assert (born and (born.first.isoformat(), born.last.isoformat())) == days
