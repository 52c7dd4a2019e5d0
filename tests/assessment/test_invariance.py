"""What never changes an assessment: order, copies, unrelated records, the zone of plain dates."""

import random
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.assessment.builders import ALARM_VOLUME, a_chart, prefetch, said, topics
from tests.fhir.builders import (
    CPT,
    LOINC,
    Json,
    a_care_plan,
    a_condition,
    a_device,
    a_procedure,
    an_administration,
    an_appointment,
    an_observation,
    an_order,
    coded,
    quantity,
    text,
)
from tests.fhir.test_dates import ZONES

DOSES = [
    an_observation(
        "daily-dose",
        id=f"dose{number}",
        effectiveDateTime=when,
        valueQuantity=quantity(dose, "mcg/day", "ug/d"),
    )
    for number, (when, dose) in enumerate(
        [("2026-01-05", 100), ("2026-01-20", 115), ("2026-01-20", 120), ("2026-01-28", 9000)]
    )
]
SIGNS = [
    an_observation(f"incision-{sign}", id=f"{sign}{day}", effectiveDateTime=day, valueBoolean=found)
    for sign, day, found in [
        ("swelling", "2026-01-25", True),
        ("swelling", "2026-01-25", False),
        ("drainage", "2026-01-22", True),
        ("drainage", "2026-01-28", False),
    ]
]
SMALLER = {**an_administration()["dosage"], "dose": quantity(18, "mL", "mL")}
EVENTFUL = a_chart(
    devices=[a_device(), a_device(id="old", status="inactive", modelNumber="8637-40")],
    procedures=[
        a_procedure(coded(CPT, "62362"), "2019-11-30", id="op1"),
        a_procedure(coded(CPT, "62365"), "2026-01-05", id="op2"),
        a_procedure(coded(CPT, "62362"), "2026-01-05", id="op3"),
        a_procedure(coded(CPT, "95990"), "2026-01-05", id="op4"),
    ],
    medicationAdministrations=[
        an_administration(id="fill0", effectiveDateTime="2025-10-01"),
        an_administration(id="fill1"),
        an_administration(id="fill2", dosage=SMALLER),
    ],
    observations=[ALARM_VOLUME, *DOSES, *SIGNS],
    appointments=[
        an_appointment("2026-01-28", id="v1", status="noshow"),
        an_appointment("2026-04-20", id="v2"),
        an_appointment("2026-04-25", id="v3"),
    ],
    serviceRequests=[an_order()],
    carePlans=[a_care_plan(), a_care_plan(id="plan2")],
    conditions=[a_condition(text("Baclofen pump in place"))],
)
UNRELATED: dict[str, list[Json]] = {
    "devices": [a_device(id="x1", modelNumber=None, type=text("Cardiac pacemaker"))],
    "procedures": [a_procedure(text("Cataract surgery"), "2026-01-20", id="x2")],
    "medicationAdministrations": [
        an_administration(
            id="x3",
            medicationCodeableConcept=text("Amoxicillin 500 mg"),
            dosage={"route": text("oral")},
        )
    ],
    "observations": [
        an_observation(coded(LOINC, "8867-4"), id="x4", valueQuantity=quantity(70, "/min"))
    ],
    "conditions": [a_condition(text("Hay fever"), id="x5")],
    "appointments": [an_appointment(id="x6", serviceType=[text("Dentist")])],
    "serviceRequests": [an_order(id="x7", code=text("Chest X-ray"))],
    "carePlans": [a_care_plan(id="x8", instantiatesCanonical=["https://x/PlanDefinition/other"])],
}
DAYS = ["2026-02-01", "2026-03-01", "2026-04-10"]
charts = pytest.mark.parametrize("chart", [a_chart(), EVENTFUL], ids=["ordinary", "eventful"])


def shuffled(chart: dict[str, list[Json]], seed: int) -> dict[str, list[Json]]:
    """Every list, and the keys themselves, in another order."""
    chance = random.Random(seed)
    keys = chance.sample(sorted(chart), len(chart))
    return {key: chance.sample(chart[key], len(chart[key])) for key in keys}


@charts
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(DAYS))
def test_the_order_of_the_records_never_changes_the_assessment(
    chart: dict[str, list[Json]], seed: int, today: str
):
    assert said(prefetch(shuffled(chart, seed)), today) == said(prefetch(chart), today)


@charts
@settings(max_examples=30, deadline=None)
@given(st.sets(st.sampled_from(sorted(UNRELATED)), min_size=1), st.integers(0, 3))
def test_unrelated_records_never_change_the_assessment(
    chart: dict[str, list[Json]], keys: set[str], place: int
):
    more = {
        key: chart[key][:place] + UNRELATED[key] + chart[key][place:] if key in keys else chart[key]
        for key in chart
    }
    assert said(prefetch(more)) == said(prefetch(chart))


@charts
@settings(max_examples=30, deadline=None)
@given(st.data())
def test_records_sent_twice_never_change_the_assessment(
    chart: dict[str, list[Json]], data: st.DataObject
):
    repeated = {
        key: [*found, *(data.draw(st.lists(st.sampled_from(found), max_size=3)) if found else [])]
        for key, found in chart.items()
    }
    assert said(prefetch(repeated)) == said(prefetch(chart))


@charts
@pytest.mark.parametrize("zone", ZONES)
def test_date_only_records_mean_the_same_in_every_zone(chart: dict[str, list[Json]], zone: str):
    for today in DAYS:
        assert said(prefetch(chart), today, zone) == said(prefetch(chart), today)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("time", "expected"),
    [("2026-03-28T23:59:59", "itbRefillUpcoming"), ("2026-03-29T00:00:00", "itbRefillDue")],
    ids=["the last second before", "the first second of"],
)
def test_the_day_turns_at_midnight_of_the_site(zone: str, time: str, expected: str):
    """Target 29 Mar 2026 (R15); it is also the day the clocks change in Europe."""
    now = datetime.fromisoformat(time).replace(tzinfo=ZoneInfo(zone)).isoformat()
    assert topics(prefetch(a_chart()), now, zone) == [expected]
