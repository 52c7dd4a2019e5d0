"""What can have interrupted delivery, and the signs of withdrawal, with every limit."""

from dataclasses import replace
from typing import Any

import pytest

from cds_service.therapy.record import (
    Alarm,
    Complication,
    ComplicationKind,
    OtherDrug,
    PumpEventKind,
    SurgeryKind,
    TherapyRecord,
    VisitState,
)
from cds_service.therapy.signs import Sign, Vital
from tests.therapy.builders import (
    a_dose,
    a_fill,
    a_sign,
    a_surgery,
    a_temperature,
    a_therapy_record,
    a_visit,
    a_vital,
    an_alarm,
    an_event,
    on,
    proof,
    values_on,
)

NOW = "2026-02-01T12:00:00+00:00"
EARLIER_PUMP = (a_surgery("2020-01-15"), a_surgery("2026-01-05", SurgeryKind.REPLACEMENT))


def told(name: str, record: TherapyRecord, now: str = NOW) -> Any:
    return values_on(now, record)[f"withdrawal.{name}"]


def with_signs(*signs: Sign, **stated: Any) -> TherapyRecord:
    return a_therapy_record(signs=tuple(a_sign("2026-01-31", sign) for sign in signs), **stated)


def a_complication(kind: ComplicationKind, when: str = "2026-01-20") -> Complication:
    return Complication(kind, on(when), proof("Condition/fault", on(when)))


@pytest.mark.parametrize(
    ("sign", "name"),
    [
        (Sign.SPASTICITY, "increased stiffness or spasms"),
        (Sign.RIGIDITY, "increased stiffness or spasms"),
        (Sign.ITCHING, "itching without rash"),
        (Sign.SEVERE_DISCOMFORT, "severe discomfort or pain"),
        (Sign.SWEATING, "sweating"),
        (Sign.FEVER, "fever"),
        (Sign.DIZZINESS, "dizziness or light-headedness"),
        (Sign.NAUSEA, "nausea"),
        (Sign.SEIZURE, "seizure"),
        (Sign.ALTERED_MENTAL_STATE, "altered mental state"),
    ],
)
def test_each_sign_counts_once_and_is_told_with_its_date(sign: Sign, name: str):
    record = with_signs(sign)
    assert told("signs", record) == 1
    assert told("anySign", record) is True
    assert told("signsFound", record) == f"{name} (31 Jan 2026)"
    assert name not in told("signsNotAssessed", record)


@pytest.mark.parametrize("sign", [Sign.DROWSINESS, Sign.WEAKNESS, Sign.BREATHING, Sign.RASH])
def test_other_signs_do_not_count(sign: Sign):
    assert told("signs", with_signs(sign)) == 0


def test_stiffness_and_rigidity_are_one_sign():
    assert told("signs", with_signs(Sign.SPASTICITY, Sign.RIGIDITY)) == 1


def test_present_absent_and_not_assessed_are_kept_apart():
    record = a_therapy_record(
        signs=(a_sign("2026-01-31", Sign.NAUSEA), a_sign("2026-01-31", Sign.SWEATING, False))
    )
    assert told("signsFound", record) == "nausea (31 Jan 2026)"
    assert told("signsAbsent", record) == "sweating (31 Jan 2026)"
    assert told("signsNotAssessed", record) == (
        "increased stiffness or spasms, itching without rash, severe discomfort or pain, fever, "
        "dizziness or light-headedness, seizure, altered mental state"
    )


def test_itching_with_a_rash_does_not_count_and_is_said():
    record = with_signs(Sign.ITCHING, Sign.RASH)
    assert told("signs", record) == 0
    assert told("itchWithRash", record) is True
    assert "itching came with a rash" in told("signsAbsent", record)


def test_itching_counts_when_the_rash_is_absent_or_was_not_looked_for():
    itch = a_sign("2026-01-31", Sign.ITCHING)
    no_rash = a_sign("2026-01-31", Sign.RASH, False)
    assert told("keySign", a_therapy_record(signs=(itch, no_rash))) is True
    assert told("keySign", a_therapy_record(signs=(itch,))) is True


@pytest.mark.parametrize(
    ("when", "counts"),
    [
        ("2026-01-29T12:00:00+00:00", True),
        ("2026-01-29T11:59:59+00:00", False),
        ("2026-01-29", True),
        ("2026-01-28", False),
    ],
    ids=["72 hours", "a second more", "the whole day counts", "the day before"],
)
def test_signs_count_for_72_hours(when: str, counts: bool):
    record = a_therapy_record(signs=(a_sign(when, Sign.NAUSEA),))
    assert told("anySign", record) is counts


def test_hours_are_counted_in_utc_on_the_day_the_clocks_change():
    # New York, 8 Mar 2026: 02:00 becomes 03:00. 72 hours before 12:00 -04:00 is 11:00 -05:00.
    inside = a_therapy_record(signs=(a_sign("2026-03-06T11:00:00-05:00", Sign.NAUSEA),))
    outside = a_therapy_record(signs=(a_sign("2026-03-06T10:59:00-05:00", Sign.NAUSEA),))
    assert told("anySign", inside, "2026-03-09T12:00:00-04:00") is True
    assert told("anySign", outside, "2026-03-09T12:00:00-04:00") is False


def test_the_newest_record_of_a_sign_decides():
    came, went = a_sign("2026-01-30", Sign.NAUSEA), a_sign("2026-01-31", Sign.NAUSEA, False)
    back = a_sign("2026-02-01", Sign.NAUSEA)
    assert told("anySign", a_therapy_record(signs=(came, went))) is False
    assert told("anySign", a_therapy_record(signs=(back, went, came))) is True


@pytest.mark.parametrize(("score", "counts"), [(6, False), (7, True), (8, True)])
def test_pain_counts_as_severe_from_7(score: int, counts: bool):
    record = a_therapy_record(vitals=(a_vital("2026-01-31", Vital.PAIN_SCORE, score),))
    assert told("anySign", record) is counts


@pytest.mark.parametrize(("celsius", "counts"), [("37.4", False), ("37.5", True), ("37.6", True)])
def test_a_low_grade_fever_counts_from_37_5(celsius: str, counts: bool):
    record = a_therapy_record(temperatures=(a_temperature("2026-01-31", celsius),))
    assert told("anySign", record) is counts


def test_the_highest_temperature_of_72_hours_is_the_fever():
    record = a_therapy_record(
        temperatures=(
            a_temperature("2026-01-28T11:00:00+00:00", "39.9"),
            a_temperature("2026-01-30T11:00:00+00:00", "38.5"),
            a_temperature("2026-02-01T11:00:00+00:00", "36.8"),
        )
    )
    assert str(told("highestTemperature", record)) == "38.5"


@pytest.mark.parametrize(
    ("signs", "some", "many"),
    [
        ((), False, False),
        ((Sign.NAUSEA,), False, False),
        ((Sign.NAUSEA, Sign.SWEATING), True, False),
        ((Sign.NAUSEA, Sign.SWEATING, Sign.DIZZINESS), True, True),
    ],
    ids=["none", "one", "two", "three"],
)
def test_two_signs_warn_and_three_are_many(signs: tuple[Sign, ...], some: bool, many: bool):
    record = with_signs(*signs)
    assert (told("someSigns", record), told("manySigns", record)) == (some, many)


@pytest.mark.parametrize(
    ("now", "risk"),
    [
        ("2026-04-04T12:00:00+00:00", ""),
        ("2026-04-05T12:00:00+00:00", "the low-reservoir alarm date is reached (5 Apr 2026)"),
        ("2026-04-14T12:00:00+00:00", "the low-reservoir alarm date is reached (5 Apr 2026)"),
        ("2026-04-15T12:00:00+00:00", "the reservoir is empty by date (15 Apr 2026)"),
    ],
)
def test_the_reservoir_is_a_risk_from_its_alarm_date_on(now: str, risk: str):
    record = a_therapy_record()
    assert told("risks", record, now) == risk
    assert told("atRisk", record, now) is bool(risk)
    assert told("depleted", record, now) is ("empty" in risk)


@pytest.mark.parametrize(
    ("stated", "risk"),
    [
        ({"alarms": (an_alarm("2026-01-20", Alarm.LOW_RESERVOIR),)}, "low-reservoir alarm"),
        ({"alarms": (an_alarm("2026-01-20", Alarm.EMPTY_RESERVOIR),)}, "empty-reservoir alarm"),
        ({"alarms": (an_alarm("2026-01-20", Alarm.EOS),)}, "end-of-service alarm"),
        ({"alarms": (an_alarm("2026-01-20", Alarm.MOTOR_STALL),)}, "motor-stall alarm"),
        ({"alarms": (an_alarm("2026-01-20", Alarm.STOPPED_PUMP),)}, "stopped-pump alarm"),
        ({"alarms": (an_alarm("2026-01-20", Alarm.MEMORY_ERROR),)}, "memory-error alarm"),
        ({"surgeries": (a_surgery("2019-02-01"),)}, "the battery's end of service is reached"),
        ({"visits": (a_visit("2026-01-20", state=VisitState.NO_SHOW),)}, "a refill visit"),
        ({"complications": (a_complication(ComplicationKind.PUMP_FAULT),)}, "fault of the pump"),
        (
            {"complications": (a_complication(ComplicationKind.CATHETER_FAULT),)},
            "fault of the catheter",
        ),
        ({"complications": (a_complication(ComplicationKind.UNDERDOSING),)}, "underdosing"),
        ({"events": (an_event("2026-01-31", PumpEventKind.MRI),)}, "MRI scan (31 Jan 2026)"),
        ({"events": (an_event("2026-01-29", PumpEventKind.CSF_PROCEDURE),)}, "spinal fluid"),
        (
            {"surgeries": (a_surgery("2026-01-18", SurgeryKind.EXPLANT),)},
            "the pump was removed (18 Jan 2026)",
        ),
    ],
    ids=lambda stated: stated if isinstance(stated, str) else "",
)
def test_whatever_can_interrupt_delivery_is_a_risk(stated: dict[str, Any], risk: str):
    record = a_therapy_record(**stated)
    assert risk in told("risks", record)
    assert told("atRisk", record) is True


@pytest.mark.parametrize(
    "stated",
    [
        {"alarms": (an_alarm("2026-01-20", Alarm.ERI),)},
        {"alarms": (an_alarm("2026-01-04", Alarm.EMPTY_RESERVOIR),)},
        {"complications": (a_complication(ComplicationKind.SKIN_BREAKDOWN),)},
        {"complications": (a_complication(ComplicationKind.POISONING),)},
        {"events": (an_event("2026-01-28", PumpEventKind.MRI),)},
        {"events": (an_event("2026-01-28", PumpEventKind.CSF_PROCEDURE),)},
        {"events": (an_event("2026-01-31", PumpEventKind.REPROGRAMMING),)},
        {"surgeries": (a_surgery("2026-01-17", SurgeryKind.EXPLANT),)},
        {
            "surgeries": EARLIER_PUMP,
            "complications": (a_complication(ComplicationKind.PUMP_FAULT, "2026-01-04"),),
        },
    ],
    ids=[
        "battery low",
        "alarm before the fill",
        "skin",
        "poisoning",
        "MRI 4 days ago",
        "puncture 4 days ago",
        "reprogrammed",
        "removed 15 days ago",
        "fault of the pump before",
    ],
)
def test_what_does_not_interrupt_delivery_is_no_risk(stated: dict[str, Any]):
    assert told("atRisk", a_therapy_record(**stated)) is False


@pytest.mark.parametrize(
    ("check", "is_risk"),
    [
        ("2026-01-31T11:00:00+00:00", False),
        ("2026-01-31T09:00:00+00:00", True),
        ("2026-01-31", True),
        ("2026-02-01", False),
    ],
    ids=["after", "before", "that day, no time", "the day after"],
)
def test_an_mri_is_a_risk_until_a_pump_check_certainly_followed(check: str, is_risk: bool):
    scan = an_event("2026-01-31T10:00:00+00:00", PumpEventKind.MRI)
    done = an_event(check, PumpEventKind.INTERROGATION)
    assert told("atRisk", a_therapy_record(events=(scan, done))) is is_risk


def test_half_a_date_is_no_risk_before_its_last_day():
    record = a_therapy_record(fills=(a_fill("2026-01"),), dose_statements=(a_dose("2026-01-01"),))
    # 90 days from 1 to 31 Jan 2026: the alarm date is 1 Apr at the earliest, 1 May at the latest.
    assert told("atRisk", record, "2026-04-30T12:00:00+00:00") is False
    assert told("atRisk", record, "2026-05-01T12:00:00+00:00") is True


@pytest.mark.parametrize("key", ["observations", "conditions"])
def test_signs_that_could_not_be_read_are_unknown_not_absent(key: str):
    record = replace(a_therapy_record(), unread={key: "not sent"})
    for name in ("anySign", "someSigns", "manySigns", "keySign", "seizure", "rigidity"):
        assert told(name, record) is None
    assert told("atRisk", record) is None


def test_what_was_found_stays_known_when_another_source_is_unread():
    record = replace(with_signs(Sign.SEIZURE), unread={"conditions": "not sent"})
    assert told("anySign", record) is True
    assert told("seizure", record) is True
    assert told("someSigns", record) is None


def test_a_new_drug_in_place_of_baclofen_is_a_risk_and_its_dates_say_nothing():
    saline = OtherDrug("saline", on("2026-01-25"), proof("MedicationAdministration/saline"))
    record = a_therapy_record(other_drugs=(saline,))
    assert told("risks", record) == "another drug took the place of baclofen (25 Jan 2026)"
    assert told("depleted", record, "2026-05-01T12:00:00+00:00") is False


def test_underdosing_counts_inside_its_look_back_and_for_the_present_pump():
    old = a_complication(ComplicationKind.UNDERDOSING, "2024-06-01")
    undated = Complication(ComplicationKind.UNDERDOSING, None, proof("Condition/fault"))
    assert told("atRisk", a_therapy_record(complications=(old,))) is False
    assert told("risks", a_therapy_record(complications=(undated,))) == "diagnosis of underdosing"


def test_without_an_alarm_date_it_is_not_known_that_there_is_no_risk():
    record = with_signs(Sign.NAUSEA, dose_statements=())
    assert told("atRisk", record) is None
    stalled = replace(record, alarms=(an_alarm("2026-01-20", Alarm.MOTOR_STALL),))
    assert told("atRisk", stalled) is True


def test_a_fault_stays_a_risk_until_an_operation_answers_it():
    fault = a_complication(ComplicationKind.CATHETER_FAULT, "2025-06-20")
    record = a_therapy_record(complications=(fault,))
    assert told("risks", record) == "diagnosed fault of the catheter (20 Jun 2025)"
    revised = (a_surgery("2025-01-15"), a_surgery("2025-06-22", SurgeryKind.REVISION))
    assert told("risks", replace(record, surgeries=revised)) == ""


@pytest.mark.parametrize(
    ("scan", "counts"),
    [
        ("2026-01-31T07:59:00+00:00", False),
        ("2026-01-31T08:01:00+00:00", True),
        ("2026-01-31", True),
        ("2026-01-30", False),
    ],
)
def test_events_before_the_replacement_are_no_risk(scan: str, counts: bool):
    replaced = a_surgery("2026-01-31T08:00:00+00:00", SurgeryKind.REPLACEMENT)
    record = a_therapy_record(
        surgeries=(a_surgery("2025-01-15"), replaced),
        fills=(a_fill("2026-01-31"),),
        events=(an_event(scan, PumpEventKind.MRI),),
    )
    assert ("MRI" in told("risks", record)) is counts


def test_findings_of_the_patient_count_across_a_replacement():
    replaced = a_surgery("2026-02-01", SurgeryKind.REPLACEMENT)
    record = with_signs(Sign.NAUSEA, surgeries=(a_surgery("2025-01-15"), replaced))
    assert told("signs", record) == 1


@pytest.mark.parametrize(
    ("refilled", "now", "is_late"),
    [
        ("2026-04-04", "2026-04-05T12:00:00+00:00", False),
        ("2026-04-05", "2026-04-05T12:00:00+00:00", True),
        ("2026-04-12T12:00:00+00:00", "2026-04-15T12:00:00+00:00", True),
        ("2026-04-12T11:59:00+00:00", "2026-04-15T12:00:00+00:00", False),
    ],
    ids=["a day early", "on the alarm date", "72 hours ago", "over 72 hours ago"],
)
def test_a_late_refill_stays_a_risk_for_72_hours(refilled: str, now: str, is_late: bool):
    record = a_therapy_record(
        fills=(a_fill(), a_fill(refilled, reference="MedicationAdministration/2"))
    )
    assert told("atRisk", record, now) is is_late
    assert ("alarm date (5 Apr 2026)" in told("risks", record, now)) is is_late
