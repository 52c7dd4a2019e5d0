"""Stories of the reservoir: full to empty, booked, missed, changed and misrecorded."""

from cds_service.demo_clinic.chart_writer import ChartWriter

_YEARS_AGO = -800


def full_reservoir(chart: ChartWriter) -> None:
    """Alarm in 55 days: nothing to say today."""
    _ordinary(chart, filled=-35)


def refill_upcoming(chart: ChartWriter) -> None:
    """Target in 13 days, nothing booked."""
    _ordinary(chart, filled=-70)


def refill_due(chart: ChartWriter) -> None:
    """Target three days ago, alarm in four days."""
    _ordinary(chart, filled=-86)


def refill_overdue(chart: ChartWriter) -> None:
    """Alarm date three days ago."""
    _ordinary(chart, filled=-93)


def reservoir_empty(chart: ChartWriter) -> None:
    """Computed empty two days ago."""
    _ordinary(chart, filled=-102)


def booked_in_time(chart: ChartWriter) -> None:
    """Target in eleven days, a visit booked for the eighth; before, a refill that was not right.

    Each lasted 84 days of 0.2 mL: 3.2 mL should have been left.
    """
    _ordinary(chart, filled=-240)
    chart.refilled_again(-156, expected=3.2, drawn_out=5.8)
    chart.refilled_again(-72, expected=3.2, drawn_out=3.5)
    chart.visit("refill-visit", 8)


def booked_too_late(chart: ChartWriter) -> None:
    """Alarm in 18 days, a visit booked for day 24."""
    _ordinary(chart, filled=-72)
    chart.visit("refill-visit", 24)


def visit_missed(chart: ChartWriter) -> None:
    """A refill visit missed four days ago, none booked since."""
    _ordinary(chart, filled=-66)
    chart.visit("refill-visit", -4, status="noshow")


def dose_raised(chart: ChartWriter) -> None:
    """Dose raised by a fifth 20 days after the fill: the alarm comes 13 days earlier."""
    chart.condition("24700007", "Multiple sclerosis")
    chart.pump("8637-40", _YEARS_AGO)
    chart.fill(-83, ml=40, mcg_per_ml=1000, mcg_per_day=400)
    chart.daily_dose(-63, 480)


def short_reserve(chart: ChartWriter) -> None:
    """A high dose at a low concentration: less than two days from alarm to empty."""
    chart.condition("90584004", "Spinal cord injury")
    chart.pump("8637-20", _YEARS_AGO)
    chart.fill(-5, ml=20, mcg_per_ml=500, mcg_per_day=600)


def dates_disagree(chart: ChartWriter) -> None:
    """The pump reported an alarm date 18 days before the one its last fill gives."""
    _ordinary(chart, filled=-60)
    chart.reading("low-reservoir-alarm-date", -10, chart.day(12).isoformat())


def broken_record(chart: ChartWriter) -> None:
    """The dose in mL, and an entry that is not a resource."""
    chart.condition("221360009", "Spasticity")
    chart.pump("8637-20", _YEARS_AGO)
    chart.fill(-60, ml=20, mcg_per_ml=500, mcg_per_day=100)
    dose = next(r for r in chart.resources if _is_dose(r))
    dose["valueQuantity"] |= {"unit": "mL", "code": "mL"}
    broken = {
        "resourceType": "MedicationAdministration",
        "id": f"{chart.person.id}-broken",
        "subject": {"reference": f"Patient/{chart.person.id}"},
        "status": {"text": "done"},
        "effectiveDateTime": "last Tuesday",
    }
    chart.broken_entry("medicationAdministrations", broken)


def _ordinary(chart: ChartWriter, filled: int) -> None:
    """A 20 mL pump at 100 mcg/day: 90 days from fill to alarm, 100 to empty."""
    chart.condition("221360009", "Spasticity")
    chart.pump("8637-20", _YEARS_AGO)
    chart.fill(filled, ml=20, mcg_per_ml=500, mcg_per_day=100)


def _is_dose(resource: dict[str, object]) -> bool:
    return resource["resourceType"] == "Observation" and "'daily-dose'" in str(resource["code"])
