"""Draft orders and proposed visits in the shapes that EHRs send, and what is no such thing."""

import json
from fractions import Fraction
from typing import Any

import pytest
from msgspec import Raw

from cds_service.fhir.chart import Chart
from cds_service.fhir.proposals import Proposals, read_proposals
from cds_service.fhir.translation import NO_SITE_CODES
from cds_service.fhir.value_sets import site_codes
from cds_service.therapy.quantities import Micrograms
from cds_service.therapy.record import OrderKind, VisitKind, VisitState
from tests.fhir.builders import (
    CPT,
    HCPCS,
    INTRATHECAL,
    OF_P1,
    PCS,
    TODAY,
    UTC,
    VISIT,
    Json,
    coded,
    quantity,
    resource,
    text,
)

LONG_ID = "e" + "Xy.9-" * 38


def a_drug_order(words: str | None, **stated: Any) -> Json:
    concept = text(words) if words else None
    ordinary = {
        "id": "rx",
        "status": "draft",
        "medicationCodeableConcept": concept,
        "subject": OF_P1,
    }
    return resource("MedicationRequest", ordinary, stated)


def a_service_order(words: str | None, **stated: Any) -> Json:
    code = text(words) if words else None
    ordinary = {"id": "sr", "status": "draft", "code": code, "subject": OF_P1}
    return resource("ServiceRequest", ordinary, stated)


def dosage(**stated: Any) -> list[Json]:
    return [{"route": INTRATHECAL, **stated}]


def read(
    member: str, *resources: Any, selections: tuple[str, ...] = (), **bundle: Any
) -> Proposals:
    entries = [{"resource": found} for found in resources]
    sent = {"resourceType": "Bundle", "type": "collection", "entry": entries, **bundle}
    chart = Chart("p1", UTC, TODAY)
    return read_proposals(
        chart, {member: Raw(json.dumps(sent).encode())}, selections, NO_SITE_CODES
    )


def orders(*resources: Any, **how: Any) -> Proposals:
    return read("draftOrders", *resources, **how)


def kinds(*resources: Any, **how: Any) -> list[OrderKind]:
    return [order.kind for order in orders(*resources, **how).orders]


@pytest.mark.parametrize(
    "words",
    [
        "MRI brain w/o contrast",
        "MR LUMBAR SPINE WO CONTRAST",
        "Magnetic resonance imaging of knee",
        "Kernspintomographie LWS",
        "MRT Schädel",
        "IRM cérébrale",
        "Imagerie par résonance magnétique",
        "Resonancia magnética de columna",
        "Risonanza magnetica encefalo",
        "Ressonância magnética do joelho",
        "Magnetresonanztomographie",
        "MRCP",
    ],
)
def test_an_mri_is_known_by_its_words(words: str):
    assert kinds(a_service_order(words)) == [OrderKind.MRI]
    assert kinds(a_service_order("Imaging", category=[text(words)])) == [OrderKind.MRI]


@pytest.mark.parametrize(
    "words",
    [
        "CT head",
        "Baclofen pump interrogation after MRI",
        "Pump check post MRI",
        "MRI safety screening form",
        "MRSA swab",
        "Mr. Smith: transport",
        "Chest X-ray",
        "Amrinone level",
        "Physiotherapy",
    ],
)
def test_what_is_no_mri_gives_nothing(words: str):
    assert not orders(a_service_order(words)).concern_therapy


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Oxycodone 5 mg oral tablet", "oxycodone"),
        ("HYDROmorphone 2 MG Oral Tablet", "hydromorphone"),
        ("Morphin 10 mg Retardtabletten", "morphin"),
        ("acetaminophen 300 mg / codeine 30 mg tablet", "codeine"),
        ("lorazepam 1 mg", "lorazepam"),
        ("Midazolam 5 mg/mL", "midazolam"),
        ("zolpidem", "zolpidem"),
        ("diphenhydrAMINE 25 mg capsule", "diphenhydramine"),
        ("gabapentin 300 mg", "gabapentin"),
        ("Pregabalina 75 mg", "pregabalina"),
        ("phenobarbital", "phenobarbital"),
        ("Fentanilo parche", "fentanilo"),
    ],
)
def test_a_depressant_is_known_by_its_name(words: str, name: str):
    (order,) = orders(a_drug_order(words)).orders

    assert (order.kind, order.name) == (OrderKind.CNS_DEPRESSANT, name)


@pytest.mark.parametrize(
    "words",
    [
        "Amoxicillin 500 mg",
        "dextromethorphan",
        "apomorphine",
        "carbamazepine",
        "naloxone",
        "Aspirin",
    ],
)
def test_other_drugs_are_no_depressants(words: str):
    assert not orders(a_drug_order(words)).concern_therapy


@pytest.mark.parametrize("status", ["stopped", "cancelled", "completed", "entered-in-error"])
def test_a_depressant_that_ends_is_no_new_one(status: str):
    assert kinds(a_drug_order("Oxycodone 5 mg", status=status)) == []


ITB = "Baclofen 500 mcg/mL intrathecal solution"


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (a_drug_order(ITB, status="stopped"), OrderKind.THERAPY_STOP),
        (a_drug_order(ITB, status="cancelled"), OrderKind.THERAPY_STOP),
        (a_drug_order(ITB, doNotPerform=True), OrderKind.THERAPY_STOP),
        (a_drug_order("Baclofen 10 mg tablet", status="stopped"), OrderKind.ORAL_BACLOFEN_STOP),
        (a_drug_order("Lioresal 10 mg oral", doNotPerform=True), OrderKind.ORAL_BACLOFEN_STOP),
        (a_service_order("Explant of intrathecal baclofen pump"), OrderKind.THERAPY_STOP),
        (a_service_order(None, code=coded(CPT, "62365")), OrderKind.THERAPY_STOP),
        (a_service_order(None, code=coded(PCS, "0JPT0VZ")), OrderKind.THERAPY_STOP),
        (a_drug_order(ITB), OrderKind.INTRATHECAL_DRUG),
        (a_drug_order(ITB, status="active"), OrderKind.INTRATHECAL_DRUG),
        (
            a_service_order("Reprogram intrathecal baclofen pump to 250 mcg/day"),
            OrderKind.INTRATHECAL_DRUG,
        ),
        (a_service_order(None, code=coded(VISIT, "screening-test")), OrderKind.SCREENING_TEST),
        (a_service_order(None, code=coded(HCPCS, "J0476")), OrderKind.SCREENING_TEST),
        (
            a_drug_order("Baclofen 50 mcg/mL intrathecal injection"),
            OrderKind.SCREENING_TEST,
        ),
        (
            a_drug_order("Baclofen 10 mg tablet", dosageInstruction=dosage()),
            OrderKind.OTHER_INTRATHECAL_DRUG,
        ),
        (
            a_drug_order("Ziconotide 25 mcg/mL", dosageInstruction=dosage()),
            OrderKind.OTHER_INTRATHECAL_DRUG,
        ),
    ],
)
def test_an_order_is_read_as_what_it_does(order: Json, expected: OrderKind):
    assert kinds(order) == [expected]


@pytest.mark.parametrize(
    "order",
    [
        a_drug_order("Baclofen 10 mg tablet"),
        a_service_order("Removal of intrathecal catheter"),
        a_service_order("Removal of sutures"),
        a_service_order("Evaluation for intrathecal baclofen pump removal"),
        a_service_order("Explant of intrathecal baclofen pump", doNotPerform=True),
        a_service_order("Explant of intrathecal baclofen pump", status="revoked"),
        a_service_order("MRI brain", status="entered-in-error"),
    ],
)
def test_an_order_that_changes_nothing_gives_nothing(order: Json):
    assert not orders(order).concern_therapy


@pytest.mark.parametrize(
    "new", [text("Insertion of intrathecal baclofen pump"), coded(CPT, "62362")]
)
def test_removal_with_insertion_is_a_replacement(new: Json):
    removal = a_service_order("Removal of intrathecal baclofen pump")

    assert kinds(removal, a_service_order(None, id="new", code=new)) == []


@pytest.mark.parametrize(
    ("dose", "expected"),
    [
        ({"doseAndRate": [{"rateQuantity": quantity(350, "mcg/day", "ug/d")}]}, "350 mcg/day"),
        ({"doseAndRate": [{"rateQuantity": quantity(0.35, "mg/day")}]}, "350 mcg/day"),
        ({"doseAndRate": [{"rateQuantity": quantity(12.5, "mcg/h")}]}, "300 mcg/day"),
        (
            {
                "doseAndRate": [
                    {
                        "rateRatio": {
                            "numerator": quantity(350, "\u03bcg"),
                            "denominator": quantity(24, "h"),
                        }
                    }
                ]
            },
            "350 mcg/day",
        ),
        ({"text": "347.2 mcg/day, simple continuous"}, "347.2 mcg/day"),
        ({"text": "per protocol"}, "None"),
    ],
)
def test_the_daily_dose_is_read_in_every_shape(dose: Json, expected: str):
    (order,) = orders(a_drug_order(ITB, dosageInstruction=dosage(**dose))).orders

    assert str(order.dose) == expected
    assert str(order.concentration) == "500 mcg/mL"


@pytest.mark.parametrize(
    ("dose", "expected"), [((50, "mcg"), 50), ((1, "mL"), 50), ((0.1, "mg"), 100)]
)
def test_the_amount_of_a_screening_dose_is_read(dose: tuple[float, str], expected: int):
    instruction = dosage(
        doseAndRate=[{"doseQuantity": quantity(*dose)}],
        timing={"event": ["2026-09-01T09:00:00Z"]},
    )
    found = orders(a_drug_order("Baclofen 50 mcg/mL", dosageInstruction=instruction))

    assert found.ask_without_pump
    assert found.orders[0].amount == Micrograms(Fraction(expected))
    assert str(found.orders[0].planned) == "1 Sep 2026"


FOREIGN = {
    "an absolute reference": {"subject": {"reference": "https://ehr.example.org/r4/Patient/p1"}},
    "no subject": {"subject": None},
    "an id of 191 characters": {"id": LONG_ID},
    "category an object": {"category": {"coding": [{"code": "imaging"}]}},
    "an unknown element": {"occurrence": {"x": 1}},
    "a priority that is a number": {"priority": 3},
}


@pytest.mark.parametrize("stated", FOREIGN.values(), ids=FOREIGN.keys())
def test_foreign_shapes_are_read(stated: Json):
    found = orders(a_service_order("MRI brain", **stated))

    assert [order.kind for order in found.orders] == [OrderKind.MRI]
    assert found.issues == ()


def test_a_drug_is_read_from_a_contained_and_from_a_referenced_medication():
    drug = {"resourceType": "Medication", "id": "m", "code": text("Lorazepam 1 mg")}
    contained = a_drug_order(None, contained=[drug], medicationReference={"reference": "#m"})
    referenced = a_drug_order(None, medicationReference={"reference": "https://x/r4/Medication/m"})

    assert kinds(contained) == kinds(referenced, drug) == [OrderKind.CNS_DEPRESSANT]


UNCHECKED = {
    "a code alone": (
        a_service_order(None, code={"coding": [{"system": "urn:ris", "code": "70551"}]}),
        "named by a code alone that is not known here",
    ),
    "a code alone, of imaging": (
        a_service_order(
            None,
            code={"coding": [{"system": "urn:ris", "code": "70551"}]},
            category=[text("Imaging")],
        ),
        "it may be an MRI scan",
    ),
    "no words and no code": (a_service_order(None), "does not say what is ordered"),
    "code a string": (a_service_order(None, code="MRI"), "does not say what is ordered"),
    "no drug": (a_drug_order(None), "names no drug that can be read"),
    "drug that cannot be found": (
        a_drug_order(None, medicationReference={"reference": "Medication/7"}),
        "names no drug that can be read",
    ),
    "another patient": (
        a_service_order("MRI brain", subject={"reference": "Patient/p2"}),
        "belongs to another patient",
    ),
    "two rates": (
        a_drug_order(ITB, dosageInstruction=[{"text": "100 mcg/day then 200 mcg/day"}]),
        "several daily doses",
    ),
    "not FHIR": ("<html>", "is not a FHIR resource"),
}


@pytest.mark.parametrize(("sent", "problem"), UNCHECKED.values(), ids=UNCHECKED.keys())
def test_a_draft_that_cannot_be_checked_is_reported_and_hides_no_other(sent: Any, problem: str):
    found = orders(sent, a_service_order("MRI brain", id="mri"))

    assert problem in " ".join(issue.problem for issue in found.issues)
    assert OrderKind.MRI in [order.kind for order in found.orders]


@pytest.mark.parametrize(
    "stated",
    [
        {"code": coded(CPT, "62367")},
        {"code": coded(VISIT, "pump-check")},
        {"code": coded("urn:lis", "58410-2"), "category": [text("Laboratory procedure")]},
        {"code": {**coded("urn:ris", "71045"), "text": "Chest X-ray"}},
    ],
    ids=["a code that is known", "a visit", "a laboratory test", "a code with words"],
)
def test_an_order_that_is_known_or_named_is_not_asked_about(stated: Json):
    assert orders(a_service_order(None, **stated)).issues == ()


def test_orders_of_other_kinds_are_passed_over():
    diet = {"resourceType": "NutritionOrder", "id": "n", "status": "draft"}

    assert not orders(diet).concern_therapy
    assert kinds(diet, a_service_order("MRI brain")) == [OrderKind.MRI]


@pytest.mark.parametrize(
    ("selections", "expected"),
    [
        ((), [OrderKind.MRI, OrderKind.CNS_DEPRESSANT]),
        (("ServiceRequest/sr",), [OrderKind.MRI]),
        (("https://ehr.example.org/r4/MedicationRequest/rx",), [OrderKind.CNS_DEPRESSANT]),
    ],
)
def test_only_the_selected_drafts_are_looked_at(
    selections: tuple[str, ...], expected: list[OrderKind]
):
    drafts = (a_service_order("MRI brain"), a_drug_order("Oxycodone"))

    assert kinds(*drafts, selections=selections) == expected


def an_appointment(**stated: Any) -> Json:
    ordinary = {
        "id": "a",
        "status": "proposed",
        "serviceType": [coded(VISIT, "refill-visit")],
        "start": "2026-03-20T09:00:00Z",
        "participant": [{"actor": OF_P1}],
    }
    return resource("Appointment", ordinary, stated)


@pytest.mark.parametrize("status", ["proposed", "pending", "booked"])
def test_a_proposed_visit_counts_as_booked(status: str):
    (visit,) = read("appointments", an_appointment(status=status)).visits

    assert (visit.kind, visit.state) == (VisitKind.REFILL, VisitState.BOOKED)


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        ({"start": None}, "has no date"),
        ({"start": "soon"}, "no date that can be read"),
        ({"serviceType": None}, "does not say what the visit is for"),
        ({"serviceType": [text("ITB pump visit")]}, "does not say which ITB visit"),
        ({"participant": [{"actor": {"reference": "Patient/p2"}}]}, "of another patient"),
    ],
)
def test_a_proposed_visit_that_cannot_be_checked_is_reported(stated: Json, problem: str):
    found = read("appointments", an_appointment(**stated))

    assert found.visits == ()
    assert problem in " ".join(issue.problem for issue in found.issues)


@pytest.mark.parametrize(
    "stated",
    [{"serviceType": [text("Dental check-up")]}, {"status": "cancelled"}, {"status": "noshow"}],
)
def test_a_visit_of_another_kind_or_none_gives_nothing(stated: Json):
    assert not read("appointments", an_appointment(**stated)).concern_therapy


def test_a_visit_may_name_no_patient_at_all():
    (visit,) = read("appointments", an_appointment(participant=None)).visits

    assert visit.kind is VisitKind.REFILL


def test_a_bundle_of_which_only_a_page_was_sent_is_reported():
    found = orders(a_service_order("CT"), link=[{"relation": "next", "url": "x"}])

    assert [issue.problem for issue in found.issues] == ["only the first page was sent"]


def test_a_site_adds_its_own_codes_of_mri_and_depressants():
    tables = {"mri-scans": (("urn:lab", "R01"),), "cns-depressants": (("urn:drugs", "D7"),)}
    mapped = site_codes(tables, "site.toml")
    bundle = {
        "resourceType": "Bundle",
        "entry": [
            {"resource": a_service_order(None, code=coded("urn:lab", "R01"))},
            {
                "resource": a_drug_order(
                    None, medicationCodeableConcept=coded("urn:drugs", "D7", "Somnolan")
                )
            },
        ],
    }
    sent = {"draftOrders": Raw(json.dumps(bundle).encode())}

    found = read_proposals(Chart("p1", UTC, TODAY), sent, (), mapped)

    assert [order.kind for order in found.orders] == [OrderKind.MRI, OrderKind.CNS_DEPRESSANT]
