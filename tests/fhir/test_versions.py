"""F19: resources of STU3 and R5 are recognised, refused and named; R4B is read as R4."""

import pytest

from tests.assessment.builders import a_chart, assessed, prefetch, said
from tests.fhir.builders import (
    BACLOFEN,
    CPT,
    INTRATHECAL,
    VISIT,
    Json,
    a_device,
    a_prescription,
    a_procedure,
    an_administration,
    an_appointment,
    an_order,
    coded,
    record_of,
    text,
)

R5_GIVEN = an_administration(
    medicationCodeableConcept=None,
    medication={"concept": BACLOFEN},
    effectiveDateTime=None,
    occurencePeriod={"start": "2026-01-20"},
)
NEWER_OR_OLDER: dict[str, tuple[str, Json]] = {
    "R5 refill": ("medicationAdministrations", R5_GIVEN),
    "STU3 refill": ("medicationAdministrations", an_administration(notGiven=False)),
    "STU3 refill not given": ("medicationAdministrations", an_administration(notGiven=True)),
    "R5 operation": (
        "procedures",
        a_procedure(
            coded(CPT, "62362"), performedDateTime=None, occurrencePeriod={"start": "2026-01-20"}
        ),
    ),
    "STU3 operation": ("procedures", a_procedure(coded(CPT, "62362"), notDone=False)),
    "R5 prescription": (
        "medicationRequests",
        a_prescription(medicationCodeableConcept=None, medication={"concept": BACLOFEN}),
    ),
    "R5 booking": (
        "appointments",
        an_appointment(serviceType=[{"concept": coded(VISIT, "refill-visit")}]),
    ),
    "R5 reason of a booking": (
        "appointments",
        an_appointment(
            serviceType=[text("Clinic")], reason=[{"concept": text("Baclofen pump refill")}]
        ),
    ),
    "STU3 reason of a booking": (
        "appointments",
        an_appointment(serviceType=[], reason=[text("Baclofen pump refill")]),
    ),
    "R5 order": (
        "serviceRequests",
        an_order(code={"concept": coded(VISIT, "replacement-surgery")}),
    ),
    "STU3 pump": ("devices", a_device(modelNumber=None, model="8637-20")),
    "STU3 pump without type": (
        "devices",
        a_device(modelNumber=None, type=text("implant"), model="8637-20"),
    ),
    "STU3 pump by its name": (
        "devices",
        a_device(modelNumber=None, type=None, udi={"name": "SynchroMed II"}),
    ),
}


@pytest.mark.parametrize("name", NEWER_OR_OLDER)
def test_another_version_is_refused_and_named(name: str):
    key, resource = NEWER_OR_OLDER[name]
    record = record_of(key, resource)
    told = [f"{issue.source} {issue.reference}: {issue.problem}" for issue in record.issues]
    assert [line for line in told if "is not FHIR R4" in line], told
    assert (record.fills, record.surgeries, record.visits) == ((), (), ())
    assert record.dose_statements == ()


@pytest.mark.parametrize("name", NEWER_OR_OLDER)
def test_on_a_pump_patients_card_it_is_could_not_check(name: str):
    key, resource = NEWER_OR_OLDER[name]
    found = assessed(prefetch({**a_chart(), key: [*a_chart()[key], resource | {"id": "x"}]}))
    cards = {each.action.topic: each for each in found.evaluation.recommended}
    assert "itbCouldNotCheck" in cards
    assert "not FHIR R4" in cards["itbCouldNotCheck"].detail


@pytest.mark.parametrize(
    ("key", "resource"),
    [
        pytest.param(
            "appointments", an_appointment(serviceType=[{"concept": text("Dentist")}]), id="visit"
        ),
        pytest.param(
            "serviceRequests", an_order(code={"concept": text("Chest X-ray")}), id="order"
        ),
        (
            "medicationRequests",
            {
                **a_prescription(medicationCodeableConcept=None, id="x"),
                "medication": {"concept": text("Amoxicillin")},
                "dosageInstruction": [{"text": "by mouth"}],
            },
        ),
    ],
    ids=["visit", "order", "prescription"],
)
def test_what_is_not_of_the_pump_is_passed_over_in_any_version(key: str, resource: Json):
    assert record_of(key, resource).issues == ()


def in_r4b(resource: Json) -> Json:
    """R4B: what it adds to these resources changes nothing that is read."""
    return {**resource, "meta": {"profile": ["http://hl7.org/fhir/4.3/StructureDefinition/x"]}}


def test_r4b_is_read_as_r4():
    chart = a_chart()
    sent = {key: [in_r4b(each) for each in found] for key, found in chart.items()}
    assert said(prefetch(sent)) == said(prefetch(chart))


def test_the_route_alone_does_not_make_an_r5_prescription_one_of_the_pump():
    morphine = a_prescription(
        medicationCodeableConcept=None,
        medication={"concept": text("Morphine")},
        dosageInstruction=[{"route": INTRATHECAL}],
    )
    assert record_of("medicationRequests", morphine).issues == ()
