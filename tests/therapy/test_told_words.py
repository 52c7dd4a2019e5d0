"""What a reader is told of contradictions and of the ground of a date: whole sentences."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from cds_service.therapy.record import DataIssue, DoseSource
from cds_service.therapy.signs import Sign, Vital, VitalReading
from cds_service.therapy.symptoms import earlier_vitals
from cds_service.therapy.wounds import supersedes
from tests.therapy.builders import (
    NOON,
    a_dose,
    a_fill,
    a_reading,
    a_sign,
    a_therapy_record,
    facts_on,
    found_on,
    mcg_per_day,
    ml,
    on,
    proof,
)


@pytest.mark.parametrize(
    ("dose", "words"),
    [
        (9000, "is outside 5 mcg/day to 2500 mcg/day and is not used; check the unit (mg or mcg)"),
        (0, "is outside 5 mcg/day to 2500 mcg/day and is not used; check the unit (mg or mcg)"),
    ],
)
def test_a_dose_that_cannot_be_is_told_with_its_source_and_day(dose: int, words: str):
    stated = a_dose("2026-01-20", dose, DoseSource.PRESCRIPTION, "MedicationRequest/x")
    found = found_on("2026-02-01", a_therapy_record(dose_statements=(a_dose(), stated)))
    assert found.conflicts == (
        DataIssue(
            "observations",
            "MedicationRequest/x",
            f"a daily dose of {dose} mcg/day (intrathecal prescription, 20 Jan 2026) {words}",
        ),
    )


def test_a_dose_at_the_highest_believed_is_used():
    record = a_therapy_record(dose_statements=(a_dose(dose=2500),))
    assert found_on("2026-01-06", record).conflicts == ()


def test_different_fills_of_one_day_are_told_in_their_own_words():
    one = a_fill(reference="MedicationAdministration/a")
    other = a_fill(reference="MedicationAdministration/b", volume=ml(12))
    fills = (
        replace(one, evidence=structs.replace(one.evidence, says="refill: 20 mL")),
        replace(other, evidence=structs.replace(other.evidence, says="refill: 12 mL")),
    )
    (issue,) = found_on("2026-02-01", a_therapy_record(fills=fills)).conflicts
    assert issue.source == "medicationAdministrations"
    assert issue.reference.startswith("MedicationAdministration/")
    assert issue.problem in {
        f"different fills are recorded for 5 Jan 2026 (refill: {first}; refill: {second}); "
        "the one that reaches the alarm first is used"
        for first, second in (("20 mL", "12 mL"), ("12 mL", "20 mL"))
    }


def test_a_pump_that_contradicts_the_calculation_is_told_with_both_dates():
    """Worked case R17: reported 24 Mar, calculated 5 Apr 2026: 12 days."""
    reported = a_reading("2026-01-05", on("2026-03-24"), "Observation/alarm-date")
    record = a_therapy_record(reported_alarm_dates=(reported,))
    assert found_on("2026-02-01", record).conflicts == (
        DataIssue(
            "observations",
            "Observation/alarm-date",
            "the pump reported the low-reservoir alarm for 24 Mar 2026 (on 5 Jan 2026), "
            "calculated is 5 Apr 2026: 12 days apart; the earlier date is used",
        ),
    )


def test_a_reported_date_is_told_with_the_way_to_the_empty_reservoir():
    """2 mL of 500 mcg/mL at 100 mcg/day last 10 days."""
    reported = a_reading("2026-01-05", on("2026-04-02"), "Observation/alarm-date")
    found = facts_on("2026-02-01", a_therapy_record(reported_alarm_dates=(reported,)))
    assert found["refill.formula"].value == (
        "alarm date 2 Apr 2026 reported by the pump on 5 Jan 2026; empty 10 days later, "
        "12 Apr 2026: alarm volume × concentration ÷ daily dose"
    )


@pytest.mark.parametrize("missing", ["concentration", "dose", "fill"])
def test_a_reported_date_alone_claims_no_empty_reservoir(missing: str):
    reported = a_reading("2026-01-05", on("2026-04-02"), "Observation/alarm-date")
    stated: dict[str, dict[str, Any]] = {
        "concentration": {"fills": (a_fill(concentration=None),)},
        "dose": {"dose_statements": ()},
        "fill": {"fills": (), "surgeries": (), "dose_statements": ()},
    }
    record = a_therapy_record(reported_alarm_dates=(reported,), **stated[missing])
    found = facts_on("2026-02-01", record)
    assert (
        found["refill.formula"].value == "alarm date 2 Apr 2026 reported by the pump on 5 Jan 2026"
    )
    assert found["refill.emptyDate"].value is None


def test_a_dose_refused_between_two_counts_as_the_next_one_above_it():
    """Only the nearest neighbours are asked: the 300 of March does not count in January."""
    doses = tuple(
        a_dose(when, dose, reference=f"Observation/{when}")
        for when, dose in [
            ("2026-01-05", 100),
            ("2026-01-10", None),
            ("2026-01-15", 110),
            ("2026-01-20", 300),
        ]
    )
    with_refused = facts_on("2026-02-01", a_therapy_record(dose_statements=doses))
    as_next = (doses[0], replace(doses[1], dose=mcg_per_day(110)), *doses[2:])
    known = facts_on("2026-02-01", a_therapy_record(dose_statements=as_next))
    assert with_refused["refill.alarmDate"].value == known["refill.alarmDate"].value


def test_the_same_reading_twice_never_supersedes_itself():
    sign = a_sign("2026-01-20", Sign.SWELLING, reference="Observation/a")
    later = a_sign("2026-01-20", Sign.SWELLING, reference="Observation/b")
    assert not supersedes(sign, sign)
    assert supersedes(sign, later)
    assert not supersedes(later, sign)


def a_vital(vital: Vital, value: str, when: str, reference: str = "Observation/v") -> VitalReading:
    return VitalReading(vital, Decimal(value), on(when), proof(reference, on(when)))


GCS, PAIN = Vital.GLASGOW_COMA_SCORE, Vital.PAIN_SCORE


@pytest.mark.parametrize(
    ("vital", "times", "compared"),
    [
        pytest.param(GCS, ("2026-02-01T08:00+00:00", "2026-02-01T09:00+00:00"), [15], id="later"),
        pytest.param(GCS, ("2026-02-01T10:00+00:00", "2026-02-01T09:00+00:00"), [], id="earlier"),
        pytest.param(GCS, ("2026-02-01", "2026-02-01"), [15], id="GCS: the lower comes last"),
        pytest.param(PAIN, ("2026-02-01", "2026-02-01"), [], id="pain: the higher comes last"),
        pytest.param(GCS, ("2026-01-31", "2026-02-01"), [15], id="the day before"),
        pytest.param(
            GCS, ("2026-02-01T23:00+00:00", "2026-02-01"), [15], id="a day alone is at its end"
        ),
    ],
)
def test_what_the_newest_score_is_compared_with(
    vital: Vital, times: tuple[str, str], compared: list[int]
):
    """The other is 15 (or pain 15), the newest 12."""
    other, newest = a_vital(vital, "15", times[0], "Observation/a"), a_vital(vital, "12", times[1])
    record = a_therapy_record(vitals=(newest, other))
    assert earlier_vitals(record, newest, NOON, 72) == compared


def test_of_the_scores_before_the_look_back_only_the_last_is_compared():
    """72 hours before noon of 1 Feb: 29 Jan noon."""
    scores = [
        a_vital(GCS, value, when, f"Observation/{value}")
        for value, when in [
            ("15", "2026-01-10T09:00+00:00"),
            ("14", "2026-01-20T09:00+00:00"),
            ("13", "2026-01-30T09:00+00:00"),
        ]
    ]
    newest = a_vital(GCS, "12", "2026-02-01T09:00+00:00")
    record = a_therapy_record(vitals=(*scores, newest, a_vital(PAIN, "3", "2026-01-31")))
    assert earlier_vitals(record, newest, NOON, 72) == [14, 13]
    assert newest.value == 12
