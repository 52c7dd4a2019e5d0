"""The volume drawn out against the volume expected, and a changed concentration (R9, R14)."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.therapy.record import Evidence
from tests.oracle.delivery_oracle import residual_verdict
from tests.therapy.builders import (
    a_dose,
    a_fill,
    a_reading,
    a_therapy_record,
    facts_on,
    mcg_per_ml,
    ml,
    values_on,
)


def refilled(drawn: float | str, when: str = "2026-03-26", **stated: Any) -> dict[str, Any]:
    """R1's pump refilled on day 80: 20 - 80 x 0.2 = 4.0 mL should be left, 16 mL delivered."""
    record = a_therapy_record(
        fills=(a_fill(), a_fill("2026-03-26", reference="MedicationAdministration/second")),
        residuals_aspirated=(a_reading(when, ml(drawn), "Observation/drawn"),),
        **stated,
    )
    return values_on("2026-03-27", record)


@pytest.mark.parametrize(
    ("drawn", "more", "less"),
    [
        pytest.param("4.3", False, False, id="R14: ok"),
        pytest.param("6.5", True, False, id="R14: under-delivery"),
        pytest.param("1.0", False, True, id="R14: over-delivery"),
        pytest.param("6.0", False, False, id="at the upper cut-off"),
        pytest.param("6.01", True, False, id="above it"),
        pytest.param("2.0", False, False, id="at the lower cut-off"),
        pytest.param("1.99", False, True, id="below it"),
    ],
)
def test_the_cut_off_is_2_ml_of_16_delivered(drawn: str, more: bool, less: bool):
    found = refilled(drawn)
    assert (found["delivery.residualMore"], found["delivery.residualLess"]) == (more, less)
    assert found["delivery.residualExpected"] == "4 mL"


@pytest.mark.parametrize(
    ("second", "drawn", "more"),
    [
        # 25 days x 0.2 = 5 mL delivered, 15 mL left; 20 % is 1 mL, and that is the least limit.
        ("2026-01-30", "16.0", False),
        ("2026-01-30", "16.1", True),
        # 5 days: 1 mL delivered, 19 mL left; 20 % would be 0.2 mL, the least limit is 1 mL.
        ("2026-01-10", "20.0", False),
        # 40 days: 8 mL delivered, 12 mL left; 20 % is 1.6 mL.
        ("2026-02-14", "13.6", False),
        ("2026-02-14", "13.7", True),
    ],
)
def test_a_small_delivery_has_a_smaller_cut_off(second: str, drawn: str, more: bool):
    record = a_therapy_record(
        fills=(a_fill(), a_fill(second, reference="MedicationAdministration/second")),
        residuals_aspirated=(a_reading(second, ml(drawn)),),
    )
    assert values_on(second, record)["delivery.residualMore"] is more


def test_the_figure_of_the_pump_rules_over_the_calculation():
    found = refilled("6.5", residuals_expected=(a_reading("2026-03-26", ml(5)),))
    assert found["delivery.residualMore"] is False
    assert found["delivery.residualBasis"] == "5 mL expected by the pump on 26 Mar 2026"


@pytest.mark.parametrize(
    ("drawn", "more"), [("5.0", False), ("5.5", None), ("6.0", None), ("6.1", True)]
)
def test_between_the_two_cut_offs_nothing_is_known_without_the_volume_delivered(
    drawn: str, more: bool | None
):
    record = a_therapy_record(
        fills=(a_fill("2026-03-26"),),
        residuals_aspirated=(a_reading("2026-03-26", ml(drawn)),),
        residuals_expected=(a_reading("2026-03-26", ml(4)),),
    )
    assert values_on("2026-03-27", record)["delivery.residualMore"] is more


@pytest.mark.parametrize(
    "gap",
    [
        {"fills": (a_fill("2026-03-26"),)},
        {"fills": (a_fill(volume=None), a_fill("2026-03-26"))},
        {"dose_statements": ()},
        {"fills": (a_fill("2026-01"), a_fill("2026-03-26"))},
    ],
    ids=["no fill before", "its volume missing", "no dose", "its day missing"],
)
def test_what_cannot_be_expected_is_unknown_and_never_as_expected(gap: dict[str, Any]):
    ordinary = {"fills": (a_fill(), a_fill("2026-03-26", reference="MedicationAdministration/2"))}
    drawn = (a_reading("2026-03-26", ml("6.5")),)
    record = a_therapy_record(**{**ordinary, "residuals_aspirated": drawn, **gap})
    fact = facts_on("2026-03-27", record)["delivery.residualMore"]
    assert fact.value is None
    assert fact.is_missing
    assert fact.unknown_because


def test_a_volume_charted_days_later_belongs_to_the_fill():
    assert refilled("4.3", when="2026-03-27")["delivery.residualLess"] is False


@pytest.mark.parametrize(("today", "told"), [("2026-04-25", True), ("2026-04-26", False)])
def test_a_mismatch_is_told_for_30_days(today: str, told: bool):
    record = a_therapy_record(
        fills=(a_fill(), a_fill("2026-03-26", reference="MedicationAdministration/second")),
        residuals_aspirated=(a_reading("2026-03-26", ml("6.5")),),
    )
    found = values_on(today, record)
    assert found["delivery.residualMore"] is told
    assert found["delivery.residualAspirated"] == "6.5 mL"
    assert found["delivery.residualExpected"] == "4 mL"


def test_a_volume_drawn_out_long_before_the_last_fill_is_not_told_as_that_of_the_last():
    record = a_therapy_record(
        fills=(a_fill(), a_fill("2026-03-26", reference="MedicationAdministration/second")),
        residuals_aspirated=(a_reading("2026-01-05", ml("6.5")),),
    )
    assert values_on("2026-04-26", record)["delivery.residualAspirated"] is None


@given(
    filled=st.integers(10, 40),
    strength=st.sampled_from([500, 1000, 2000]),
    first=st.integers(50, 400),
    then=st.integers(50, 400),
    day=st.integers(1, 60),
    drawn=st.decimals("0", "40", places=1),
)
def test_every_residual_is_judged_as_by_hand(
    filled: int, strength: int, first: int, then: int, day: int, drawn: Any
):
    """Against fractions of the oracle, with a dose change on day 10; volumes to 0.001 mL."""
    second = (date(2026, 1, 5) + timedelta(days=day)).isoformat()
    changed = (date(2026, 1, 5) + timedelta(days=10)).isoformat()
    strong = mcg_per_ml(strength)
    record = a_therapy_record(
        fills=(
            a_fill(volume=ml(filled), concentration=strong),
            a_fill(second, concentration=strong, reference="MedicationAdministration/second"),
        ),
        dose_statements=(a_dose("2026-01-05", first), a_dose(changed, then)),
        residuals_aspirated=(a_reading(second, ml(drawn)),),
    )
    doses = [(min(day, 10), Fraction(first)), (max(day - 10, 0), Fraction(then))]
    wanted = residual_verdict(Fraction(filled), Fraction(strength), doses, Fraction(drawn))
    given_ml = sum((days * dose / strength for days, dose in doses), Fraction(0))
    found = values_on(second, record)
    told = {True: "more", False: "as expected"}[found["delivery.residualMore"]]
    told = "less" if found["delivery.residualLess"] else told
    apart = abs(abs(Fraction(drawn) - max(filled - given_ml, Fraction(0))))
    limits = (Fraction(2), Fraction(1), max(min(Fraction(2), given_ml / 5), Fraction(1)))
    is_edge = any(abs(apart - limit) < Fraction(1, 100) for limit in limits)
    assert is_edge or told == wanted


def changed(**stated: Any) -> dict[str, Any]:
    """R9: 500 mcg/mL before, 2000 mcg/mL from 8 Jun 2026 on."""
    ordinary = {
        "fills": (
            a_fill("2026-03-15"),
            a_fill("2026-06-08", concentration=mcg_per_ml(2000), reference="M/second"),
        ),
        "dose_statements": (a_dose("2026-06-08", 200),),
    }
    return values_on("2026-06-10", a_therapy_record(**{**ordinary, **stated}))


def test_r9_counts_with_the_new_concentration_and_asks_for_the_bridge_bolus():
    found = changed()
    assert found["refill.alarmDate"].isoformat() == "2026-12-05"
    assert found["delivery.concentrationChanged"] is True
    assert found["delivery.bridgeBolus"] is False
    assert found["delivery.concentrationBefore"] == "500 mcg/mL"
    assert found["delivery.concentrationNow"] == "2000 mcg/mL"


@pytest.mark.parametrize(
    ("when", "value", "is_done"),
    [
        ("2026-06-08", True, True),
        ("2026-06-09", True, True),
        ("2026-06-08", False, False),
        ("2026-06-07", True, False),
    ],
    ids=["that day", "a day later", "denied", "of the fill before"],
)
def test_only_a_bridge_bolus_of_this_fill_counts(when: str, value: bool, is_done: bool):
    found = changed(bridge_boluses=(a_reading(when, value),))
    assert found["delivery.bridgeBolus"] is is_done


def test_an_assumed_concentration_shows_no_change():
    fills = (a_fill("2026-03-15"), a_fill("2026-06-08", concentration=None, reference="M/second"))
    assert changed(fills=fills)["delivery.concentrationChanged"] is None


def test_evidence_of_an_assumed_concentration_says_so():
    fills = (a_fill("2026-03-15"), a_fill("2026-06-08", concentration=None, reference="M/second"))
    record = a_therapy_record(fills=fills, dose_statements=(a_dose("2026-06-08", 100),))
    proofs: tuple[Evidence, ...] = facts_on("2026-06-10", record)["refill.concentration"].evidence
    assert "last known, from before this fill" in {proof.rung for proof in proofs}
