"""The oracle itself against the worked cases R1 to R18, E1 to E12 and P1 to P7."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from tests.oracle.battery_oracle import BatteryRecord, battery_expected, service_end
from tests.oracle.calendar_days import add_months
from tests.oracle.patient_story import Story, expected
from tests.oracle.pump_record import (
    BatteryEstimate,
    DoseStatement,
    Fill,
    PumpAlarm,
    ReplacementRequest,
    ReportedAlarm,
    Sign,
    Surgery,
    Temperature,
    Visit,
)
from tests.oracle.refill_oracle import Cycle, RefillRecord, cycle_from, refill_expected
from tests.oracle.wound_oracle import WoundRecord, wound_expected


def day(text: str) -> date:
    return date.fromisoformat(text)


def a_refill(filled: str, volume: int, alarm_volume: int, strength: int, dose: str) -> RefillRecord:
    fill = Fill(
        day(filled), day(filled), dose_ml=Fraction(volume), concentration=Fraction(strength)
    )
    stated = DoseStatement(day(filled), Fraction(dose), "observation")
    return RefillRecord(
        day(filled) + timedelta(days=1),
        (fill,),
        (stated,),
        alarm_volume_ml=Fraction(alarm_volume),
    )


def the_cycle(record: RefillRecord) -> Cycle:
    found = cycle_from(record, list(record.fills), record.fills[0].first)
    assert found is not None
    return found


def refill_topic(record: RefillRecord, today: str) -> str | None:
    return next(iter(refill_expected(replace(record, today=day(today))).topics), None)


R1 = a_refill("2026-01-05", 20, 2, 500, "100")
R10 = a_refill("2028-02-20", 20, 2, 500, "600")
R12 = a_refill("2026-07-01", 20, 2, 500, "1000")
R16 = RefillRecord(day("2026-06-09"), (Fill(day("2026-01-10"), day("2026-01-10")),))
REFILL_ROWS = {
    "R1": (R1, "2026-04-05", "2026-04-15", "2026-03-29"),
    "R2": (
        a_refill("2026-01-12", 40, 2, 2000, "350"),
        "2026-08-17",
        "2026-08-28",
        "2026-07-11",
    ),
    "R3": (a_refill("2026-03-02", 20, 2, 2000, "800"), "2026-04-16", "2026-04-21", "2026-04-09"),
    "R4": (a_refill("2026-02-16", 40, 2, 500, "250"), "2026-05-03", "2026-05-07", "2026-04-26"),
    "R5": (a_refill("2026-04-01", 20, 1, 1000, "300"), "2026-06-03", "2026-06-06", "2026-05-27"),
    "R6": (a_refill("2026-05-04", 18, 2, 500, "150"), "2026-06-26", "2026-07-03", "2026-06-19"),
    "R7": (a_refill("2026-01-01", 20, 2, 500, "50"), "2026-06-30", "2026-07-20", "2026-06-23"),
    "R8": (a_refill("2026-01-20", 40, 2, 1000, "138"), "2026-10-22", "2026-11-05", "2026-07-19"),
    "R9": (a_refill("2026-06-08", 20, 2, 2000, "200"), "2026-12-05", "2026-12-25", "2026-11-28"),
    "R10": (R10, "2028-03-06", "2028-03-07", "2028-02-28"),
    "R11": (a_refill("2026-01-05", 20, 4, 500, "100"), "2026-03-26", "2026-04-15", "2026-03-19"),
    "R12": (R12, "2026-07-10", "2026-07-11", "2026-07-03"),
}


@pytest.mark.parametrize(
    ("record", "alarm", "empty", "target"), REFILL_ROWS.values(), ids=REFILL_ROWS
)
def test_refill_dates_are_those_worked_by_hand(
    record: RefillRecord, alarm: str, empty: str, target: str
) -> None:
    cycle = the_cycle(record)
    assert (cycle.alarm, cycle.empty, cycle.target) == (day(alarm), day(empty), day(target))


def test_r13_a_dose_change_inside_the_cycle_is_honoured() -> None:
    first = a_refill("2026-02-01", 20, 2, 500, "100")
    raised = DoseStatement(day("2026-03-03"), Fraction(115), "observation")
    cycle = the_cycle(replace(first, doses=(*first.doses, raised), today=day("2026-03-10")))
    assert (cycle.alarm, cycle.empty) == (day("2026-04-24"), day("2026-05-02"))


@pytest.mark.parametrize(
    ("today", "topic"),
    [
        ("2026-02-20", None),
        ("2026-02-27", "itbRefillUpcoming"),
        ("2026-03-28", "itbRefillUpcoming"),
        ("2026-03-29", "itbRefillDue"),
        ("2026-04-04", "itbRefillDue"),
        ("2026-04-05", "itbRefillOverdue"),
        ("2026-04-15", "itbReservoirEmpty"),
    ],
)
def test_r15_the_ladder_without_a_booking(today: str, topic: str | None) -> None:
    assert refill_topic(R1, today) == topic


@pytest.mark.parametrize(
    ("visit", "today", "topic"),
    [
        (Visit(day("2026-03-27"), "refill-visit", "booked"), "2026-02-27", None),
        (Visit(day("2026-04-08"), "refill-visit", "booked"), "2026-02-27", "itbRefillDue"),
        (Visit(day("2026-03-27"), "refill-visit", "noshow"), "2026-03-28", "itbRefillDue"),
    ],
    ids=["in-time", "after-the-alarm", "missed"],
)
def test_r15_visits(visit: Visit, today: str, topic: str | None) -> None:
    assert refill_topic(replace(R1, visits=(visit,)), today) == topic


def test_r15_a_recorded_refill_starts_a_new_cycle() -> None:
    again = replace(R1.fills[0], first=day("2026-03-27"), last=day("2026-03-27"))
    assert refill_topic(replace(R1, fills=(*R1.fills, again)), "2026-03-27") is None
    assert refill_topic(replace(R1, fills=(*R1.fills, again)), "2026-03-28") is None


def test_r10_r12_short_reserve_raises_unless_booked_before_the_alarm() -> None:
    assert refill_topic(R12, "2026-07-01") is None
    assert refill_topic(R12, "2026-07-02") == "itbRefillDue"
    assert refill_topic(R12, "2026-07-03") == "itbRefillOverdue"
    booked = (Visit(day("2026-07-09"), "refill-visit", "booked"),)
    assert refill_topic(replace(R12, visits=booked), "2026-07-03") == "itbRefillUpcoming"
    assert refill_topic(R10, "2028-02-28") == "itbRefillOverdue"


@pytest.mark.parametrize(
    ("today", "topic", "could_not_check"),
    [
        ("2026-02-09", None, False),
        ("2026-02-10", None, True),
        ("2026-06-09", None, True),
        ("2026-06-10", "itbRefillDue", None),
        ("2026-07-10", "itbRefillDue", None),
        ("2026-07-11", "itbRefillOverdue", None),
    ],
)
def test_r16_the_interval_alone(
    today: str, topic: str | None, could_not_check: bool | None
) -> None:
    answer = refill_expected(replace(R16, today=day(today)))
    assert next(iter(answer.topics), None) == topic
    assert answer.could_not_check is could_not_check


def test_r16_month_ends() -> None:
    assert add_months(day("2026-08-31"), 6) == day("2027-02-28")


@pytest.mark.parametrize(
    ("reported", "alarm", "empty", "conflict"),
    [
        ("2026-03-24", "2026-03-24", "2026-04-03", True),
        ("2026-03-29", "2026-03-29", "2026-04-08", False),
        ("2026-04-02", "2026-04-02", "2026-04-12", False),
        ("2026-04-12", "2026-04-05", "2026-04-15", False),
        ("2026-04-13", "2026-04-05", "2026-04-15", True),
    ],
)
def test_r17_the_earlier_alarm_rules(reported: str, alarm: str, empty: str, conflict: bool) -> None:
    told = ReportedAlarm(day("2026-01-20"), day(reported))
    cycle = the_cycle(replace(R1, reported=(told,), today=day("2026-02-01")))
    assert (cycle.alarm, cycle.empty) == (day(alarm), day(empty))
    assert cycle.conflict is conflict


def test_r18_an_impossible_dose_is_refused_with_a_conflict() -> None:
    refused = DoseStatement(day("2026-02-01"), None, "observation", over_limit=True)
    answer = refill_expected(replace(R1, doses=(refused,), today=day("2026-02-20")))
    assert answer.data_conflict is True
    assert answer.could_not_check is True


def a_battery(implant: str | None, model: str | None = "8637-40") -> BatteryRecord:
    when = day(implant) if implant else None
    return BatteryRecord(day("2026-11-22"), when, when, model)


E1, E7 = a_battery("2020-03-15"), a_battery("2019-11-30")
READ_2026_06 = BatteryEstimate(day("2026-06-01"), months=14)
BATTERY_ROWS = {
    "E1": (E1, "itbBatteryOrder"),
    "E1-eri-reached": (replace(E1, today=day("2026-12-15")), "itbBatteryCritical"),
    "E2": (replace(a_battery("2020-12-01"), estimates=(READ_2026_06,)), None),
    "E2-six-months-before": (
        replace(a_battery("2020-12-01"), estimates=(READ_2026_06,), today=day("2027-02-01")),
        "itbBatteryPlan",
    ),
    "E3": (
        replace(a_battery(None), alarms=(PumpAlarm(day("2026-10-10"), "eri"),)),
        "itbBatteryCritical",
    ),
    "E4": (
        replace(a_battery(None), estimates=(BatteryEstimate(day("2026-01-01"), months=9),)),
        "itbBatteryCritical",
    ),
    "E5": (
        replace(
            a_battery("2020-01-10"), estimates=(BatteryEstimate(day("2026-11-01"), months=20),)
        ),
        "itbBatteryCritical",
    ),
    "E6": (a_battery("2020-08-14", None), "itbBatteryOrder"),
    "E7": (E7, "itbBatteryCritical"),
    "E7-past": (replace(E7, today=day("2026-12-01")), "itbBatteryCritical"),
    "E8": (
        replace(E1, requests=(ReplacementRequest(day("2026-12-10"), "active"),)),
        "itbBatteryPlan",
    ),
    "E8-too-late": (
        replace(E1, visits=(Visit(day("2027-03-20"), "replacement-surgery", "booked"),)),
        "itbBatteryCritical",
    ),
    "E9": (a_battery("2026-11-15"), None),
    "E10": (a_battery("2024-02-02"), None),
    "unknown": (a_battery(None), "itbBatteryUnknown"),
}


@pytest.mark.parametrize(("record", "topic"), BATTERY_ROWS.values(), ids=BATTERY_ROWS)
def test_battery_topics_are_those_worked_by_hand(record: BatteryRecord, topic: str | None) -> None:
    assert next(iter(battery_expected(record).topics), None) == topic


@pytest.mark.parametrize(
    ("row", "eri", "eos"),
    [
        ("E1", "2026-12-15", "2027-03-15"),
        ("E2", "2027-08-01", "2027-10-30"),
        ("E3", "2026-10-10", "2027-01-08"),
        ("E4", "2026-10-01", "2026-12-30"),
        ("E5", "2026-10-12", "2027-01-10"),
        ("E7", "2026-09-01", "2026-11-30"),
    ],
)
def test_battery_dates_are_those_worked_by_hand(row: str, eri: str, eos: str) -> None:
    record = BATTERY_ROWS[row][0]
    assert service_end(record, record.implant) == (day(eri), day(eos))


NOV_22 = datetime(2026, 11, 22, 9, tzinfo=UTC)


def an_operation(when: str, kind: str) -> Surgery:
    return Surgery(day(when), day(when), kind)


def test_e11_a_same_day_pair_is_a_replacement() -> None:
    story = Story(
        0,
        NOV_22,
        "8637-40",
        (an_operation("2019-11-30", "implant"), an_operation("2026-11-15", "replacement")),
    )
    assert expected(story).topics == {"itbRecoveryPlan"}


def test_e12_an_explant_silences_fill_and_battery() -> None:
    story = Story(
        0,
        NOV_22,
        "8637-40",
        (an_operation("2019-11-30", "implant"), an_operation("2026-11-15", "explant")),
    )
    assert expected(story).topics == {"itbTherapyStopped"}
    later = replace(story, now=NOV_22 + timedelta(days=8))
    assert expected(later).topics == {"itbInfectionFollowUp"}


def a_wound(pod: int, *signs: str, celsius: str | None = None) -> WoundRecord:
    now = datetime(2026, 6, 1, 9, tzinfo=UTC) + timedelta(days=pod)
    taken = [Temperature(now - timedelta(hours=1), Fraction(celsius))] if celsius else []
    present = tuple(Sign(now.date(), name, True) for name in signs)
    return WoundRecord(now, day("2026-06-01"), present, tuple(taken))


CHECKED = (Visit(day("2026-06-12"), "wound-check", "fulfilled"),)
WOUND_ROWS = {
    "P1": (a_wound(9, "incision-drainage", celsius="38.4"), "itbInfectionEmergency"),
    "P2": (a_wound(9, "incision-swelling", celsius="37.2"), "itbInfectionSigns"),
    "P3": (a_wound(20), "itbInfectionFollowUp"),
    "P3-checked": (replace(a_wound(20), visits=CHECKED), None),
    "P4-day-90": (a_wound(90, "incision-discoloration"), "itbInfectionSigns"),
    "P4-day-91": (a_wound(91, "incision-discoloration"), "itbInfectionSigns"),
    "P5": (a_wound(200, celsius="38.6"), None),
    "day-9-no-check-yet": (a_wound(9), None),
    "day-91": (a_wound(91), None),
}


@pytest.mark.parametrize(("record", "topic"), WOUND_ROWS.values(), ids=WOUND_ROWS)
def test_wound_topics_are_those_worked_by_hand(record: WoundRecord, topic: str | None) -> None:
    assert next(iter(wound_expected(record).topics), None) == topic


@pytest.mark.parametrize(
    ("today", "topics"),
    [
        ("2026-06-11", {"itbRecoveryPlan", "itbInfectionFollowUp"}),
        ("2026-07-27", {"itbRecoveryPlan", "itbInfectionFollowUp"}),
        ("2026-07-28", {"itbInfectionFollowUp"}),
        ("2026-08-30", {"itbInfectionFollowUp"}),
        ("2026-08-31", set()),
    ],
)
def test_post_operative_windows(today: str, topics: set[str]) -> None:
    fill = replace(R1.fills[0], first=day("2026-06-01"), last=day("2026-06-01"))
    dose = DoseStatement(day("2026-06-01"), Fraction(20), "observation")
    booked = (Visit(day("2026-11-25"), "refill-visit", "booked"),)
    now = datetime.combine(day(today), datetime.min.time(), UTC)
    surgeries = (an_operation("2026-06-01", "implant"),)
    story = Story(0, now, "8637-20", surgeries, (fill,), (dose,), visits=booked)
    assert expected(story).topics == topics


@pytest.mark.parametrize(
    ("today", "is_open"), [("2026-08-31", True), ("2026-10-18", True), ("2026-10-19", False)]
)
def test_p7_a_revision_restarts_the_window(today: str, is_open: bool) -> None:
    now = datetime.combine(day(today), datetime.min.time(), UTC)
    surgeries = (an_operation("2026-06-01", "implant"), an_operation("2026-07-20", "revision"))
    story = Story(0, now, "8637-20", surgeries)
    assert ("itbInfectionFollowUp" in expected(story).topics) is is_open
