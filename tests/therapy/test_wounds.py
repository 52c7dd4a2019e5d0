"""The infection window, signs, temperatures and wound checks."""

from datetime import date
from decimal import Decimal
from itertools import permutations
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cds_service.therapy.calendar import When
from cds_service.therapy.fact import Fact
from cds_service.therapy.record import Evidence, SurgeryKind, TherapyRecord, VisitKind, VisitState
from cds_service.therapy.signs import Sign
from cds_service.therapy.wounds import highest_temperature
from tests.therapy.builders import (
    THRESHOLDS,
    a_reading,
    a_sign,
    a_surgery,
    a_temperature,
    a_therapy_record,
    a_visit,
    facts_on,
    on,
    values_on,
)

TODAY = "2026-06-20"
AFTER_SURGERY = (a_surgery("2026-06-01"),)
FACT_BY_SIGN = {
    Sign.DRAINAGE: "drainage",
    Sign.DISCOLORATION: "discoloration",
    Sign.SWELLING: "swelling",
    Sign.PAIN: "pain",
    Sign.DEHISCENCE: "dehiscence",
    Sign.EXPOSED_HARDWARE: "exposedHardware",
    Sign.FEVER: "feverNoted",
    Sign.NECK_STIFFNESS: "neckStiffness",
    Sign.PHOTOPHOBIA: "photophobia",
    Sign.ALTERED_MENTAL_STATE: "alteredMentalState",
    Sign.SEVERE_HEADACHE: "severeHeadache",
    Sign.SEIZURE: "seizure",
    Sign.POSITIVE_WOUND_CULTURE: "positiveWoundCulture",
    Sign.POSITIVE_CSF_CULTURE: "positiveCsfCulture",
}


def after_surgery(today: str = TODAY, **stated: Any) -> dict[str, Any]:
    return values_on(today, a_therapy_record(**{"surgeries": AFTER_SURGERY, **stated}))


@pytest.mark.parametrize(
    ("today", "day"),
    [
        ("2026-06-01", 0),
        ("2026-06-02", 1),
        ("2026-06-11", 10),
        ("2026-06-29", 28),
        ("2026-07-27", 56),
        ("2026-08-30", 90),
        ("2026-08-31", 91),
    ],
)
def test_the_day_of_surgery_is_day_0(today: str, day: int):
    """The table of post-operative days: surgery on 1 Jun 2026."""
    assert after_surgery(today)["surgery.postoperativeDay"] == day


def test_the_window_ends_on_day_90():
    assert after_surgery()["infection.windowEnd"] == date(2026, 8, 30)


def test_p7_a_later_revision_opens_the_window_anew():
    surgeries = (*AFTER_SURGERY, a_surgery("2026-07-20", SurgeryKind.REVISION))
    found = after_surgery("2026-07-21", surgeries=surgeries)
    assert found["infection.windowEnd"] == date(2026, 10, 18)
    assert found["surgery.kind"] == "revision"


def test_an_explant_keeps_the_window_open():
    surgeries = (a_surgery("2025-01-15"), a_surgery("2026-06-01", SurgeryKind.EXPLANT))
    assert after_surgery(surgeries=surgeries)["infection.windowEnd"] == date(2026, 8, 30)


@pytest.mark.parametrize("sign", FACT_BY_SIGN, ids=lambda sign: sign.value)
def test_each_sign_has_its_fact(sign: Sign):
    found = after_surgery(signs=(a_sign(TODAY, sign),))
    present = {name for name in FACT_BY_SIGN.values() if found[f"infection.{name}"]}
    assert present == {FACT_BY_SIGN[sign]}


@pytest.mark.parametrize(
    ("recorded", "counts"),
    [
        pytest.param("2026-06-20", True, id="today"),
        pytest.param("2026-06-06", True, id="14 days ago"),
        pytest.param("2026-06-05", False, id="15 days ago"),
    ],
)
def test_a_sign_counts_for_14_days(recorded: str, counts: bool):
    found = after_surgery(signs=(a_sign(recorded, Sign.SWELLING),))
    assert found["infection.swelling"] is counts


def test_a_sign_of_month_precision_counts_to_its_last_day():
    surgeries = (a_surgery("2026-04-01"),)
    signs = (a_sign("2026-05", Sign.SWELLING),)
    assert after_surgery("2026-06-14", surgeries=surgeries, signs=signs)["infection.swelling"]
    assert not after_surgery("2026-06-15", surgeries=surgeries, signs=signs)["infection.swelling"]


@pytest.mark.parametrize(
    ("readings", "present"),
    [
        pytest.param([("2026-06-10", True), ("2026-06-15", False)], False, id="gone since"),
        pytest.param([("2026-06-10", False), ("2026-06-15", True)], True, id="new since"),
        pytest.param([("2026-06-15", True), ("2026-06-15", False)], True, id="both on one day"),
        pytest.param(
            [("2026-06-15T08:00+00:00", True), ("2026-06-15T16:00+00:00", False)],
            False,
            id="gone later that day",
        ),
        pytest.param(
            [("2026-06-15T08:00+00:00", False), ("2026-06-15T16:00+00:00", True)],
            True,
            id="come later that day",
        ),
        pytest.param(
            [("2026-06-15T18:00+00:00", True), ("2026-06-15T08:00-10:00", False)],
            True,
            id="one moment in two zones",
        ),
    ],
)
def test_the_newest_reading_of_a_sign_decides(readings: list[tuple[str, bool]], present: bool):
    signs = [
        a_sign(when, Sign.DRAINAGE, found, reference=f"Observation/{number}")
        for number, (when, found) in enumerate(readings)
    ]
    for order in permutations(signs):
        assert after_surgery(signs=tuple(order))["infection.drainage"] is present


def test_a_sign_without_time_is_not_taken_back_by_one_with_a_time_that_day():
    """Which of the two came later is not known: the one present is kept."""
    signs = (
        a_sign("2026-06-15", Sign.DRAINAGE, True, reference="Observation/a"),
        a_sign("2026-06-15T08:00+00:00", Sign.DRAINAGE, False, reference="Observation/b"),
    )
    for order in permutations(signs):
        assert after_surgery(signs=order)["infection.drainage"] is True


def test_pain_is_increasing_only_while_it_is_present():
    worse = a_sign(TODAY, Sign.PAIN, True, increasing=True)
    gone = a_sign(TODAY, Sign.PAIN, False, increasing=True)
    assert after_surgery(signs=(worse,))["infection.painIncreasing"] is True
    assert after_surgery(signs=(gone,))["infection.painIncreasing"] is False


def at(moment: str, taken: str, zone: str = "UTC") -> Decimal | None:
    """The highest temperature at a local moment, of one of 38.4 taken at another."""
    local = ZoneInfo(zone)
    now, then = on(moment).instant, on(taken).instant
    assert now is not None
    assert then is not None
    now, then = now.astimezone(local), then.astimezone(local)
    reading = a_reading("2026-01-01", Decimal("38.4"))
    when = When(then.date(), then.date(), then)
    record = TherapyRecord(temperatures=(type(reading)(reading.value, when, reading.evidence),))
    found = highest_temperature(record, THRESHOLDS, now, now.date())
    return found.value if found else None


@pytest.mark.parametrize(
    ("taken", "counts"),
    [
        pytest.param("2026-06-17T12:00:00+00:00", True, id="72 h exactly"),
        pytest.param("2026-06-17T11:59:59+00:00", False, id="72 h and a second"),
        pytest.param("2026-06-17T14:00:00+02:00", True, id="72 h exactly, in another zone"),
        pytest.param("2026-06-20T11:00:00+00:00", True, id="an hour ago"),
    ],
)
def test_a_temperature_counts_for_72_hours(taken: str, counts: bool):
    assert (at("2026-06-20T12:00+00:00", taken) is not None) is counts


@pytest.mark.parametrize(
    ("now", "taken", "counts"),
    [
        pytest.param(
            "2026-03-09T09:00-04:00", "2026-03-06T08:00-05:00", True, id="spring: 72 h exactly"
        ),
        pytest.param(
            "2026-03-09T09:00-04:00", "2026-03-06T07:59-05:00", False, id="spring: a minute more"
        ),
        pytest.param(
            "2026-11-02T09:00-05:00", "2026-10-30T10:00-04:00", True, id="autumn: 72 h exactly"
        ),
        pytest.param(
            "2026-11-02T09:00-05:00", "2026-10-30T09:59-04:00", False, id="autumn: a minute more"
        ),
    ],
)
def test_72_hours_are_72_hours_when_the_clocks_change(now: str, taken: str, counts: bool):
    """New York: 9 Mar 2026 follows a day of 23 hours, 2 Nov 2026 one of 25."""
    assert (at(now, taken, "America/New_York") is not None) is counts


@pytest.mark.parametrize(
    ("taken", "counts"),
    [("2026-06-17", True), ("2026-06-16", False)],
    ids=["three days ago", "four days ago"],
)
def test_a_temperature_without_time_counts_for_three_days(taken: str, counts: bool):
    found = after_surgery(temperatures=(a_temperature(taken, 38.4),))
    assert found["infection.temperatureTaken"] is counts


def test_the_highest_temperature_rules():
    taken = (a_temperature("2026-06-18", 38.4), a_temperature("2026-06-20", 37.0))
    for order in permutations(taken):
        found = after_surgery(temperatures=order)
        assert found["infection.highestTemperature"] == Decimal("38.4")


def test_the_signs_found_are_listed_with_their_dates():
    told = after_surgery(
        signs=(a_sign("2026-06-10", Sign.DRAINAGE), a_sign("2026-06-11", Sign.PAIN, True, True)),
        temperatures=(a_temperature("2026-06-20", 38.4),),
    )["infection.signsFound"]
    assert "drainage from an incision (10 Jun 2026)" in told
    assert "pain at incision or pump site (11 Jun 2026, increasing)" in told
    assert "temperature 38.4 °C (20 Jun 2026)" in told


def test_an_absent_sign_is_not_listed():
    told = after_surgery(signs=(a_sign(TODAY, Sign.DRAINAGE, False),))["infection.signsFound"]
    assert "drainage" not in told


def test_the_signs_that_nobody_assessed_are_named():
    """Absence from the record is not absence: drainage was asked, fever measured, the rest not."""
    told = after_surgery(
        signs=(a_sign(TODAY, Sign.DRAINAGE, False), a_sign(TODAY, Sign.PAIN)),
        temperatures=(a_temperature("2026-06-20", 36.8),),
    )["infection.signsNotAssessed"]
    assert told == (
        "skin discoloration over pump or back, swelling over pump or back, wound dehiscence, "
        "exposed pump or catheter, neck stiffness, photophobia, altered mental state, "
        "new severe headache, seizure"
    )
    assert "fever" in after_surgery()["infection.signsNotAssessed"]


@pytest.mark.parametrize("key", ["observations", "conditions"])
def test_what_could_not_be_read_is_not_called_not_assessed(key: str):
    record = a_therapy_record(surgeries=AFTER_SURGERY, unread={key: "was not sent"})
    assert facts_on(TODAY, record)["infection.signsNotAssessed"].value is None


def a_check(when: str, state: VisitState) -> Any:
    return a_visit(when, VisitKind.WOUND_CHECK, state)


@pytest.mark.parametrize(
    ("stated", "is_done"),
    [
        pytest.param({"visits": (a_check("2026-06-07", VisitState.FULFILLED),)}, False, id="day 6"),
        pytest.param({"visits": (a_check("2026-06-08", VisitState.FULFILLED),)}, True, id="day 7"),
        pytest.param({"visits": (a_check("2026-06-12", VisitState.NO_SHOW),)}, False, id="no show"),
        pytest.param({"visits": (a_check("2026-06-12", VisitState.BOOKED),)}, False, id="booked"),
        pytest.param(
            {"signs": (a_sign("2026-06-08", Sign.SWELLING, False),)}, True, id="looked at on day 7"
        ),
        pytest.param(
            {"signs": (a_sign("2026-06-07", Sign.SWELLING, False),)}, False, id="looked at on day 6"
        ),
        pytest.param(
            {"signs": (a_sign("2026-06-08", Sign.NECK_STIFFNESS, False),)},
            False,
            id="another thing looked at",
        ),
        pytest.param(
            {"visits": (a_visit("2026-06-12", VisitKind.FOLLOW_UP, VisitState.FULFILLED),)},
            False,
            id="another visit kept",
        ),
    ],
)
def test_the_wound_is_checked_from_day_7_on(stated: dict[str, Any], is_done: bool):
    assert after_surgery(**stated)["infection.woundCheckDone"] is is_done


@pytest.mark.parametrize(
    ("booked", "today", "counts"),
    [
        pytest.param("2026-06-15", "2026-06-12", True, id="by day 14"),
        pytest.param("2026-06-16", "2026-06-12", False, id="on day 15"),
        pytest.param("2026-06-15", "2026-06-15", True, id="today"),
        pytest.param("2026-06-14", "2026-06-15", False, id="the day has passed"),
    ],
)
def test_a_check_booked_by_day_14_counts_until_it_has_passed(booked: str, today: str, counts: bool):
    found = after_surgery(today, visits=(a_check(booked, VisitState.BOOKED),))
    assert found["infection.woundCheckBooked"] is counts


def test_unread_observations_make_signs_unknown_not_absent():
    record = a_therapy_record(
        surgeries=AFTER_SURGERY,
        unread={"observations": "was not sent", "conditions": "was not sent"},
    )
    found = facts_on(TODAY, record)
    names = (*FACT_BY_SIGN.values(), "temperatureTaken", "woundCheckDone", "deviceInfection")
    for name in names:
        fact: Fact = found[f"infection.{name}"]
        assert fact.value is None, name
        assert "could not be read" in fact.unknown_because


def test_a_sign_found_stays_found_when_not_everything_was_read():
    record = a_therapy_record(
        surgeries=AFTER_SURGERY,
        signs=(a_sign(TODAY, Sign.DRAINAGE),),
        unread={"observations": "only the first page was sent"},
    )
    assert facts_on(TODAY, record)["infection.drainage"].value is True


def test_a_device_infection_is_a_fact_with_its_diagnosis():
    found = after_surgery(device_infections=(Evidence("Condition/c", "Pump infection"),))
    assert found["infection.deviceInfection"] is True
    assert "Pump infection" in found["infection.signsFound"]


def test_without_surgery_there_is_no_window():
    found = values_on(TODAY, a_therapy_record(surgeries=()))
    assert found["surgery.known"] is False
    assert found["infection.windowEnd"] is None
