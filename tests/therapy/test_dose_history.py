"""The daily dose over time: what changed, by how much, and what is not known."""

from datetime import date
from decimal import Decimal

from cds_service.therapy.dose_history import DoseLine, dose_history
from cds_service.therapy.dosing import DoseEntry
from cds_service.therapy.quantities import MicrogramsPerDay
from cds_service.therapy.record import Evidence


def an_entry(day: str, dose: int | None, earlier: DoseEntry | None = None) -> DoseEntry:
    stated = MicrogramsPerDay(Decimal(dose)) if dose is not None else None
    return DoseEntry(
        date.fromisoformat(day), stated, Evidence(f"Observation/{day}/{dose}", "dose"), earlier
    )


def told(lines: tuple[DoseLine, ...]) -> list[tuple[str, str, Decimal | None, Decimal | None]]:
    return [(line.start.isoformat(), str(line.dose), line.change, line.percent) for line in lines]


def test_each_change_has_its_difference_to_the_dose_before():
    """100 to 120 is a fifth more; 120 to 90 a quarter less."""
    entries = [
        an_entry("2026-01-05", 100),
        an_entry("2026-02-05", 120),
        an_entry("2026-03-05", 90),
    ]

    assert told(dose_history(entries)) == [
        ("2026-01-05", "100 mcg/day", None, None),
        ("2026-02-05", "120 mcg/day", Decimal(20), Decimal(20)),
        ("2026-03-05", "90 mcg/day", Decimal(-30), Decimal(-25)),
    ]


def test_a_dose_stated_again_is_no_change_and_keeps_its_records():
    (line,) = dose_history([an_entry("2026-01-05", 100), an_entry("2026-02-05", 100)])

    assert line.start == date(2026, 1, 5)
    assert [each.reference for each in line.restated] == ["Observation/2026-02-05/100"]


def test_a_refused_dose_is_a_line_without_a_dose_and_the_next_is_held_against_the_last_known():
    entries = [
        an_entry("2026-01-05", 100),
        an_entry("2026-02-05", None),
        an_entry("2026-03-05", 110),
    ]

    assert told(dose_history(entries))[1:] == [
        ("2026-02-05", "None", None, None),
        ("2026-03-05", "110 mcg/day", Decimal(10), Decimal(10)),
    ]


def test_two_doses_of_one_day_are_two_lines_in_their_order():
    first = an_entry("2026-02-05", 110)

    assert told(dose_history([an_entry("2026-02-05", 120, first)])) == [
        ("2026-02-05", "110 mcg/day", None, None),
        ("2026-02-05", "120 mcg/day", Decimal(10), Decimal(9)),
    ]


def test_without_a_dose_there_is_no_line():
    assert dose_history([]) == ()
