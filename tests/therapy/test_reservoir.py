"""When the reservoir runs down: worked cases R1 to R13, and what must always hold."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.therapy.reservoir import EMPTY, DoseStep, Filling, reaches, reserve
from tests.therapy.builders import mcg_per_day, mcg_per_ml, ml

START = date(2026, 1, 5)
CASES = {
    # fill date, V mL, A mL, C mcg/mL, D mcg/day, alarm date, empty date
    "R1 baseline": ("2026-01-05", 20, 2, 500, 100, "2026-04-05", "2026-04-15"),
    "R2 40 mL": ("2026-01-12", 40, 2, 2000, 350, "2026-08-17", "2026-08-28"),
    "R3 high dose": ("2026-03-02", 20, 2, 2000, 800, "2026-04-16", "2026-04-21"),
    "R4 40 mL of 500": ("2026-02-16", 40, 2, 500, 250, "2026-05-03", "2026-05-07"),
    "R5 1 mL alarm": ("2026-04-01", 20, 1, 1000, 300, "2026-06-03", "2026-06-06"),
    "R6 partial fill": ("2026-05-04", 18, 2, 500, 150, "2026-06-26", "2026-07-03"),
    "R7 low dose": ("2026-01-01", 20, 2, 500, 50, "2026-06-30", "2026-07-20"),
    "R8 flex dosing": ("2026-01-20", 40, 2, 1000, 138, "2026-10-22", "2026-11-05"),
    "R9 new concentration": ("2026-06-08", 20, 2, 2000, 200, "2026-12-05", "2026-12-25"),
    "R10 leap year": ("2028-02-20", 20, 2, 500, 600, "2028-03-06", "2028-03-07"),
    "R11 alarm at 4 mL": ("2026-01-05", 20, 4, 500, 100, "2026-03-26", "2026-04-15"),
    "R12 nine days": ("2026-07-01", 20, 2, 500, 1000, "2026-07-10", "2026-07-11"),
}


def a_filling(
    filled: date = START, volume: float = 20, strength: float = 500, dose: float | str = 100
) -> Filling:
    return Filling(ml(volume), mcg_per_ml(strength), (DoseStep(filled, mcg_per_day(dose)),))


@pytest.mark.parametrize(
    ("filled", "volume", "alarm_volume", "strength", "dose", "alarm", "empty"),
    CASES.values(),
    ids=CASES.keys(),
)
def test_alarm_and_empty_dates_are_those_worked_by_hand(  # noqa: PLR0917
    filled: str, volume: int, alarm_volume: int, strength: int, dose: int, alarm: str, empty: str
):
    filling = a_filling(date.fromisoformat(filled), volume, strength, dose)

    assert reaches(filling, ml(alarm_volume)) == date.fromisoformat(alarm)
    assert reaches(filling, EMPTY) == date.fromisoformat(empty)


def test_a_dose_raised_in_mid_cycle_is_counted_from_its_day():
    """Worked case R13: 15 % more from day 30 on; without it the alarm would come 8 days late."""
    steps = (
        DoseStep(date(2026, 2, 1), mcg_per_day(100)),
        DoseStep(date(2026, 3, 3), mcg_per_day(115)),
    )
    filling = Filling(ml(20), mcg_per_ml(500), steps)

    assert reaches(filling, ml(2)) == date(2026, 4, 24)
    assert reaches(filling, EMPTY) == date(2026, 5, 2)


def test_a_dose_change_after_the_alarm_does_not_move_the_alarm():
    steps = (DoseStep(START, mcg_per_day(100)), DoseStep(date(2026, 4, 7), mcg_per_day(200)))
    filling = Filling(ml(20), mcg_per_ml(500), steps)

    assert reaches(filling, ml(2)) == date(2026, 4, 5)
    # 92 days x 100 = 9200 of 10000 mcg are used by 7 Apr; 800 / 200 = 4 days more.
    assert reaches(filling, EMPTY) == date(2026, 4, 11)


def test_a_dose_change_on_the_alarm_day_itself_leaves_it():
    steps = (DoseStep(START, mcg_per_day(100)), DoseStep(date(2026, 4, 5), mcg_per_day(1)))
    assert reaches(Filling(ml(20), mcg_per_ml(500), steps), ml(2)) == date(2026, 4, 5)


@pytest.mark.parametrize("volume", [1, 1.9, 2])
def test_a_fill_not_above_the_alarm_volume_alarms_on_the_fill_day(volume: float):
    assert reaches(a_filling(volume=volume), ml(2)) == START


@pytest.mark.parametrize(
    ("alarm_volume", "strength", "dose", "days"),
    [
        pytest.param(2, 500, 100, "10", id="R1"),
        pytest.param(2, 2000, 350, "11.42", id="R2: 11.43 rounded down"),
        pytest.param(1, 1000, 300, "3.33", id="R5"),
        pytest.param(2, 500, 600, "1.66", id="R10: 1.67 rounded down"),
        pytest.param(2, 500, 1000, "1", id="R12"),
    ],
)
def test_the_reserve_lasts_as_worked_by_hand(
    alarm_volume: int, strength: int, dose: int, days: str
):
    found = reserve(ml(alarm_volume), mcg_per_ml(strength), mcg_per_day(dose))
    assert found.decimal == Decimal(days)


def test_a_dose_of_next_to_nothing_ends_on_the_calendars_last_day():
    assert reaches(a_filling(volume=40, strength=2000, dose="0.1"), EMPTY) > date(4000, 1, 1)


doses = st.integers(1, 25_000).map(lambda tenths: mcg_per_day(f"{tenths / 10:.1f}"))
changes = st.lists(st.tuples(st.integers(1, 200), doses), max_size=4)
volumes = st.integers(10, 400).map(lambda tenths: ml(f"{tenths / 10:.1f}"))
strengths = st.sampled_from([50, 500, 1000, 2000]).map(mcg_per_ml)


@st.composite
def fillings(draw: st.DrawFn) -> Filling:
    steps = [DoseStep(START, draw(doses))]
    for days, dose in sorted(draw(changes), key=lambda change: change[0]):
        steps.append(DoseStep(START + timedelta(days=days), dose))
    return Filling(draw(volumes), draw(strengths), tuple(steps))


@given(fillings(), st.integers(0, 4), st.integers(1, 1000))
def test_a_higher_dose_never_delays_the_alarm(filling: Filling, changed: int, more: int):
    index = changed % len(filling.doses)
    step = filling.doses[index]
    raised = DoseStep(step.start, mcg_per_day(str(step.dose.value + more)))
    higher = replace(filling, doses=(*filling.doses[:index], raised, *filling.doses[index + 1 :]))

    assert reaches(higher, ml(2)) <= reaches(filling, ml(2))
    assert reaches(higher, EMPTY) <= reaches(filling, EMPTY)


@given(fillings(), volumes)
def test_a_larger_fill_never_brings_the_alarm_forward(filling: Filling, more: object):
    assert isinstance(more, type(filling.volume))
    larger = replace(filling, volume=filling.volume + more)
    assert reaches(larger, ml(2)) >= reaches(filling, ml(2))


@given(fillings())
def test_the_alarm_never_comes_after_the_empty_reservoir(filling: Filling):
    assert filling.doses[0].start <= reaches(filling, ml(2)) <= reaches(filling, EMPTY)


@given(st.integers(0, 3000), volumes, strengths, doses)
def test_a_later_refill_never_makes_the_alarm_earlier(
    later: int, volume: object, strength: object, dose: object
):
    first = Filling(volume, strength, (DoseStep(START, dose),))  # type: ignore[arg-type]
    second = Filling(
        volume,  # type: ignore[arg-type]
        strength,  # type: ignore[arg-type]
        (DoseStep(START + timedelta(days=later), dose),),  # type: ignore[arg-type]
    )
    assert reaches(second, ml(2)) - reaches(first, ml(2)) == timedelta(days=later)


@given(fillings())
def test_repeating_the_dose_changes_nothing(filling: Filling):
    last = filling.doses[-1]
    again = DoseStep(last.start + timedelta(days=3), last.dose)
    assert reaches(replace(filling, doses=(*filling.doses, again)), ml(2)) == reaches(
        filling, ml(2)
    )
