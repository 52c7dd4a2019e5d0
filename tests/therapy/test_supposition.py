"""What if: the refill plan's arithmetic on figures that somebody supposes."""

from datetime import date

import pytest

from cds_service.therapy.supposition import Supposition, supposed_days
from tests.therapy.builders import THRESHOLDS, mcg_per_day, mcg_per_ml, ml

ON = date(2026, 1, 5)


def days_of(volume: str, dose: str, alarm_volume: str = "2") -> tuple[str, str, str, bool]:
    supposed = Supposition(ON, ml(volume), mcg_per_ml(500), mcg_per_day(dose))
    found = supposed_days(supposed, ml(alarm_volume), THRESHOLDS)
    return (
        found.target.isoformat(),
        found.alarm.isoformat(),
        found.empty.isoformat(),
        found.starts_low,
    )


def test_the_days_are_those_of_the_refill_plan():
    """(20 - 2) mL x 500 / 100 = 90 days to 5 Apr; 20 x 500 / 100 = 100 to 15 Apr; 7 days before."""
    assert days_of("20", "100") == ("2026-03-29", "2026-04-05", "2026-04-15", False)


def test_a_higher_dose_comes_sooner():
    """18 x 500 / 120 = 75 days; 20 x 500 / 120 = 83 days and a third."""
    assert days_of("20", "120") == ("2026-03-14", "2026-03-21", "2026-03-29", False)


def test_the_longest_interval_caps_the_refill_day():
    """38 x 500 / 50 = 380 days to the alarm; 180 days are the longest."""
    assert days_of("40", "50")[:2] == ("2026-07-04", "2027-01-20")


@pytest.mark.parametrize(
    ("volume", "starts_low"), [("1.9", True), ("2", True), ("2.1", False)], ids=str
)
def test_a_volume_at_the_alarm_is_low_from_the_first_day(volume: str, starts_low: bool):
    target, _, _, is_low = days_of(volume, "100")

    assert (target, is_low) == ("2026-01-05", starts_low)
