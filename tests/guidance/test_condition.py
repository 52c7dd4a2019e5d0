"""Conditions: compiled, they decide as fhirpathpy does; what is not in the subset is refused."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import fhirpathpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds_service.app.plans import plans, plans_folder
from cds_service.errors import ConditionError
from cds_service.guidance.condition import Condition, Vocabulary, compile_condition
from cds_service.guidance.plan import Plan
from cds_service.therapy.fact import Fact, FactType, known, unknown
from cds_service.therapy.vocabulary import FACTS
from tests.guidance.builders import VOCABULARY, WORDS, facts, nested

PLANS = plans(plans_folder(), {})
VALUES: dict[FactType, st.SearchStrategy[Any]] = {
    FactType.BOOLEAN: st.booleans(),
    FactType.NUMBER: st.one_of(
        st.integers(-40, 200), st.sampled_from([Decimal("2.99"), Decimal(3), Decimal("37.9")])
    ),
    FactType.DATE: st.dates(date(2026, 1, 1), date(2026, 1, 4)),
    FactType.TEXT: st.sampled_from(["implant", "replacement", "revision", ""]),
}


def conditions_of(plan: Plan) -> dict[str, Condition]:
    found = {ladder.id: ladder.condition for ladder in plan.ladders}
    for ladder in plan.ladders:
        found.update({action.id: action.condition for action in ladder.actions})
    found.update({step.id: step.condition for step in plan.steps})
    return {f"{plan.id} {name}": condition for name, condition in found.items() if condition}


CONDITIONS = {
    name: (condition, plan) for plan in PLANS for name, condition in conditions_of(plan).items()
}


def oracle(text: str) -> Callable[[dict[str, Any], dict[str, Decimal]], bool | None]:
    """Fhirpathpy's answer to the same text; unknown facts are left out: empty."""
    answer = fhirpathpy.compile(text)

    def decide(values: dict[str, Any], thresholds: dict[str, Decimal]) -> bool | None:
        told = {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in values.items()
        }
        found = answer({}, {**nested(told), "threshold": thresholds})
        assert len(found) <= 1
        return found[0] if found else None

    return decide


def as_facts(values: dict[str, Any]) -> dict[str, Fact]:
    return {
        name: unknown("not recorded") if value is None else known(value)
        for name, value in values.items()
    }


@pytest.mark.parametrize(("condition", "plan"), CONDITIONS.values(), ids=CONDITIONS.keys())
@settings(max_examples=25, deadline=None)
@given(st.data())
def test_every_condition_of_the_plans_decides_as_fhirpathpy_does(
    condition: Condition, plan: Plan, data: st.DataObject
):
    values = {
        name: data.draw(st.none() | VALUES[FACTS[name].type], label=name)
        for name in sorted(condition.facts)
    }
    thresholds = {name: found.value for name, found in plan.thresholds.items()}

    assert condition.decide(as_facts(values)) is oracle(condition.text)(values, thresholds)


def test_the_plans_have_conditions_to_check():
    assert len(CONDITIONS) > 40


names = {kind: [name for name, word in WORDS.items() if word.type is kind] for kind in FactType}


def fact_names(kind: FactType) -> st.SearchStrategy[str]:
    return st.sampled_from([f"%{name}" for name in names[kind]])


numbers = st.one_of(
    fact_names(FactType.NUMBER),
    st.sampled_from(["%threshold.leadDays", "%threshold.feverCelsius", "0", "3", "-7", "2.50"]),
)
texts = st.one_of(
    fact_names(FactType.TEXT), st.sampled_from(["'implant'", "'replacement'", "''", "'a b'"])
)
truths = st.one_of(fact_names(FactType.BOOLEAN), st.sampled_from(["true", "false"]))
dates = fact_names(FactType.DATE)
ORDERED, EQUAL = ["<", "<=", ">", ">=", "=", "!="], ["=", "!="]


def compared(sides: st.SearchStrategy[str], symbols: list[str]) -> st.SearchStrategy[str]:
    return st.builds("{} {} {}".format, sides, st.sampled_from(symbols), sides)


leaves = st.one_of(
    truths,
    compared(numbers, ORDERED),
    compared(dates, ORDERED),
    compared(texts, EQUAL),
    compared(truths, EQUAL),
)


def joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{} and {}".format, inner, inner),
        st.builds("{} or {}".format, inner, inner),
        st.builds("({})".format, inner),
        st.builds("({}).not()".format, inner),
        st.builds("{}.not()".format, truths),
    )


generated = st.recursive(leaves, joined, max_leaves=6)


@settings(max_examples=150, deadline=None)
@given(generated, st.data())
def test_every_condition_of_the_grammar_decides_as_fhirpathpy_does(text: str, data: st.DataObject):
    condition = compile_condition(text, VOCABULARY)
    decide = oracle(text)
    for _ in range(3):
        values = {
            name: data.draw(st.none() | VALUES[word.type], label=name)
            for name, word in WORDS.items()
        }
        expected = decide(values, dict(VOCABULARY.thresholds))
        assert condition.decide(as_facts(values)) is expected


@pytest.mark.parametrize("literal", [r"'it\'s'", r"'a\\b'", r"'a\tb'"])
def test_an_escape_in_a_text_literal_is_refused_not_misread(literal: str):
    with pytest.raises(ConditionError, match="is not allowed"):
        compile_condition(f"%surgery.kind = {literal}", VOCABULARY)


TRUE, FALSE, OPEN = {"pump_inPlace": True}, {"pump_inPlace": False}, {"pump_inPlace": None}


@pytest.mark.parametrize(
    ("text", "values", "decision"),
    [
        pytest.param("%pump.inPlace", OPEN, None, id="unknown is undecided"),
        pytest.param("%pump.inPlace.not()", OPEN, None, id="not unknown"),
        pytest.param("%pump.inPlace.not()", FALSE, True, id="not false"),
        pytest.param("false and %pump.inPlace", OPEN, False, id="false and unknown"),
        pytest.param("%pump.inPlace and false", OPEN, False, id="unknown and false"),
        pytest.param("true and %pump.inPlace", OPEN, None, id="true and unknown"),
        pytest.param("true or %pump.inPlace", OPEN, True, id="true or unknown"),
        pytest.param("%pump.inPlace or true", OPEN, True, id="unknown or true"),
        pytest.param("false or %pump.inPlace", OPEN, None, id="false or unknown"),
        pytest.param("%pump.inPlace = true", OPEN, None, id="unknown compared"),
        pytest.param("%pump.inPlace != true", OPEN, None, id="unknown differs"),
        pytest.param("%pump.inPlace or false and false", TRUE, True, id="and binds before or"),
        pytest.param("(true or true) and %pump.inPlace", FALSE, False, id="parentheses"),
    ],
)
def test_an_unknown_fact_leaves_open_only_what_depends_on_it(
    text: str, values: dict[str, Any], decision: bool | None
):
    assert compile_condition(text, VOCABULARY).decide(facts(**values)) is decision


@pytest.mark.parametrize(
    ("days", "applies"), [(8, False), (7, True), (6, True)], ids=["above", "at", "below"]
)
def test_a_threshold_is_compared_inclusively_as_written(days: int, applies: bool):
    condition = compile_condition("%refill.daysToAlarm <= %threshold.leadDays", VOCABULARY)
    assert condition.decide(facts(refill_daysToAlarm=days)) is applies


def test_a_condition_knows_the_facts_it_reads():
    condition = compile_condition(
        "%pump.inPlace and (%refill.daysToAlarm < %threshold.leadDays or %refill.booked.not())",
        VOCABULARY,
    )
    assert condition.facts == {"pump.inPlace", "refill.daysToAlarm", "refill.booked"}


REFUSED = {
    "a second clock": ("%refill.alarmDate <= today()", "is not allowed"),
    "now": ("%refill.alarmDate <= now()", "is not allowed"),
    "a quantity": ("%refill.daysToAlarm < 7 'd'", "not allowed|one complete expression"),
    "a calendar quantity": ("%refill.daysToAlarm < 7 days", "is not allowed"),
    "a date literal": ("%refill.alarmDate < @2026-01-05", "is not allowed"),
    "an empty collection": ("%pump.inPlace = {}", "is not allowed"),
    "arithmetic": ("%refill.daysToAlarm + 1 < 7", "is not allowed"),
    "multiplication": ("%refill.daysToAlarm * 2 < 7", "is not allowed"),
    "a union": ("%pump.inPlace | true", "not"),
    "xor": ("%pump.inPlace xor true", "not"),
    "implies": ("%pump.inPlace implies true", "not"),
    "equivalence": ("%surgery.kind ~ 'implant'", "'~' is not allowed"),
    "membership": ("%surgery.kind in 'implant'", "not"),
    "parentheses that belong to nothing": (
        "%pump.inPlace) and (%refill.booked",
        "not one complete expression",
    ),
    "two names and their operators elsewhere": (
        "%pump.inPlace %refill.booked and %refill.requested and",
        "not one complete expression",
    ),
    "a function": ("%pump.inPlace.exists()", "not one complete expression|not allowed"),
    "a function of text": ("%surgery.kind.startsWith('im')", "not allowed|one complete expression"),
    "iif": ("iif(%pump.inPlace, true, false)", "not"),
    "a path into a resource": ("Patient.active", "uses unknown fact|not allowed"),
    "an index": ("%pump.inPlace[0]", "not"),
    "an unknown fact": ("%refill.dayToAlarm < 7", r"uses unknown fact %refill\.dayToAlarm"),
    "an unknown threshold": (
        "%refill.daysToAlarm < %threshold.lead",
        r"uses unknown threshold %threshold\.lead",
    ),
    "an unknown area": ("%refil.booked", r"uses unknown fact %refil\.booked"),
    "a number against a text": (
        "%refill.daysToAlarm = 'soon'",
        "a number is compared with a text",
    ),
    "a date against a number": ("%refill.alarmDate < 7", "a date is compared with a number"),
    "a truth against a number": ("%pump.inPlace = 1", "a boolean is compared with a number"),
    "texts ordered": ("%surgery.kind < 'implant'", "'<' does not order a text"),
    "truths ordered": ("%pump.inPlace > false", "'>' does not order a boolean"),
    "a number as truth": ("%refill.daysToAlarm", "is not true or false"),
    "a date as truth": ("%refill.alarmDate and true", "is not true or false"),
    "a negated number": ("%refill.daysToAlarm.not()", "is not true or false"),
    "nothing": ("", "not FHIRPath|one complete expression"),
    "half an expression": ("%pump.inPlace and", "not FHIRPath|one complete expression"),
    "half a comparison": ("%refill.daysToAlarm <", "not FHIRPath|one complete expression"),
    "two expressions": ("%pump.inPlace %refill.booked", "not FHIRPath|one complete expression"),
    "two literals": ("true false", "not FHIRPath|one complete expression"),
    "an operator twice": ("%pump.inPlace and and true", "not FHIRPath|one complete expression"),
    "not closed": ("(%pump.inPlace", "not FHIRPath|one complete expression"),
    "not opened": ("%pump.inPlace)", "not FHIRPath|one complete expression"),
    "not opened, and more": ("%pump.inPlace) and false", "not FHIRPath|one complete expression"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_outside_the_subset_is_refused(text: str, message: str):
    with pytest.raises(ConditionError, match=message):
        compile_condition(text, VOCABULARY)


@pytest.mark.parametrize(
    "text",
    [
        "%pump.inPlace xor true",
        "%pump.inPlace implies true",
        "%pump.inPlace.exists()",
        "%pump.inPlace[0]",
        "%refill.alarmDate <= today()",
        "%surgery.kind.startsWith('im')",
    ],
)
def test_a_refusal_quotes_the_condition(text: str):
    with pytest.raises(ConditionError) as refused:
        compile_condition(text, VOCABULARY)
    assert f"condition '{text}'" in str(refused.value)


def test_an_unknown_name_is_refused_with_the_names_known_and_the_remedy():
    with pytest.raises(ConditionError) as refused:
        compile_condition("%refill.dayToAlarm < 7", VOCABULARY)
    told = str(refused.value)
    assert "refill.daysToAlarm" in told
    assert "therapy/vocabulary or fix the plan" in told


def test_a_threshold_of_another_plan_is_unknown():
    with pytest.raises(ConditionError, match="unknown threshold"):
        compile_condition("%threshold.leadDays > 0", Vocabulary(WORDS, {}))
