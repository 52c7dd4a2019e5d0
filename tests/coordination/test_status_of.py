"""What is kept of an assessed record."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from cds_service.app.wiring import wire
from cds_service.assessment import Occasion, Rulebook, assess
from cds_service.coordination.status import Advice, PatientStatus
from cds_service.coordination.status_of import Assessed, status_of
from cds_service.demo_clinic.prefetch import Faults, prefetch
from cds_service.demo_clinic.roster import PATIENTS
from cds_service.fhir.identity import Identity
from cds_service.settings import Settings
from tests.cases.golden_case import golden_cases

DATED = "itb-battery/order-by-replacement-in-time"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return wire(Settings()).rulebook


def status(name: str, rulebook: Rulebook, *unplugged: str) -> PatientStatus:
    sent = prefetch(PATIENTS[name].chart(TODAY), TODAY, Faults(frozenset(unplugged)))
    raw = {key: msgspec.Raw(msgspec.json.encode(resource)) for key, resource in sent.items()}
    found = assess(name, raw, rulebook, NOW, Occasion("patient-view"))
    assessed = Assessed(found.has_pump, found.evaluation, found.findings.facts, found.record)
    return status_of(Identity(name, "Ada"), assessed, rulebook.plans, rulebook.thresholds, NOW)


# Filled with 20 mL, 500 mcg/mL, 100 mcg/day: 0.2 mL a day.
VOLUMES = {
    "35 days after the fill": ("demo-001", "13.0"),
    "past the empty date": ("demo-005", "0.0"),
    # 40 mL - 20 d x 0.4 mL - 63 d x 0.48 mL = 1.76 mL
    "after a dose change": ("demo-009", "1.8"),
    # The pump reported its alarm (2 mL) for day 72: 20 mL - 60/72 x 18 mL = 5 mL
    "by the pump's own alarm date": ("demo-011", "5.0"),
}


@pytest.mark.parametrize(("name", "ml"), VOLUMES.values(), ids=VOLUMES.keys())
def test_the_volume_left_is_that_of_the_day(name: str, ml: str, rulebook: Rulebook):
    assert status(name, rulebook).figures.volume_ml == Decimal(ml)


def test_advice_is_kept_with_its_day_and_what_can_be_ordered(rulebook: Rulebook):
    found = status("demo-003", rulebook)

    (advice,) = found.advice
    # Filled 28 Aug 2026; the alarm comes 90 days later.
    assert (advice.kind, advice.topic, advice.urgency, advice.act_by) == (
        "refill",
        "itbRefillDue",
        "warning",
        date(2026, 11, 26),
    )
    assert advice.offers == ("Order a refill visit",)
    assert not advice.is_arranged
    figures = found.figures
    assert (figures.last_fill, figures.refill_by, figures.alarm, figures.empty) == (
        date(2026, 8, 28),
        date(2026, 11, 19),
        date(2026, 11, 26),
        date(2026, 12, 6),
    )
    assert ("itb-refill", advice.version) in found.plans
    assert (found.unchecked, found.open_plans) == ((), ())


# Implanted 15 Mar 2020, 84 months of battery: EOS 15 Mar 2027, ERI 90 days before it, 15 Dec 2026.
# The order is wanted three months before ERI: 15 Sep 2026.
BATTERY_DAYS = {
    "while it is planned": ("plan-start", date(2026, 9, 15)),
    "the day before the order is wanted": ("day-before-order-by", date(2026, 9, 15)),
    "on the day by which to order": ("order-by", date(2026, 9, 15)),
    "after it, so that it is late": ("e01-order-by-passed", date(2026, 9, 15)),
    "the day before ERI": ("e01-day-before-eri", date(2026, 9, 15)),
    "at ERI, when the old pump is due": ("e01-eri-reached", date(2026, 12, 15)),
    "booked for after the end": ("e08-replacement-after-eos", date(2026, 9, 15)),
    "booked in time": ("order-by-replacement-in-time", None),
}


@pytest.mark.parametrize(("story", "day"), BATTERY_DAYS.values(), ids=BATTERY_DAYS.keys())
def test_a_replacement_is_to_be_ordered_by_the_day_the_plan_says(
    story: str, day: date | None, rulebook: Rulebook
):
    assert battery_advice(story, rulebook).act_by == day


def battery_advice(story: str, rulebook: Rulebook, **instead: Any) -> Advice:
    """What the battery's plan advises in a golden case, with other values of some keys."""
    (case,) = (each for each in golden_cases() if each.id == f"itb-battery/{story}")
    sent = msgspec.json.decode(case.body, type=dict[str, Any])["prefetch"] | instead
    raw = {key: msgspec.Raw(msgspec.json.encode(resource)) for key, resource in sent.items()}
    found = assess("p1", raw, rulebook, case.now, Occasion("patient-view"))
    assessed = Assessed(found.has_pump, found.evaluation, found.findings.facts, found.record)
    kept = status_of(Identity("p1", "Kim"), assessed, rulebook.plans, rulebook.thresholds, case.now)
    (advice,) = (each for each in kept.advice if each.plan == "itb-battery")
    return advice


def test_a_replacement_dated_in_time_leaves_nothing_to_order(rulebook: Rulebook):
    (order,) = (each for each in golden_cases() if each.id == DATED)
    ordered = msgspec.json.decode(order.body, type=dict[str, Any])["prefetch"]["serviceRequests"]

    open_advice = battery_advice("plan-start", rulebook)
    arranged = battery_advice("plan-start", rulebook, serviceRequests=ordered)

    assert (open_advice.action, open_advice.is_arranged) == ("plan-replacement", False)
    assert (arranged.action, arranged.is_arranged) == ("plan-replacement", True)


def test_the_most_urgent_advice_comes_first(rulebook: Rulebook):
    # The pump ran empty two days ago: the plan for withdrawal stands before that for refills.
    assert [(each.plan, each.urgency) for each in status("demo-005", rulebook).advice] == [
        ("itb-refill", "critical"),
        ("itb-withdrawal", "warning"),
    ]


def test_the_cause_changes_with_the_record_and_not_with_the_day(rulebook: Rulebook):
    one, same = (status("demo-003", rulebook).advice[0].cause for _ in range(2))
    other = status("demo-010", rulebook).advice[0].cause

    assert one == same
    assert one != other
    assert len(one) == 64


def test_what_could_not_be_read_is_said_in_plain_words_and_leaves_every_plan_open(
    rulebook: Rulebook,
):
    found = status("demo-001", rulebook, "appointments")

    assert found.unchecked == ("Visits (appointments): not sent; bookings count as none.",)
    assert set(found.open_plans) == {plan.id for plan in rulebook.plans}


def test_a_removed_pump_has_no_days_to_come(rulebook: Rulebook):
    figures = status("demo-020", rulebook).figures

    assert (figures.refill_by, figures.alarm, figures.empty) == (None, None, None)
    assert (figures.battery_eri, figures.battery_eos) == (None, None)


def test_a_removed_pump_has_no_volume_and_says_when(rulebook: Rulebook):
    figures = status("demo-020", rulebook).figures

    assert figures.volume_ml is None
    assert figures.removed is not None


def test_a_patient_without_a_pump_has_nothing(rulebook: Rulebook):
    found = status("demo-022", rulebook)

    assert (found.has_pump, found.advice, found.unchecked) == (False, (), ())
