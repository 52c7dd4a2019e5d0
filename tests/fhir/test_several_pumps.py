"""Several pumps on record: the one replaced, the one put in, and readings of either."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cds_service.fhir.decoding import KEYS
from cds_service.fhir.devices import read_pumps
from cds_service.fhir.fills import read_fills
from cds_service.fhir.operations import read_operations
from cds_service.fhir.record import open_gate, read_record
from cds_service.therapy.record import TherapyRecord
from tests.fhir.builders import (
    CPT,
    Json,
    a_chart,
    a_device,
    a_procedure,
    an_administration,
    an_observation,
    coded,
    quantity,
    raw,
    searchset,
    source,
)

IMPLANT = a_procedure(coded(CPT, "62362"), "2019-05-01", id="first")
REPLACEMENT = a_procedure(coded(CPT, "62362"), "2025-11-15", id="second")
OLD = a_device(id="old", manufactureDate="2019-01-10")
NEW = a_device(id="new", manufactureDate="2025-08-20")


def pumps(devices: list[Json], operations: list[Json]) -> tuple[list[str], set[str]]:
    chart = a_chart()
    procedures = source("procedures", *operations)
    surgeries, _ = read_operations(chart, procedures)
    found = read_pumps(chart, source("devices", *devices), procedures, surgeries)
    return [pump.evidence.reference for pump in found], chart.other_pumps


def record_of_all(devices: list[Json], operations: list[Json], readings: list[Json]) -> Any:
    sent = {
        **dict.fromkeys(KEYS, raw(searchset())),
        "devices": raw(searchset(*devices)),
        "procedures": raw(searchset(*operations)),
        "observations": raw(searchset(*readings)),
        "medicationAdministrations": raw(searchset(an_administration())),
    }
    now = datetime(2026, 2, 1, 12, tzinfo=UTC)
    record: TherapyRecord = read_record(open_gate(sent), sent, "p1", now, ZoneInfo("UTC"))
    return record


def test_the_pump_named_by_the_replacement_is_in_place():
    operation = {
        **REPLACEMENT,
        "focalDevice": [{"manipulated": {"reference": "Device/old-but-in"}}],
    }
    devices = [a_device(id="old-but-in"), a_device(id="other")]
    assert pumps(devices, [IMPLANT, operation]) == (["Device/old-but-in"], {"other"})


def test_without_a_name_the_pump_made_last_is_in_place():
    assert pumps([OLD, NEW], [IMPLANT, REPLACEMENT]) == (["Device/new"], {"old"})


@pytest.mark.parametrize(
    ("devices", "operations"),
    [
        pytest.param([OLD, NEW], [IMPLANT], id="no replacement on record"),
        pytest.param([a_device(id="a"), NEW], [IMPLANT, REPLACEMENT], id="one without a day"),
        pytest.param(
            [OLD, a_device(id="twin", manufactureDate="2019-01-10")],
            [IMPLANT, REPLACEMENT],
            id="made on one day",
        ),
        pytest.param([OLD, NEW, a_device(id="third")], [IMPLANT, REPLACEMENT], id="one too many"),
    ],
)
def test_where_nobody_can_tell_all_are_kept(devices: list[Json], operations: list[Json]):
    found, others = pumps(devices, operations)
    assert len(found) == len(devices)
    assert others == set()


def test_a_pump_that_is_inactive_is_not_in_place():
    assert pumps([{**OLD, "status": "inactive"}, NEW], [IMPLANT]) == (["Device/new"], {"old"})


@pytest.mark.parametrize(
    ("device", "counts"),
    [
        ({"reference": "Device/new"}, True),
        ({"reference": "https://ehr.example.org/fhir/Device/new/_history/2"}, True),
        ({"reference": "Device/old"}, False),
        ({"reference": "https://ehr.example.org/fhir/Device/old/_history/2"}, False),
        ({"reference": "Device/thermometer"}, True),
        (None, True),
    ],
)
def test_readings_of_the_pump_replaced_do_not_count(device: Json | None, counts: bool):
    reading = an_observation(
        "low-reservoir-alarm-volume", valueQuantity=quantity(4, "mL"), device=device
    )
    record = record_of_all([OLD, NEW], [IMPLANT, REPLACEMENT], [reading])
    assert bool(record.alarm_volumes) is counts


def test_signs_count_whatever_device_they_name():
    sign = an_observation("skin-breakdown", valueBoolean=True, device={"reference": "Device/old"})
    assert record_of_all([OLD, NEW], [IMPLANT, REPLACEMENT], [sign]).signs


@pytest.mark.parametrize(
    ("code", "is_faulty"), [("non-functional", True), ("disabled", True), ("functional", False)]
)
def test_a_pump_recorded_as_not_functional_is_faulty(code: str, is_faulty: bool):
    status = {
        "url": "http://hl7.org/fhir/StructureDefinition/device-implantStatus",
        "valueCodeableConcept": coded("http://hl7.org/fhir/implantStatus", code),
    }
    other = {"url": "https://example.org/anything", "valueString": "ignored"}
    device = a_device(extension=[other, status])
    (pump,) = record_of_all([device], [IMPLANT], []).pumps
    assert pump.is_faulty is is_faulty


@pytest.mark.parametrize(
    ("stated", "rung"),
    [
        ({"udiCarrier": [{"deviceIdentifier": "8637-20"}], "modelNumber": None}, "first choice"),
        ({"modelNumber": "8637-20"}, "model number or name"),
        (
            {"modelNumber": None, "manufacturer": "Medtronic SynchroMed II"},
            "words of type or manufacturer",
        ),
        ({"modelNumber": None}, "pump known, model not"),
    ],
)
def test_the_model_tells_its_rung(stated: Json, rung: str):
    (pump,) = record_of_all([a_device(**stated)], [IMPLANT], []).pumps
    assert pump.evidence.rung == rung


@pytest.mark.parametrize(
    ("stated", "at_home"),
    [
        ({"category": {"coding": [{"system": "http://x", "code": "community"}]}}, True),
        ({"context": {"reference": "Encounter/1", "display": "Home visit"}}, True),
        ({"performer": [{"actor": {"display": "Home infusion nurse"}}]}, True),
        ({"performer": [{"actor": {"display": "ITB clinic"}}]}, False),
        ({"context": {"display": "Home Hospital pump clinic"}}, False),
        ({}, False),
    ],
    ids=["category", "context", "performer", "clinic", "a name with home", "nothing said"],
)
def test_a_refill_at_home_is_known_where_the_record_says_so(stated: Json, at_home: bool):
    (fill,) = read_fills(
        a_chart(), source("medicationAdministrations", an_administration(**stated))
    )
    assert fill.at_home is at_home
