"""What must hold of every record, from the JSON that was sent to the dates that are shown."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.assessment.builders import a_chart, assessed, prefetch
from tests.fhir.builders import (
    INTRATHECAL,
    Json,
    an_administration,
    an_observation,
    quantity,
)
from tests.oracle.zone_offsets import ZONES

FIRST = date(2024, 1, 1)
fill_days = st.integers(0, 1095).map(lambda days: FIRST + timedelta(days))
tenths = st.integers(200, 12_000)
volumes = st.sampled_from([10, 18.5, 20, 38.7, 40])


def filled(on: date, tenths_of_dose: int, volume: float, **stated: Any) -> Json:
    dosage = {
        "route": INTRATHECAL,
        "dose": quantity(volume, "mL", "mL"),
        "rateQuantity": quantity(tenths_of_dose / 10, "mcg/day", "ug/d"),
    }
    return an_administration(effectiveDateTime=on.isoformat(), dosage=dosage, **stated)


def shown(today: date, *fills: Json, zone: str = "UTC", **more: list[Json]) -> dict[str, Any]:
    chart = a_chart(medicationAdministrations=list(fills), procedures=[], **more)
    facts = assessed(prefetch(chart), today.isoformat(), zone).findings.facts
    names = ("alarmDate", "targetDate", "emptyDate")
    return {name: facts[f"refill.{name}"].value for name in names}


@settings(max_examples=60, deadline=None)
@given(fill_days, tenths, st.integers(1, 6000), volumes)
def test_a_higher_dose_never_delays_a_refill(on: date, dose: int, more: int, volume: float):
    lower, higher = (shown(on, filled(on, each, volume)) for each in (dose, dose + more))
    assert all(higher[name] <= lower[name] for name in lower)


@settings(max_examples=60, deadline=None)
@given(fill_days, tenths, st.integers(1, 3000), st.integers(0, 60), volumes)
def test_a_dose_raised_later_never_delays_a_refill(
    on: date, dose: int, more: int, after: int, volume: float
):
    today = on + timedelta(after)
    raised = an_observation(
        "daily-dose",
        id="raised",
        effectiveDateTime=today.isoformat(),
        valueQuantity=quantity((dose + more) / 10, "mcg/day", "ug/d"),
    )
    before = shown(today, filled(on, dose, volume))
    found = shown(today, filled(on, dose, volume), observations=[raised])
    assert all(found[name] <= before[name] for name in before)


@settings(max_examples=60, deadline=None)
@given(fill_days, tenths, st.integers(1, 200), volumes)
def test_a_later_refill_never_makes_a_date_earlier(on: date, dose: int, later: int, volume: float):
    today = on + timedelta(later)
    first = filled(on, dose, volume, id="first")
    second = filled(today, dose, volume, id="second")
    before, after = shown(today, first), shown(today, first, second)
    assert all(after[name] >= before[name] for name in before)


@settings(max_examples=60, deadline=None)
@given(fill_days, tenths, volumes, st.sampled_from(ZONES), st.integers(0, 23))
def test_the_dates_are_whole_days_of_the_calendar_in_every_zone(
    on: date, dose: int, volume: float, zone: str, hour: int
):
    """Across changes of the clocks, leap days and the ends of months and years."""
    assert shown(on, filled(on, dose, volume), zone=zone) == shown(on, filled(on, dose, volume))
    at_an_hour = filled(on, dose, volume, id="x")
    at_an_hour["effectiveDateTime"] = f"{on.isoformat()}T{hour:02}:30:00"
    today = on + timedelta(1)
    assert shown(today, at_an_hour, zone=zone) == shown(today, filled(on, dose, volume))


@settings(max_examples=40, deadline=None)
@given(fill_days, tenths, volumes, st.integers(1, 4))
def test_a_record_sent_again_under_its_id_changes_nothing(
    on: date, dose: int, volume: float, times: int
):
    given_once = filled(on, dose, volume)
    assert shown(on, *[given_once] * times) == shown(on, given_once)


@settings(max_examples=40, deadline=None)
@given(fill_days, tenths)
def test_a_larger_fill_never_brings_a_date_forward(on: date, dose: int):
    dates = [shown(on, filled(on, dose, volume)) for volume in (10, 18.5, 20, 38.7, 40)]
    for smaller, larger in pairwise(dates):
        assert all(smaller[name] <= larger[name] for name in smaller)
