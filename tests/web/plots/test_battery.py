"""The bar of a battery: phases end where its days are, and labels keep apart."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.assessment.battery_timeline import BatteryMark, BatteryTimeline
from cds_service.web.plots.battery import WIDTH, BatteryPlot, battery_plot

IMPLANT = date(2020, 1, 1)
DAYS = st.integers(0, 3000)


def a_timeline(today: date, replacement: date | None = None) -> BatteryTimeline:
    """Implanted 1 Jan 2020, ERI 1 Oct 2026, EOS 30 Dec 2026."""
    days = {
        "implant": IMPLANT,
        "plan": date(2026, 4, 1),
        "order": date(2026, 7, 1),
        "eri": date(2026, 10, 1),
        "eos": date(2026, 12, 30),
        "today": today,
    }
    if replacement is not None:
        days["replacement"] = replacement
    marks = sorted((BatteryMark(kind, day) for kind, day in days.items()), key=lambda m: m.day)
    return BatteryTimeline(
        IMPLANT, today, days["plan"], days["order"], days["eri"], days["eos"], tuple(marks)
    )


def xs(drawn: BatteryPlot) -> dict[str, float]:
    return {label.kind: label.x for label in drawn.labels}


def test_days_stand_where_their_share_of_the_time_is():
    """1 Jan 2020 to 29 Jan 2027 (EOS and 30 days) are 2585 days on 332 units from 12.

    Today, 1 Jul 2023, is day 1277: 12 + 332 x 1277 / 2585 = 176.0.
    """
    drawn = battery_plot(a_timeline(date(2023, 7, 1)))

    assert xs(drawn)["implant"] == 12.0
    assert xs(drawn)["today"] == drawn.today_x == 176.0
    # 1 Oct 2026 is day 2465: 12 + 332 x 2465 / 2585 = 328.6.
    assert xs(drawn)["eri"] == 328.6


def test_the_phases_follow_each_other_and_end_at_their_days():
    drawn = battery_plot(a_timeline(date(2023, 7, 1)))

    assert [phase.kind for phase in drawn.phases] == [
        "running",
        "plan",
        "order",
        "replace",
        "stopped",
    ]
    ends = {phase.kind: round(phase.x + phase.width, 1) for phase in drawn.phases}
    places = xs(drawn)
    assert (ends["running"], ends["plan"]) == (places["plan"], places["order"])
    assert (ends["order"], ends["replace"]) == (places["eri"], places["eos"])
    assert ends["stopped"] == WIDTH - 156


@given(DAYS, st.none() | DAYS)
def test_labels_cross_no_line_and_stay_inside(today: int, replacement: int | None):
    booked = None if replacement is None else IMPLANT + timedelta(days=replacement)
    drawn = battery_plot(a_timeline(IMPLANT + timedelta(days=today), booked))

    for label in drawn.labels:
        ends = label.x + 4 + 7.4 * len(label.text)
        assert ends <= WIDTH
        assert 0 < label.y < drawn.bar_y
        for other in drawn.labels:
            if other is not label and label.x < other.x <= ends:
                assert label.y < other.y  # the other's line starts below this text
            if other is not label and other.x == label.x:
                assert label.y != other.y


@given(DAYS)
def test_every_mark_of_the_table_has_its_label(today: int):
    timeline = a_timeline(IMPLANT + timedelta(days=today))
    drawn = battery_plot(timeline)

    assert [label.kind for label in drawn.labels] == [mark.kind for mark in timeline.marks]


@pytest.mark.parametrize("today", [date(2020, 1, 1), date(2026, 12, 1), date(2033, 5, 5)])
def test_the_years_under_the_bar_are_six_at_most(today: date):
    drawn = battery_plot(a_timeline(today))

    assert 1 <= len(drawn.years) <= 6
    assert all(12 <= x <= WIDTH - 156 for x, _ in drawn.years)


def test_an_implant_that_is_not_known_is_said_and_the_bar_begins_elsewhere():
    known = a_timeline(date(2026, 7, 4))
    marks = tuple(mark for mark in known.marks if mark.kind != "implant")
    drawn = battery_plot(
        BatteryTimeline(
            None, known.today, known.plan_from, known.order_by, known.eri, known.eos, marks
        )
    )

    assert drawn.is_open
    assert drawn.description.endswith("The implant date is not known.")
    assert min(xs(drawn).values()) > 12
