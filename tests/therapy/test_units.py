"""Spellings of units: the whole closed table, and everything that is refused."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.errors import UnitError
from cds_service.therapy import units
from cds_service.therapy.units import Kind
from tests.therapy.builders import mcg, mcg_per_day, mcg_per_ml, ml

MICRO_SIGN, GREEK_MU = "\N{MICRO SIGN}g", "\N{GREEK SMALL LETTER MU}g"
MICROGRAM = ["ug", "mcg", MICRO_SIGN, GREEK_MU, "MCG", "microgram", "micrograms"]
MILLIGRAM = ["mg", "milligram", "milligrams"]
MILLILITRE = ["mL", "ml", "ML", "cc", "milliliter", "millilitre", "milliliters", "millilitres"]
A_DAY = ["d", "day", "days", "24h", "24 h", "24.h", "(24.h)", "24 hours", "24hr"]
AN_HOUR = ["h", "hr", "hour"]


@pytest.mark.parametrize("volume", MILLILITRE)
def test_every_spelling_of_a_millilitre_is_read(volume: str):
    assert units.millilitres(Decimal(20), volume, None) == ml(20)


@pytest.mark.parametrize("volume", ["L", "l", "liter", "litre"])
def test_a_litre_is_a_thousand_millilitres(volume: str):
    assert units.millilitres(Decimal("0.02"), volume, None) == ml(20)


@pytest.mark.parametrize("mass", MICROGRAM)
def test_every_spelling_of_a_microgram_is_read(mass: str):
    assert units.micrograms(Decimal(500), mass, None) == mcg(500)


@pytest.mark.parametrize("mass", MILLIGRAM)
def test_a_milligram_is_a_thousand_micrograms(mass: str):
    assert units.micrograms(Decimal("0.5"), mass, None) == mcg(500)


@pytest.mark.parametrize("per", ["/", " / ", "/ ", " per "])
@pytest.mark.parametrize("volume", MILLILITRE)
@pytest.mark.parametrize("mass", MICROGRAM)
def test_every_spelling_of_a_concentration_is_read(mass: str, volume: str, per: str):
    assert units.concentration(Decimal(2000), f"{mass}{per}{volume}", None) == mcg_per_ml(2000)


@pytest.mark.parametrize(
    ("number", "unit"),
    [("2", "mg/mL"), ("2", "mg/cc"), ("2", "g/L"), ("2000", "mg/L"), ("2000000", "ug/L")],
)
def test_a_concentration_in_other_units_is_converted(number: str, unit: str):
    """2 mg/mL is 2000 mcg/mL; a gram a litre is a milligram a millilitre."""
    assert units.concentration(Decimal(number), unit, None) == mcg_per_ml(2000)


@pytest.mark.parametrize("time", A_DAY)
@pytest.mark.parametrize("mass", MICROGRAM)
def test_every_spelling_of_a_daily_dose_is_read(mass: str, time: str):
    assert units.daily_dose(Decimal("347.2"), f"{mass}/{time}", None) == mcg_per_day("347.2")


@pytest.mark.parametrize("time", A_DAY)
def test_milligrams_a_day_are_a_thousand_times_more(time: str):
    """Worked case R18: 0.1 mg/day is 100 mcg/day."""
    assert units.daily_dose(Decimal("0.1"), f"mg/{time}", None) == mcg_per_day(100)


@pytest.mark.parametrize("time", AN_HOUR)
@pytest.mark.parametrize("mass", MICROGRAM)
def test_a_rate_per_hour_counts_24_times(mass: str, time: str):
    """Worked case R18: 4.1667 mcg/h is 100.0008, rounded 100.0 mcg/day."""
    assert units.daily_dose(Decimal("4.1667"), f"{mass}/{time}", None) == mcg_per_day(100)


def test_a_rate_per_hour_in_words_is_read():
    assert units.daily_dose(Decimal(5), "mcg per hour", None) == mcg_per_day(120)


@pytest.mark.parametrize(
    ("number", "unit", "celsius"),
    [
        pytest.param("38.4", "Cel", "38.4", id="UCUM Celsius"),
        pytest.param("38.4", "°C", "38.4", id="degree sign"),
        pytest.param("38.4", "deg C", "38.4", id="words"),
        pytest.param("100.4", "[degF]", "38", id="UCUM Fahrenheit: 68.4 x 5 / 9 = 38"),
        pytest.param("98.6", "°F", "37", id="66.6 x 5 / 9 = 37"),
        pytest.param("101", "degF", "38.33", id="69 x 5 / 9 = 38.333"),
    ],
)
def test_temperatures_are_read_in_both_scales(number: str, unit: str, celsius: str):
    assert units.celsius(Decimal(number), unit, None) == Decimal(celsius)


@pytest.mark.parametrize("unit", ["mo", "month", "months", "mon"])
def test_every_spelling_of_a_month_is_read(unit: str):
    assert units.convert(Decimal(14), Kind.MONTHS, unit, None) == 14


def test_the_code_is_read_before_the_printed_unit():
    assert units.daily_dose(Decimal(100), "as programmed", "ug/d") == mcg_per_day(100)


@pytest.mark.parametrize(
    ("unit", "code"),
    [("mcg/day", "ug/d"), ("mcg/mL", "ug/mL"), ("cc", "mL"), (GREEK_MU, "ug"), ("mg/mL", "g/L")],
)
def test_a_unit_and_a_code_that_mean_the_same_agree(unit: str, code: str):
    kind = units.kind_of(unit, code)
    assert kind is not None
    assert units.convert(Decimal(1), kind, unit, code) == units.convert(
        Decimal(1), kind, None, code
    )


@pytest.mark.parametrize(
    ("kind", "unit", "code"),
    [
        pytest.param(Kind.DAILY_DOSE, "mg/day", "ug/d", id="milli or micro"),
        pytest.param(Kind.DAILY_DOSE, "mcg/h", "ug/d", id="hour or day"),
        pytest.param(Kind.CONCENTRATION, "mg/mL", "ug/mL", id="mg or ug per mL"),
        pytest.param(Kind.VOLUME, "mcg", "mL", id="mass or volume"),
        pytest.param(Kind.MASS, "mg", "ug", id="mg or ug"),
        pytest.param(Kind.CELSIUS, "°F", "Cel", id="Fahrenheit or Celsius"),
    ],
)
def test_a_unit_and_a_code_that_differ_are_refused(kind: Kind, unit: str, code: str):
    with pytest.raises(UnitError, match="contradict each other"):
        units.convert(Decimal(1), kind, unit, code)


@pytest.mark.parametrize(
    "unit",
    [
        pytest.param("mcg/kg/day", id="per kilogram"),
        pytest.param("Mg", id="megagram"),
        pytest.param("units/day", id="units"),
        pytest.param("IU", id="international units"),
        pytest.param("mmol/L", id="molar"),
        pytest.param("mcg/week", id="per week"),
        pytest.param("drops", id="drops"),
        pytest.param("ng/mL", id="nanogram"),
        pytest.param("μ", id="half a unit"),
        pytest.param("{unknown}", id="annotation"),
    ],
)
def test_an_unknown_unit_is_refused_for_every_kind(unit: str):
    for kind in Kind:
        with pytest.raises(UnitError, match="is not known"):
            units.convert(Decimal(1), kind, unit, None)
    assert units.kind_of(unit, None) is None


@pytest.mark.parametrize(("unit", "code"), [(None, None), ("", ""), (None, "")])
def test_a_number_without_unit_is_refused(unit: str | None, code: str | None):
    with pytest.raises(UnitError, match="no unit is given, a volume was expected"):
        units.millilitres(Decimal(20), unit, code)


@pytest.mark.parametrize(
    ("kind", "unit"),
    [
        pytest.param(Kind.DAILY_DOSE, "mL/day", id="volume a day is no dose"),
        pytest.param(Kind.VOLUME, "mg", id="mass is no volume"),
        pytest.param(Kind.CONCENTRATION, "mcg", id="mass is no concentration"),
        pytest.param(Kind.DAILY_DOSE, "mcg", id="mass is no dose a day"),
        pytest.param(Kind.MASS, "mcg/day", id="dose a day is no mass"),
        pytest.param(Kind.CELSIUS, "°F", id="Fahrenheit is never taken as Celsius"),
        pytest.param(Kind.MONTHS, "d", id="days are no months"),
    ],
)
def test_a_unit_of_another_kind_is_refused(kind: Kind, unit: str):
    with pytest.raises(UnitError):
        units.convert(Decimal(1), kind, unit, None)


def test_a_refused_unit_is_quoted_at_a_length_a_card_can_carry():
    with pytest.raises(UnitError) as refused:
        units.millilitres(Decimal(1), "x" * 500, None)
    assert len(str(refused.value)) < 100


doses = st.decimals("0.1", 2500, places=1)


@given(doses)
def test_milligrams_and_micrograms_a_day_are_one_dose(dose: Decimal):
    assert units.daily_dose(dose / 1000, "mg/d", "mg/d") == units.daily_dose(dose, None, "ug/d")


@given(st.integers(1, 25_000))
def test_a_daily_dose_through_its_hourly_rate_comes_back(tenths: int):
    daily = Decimal(tenths) / 10
    assert units.daily_dose(daily / 24, "mcg/h", None) == mcg_per_day(str(daily))


@given(st.decimals("0.1", 50, places=2))
def test_litres_and_millilitres_are_one_volume(volume: Decimal):
    assert units.millilitres(volume / 1000, "L", None) == units.millilitres(volume, "cc", None)


@given(st.decimals(30, 45, places=1))
def test_celsius_through_fahrenheit_comes_back(celsius: Decimal):
    fahrenheit = celsius * 9 / 5 + 32
    assert units.celsius(fahrenheit, None, "[degF]") == celsius


@pytest.mark.parametrize(
    ("read", "unit"),
    [
        (units.millilitres, "mL"),
        (units.micrograms, "ug"),
        (units.concentration, "ug/mL"),
        (units.daily_dose, "ug/d"),
        (units.celsius, "Cel"),
    ],
    ids=["volume", "mass", "concentration", "daily dose", "temperature"],
)
def test_every_quantity_is_read_by_its_code_and_by_its_unit(read: Any, unit: str):
    number = Decimal(38)
    assert read(number, unit, None) == read(number, None, unit) == read(number, unit, unit)
    assert read(number, "as printed", unit) == read(number, unit, None)
    with pytest.raises(UnitError, match=f"the unit '{unit}' and its code 'mo' contradict"):
        read(number, unit, "mo")
    with pytest.raises(UnitError, match="the unit 'as printed' is not known"):
        read(number, "as printed", None)
