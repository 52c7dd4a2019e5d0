"""Events that can raise the dose, the signs of overdose, and weakness, with every limit."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from cds_service.therapy.record import (
    DoseSource,
    DrugClass,
    DrugUse,
    PumpEventKind,
    SurgeryKind,
    TherapyRecord,
)
from cds_service.therapy.signs import Sign, Vital
from tests.therapy.builders import (
    a_dose,
    a_fill,
    a_sign,
    a_surgery,
    a_temperature,
    a_therapy_record,
    a_vital,
    an_event,
    on,
    proof,
    values_on,
)

NOW = "2026-02-01T12:00:00+00:00"
OLD_SURGERY = a_surgery("2025-01-15")
ADULT, CHILD = on("1980-05-01"), on("2015-06-01")


def told(name: str, record: TherapyRecord, now: str = NOW) -> Any:
    return values_on(now, record)[name if "." in name else f"overdose.{name}"]


def with_signs(*signs: Sign, **stated: Any) -> TherapyRecord:
    return a_therapy_record(signs=tuple(a_sign("2026-01-31", sign) for sign in signs), **stated)


def with_vital(vital: Vital, value: float, **stated: Any) -> TherapyRecord:
    return a_therapy_record(vitals=(a_vital("2026-01-31", vital, value),), **stated)


def a_depressant(started: str | None, stopped: str | None = None) -> DrugUse:
    start, stop = on(started) if started else None, on(stopped) if stopped else None
    evidence = proof("MedicationRequest/drug", start)
    return DrugUse(DrugClass.CNS_DEPRESSANT, "diazepam", start, stop, evidence)


@pytest.mark.parametrize(
    ("sign", "name", "is_grave"),
    [
        (Sign.DROWSINESS, "drowsiness", False),
        (Sign.WEAKNESS, "very loose or weak muscles", False),
        (Sign.DIFFICULTY_STANDING, "difficulty standing, sitting up or moving", False),
        (Sign.LOW_PRESSURE, "low blood pressure", True),
        (Sign.HYPOTHERMIA, "low body temperature", True),
        (Sign.BREATHING, "difficulty breathing", True),
        (Sign.UNCONSCIOUS, "loss of consciousness", True),
        (Sign.SEIZURE, "seizure", False),
        (Sign.ALTERED_MENTAL_STATE, "confusion or altered mental state", False),
    ],
)
def test_each_sign_counts_once_and_is_told_with_its_date(sign: Sign, name: str, is_grave: bool):
    record = with_signs(sign)
    assert told("signs", record) == 1
    assert told("signsFound", record) == f"{name} (31 Jan 2026)"
    assert told("graveSign", record) is is_grave
    assert told("otherThanWeakness", record) is (sign is not Sign.WEAKNESS)


@pytest.mark.parametrize(
    ("vital", "value", "counts"),
    [
        (Vital.SYSTOLIC_PRESSURE, 89, True),
        (Vital.SYSTOLIC_PRESSURE, 90, False),
        (Vital.SYSTOLIC_PRESSURE, 91, False),
        (Vital.RESPIRATORY_RATE, 9, True),
        (Vital.RESPIRATORY_RATE, 10, False),
        (Vital.RESPIRATORY_RATE, 11, False),
        (Vital.OXYGEN_SATURATION, 91, True),
        (Vital.OXYGEN_SATURATION, 92, False),
        (Vital.OXYGEN_SATURATION, 93, False),
        (Vital.GLASGOW_COMA_SCORE, 14, True),
        (Vital.GLASGOW_COMA_SCORE, 15, False),
    ],
)
def test_a_vital_sign_counts_below_its_limit(vital: Vital, value: int, counts: bool):
    record = with_vital(vital, value, birth_date=ADULT)
    assert told("graveSign", record) is counts
    assert told("signs", record) == int(counts)


@pytest.mark.parametrize(("celsius", "counts"), [("34.9", True), ("35.0", False), ("35.1", False)])
@pytest.mark.parametrize("born", [ADULT, CHILD, None])
def test_a_temperature_is_low_below_35_at_any_age(celsius: str, counts: bool, born: Any):
    taken = (a_temperature("2026-01-31", celsius),)
    record = a_therapy_record(temperatures=taken, birth_date=born)
    assert told("graveSign", record) is counts


@pytest.mark.parametrize(
    ("vital", "value", "counts"),
    [
        (Vital.SYSTOLIC_PRESSURE, 80, False),
        (Vital.RESPIRATORY_RATE, 8, False),
        (Vital.OXYGEN_SATURATION, 91, True),
    ],
)
def test_adult_limits_of_pressure_and_breathing_do_not_hold_for_children(
    vital: Vital, value: int, counts: bool
):
    record = with_vital(vital, value, birth_date=CHILD)
    assert told("graveSign", record) is counts
    assert told("isChild", record) is True


@pytest.mark.parametrize(
    ("born", "is_child", "is_unknown"),
    [
        (on("2008-02-01"), False, False),
        (on("2008-02-02"), True, False),
        (on("2008-02"), False, True),
        (None, False, True),
    ],
    ids=["18 today", "18 tomorrow", "18 this month", "not recorded"],
)
def test_who_is_a_child(born: Any, is_child: bool, is_unknown: bool):
    record = with_vital(Vital.SYSTOLIC_PRESSURE, 84, birth_date=born)
    assert told("isChild", record) is is_child
    assert told("ageUnknown", record) is is_unknown
    assert told("graveSign", record) is not is_child


def test_the_newest_vital_sign_decides():
    low = a_vital("2026-01-31T10:00:00+00:00", Vital.SYSTOLIC_PRESSURE, 84)
    later = a_vital("2026-01-31T11:00:00+00:00", Vital.SYSTOLIC_PRESSURE, 118)
    assert told("graveSign", a_therapy_record(vitals=(later, low))) is False
    same_time = a_vital("2026-01-31T10:00:00+00:00", Vital.SYSTOLIC_PRESSURE, 118)
    assert told("graveSign", a_therapy_record(vitals=(low, same_time))) is True


def test_the_newest_temperature_decides_whether_it_is_low():
    cold = a_temperature("2026-01-31T10:00:00+00:00", "34.0")
    warm = a_temperature("2026-01-31T11:00:00+00:00", "36.5")
    assert told("graveSign", a_therapy_record(temperatures=(warm, cold))) is False


@pytest.mark.parametrize(
    ("earlier", "score", "counts"),
    [
        ([], 12, True),
        ([("2026-01-20", 15)], 12, True),
        ([("2026-01-20", 12)], 12, False),
        ([("2026-01-20", 11)], 12, False),
        ([("2026-01-10", 15), ("2026-01-20", 12)], 12, False),
        ([("2026-01-20", 12), ("2026-01-30", 15)], 12, True),
        ([("2026-01-30", 15), ("2026-01-31", 12)], 12, True),
    ],
    ids=[
        "none earlier",
        "fallen",
        "as before",
        "better",
        "as last before",
        "better between",
        "still fallen",
    ],
)
def test_a_coma_score_counts_against_the_patients_own(
    earlier: list[tuple[str, int]], score: int, counts: bool
):
    vital = Vital.GLASGOW_COMA_SCORE
    vitals = [a_vital(when, vital, value) for when, value in earlier]
    record = a_therapy_record(vitals=(*vitals, a_vital("2026-02-01", vital, score)))
    assert told("graveSign", record) is counts


@pytest.mark.parametrize(
    ("when", "counts"),
    [
        ("2026-01-29T12:00:00+00:00", True),
        ("2026-01-29T11:00:00+00:00", False),
        ("2026-01-29", True),
        ("2026-01-28", False),
    ],
    ids=["72 hours", "73 hours", "the whole day counts", "the day before"],
)
@pytest.mark.parametrize("kind", ["refill", "MRI", "reprogramming", "replacement", "drug", "dose"])
def test_an_event_counts_for_72_hours(kind: str, when: str, counts: bool):
    stated: dict[str, Any] = {
        "refill": {"fills": (a_fill(when),)},
        "MRI": {"events": (an_event(when, PumpEventKind.MRI),)},
        "reprogramming": {"events": (an_event(when, PumpEventKind.REPROGRAMMING),)},
        "replacement": {"surgeries": (OLD_SURGERY, a_surgery(when, SurgeryKind.REPLACEMENT))},
        "drug": {"drug_uses": (a_depressant(when),)},
        "dose": {"dose_statements": (a_dose(), a_dose(when, 115))},
    }
    record = a_therapy_record(**stated[kind])
    assert told("eventRecent", record) is counts
    assert ("29 Jan 2026" in told("events", record)) is counts


@pytest.mark.parametrize(
    "stated",
    [
        {"events": (an_event("2026-01-31", PumpEventKind.INTERROGATION),)},
        {"events": (an_event("2026-01-31", PumpEventKind.CSF_PROCEDURE),)},
        {"dose_statements": (a_dose(), a_dose("2026-01-31", 100))},
        {"drug_uses": (a_depressant(None),)},
    ],
    ids=["pump check", "puncture", "same dose again", "drug of unknown start"],
)
def test_what_does_not_raise_the_dose_is_no_event(stated: dict[str, Any]):
    assert told("eventRecent", a_therapy_record(**stated)) is False


def test_sedating_drugs_in_use_are_named():
    drugs = (a_depressant("2025-06-01"), a_depressant("2025-01-01", "2025-02-01"))
    assert told("depressants", a_therapy_record(drug_uses=drugs[:1])) == "diazepam"
    assert told("depressants", a_therapy_record(drug_uses=drugs[1:])) == ""


@pytest.mark.parametrize("key", ["medicationAdministrations", "procedures", "observations"])
def test_events_that_could_not_be_read_are_unknown(key: str):
    record = replace(a_therapy_record(), unread={key: "not sent"})
    assert told("eventRecent", record) is None


@pytest.mark.parametrize("key", ["observations", "conditions"])
def test_signs_that_could_not_be_read_are_unknown_not_absent(key: str):
    record = replace(a_therapy_record(), unread={key: "not sent"})
    for name in ("someSigns", "weakness", "otherThanWeakness", "graveSign"):
        assert told(name, record) is None


@pytest.mark.parametrize(
    ("doses", "percent"),
    [
        ([("2026-01-05", 100), ("2026-01-26", 115)], "15"),
        ([("2026-01-05", 300), ("2026-01-26", 365)], "21.7"),
        ([("2026-01-05", 100), ("2026-01-20", 110), ("2026-01-26", 121)], "10"),
    ],
)
def test_an_increase_is_named_in_percent(doses: list[tuple[str, int]], percent: str):
    record = a_therapy_record(dose_statements=tuple(a_dose(*stated) for stated in doses))
    assert told("weakness.increasePercent", record) == Decimal(percent)
    assert told("weakness.daysSinceIncrease", record) == 6
    assert told("weakness.doseIncreased", record) is True


@pytest.mark.parametrize(
    ("day", "is_recent"), [("2026-01-18", True), ("2026-01-17", False), ("2026-01-19", True)]
)
def test_an_increase_is_recent_for_14_days(day: str, is_recent: bool):
    record = a_therapy_record(dose_statements=(a_dose(), a_dose(day, 110)))
    assert told("weakness.doseIncreased", record) is is_recent


def test_a_dose_raised_later_on_the_day_of_the_fill_is_an_increase():
    """(130 - 100) / 100 = 30 %, on the day of the fill."""
    doses = (
        a_dose("2026-01-26T08:00+00:00", 100, DoseSource.REFILL, "MedicationAdministration/fill"),
        a_dose("2026-01-26T09:00+00:00", 130),
    )
    record = a_therapy_record(dose_statements=doses)
    assert told("weakness.doseIncreased", record) is True
    assert told("weakness.increasePercent", record) == 30
    assert told("weakness.doseStep", record) == "from 100 mcg/day to 130 mcg/day"


def lorazepam(when: str, was_given: bool = False) -> DrugUse:
    """Lorazepam, prescribed or given; a dose given is over with it."""
    at = on(when)
    name = "MedicationAdministration/lorazepam" if was_given else "MedicationRequest/lorazepam"
    stopped = at if was_given else None
    return DrugUse(
        DrugClass.CNS_DEPRESSANT, "lorazepam", at, stopped, proof(name, at), was_given=was_given
    )


@pytest.mark.parametrize(
    ("uses", "events"),
    [
        (("2026-01-31",), "given CNS depressant: lorazepam (31 Jan 2026)"),
        (("2026-01-28",), ""),
    ],
    ids=["yesterday", "four days ago"],
)
def test_a_sedating_drug_that_was_given_is_an_event(uses: tuple[str, ...], events: str):
    given = tuple(lorazepam(when, was_given=True) for when in uses)
    fills = (a_fill("2026-01-05"),)
    assert told("overdose.events", a_therapy_record(fills=fills, drug_uses=given)) == events


def test_a_dose_of_what_has_long_been_prescribed_is_no_event():
    uses = (lorazepam("2025-06-01"), lorazepam("2026-01-31", was_given=True))
    record = a_therapy_record(fills=(a_fill("2026-01-05"),), drug_uses=uses)
    assert told("overdose.events", record) == ""
    newly = (lorazepam("2026-01-31"), lorazepam("2026-01-31", was_given=True))
    record = a_therapy_record(fills=(a_fill("2026-01-05"),), drug_uses=newly)
    assert "new CNS depressant: lorazepam" in str(told("overdose.events", record))


def test_a_dose_that_was_given_is_not_called_in_use():
    record = a_therapy_record(drug_uses=(lorazepam("2026-01-31", was_given=True),))
    assert told("overdose.depressants", record) == ""


def test_a_dose_lowered_again_is_no_increase():
    doses = (a_dose(), a_dose("2026-01-20", 120), a_dose("2026-01-25", 100))
    assert told("weakness.doseIncreased", a_therapy_record(dose_statements=doses)) is False
