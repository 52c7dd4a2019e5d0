"""The running cycle: which fill, how much, how strong, from which record."""

from datetime import date
from itertools import permutations
from typing import Any

import pytest

from cds_service.therapy.cycle import Cycle, RefillHistory, capacity_of, refill_history
from cds_service.therapy.record import DoseSource, TherapyRecord
from tests.therapy.builders import (
    THRESHOLDS,
    a_dose,
    a_fill,
    a_pump,
    a_reading,
    a_surgery,
    a_therapy_record,
    mcg,
    mcg_per_day,
    mcg_per_ml,
    ml,
)

TODAY = date(2026, 2, 1)


def history(record: TherapyRecord, today: date = TODAY) -> RefillHistory:
    return refill_history(record, THRESHOLDS, today)


def cycle_of(**stated: Any) -> Cycle:
    found = history(a_therapy_record(**stated)).cycle
    assert found is not None
    return found


def problems_of(**stated: Any) -> list[str]:
    return [found.problem for found in history(a_therapy_record(**stated)).conflicts]


def volume_of(**stated: Any) -> str | None:
    found = cycle_of(**stated)
    return str(found.filling.volume) if found.filling else None


def a_volume(when: str, volume: float) -> Any:
    return a_reading(when, ml(volume), "Observation/volume")


def test_the_ordinary_patients_cycle_is_complete_and_without_conflict():
    found = history(a_therapy_record())
    assert found.cycle is not None
    assert found.cycle.missing == ()
    assert found.conflicts == ()
    assert not found.alarm_volume.is_assumed


def test_the_newest_fill_rules():
    fills = (a_fill("2025-10-01", volume=ml(10)), a_fill(), a_fill("2025-07-01", volume=ml(5)))
    for order in permutations(fills):
        assert cycle_of(fills=order).fill.when.first == date(2026, 1, 5)


@pytest.mark.parametrize(
    ("fill", "readings", "volume", "has_conflict"),
    [
        pytest.param(a_fill(), (), "20 mL", False, id="dose in mL"),
        pytest.param(
            a_fill(volume=None, amount=mcg(9000)), (), "18 mL", False, id="mass by concentration"
        ),
        pytest.param(
            a_fill(volume=None), (a_volume("2026-01-05", 19),), "19 mL", False, id="observation"
        ),
        pytest.param(
            a_fill(), (a_volume("2026-01-05", 20),), "20 mL", False, id="both, and they agree"
        ),
        pytest.param(
            a_fill(), (a_volume("2026-01-05", 18),), "18 mL", True, id="the smaller is observed"
        ),
        pytest.param(
            a_fill(volume=ml(17)),
            (a_volume("2026-01-05", 20),),
            "17 mL",
            True,
            id="the smaller is administered",
        ),
        pytest.param(
            a_fill(volume=None, amount=mcg(9000)),
            (a_volume("2026-01-05", 17),),
            "17 mL",
            True,
            id="mass and observation differ",
        ),
        pytest.param(
            a_fill(), (a_volume("2025-10-01", 18),), "20 mL", False, id="of an earlier fill"
        ),
        pytest.param(a_fill(volume=None), (), None, False, id="nothing known"),
    ],
)
def test_of_two_volumes_the_smaller_is_used_and_the_difference_said(
    fill: Any, readings: Any, volume: str | None, has_conflict: bool
):
    assert volume_of(fills=(fill,), fill_volumes=readings) == volume
    assert bool(problems_of(fills=(fill,), fill_volumes=readings)) is has_conflict


def test_the_capacity_never_stands_in_for_a_volume():
    found = cycle_of(fills=(a_fill(volume=None),), capacities=(a_reading("2026-01-05", ml(20)),))
    assert found.filling is None
    assert found.missing == ("volume filled",)


@pytest.mark.parametrize(
    ("volume", "is_used", "is_reported"),
    [
        pytest.param(19.9, True, False, id="below the capacity"),
        pytest.param(20, True, False, id="at the capacity"),
        pytest.param(20.1, True, True, id="above the capacity"),
        pytest.param(0, False, True, id="nothing"),
    ],
)
def test_a_fill_above_the_capacity_is_used_and_reported(
    volume: float, is_used: bool, is_reported: bool
):
    """Not to use it would lose an alarm that is due even with so much in the pump."""
    fills = (a_fill(volume=ml(volume)),)
    assert bool(volume_of(fills=fills)) is is_used
    assert bool(problems_of(fills=fills)) is is_reported


def test_the_recorded_capacity_comes_before_the_models():
    record = a_therapy_record(capacities=(a_reading("2025-01-15", ml(40)),))
    assert capacity_of(record) == ml(40)
    assert capacity_of(a_therapy_record()) == ml(20)


def test_no_capacity_is_known_of_two_pumps_or_none():
    two = (a_pump("8637-20", "Device/a"), a_pump("8637-40", "Device/b"))
    assert capacity_of(a_therapy_record(pumps=two)) is None
    assert capacity_of(a_therapy_record(pumps=())) is None


@pytest.mark.parametrize(
    ("strength", "is_used"),
    [
        pytest.param("49.9", False, id="below the lowest"),
        pytest.param("50", True, id="at the lowest"),
        pytest.param("2000", True, id="at the highest"),
        pytest.param("2000.1", False, id="above the highest"),
    ],
)
def test_a_concentration_outside_what_is_made_is_refused_and_said(strength: str, is_used: bool):
    fills = (a_fill(concentration=mcg_per_ml(strength)),)
    assert (cycle_of(fills=fills).concentration is not None) is is_used
    assert bool(problems_of(fills=fills)) is not is_used


@pytest.mark.parametrize(
    ("read", "strength"),
    [
        pytest.param([("2026-01-05", 1000)], "1000 mcg/mL", id="on the fill day"),
        pytest.param([("2026-01-20", 1000)], "1000 mcg/mL", id="in this cycle"),
        pytest.param(
            [("2026-01-05", 1000), ("2026-01-20", 2000)], "2000 mcg/mL", id="the newest of two"
        ),
        pytest.param([("2026-01-04", 1000)], "1000 mcg/mL", id="last known, from before"),
        pytest.param(
            [("2026-01-03", 500), ("2026-01-04", 1000)], "1000 mcg/mL", id="the newest before"
        ),
        pytest.param(
            [("2026-01-04", 500), ("2026-01-04", 1000)], None, id="two on the last day before"
        ),
        pytest.param([("2026-01-04", 3000)], None, id="one that cannot be"),
        pytest.param([], None, id="none"),
    ],
)
def test_a_concentration_not_administered_is_read_in_this_cycle_or_last_known(
    read: list[tuple[str, int]], strength: str | None
):
    readings = tuple(a_reading(when, mcg_per_ml(value)) for when, value in read)
    found = cycle_of(fills=(a_fill(concentration=None),), concentrations=readings).concentration
    assert (str(found) if found else None) == strength


@pytest.mark.parametrize(("bolus", "is_assumed"), [(True, False), (False, True)])
def test_a_bridge_bolus_belies_the_last_known_concentration(bolus: bool, is_assumed: bool):
    found = cycle_of(
        fills=(a_fill(concentration=None),),
        concentrations=(a_reading("2026-01-04", mcg_per_ml(500)),),
        bridge_boluses=(a_reading("2026-01-05", bolus),),
    )
    assert found.concentration_is_assumed is is_assumed
    assert any("500 mcg/mL of 4 Jan 2026, is assumed" in note for note in found.assumptions) is (
        is_assumed
    )
    assert any("last known" in proof.rung for proof in found.evidence) is is_assumed


def test_a_refused_newest_concentration_is_not_replaced_by_an_older_one():
    readings = (a_reading("2026-01-05", mcg_per_ml(500)), a_reading("2026-01-20", None))
    found = cycle_of(fills=(a_fill(concentration=None),), concentrations=readings)
    assert found.concentration is None
    assert found.missing == ("drug concentration",)


def test_what_is_missing_is_named():
    bare = a_fill(volume=None, concentration=None)
    assert cycle_of(fills=(bare,), dose_statements=()).missing == (
        "volume filled",
        "drug concentration",
        "daily dose",
    )


def test_the_same_fill_recorded_twice_is_one():
    fills = (
        a_fill(reference="MedicationAdministration/a"),
        a_fill(reference="MedicationAdministration/b"),
    )
    assert problems_of(fills=fills) == []


def test_of_two_different_fills_on_one_day_the_earlier_alarm_rules():
    """18 mL alarms at 16 x 500 / 100 = 80 days, 20 mL at 90."""
    fills = (
        a_fill(reference="MedicationAdministration/a"),
        a_fill(volume=ml(18), reference="MedicationAdministration/b"),
    )
    for order in permutations(fills):
        assert volume_of(fills=order) == "18 mL"
        assert any("different fills" in problem for problem in problems_of(fills=order))


def test_a_refill_procedure_joins_the_administration_of_its_day():
    procedure = a_fill(reference="Procedure/refill", volume=None, concentration=None)
    for order in permutations((procedure, a_fill())):
        assert volume_of(fills=order) == "20 mL"
        assert problems_of(fills=order) == []


def test_a_refill_procedure_alone_starts_a_cycle_of_unknown_volume():
    procedure = a_fill("2026-01-20", reference="Procedure/refill", volume=None, concentration=None)
    found = cycle_of(fills=(a_fill(), procedure))
    assert found.fill.when.first == date(2026, 1, 20)
    assert "volume filled" in found.missing


@pytest.mark.parametrize(
    ("today", "counts"),
    [
        pytest.param("2026-01-15", True, id="on the last day of six months"),
        pytest.param("2026-01-16", False, id="a day later"),
    ],
)
def test_the_implant_counts_as_first_fill_for_six_months(today: str, counts: bool):
    record = a_therapy_record(fills=(), surgeries=(a_surgery("2025-07-15"),))
    found = history(record, date.fromisoformat(today)).cycle
    assert (found is not None) is counts
    if found:
        assert found.is_assumed
        assert found.fill.evidence.rung == "assumed first fill"
        assert found.filling is None


def test_the_implant_is_no_fill_when_administrations_were_not_read():
    record = a_therapy_record(
        fills=(),
        surgeries=(a_surgery("2026-01-15"),),
        unread={"medicationAdministrations": "was not sent"},
    )
    assert history(record).cycle is None


def test_the_rate_of_a_refill_is_a_stated_dose():
    found = cycle_of(fills=(a_fill(rate=mcg_per_day(150)),), dose_statements=())
    assert str(found.dose_now) == "150 mcg/day"


def test_the_rate_of_an_earlier_refill_still_states_the_dose():
    fills = (a_fill("2025-10-01", rate=mcg_per_day(150)), a_fill())
    assert str(cycle_of(fills=fills, dose_statements=()).dose_now) == "150 mcg/day"


def test_a_prescription_alone_states_the_dose():
    stated = (a_dose("2025-12-01", 130, DoseSource.PRESCRIPTION),)
    assert str(cycle_of(dose_statements=stated).dose_now) == "130 mcg/day"


def test_the_alarm_volume_is_assumed_when_none_is_recorded():
    found = history(a_therapy_record(alarm_volumes=())).alarm_volume
    assert found.is_assumed
    assert found.volume == ml(2)


def test_the_newest_alarm_volume_rules():
    readings = (a_reading("2026-01-05", ml(2)), a_reading("2026-01-20", ml(4)))
    for order in permutations(readings):
        assert history(a_therapy_record(alarm_volumes=order)).alarm_volume.volume == ml(4)


def test_a_fill_of_month_precision_is_kept_on_its_first_and_its_last_day():
    found = cycle_of(fills=(a_fill("2025-12"),), dose_statements=(a_dose("2025-06-01"),))
    assert found.filling is not None
    assert found.latest_filling is not None
    assert found.filling.doses[0].start == date(2025, 12, 1)
    assert found.latest_filling.doses[0].start == date(2025, 12, 31)


def test_a_fill_of_this_month_was_made_by_today():
    found = cycle_of(fills=(a_fill("2026-02"),), dose_statements=(a_dose("2025-06-01"),))
    assert found.latest_filling is not None
    assert found.latest_filling.doses[0].start == TODAY
