"""ERI and EOS: worked cases E1 to E12 of 22 Nov 2026, and their edges."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cds_service.therapy.record import Alarm, SurgeryKind, VisitKind, VisitState
from tests.therapy.builders import (
    a_pump,
    a_reading,
    a_surgery,
    a_therapy_record,
    a_visit,
    an_alarm,
    facts_on,
    on,
    values_on,
)

TODAY = "2026-11-22"
NOTHING_ELSE: dict[str, Any] = {"fills": (), "dose_statements": (), "alarm_volumes": ()}


def battery(today: str = TODAY, **stated: Any) -> dict[str, Any]:
    """The battery facts without their area's name."""
    found = values_on(today, a_therapy_record(**{**NOTHING_ELSE, **stated}))
    return {
        name.removeprefix("battery."): value
        for name, value in found.items()
        if name.startswith("battery.")
    }


def implanted(when: str, kind: SurgeryKind = SurgeryKind.IMPLANT) -> dict[str, Any]:
    return {"surgeries": (a_surgery(when, kind),)}


def estimate(when: str, months: str) -> dict[str, Any]:
    return {"months_to_eri": (a_reading(when, Decimal(months), "Observation/estimate"),)}


def eri_alarm(when: str) -> dict[str, Any]:
    return {"alarms": (an_alarm(when, Alarm.ERI),)}


def replacement(when: str, state: VisitState = VisitState.BOOKED) -> dict[str, Any]:
    return {"visits": (a_visit(when, VisitKind.REPLACEMENT, state),)}


@pytest.mark.parametrize(
    ("stated", "eri", "eos"),
    [
        pytest.param(implanted("2020-03-15"), "2026-12-15", "2027-03-15", id="E1 age only"),
        pytest.param(
            {**implanted("2020-12-01"), **estimate("2026-06-01", "14")},
            "2027-08-01",
            "2027-10-30",
            id="E2 estimate before the cap",
        ),
        pytest.param(
            {**implanted("2022-01-01"), **eri_alarm("2026-10-10")},
            "2026-10-10",
            "2027-01-08",
            id="E3 ERI alarm",
        ),
        pytest.param(
            {**implanted("2022-01-01"), **estimate("2026-01-01", "9")},
            "2026-10-01",
            "2026-12-30",
            id="E4 aged estimate",
        ),
        pytest.param(
            {**implanted("2020-01-10"), **estimate("2026-11-01", "20")},
            "2026-10-12",
            "2027-01-10",
            id="E5 cap before the estimate",
        ),
        pytest.param(implanted("2019-11-30"), "2026-09-01", "2026-11-30", id="E7 overdue"),
    ],
)
def test_eri_and_eos_are_those_worked_by_hand(stated: dict[str, Any], eri: str, eos: str):
    found = battery(**stated)
    assert found["eriDate"] == date.fromisoformat(eri)
    assert found["eosDate"] == date.fromisoformat(eos)
    assert found["dated"] is True


@pytest.mark.parametrize(
    ("stated", "to_eos"),
    [
        pytest.param(implanted("2020-03-15"), 113, id="E1"),
        pytest.param(eri_alarm("2026-10-10"), 47, id="E3"),
        pytest.param({**implanted("2022-01-01"), **estimate("2026-01-01", "9")}, 38, id="E4"),
        pytest.param(implanted("2020-01-10"), 49, id="E5"),
        pytest.param(implanted("2019-11-30"), 8, id="E7"),
    ],
)
def test_days_to_eos_are_those_worked_by_hand(stated: dict[str, Any], to_eos: int):
    assert battery(**stated)["daysToEos"] == to_eos


def test_planning_starts_six_months_and_ordering_three_months_before_eri():
    """E1: ERI 15 Dec 2026."""
    found = battery(**implanted("2020-03-15"))
    assert found["planFromDate"] == date(2026, 6, 15)
    assert found["orderByDate"] == date(2026, 9, 15)


def test_e2_is_neither_to_be_ordered_nor_to_be_planned_yet():
    """ERI 1 Aug 2027: plan from 1 Feb 2027, order from 1 May 2027."""
    found = battery(**{**implanted("2020-12-01"), **estimate("2026-06-01", "14")})
    assert found["orderByDate"] == date(2027, 5, 1)
    assert found["planFromDate"] == date(2027, 2, 1)
    assert found["daysToPlanFrom"] > 0


@pytest.mark.parametrize(
    ("recorded", "is_old"),
    [
        pytest.param("2026-06-01", False, id="E2: 174 days"),
        pytest.param("2026-05-22", False, id="six months to the day"),
        pytest.param("2026-05-21", True, id="six months and a day"),
        pytest.param("2026-01-01", True, id="E4"),
    ],
)
def test_an_estimate_is_old_after_six_months(recorded: str, is_old: bool):
    found = battery(**{**implanted("2022-01-01"), **estimate(recorded, "30")})
    assert found["estimateIsOld"] is is_old
    assert ("interrogate the pump again" in found["assumptions"]) is is_old


def test_a_cap_and_an_estimate_that_disagree_are_both_shown():
    told = battery(**{**implanted("2020-01-10"), **estimate("2026-11-01", "20")})["disagreement"]
    assert "29 Sep 2028" in told
    assert "10 Jan 2027" in told


def test_nothing_disagrees_where_only_one_figure_is_known():
    assert battery(**implanted("2020-01-10"))["disagreement"] == ""


def test_e6_of_an_unknown_model_only_the_age_is_claimed():
    found = battery(pumps=(a_pump(None),), **implanted("2020-08-14"))
    assert found["dated"] is False
    assert found["eosDate"] is None
    assert found["lifeKnown"] is False
    assert found["ageMonths"] == 75


@pytest.mark.parametrize(
    ("implant", "months"),
    [("2019-11-22", 84), ("2019-11-23", 83), ("2020-11-22", 72), ("2020-11-23", 71)],
)
def test_age_is_counted_in_completed_months(implant: str, months: int):
    assert battery(pumps=(a_pump(None),), **implanted(implant))["ageMonths"] == months


@pytest.mark.parametrize("model", ["8667-20", "13827"], ids=["SynchroMed III", "Prometra II"])
def test_the_life_of_other_models_is_not_known(model: str):
    found = battery(pumps=(a_pump(model),), **implanted("2020-03-15"))
    assert found["lifeKnown"] is False
    assert found["dated"] is False


def test_without_a_known_life_eos_is_said_to_be_assumed_90_days_after_eri():
    found = battery(pumps=(a_pump("8667-20"),), **eri_alarm("2026-10-10"))
    assert found["eosDate"] == date(2027, 1, 8)
    assert "assumed 90 days after ERI" in found["assumptions"]


def test_an_eri_date_the_pump_reported_counts():
    readings = (a_reading("2026-11-01", on("2027-02-01"), "Observation/eri"),)
    found = battery(eri_dates=readings, **implanted("2022-01-01"))
    assert found["eriDate"] == date(2027, 2, 1)
    assert found["eosDate"] == date(2027, 5, 2)


def test_an_eos_date_the_pump_reported_counts_when_it_is_earlier():
    readings = (a_reading("2026-11-01", on("2027-02-01"), "Observation/eos"),)
    found = battery(eos_dates=readings, **implanted("2022-01-01"))
    assert found["eosDate"] == date(2027, 2, 1)
    assert found["eriDate"] == date(2026, 11, 3)


def test_the_newest_estimate_replaces_an_older_one():
    readings = (
        a_reading("2026-01-01", Decimal(9), "Observation/old"),
        a_reading("2026-11-01", Decimal(20), "Observation/new"),
    )
    for order in (readings, readings[::-1]):
        found = battery(months_to_eri=order, **implanted("2024-01-01"))
        assert found["eriDate"] == date(2028, 7, 1)


def test_an_eri_alarm_holds_against_a_later_estimate():
    """Once ERI is reached, no estimate takes it back."""
    stated = {**implanted("2024-01-01"), **eri_alarm("2026-10-10"), **estimate("2026-11-01", "20")}
    assert battery(**stated)["eriDate"] == date(2026, 10, 10)


def test_of_several_eri_alarms_the_first_rules():
    alarms = (an_alarm("2026-10-20", Alarm.ERI), an_alarm("2026-10-10", Alarm.ERI))
    assert battery(alarms=alarms)["eriDate"] == date(2026, 10, 10)


def test_half_a_month_of_an_estimate_counts_as_15_days():
    found = battery(**{**implanted("2025-01-01"), **estimate("2026-11-01", "3.5")})
    assert found["eriDate"] == date(2027, 2, 16)


def test_an_end_of_service_alarm_is_noted():
    assert battery(alarms=(an_alarm("2026-11-20", Alarm.EOS),))["eosAlarm"] is True
    assert battery()["eosAlarm"] is False


def test_e9_a_replacement_restarts_everything():
    stated = {
        "surgeries": (
            a_surgery("2019-11-30"),
            a_surgery("2026-11-15", SurgeryKind.REPLACEMENT, "Procedure/new"),
        ),
        **eri_alarm("2026-10-10"),
    }
    found = battery(**stated)
    assert found["implantDate"] == date(2026, 11, 15)
    assert found["eriKnown"] is False
    assert found["eosDate"] == date(2033, 11, 15)


@pytest.mark.parametrize(
    ("state", "when", "is_dated", "after_eos"),
    [
        pytest.param(VisitState.BOOKED, "2026-12-10", True, -95, id="E8 booked in time"),
        pytest.param(VisitState.ORDERED, "2026-12-10", True, -95, id="E8 ordered with a date"),
        pytest.param(VisitState.BOOKED, "2027-03-15", True, 0, id="on EOS"),
        pytest.param(VisitState.BOOKED, "2027-03-20", True, 5, id="E8 after EOS"),
        pytest.param(VisitState.REQUESTED, "2026-12-10", False, None, id="only requested"),
        pytest.param(VisitState.BOOKED, "2026-11-22", True, -113, id="today"),
        pytest.param(VisitState.BOOKED, "2026-11-21", False, None, id="yesterday"),
    ],
)
def test_a_replacement_with_a_date_is_measured_against_eos(
    state: VisitState, when: str, is_dated: bool, after_eos: int | None
):
    found = battery(**{**implanted("2020-03-15"), **replacement(when, state)})
    assert found["replacementDated"] is is_dated
    assert found["replacementDaysAfterEos"] == after_eos


def test_an_implant_of_month_precision_counts_from_its_first_day_and_critically_from_its_last():
    found = battery(**implanted("2019-11"))
    assert found["eosDate"] == date(2026, 11, 1)
    assert found["daysToEos"] == -21
    assert found["daysToEosAtLatest"] == 8
    assert found["ageMonths"] == 84
    assert found["ageMonthsAtLeast"] == 83


def test_pumps_of_different_or_unknown_models_have_no_common_life():
    for other in (a_pump("8667-20", "Device/b"), a_pump(None, "Device/b")):
        found = battery(pumps=(a_pump("8637-20", "Device/a"), other), **implanted("2020-03-15"))
        assert found["lifeKnown"] is False


def test_without_implant_date_or_estimate_nothing_is_known_and_the_reason_is_given():
    found = facts_on(TODAY, a_therapy_record(**NOTHING_ELSE, surgeries=()))
    assert found["battery.dated"].value is False
    assert found["battery.implantDate"].unknown_because == "the implant date is not recorded"
    assert found["battery.eosDate"].unknown_because != ""
