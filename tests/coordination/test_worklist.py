"""The list shows what a view asks for, and never hides what could not be checked."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cds_service.coordination.heads import AdviceHead, Reading, StatusHead
from cds_service.coordination.status import Figures, Lane
from cds_service.coordination.tasks import WorkTask
from cds_service.coordination.worklist import NOBODY, View, page_of, worklist
from cds_service.fhir.identity import Identity

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("America/New_York"))


def head(
    patient_id: str,
    urgency: str = "",
    act_by: date | None = None,
    name: str = "",
    *,
    owner: str | None = None,
    gaps: int = 0,
    booked: date | None = None,
) -> StatusHead:
    advice = (
        (AdviceHead("itb-refill", "itbRefillDue", "Refill due", urgency, "Refill", act_by, True),)
        if urgency
        else ()
    )
    reading = Reading(NOW, True, advice, gaps, Figures(booked=booked))
    task = WorkTask("t", patient_id, "refill", "Refill due", "Refill", urgency, NOW, NOW)
    tasks = () if owner is None else (replace(task, owner=owner),)
    return StatusHead(
        Identity(patient_id, name or patient_id, mrn=f"M-{patient_id}"), reading, NOW, tasks=tasks
    )


OVERDUE = head("overdue", "critical", date(2026, 11, 19), owner="kim")
BOOK = head("book", "warning", date(2026, 12, 1), owner="")
LATER = head("later", "info", date(2027, 1, 10), booked=date(2027, 1, 4))
QUIET = head("quiet")
GAPS = head("gaps", gaps=1)
UNREAD = StatusHead(Identity("unread", "unread"), None, NOW, failure="timed out")
ALL = (QUIET, LATER, UNREAD, BOOK, GAPS, OVERDUE)


def ids(view: View, heads: tuple[StatusHead, ...] = ALL) -> list[str]:
    return [entry.head.identity.patient_id for entry in worklist(heads, view, NOW).entries]


def test_the_most_urgent_comes_first_and_what_is_unknown_before_peace():
    found = ids(View())

    assert found[:3] == ["overdue", "book", "later"]
    assert set(found[3:5]) == {"gaps", "unread"}
    assert found[5] == "quiet"


@pytest.mark.parametrize(
    ("view", "shown"),
    [
        (View(lane=Lane.ACT_NOW), {"overdue"}),
        (View(owner="kim"), {"overdue"}),
        (View(owner=NOBODY), {"book"}),
        (View(within=8), {"overdue", "book", "gaps", "unread"}),
        (View(within=7), {"overdue", "gaps", "unread"}),
        (View(booked="yes"), {"later"}),
        (View(marked=True), {"gaps", "unread"}),
        (View(find="m-quiet"), {"quiet"}),
        (View(find="QUI"), {"quiet"}),
        (View(find="nobody has this name"), set()),
    ],
)
def test_a_view_shows_what_it_asks_for(view, shown):
    assert set(ids(view)) == shown


def test_counts_are_of_the_whole_list_whatever_is_shown():
    found = worklist(ALL, View(lane=Lane.ACT_NOW), NOW)

    assert found.counts[Lane.CANNOT_CHECK] == 2
    assert (found.patients, found.unread, found.off_list) == (6, 1, 0)


def test_who_is_off_the_list_is_shown_when_asked_for():
    dead = replace(QUIET, identity=Identity("dead", "Dead", is_deceased=True))

    assert "dead" not in ids(View(), (dead, BOOK))
    assert ids(View(off=True), (dead, BOOK)) == ["dead"]


def test_a_shared_family_name_is_marked():
    heads = (head("a", name="Test, Ada"), head("b", name="TEST, Ben"), head("c", name="Else, C"))

    marks = {
        e.head.identity.patient_id: e.shares_name for e in worklist(heads, View(), NOW).entries
    }

    assert marks == {"a": True, "b": True, "c": False}


def test_an_old_status_is_none_and_counts_as_unread():
    assert QUIET.reading is not None
    old = replace(QUIET, reading=replace(QUIET.reading, read_at=NOW - timedelta(hours=73)))

    found = worklist((old,), View(), NOW)

    assert found.entries[0].standing.lane is Lane.CANNOT_CHECK
    assert found.unread == 1


@pytest.mark.parametrize(
    ("number", "shown", "stays"), [(1, 25, 1), (2, 5, 2), (9, 5, 2), (0, 25, 1)]
)
def test_pages_hold_what_is_left(number, shown, stays):
    entries = worklist(tuple(head(str(n)) for n in range(30)), View(), NOW).entries

    found, page, last = page_of(entries, number, 25)

    assert (len(found), page, last) == (shown, stays, 2)
