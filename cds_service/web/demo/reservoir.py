"""The reservoir beside the cards: the drawing, the table with the same numbers, days to jump to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec

from cds_service.assessment import Occasion, Rulebook, assess
from cds_service.assessment.depletion import Depletion, Mark, depletion
from cds_service.demo_clinic.coding import Resource
from cds_service.errors import ItbCdsError
from cds_service.therapy.calendar import day_text
from cds_service.web.demo.opening import FIRST_DAY, LAST_DAY
from cds_service.web.plots.reservoir import WIDTH, Plot, plot


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table under the drawing."""

    kind: str
    label: str
    day: str
    distance: str
    volume: str


@dataclass(frozen=True, slots=True)
class Step:
    """A day worth jumping to with the slider, in days from today."""

    label: str
    day: str
    offset: int


@dataclass(frozen=True, slots=True)
class ReservoirView:
    """The drawing with its table; `plot` is None when there is none, and `says` says why."""

    plot: Plot | None
    width: int
    says: str
    rows: list[Row]
    steps: list[Step]


def reservoir_view(
    patient_id: str,
    sent: Mapping[str, Resource],
    rulebook: Rulebook,
    instant: datetime,
    today: date,
) -> ReservoirView:
    """The reservoir at an instant, worked out from what the hook was sent, not from cards."""
    raw = {key: msgspec.Raw(msgspec.json.encode(resource)) for key, resource in sent.items()}
    try:
        assessment = assess(patient_id, raw, rulebook, instant, Occasion("patient-view"))
    except ItbCdsError as refusal:
        return ReservoirView(None, WIDTH, f"The reservoir cannot be drawn: {refusal}", [], [])
    day = instant.date()
    drawn = depletion(assessment, rulebook, day, "Today" if day == today else "Chart day")
    if isinstance(drawn, str):
        return ReservoirView(None, WIDTH, drawn, [], [])
    says = drawn.comparison.says if drawn.comparison else ""
    rows = [_row(mark, day) for mark in drawn.marks]
    return ReservoirView(plot(drawn, day), WIDTH, says, rows, _steps(drawn, today))


def in_days(days: int) -> str:
    """A distance in days from today, for people."""
    if days == 0:
        return "today"
    unit = "day" if abs(days) == 1 else "days"
    return f"in {days} {unit}" if days > 0 else f"{-days} {unit} ago"


def _row(mark: Mark, day: date) -> Row:
    distance = "" if mark.kind == "today" else in_days((mark.day - day).days)
    volume = "not known" if mark.ml is None else f"{mark.ml:.1f}".removesuffix(".0") + " mL"
    return Row(mark.kind, mark.label, day_text(mark.day), distance, volume)


def _steps(drawn: Depletion, today: date) -> list[Step]:
    """Today, a month before the refill date, and the dates that rule, as far as the slider goes."""
    days = {mark.kind: (mark.day - today).days for mark in drawn.marks}
    offered = [("Today", 0)]
    if "target" in days:
        offered += [("30 days before refill", days["target"] - 30), ("Refill date", days["target"])]
    named = (("alarm", "Alarm date"), ("empty", "Empty date"))
    offered += [(label, days[kind]) for kind, label in named if kind in days]
    return [
        Step(label, day_text(today + timedelta(days=offset)), offset)
        for label, offset in sorted(offered, key=lambda step: step[1])
        if FIRST_DAY <= offset <= LAST_DAY
    ]
