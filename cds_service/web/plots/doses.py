"""The daily dose over time as steps; a time in which it is not known is a gap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from cds_service.therapy.calendar import day_text
from cds_service.therapy.dose_history import DoseLine
from cds_service.therapy.quantities import plain

WIDTH = 500
_LEFT, _RIGHT = 44, 110
_TOP, _HEIGHT_OF_PLOT, _BELOW = 30, 120, 40
_ROOM = 44
"""Between two labels on one height."""
_STEPS = (10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, slots=True)
class Label:
    """A text in the drawing."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class DosePlot:
    """The drawing: coordinates in the SVG's own units; `gaps` are where the dose is not known."""

    height: float
    top: float
    bottom: float
    left: float
    right: float
    path: str
    labels: tuple[Label, ...]
    days: tuple[Label, ...]
    gaps: tuple[float, ...]
    doses: tuple[tuple[float, str], ...]
    description: str


@dataclass(frozen=True, slots=True)
class _Scale:
    first: date
    last: date
    most: float

    def x(self, day: date) -> float:
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 1)

    def y(self, line: DoseLine) -> float:
        dose = float(line.dose.value) if line.dose else 0.0
        return round(_TOP + _HEIGHT_OF_PLOT * (1 - dose / self.most), 1)


def dose_plot(lines: Sequence[DoseLine], today: date) -> DosePlot | None:
    """The drawing of doses, oldest first, up to today; None when no dose is known."""
    highest = max((float(line.dose.value) for line in lines if line.dose), default=0.0)
    if not highest:
        return None
    step = next((each for each in _STEPS if highest <= 4 * each), _STEPS[-1])
    count = int(-(-highest // step))
    scale = _Scale(lines[0].start, max(today, lines[-1].start), count * step)
    bottom = _TOP + _HEIGHT_OF_PLOT
    return DosePlot(
        height=bottom + _BELOW,
        top=_TOP,
        bottom=bottom,
        left=_LEFT,
        right=WIDTH - _RIGHT,
        path=" ".join(_path(lines, scale)),
        labels=tuple(_labels(lines, scale)),
        days=tuple(_days(lines, scale, bottom)),
        gaps=tuple(scale.x(line.start) for line in lines if line.dose is None),
        doses=tuple(
            (round(bottom - _HEIGHT_OF_PLOT * index / count, 1), str(index * step))
            for index in range(count + 1)
        ),
        description=_description(lines),
    )


def _path(lines: Sequence[DoseLine], scale: _Scale) -> Iterator[str]:
    """Steps; after a time in which the dose is not known the line begins anew."""
    is_drawing = False
    for line, end in _with_ends(lines, scale.last):
        if line.dose is None:
            is_drawing = False
            continue
        x, y = scale.x(line.start), scale.y(line)
        yield f"{'L' if is_drawing else 'M'}{x} {y}H{scale.x(end)}"
        is_drawing = True


def _with_ends(lines: Sequence[DoseLine], last: date) -> Iterator[tuple[DoseLine, date]]:
    yield from ((line, after.start) for line, after in pairwise(lines))
    yield lines[-1], last


def _labels(lines: Sequence[DoseLine], scale: _Scale) -> Iterator[Label]:
    """The newest dose with its unit, and every other for which there is room; the table has all."""
    newest = lines[-1]
    free = scale.x(newest.start)
    labels: list[Label] = []
    for line in reversed(lines[:-1]):
        x = scale.x(line.start)
        if line.dose is not None and free - x >= _ROOM:
            labels.append(Label(x, scale.y(line) - 6, plain(line.dose.value)))
            free = x
    yield from reversed(labels)
    if newest.dose is not None:
        yield Label(WIDTH - _RIGHT + 6, scale.y(newest) + 4, str(newest.dose))
    else:
        yield Label(scale.x(newest.start) + 6, _TOP + 12, "not known")


def _days(lines: Sequence[DoseLine], scale: _Scale, bottom: float) -> Iterator[Label]:
    """The first day and today, under the plot."""
    yield Label(_LEFT, bottom + 18, day_text(lines[0].start))
    if scale.last > lines[0].start:
        yield Label(WIDTH - _RIGHT, bottom + 18, day_text(scale.last))


def _description(lines: Sequence[DoseLine]) -> str:
    said = "; ".join(f"from {day_text(line.start)} {line.dose or 'not known'}" for line in lines)
    return f"The daily dose as steps: {said}."
