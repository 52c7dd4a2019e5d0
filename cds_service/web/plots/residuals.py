"""What was left in the reservoir at each refill: expected beside drawn out."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from cds_service.therapy.past_fills import PastFill

WIDTH = 500
_LEFT, _RIGHT = 40, 100
_TOP, _HEIGHT_OF_PLOT, _BELOW = 24, 130, 40
_MOST = 6
"""Refills drawn, the newest; the table has them all."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One refill: `expected_y` None where the volume expected is not known."""

    x: float
    drawn_y: float
    expected_y: float | None
    day: str
    year: str
    is_beyond: bool
    difference: str


@dataclass(frozen=True, slots=True)
class ResidualPlot:
    """The drawing: coordinates in the SVG's own units."""

    height: float
    top: float
    bottom: float
    left: float
    right: float
    pairs: tuple[Pair, ...]
    volumes: tuple[tuple[float, str], ...]
    description: str


def residual_plot(fills: Sequence[PastFill]) -> ResidualPlot | None:
    """The drawing of the newest refills with a volume drawn out, oldest first; None without any."""
    told = [fill for fill in fills if fill.drawn is not None][:_MOST][::-1]
    if not told:
        return None
    most = max([1.0, *(_drawn(fill) for fill in told), *(_expected(fill) or 0 for fill in told)])
    full = float(-(-most // 2) * 2)
    bottom = _TOP + _HEIGHT_OF_PLOT
    step = (WIDTH - _LEFT - _RIGHT) / len(told)

    def y(ml: float) -> float:
        return round(_TOP + _HEIGHT_OF_PLOT * (1 - ml / full), 1)

    pairs = [
        Pair(
            x=round(_LEFT + step * (index + 0.5), 1),
            drawn_y=y(_drawn(fill)),
            expected_y=None if (ml := _expected(fill)) is None else y(ml),
            day=str(fill.cycle.fill.when).rsplit(" ", 1)[0],
            year=str(fill.cycle.fill.when).rsplit(" ", 1)[-1],
            is_beyond=fill.is_beyond is True,
            difference=difference_text(fill),
        )
        for index, fill in enumerate(told)
    ]
    return ResidualPlot(
        height=bottom + _BELOW,
        top=_TOP,
        bottom=bottom,
        left=_LEFT,
        right=WIDTH - _RIGHT,
        pairs=tuple(pairs),
        volumes=tuple((y(ml), f"{ml:g}") for ml in (0.0, full / 2, full)),
        description=_description(told),
    )


def difference_text(fill: PastFill) -> str:
    """`+2.5 mL`: more was left than expected; '' where it is not known."""
    if fill.residual is None:
        return ""
    tenths = fill.residual.difference.quantize(Decimal("0.1"))
    return f"{tenths:+f}".replace("-", "−").removesuffix(".0") + " mL" if tenths else "0 mL"


def _drawn(fill: PastFill) -> float:
    return float(fill.drawn.value.value) if fill.drawn and fill.drawn.value else 0.0


def _expected(fill: PastFill) -> float | None:
    return float(fill.residual.expected.value) if fill.residual else None


def _description(told: Sequence[PastFill]) -> str:
    said = "; ".join(
        f"{fill.cycle.fill.when}: {fill.drawn.value if fill.drawn else ''} drawn out, "
        + (f"{fill.residual.expected} expected" if fill.residual else "expected not known")
        for fill in told
    )
    return f"Volume left in the reservoir at each refill. {said}."
