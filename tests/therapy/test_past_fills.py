"""The refills one after the other, each with what was drawn out and what should have been left."""

from datetime import date
from decimal import Decimal

import pytest

from cds_service.therapy.past_fills import PastFill, past_fills
from cds_service.therapy.record import TherapyRecord
from tests.therapy.builders import THRESHOLDS, a_fill, a_reading, a_therapy_record, ml

FIRST, SECOND, THIRD = "2026-01-05", "2026-03-26", "2026-06-04"
TODAY = date(2026, 6, 10)


def three_fills(**stated: object) -> TherapyRecord:
    """20 mL of 500 mcg/mL at 100 mcg/day use 0.2 mL a day.

    Day 80 (26 Mar): 16 mL used, 4 mL left. 70 days on (4 Jun): 14 mL used, 6 mL left.
    """
    return a_therapy_record(
        fills=tuple(
            a_fill(day, reference=f"MedicationAdministration/{name}")
            for name, day in (("first", FIRST), ("second", SECOND), ("third", THIRD))
        ),
        **stated,
    )


def fills_of(record: TherapyRecord) -> tuple[PastFill, ...]:
    return past_fills(record, THRESHOLDS, TODAY)


def test_the_refills_stand_newest_first_with_their_figures():
    found = fills_of(three_fills())

    assert [str(each.cycle.fill.when) for each in found] == [
        "4 Jun 2026",
        "26 Mar 2026",
        "5 Jan 2026",
    ]
    assert {str(each.cycle.filling.volume) for each in found if each.cycle.filling} == {"20 mL"}
    assert [each.drawn for each in found] == [None, None, None]


def test_each_volume_drawn_out_is_held_against_the_volume_expected_that_day():
    record = three_fills(
        residuals_aspirated=(a_reading(SECOND, ml("4.3")), a_reading(THIRD, ml("9"))),
    )
    third, second, first = fills_of(record)

    assert third.residual is not None
    assert (third.residual.expected, third.residual.difference) == (ml(6), Decimal(3))
    # 20 % of the 14 mL delivered would be 2.8 mL; the limit is never more than 2 mL.
    assert (third.limit, third.is_beyond) == ("2 mL", True)
    assert second.residual is not None
    assert (second.residual.expected, second.is_beyond) == (ml(4), False)
    assert first.drawn is None


def test_a_volume_charted_days_later_belongs_to_its_fill():
    (third, *_) = fills_of(three_fills(residuals_aspirated=(a_reading("2026-06-06", ml(6)),)))

    assert third.residual is not None
    assert third.residual.difference == 0


def test_the_first_fill_has_nothing_to_be_expected_from():
    first = fills_of(three_fills(residuals_aspirated=(a_reading(FIRST, ml(3)),)))[-1]

    assert (first.residual, first.is_beyond) == (None, None)
    assert first.unknown_because == ("the volume expected is not recorded, nor is a fill before it")


def test_an_implant_taken_for_the_first_fill_is_the_whole_history():
    found = past_fills(a_therapy_record(fills=()), THRESHOLDS, date(2025, 3, 1))

    assert [(each.cycle.is_assumed, each.drawn) for each in found] == [(True, None)]


@pytest.mark.parametrize("today", [date(2026, 6, 10), date(2036, 1, 1)])
def test_no_fill_recorded_is_an_empty_history(today: date):
    assert past_fills(a_therapy_record(fills=()), THRESHOLDS, today) == ()
