"""The drawing of the daily dose holds the table's figures; what is not known is a gap."""

from datetime import date
from itertools import pairwise

from cds_service.therapy.dose_history import dose_history
from cds_service.web.plots.doses import DosePlot, dose_plot
from tests.therapy.test_dose_history import an_entry

TODAY = date(2026, 4, 15)


def drawn(*stated: tuple[str, int | None]) -> DosePlot:
    found = dose_plot(dose_history([an_entry(day, dose) for day, dose in stated]), TODAY)
    assert found is not None
    return found


def test_steps_stand_where_their_days_and_doses_are():
    """346 units for 100 days from 44 on: day 50 is at 217. 120 units for 150, 100 at 70."""
    plot = drawn(("2026-01-05", 100), ("2026-02-24", 150))

    assert plot.path == "M44.0 70.0H217.0 L217.0 30.0H390.0"
    assert plot.doses == ((150.0, "0"), (110.0, "50"), (70.0, "100"), (30.0, "150"))
    assert [(label.text, label.x) for label in plot.labels] == [
        ("100", 44.0),
        ("150 mcg/day", 396),
    ]
    assert [label.text for label in plot.days] == ["5 Jan 2026", "15 Apr 2026"]
    assert plot.description == (
        "The daily dose as steps: from 5 Jan 2026 100 mcg/day; from 24 Feb 2026 150 mcg/day."
    )


def test_a_refused_dose_is_a_gap_in_the_line():
    plot = drawn(("2026-01-05", 100), ("2026-02-24", None), ("2026-04-15", 100))

    assert plot.path == "M44.0 30.0H217.0 M390.0 30.0H390.0"
    assert plot.gaps == (217.0,)
    assert "from 24 Feb 2026 not known" in plot.description


def test_a_newest_dose_that_was_refused_is_never_drawn_on():
    plot = drawn(("2026-01-05", 100), ("2026-02-24", None))

    assert plot.path == "M44.0 30.0H217.0"
    assert plot.labels[-1].text == "not known"


def test_many_changes_leave_no_label_over_another():
    days = [(f"2026-0{1 + n // 28}-{1 + n % 28:02}", 100 + n % 2) for n in range(80)]
    plot = drawn(*days)

    spots = [label.x for label in plot.labels]
    assert all(after - before >= 44 for before, after in pairwise(spots[:-1]))


def test_without_a_known_dose_there_is_no_drawing():
    assert dose_plot(dose_history([an_entry("2026-01-05", None)]), TODAY) is None
    assert dose_plot((), TODAY) is None
