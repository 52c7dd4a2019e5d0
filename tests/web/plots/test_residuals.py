"""The drawing of what was left at refills holds the table's figures."""

from datetime import date

from cds_service.therapy.past_fills import past_fills
from cds_service.therapy.record import TherapyRecord
from cds_service.web.plots.residuals import difference_text, residual_plot
from tests.therapy.builders import THRESHOLDS, a_fill, a_reading, a_therapy_record, ml

FIRST, SECOND, THIRD = "2026-01-05", "2026-03-26", "2026-06-04"


def a_record(*drawn: tuple[str, str]) -> TherapyRecord:
    """4 mL are expected on 26 Mar, 6 mL on 4 Jun, see the refill history's tests."""
    return a_therapy_record(
        fills=tuple(
            a_fill(day, reference=f"MedicationAdministration/{day}")
            for day in (FIRST, SECOND, THIRD)
        ),
        residuals_aspirated=tuple(a_reading(day, ml(volume)) for day, volume in drawn),
    )


def test_the_oldest_refill_stands_left_and_volumes_where_they_belong():
    """130 units for 10 mL, from 24 down: 4 mL stand at 102, 6 mL at 76, 9 mL at 37."""
    found = past_fills(a_record((SECOND, "4"), (THIRD, "9")), THRESHOLDS, date(2026, 6, 10))
    drawn = residual_plot(found)

    assert drawn is not None
    second, third = drawn.pairs
    assert (second.day, second.drawn_y, second.expected_y) == ("26 Mar", 102.0, 102.0)
    assert (third.day, third.drawn_y, third.expected_y) == ("4 Jun", 37.0, 76.0)
    assert (second.is_beyond, third.is_beyond) == (False, True)
    assert [pair.difference for pair in drawn.pairs] == ["0 mL", "+3 mL"]
    assert drawn.description == (
        "Volume left in the reservoir at each refill. 26 Mar 2026: 4 mL drawn out, 4 mL expected; "
        "4 Jun 2026: 9 mL drawn out, 6 mL expected."
    )


def test_a_difference_names_its_direction():
    found = past_fills(a_record((SECOND, "2.5")), THRESHOLDS, date(2026, 6, 10))

    assert [difference_text(each) for each in found] == ["", "−1.5 mL", ""]


def test_a_volume_without_an_expected_one_is_drawn_alone():
    found = past_fills(a_record((FIRST, "3")), THRESHOLDS, date(2026, 6, 10))
    drawn = residual_plot(found)

    assert drawn is not None
    assert [pair.expected_y for pair in drawn.pairs] == [None]
    assert "expected not known" in drawn.description


def test_without_volumes_drawn_out_there_is_no_drawing():
    assert residual_plot(past_fills(a_record(), THRESHOLDS, date(2026, 6, 10))) is None
