"""Pump readings, alarms, signs and temperatures."""

from typing import Any

import pytest

from cds_service.fhir.observations import read_observations
from cds_service.fhir.readings import Readings
from cds_service.fhir.terminology.findings import SIGN_CODES
from cds_service.therapy.record import Alarm
from cds_service.therapy.signs import Sign
from tests.fhir.builders import (
    LOINC,
    PUMP,
    SNOMED,
    Json,
    a_chart,
    an_observation,
    coded,
    problems,
    quantity,
    source,
    text,
)


def read(*observations: Json) -> tuple[Readings, list[str]]:
    chart = a_chart()
    return read_observations(chart, source("observations", *observations), None), problems(chart)


def values(name: str, **stated: Any) -> list[str]:
    return [str(found.value) for found in read(an_observation(name, **stated))[0].values[name]]


@pytest.mark.parametrize(
    ("name", "stated", "value"),
    [
        pytest.param(
            "reservoir-capacity",
            {"valueQuantity": quantity(40, "mL", "mL")},
            "40 mL",
            id="capacity",
        ),
        pytest.param(
            "reservoir-fill-volume", {"valueQuantity": quantity(18, "cc")}, "18 mL", id="volume"
        ),
        pytest.param("reservoir-fill-volume", {"valueString": "20 mL"}, "20 mL", id="in words"),
        pytest.param(
            "low-reservoir-alarm-volume",
            {"valueQuantity": quantity(2, "mL", "mL")},
            "2 mL",
            id="alarm volume",
        ),
        pytest.param(
            "drug-concentration",
            {"valueQuantity": quantity(2, "mg/mL", "mg/mL")},
            "2000 mcg/mL",
            id="concentration",
        ),
        pytest.param(
            "drug-concentration", {"valueString": "500 mcg/mL"}, "500 mcg/mL", id="in words too"
        ),
        pytest.param(
            "low-reservoir-alarm-date", {"valueDateTime": "2026-04-05"}, "5 Apr 2026", id="date"
        ),
        pytest.param(
            "low-reservoir-alarm-date", {"valueString": "2026-04-05"}, "5 Apr 2026", id="date text"
        ),
        pytest.param("eri-date", {"valueDateTime": "2027-02"}, "Feb 2027", id="ERI month"),
        pytest.param("eos-date", {"valueDateTime": "2027-05-02"}, "2 May 2027", id="EOS"),
        pytest.param("months-to-eri", {"valueQuantity": quantity(14, "mo", "mo")}, "14", id="ERI"),
        pytest.param("months-to-eri", {"valueInteger": 14}, "14", id="whole months"),
    ],
)
def test_a_pump_reading_is_read(name: str, stated: Json, value: str):
    assert values(name, **stated) == [value]


@pytest.mark.parametrize(
    ("name", "stated"),
    [
        pytest.param("reservoir-fill-volume", {"valueQuantity": quantity(18, "mcg")}, id="mass"),
        pytest.param("drug-concentration", {"valueQuantity": quantity(2, "mL")}, id="volume"),
        pytest.param(
            "drug-concentration",
            {"valueQuantity": quantity(2, "mg/mL", "ug/mL")},
            id="contradictory",
        ),
        pytest.param("months-to-eri", {"valueQuantity": quantity(14, "d", "d")}, id="days"),
        pytest.param("months-to-eri", {"valueInteger": 241}, id="twenty years"),
        pytest.param("low-reservoir-alarm-date", {"valueString": "07/14/26"}, id="printout date"),
        pytest.param("eri-date", {"valueDateTime": "2027"}, id="year only"),
        pytest.param("eri-date", {}, id="no value"),
        pytest.param(
            "reservoir-fill-volume",
            {"dataAbsentReason": coded("http://x", "unknown")},
            id="data absent",
        ),
    ],
)
def test_a_reading_that_cannot_be_believed_is_refused_and_reported(name: str, stated: Json):
    readings, told = read(an_observation(name, **stated))
    assert [found.value for found in readings.values[name]] == [None]
    assert len(told) == 1


@pytest.mark.parametrize(
    ("stated", "dose"),
    [
        ({"valueQuantity": quantity(100, "mcg/day", "ug/d")}, "100 mcg/day"),
        ({"valueQuantity": quantity(0.1, "mg/day")}, "100 mcg/day"),
        ({"valueString": "347.2 mcg/day"}, "347.2 mcg/day"),
        ({"valueQuantity": quantity(100, "units/day")}, "None"),
    ],
    ids=["mcg", "mg", "words", "refused"],
)
def test_a_daily_dose_is_stated_or_refused_but_never_lost(stated: Json, dose: str):
    readings, _ = read(an_observation("daily-dose", **stated))
    assert [str(found.dose) for found in readings.doses] == [dose]


@pytest.mark.parametrize(
    ("value", "is_minor"),
    [
        ({"valueString": "Non-critical memory error"}, True),
        ({"note": [{"text": "logged as non critical"}]}, True),
        ({"interpretation": [text("not critical")]}, True),
        ({"note": [{"text": "critical alarm"}]}, False),
        ({}, False),
    ],
    ids=["value", "note", "interpretation", "said to be critical", "nothing said"],
)
def test_a_memory_error_is_critical_unless_the_record_says_otherwise(value: Json, is_minor: bool):
    code = {} if "valueString" in value else {"valueCodeableConcept": coded(PUMP, "memory-error")}
    readings, told = read(an_observation("pump-alarm", **code, **value))
    assert bool(readings.values["minor-alarm"]) is is_minor
    assert bool(readings.values["pump-alarm"]) is not is_minor
    assert told == []


@pytest.mark.parametrize("alarm", list(Alarm), ids=lambda alarm: alarm.value)
@pytest.mark.parametrize("shape", ["code", "text", "string"])
def test_an_alarm_is_read_by_code_and_by_words(alarm: Alarm, shape: str):
    spoken = alarm.value.replace("-", " ").capitalize()
    shapes: dict[str, Json] = {
        "code": {"valueCodeableConcept": coded(PUMP, alarm.value)},
        "text": {"valueCodeableConcept": text(spoken)},
        "string": {"valueString": spoken},
    }
    value = shapes[shape]
    readings, told = read(an_observation("pump-alarm", **value))
    assert [found.value for found in readings.values["pump-alarm"]] == [alarm]
    assert told == []


def test_an_alarm_nobody_knows_is_reported():
    readings, told = read(an_observation("pump-alarm", valueString="beeping"))
    assert readings.values["pump-alarm"] == []
    assert "not named in the known list" in told[0]


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        ("final", True),
        ("amended", True),
        ("corrected", True),
        ("preliminary", False),
        ("registered", False),
        ("cancelled", False),
        ("entered-in-error", False),
        ("unknown", False),
    ],
)
def test_only_final_amended_or_corrected_readings_count(status: str, counts: bool):
    readings, _ = read(an_observation("incision-drainage", status=status, valueBoolean=True))
    assert bool(readings.signs) is counts


LOCAL_SIGNS = [sign for (system, _), sign in SIGN_CODES.items() if system == PUMP]


@pytest.mark.parametrize("sign", LOCAL_SIGNS, ids=lambda sign: sign.value)
@pytest.mark.parametrize("present", [True, False])
def test_a_sign_of_our_own_is_present_or_absent(sign: Sign, present: bool):
    readings, _ = read(an_observation(sign.value, valueBoolean=present))
    assert [(found.sign, found.present) for found in readings.signs] == [(sign, present)]


@pytest.mark.parametrize(
    ("value", "present"),
    [
        ({"valueString": "yes"}, True),
        ({"valueString": "Present"}, True),
        ({"valueString": "none"}, False),
        ({"valueCodeableConcept": text("Absent")}, False),
        ({"valueCodeableConcept": text("increasing")}, True),
        ({"valueString": "no increase"}, False),
        ({"valueString": "not worse"}, False),
        ({"valueString": "not increasing"}, False),
    ],
    ids=str,
)
def test_a_sign_in_words_is_present_or_absent(value: Json, present: bool):
    readings, told = read(an_observation("incision-pain", **value))
    assert [found.present for found in readings.signs] == [present] or (not present and told)


def test_a_sign_without_value_is_not_assessed_and_reported():
    readings, told = read(an_observation("incision-pain"))
    assert readings.signs == []
    assert "neither present nor absent" in told[0]


@pytest.mark.parametrize(
    ("note", "increasing"),
    [("Worse than yesterday", True), ("Pain increasing", True), ("Unchanged", False)],
)
def test_pain_noted_as_increasing_is_so(note: str, increasing: bool):
    readings, _ = read(an_observation("incision-pain", valueBoolean=True, note=[{"text": note}]))
    assert readings.signs[0].increasing is increasing


@pytest.mark.parametrize(
    ("code", "sign"),
    [
        ("247441003", Sign.DISCOLORATION),
        ("65124004", Sign.SWELLING),
        ("428786006", Sign.SWELLING),
        ("213299007", Sign.PAIN),
        ("225553008", Sign.DEHISCENCE),
    ],
)
@pytest.mark.parametrize(
    ("site", "counts"),
    [("pump pocket", True), ("abdominal incision", True), ("lower back", True), ("knee", False)],
)
def test_a_finding_anywhere_counts_only_at_pump_or_incision(
    code: str, sign: Sign, site: str, counts: bool
):
    readings, _ = read(an_observation(coded(SNOMED, code), valueBoolean=True, bodySite=text(site)))
    assert [found.sign for found in readings.signs] == ([sign] if counts else [])


@pytest.mark.parametrize(
    ("value", "celsius"),
    [
        (quantity(38.4, "Cel", "Cel"), "38.4"),
        (quantity(101.0, "degF", "[degF]"), "38.33"),
        (quantity(38.4, "°C"), "38.4"),
        (quantity(98.6, "Cel", "Cel"), None),
        (quantity(12, "Cel", "Cel"), None),
        (quantity(38.4, "K"), None),
    ],
    ids=["Celsius", "Fahrenheit", "degree sign", "Fahrenheit called Celsius", "too cold", "Kelvin"],
)
def test_a_temperature_is_read_or_refused(value: Json, celsius: str | None):
    readings, told = read(an_observation(coded(LOINC, "8310-5"), valueQuantity=value))
    assert [str(found.value) for found in readings.temperatures] == ([celsius] if celsius else [])
    assert bool(told) is (celsius is None)


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        pytest.param({"effectiveDateTime": None}, "has no date", id="no date"),
        pytest.param({"effectiveDateTime": "2026-02-02"}, "in the future", id="future"),
        pytest.param({"effectiveDateTime": "2026"}, "only a year", id="year only"),
        pytest.param({"subject": {"reference": "Patient/p2"}}, "another patient", id="p2"),
        pytest.param({"status": 7}, "has no status", id="status"),
    ],
)
def test_a_reading_that_cannot_be_placed_is_reported(stated: Json, problem: str):
    readings, told = read(an_observation("incision-drainage", valueBoolean=True, **stated))
    assert readings.signs == []
    assert problem in " ".join(told)


def test_our_code_system_is_known_under_any_base():
    code = coded("https://hospital.example/fhir/CodeSystem/itb-pump-observation", "daily-dose")
    readings, _ = read(an_observation(code, valueQuantity=quantity(100, "mcg/day")))
    assert len(readings.doses) == 1


def test_other_observations_are_passed_over_without_a_word():
    readings, told = read(
        an_observation(coded(LOINC, "8867-4"), valueQuantity=quantity(70, "/min"))
    )
    assert (readings.signs, readings.doses, told) == ([], [], [])
