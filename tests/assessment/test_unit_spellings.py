"""F15: every spelling of a unit gives the same cards, and what is doubtful is named, not computed.

The patient of R1: 20 mL of 500 mcg/mL at 100 mcg/day, alarm volume 2 mL.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.assessment.builders import a_chart, assessed, prefetch
from tests.fhir.builders import (
    INTRATHECAL,
    Json,
    an_administration,
    an_observation,
    quantity,
    text,
)

TODAY = "2026-04-06"
MICRO, MU = "\N{MICRO SIGN}", "\N{GREEK SMALL LETTER MU}"


def amount(
    value: float | str, unit: str | None = None, code: str | None = None, **more: Any
) -> Json:
    stated = {"value": value, "unit": unit, "code": code, **more}
    return {name: part for name, part in stated.items() if part is not None}


VOLUMES = [
    (20, "mL", "mL"),
    (20, "ml", None),
    (20, None, "mL"),
    (20, "cc", None),
    (20, "cc", "mL"),
    (20, "ML", None),
    (20, "milliliters", None),
    (0.02, "L", "L"),
    (20.0, "mL", None),
    (2e1, "mL", "mL"),
    (10, "mg", "mg"),
    (10000, "mcg", "ug"),
    (10000, f"{MICRO}g", None),
    (10000, f"{MU}g", None),
    (0.01, "g", "g"),
]
DOSES = [
    (100, "mcg/day", "ug/d"),
    (100, "mcg/day", None),
    (100, "mcg/d", None),
    (100, f"{MICRO}g/day", None),
    (100, f"{MU}g/d", None),
    (100, f"{MU}g/day", "ug/d"),
    (100, None, "ug/d"),
    (100, "ug/24h", None),
    (100, "mcg / day", None),
    (100, "mcg per day", None),
    (100, f"{MICRO}g/Tag", None),
    (100, "mcg/24 h", "ug/(24.h)"),
    (0.1, "mg/day", "mg/d"),
    (0.1, "mg/d", None),
    (0.0001, "g/d", "g/d"),
    (4.166666667, "mcg/h", "ug/h"),
    (4.166666667, "mcg/hr", None),
    (0.004166666667, "mg/h", "mg/h"),
]
STRENGTHS = [
    (500, "mcg/mL", "ug/mL"),
    (500, f"{MICRO}g/ml", None),
    (500, f"{MU}g/mL", None),
    (0.5, "mg/mL", "mg/mL"),
    (0.5, "mg/cc", None),
    (500, "mcg/cc", None),
    (0.5, "g/L", "g/L"),
    (500, "mg/L", None),
    (500, "mcg per mL", None),
]
REFUSED_VOLUMES = [
    amount(20, "mL", "L"),
    amount(20, "mg", "mL"),
    amount(20, "units"),
    amount(20, "Mg"),
    amount(20),
    amount("20", "mL"),
    amount(-20, "mL"),
    amount(1e308, "mL"),
    amount(20, "mL", comparator="<"),
    amount(20, "mL", comparator=">="),
    amount(20, "mcg/mL"),
]
REFUSED_DOSES = [
    amount(100, "mcg/day", "mg/d"),
    amount(100, "mcg/h", "ug/d"),
    amount(100, "mL/day"),
    amount(100, "mcg/kg/d"),
    amount(100, "mcg"),
    amount(100),
    amount("100", "mcg/day"),
    amount(-100, "mcg/day"),
    amount(1e308, "mcg/day"),
    amount(100, "mcg/day", comparator="<"),
]
REFUSED_STRENGTHS = [
    amount(500, "mcg/mL", "mg/mL"),
    amount(500, "mcg"),
    amount(500, "mmol/L"),
    amount(500),
    amount("500", "mcg/mL"),
    amount(-500, "mcg/mL"),
    amount(1e308, "mcg/mL"),
    amount(500, "mcg/mL", comparator=">"),
]


def chart(dose: Json | None = None, rate: Json | None = None, strength: Json | None = None) -> Any:
    dosage = {
        "route": INTRATHECAL,
        "dose": dose or quantity(20, "mL", "mL"),
        "rateQuantity": rate or quantity(100, "mcg/day", "ug/d"),
    }
    reading = strength or quantity(500, "mcg/mL", "ug/mL")
    return a_chart(
        medicationAdministrations=[
            an_administration(medicationCodeableConcept=text("Baclofen intrathecal"), dosage=dosage)
        ],
        observations=[
            *a_chart()["observations"],
            an_observation(
                "drug-concentration",
                id="strength",
                effectiveDateTime="2026-01-05",
                valueQuantity=reading,
            ),
        ],
    )


def dates(sent: Any) -> tuple[Any, ...]:
    found = assessed(prefetch(sent), TODAY)
    facts = found.findings.facts
    named = ("refill.alarmDate", "refill.emptyDate", "refill.dailyDose", "refill.concentration")
    topics = [each.action.topic for each in found.evaluation.recommended]
    return topics, *(facts[name].value for name in named)


def test_the_plain_spelling_gives_the_dates_of_r1():
    topics, alarm, empty, *_ = dates(chart())
    assert topics == ["itbRefillOverdue"]
    assert (str(alarm), str(empty)) == ("2026-04-05", "2026-04-15")


@pytest.mark.parametrize("spelling", VOLUMES, ids=str)
def test_every_spelling_of_the_volume_gives_the_same(spelling: Any):
    assert dates(chart(dose=amount(*spelling))) == dates(chart())


@pytest.mark.parametrize("spelling", DOSES, ids=str)
def test_every_spelling_of_the_dose_gives_the_same(spelling: Any):
    assert dates(chart(rate=amount(*spelling))) == dates(chart())


@pytest.mark.parametrize("spelling", STRENGTHS, ids=str)
def test_every_spelling_of_the_strength_gives_the_same(spelling: Any):
    assert dates(chart(strength=amount(*spelling))) == dates(chart())


@pytest.mark.parametrize(
    ("part", "stated"),
    [
        *(("dose", each) for each in REFUSED_VOLUMES),
        *(("rate", each) for each in REFUSED_DOSES),
        *(("strength", each) for each in REFUSED_STRENGTHS),
    ],
    ids=str,
)
def test_what_is_doubtful_is_never_computed_with_and_is_named(part: str, stated: Json):
    """Without a date the ladder of intervals rules: filled 91 days ago, over a month."""
    found = assessed(prefetch(chart(**{part: stated})), TODAY)
    topics = [each.action.topic for each in found.evaluation.recommended]
    facts = found.findings.facts
    assert facts["refill.alarmDate"].value is None
    assert {"itbCouldNotCheck", "itbDataConflict"} & set(topics)
    assert found.record.issues or facts["data.conflicts"].value


OUTSIDE = [("strength", 49.9), ("strength", 2000.1), ("rate", 2500.1), ("rate", 0)]
INSIDE = [("strength", 50), ("strength", 2000), ("rate", 2500)]


@pytest.mark.parametrize(("part", "value"), OUTSIDE)
def test_a_figure_outside_its_window_is_shown_and_not_hidden(part: str, value: float):
    unit = "mcg/mL" if part == "strength" else "mcg/day"
    found = assessed(prefetch(chart(**{part: amount(value, unit)})), TODAY)
    assert found.evaluation.recommended
    assert found.findings.facts["refill.alarmDate"].value is None
    assert found.findings.facts["data.conflicts"].value or found.record.issues


@pytest.mark.parametrize(("part", "value"), INSIDE)
def test_a_figure_at_the_edge_of_its_window_is_computed_with(part: str, value: float):
    unit = "mcg/mL" if part == "strength" else "mcg/day"
    found = assessed(prefetch(chart(**{part: amount(value, unit)})), TODAY)
    assert found.findings.facts["refill.alarmDate"].value is not None


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(VOLUMES), st.sampled_from(DOSES), st.sampled_from(STRENGTHS), st.booleans())
def test_any_mix_of_spellings_gives_the_same(volume: Any, dose: Any, strength: Any, coded: bool):
    sent = chart(amount(*volume), amount(*dose), amount(*strength))
    if coded:
        for part in sent["medicationAdministrations"][0]["dosage"].values():
            if "code" in part:
                part["system"] = "http://unitsofmeasure.org"
    assert dates(sent) == dates(chart())
