"""Which pump is in place, and what no longer counts."""

from datetime import date

import pytest

from cds_service.therapy.implants import (
    explanted_on,
    implanted_on,
    latest_recovery_surgery,
    latest_surgery,
    pump_in_place,
    removal_contradicted,
    since_implant,
)
from cds_service.therapy.record import DoseSource, SurgeryKind
from cds_service.therapy.signs import Sign
from tests.therapy.builders import (
    a_dose,
    a_fill,
    a_reading,
    a_sign,
    a_surgery,
    a_temperature,
    a_therapy_record,
    a_visit,
    ml,
)

IMPLANT, REPLACED = SurgeryKind.IMPLANT, SurgeryKind.REPLACEMENT
REVISED, REMOVED = SurgeryKind.REVISION, SurgeryKind.EXPLANT


@pytest.mark.parametrize(
    ("operations", "in_place"),
    [
        pytest.param([], True, id="none recorded"),
        pytest.param([("2025-01-15", IMPLANT)], True, id="implanted"),
        pytest.param([("2025-01-15", IMPLANT), ("2026-01-15", REMOVED)], False, id="E12: removed"),
        pytest.param(
            [("2025-01-15", IMPLANT), ("2025-06-01", REMOVED), ("2026-01-15", IMPLANT)],
            True,
            id="removed, implanted again",
        ),
        pytest.param(
            [("2025-01-15", IMPLANT), ("2025-06-01", REMOVED), ("2025-06-01", REPLACED)],
            True,
            id="replaced on the day of removal",
        ),
        pytest.param(
            [("2025-06-01", REMOVED), ("2025-07-01", REVISED)], False, id="a revision puts none in"
        ),
    ],
)
def test_a_pump_is_in_place_unless_it_was_removed_last(
    operations: list[tuple[str, SurgeryKind]], in_place: bool
):
    for order in (operations, operations[::-1]):
        surgeries = tuple(a_surgery(on, kind) for on, kind in order)
        record = a_therapy_record(surgeries=surgeries, fills=())
        assert pump_in_place(record) is in_place
        assert (explanted_on(record) is None) is in_place


def test_each_question_has_its_own_latest_operation():
    record = a_therapy_record(
        surgeries=(
            a_surgery("2025-01-15", IMPLANT),
            a_surgery("2025-06-01", REVISED),
            a_surgery("2025-09-01", REMOVED),
        )
    )
    implant, any_kind, recovery = (
        implanted_on(record),
        latest_surgery(record),
        latest_recovery_surgery(record),
    )
    assert implant is not None
    assert any_kind is not None
    assert recovery is not None
    assert implant.when.first == date(2025, 1, 15)
    assert any_kind.when.first == date(2025, 9, 1)
    assert recovery.when.first == date(2025, 6, 1)


def test_nothing_of_an_earlier_pump_counts_for_the_present_one():
    before, after = "2025-01-14", "2025-01-15"
    lists: tuple[str, ...] = (
        "concentrations",
        "fill_volumes",
        "capacities",
        "alarm_volumes",
        "alarms",
    )
    lists += ("reported_alarm_dates", "months_to_eri", "eri_dates", "eos_dates")
    readings = (a_reading(before, ml(1), "Observation/a"), a_reading(after, ml(2), "Observation/b"))
    record = a_therapy_record(
        fills=(a_fill(before), a_fill(after)),
        signs=(a_sign(before, Sign.PAIN), a_sign(after, Sign.PAIN)),
        temperatures=(a_temperature(before, 39), a_temperature(after, 37)),
        dose_statements=(a_dose(before), a_dose(after)),
        **dict.fromkeys(lists, readings),
    )
    kept = since_implant(record)

    for name in (*lists, "fills", "signs", "temperatures", "dose_statements"):
        dates = [entry.when.first for entry in getattr(kept, name)]
        assert dates == [date(2025, 1, 15)], name


def test_an_active_prescription_outlives_the_pump_it_was_written_for():
    stated = a_dose("2024-06-01", 100, DoseSource.PRESCRIPTION)
    assert since_implant(a_therapy_record(dose_statements=(stated,))).dose_statements == (stated,)


def test_visits_outlive_the_pump():
    visit = a_visit("2024-06-01")
    assert since_implant(a_therapy_record(visits=(visit,))).visits == (visit,)


def test_without_a_recorded_implant_everything_counts():
    record = a_therapy_record(surgeries=())
    assert since_implant(record) is record


def test_a_fill_in_the_month_of_the_implant_counts():
    kept = since_implant(a_therapy_record(fills=(a_fill("2025-01"),)))
    assert len(kept.fills) == 1


def test_fills_after_a_removal_belie_it():
    surgeries = (a_surgery("2025-11-15", REMOVED),)
    record = a_therapy_record(surgeries=surgeries, fills=(a_fill("2026-01-05"),))
    assert pump_in_place(record)
    told = removal_contradicted(record)
    assert told is not None
    assert "15 Nov 2025" in told.problem
