"""From a chart to what is recommended: the gate, the ladders, and what could not be read."""

import json
from typing import Any

import pytest
from markdown_it import MarkdownIt
from msgspec import Raw

from cds_service.errors import RequiredDataMissingError
from tests.assessment.builders import a_chart, assessed, prefetch, topics
from tests.fhir.builders import (
    CPT,
    ICD10CM,
    PUMP,
    RXNORM,
    Json,
    a_care_plan,
    a_condition,
    a_device,
    a_patient,
    a_procedure,
    an_administration,
    an_appointment,
    an_observation,
    coded,
    quantity,
    raw,
    text,
)

ERROR = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}
NO_PUMP: dict[str, list[Json]] = {
    "devices": [],
    "procedures": [],
    "medicationAdministrations": [],
    "observations": [],
}


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2026-02-20", []),
        ("2026-02-26", []),
        ("2026-02-27", ["itbRefillUpcoming"]),
        ("2026-03-28", ["itbRefillUpcoming"]),
        ("2026-03-29", ["itbRefillDue"]),
        ("2026-04-04", ["itbRefillDue"]),
        ("2026-04-05", ["itbRefillOverdue"]),
        ("2026-04-14", ["itbRefillOverdue"]),
        ("2026-04-15", ["itbWithdrawalRisk", "itbReservoirEmpty"]),
    ],
)
def test_the_refill_ladder_is_climbed_as_in_worked_case_r15(today: str, expected: list[str]):
    assert topics(prefetch(a_chart()), today) == expected


@pytest.mark.parametrize(
    ("visit", "today", "expected"),
    [
        pytest.param(an_appointment("2026-03-27"), "2026-02-27", [], id="R15 booked before target"),
        pytest.param(
            an_appointment("2026-04-08"), "2026-02-27", ["itbRefillDue"], id="R15 after the alarm"
        ),
        pytest.param(
            an_appointment("2026-03-27", status="noshow"),
            "2026-03-28",
            ["itbRefillDue"],
            id="R15 no show",
        ),
        pytest.param(
            an_appointment("2026-03-27", status="proposed"),
            "2026-02-27",
            ["itbRefillUpcoming"],
            id="a proposal silences nothing",
        ),
    ],
)
def test_bookings_move_the_ladder_as_in_worked_case_r15(
    visit: Json, today: str, expected: list[str]
):
    assert topics(prefetch(a_chart(appointments=[visit])), today) == expected


def test_a_refill_starts_a_new_cycle_that_day():
    refilled = an_administration(id="fill2", effectiveDateTime="2026-03-27")
    chart = a_chart(medicationAdministrations=[an_administration(), refilled])
    assert topics(prefetch(chart), "2026-03-28") == []


def test_an_ordinary_patient_with_nothing_due_has_no_card():
    assert topics(prefetch(a_chart())) == []


DECOYS: dict[str, dict[str, list[Json]]] = {
    "nothing": {},
    "insulin pump": {"devices": [a_device(modelNumber=None, type=text("Insulin pump"))]},
    "neurostimulator": {"devices": [a_device(modelNumber=None, type=text("Neurostimulator"))]},
    "oral baclofen": {
        "medicationAdministrations": [
            an_administration(
                medicationCodeableConcept=coded(RXNORM, "197391", "baclofen 10 MG Oral Tablet"),
                dosage={"route": text("oral")},
            )
        ]
    },
    "systemic pump refill": {"procedures": [a_procedure(coded(CPT, "96522"))]},
}


@pytest.mark.parametrize("stated", DECOYS.values(), ids=DECOYS.keys())
def test_a_patient_without_a_pump_has_no_card(stated: dict[str, list[Json]]):
    found = assessed(prefetch(a_chart(**{**NO_PUMP, **stated})))
    assert not found.has_pump
    assert found.evaluation.recommended == ()


@pytest.mark.parametrize("sent", [None, raw(ERROR)], ids=["not sent", "an error"])
def test_devices_that_cannot_be_read_are_asked_for_when_nothing_else_shows_a_pump(sent: Raw | None):
    found = prefetch(a_chart(**NO_PUMP))
    del found["devices"]
    if sent is not None:
        found["devices"] = sent
    with pytest.raises(RequiredDataMissingError, match="Device"):
        assessed(found)


def test_with_other_evidence_of_a_pump_missing_devices_are_told():
    sent = prefetch(a_chart())
    del sent["devices"]
    assert topics(sent) == ["itbCouldNotCheck"]


@pytest.mark.parametrize(
    "key",
    [
        "medicationAdministrations",
        "procedures",
        "observations",
        "conditions",
        "medicationRequests",
        "appointments",
        "serviceRequests",
        "carePlans",
        "patient",
    ],
)
@pytest.mark.parametrize("sent", [None, raw(ERROR), Raw(b'"x"')], ids=["none", "error", "rubbish"])
def test_whatever_could_not_be_read_is_told(key: str, sent: Raw | None):
    found = prefetch(a_chart())
    del found[key]
    if sent is not None:
        found[key] = sent
    assert "itbCouldNotCheck" in topics(found)


@pytest.mark.parametrize(
    "stated",
    [{"deceasedBoolean": True}, {"deceasedDateTime": "2026-01-20"}],
    ids=["said to be", "on a date"],
)
def test_nothing_is_recommended_for_someone_who_has_died(stated: Any):
    chart = a_chart(patient=[a_patient(**stated)])
    assert topics(prefetch(chart), "2026-05-01") == []


def test_another_patients_records_are_dropped_and_told():
    other = an_administration(id="other", subject={"reference": "Patient/p2"})
    chart = a_chart(medicationAdministrations=[an_administration(), other])
    found = assessed(prefetch(chart))
    assert [each.action.topic for each in found.evaluation.recommended] == ["itbCouldNotCheck"]
    assert "another patient" in found.evaluation.recommended[0].detail


def test_two_different_fills_on_one_day_are_told_as_a_conflict():
    smaller = an_administration(
        id="other", dosage={**an_administration()["dosage"], "dose": quantity(18, "mL", "mL")}
    )
    chart = a_chart(medicationAdministrations=[an_administration(), smaller])
    assert topics(prefetch(chart)) == ["itbDataConflict"]


HOSTILE = "Infected [click here](https://evil.example) <img src=x onerror=alert(1)> **now**"


def assert_formats_nothing(detail: str) -> None:
    """The hostile words stand in the text, and as words only."""
    html = MarkdownIt("commonmark", {"html": True}).render(detail)
    assert "click here" in html
    assert "<a" not in html
    assert "<img" not in html
    assert "<strong>now" not in html


def test_the_words_of_a_diagnosis_cannot_format_the_card():
    code = coded(ICD10CM, "T85.738A", HOSTILE)
    found = assessed(prefetch(a_chart(conditions=[a_condition(code)])))
    detail = next(
        each.detail
        for each in found.evaluation.recommended
        if each.action.topic == "itbInfectionEmergency"
    )
    assert_formats_nothing(detail)


def test_the_words_of_a_care_plan_cannot_format_the_card():
    detail = {
        "code": {"text": HOSTILE},
        "status": "not-started",
        "scheduledPeriod": {"end": "2026-01-25"},
    }
    chart = a_chart(
        procedures=[a_procedure(coded(CPT, "62362"), "2026-01-05")],
        carePlans=[a_care_plan(activity=[{"detail": detail}])],
    )
    found = assessed(prefetch(chart))
    told = next(
        each.detail
        for each in found.evaluation.recommended
        if each.action.topic == "itbRecoveryMilestone"
    )
    assert_formats_nothing(told)


@pytest.mark.parametrize("extreme", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("name", ["eri-date", "eos-date", "low-reservoir-alarm-date"])
def test_a_date_at_the_end_of_the_calendar_does_not_end_the_request(name: str, extreme: str):
    reading = an_observation(name, valueDateTime=extreme)
    assert isinstance(topics(prefetch(a_chart(observations=[reading]))), list)


def test_a_dose_of_100_mg_a_day_is_a_conflict_and_no_date():
    """Worked case R18."""
    dose = an_observation("daily-dose", valueQuantity=quantity(100, "mg/day", "mg/d"))
    found = assessed(prefetch(a_chart(observations=[dose])))
    assert "itbDataConflict" in [each.action.topic for each in found.evaluation.recommended]
    assert found.findings.facts["refill.alarmDateKnown"].value is False


def test_an_empty_reservoir_alarm_speaks_before_the_calculation():
    alarm = an_observation("pump-alarm", valueCodeableConcept=coded(PUMP, "empty-reservoir"))
    told = topics(prefetch(a_chart(observations=[alarm])))
    assert sorted(told) == ["itbReservoirEmpty", "itbWithdrawalRisk"]


def test_what_is_sent_is_not_changed():
    sent = prefetch(a_chart())
    before = {key: bytes(value) for key, value in sent.items()}
    assessed(sent)
    assert {key: bytes(value) for key, value in sent.items()} == before
    assert json.loads(before["patient"])["id"] == "p1"
