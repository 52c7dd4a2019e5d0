"""The bars of a recovery: each step where its days are, and inside the drawing."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cds_service.assessment.recovery_timeline import RecoveryStep, RecoveryTimeline, StepState
from cds_service.web.plots.recovery import WIDTH, recovery_plot

SURGERY = date(2026, 6, 1)
LEFT, RIGHT = 12, WIDTH - 40
steps = st.lists(
    st.tuples(st.integers(0, 200), st.none() | st.integers(0, 100)), min_size=1, max_size=30
)


def a_step(start: int, length: int | None = 0) -> RecoveryStep:
    begins = SURGERY + timedelta(days=start)
    ends = None if length is None else begins + timedelta(days=length)
    return RecoveryStep(f"step {start}", "", begins, ends, StepState.NOW)


def a_timeline(day: int, *found: RecoveryStep) -> RecoveryTimeline:
    today = SURGERY + timedelta(days=day)
    return RecoveryTimeline("implant", SURGERY, today, 56, found, True, False, ())


def test_a_step_reaches_from_its_first_day_to_its_last():
    """63 days on 448 units from 12: day 10 is 83.1, day 14 is 111.6, day 20 is 154.2."""
    drawn = recovery_plot(a_timeline(20, a_step(10, 4)))

    (bar,) = drawn.bars
    assert (bar.x, bar.width, bar.is_open) == (83.1, 28.5, False)
    assert drawn.today_x == 154.2
    # Day 56, the expected end: 12 + 448 x 56 / 63.
    assert drawn.end_x == 410.2


def test_a_step_without_an_end_goes_on_beyond_the_drawing():
    (bar,) = recovery_plot(a_timeline(20, a_step(0, None))).bars

    assert (bar.x, bar.width, bar.is_open) == (LEFT, RIGHT - LEFT, True)


def test_steps_after_the_drawing_are_named_beside_it():
    drawn = recovery_plot(a_timeline(20, a_step(10), a_step(84, 14)))

    assert [bar.title for bar in drawn.bars] == ["step 10"]
    assert [step.title for step in drawn.beyond] == ["step 84"]


@given(st.integers(0, 300), steps)
def test_every_bar_stays_inside_and_every_step_is_shown_once(
    day: int, found: list[tuple[int, int | None]]
):
    drawn = recovery_plot(a_timeline(day, *(a_step(*each) for each in found)))

    assert len(drawn.bars) + len(drawn.beyond) == len(found)
    for bar in drawn.bars:
        assert bar.x >= LEFT
        assert bar.x + bar.width <= RIGHT + 5
        assert bar.text_y < bar.y < drawn.bottom
    assert len({bar.y for bar in drawn.bars}) == len(drawn.bars)
