"""Long texts are shortened by whole paragraphs that explain; what is said to do stays."""

from collections.abc import Iterator

import pytest

from cds_service.app.wiring import wire
from cds_service.cds_hooks.brief_text import EXPLAINED_BEHIND_THE_LINK, MOST_WORDS, shortened
from cds_service.guidance.plan import Action, Urgency
from cds_service.settings import Settings

FIRST = "**Suggested today: refill.**"
WHY = "**Why:** " + "figure " * 60
DANGER = "**Danger: withdrawal.** " + "sign " * 40
ALIKE = "**Can look alike:** " + "disease " * 30
SAFELY = "**Safely:** " + "advice " * 60


def actions() -> Iterator[Action]:
    for plan in wire(Settings()).rulebook.plans:
        for ladder in plan.ladders:
            yield from ladder.actions


ACTIONS = list(actions())
CRITICALS = [action for action in ACTIONS if action.urgency is Urgency.CRITICAL]


def test_a_text_that_is_short_enough_stays_as_it_is():
    text = "\n\n".join([FIRST, WHY.strip(), SAFELY.strip()])

    assert len(text.split()) <= MOST_WORDS
    assert shortened(text) == text


def test_paragraphs_go_one_by_one_until_the_text_is_short_enough():
    # 3 + 61 + 42 + 33 + 61 = 200 words; without "Can look alike" 167, without "Safely" too 106.
    text = "\n\n".join(each.strip() for each in (FIRST, WHY, DANGER, ALIKE, SAFELY))

    assert shortened(text) == "\n\n".join(
        [FIRST, WHY.strip(), DANGER.strip(), "**Behind the link:** can look alike; safely"]
    )


def test_a_paragraph_that_is_needed_no_more_is_not_left_out():
    # 3 + 61 + 33 + 61 = 158 words; 125 without "Can look alike".
    text = "\n\n".join(each.strip() for each in (FIRST, WHY, ALIKE, SAFELY))

    assert shortened(text).split("\n\n")[2:] == [
        SAFELY.strip(),
        "**Behind the link:** can look alike",
    ]


def test_a_record_cannot_have_a_paragraph_left_out():
    # Text of a record comes escaped, so that it can be no heading of ours.
    told = "\\*\\*Safely:\\*\\* " + "record " * 200

    assert shortened(f"{FIRST}\n\n{told}") == f"{FIRST}\n\n{told}"


@pytest.mark.parametrize("action", CRITICALS, ids=lambda action: action.id)
def test_a_shortened_critical_says_what_to_do_and_the_danger_and_whom_to_call(action: Action):
    whole, brief = action.detail.split("\n\n"), shortened(action.detail).split("\n\n")

    assert brief[:2] == whole[:2]
    assert brief[0].startswith("**Suggested")
    assert brief[1].startswith("**Why:**")
    assert [each for each in whole if each.startswith("**Danger") and each not in brief] == []
    if "{{site.emergencyNumber}}" in action.detail:
        assert "{{site.emergencyNumber}}" in "\n\n".join(brief)
    assert "fatal" not in action.detail or "fatal" in "\n\n".join(brief)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_what_is_left_out_is_named(action: Action):
    brief = shortened(action.detail)
    left_out = [each for each in action.detail.split("\n\n") if each not in brief]

    named = brief.rpartition("**Behind the link:** ")[2].split("; ") if left_out else []
    assert len(named) == len(left_out)
    headings = {heading.casefold() for heading in EXPLAINED_BEHIND_THE_LINK}
    assert {each.casefold() for each in named} <= headings
