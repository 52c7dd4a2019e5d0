"""Where everything stands in the drawing of a reservoir: an inline SVG without any script."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from cds_service.assessment.depletion import Depletion, Level, Mark, volume_on
from cds_service.therapy.calendar import add_months, day_text
from cds_service.web.plots.labels import LANE, lanes

WIDTH, _LEFT, _RIGHT = 500, 34, 126
_HEIGHT_OF_PLOT, _BELOW, _ABOVE = 200, 34, 14
_MOST_TICKS = 5
_SHORT = {
    "fill": "Filled",
    "booked": "Booked",
    "target": "Refill by",
    "alarm": "Alarm",
    "empty": "Empty",
}


@dataclass(frozen=True, slots=True)
class Label:
    """A mark's vertical line and its text to the right of it, in a lane free of other marks."""

    kind: str
    text: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Plot:
    """The drawing: coordinates in the SVG's own units, paths as SVG writes them."""

    height: float
    top: float
    bottom: float
    left: float
    right: float
    past: str
    future: str
    area: str
    other: str
    alarm_y: float
    alarm_volume: str
    labels: tuple[Label, ...]
    today: tuple[float, float, str] | None
    months: tuple[tuple[float, str], ...]
    volumes: tuple[tuple[float, str], ...]
    description: str


@dataclass(frozen=True, slots=True)
class _Scale:
    days: float
    ml: float
    top: float

    def x(self, days: float) -> float:
        return round(_LEFT + days / self.days * (WIDTH - _LEFT - _RIGHT), 1)

    def y(self, ml: float) -> float:
        return round(self.top + _HEIGHT_OF_PLOT * (1 - ml / self.ml), 1)

    def path(self, levels: Sequence[Level]) -> str:
        points = " L".join(f"{self.x(level.days)} {self.y(level.ml)}" for level in levels)
        return f"M{points}" if levels else ""


def plot(depletion: Depletion, today: date) -> Plot:
    """The drawing of a depletion with today in it."""
    marks = [mark for mark in depletion.marks if mark.day >= depletion.fill_day]
    spans = [_days(depletion, mark.day) for mark in marks]
    others = depletion.comparison.levels if depletion.comparison else ()
    last = max([*spans, depletion.levels[-1].days, *(level.days for level in others), 1.0])
    xs = [_LEFT + span / last * (WIDTH - _LEFT - _RIGHT) for span in spans]
    stacked = lanes(xs, [_text(mark) for mark in marks])
    top = _ABOVE + LANE * (max(stacked, default=0) + 1)
    scale = _Scale(last, depletion.levels[0].ml, top)
    past, future = _cut(depletion.levels, _days(depletion, today))
    ends = (Level(past[-1].days, 0.0), Level(0.0, 0.0)) if past else ()
    return Plot(
        height=top + _HEIGHT_OF_PLOT + _BELOW,
        top=top,
        bottom=top + _HEIGHT_OF_PLOT,
        left=_LEFT,
        right=scale.x(last),
        past=scale.path(past),
        future=scale.path(future),
        area=scale.path((*past, *ends)),
        other=scale.path(others),
        alarm_y=scale.y(float(depletion.alarm_volume.value)),
        alarm_volume=str(depletion.alarm_volume),
        labels=tuple(
            Label(mark.kind, _text(mark), scale.x(span), top - 6 - LANE * lane)
            for mark, span, lane in zip(marks, spans, stacked, strict=True)
        ),
        today=_today(depletion, today, scale),
        months=tuple(_months(depletion.fill_day, last, scale)),
        volumes=tuple((scale.y(ml), f"{ml:g}") for ml in _volumes(scale.ml)),
        description=_description(depletion),
    )


def _days(depletion: Depletion, day: date) -> float:
    return (day - depletion.fill_day) / timedelta(days=1)


def _text(mark: Mark) -> str:
    return f"{_SHORT.get(mark.kind, mark.label)} {day_text(mark.day).rsplit(' ', 1)[0]}"


def _cut(levels: tuple[Level, ...], days: float) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
    """The levels up to a moment and from it on; the moment itself belongs to both."""
    if days <= 0:
        return (), levels
    if days >= levels[-1].days:
        return levels, ()
    here = Level(days, volume_on(levels, days) or 0.0)
    past = tuple(level for level in levels if level.days < days)
    future = tuple(level for level in levels if level.days > days)
    return (*past, here), (here, *future)


def _today(depletion: Depletion, today: date, scale: _Scale) -> tuple[float, float, str] | None:
    days = _days(depletion, today)
    ml = volume_on(depletion.levels, days)
    return None if ml is None else (scale.x(days), scale.y(ml), f"{ml:.1f} mL")


def _months(start: date, days: float, scale: _Scale) -> list[tuple[float, str]]:
    """The first days of months under the plot, at most five or so; the year where it changes."""
    first = add_months(start.replace(day=1), 1)
    count = max(1, round(days / 30.4))
    step = -(-count // _MOST_TICKS)
    ticks, year = [], start.year
    for index in range(0, count + 1, step):
        day = add_months(first, index)
        if (day - start).days > days:
            break
        name = day_text(day).split(" ", 1)[1]
        ticks.append((scale.x((day - start).days), name if day.year != year else name.split()[0]))
        year = day.year
    return ticks


def _volumes(full: float) -> list[float]:
    return [0.0, full / 4, full / 2, full * 3 / 4, full]


def _description(depletion: Depletion) -> str:
    said = ", ".join(f"{mark.label.lower()} {day_text(mark.day)}" for mark in depletion.marks)
    return (
        f"The volume falls from {depletion.levels[0].ml:g} mL at the last fill to empty. {said}. "
        f"The alarm volume is {depletion.alarm_volume}."
    )
