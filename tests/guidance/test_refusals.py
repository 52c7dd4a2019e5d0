"""What a plan's author is told of a refused condition, in whole sentences; and odd literals."""

import pytest

from cds_service.errors import ConditionError
from cds_service.guidance.condition import Vocabulary, compile_condition
from cds_service.guidance.wording import escape_markdown, value_text
from tests.guidance.builders import VOCABULARY, WORDS, facts


def refusal(text: str, vocabulary: Vocabulary = VOCABULARY) -> str:
    with pytest.raises(ConditionError) as refused:
        compile_condition(text, vocabulary)
    return str(refused.value)


ALLOWED = (
    "use and, or, .not(), a comparison, a literal, a declared fact or a threshold of this plan"
)
REMEDY = "Add it to therapy/vocabulary or fix the plan."


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "%refill.dayToAlarm < 7",
            "uses unknown fact %refill.dayToAlarm; known: refill.alarmDate, refill.booked, "
            f"refill.daysToAlarm, refill.emptyDate, refill.reserveDays. {REMEDY}",
        ),
        (
            "%battery.age < 7",
            "uses unknown fact %battery.age; known: pump.inPlace, refill.alarmDate, "
            "refill.booked, refill.daysToAlarm, refill.emptyDate, refill.reserveDays, "
            f"surgery.kind. {REMEDY}",
        ),
        (
            "%threshold.leadDay < 7",
            "uses unknown threshold %threshold.leadDay; known: feverCelsius, leadDays. " + REMEDY,
        ),
        (
            "%refill.daysToAlarm",
            "'%refill.daysToAlarm' is not true or false; compare it with something",
        ),
        ("%pump.inPlace > true", "'>' does not order a boolean"),
        ("%surgery.kind < 'x'", "'<' does not order a text"),
        ("%refill.daysToAlarm = 'x'", "a number is compared with a text"),
        ("%refill.daysToAlarm ~ 3", "'~' is not allowed; " + ALLOWED),
    ],
)
def test_a_refusal_says_what_why_and_what_to_do(text: str, why: str):
    assert refusal(text) == f"condition '{text}': {why}"


@pytest.mark.parametrize(
    ("text", "days", "decided"),
    [
        ("%refill.daysToAlarm <= -3", -3, True),
        ("%refill.daysToAlarm <= -3", -2, False),
        ("-3 >= %refill.daysToAlarm", -4, True),
        ("%refill.daysToAlarm = -0.5", -1, False),
        ("%refill.daysToAlarm > -1.5", -1, True),
        ("%refill.daysToAlarm < (-3)", -4, True),
    ],
)
def test_a_negative_number_is_one(text: str, days: int, decided: bool):
    condition = compile_condition(text, VOCABULARY)
    assert condition.decide(facts(refill_daysToAlarm=days)) is decided


@pytest.mark.parametrize("text", ["%refill.daysToAlarm < -'x'", "%refill.daysToAlarm < +3"])
def test_a_sign_before_anything_but_a_number_is_refused(text: str):
    assert "is not allowed" in refusal(text)


def test_not_is_the_only_function():
    condition = compile_condition("%pump.inPlace.not()", VOCABULARY)
    assert condition.decide(facts(pump_inPlace=True)) is False
    assert condition.decide(facts(pump_inPlace=False)) is True
    assert condition.decide(facts()) is None


def test_names_are_listed_of_all_areas_when_none_is_near():
    assert "known: ." in refusal("%threshold.x > 1", Vocabulary(WORDS, {}))


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("a  b\n\tc", "a b c"),
        ("see http://x.example/y now", "see  x.example/y now"),
        ("ask a@b.example please", "ask a b.example please"),
        ("see WWW.x.example", "see  x.example"),
        ("x" * 300, "x" * 200),
        ("1. first", "1\\. first"),
    ],
)
def test_text_of_a_record_becomes_one_harmless_line(told: str, shown: str):
    assert escape_markdown(told) == shown


def test_a_longer_line_may_be_asked_for():
    assert escape_markdown("x" * 300, limit=250) == "x" * 250


@pytest.mark.parametrize(("value", "told"), [(True, ""), (False, "no"), (7, "7"), ("", "")])
def test_a_value_in_a_sentence(value: object, told: str):
    assert value_text(value) == told  # type: ignore[arg-type]
