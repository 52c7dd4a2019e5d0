"""Pumps, and what looks like one."""

from typing import Any

import pytest

from cds_service.fhir.devices import read_pumps
from tests.fhir.builders import (
    HCPCS,
    SNOMED,
    Json,
    a_chart,
    a_device,
    coded,
    problems,
    source,
    text,
)


def models(*devices: Json) -> list[str | None]:
    """The model numbers of the pumps found; None for a pump of unknown model."""
    pumps = read_pumps(a_chart(), source("devices", *devices), source("procedures"), ())
    return [pump.model.number if pump.model else None for pump in pumps]


def bare(**stated: Any) -> Json:
    """A device without model."""
    return a_device(**{"modelNumber": None, **stated})


def named(words: str) -> Json:
    return bare(type=text(words))


@pytest.mark.parametrize("number", ["8637-20", "8637-40", "8667-20", "13827", "16827", "11827"])
def test_a_pump_is_known_by_its_model_number(number: str):
    assert models(a_device(modelNumber=number, type=None)) == [number]


@pytest.mark.parametrize(
    ("stated", "number"),
    [
        pytest.param({"deviceName": [{"name": "SynchroMed II 8637-40"}]}, "8637-40", id="name"),
        pytest.param({"type": text("SynchroMed III 8667-20")}, "8667-20", id="type in words"),
        pytest.param(
            {"udiCarrier": [{"deviceIdentifier": "MDT-8637-20"}]}, "8637-20", id="UDI identifier"
        ),
        pytest.param(
            {"udiCarrier": [{"carrierHRF": "(01)00643169000000(240)8637-20"}]},
            "8637-20",
            id="UDI text",
        ),
        pytest.param({"modelNumber": "8637"}, "8637", id="SynchroMed II of unknown size"),
        pytest.param({"deviceName": [{"name": "SynchroMed II"}]}, "8637", id="name without size"),
        pytest.param({"deviceName": [{"name": "SynchroMed III"}]}, "8667", id="III is not II"),
        pytest.param(
            {"deviceName": [{"name": "Flowonix Prometra"}]}, "(model not recorded)", id="make alone"
        ),
        pytest.param(
            {"deviceName": [{"name": "Prometra II 13827"}]}, "13827", id="Flowonix by name"
        ),
        pytest.param(
            {"modelNumber": "16827", "manufacturer": "Flowonix Medical"}, "16827", id="Flowonix"
        ),
    ],
)
def test_the_model_is_read_wherever_it_stands(stated: Json, number: str | None):
    assert models(bare(**stated)) == [number]


def test_five_digits_of_another_maker_are_no_model():
    device = bare(type=text("Spinal rod"), modelNumber="13827", manufacturer="Stryker")
    assert models(device) == []


@pytest.mark.parametrize(
    "code",
    [(SNOMED, "360041000"), (HCPCS, "E0783"), (HCPCS, "E0786"), (HCPCS, "C1772")],
    ids=lambda code: code[1],
)
def test_a_pump_is_known_by_its_code(code: tuple[str, str]):
    assert models(bare(type=coded(*code))) == [None]


@pytest.mark.parametrize(
    "words",
    [
        "Intrathecal baclofen pump",
        "ITB pump",
        "Implanted intrathecal drug delivery system",
        "Intrathekale Baclofenpumpe",
        "Pompe à baclofène intrathécale",
        "Bomba de baclofeno intratecal",
        "Pompa per baclofen intratecale",
        "Intrathecale baclofenpomp",
        "Intratekal baklofenpump",
        "SYNCHROMED",
    ],
)
def test_a_pump_is_known_by_its_words_in_several_languages(words: str):
    assert models(named(words)) == [None]


@pytest.mark.parametrize(
    ("code", "display"),
    [
        ("433296005", "Infusion pump for intravenous fluids"),
        ("69805005", "Insulin pump"),
        ("25937001", "Neurostimulator"),
        ("303497001", "Urogenital implant"),
        ("271564009", ""),
        ("430033006", "Infusion pump"),
    ],
)
def test_a_rejected_or_decoy_code_is_no_pump(code: str, display: str):
    assert models(bare(type=coded(SNOMED, code, display))) == []


def test_a_decoy_code_outweighs_misleading_words():
    device = bare(type={**coded(SNOMED, "69805005"), "text": "intrathecal baclofen pump"})
    assert models(device) == []


@pytest.mark.parametrize(
    "words",
    [
        "Insulin pump",
        "External infusion pump",
        "Intravenous infusion pump",
        "PCA pump",
        "Enteral feeding pump",
        "Spinal cord stimulator",
        "Patient programmer for intrathecal baclofen pump",
        "Intrathecal catheter for baclofen",
        "Programmable shunt",
        "Breast pump",
        "Cardiac pacemaker",
    ],
)
def test_a_look_alike_in_words_is_no_pump(words: str):
    assert models(named(words)) == []


@pytest.mark.parametrize(
    ("status", "counts"),
    [("active", True), (None, True), ("inactive", False), ("entered-in-error", False)],
)
def test_only_an_active_pump_counts(status: str | None, counts: bool):
    assert bool(models(a_device(status=status))) is counts


def test_another_patients_pump_is_never_used_and_reported():
    chart = a_chart()
    other = a_device(patient={"reference": "Patient/p2"})
    assert read_pumps(chart, source("devices", other), source("procedures"), ()) == ()
    assert problems(chart) == ["Device/pump: belongs to another patient and was not used"]


@pytest.mark.parametrize(
    "reference",
    ["Patient/p1", "https://ehr.example/fhir/Patient/p1", "Patient/p1/_history/3"],
)
def test_the_patient_is_named_relative_absolute_or_versioned(reference: str):
    assert models(a_device(patient={"reference": reference})) == ["8637-20"]


@pytest.mark.parametrize("reference", ["Patient/p11", "Patient/xp1", "Group/p1", "p1", ""])
def test_a_reference_that_only_resembles_the_patient_is_another(reference: str):
    assert models(a_device(patient={"reference": reference})) == []


def test_the_shelf_date_of_the_device_is_not_read():
    device = a_device(expirationDate="2026-01-01")
    pumps = read_pumps(a_chart(), source("devices", device), source("procedures"), ())
    assert "2026" not in pumps[0].evidence.says
