"""The worklist: who stands where, which rows a filter shows, and what no filter hides."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from cds_service.coordination.heads import StatusHead
from cds_service.coordination.status import Figures, Lane
from cds_service.coordination.worklist import (
    NOBODY,
    OFF_LIST,
    SAME_NAME,
    SAME_SURNAME,
    Booked,
    Filter,
    Row,
    Sort,
    counted,
    marked,
    page_of,
    sorted_by,
    worklist,
)
from tests.coordination.builders import (
    ALARM,
    BATTERY_PLAN,
    NOW,
    REFILL_DUE,
    REFILL_OVERDUE,
    TODAY,
    a_head,
    a_status,
    a_task,
)

BOOKED_ON = date(2026, 11, 27)
FIGURES = Figures(booked=BOOKED_ON, battery_eri=date(2027, 10, 1))


def named(patient_id: str, name: str = "", mrn: str = "", **changes: Any) -> StatusHead:
    """A patient with a name of their own; `status` and `head` go where they belong."""
    status = a_status(patient_id, **changes.pop("status", {}))
    identity = replace(status.identity, name=name or patient_id, mrn=mrn, **changes.pop("who", {}))
    return a_head(replace(status, identity=identity), **changes)


OVERDUE = named("overdue", status={"advice": (REFILL_OVERDUE,)})
DUE = named("due", status={"advice": (REFILL_DUE,)}, tasks=(a_task(owner="kc"),))
PLAN = named("plan", status={"advice": (BATTERY_PLAN,), "figures": FIGURES})
GAPS = named("gaps", status={"unchecked": ("Visits: not read",)})
FAILED = named("failed", failure="the EHR did not answer")
CALM = named("calm")
DEAD = named("dead", who={"is_deceased": True})
GONE = named("gone", gone="left the clinic", status={"advice": (REFILL_OVERDUE,)})
EVERYBODY = [CALM, GONE, FAILED, PLAN, DEAD, DUE, GAPS, OVERDUE]


def shown(asked: Filter, *heads: StatusHead) -> list[str]:
    rows = worklist(heads or EVERYBODY, NOW)
    return [row.identity.patient_id for row in rows if row.matches(asked, TODAY)]


def ids(rows: list[Row]) -> list[str]:
    return [row.identity.patient_id for row in rows]


def test_the_empty_filter_shows_all_on_the_list_the_most_urgent_first():
    assert shown(Filter()) == ["overdue", "due", "plan", "failed", "gaps", "calm"]


def test_every_patient_is_counted_once():
    counts = counted(worklist(EVERYBODY, NOW))

    assert counts.lanes == {
        Lane.ACT_NOW: 1,
        Lane.BOOK: 2,
        Lane.REVIEW: 0,
        Lane.CANNOT_CHECK: 2,
        Lane.SNOOZED: 0,
        Lane.NO_ACTION: 1,
    }
    assert (counts.off_list, counts.on_list, counts.partly) == (2, 6, 0)
    half = named("half", status={"advice": (REFILL_DUE,), "unchecked": ("Visits: not read",)})
    assert counted(worklist([*EVERYBODY, half], NOW)).partly == 1


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Filter(lane="book"), ["due", "plan"]),
        (Filter(lane="cannot-check"), ["failed", "gaps"]),
        (Filter(lane=OFF_LIST), ["gone", "dead"]),
        (Filter(owner="kc"), ["due"]),
        (Filter(owner=NOBODY), []),
        (Filter(is_unchecked=True), ["failed", "gaps"]),
        (Filter(is_unread=True), ["failed"]),
        (Filter(lane="book", is_unread=True), []),
    ],
    ids=str,
)
def test_a_filter_shows_what_it_says(asked: Filter, expected: list[str]):
    assert shown(asked) == expected


def test_work_that_nobody_took_is_found_even_beside_work_that_somebody_took():
    both = named("both", tasks=(a_task(owner="kc"), a_task(id="t2", kind="battery")))

    assert shown(Filter(owner=NOBODY), both) == ["both"]
    assert shown(Filter(owner="kc"), both) == ["both"]


@pytest.mark.parametrize(
    ("days", "is_shown"), [(7, False), (8, True), (9, True)], ids=["before", "on", "after"]
)
def test_a_window_of_days_ends_with_its_last_day(days: int, is_shown: bool):
    # 22 Nov + 8 days = 30 Nov, the day to act by.
    assert (shown(Filter(within=days), DUE) == ["due"]) is is_shown


def test_a_window_of_days_hides_nothing_that_may_be_due_any_day():
    undated = named("undated", status={"advice": (replace(REFILL_DUE, act_by=None),)})

    assert shown(Filter(within=0), OVERDUE, undated, GAPS, FAILED, CALM, PLAN) == [
        "overdue",
        "undated",
        "failed",
        "gaps",
    ]


def test_a_day_that_somebody_set_hides_no_critical_from_a_window():
    tasks = (a_task(urgency="critical", act_by=None, due=date(2026, 12, 20)),)
    later = named("later", status={"advice": (REFILL_OVERDUE,)}, tasks=tasks)

    assert shown(Filter(within=0), later) == ["later"]


def test_a_window_of_days_never_hides_whom_not_all_of_whom_was_checked():
    # Planned for 1 Apr 2027, and the visits could not be read.
    half = named("half", status={"advice": (BATTERY_PLAN,), "unchecked": ("Visits: not read",)})

    assert shown(Filter(within=7), half) == ["half"]


def test_what_is_for_no_day_is_found_by_that_and_only_that():
    milestone = replace(BATTERY_PLAN, plan="itb-recovery", topic="itbRecoveryPlan", act_by=None)
    for_no_day = named("for-no-day", status={"advice": (milestone,)})
    urgent = named("urgent", status={"advice": (replace(REFILL_DUE, act_by=None),)})
    everybody = (for_no_day, urgent, OVERDUE, DUE, PLAN, CALM)

    assert shown(Filter(is_undated=True), *everybody) == ["for-no-day"]
    assert "for-no-day" not in shown(Filter(within=366), *everybody)


def test_a_day_that_the_owner_set_counts_for_the_window():
    moved = named(
        "moved", status={"advice": (REFILL_DUE,)}, tasks=(a_task(due=date(2026, 11, 24)),)
    )

    assert shown(Filter(within=2), moved) == ["moved"]
    assert shown(Filter(within=1), moved) == []


def test_whose_booking_is_not_known_counts_as_not_booked():
    assert shown(Filter(booked=Booked.YES)) == ["plan"]
    never_read = StatusHead(CALM.identity, None, NOW, failure="the EHR did not answer")
    assert shown(Filter(booked=Booked.NO), PLAN, never_read) == ["calm"]


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("testpat", True),
        ("ADA", True),
        ("zoe testpatient", True),
        ("Testpatient, Ada", True),
        ("0042", True),
        ("ada 42", True),
        ("ada 43", False),
        ("bob", False),
    ],
)
def test_find_goes_by_name_and_mrn_without_accents_and_capitals(text: str, is_found: bool):
    found = shown(Filter(text=text), named("p1", "Ada Zoë Testpatient", "0042"))
    assert found == (["p1"] if is_found else [])


def test_find_reaches_those_who_are_off_the_list():
    assert shown(Filter(text="dead")) == ["dead"]


def test_unread_reaches_those_who_are_off_the_list_because_they_died():
    dead = named("dead", who={"is_deceased": True}, failure="the EHR did not answer")
    assert shown(Filter(is_unread=True), dead) == ["dead"]


def test_an_old_reading_is_unread_again():
    old = named("old", status={"read_at": NOW - timedelta(hours=73)})
    assert shown(Filter(is_unread=True), old) == ["old"]


def test_the_order_does_not_depend_on_the_order_of_reading():
    twins = [named(f"p{number}", "Same Name", "1") for number in range(20)]
    expected = ids(worklist(twins, NOW))
    mixed = [*twins]
    Random(1).shuffle(mixed)

    assert ids(worklist(mixed, NOW)) == expected
    for sort in Sort:
        assert ids(sorted_by(worklist(mixed, NOW), sort)) == ids(
            sorted_by(worklist(twins, NOW), sort)
        )


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (Sort.URGENCY, ["overdue", "due", "plan", "failed", "gaps", "calm"]),
        (Sort.NAME, ["calm", "due", "failed", "gaps", "overdue", "plan"]),
        # Overdue names no day and is for now; 30 Nov; 1 Apr; not known; nothing.
        (Sort.ACT_BY, ["overdue", "due", "plan", "failed", "gaps", "calm"]),
        # The one booking; then whose bookings may be missing; then the rest, by urgency.
        (Sort.BOOKED, ["plan", "failed", "gaps", "overdue", "due", "calm"]),
        (Sort.ERI, ["plan", "failed", "gaps", "overdue", "due", "calm"]),
    ],
)
def test_rows_sort_by_what_is_known_and_then_by_what_could_not_be_checked(
    sort: Sort, expected: list[str]
):
    rows = [row for row in worklist(EVERYBODY, NOW) if row.matches(Filter(), TODAY)]
    assert ids(sorted_by(rows, sort)) == expected


def test_never_read_is_the_oldest_reading():
    never = StatusHead(replace(CALM.identity, patient_id="never"), None, NOW, failure="down")
    early = named("early", status={"read_at": NOW - timedelta(hours=2)})

    assert ids(sorted_by(worklist([CALM, early, never], NOW), Sort.READ)) == [
        "never",
        "early",
        "calm",
    ]


@pytest.mark.parametrize(
    ("number", "expected", "given"),
    [(1, [0, 1], 1), (3, [4], 3), (4, [4], 3), (0, [0, 1], 1), (-7, [0, 1], 1)],
)
def test_a_page_outside_the_list_is_the_nearest_there_is(
    number: int, expected: list[int], given: int
):
    rows = worklist([named(f"p{each}") for each in range(5)], NOW)
    page = page_of(rows, number, 2)

    assert [int(each[1:]) for each in ids(list(page.rows))] == expected
    assert (page.number, page.pages, page.total) == (given, 3, 5)


def test_an_empty_list_has_one_page():
    assert page_of([], 1, 25).pages == 1


def test_the_same_name_is_marked_whoever_has_it_and_a_surname_beside_only():
    rows = worklist(
        [
            named("p1", "Ada Testpatient"),
            named("p2", "Testpatient, Ada"),
            named("p3", "Bo Testpatient"),
            named("p4", "Cy Other"),
            named("p5", "Ada Alone"),
        ],
        NOW,
    )
    likeness = {row.identity.patient_id: row.is_like for row in marked(rows, rows)}

    assert likeness == {
        "p1": SAME_NAME,
        "p2": SAME_NAME,
        "p3": SAME_SURNAME,
        "p4": "",
        "p5": "",
    }
    (alone,) = marked([row for row in rows if row.identity.patient_id == "p3"], rows)
    assert alone.is_like == ""


def test_patients_without_a_name_are_not_taken_for_one_another():
    nameless = [
        Row(replace(row.head, identity=replace(row.identity, name="")), row.standing)
        for row in worklist([named("p1"), named("p2")], NOW)
    ]

    assert [row.is_like for row in marked(nameless, nameless)] == ["", ""]


def test_the_task_to_work_on_is_that_of_the_most_urgent_thing():
    battery = a_task(id="t2", kind="battery", act_by=BATTERY_PLAN.act_by, urgency="info")
    both = named(
        "both",
        status={"advice": (BATTERY_PLAN, REFILL_DUE)},
        tasks=(battery, a_task(act_by=ALARM)),
    )
    (row,) = worklist([both], NOW)

    assert row.task is not None
    assert (row.task.id, len(row.others)) == ("t1", 1)
