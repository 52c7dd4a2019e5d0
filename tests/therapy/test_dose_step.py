"""Steps of the intrathecal dose: the worked rows, their neighbours, and what is not known."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.therapy.calendar import When
from cds_service.therapy.dose_step import dose_facts, step_limit, step_percent
from cds_service.therapy.fact import Fact
from cds_service.therapy.quantities import MicrogramsPerDay
from cds_service.therapy.record import (
    Cause,
    OrderKind,
    Origin,
    ProposedOrder,
    SurgeryKind,
    TherapyRecord,
)
from tests.therapy.builders import (
    THRESHOLDS,
    a_dose,
    a_surgery,
    mcg_per_day,
    mcg_per_ml,
    on,
    proof,
)

NOW = datetime(2026, 2, 27, 9, tzinfo=UTC)
TITRATION, LATER = "2026-01-05", "2024-01-02"
SPINAL = Cause(Origin.SPINAL, "multiple sclerosis", None, proof("Condition/ms"))
CEREBRAL = Cause(Origin.CEREBRAL, "stroke", None, proof("Condition/stroke"))


def an_order(dose: Decimal | float | str | None = 110, **known: Any) -> ProposedOrder:
    stated = None if dose is None else MicrogramsPerDay(Decimal(str(dose)))
    evidence = proof("MedicationRequest/draft")
    return ProposedOrder(OrderKind.INTRATHECAL_DRUG, "baclofen", evidence, dose=stated, **known)


def a_record(
    *orders: ProposedOrder, present: Decimal | float | str | None = 100, **known: Any
) -> TherapyRecord:
    """A grown-up with a spinal cause, long after the implant; but for what a test states."""
    ordinary: dict[str, Any] = {
        "birth_date": on("1980-05-17"),
        "causes": (SPINAL,),
        "surgeries": (a_surgery(LATER),),
        "dose_statements": () if present is None else (a_dose("2026-01-06", str(present)),),
        "proposed_orders": orders,
    }
    return TherapyRecord(**(ordinary | known))


def facts(record: TherapyRecord, now: datetime = NOW) -> dict[str, Fact]:
    return dict(dose_facts(record, None, THRESHOLDS, now))


@pytest.mark.parametrize(
    ("cause", "implant", "present", "new", "percent", "flagged"),
    [
        (SPINAL, TITRATION, 200, 260, "30.0", False),
        (SPINAL, TITRATION, 200, 261, "30.5", True),
        (CEREBRAL, TITRATION, 200, 230, "15.0", False),
        (CEREBRAL, TITRATION, 200, 240, "20.0", True),
        (CEREBRAL, LATER, 300, 360, "20.0", False),
        (CEREBRAL, LATER, 300, 365, "21.7", True),
        (SPINAL, LATER, 500, 700, "40.0", False),
        (SPINAL, LATER, 500, 701, "40.2", True),
        (SPINAL, LATER, 400, 340, "-15.0", False),
        (CEREBRAL, TITRATION, 400, 340, "-15.0", False),
        (SPINAL, LATER, "1000", "1400.1", "40.0", True),
        (SPINAL, LATER, "333.3", "466.6", "40.0", False),
        (SPINAL, LATER, "333.3", "466.7", "40.0", True),
        (SPINAL, LATER, 100, 100, "0.0", False),
    ],
)
def test_a_step_beyond_the_label_is_flagged(
    cause: Cause, implant: str, present: float, new: float, percent: str, flagged: bool
):
    record = a_record(
        an_order(new), present=present, causes=(cause,), surgeries=(a_surgery(implant),)
    )

    found = facts(record)

    assert found["order.stepTooLarge"].value is flagged
    assert found["order.stepPercent"].value == Decimal(percent)


@pytest.mark.parametrize(
    ("known", "limit", "words"),
    [
        ({}, 40, "spinal (multiple sclerosis)"),
        ({"causes": (SPINAL, CEREBRAL)}, 20, "cerebral (multiple sclerosis, stroke)"),
        ({"causes": ()}, 20, "not known, so the stricter"),
        ({"birth_date": on("2008-02-28")}, 20, "child under 18"),
        ({"birth_date": on("2008-02-27")}, 40, "spinal"),
        ({"birth_date": on("2008-02")}, 20, "child under 18"),
        ({"birth_date": None}, 20, "age not known, so the stricter"),
    ],
)
def test_origin_and_age_choose_the_limit(known: dict[str, Any], limit: int, words: str):
    found = step_limit(a_record(**known), THRESHOLDS, NOW.date())

    assert found.percent == limit
    assert words in found.origin


@pytest.mark.parametrize(
    ("surgeries", "limit"),
    [
        ([a_surgery("2025-12-29")], 30),
        ([a_surgery("2025-12-28")], 40),
        ([], 30),
        ([a_surgery("2026-02-20", SurgeryKind.REPLACEMENT)], 40),
        ([a_surgery("2020-01-05"), a_surgery("2026-02-20", SurgeryKind.REPLACEMENT)], 40),
        ([a_surgery("2026-02-20", SurgeryKind.REVISION)], 30),
    ],
    ids=["day 60", "day 61", "none known", "replaced", "replaced later", "revision only"],
)
def test_titration_lasts_60_days_from_the_first_implant(surgeries: list[Any], limit: int):
    record = a_record(surgeries=tuple(surgeries))

    assert step_limit(record, THRESHOLDS, NOW.date()).percent == limit


@pytest.mark.parametrize(
    ("raised", "planned", "now", "too_soon"),
    [
        ("2026-02-26T09:00:01+00:00", None, NOW, True),
        ("2026-02-26T09:00:00+00:00", None, NOW, False),
        ("2026-02-26T10:00:00+01:00", None, NOW, False),
        ("2026-02-27", None, NOW, True),
        ("2026-02-26", None, NOW, False),
        ("2026-02-26T20:00:00+00:00", "2026-02-27T21:00:00+00:00", NOW, False),
        ("2026-02-26T20:00:00+00:00", "2026-02-27T19:00:00+00:00", NOW, True),
    ],
)
def test_two_increases_within_a_day_are_flagged_in_titration(
    raised: str, planned: str | None, now: datetime, too_soon: bool
):
    order = an_order(220, planned=on(planned) if planned else None)
    doses = (a_dose("2026-01-06", 180), a_dose(raised, 200, reference="Observation/later"))
    record = a_record(order, dose_statements=doses, surgeries=(a_surgery(TITRATION),))

    assert facts(record, now)["order.raisedTooSoon"].value is too_soon


@pytest.mark.parametrize("change", ["later", "reduced before", "reduction"])
def test_only_increases_in_titration_count_as_too_soon(change: str):
    before, implant, new = 180, TITRATION, 220
    if change == "later":
        implant = LATER
    if change == "reduced before":
        before = 230
    if change == "reduction":
        new = 190
    doses = (a_dose("2026-01-06", before), a_dose("2026-02-27", 200, reference="Observation/b"))
    record = a_record(an_order(new), dose_statements=doses, surgeries=(a_surgery(implant),))

    assert facts(record)["order.raisedTooSoon"].value is False


def test_no_increase_on_the_day_of_the_implant():
    doses = (a_dose("2026-02-27", 100),)
    record = a_record(an_order(110), dose_statements=doses, surgeries=(a_surgery("2026-02-27"),))

    assert facts(record)["order.raisedTooSoon"].value is True


@pytest.mark.parametrize(("dose", "implausible"), [(2500, False), ("2500.1", True), (350000, True)])
def test_more_than_the_highest_daily_dose_is_implausible(dose: float | str, implausible: bool):
    assert facts(a_record(an_order(dose)))["order.doseImplausible"].value is implausible


@pytest.mark.parametrize(
    ("concentration", "implausible"),
    [(49, True), (50, False), (2000, False), (2001, True), (None, False)],
)
def test_a_concentration_outside_its_bounds_is_implausible(
    concentration: int | None, implausible: bool
):
    strength = None if concentration is None else mcg_per_ml(concentration)
    found = facts(a_record(an_order(concentration=strength)))

    assert found["order.concentrationImplausible"].value is implausible


def test_what_is_not_known_is_unknown_and_says_why():
    no_dose = facts(a_record(an_order(None)))
    no_present = facts(a_record(an_order(110), present=None))
    refused = facts(a_record(an_order(110), present=2501))

    assert no_dose["order.stepTooLarge"].unknown_because.startswith("the draft order states no")
    for found in (no_present, refused):
        assert found["order.stepTooLarge"].value is None
        assert found["order.stepTooLarge"].unknown_because.startswith("the present daily dose")


def test_without_an_order_nothing_is_flagged():
    found = facts(a_record())

    flags = ("intrathecal", "doseImplausible", "stepTooLarge", "raisedTooSoon")
    assert [found[f"order.{name}"].value for name in flags] == [False] * 4


def test_an_order_signed_again_is_not_compared_with_itself():
    order = an_order(150)
    own = a_dose("2026-02-27", 150, reference="MedicationRequest/draft")
    record = a_record(order, dose_statements=(a_dose("2026-01-06", 100), own))

    assert facts(record)["order.stepPercent"].value == 50


def test_a_dose_of_tomorrow_is_not_the_present_one():
    tomorrow = a_dose("2026-02-28", 400, reference="Observation/b")
    record = a_record(an_order(110), dose_statements=(a_dose("2026-01-06", 100), tomorrow))

    assert facts(record)["order.stepPercent"].value == 10


def test_of_several_orders_the_highest_is_looked_at():
    other = ProposedOrder(
        OrderKind.INTRATHECAL_DRUG, "b", proof("MedicationRequest/b"), None, mcg_per_day(200)
    )
    assert facts(a_record(an_order(110), other))["order.newDose"].value == "200 mcg/day"


DOSES = st.decimals("0.1", "2500", places=1)


@given(DOSES, DOSES)
def test_the_percentage_is_exact(present: Decimal, new: Decimal):
    step = step_percent(MicrogramsPerDay(present), MicrogramsPerDay(new))

    assert Fraction(present) * (1 + step / 100) == Fraction(new)
    assert (step > 0) is (new > present)


@given(DOSES, DOSES, DOSES)
def test_a_higher_order_is_never_flagged_less(present: Decimal, lower: Decimal, more: Decimal):
    low = facts(a_record(an_order(lower), present=present))["order.stepTooLarge"].value
    high = facts(a_record(an_order(lower + more), present=present))["order.stepTooLarge"].value

    assert high or not low


def test_a_moment_is_compared_across_offsets():
    moment = When(NOW.date(), NOW.date(), datetime.fromisoformat("2026-02-27T10:00:00+02:00"))
    doses = (a_dose("2026-01-06", 180), a_dose("2026-02-26T09:00:00+00:00", 200, reference="O/b"))
    record = a_record(
        an_order(220, planned=moment), dose_statements=doses, surgeries=(a_surgery(TITRATION),)
    )

    assert facts(record)["order.raisedTooSoon"].value is True
