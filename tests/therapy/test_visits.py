"""Booked, missed and requested visits."""

from datetime import date

import pytest

from cds_service.therapy.record import Visit, VisitKind, VisitState
from cds_service.therapy.visits import booked, dated, missed, requested
from tests.therapy.builders import a_visit

TODAY, FILLED = date(2026, 3, 28), date(2026, 1, 5)
NOT_BEFORE = date(2026, 2, 26)
REFILL = VisitKind.REFILL


@pytest.mark.parametrize(
    ("when", "is_booked"),
    [("2026-03-27", False), ("2026-03-28", True), ("2026-03-29", True)],
    ids=["yesterday", "today", "tomorrow"],
)
def test_a_booking_is_for_today_or_later(when: str, is_booked: bool):
    assert (booked([a_visit(when)], REFILL, TODAY) is not None) is is_booked


@pytest.mark.parametrize("state", [state for state in VisitState if state != VisitState.BOOKED])
def test_only_a_booked_visit_is_booked(state: VisitState):
    assert booked([a_visit("2026-04-01", state=state)], REFILL, TODAY) is None


def test_the_earliest_booking_rules():
    visits = [a_visit("2026-05-01"), a_visit("2026-04-01"), a_visit("2026-03-01")]
    found = booked(visits, REFILL, TODAY)
    assert found is not None
    assert found.when.first == date(2026, 4, 1)


def test_a_visit_of_another_kind_does_not_count():
    visits = [a_visit("2026-04-01", VisitKind.FOLLOW_UP)]
    assert booked(visits, REFILL, TODAY) is None
    assert (
        missed([a_visit("2026-03-20", VisitKind.PUMP_CHECK)], REFILL, None, NOT_BEFORE, TODAY)
        is None
    )


@pytest.mark.parametrize(
    ("state", "is_dated"),
    [
        (VisitState.BOOKED, True),
        (VisitState.ORDERED, True),
        (VisitState.REQUESTED, False),
        (VisitState.CANCELLED, False),
        (VisitState.NO_SHOW, False),
        (VisitState.FULFILLED, False),
    ],
)
def test_an_order_with_a_date_counts_as_dated(state: VisitState, is_dated: bool):
    """Worked case E8."""
    visits = [a_visit("2026-12-10", VisitKind.REPLACEMENT, state)]
    assert (dated(visits, VisitKind.REPLACEMENT, TODAY) is not None) is is_dated


@pytest.mark.parametrize(
    ("visit", "is_missed"),
    [
        pytest.param(a_visit("2026-03-27", state=VisitState.NO_SHOW), True, id="no show"),
        pytest.param(a_visit("2026-03-27", state=VisitState.CANCELLED), True, id="cancelled"),
        pytest.param(a_visit("2026-04-27", state=VisitState.CANCELLED), True, id="cancelled ahead"),
        pytest.param(a_visit("2026-03-27"), True, id="still booked in the past"),
        pytest.param(a_visit("2026-03-28"), False, id="booked for today"),
        pytest.param(a_visit("2026-03-27", state=VisitState.FULFILLED), False, id="kept"),
        pytest.param(a_visit("2026-03-27", state=VisitState.REQUESTED), False, id="only asked for"),
        pytest.param(a_visit("2026-02-26", state=VisitState.NO_SHOW), True, id="30 days ago"),
        pytest.param(a_visit("2026-02-25", state=VisitState.NO_SHOW), False, id="31 days ago"),
    ],
)
def test_a_visit_is_missed_when_it_did_not_take_place_of_late(visit: Visit, is_missed: bool):
    assert (missed([visit], REFILL, FILLED, NOT_BEFORE, TODAY) is not None) is is_missed


@pytest.mark.parametrize(
    ("filled", "is_missed"),
    [("2026-03-26", True), ("2026-03-27", False), ("2026-03-28", False)],
    ids=["filled the day before", "filled that day", "filled the day after"],
)
def test_a_fill_on_or_after_the_visit_makes_up_for_it(filled: str, is_missed: bool):
    visit = a_visit("2026-03-27", state=VisitState.NO_SHOW)
    found = missed([visit], REFILL, date.fromisoformat(filled), NOT_BEFORE, TODAY)
    assert (found is not None) is is_missed


@pytest.mark.parametrize(
    ("state", "is_requested"),
    [
        (VisitState.REQUESTED, True),
        (VisitState.ORDERED, True),
        (VisitState.BOOKED, False),
        (VisitState.CANCELLED, False),
    ],
)
def test_a_proposal_or_order_is_a_request(state: VisitState, is_requested: bool):
    found = requested([a_visit("2026-04-01", state=state)], REFILL)
    assert (found is not None) is is_requested
