"""Quantities: lawful arithmetic only, exact, written as clinicians write them."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.therapy.quantities import Days, Micrograms, plain
from tests.therapy.builders import mcg, mcg_per_day, mcg_per_ml, ml

volumes = st.decimals("0.001", 50, places=3)
concentrations = st.decimals(50, 2000, places=1)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        pytest.param("20", "20", id="whole"),
        pytest.param("20.0", "20", id="no trailing zero"),
        pytest.param("20.50", "20.5", id="no trailing zero after a digit"),
        pytest.param("1E+3", "1000", id="no exponent"),
        pytest.param("0.0005", "0.0005", id="small"),
        pytest.param("0", "0", id="zero"),
        pytest.param("100", "100", id="zeros before the point stay"),
        pytest.param("-1.0", "-1", id="negative"),
    ],
)
def test_a_number_is_written_without_exponent_or_trailing_zeros(number: str, text: str):
    assert plain(Decimal(number)) == text


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        (ml("18.0"), "18 mL"),
        (mcg_per_ml(500), "500 mcg/mL"),
        (mcg_per_day("347.20"), "347.2 mcg/day"),
    ],
    ids=["volume", "concentration", "dose"],
)
def test_a_quantity_is_written_with_its_unit(quantity: object, text: str):
    assert str(quantity) == text


def test_volume_times_concentration_is_an_amount():
    assert ml(18) * mcg_per_ml(500) == mcg(9000)


def test_an_amount_divided_by_the_daily_dose_is_a_time():
    assert mcg(9000) / mcg_per_day(100) == Days(Fraction(90))


def test_an_amount_over_a_concentration_is_a_volume():
    assert mcg(10_000).over(mcg_per_ml(500)) == ml(20)


@given(volumes, concentrations)
def test_volume_to_amount_and_back_changes_nothing(volume: Decimal, concentration: Decimal):
    amount = ml(str(volume)) * mcg_per_ml(str(concentration))
    assert amount.over(mcg_per_ml(str(concentration))) == ml(str(volume))


@pytest.mark.parametrize(
    ("days", "whole"),
    [
        pytest.param(Fraction(90), 90, id="exact"),
        pytest.param(Fraction(8999928, 100008), 89, id="R18: 89.99 is 89 days"),
        pytest.param(Fraction(160, 3), 53, id="R6: 53.33"),
        pytest.param(Fraction(0), 0, id="none"),
    ],
)
def test_whole_days_are_never_rounded_up(days: Fraction, whole: int):
    assert Days(days).whole == whole


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        pytest.param(Fraction(5, 3), "1.66", id="R10: 1.67 is shown as 1.66"),
        pytest.param(Fraction(29999, 10000), "2.99", id="never 3.00"),
        pytest.param(Fraction(3), "3", id="whole"),
    ],
)
def test_a_reserve_is_never_shown_as_longer_than_it_is(days: Fraction, shown: str):
    assert Days(days).decimal == Decimal(shown)


@pytest.mark.parametrize(
    ("stated", "rounded"),
    [
        pytest.param("100.0008", "100", id="R18: 4.1667 mcg/h"),
        pytest.param("100.05", "100.1", id="half up"),
        pytest.param("100.04", "100", id="below half"),
        pytest.param("138", "138", id="R8"),
    ],
)
def test_a_dose_is_rounded_to_a_tenth(stated: str, rounded: str):
    assert mcg_per_day(stated).rounded() == mcg_per_day(rounded)


UNLAWFUL: dict[str, Any] = {
    "volume and number": lambda: ml(1) + 1,  # type: ignore[operator]
    "dose and dose": lambda: mcg_per_day(1) * mcg_per_day(1),  # type: ignore[operator]
    "dose and volume": lambda: mcg_per_day(1) + ml(1),  # type: ignore[operator]
    "amount and amount": lambda: mcg(1) + mcg(1),  # type: ignore[operator]
    "concentration by volume": lambda: mcg_per_ml(1) * ml(1),  # type: ignore[operator]
    "volume ordered with dose": lambda: ml(1) < mcg_per_day(1),  # type: ignore[operator]
}


@pytest.mark.parametrize("unlawful", UNLAWFUL.values(), ids=UNLAWFUL.keys())
def test_unlike_quantities_do_not_combine(unlawful: Any):
    with pytest.raises((TypeError, AttributeError)):
        unlawful()


def test_a_volume_is_never_equal_to_a_dose():
    one_ml: object = ml(1)
    assert one_ml != mcg_per_day(1)


def test_amounts_subtract_exactly():
    assert mcg(10_000) - Micrograms(Fraction(1, 3)) == Micrograms(Fraction(29_999, 3))
