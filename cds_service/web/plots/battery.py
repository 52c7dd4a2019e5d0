"""The bar of a battery: its phases from implant to the day the pump stops, with today in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from cds_service.assessment.battery_timeline import BatteryTimeline
from cds_service.therapy.calendar import add_days, day_text
from cds_service.web.plots.labels import LANE, lanes

WIDTH = 500
_LEFT, _RIGHT = 12, 156
_ABOVE, _BAR, _BELOW = 10, 26, 30
_MOST_TICKS = 6
_BEFORE, _AFTER = 60, 30
_NAMES = {
    "implant": "Implant",
    "plan": "Plan from",
    "order": "Order by",
    "replacement": "Surgery",
    "eri": "ERI",
    "eos": "EOS",
    "today": "Today",
}
_SAID = {
    "implant": "implanted",
    "plan": "plan the replacement from",
    "order": "order it by",
    "replacement": "replacement booked or ordered for",
    "eri": "elective replacement indicator (ERI)",
    "eos": "end of service (EOS), the pump stops,",
    "today": "today",
}
_PHASES = ("running", "plan", "order", "replace", "stopped")


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of the bar: `kind` is running, plan, order, replace or stopped."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Label:
    """A mark's line and its text to the right of it."""

    kind: str
    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class BatteryPlot:
    """The drawing: coordinates in the SVG's own units. `is_open`: the bar begins before it."""

    height: float
    bar_y: float
    bar_height: float
    phases: tuple[Phase, ...]
    labels: tuple[Label, ...]
    today_x: float
    years: tuple[tuple[float, str], ...]
    is_open: bool
    description: str


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    last: date

    def x(self, day: date) -> float:
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 1)


def battery_plot(timeline: BatteryTimeline) -> BatteryPlot:
    """The drawing of a battery's time."""
    days = [mark.day for mark in timeline.marks]
    first = timeline.begins or add_days(min(days), -_BEFORE)
    scale = _Scale(min(first, *days), add_days(max(days), _AFTER))
    texts = [f"{_NAMES[mark.kind]} {day_text(mark.day)}" for mark in timeline.marks]
    xs = [scale.x(mark.day) for mark in timeline.marks]
    stacked = lanes(xs, texts)
    bar_y = _ABOVE + LANE * (max(stacked) + 1)
    return BatteryPlot(
        height=bar_y + _BAR + _BELOW,
        bar_y=bar_y,
        bar_height=_BAR,
        phases=tuple(_phases(timeline, scale)),
        labels=tuple(
            Label(mark.kind, text, x, bar_y - 6 - LANE * lane)
            for mark, text, x, lane in zip(timeline.marks, texts, xs, stacked, strict=True)
        ),
        today_x=scale.x(timeline.today),
        years=tuple(_years(scale)),
        is_open=timeline.begins is None,
        description=_description(timeline),
    )


def _phases(timeline: BatteryTimeline, scale: _Scale) -> Iterator[Phase]:
    """The parts of the bar; a phase that was over before the bar begins is left out."""
    borders = (timeline.plan_from, timeline.order_by, timeline.eri, timeline.eos, scale.last)
    start = scale.first
    for kind, border in zip(_PHASES, borders, strict=True):
        if border > start:
            x = scale.x(start)
            yield Phase(kind, x, round(scale.x(border) - x, 1))
            start = border


def _years(scale: _Scale) -> Iterator[tuple[float, str]]:
    """The first days of years under the bar, six of them at most."""
    years = range(scale.first.year + 1, scale.last.year + 1)
    step = -(-len(years) // _MOST_TICKS) or 1
    for year in years[::step]:
        yield scale.x(date(year, 1, 1)), str(year)


def _description(timeline: BatteryTimeline) -> str:
    said = ", ".join(f"{_SAID[mark.kind]} {day_text(mark.day)}" for mark in timeline.marks)
    begins = "" if timeline.begins else " The implant date is not known."
    return f"The battery's time as a bar: {said}.{begins}"
