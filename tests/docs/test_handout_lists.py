"""The page for patients holds the source document's lists whole, in plain words."""

import pytest

from tests.docs.homes import text_at

SAID = {
    "handout-withdrawal": (
        "severe muscle stiffness or spasms",
        "itchy skin without a rash",
        "severe discomfort or pain",
        "sweating",
        "low-grade fever",
        # The boxed warning of the drug label.
        "high fever",
        "confusion",
        "dizziness",
        "lightheaded",
        "nausea",
        "seizures",
    ),
    "handout-emergency": (
        "soon after a refill or a change of the dose",
        "ill with something else",
        "threaten your life",
        "right away",
        "{{site.emergencyNumber}}",
    ),
    "handout-overdose": (
        "drowsiness",
        "very loose and weak muscles",
        "difficulty standing up, sitting up or moving your arms and legs",
        "low blood pressure",
        "low body temperature",
        "difficulty breathing",
        "loss of consciousness",
        "seizures",
    ),
    "handout-infection": (
        "a fever",
        "skin that changes color or swells over the pump or in your back",
        "drainage",
        "from the wounds",
        "pain",
    ),
    "handout-weakness": ("most common side effect", "dose may need a change"),
    "handout-pump": ("through a thin tube", "six to seven years", "before it ends"),
    "handout-refill": ("must be refilled", "withdrawal"),
    "handout-alarms": ("as soon as possible", "may not work as it should"),
    "handout-recovery": (
        "six to eight weeks on average",
        "your surgeon may give you another time",
        "plenty of rest",
        "no strenuous activity",
        "all clear",
        "abdominal binder",
        "a few weeks",
        "both wounds (belly and lower back)",
        "bruise",
        "clear fluid from a wound",
    ),
}


@pytest.mark.parametrize("part", SAID)
def test_a_part_of_the_page_says_all_of_its_statements(part: str):
    said = text_at(f"itb-handout/{part}").lower()

    assert [words for words in SAID[part] if words.lower() not in said] == []


@pytest.mark.parametrize("part", SAID)
def test_the_page_is_written_in_short_sentences(part: str):
    """Half of what is said in up to 12 words, nothing in more than 30."""
    text = text_at(f"itb-handout/{part}").replace("\n", ". ").replace(";", ".").replace(":", ".")
    lengths = sorted(len(sentence.split()) for sentence in text.split(".") if sentence.strip())

    assert lengths[-1] <= 30
    assert lengths[len(lengths) // 2] <= 12
