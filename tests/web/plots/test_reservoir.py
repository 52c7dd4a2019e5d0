"""The drawing of the reservoir keeps its labels apart, whatever days fall together."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cds_service.assessment.depletion import Depletion, Level, Mark, volume_on
from cds_service.therapy.quantities import Millilitres
from cds_service.web.plots.reservoir import WIDTH, Label, plot

FILLED = date(2026, 10, 18)
KINDS = ("today", "booked", "target", "alarm", "empty")
days = st.lists(st.integers(0, 250), min_size=5, max_size=5)


def a_depletion(offsets: list[int]) -> Depletion:
    levels = (Level(0.0, 20.0), Level(100.0, 0.0))
    marks = [Mark("fill", "Filled", FILLED, 20.0)]
    for kind, offset in sorted(zip(KINDS, offsets, strict=True), key=lambda pair: pair[1]):
        day = FILLED + timedelta(days=offset)
        label = "Chart day" if kind == "today" else kind
        marks.append(Mark(kind, label, day, volume_on(levels, offset)))
    return Depletion(FILLED, levels, tuple(marks), Millilitres(Decimal(2)))


def width(label: Label) -> float:
    return 4 + 7.4 * len(label.text)


@given(days)
def test_no_label_crosses_another_label_or_its_line(offsets: list[int]):
    drawn = plot(a_depletion(offsets), FILLED + timedelta(days=offsets[0]))
    for label in drawn.labels:
        for other in drawn.labels:
            if other is label:
                continue
            if label.x <= other.x <= label.x + width(label):
                assert label.y != other.y
            if label.x < other.x <= label.x + width(label):
                assert label.y < other.y  # the other's line starts below this text


@given(days)
def test_every_label_stays_inside_the_drawing(offsets: list[int]):
    drawn = plot(a_depletion(offsets), FILLED + timedelta(days=offsets[0]))
    for label in drawn.labels:
        assert label.x + width(label) <= WIDTH
        assert 0 < label.y < drawn.top


@given(days)
def test_the_ticks_of_months_are_far_enough_apart(offsets: list[int]):
    drawn = plot(a_depletion(offsets), FILLED)
    for (left, _), (right, text) in pairwise(drawn.months):
        assert right - left >= 20 + 2 * len(text)


def test_past_and_future_meet_at_the_chart_day():
    today = FILLED + timedelta(days=35)
    drawn = plot(a_depletion([35, 40, 83, 90, 100]), today)
    assert drawn.today is not None
    x, y, text = drawn.today
    assert text == "13.0 mL"
    assert drawn.past.endswith(f"L{x} {y}")
    assert drawn.future.startswith(f"M{x} {y}")
