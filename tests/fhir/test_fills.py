"""Refills and prescribed doses: what counts, how much, how strong; and what never counts."""

from fractions import Fraction
from typing import Any

import pytest

from cds_service.fhir.fills import read_prescribed_doses
from cds_service.therapy.record import Fill
from tests.fhir.builders import (
    BACLOFEN,
    HCPCS,
    INTRATHECAL,
    NDC,
    RXNORM,
    SNOMED,
    Json,
    a_chart,
    a_prescription,
    an_administration,
    coded,
    quantity,
    record_of,
    source,
    text,
)

V3_ROUTE = "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration"
V2_ROUTE = "http://terminology.hl7.org/CodeSystem/v2-0162"


def fills(*resources: Json) -> tuple[Fill, ...]:
    return record_of("medicationAdministrations", *resources).fills


def told_of(*resources: Json) -> list[str]:
    record = record_of("medicationAdministrations", *resources)
    return [f"{issue.reference}: {issue.problem}" for issue in record.issues]


def dosage(**stated: Any) -> Json:
    ordinary = {"route": INTRATHECAL, "dose": quantity(20, "mL", "mL")}
    return {name: value for name, value in {**ordinary, **stated}.items() if value is not None}


def test_the_ordinary_refill_is_read_with_all_its_figures():
    (fill,) = fills(an_administration())
    assert str(fill.volume) == "20 mL"
    assert str(fill.concentration) == "500 mcg/mL"
    assert str(fill.rate) == "100 mcg/day"
    assert fill.when.first.isoformat() == "2026-01-05"


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        ("completed", True),
        ("in-progress", False),
        ("not-done", False),
        ("on-hold", False),
        ("entered-in-error", False),
        ("stopped", False),
        ("unknown", False),
    ],
)
def test_only_a_completed_administration_is_a_fill(status: str, counts: bool):
    assert bool(fills(an_administration(status=status))) is counts


@pytest.mark.parametrize(
    ("when", "is_named"), [("2026-01-20", True), ("2025-12-20", False)], ids=["newer", "older"]
)
def test_a_newer_administration_not_completed_is_set_aside_and_named(when: str, is_named: bool):
    """Were it a refill after all, the dates would be others: that is to be said."""
    wrong = an_administration(id="wrong", status="entered-in-error", effectiveDateTime=when)
    record = record_of("medicationAdministrations", wrong, an_administration())
    assert [fill.evidence.reference for fill in record.fills] == ["MedicationAdministration/fill"]
    named = [proof.reference for proof in record.fills_set_aside]
    assert named == (["MedicationAdministration/wrong"] if is_named else [])


def test_a_refill_without_readable_status_is_reported():
    assert "has no status" in " ".join(told_of(an_administration(status=7)))


@pytest.mark.parametrize(
    ("route", "counts"),
    [
        pytest.param(coded(SNOMED, "72607000"), True, id="SNOMED CT"),
        pytest.param(coded(V3_ROUTE, "IT"), True, id="HL7 infusion, intrathecal"),
        pytest.param(coded(V3_ROUTE, "ITINJ"), True, id="HL7 injection, intrathecal"),
        pytest.param(coded(V2_ROUTE, "IT"), True, id="HL7 v2"),
        pytest.param(text("Intrathecal"), True, id="words"),
        pytest.param(text("intrathekal"), True, id="German"),
        pytest.param(text("Intratekal"), True, id="Norwegian"),
        pytest.param(text("intratecal"), True, id="Spanish"),
        pytest.param(text("intrathécale"), True, id="French"),
        pytest.param(coded(SNOMED, "26643006", "Oral route"), False, id="oral"),
        pytest.param(text("PO"), False, id="PO"),
        pytest.param(text("by mouth"), False, id="by mouth"),
        pytest.param(coded(SNOMED, "47625008", "Intravenous route"), False, id="intravenous"),
    ],
)
def test_the_route_decides(route: Json, counts: bool):
    given = an_administration(
        medicationCodeableConcept=text("Baclofen"), dosage=dosage(route=route)
    )
    assert bool(fills(given)) is counts


@pytest.mark.parametrize(
    ("drug", "counts"),
    [
        pytest.param(coded(RXNORM, "308517"), True, id="RxNorm intrathecal product"),
        pytest.param(coded(HCPCS, "J0475"), True, id="HCPCS"),
        pytest.param(coded(NDC, "70121-2503-01"), True, id="NDC"),
        pytest.param(text("Lioresal Intrathecal"), True, id="brand"),
        pytest.param(text("Baclofen 10 mg tablet"), False, id="tablet"),
        pytest.param(text("Baclofen 5 mg/mL oral suspension"), False, id="suspension"),
        pytest.param(coded(RXNORM, "197391", "baclofen 10 MG Oral Tablet"), False, id="197391"),
        pytest.param(coded(RXNORM, "197392", "baclofen 20 MG Oral Tablet"), False, id="197392"),
        pytest.param(coded(RXNORM, "2593376"), False, id="2593376 oral suspension"),
        pytest.param(coded(RXNORM, "8163", "phenylephrine"), False, id="8163 is not baclofen"),
        pytest.param(text("Morphine intrathecal"), False, id="another intrathecal drug"),
        pytest.param(
            text("Baclofen 10 mg oral tablet, bridging the intrathecal pump"),
            False,
            id="oral, though the words name the pump",
        ),
    ],
)
def test_without_a_route_the_product_decides(drug: Json, counts: bool):
    given = an_administration(medicationCodeableConcept=drug, dosage=dosage(route=None))
    assert bool(fills(given)) is counts


@pytest.mark.parametrize("code", ["197391", "197392", "2593376"])
def test_an_oral_product_is_never_a_fill_whatever_the_route(code: str):
    assert fills(an_administration(medicationCodeableConcept=coded(RXNORM, code))) == ()


@pytest.mark.parametrize(
    ("drug", "dose"),
    [
        pytest.param(coded(HCPCS, "J0476"), quantity(1, "mL", "mL"), id="HCPCS trial code"),
        pytest.param(coded(RXNORM, "1047437"), quantity(1, "mL", "mL"), id="RxNorm 50 mcg/mL"),
        pytest.param(coded(NDC, "66794-151-01"), quantity(2, "mL", "mL"), id="NDC 50 mcg/mL"),
        pytest.param(text("Baclofen intrathecal"), quantity(50, "mcg", "ug"), id="50 mcg"),
        pytest.param(text("Baclofen intrathecal"), quantity(0.1, "mg", "mg"), id="100 mcg"),
        pytest.param(
            text("Baclofen 50 mcg/mL intrathecal"), quantity(1.5, "mL", "mL"), id="75 mcg by volume"
        ),
    ],
)
def test_a_screening_bolus_is_never_a_fill(drug: Json, dose: Json):
    """Screening doses are 50 to 100 mcg (worked cases, section F)."""
    assert fills(an_administration(medicationCodeableConcept=drug, dosage=dosage(dose=dose))) == ()


def test_more_than_a_screening_bolus_is_a_fill():
    given = an_administration(dosage=dosage(dose=quantity(10, "mg", "mg")))
    (fill,) = fills(given)
    assert fill.amount is not None
    assert fill.amount.value == Fraction(10_000)
    assert fill.volume is None


@pytest.mark.parametrize(
    ("dose", "volume"),
    [
        pytest.param(quantity(18.5, "mL", "mL"), "18.5 mL", id="mL"),
        pytest.param(quantity(18, "cc"), "18 mL", id="cc"),
        pytest.param(quantity(18, "mL", "ug"), "None", id="contradictory"),
        pytest.param(quantity(18, "units"), "None", id="unknown unit"),
        pytest.param({"value": 18}, "None", id="no unit"),
        pytest.param(quantity(-18, "mL", "mL"), "None", id="negative"),
        pytest.param(quantity(1e308, "mL", "mL"), "None", id="absurd"),
        pytest.param({**quantity(18, "mL", "mL"), "comparator": "<"}, "None", id="less than"),
    ],
)
def test_a_volume_is_read_or_refused_and_the_fill_stays(dose: Json, volume: str):
    given = an_administration(dosage=dosage(dose=dose))
    (fill,) = fills(given)
    assert str(fill.volume) == volume
    assert bool(told_of(given)) is (volume == "None")


def test_a_number_sent_as_text_is_read_or_reported_and_the_fill_stays():
    given = an_administration(dosage=dosage(dose={"value": "18", "unit": "mL"}))
    (fill,) = fills(given)
    assert str(fill.volume) == "18 mL" or told_of(given)


@pytest.mark.parametrize(
    ("rate", "dose"),
    [
        pytest.param({"rateQuantity": quantity(0.1, "mg/day", "mg/d")}, "100 mcg/day", id="R18 mg"),
        pytest.param({"rateQuantity": quantity(4.1667, "mcg/h", "ug/h")}, "100 mcg/day", id="R18"),
        pytest.param(
            {"rateRatio": {"numerator": quantity(100, "ug"), "denominator": quantity(1, "d")}},
            "100 mcg/day",
            id="ratio per day",
        ),
        pytest.param(
            {"rateRatio": {"numerator": quantity(0.1, "mg"), "denominator": quantity(24, "h")}},
            "100 mcg/day",
            id="ratio per 24 h",
        ),
        pytest.param(
            {"rateRatio": {"numerator": quantity(5, "ug"), "denominator": quantity(1, "h")}},
            "120 mcg/day",
            id="ratio per hour",
        ),
        pytest.param(
            {"rateRatio": {"numerator": quantity(5, "ug"), "denominator": quantity(0, "h")}},
            "None",
            id="per no time",
        ),
        pytest.param({"rateQuantity": quantity(0.2, "mL/day")}, "None", id="volume a day"),
        pytest.param({}, "None", id="none"),
    ],
)
def test_the_programmed_rate_is_a_daily_dose(rate: Json, dose: str):
    (fill,) = fills(an_administration(dosage=dosage(**rate)))
    assert str(fill.rate) == dose


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        pytest.param({"effectiveDateTime": None}, "has no date", id="no date"),
        pytest.param({"effectiveDateTime": "2026"}, "gives only a year", id="year only"),
        pytest.param({"effectiveDateTime": "2026-02-02"}, "in the future", id="tomorrow"),
        pytest.param({"medication": {"concept": BACLOFEN}}, "not FHIR R4", id="R5 medication"),
        pytest.param({"occurenceDateTime": "2026-01-05"}, "not FHIR R4", id="R5 date"),
        pytest.param({"occurencePeriod": {"start": "2026-01-05"}}, "not FHIR R4", id="R5 period"),
        pytest.param({"subject": {"reference": "Patient/p2"}}, "another patient", id="p2"),
        pytest.param({"subject": None}, "does not say whose", id="no subject"),
        pytest.param(
            {"medicationCodeableConcept": None}, "intrathecal drug that is not named", id="no drug"
        ),
    ],
)
def test_a_refill_that_cannot_be_used_is_reported(stated: Json, problem: str):
    given = an_administration(**stated)
    assert fills(given) == ()
    assert problem in " ".join(told_of(given))


def test_a_refill_of_a_period_counts_from_its_start():
    given = an_administration(
        effectiveDateTime=None,
        effectivePeriod={"start": "2026-01-05T09:00:00Z", "end": "2026-01-06T10:00:00Z"},
    )
    assert fills(given)[0].when.first.isoformat() == "2026-01-05"


def prescribed(*resources: Json) -> list[str]:
    found = read_prescribed_doses(a_chart(), source("medicationRequests", *resources))
    return [str(stated.dose) for stated in found]


def instructions(**stated: Any) -> list[Json]:
    return [{"route": INTRATHECAL, **stated}]


@pytest.mark.parametrize(
    ("stated", "doses"),
    [
        pytest.param({}, ["100 mcg/day"], id="rate"),
        pytest.param(
            {"dosageInstruction": instructions(text="347.2 mcg/day, simple continuous")},
            ["347.2 mcg/day"],
            id="words",
        ),
        pytest.param(
            {
                "dosageInstruction": instructions(
                    doseAndRate=[{"doseQuantity": quantity(0.35, "mg/day")}]
                )
            },
            ["350 mcg/day"],
            id="dose a day",
        ),
        pytest.param({"status": "stopped"}, [], id="stopped"),
        pytest.param({"status": "on-hold"}, [], id="on hold"),
        pytest.param({"intent": "proposal"}, [], id="proposal"),
        pytest.param({"doNotPerform": True}, [], id="do not perform"),
        pytest.param(
            {"dosageInstruction": [{"route": text("oral"), "text": "10 mg/day"}]}, [], id="oral"
        ),
        pytest.param(
            {"medicationCodeableConcept": text("Baclofen 10 mg tablet"), "dosageInstruction": []},
            [],
            id="tablet",
        ),
        pytest.param(
            {
                "dosageInstruction": instructions(
                    doseAndRate=[
                        {"rateQuantity": quantity(5, "mcg/h")},
                        {"rateQuantity": quantity(8, "mcg/h")},
                    ]
                )
            },
            ["None"],
            id="R8: several rates, the sum over the day is not known",
        ),
    ],
)
def test_an_active_intrathecal_prescription_states_the_dose(stated: Json, doses: list[str]):
    assert prescribed(a_prescription(**stated)) == doses
