"""The what-if form of a patient's page: read, computed, shown; nothing of it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from cds_service.therapy.cycle import Thresholds
from cds_service.therapy.quantities import (
    MicrogramsPerDay,
    MicrogramsPerMillilitre,
    Millilitres,
    plain,
)
from cds_service.therapy.supposition import SupposedDays, Supposition, supposed_days
from cds_service.web.coordinator.patient_page import Chart
from cds_service.web.coordinator.reading_form import number

_BOUNDS = {
    "concentration": ("lowestConcentration", "highestConcentration"),
    "daily_dose": ("lowestDailyDose", "highestDailyDose"),
}
_LARGEST_RESERVOIR = Decimal(100)
"""No pump holds as much; a bound for what was typed where the reservoir's size is not known."""


@dataclass(slots=True)
class WhatIf:
    """What was typed, and the days that follow; `faults` say which field is wrong, and why.

    A fault is (a word that the template puts into a sentence, the bounds in figures).
    """

    typed: Mapping[str, str]
    supposed: Supposition | None = None
    days: SupposedDays | None = None
    faults: dict[str, tuple[str, str]] = field(default_factory=dict)


def what_if(typed: Mapping[str, str], chart: Chart, thresholds: Thresholds) -> WhatIf:
    """The days of the reservoir as supposed on the form."""
    found = WhatIf(typed)
    capacity = chart.capacity.value if chart.capacity else _LARGEST_RESERVOIR
    volume = _number(found, "volume", Decimal(0), capacity)
    bounds = {name: [thresholds[each] for each in both] for name, both in _BOUNDS.items()}
    concentration = _number(found, "concentration", *bounds["concentration"])
    dose = _number(found, "daily_dose", *bounds["daily_dose"])
    on = _day(found)
    if volume is None or concentration is None or dose is None or on is None:
        return found
    found.supposed = Supposition(
        on, Millilitres(volume), MicrogramsPerMillilitre(concentration), MicrogramsPerDay(dose)
    )
    found.days = supposed_days(found.supposed, chart.alarm_volume.volume, thresholds)
    return found


def _number(found: WhatIf, name: str, lowest: Decimal, highest: Decimal) -> Decimal | None:
    try:
        value = number(found.typed.get(name, "").strip())
    except ValueError as fault:
        found.faults[name] = (str(fault), "")
        return None
    if not lowest <= value <= highest:
        found.faults[name] = ("out-of-range", f"{plain(lowest)} to {plain(highest)}")
        return None
    return value


def _day(found: WhatIf) -> date | None:
    try:
        day = date.fromisoformat(found.typed.get("on", "").strip())
    except ValueError:
        found.faults["on"] = ("no-day", "")
        return None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        found.faults["on"] = ("no-day", "")
        return None
    return day


_FIRST_YEAR, _LAST_YEAR = 1990, 2199
