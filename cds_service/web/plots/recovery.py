"""The weeks after an operation as bars, one for each step, with today across them."""

from dataclasses import dataclass
from datetime import date

from cds_service.assessment.recovery_timeline import RecoveryStep, RecoveryTimeline
from cds_service.therapy.calendar import day_text

WIDTH = 500
_LEFT, _RIGHT = 12, 40
_TOP, _ROW, _BAR, _BELOW = 26, 30, 9, 28
_WEEK = 7
_NARROWEST = 5.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One step: its title above its bar. `is_open`: it goes on beyond the drawing's edge."""

    title: str
    state: str
    x: float
    width: float
    text_y: float
    y: float
    is_open: bool


@dataclass(frozen=True, slots=True)
class RecoveryPlot:
    """The drawing: coordinates in the SVG's own units. `beyond`: steps that begin after its end."""

    height: float
    bottom: float
    bars: tuple[Bar, ...]
    bar_height: float
    today_x: float
    end_x: float
    weeks: tuple[tuple[float, str], ...]
    beyond: tuple[RecoveryStep, ...]
    description: str


@dataclass(frozen=True, slots=True)
class _Scale:
    surgery: date
    days: int

    def x(self, day: date) -> float:
        share = min(max((day - self.surgery).days, 0) / self.days, 1.0)
        return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 1)


def recovery_plot(timeline: RecoveryTimeline) -> RecoveryPlot:
    """The drawing: from the operation to a week after the expected end, or to today if later."""
    days = max(timeline.last_day, timeline.day) + _WEEK
    scale = _Scale(timeline.surgery, days)
    drawn = [step for step in timeline.steps if (step.start - timeline.surgery).days <= days]
    bottom = _TOP + _ROW * max(len(drawn), 1)
    return RecoveryPlot(
        height=bottom + _BELOW,
        bottom=bottom,
        bars=tuple(_bar(step, row, scale) for row, step in enumerate(drawn)),
        bar_height=_BAR,
        today_x=scale.x(timeline.today),
        end_x=scale.x(date.fromordinal(timeline.surgery.toordinal() + timeline.last_day)),
        weeks=tuple(_weeks(scale)),
        beyond=tuple(step for step in timeline.steps if step not in drawn),
        description=_description(timeline),
    )


def _bar(step: RecoveryStep, row: int, scale: _Scale) -> Bar:
    x, top = scale.x(step.start), _TOP + _ROW * row
    edge = WIDTH - _RIGHT
    last = date.fromordinal(scale.surgery.toordinal() + scale.days)
    end = scale.x(step.end) if step.end else float(edge)
    return Bar(
        title=step.title,
        state=step.state.value,
        x=min(x, edge - _NARROWEST),
        width=round(max(end - x, _NARROWEST), 1),
        text_y=top + 12,
        y=top + 16,
        is_open=step.end is None or step.end > last,
    )


def _weeks(scale: _Scale) -> list[tuple[float, str]]:
    """Week numbers under the bars, every second where there are many."""
    step = _WEEK * max(1, -(-scale.days // (_WEEK * 10)))
    ordinal = scale.surgery.toordinal()
    return [
        (scale.x(date.fromordinal(ordinal + days)), f"{days // _WEEK}")
        for days in range(0, scale.days + 1, step)
    ]


def _description(timeline: RecoveryTimeline) -> str:
    counted: dict[str, int] = {}
    for step in timeline.steps:
        counted[step.state.value] = counted.get(step.state.value, 0) + 1
    told = ", ".join(f"{count} {_SAID[state]}" for state, count in counted.items())
    return (
        f"Days since the {timeline.kind} of {day_text(timeline.surgery)}: today is day "
        f"{timeline.day}. Steps: {told or 'none'}. The table lists each with its days."
    )


_SAID = {
    "done": "done",
    "overdue": "past their time and open",
    "now": "due now",
    "ahead": "ahead",
    "unrecorded": "past their time, not recorded whether done",
}
