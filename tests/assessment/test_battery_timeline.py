"""The days of a battery, as the bar and its table show them."""

from datetime import date

import pytest

from cds_service.assessment.battery_timeline import BatteryTimeline, battery_timeline
from cds_service.therapy.record import SurgeryKind, TherapyRecord, VisitKind
from tests.therapy.builders import a_pump, a_surgery, a_therapy_record, a_visit, facts_on

TODAY = "2026-11-22"


def timeline_of(record: TherapyRecord, today: str = TODAY) -> BatteryTimeline | str:
    return battery_timeline(facts_on(today, record), date.fromisoformat(today))


def test_a_synchromed_ii_runs_84_months_and_is_due_90_days_before():
    """Implanted 15 Jan 2025: EOS 15 Jan 2032, ERI 17 Oct 2031, order by 17 Jul, plan 17 Apr."""
    found = timeline_of(a_therapy_record())

    assert isinstance(found, BatteryTimeline)
    assert [(mark.kind, mark.day.isoformat()) for mark in found.marks] == [
        ("implant", "2025-01-15"),
        ("today", "2026-11-22"),
        ("plan", "2031-04-17"),
        ("order", "2031-07-17"),
        ("eri", "2031-10-17"),
        ("eos", "2032-01-15"),
    ]


def test_a_booked_replacement_is_among_the_days():
    record = a_therapy_record(visits=(a_visit("2026-12-01", kind=VisitKind.REPLACEMENT),))
    found = timeline_of(record)

    assert isinstance(found, BatteryTimeline)
    assert ("replacement", date(2026, 12, 1)) in [(mark.kind, mark.day) for mark in found.marks]


@pytest.mark.parametrize(
    ("record", "says"),
    [
        pytest.param(
            a_therapy_record(pumps=(a_pump(None),)),
            "The battery cannot be drawn: neither an ERI reported by the pump nor implant date "
            "with the model's battery life is known.",
            id="the model's life is not known",
        ),
        pytest.param(
            a_therapy_record(
                surgeries=(
                    a_surgery("2025-01-15"),
                    a_surgery("2026-06-01", SurgeryKind.EXPLANT),
                )
            ),
            "The pump was removed; there is no battery.",
            id="no pump any more",
        ),
    ],
)
def test_a_battery_that_cannot_be_drawn_says_why(record: TherapyRecord, says: str):
    assert timeline_of(record) == says
