"""The levels and days of the plot agree with hand-worked refill dates."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from cds_service.app.wiring import wire
from cds_service.assessment import Occasion, Rulebook, assess
from cds_service.assessment.depletion import Depletion, depletion, volume_on
from cds_service.demo_clinic.prefetch import Faults, prefetch
from cds_service.demo_clinic.roster import PATIENTS
from cds_service.settings import Settings

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    return wire(Settings()).rulebook


def drawn(patient_id: str, rulebook: Rulebook, faults: Faults | None = None) -> Depletion | str:
    sent = prefetch(PATIENTS[patient_id].chart(TODAY), TODAY, faults or Faults())
    raw = {key: msgspec.Raw(msgspec.json.encode(resource)) for key, resource in sent.items()}
    return depletion(
        assess(patient_id, raw, rulebook, NOW, Occasion("patient-view")), rulebook, TODAY
    )


def days(found: Depletion) -> dict[str, date]:
    return {mark.kind: mark.day for mark in found.marks}


def test_the_marks_are_those_of_worked_case_r1(rulebook: Rulebook):
    found = drawn("demo-001", rulebook)
    assert isinstance(found, Depletion)
    # 20 mL, 500 mcg/mL, 100 mcg/day, filled 18 Oct 2026: 90 days to the alarm, 100 to empty.
    assert days(found) == {
        "fill": date(2026, 10, 18),
        "today": TODAY,
        "target": date(2027, 1, 9),
        "alarm": date(2027, 1, 16),
        "empty": date(2027, 1, 26),
    }
    assert volume_on(found.levels, 35) == pytest.approx(20 - 35 * 0.2)
    assert volume_on(found.levels, 90) == pytest.approx(2)
    assert volume_on(found.levels, 101) == 0
    assert volume_on(found.levels, -1) is None


def test_a_dose_change_bends_the_line_and_names_the_date_it_would_otherwise_give(
    rulebook: Rulebook,
):
    found = drawn("demo-009", rulebook)
    assert isinstance(found, Depletion)
    # 40 mL, 1000 mcg/mL, 400 mcg/day; from day 20 480: 32 mL left, (32 - 2) / 0.48 = 62.5 days.
    assert [(level.days, level.ml) for level in found.levels[:2]] == [(0, 40), (20, 32)]
    assert days(found)["alarm"] == date(2026, 11, 21)
    assert found.comparison is not None
    # Unchanged: (40 - 2) / 0.4 = 95 days.
    assert found.comparison.alarm == date(2026, 12, 4)
    assert "13 days too late" in found.comparison.says


def test_an_earlier_date_reported_by_the_pump_rules_the_line(rulebook: Rulebook):
    found = drawn("demo-011", rulebook)
    assert isinstance(found, Depletion)
    assert days(found)["alarm"] == date(2026, 12, 4)
    assert found.comparison is not None
    assert found.comparison.alarm == date(2026, 12, 22)
    assert volume_on(found.levels, (date(2026, 12, 4) - found.fill_day).days) == pytest.approx(2)


def test_a_booked_visit_is_a_mark(rulebook: Rulebook):
    found = drawn("demo-006", rulebook)
    assert isinstance(found, Depletion)
    assert days(found)["booked"] == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("patient_id", "faults", "why"),
    [
        ("demo-021", Faults(), "no pump|Nothing in this chart"),
        ("demo-020", Faults(), "removed"),
        ("demo-001", Faults(is_dose_in_ml=True), "daily dose"),
        ("demo-001", Faults(frozenset({"observations"})), "daily dose"),
        (
            "demo-001",
            Faults(frozenset({"medicationAdministrations"})),
            "refill|fill|cannot be drawn",
        ),
    ],
    ids=["no-pump", "removed", "wrong-unit", "no-observations", "no-administrations"],
)
def test_what_cannot_be_drawn_says_why(
    patient_id: str, faults: Faults, why: str, rulebook: Rulebook
):
    found = drawn(patient_id, rulebook, faults)
    assert isinstance(found, str)
    assert any(word in found for word in why.split("|"))
