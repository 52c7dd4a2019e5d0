"""In which lane a patient stands, and before whom."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest

from cds_service.coordination.heads import StatusHead
from cds_service.coordination.lanes import Freshness, standing
from cds_service.coordination.status import Figures, Lane, OffList
from cds_service.coordination.tasks import Away, PutAway
from cds_service.fhir.identity import Identity
from tests.coordination.builders import (
    ALARM,
    BATTERY_PLAN,
    CONFLICT,
    NOW,
    REFILL_DUE,
    REFILL_OVERDUE,
    TODAY,
    a_head,
    a_status,
    a_task,
)

BACK = date(2026, 11, 25)
SNOOZED = Away(PutAway.SNOOZED, BACK, NOW, "need-more-info")
GAP = ("Visits: not read",)


def a_head_of(*advice: Any, tasks: Any = (), **changes: Any) -> StatusHead:
    return a_head(a_status(advice=advice, **changes), tasks=tuple(tasks))


LANES = {
    "a critical": (a_head_of(REFILL_OVERDUE), Lane.ACT_NOW),
    "the day by which to act is today": (
        a_head_of(replace(REFILL_DUE, act_by=TODAY)),
        Lane.ACT_NOW,
    ),
    "the day by which to act is tomorrow": (
        a_head_of(replace(REFILL_DUE, act_by=TODAY + timedelta(days=1))),
        Lane.BOOK,
    ),
    "something to order without a day": (a_head_of(replace(REFILL_DUE, act_by=None)), Lane.BOOK),
    "nothing to order": (a_head_of(replace(REFILL_DUE, offers=())), Lane.REVIEW),
    "a contradiction, though a check is offered": (a_head_of(CONFLICT), Lane.REVIEW),
    "the most urgent of several": (a_head_of(CONFLICT, REFILL_DUE, REFILL_OVERDUE), Lane.ACT_NOW),
    "nothing due": (a_head_of(), Lane.NO_ACTION),
    "booked in time": (
        a_head_of(replace(REFILL_DUE, urgency="info", is_arranged=True)),
        Lane.NO_ACTION,
    ),
    "nothing due, but a gap": (a_head_of(unchecked=GAP), Lane.CANNOT_CHECK),
    "something due, and a gap": (a_head_of(REFILL_DUE, unchecked=GAP), Lane.BOOK),
    "put away": (a_head_of(REFILL_DUE, tasks=[a_task(away=SNOOZED)]), Lane.SNOOZED),
    "put away, and a gap": (
        a_head_of(REFILL_DUE, tasks=[a_task(away=SNOOZED)], unchecked=GAP),
        Lane.CANNOT_CHECK,
    ),
    "put away, but critical": (
        a_head_of(REFILL_OVERDUE, tasks=[a_task(away=SNOOZED)]),
        Lane.ACT_NOW,
    ),
    "put away, but the day by which to act has come": (
        a_head_of(replace(REFILL_DUE, act_by=TODAY), tasks=[a_task(away=SNOOZED)]),
        Lane.ACT_NOW,
    ),
    "put away until today": (
        a_head_of(REFILL_DUE, tasks=[a_task(away=replace(SNOOZED, until=TODAY))]),
        Lane.BOOK,
    ),
    "one of two put away": (
        a_head_of(REFILL_DUE, BATTERY_PLAN, tasks=[a_task(away=SNOOZED)]),
        Lane.BOOK,
    ),
    "held open after a critical": (
        a_head_of(tasks=[a_task(urgency="critical", act_by=None, is_held=True)]),
        Lane.ACT_NOW,
    ),
    "held open after a warning": (a_head_of(tasks=[a_task(is_held=True)]), Lane.REVIEW),
    "work of one's own": (
        a_head_of(tasks=[a_task(kind="other", urgency="info", act_by=None)]),
        Lane.REVIEW,
    ),
    "work of one's own, late": (
        a_head_of(tasks=[a_task(kind="other", urgency="info", act_by=None, due=TODAY)]),
        Lane.ACT_NOW,
    ),
    "the newest try failed, nothing known to be due": (
        replace(a_head_of(), failure="no answer"),
        Lane.CANNOT_CHECK,
    ),
    "the newest try failed, a critical known": (
        replace(a_head_of(REFILL_OVERDUE), failure="no answer"),
        Lane.ACT_NOW,
    ),
    "never read": (replace(a_head_of(), reading=None, failure="no answer"), Lane.CANNOT_CHECK),
}


@pytest.mark.parametrize(("head", "lane"), LANES.values(), ids=LANES.keys())
def test_the_lane_is_what_has_to_happen_next(head: StatusHead, lane: Lane):
    assert standing(head, NOW).lane is lane


AGES = {
    "24 hours": (timedelta(hours=24), Freshness.CURRENT, Lane.NO_ACTION),
    "over 24 hours": (timedelta(hours=24, seconds=1), Freshness.STALE, Lane.NO_ACTION),
    "72 hours": (timedelta(hours=72), Freshness.STALE, Lane.NO_ACTION),
    "over 72 hours": (timedelta(hours=72, seconds=1), Freshness.TOO_OLD, Lane.CANNOT_CHECK),
}


@pytest.mark.parametrize(("age", "freshness", "lane"), AGES.values(), ids=AGES.keys())
def test_an_old_status_is_stale_and_then_none_at_all(
    age: timedelta, freshness: Freshness, lane: Lane
):
    found = standing(a_head_of(), NOW + age)

    assert (found.freshness, found.lane) == (freshness, lane)
    assert found.is_incomplete is (freshness is Freshness.TOO_OLD)


def test_of_a_status_too_old_what_was_urgent_comes_first_among_the_unchecked():
    now = NOW + timedelta(days=4)
    urgent, calm = (standing(head, now) for head in (a_head_of(REFILL_OVERDUE), a_head_of()))

    assert urgent.lane is calm.lane is Lane.CANNOT_CHECK
    assert urgent.sort_key < calm.sort_key
    assert urgent.items[0].urgency == "critical"


def test_what_was_last_sure_stands_where_a_reading_with_gaps_says_something_milder():
    held = a_task(urgency="critical", summary="Refill overdue", act_by=None, is_held=True)
    milder = replace(REFILL_DUE, urgency="info")

    found = standing(a_head_of(milder, tasks=(held,)), NOW)

    assert found.lane is Lane.ACT_NOW
    assert (found.items[0].urgency, found.items[0].summary) == ("critical", "Refill overdue")


OUTRUN = {
    "before the visit": (0, False),
    "on the day of the visit": (1, False),
    "after the visit": (2, True),
}


@pytest.mark.parametrize(("days", "is_outrun"), OUTRUN.values(), ids=OUTRUN.keys())
def test_a_visit_that_has_passed_since_the_reading_proves_no_refill(days: int, is_outrun: bool):
    visit = NOW.date() + timedelta(days=1)
    booked = a_status(figures=Figures(booked=visit, alarm=visit + timedelta(days=9)))

    found = standing(a_head(booked), NOW + timedelta(days=days))

    assert found.is_outrun is is_outrun
    assert found.lane is (Lane.CANNOT_CHECK if is_outrun else Lane.NO_ACTION)


def test_an_alarm_day_that_has_come_since_the_reading_ends_the_peace():
    alarm = NOW.date() + timedelta(days=1)
    quiet = a_head(a_status(figures=Figures(alarm=alarm)))

    assert standing(quiet, NOW).lane is Lane.NO_ACTION
    assert standing(quiet, NOW + timedelta(days=1)).lane is Lane.CANNOT_CHECK


def test_a_reading_from_days_to_come_is_not_believed():
    ahead = a_head(a_status(read_at=NOW + timedelta(days=60)))

    assert standing(ahead, NOW).freshness is Freshness.AHEAD
    assert standing(ahead, NOW).lane is Lane.CANNOT_CHECK
    skewed = a_head(a_status(read_at=NOW + timedelta(minutes=5)))
    assert standing(skewed, NOW).freshness is Freshness.CURRENT


def test_a_refill_that_was_only_told_of_keeps_the_day_by_which_to_act():
    until = ALARM
    away = Away(PutAway.OVERRIDDEN, until, NOW, "refilled-elsewhere")
    waiting = a_task(away=away)
    told = a_task(id="t2", kind="confirm-refill", urgency="info", plan="", act_by=None)
    head = a_head_of(REFILL_DUE, tasks=(waiting, told))

    found = standing(head, NOW)

    assert (found.lane, found.act_by) == (Lane.REVIEW, ALARM)
    on_the_day = NOW + timedelta(days=(ALARM - NOW.date()).days)
    assert head.reading is not None
    read_again = replace(head, reading=replace(head.reading, read_at=on_the_day))
    assert standing(read_again, on_the_day).lane is Lane.ACT_NOW


def test_a_gap_is_marked_in_every_lane():
    for advice in (REFILL_OVERDUE, REFILL_DUE, CONFLICT):
        assert standing(a_head_of(advice, unchecked=GAP), NOW).is_incomplete
        assert not standing(a_head_of(advice), NOW).is_incomplete


def test_what_waits_names_the_day_it_is_back_and_no_day_to_act():
    found = standing(a_head_of(REFILL_DUE, tasks=[a_task(away=SNOOZED)]), NOW)

    assert (found.comes_back, found.act_by) == (BACK, None)


def test_the_earliest_day_to_act_of_all_that_is_open_counts():
    found = standing(a_head_of(BATTERY_PLAN, REFILL_DUE), NOW)

    assert found.act_by == ALARM
    assert found.items[0].advice is not None
    assert found.items[0].advice.topic == "itbRefillDue"


OFF = {
    "deceased": (
        a_head_of(identity=Identity("p1", "Ada", is_deceased=True)),
        OffList.DECEASED,
    ),
    "merged": (
        a_head_of(REFILL_DUE, identity=Identity("p1", "Ada", is_merged=True)),
        OffList.MERGED,
    ),
    "gone": (replace(a_head_of(REFILL_DUE), gone="no longer in the cohort"), OffList.GONE),
    "never had a pump": (a_head_of(has_pump=False), OffList.NO_PUMP),
    "pump removed": (a_head_of(figures=Figures(removed=date(2026, 10, 1))), OffList.NO_PUMP),
    "pump removed, advice left": (
        a_head_of(CONFLICT, figures=Figures(removed=date(2026, 11, 20))),
        None,
    ),
    "no pump seen, but a gap": (a_head_of(has_pump=False, unchecked=GAP), None),
    "no pump seen, and unread since": (
        replace(a_head_of(has_pump=False), failure="no answer"),
        None,
    ),
    "no pump, but work": (a_head_of(has_pump=False, tasks=[a_task(kind="other")]), None),
    "a pump": (a_head_of(), None),
}


@pytest.mark.parametrize(("head", "reason"), OFF.values(), ids=OFF.keys())
def test_who_is_not_on_the_list_is_off_it_for_a_reason(head: StatusHead, reason: OffList | None):
    assert standing(head, NOW).off_list is reason


def named(name: str, head: StatusHead) -> StatusHead:
    return replace(head, identity=Identity(name, name))


def test_the_order_is_lane_urgency_day_battery_and_name():
    eri = Figures(battery_eri=date(2027, 4, 1))
    ordered = [
        named("critical", a_head_of(REFILL_OVERDUE)),
        named("late", a_head_of(replace(REFILL_DUE, act_by=TODAY - timedelta(days=3)))),
        named("late since yesterday", a_head_of(replace(REFILL_DUE, act_by=TODAY))),
        named("warning for now", a_head_of(replace(REFILL_DUE, act_by=None))),
        named("warning, battery", a_head_of(REFILL_DUE, figures=eri)),
        named("warning A", a_head_of(REFILL_DUE)),
        named("Warning b", a_head_of(REFILL_DUE)),
        named("plan", a_head_of(BATTERY_PLAN)),
        named("review", a_head_of(CONFLICT)),
        named("unknown", a_head_of(unchecked=GAP)),
        named("away", a_head_of(REFILL_DUE, tasks=[a_task(away=SNOOZED)])),
        named("peace", a_head_of()),
    ]

    keys = [standing(head, NOW).sort_key for head in ordered]

    assert keys == sorted(keys)
    for few in permutations(keys[:4]):
        assert sorted(few) == keys[:4]
