"""Which stated dose holds on which day."""

from datetime import date
from itertools import permutations

import pytest

from cds_service.therapy.dosing import dose_changes, dose_steps, timeline
from cds_service.therapy.record import DoseSource, DoseStatement
from cds_service.therapy.reservoir import DoseStep
from tests.therapy.builders import a_dose, mcg_per_day

LOWEST = mcg_per_day(5)
HIGHEST = mcg_per_day(2500)
FILLED = date(2026, 1, 5)
SEEN, RATE, ORDER = DoseSource.OBSERVATION, DoseSource.REFILL, DoseSource.PRESCRIPTION


def doses_from(*statements: DoseStatement) -> list[tuple[str, str]]:
    """The doses from the fill day on, as (day, dose)."""
    dosing = dose_steps(timeline(statements, LOWEST, HIGHEST).entries, FILLED)
    return [(step.start.isoformat(), str(step.dose)) for step in dosing.steps]


def problems_of(*statements: DoseStatement) -> list[str]:
    return [conflict.problem for conflict in timeline(statements, LOWEST, HIGHEST).conflicts]


@pytest.mark.parametrize(
    ("sources", "dose"),
    [
        pytest.param((SEEN, RATE, ORDER), "100 mcg/day", id="the observation wins the tie"),
        pytest.param((RATE, ORDER), "200 mcg/day", id="the refill's rate before the order"),
        pytest.param((ORDER,), "300 mcg/day", id="the order alone"),
    ],
)
def test_of_several_sources_on_one_day_the_most_trusted_rules(
    sources: tuple[DoseSource, ...], dose: str
):
    stated = {SEEN: 100, RATE: 200, ORDER: 300}
    for order in permutations(sources):
        found = doses_from(*(a_dose("2026-01-05", stated[source], source) for source in order))
        assert found == [("2026-01-05", dose)]


def test_a_later_statement_rules_whatever_its_source():
    found = doses_from(a_dose("2026-01-05", 100, SEEN), a_dose("2026-02-01", 115, ORDER))
    assert found == [("2026-01-05", "100 mcg/day"), ("2026-02-01", "115 mcg/day")]


def test_two_doses_on_one_day_without_times_use_the_higher_and_say_so():
    stated = (
        a_dose("2026-01-05", 100, reference="Observation/a"),
        a_dose("2026-01-05", 120, reference="Observation/b"),
    )
    for order in permutations(stated):
        assert doses_from(*order) == [("2026-01-05", "120 mcg/day")]
        assert len(problems_of(*order)) == 1
        assert "100 mcg/day and 120 mcg/day" in problems_of(*order)[0]


def test_two_doses_on_one_day_with_times_use_the_later():
    stated = (
        a_dose("2026-01-05T09:00+00:00", 120, reference="Observation/a"),
        a_dose("2026-01-05T15:00+00:00", 100, reference="Observation/b"),
    )
    for order in permutations(stated):
        assert doses_from(*order) == [("2026-01-05", "100 mcg/day")]
        assert problems_of(*order) == []


def changes(*statements: DoseStatement) -> list[tuple[str, str]]:
    entries = timeline(statements, LOWEST, HIGHEST).entries
    return [(str(before.dose), str(after.dose)) for before, after in dose_changes(entries)]


def test_a_dose_raised_later_on_the_day_of_the_fill_is_a_change():
    """Filled at 8 with the dose as it was, 100; read at 9 after reprogramming: 130."""
    stated = (
        a_dose("2026-01-05T08:00+00:00", 100, RATE),
        a_dose("2026-01-05T09:00+00:00", 130, SEEN),
    )
    for order in permutations(stated):
        assert changes(*order) == [("100 mcg/day", "130 mcg/day")]
        assert doses_from(*order) == [("2026-01-05", "130 mcg/day")]


def test_doses_of_one_day_without_times_are_no_change():
    assert changes(a_dose("2026-01-05", 100, RATE), a_dose("2026-01-05", 130, SEEN)) == []
    assert changes(a_dose("2026-01-05T08:00Z", 100, RATE), a_dose("2026-01-05", 130, SEEN)) == []


def test_the_dose_before_the_day_is_compared_with_the_first_of_the_day():
    """100 before; that day 120 at 8 and 100 again at 9: up and down, not unchanged."""
    assert changes(
        a_dose("2026-01-05", 100),
        a_dose("2026-02-01T08:00+00:00", 120, reference="Observation/a"),
        a_dose("2026-02-01T09:00+00:00", 100, reference="Observation/b"),
    ) == [("100 mcg/day", "120 mcg/day"), ("120 mcg/day", "100 mcg/day")]


@pytest.mark.parametrize(
    ("dose", "is_used"),
    [
        pytest.param("0", False, id="nothing"),
        pytest.param("0.35", False, id="mg written as mcg"),
        pytest.param("4.9", False, id="below the lowest"),
        pytest.param("5", True, id="at the lowest"),
        pytest.param("2500", True, id="at the highest"),
        pytest.param("2500.1", False, id="above the highest"),
        pytest.param("100000", False, id="R18: 100 mg/day"),
    ],
)
def test_a_dose_outside_what_is_possible_is_refused_and_said(dose: str, is_used: bool):
    stated = a_dose("2026-01-05", dose)
    assert bool(doses_from(stated)) is is_used
    assert bool(problems_of(stated)) is not is_used


def test_a_refused_newest_dose_leaves_the_dose_unknown():
    """The pump was reprogrammed to something: the old dose holds no longer."""
    for refused in (None, 90_000):
        stated = [a_dose("2026-01-05", 100), a_dose("2026-02-01", refused)]
        dosing = dose_steps(timeline(stated, LOWEST, HIGHEST).entries, FILLED)
        assert dosing.refused_on == date(2026, 2, 1)
        assert [str(step.dose) for step in dosing.steps] == ["100 mcg/day"]


def test_a_dose_refused_on_the_fill_day_leaves_nothing_to_compute_with():
    assert doses_from(a_dose("2025-06-01", 100), a_dose("2026-01-05", None)) == []


@pytest.mark.parametrize(
    ("before", "after"), [(100, 150), (150, 100)], ids=["lower before", "lower after"]
)
def test_a_refused_dose_in_the_middle_counts_as_the_higher_neighbour(before: int, after: int):
    found = doses_from(
        a_dose("2026-01-05", before), a_dose("2026-02-01", None), a_dose("2026-03-01", after)
    )
    expected = [("2026-01-05", f"{before} mcg/day")]
    expected += [("2026-02-01" if after > before else "2026-03-01", f"{after} mcg/day")]
    assert found == expected


def test_a_refused_dose_before_the_first_known_one_counts_as_that():
    found = doses_from(a_dose("2026-01-05", None), a_dose("2026-02-01", 120))
    assert found == [("2026-01-05", "120 mcg/day")]


def test_the_dose_before_the_fill_runs_on_after_it():
    assert doses_from(a_dose("2025-06-01", 100)) == [("2026-01-05", "100 mcg/day")]


def test_only_the_last_dose_before_the_fill_counts():
    found = doses_from(a_dose("2025-06-01", 300), a_dose("2025-12-01", 100))
    assert found == [("2026-01-05", "100 mcg/day")]


def test_a_dose_first_stated_after_the_fill_counts_from_the_fill():
    assert doses_from(a_dose("2026-01-20", 100)) == [("2026-01-05", "100 mcg/day")]


def test_no_statement_is_no_dose():
    assert doses_from() == []


def test_repeated_doses_are_one_step():
    stated = [a_dose(when, 100) for when in ("2026-01-05", "2026-02-01", "2026-03-01")]
    dosing = dose_steps(timeline(stated, LOWEST, HIGHEST).entries, FILLED)
    assert dosing.steps == (DoseStep(FILLED, mcg_per_day(100)),)
    assert len(dosing.entries) == 3


@pytest.mark.parametrize(
    ("stated", "changed"),
    [
        pytest.param([("2026-01-05", 100)], None, id="one dose"),
        pytest.param([("2026-01-05", 100), ("2026-02-01", 100)], None, id="the same again"),
        pytest.param([("2026-01-05", 100), ("2026-02-01", 115)], "2026-02-01", id="raised"),
        pytest.param([("2026-01-05", 100), ("2026-02-01", 90)], "2026-02-01", id="lowered"),
        pytest.param([("2026-01-05", 100), ("2026-02-01", None)], "2026-02-01", id="unreadable"),
        pytest.param(
            [("2026-01-05", 100), ("2026-02-01", 115), ("2026-03-01", 115)],
            "2026-02-01",
            id="raised, then the same",
        ),
    ],
)
def test_the_last_change_is_the_day_another_dose_was_stated(
    stated: list[tuple[str, int | None]], changed: str | None
):
    found = timeline([a_dose(when, dose) for when, dose in stated], LOWEST, HIGHEST).last_change
    assert (found.isoformat() if found else None) == changed
