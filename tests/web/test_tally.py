"""Calls are counted by the hour they came in, and nothing is lost when it cannot be kept."""

from datetime import UTC, datetime

import pytest

from cds_service.store.counts_ledger import Counted
from cds_service.web.tally import Tally, class_of

# 23 Nov 2026, 09:59:59 UTC: 20,780 days and 9 hours after 1 Jan 1970, 498,729 hours.
NOW = datetime(2026, 11, 23, 9, 59, 59, tzinfo=UTC)


def test_what_is_counted_is_taken_once():
    tally = Tally(lambda: NOW)
    tally.add("north", [("call", "itb-patient-view"), ("ms", "5")])
    tally.add("north", [("call", "itb-patient-view")])

    assert tally.take() == {
        Counted(498_729, "north", "call", "itb-patient-view"): 2,
        Counted(498_729, "north", "ms", "5"): 1,
    }
    assert tally.take() == {}


def test_what_could_not_be_kept_is_counted_with_the_next():
    tally = Tally(lambda: NOW)
    tally.add("", [("call", "x")])
    taken = tally.take()
    tally.add("", [("call", "x")])

    tally.put_back(taken)

    assert tally.take() == {Counted(498_729, "", "call", "x"): 2}


@pytest.mark.parametrize(
    ("seconds", "name"),
    [(0.0, "1"), (0.001, "1"), (0.0011, "2"), (0.05, "50"), (4.99, "5000"), (5.01, "more")],
)
def test_a_time_falls_in_the_class_that_holds_it(seconds, name):
    assert class_of(seconds) == name
