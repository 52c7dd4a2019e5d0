"""Faults, repeated dose increases, MRI, skin, leaks, and the drug in the pump."""

from typing import Any

import pytest

from cds_service.therapy.record import (
    Cause,
    Complication,
    ComplicationKind,
    Origin,
    OtherDrug,
    Pump,
    PumpEvent,
    PumpEventKind,
    SurgeryKind,
)
from cds_service.therapy.signs import Sign
from tests.therapy.builders import (
    a_dose,
    a_fill,
    a_pump,
    a_sign,
    a_surgery,
    a_therapy_record,
    facts_on,
    found_on,
    on,
    proof,
    values_on,
)

TODAY = "2026-02-20"


def a_complication(kind: ComplicationKind, when: str | None) -> Complication:
    return Complication(kind, on(when) if when else None, proof("Condition/fault"))


def an_event(kind: PumpEventKind, when: str) -> PumpEvent:
    return PumpEvent(kind, on(when), proof(f"Procedure/{kind.name}", on(when)))


def values(today: str = TODAY, **stated: Any) -> dict[str, Any]:
    return values_on(today, a_therapy_record(**stated))


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("2025-11-22", True),
        ("2025-11-21", False),
        (None, True),
        ("2026-02-20", True),
    ],
    ids=["90 days", "91 days", "without a date", "today"],
)
def test_a_fault_is_told_for_90_days_or_while_it_has_no_date(when: str | None, told: bool):
    found = values(complications=(a_complication(ComplicationKind.CATHETER_FAULT, when),))
    assert found["delivery.catheterFault"] is told
    assert found["delivery.pumpFault"] is False


@pytest.mark.parametrize(
    ("revision", "told"), [("2026-02-10", False), ("2026-02-11", False), ("2026-02-09", True)]
)
def test_an_operation_on_the_day_or_later_answers_a_fault(revision: str, told: bool):
    found = values(
        complications=(a_complication(ComplicationKind.PUMP_FAULT, "2026-02-10"),),
        surgeries=(a_surgery("2025-01-15"), a_surgery(revision, SurgeryKind.REVISION)),
    )
    assert found["delivery.pumpFault"] is told


def test_a_pump_that_its_own_record_calls_faulty_is_one():
    pump = Pump(proof("Device/pump"), a_pump().model, is_faulty=True)
    assert values(pumps=(pump,))["delivery.pumpFault"] is True


def test_a_fault_is_unknown_where_diagnoses_could_not_be_read():
    record = a_therapy_record(unread={"conditions": "not sent"})
    assert facts_on(TODAY, record)["delivery.pumpFault"].is_missing


def doses(*steps: tuple[str, float]) -> tuple[Any, ...]:
    return tuple(a_dose(day, dose, reference=f"Observation/{day}") for day, dose in steps)


@pytest.mark.parametrize(
    ("steps", "escalated"),
    [
        pytest.param(
            [("2026-01-05", 300), ("2026-02-01", 330), ("2026-02-15", 360)], False, id="20 %"
        ),
        pytest.param(
            [("2026-01-05", 300), ("2026-02-01", 330), ("2026-02-15", 361)], True, id="20.3 %"
        ),
        pytest.param([("2026-01-05", 300), ("2026-02-15", 500)], False, id="one increase"),
        pytest.param(
            [("2026-01-05", 300), ("2026-01-20", 350), ("2026-02-15", 420)], False, id="31 days ago"
        ),
        pytest.param(
            [("2026-01-05", 300), ("2026-01-21", 350), ("2026-02-15", 420)], True, id="30 days ago"
        ),
        pytest.param(
            [("2026-01-05", 300), ("2026-02-01", 400), ("2026-02-05", 420), ("2026-02-10", 310)],
            False,
            id="taken back",
        ),
    ],
)
def test_two_increases_in_30_days_above_the_step_are_an_escalation(
    steps: list[tuple[str, float]], escalated: bool
):
    assert values(dose_statements=doses(*steps))["delivery.doseEscalated"] is escalated


@pytest.mark.parametrize(
    ("origins", "born", "escalated"),
    [
        ([Origin.SPINAL], "1980-05-01", False),
        ([Origin.SPINAL, Origin.CEREBRAL], "1980-05-01", True),
        ([Origin.CEREBRAL], "1980-05-01", True),
        ([], "1980-05-01", True),
        ([Origin.SPINAL], "2008-02-21", True),
        ([Origin.SPINAL], "2008-02-20", False),
    ],
    ids=["spinal", "both", "cerebral", "not found", "a day under 18", "18 today"],
)
def test_the_step_is_that_of_origin_and_age(origins: list[Origin], born: str, escalated: bool):
    """300 to 390 mcg/day is +30 %: above 20 %, not above 40 %."""
    found = values(
        dose_statements=doses(("2026-01-05", 300), ("2026-02-01", 330), ("2026-02-15", 390)),
        causes=tuple(Cause(each, "cause", None, proof("Condition/cause")) for each in origins),
        birth_date=on(born),
    )
    assert found["delivery.doseEscalated"] is escalated
    assert found["delivery.doseRisePercent"] == 30


@pytest.mark.parametrize(("implant", "escalated"), [("2025-12-22", False), ("2025-12-21", True)])
def test_while_the_dose_is_found_after_an_implant_nothing_is_an_escalation(
    implant: str, escalated: bool
):
    found = values(
        surgeries=(a_surgery(implant),),
        dose_statements=doses(("2026-01-05", 300), ("2026-02-01", 350), ("2026-02-15", 420)),
    )
    assert found["delivery.doseEscalated"] is escalated


@pytest.mark.parametrize(
    ("scan", "check", "now", "told"),
    [
        ("2026-02-19T12:00+00:00", None, "2026-02-20T12:00:00+00:00", False),
        ("2026-02-19T12:00+00:00", None, "2026-02-20T12:00:01+00:00", True),
        ("2026-02-19", None, "2026-02-20T23:59:00+00:00", False),
        ("2026-02-19", None, "2026-02-21T00:00:00+00:00", True),
        ("2026-02-06", None, "2026-02-20T12:00:00+00:00", True),
        ("2026-02-05", None, "2026-02-20T12:00:00+00:00", False),
        ("2026-02-15", "2026-02-14", "2026-02-20T12:00:00+00:00", True),
        ("2026-02-15", "2026-02-15", "2026-02-20T12:00:00+00:00", False),
        ("2026-02-15", "2026-02-19", "2026-02-20T12:00:00+00:00", False),
        (
            "2026-02-15T12:00+00:00",
            "2026-02-15T09:00+00:00",
            "2026-02-20T12:00:00+00:00",
            True,
        ),
    ],
)
def test_a_scan_without_a_check_is_told_after_a_day(
    scan: str, check: str | None, now: str, told: bool
):
    events = [an_event(PumpEventKind.MRI, scan)]
    events += [an_event(PumpEventKind.INTERROGATION, check)] if check else []
    found = found_on(now, a_therapy_record(events=tuple(events))).facts
    assert found["delivery.mriUnchecked"].value is told


@pytest.mark.parametrize(
    ("signs", "exposed", "broken"),
    [
        ([("2026-01-21", Sign.SKIN_BREAKDOWN, True)], False, True),
        ([("2026-01-20", Sign.SKIN_BREAKDOWN, True)], False, False),
        ([("2026-02-10", Sign.EXPOSED_HARDWARE, True)], True, False),
        (
            [("2026-02-10", Sign.SKIN_BREAKDOWN, True), ("2026-02-11", Sign.SKIN_BREAKDOWN, False)],
            False,
            False,
        ),
    ],
    ids=["30 days", "31 days", "exposed", "healed"],
)
def test_the_newest_look_at_the_skin_decides(
    signs: list[tuple[str, Sign, bool]], exposed: bool, broken: bool
):
    found = values(signs=tuple(a_sign(*sign) for sign in signs))
    assert (found["skin.exposed"], found["skin.breakdown"]) == (exposed, broken)


def a_filling(when: str, name: str = "morphine", **stated: Any) -> OtherDrug:
    return OtherDrug(name, on(when), proof("MedicationAdministration/other"), **stated)


@pytest.mark.parametrize(
    ("fills", "others", "holds_other"),
    [
        pytest.param([], [a_filling("2026-02-01")], True, id="never baclofen"),
        pytest.param(["2026-01-05"], [a_filling("2026-02-01")], True, id="after baclofen"),
        pytest.param(["2026-02-01"], [a_filling("2026-01-05")], False, id="before baclofen"),
        pytest.param(["2026-02-01"], [a_filling("2026-02-01")], False, id="the same day"),
        pytest.param(["2026-02-01"], [], False, id="baclofen only"),
        pytest.param([], [], False, id="nothing known"),
    ],
)
def test_the_newest_filling_says_what_the_pump_holds(
    fills: list[str], others: list[OtherDrug], holds_other: bool
):
    record = a_therapy_record(
        fills=tuple(a_fill(day) for day in fills), other_drugs=tuple(others), dose_statements=()
    )
    found = values_on(TODAY, record)
    assert found["pump.holdsOtherDrug"] is holds_other
    assert found["otherDrug.replacedBaclofen"] is (holds_other and bool(fills))


def test_a_prescription_of_another_drug_counts_only_without_any_baclofen():
    ordered = a_filling("2026-02-01", is_filling=False)
    without = a_therapy_record(fills=(), dose_statements=(), other_drugs=(ordered,))
    assert values_on(TODAY, without)["pump.holdsOtherDrug"] is True
    assert values(other_drugs=(ordered,))["pump.holdsOtherDrug"] is False


@pytest.mark.parametrize(("today", "is_over"), [("2026-02-15", False), ("2026-02-16", True)])
def test_the_watch_after_the_last_baclofen_lasts_14_days(today: str, is_over: bool):
    found = values(today, other_drugs=(a_filling("2026-02-01", "saline", is_flush=True),))
    assert found["otherDrug.noBaclofenLeft"] is is_over


def test_a_procedure_of_refilling_does_not_say_that_it_was_baclofen():
    record = a_therapy_record(
        fills=(a_fill("2026-02-05", volume=None, concentration=None, names_drug=False),),
        other_drugs=(a_filling("2026-02-05"),),
        dose_statements=(),
    )
    assert values_on(TODAY, record)["pump.holdsOtherDrug"] is True


def test_a_day_of_manufacture_gives_the_age_at_most_and_no_critical():
    """Made 1 Feb 2019: 84 months have passed, but the pump may have been put in much later."""
    pump = Pump(proof("Device/pump"), a_pump().model, made=on("2019-02-01"))
    record = a_therapy_record(pumps=(pump,), surgeries=())
    found = values_on(TODAY, record)
    assert found["battery.eosDate"].isoformat() == "2026-02-01"
    assert found["battery.daysToEosAtLatest"] > 0
    assert "implanted then or later" in found["battery.assumptions"]
    assert found["surgery.known"] is False


def test_two_pumps_in_place_are_a_contradiction():
    record = a_therapy_record(pumps=(a_pump(), a_pump(reference="Device/second")))
    problems = [found.problem for found in found_on(TODAY, record).conflicts]
    assert any("2 implanted pumps are recorded as active" in told for told in problems)
