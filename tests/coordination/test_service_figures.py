"""The figures of hospital IT, worked out by hand."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from cds_service.coordination.service_figures import service_figures

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TODAY = int(NOW.timestamp() // 3600)
YESTERDAY = TODAY - 24
ZONE = ZoneInfo("UTC")


def test_calls_and_plans_are_counted_by_day():
    counts = {
        "call": {"itb-patient-view": {TODAY: 30, YESTERDAY: 10}, "itb-order-sign": {TODAY: 10}},
        "fired": {"itb-refill": {TODAY: 2, YESTERDAY: 3}},
        "undecided": {"itb-battery": {TODAY: 4}},
        "unchecked": {"itb-patient-view": {TODAY: 5}},
        "missing": {"itb-patient-view": {TODAY: 1}},
        "read": {"timeout": {TODAY: 2}, "200": {TODAY: 8}},
    }

    found = service_figures(counts, ["itb-refill", "itb-battery"], NOW, ZONE)

    refill, battery = found.plans
    assert (found.calls, found.calls_by_day[-2:], found.unchecked) == (50, (10, 40), 5)
    assert found.without_data == 1
    # 5 of 50 calls are 100 of 1000.
    assert (refill.fired, refill.per_thousand, refill.by_day[-2:]) == (5, 100.0, (3, 2))
    assert (battery.fired, battery.undecided) == (0, 4)
    assert found.reads == (("200", 8), ("timeout", 2))
    assert (found.days[0], found.days[-1]) == (date(2026, 10, 25), date(2026, 11, 23))


def test_the_limit_is_what_chance_explains():
    # 29 days before with 58 in all: a mean of 2, and 2 + 3 x 1.414 = 6.2.
    fired = {"itb-refill": {YESTERDAY: 58}}

    (plan,) = service_figures({"fired": fired}, ["itb-refill"], NOW, ZONE).plans

    assert plan.usual_most == 6.2


def test_times_are_the_bound_of_the_class_in_which_the_share_ends():
    classes = {"2": {TODAY: 50}, "10": {TODAY: 44}, "100": {TODAY: 5}, "more": {TODAY: 1}}

    found = service_figures({"ms": classes}, [], NOW, ZONE)

    assert (found.median, found.p95) == (2, 100)


def test_without_calls_nothing_is_claimed():
    found = service_figures({}, ["itb-refill"], NOW, ZONE)

    assert (found.calls, found.median, found.p95) == (0, None, None)
    assert found.plans[0].per_thousand == 0.0


def test_days_are_those_of_the_site():
    # 23:00 in UTC on 22 Nov is 08:00 on 23 Nov in Tokyo.
    hour = int(datetime(2026, 11, 22, 23, tzinfo=UTC).timestamp() // 3600)

    found = service_figures({"call": {"x": {hour: 1}}}, [], NOW, ZoneInfo("Asia/Tokyo"))

    assert found.calls_by_day[-1] == 1
