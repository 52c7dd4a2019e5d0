"""A row of days as one small line, with what chance explains beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 150, 30
_MARGIN = 3


@dataclass(frozen=True, slots=True)
class Sparkline:
    """The path of the line, the height of the limit (None when it lies above), and its words."""

    path: str
    limit_y: float | None
    description: str
    width: int = WIDTH
    height: int = HEIGHT


def sparkline(by_day: Sequence[int], usual_most: float) -> Sparkline:
    """The drawing of counts by day, oldest first."""
    most = max(*by_day, 1)
    step = (WIDTH - 2 * _MARGIN) / max(len(by_day) - 1, 1)

    def y(value: float) -> float:
        return round(HEIGHT - _MARGIN - (HEIGHT - 2 * _MARGIN) * value / most, 1)

    points = (f"{round(_MARGIN + step * n, 1)} {y(value)}" for n, value in enumerate(by_day))
    return Sparkline(
        path="M" + " L".join(points),
        limit_y=y(usual_most) if usual_most <= most else None,
        description=f"{sum(by_day)} in {len(by_day)} days, at most {max(by_day)} on a day, "
        f"{by_day[-1]} today",
    )
