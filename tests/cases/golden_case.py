"""A golden case as it stands in its folder, and how an answer is compared with it.

`request.json` is the body of the call; `case.json` the clock, the clinical reason, the arithmetic
by hand and the actions it covers; `cards.json` the answer expected. None is made by the program.
"""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cds_service import CANONICAL_BASE

FOLDER = Path(__file__).parent
PLANS = Path(__file__).parents[2] / "plans"
NO_PUMP = "no-pump"
EVIDENCE = "org.itb-pump-cds.evidence"
URGENCY = ("critical", "warning", "info")

Card = dict[str, Any]


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """One story: what is sent when, and what must come back."""

    plan: str
    story: str
    body: bytes
    case: dict[str, Any]
    expected: list[Card]
    last_card_says: list[str]

    @property
    def now(self) -> datetime:
        """The moment at which the service's clock stands."""
        return datetime.fromisoformat(self.case["as_of"])

    @property
    def hook(self) -> str:
        """The hook that is called."""
        hook: str = json.loads(self.body)["hook"]
        return hook

    @property
    def id(self) -> str:
        """Plan and story."""
        return f"{self.plan}/{self.story}"

    @property
    def is_for_worklist(self) -> bool:
        """True when no hook is called: the worklist and $apply ask, with or without a pump."""
        return self.case.get("occasion") == "worklist"

    def covers(self, what: str) -> set[str]:
        """The actions for which this case `fires`, stays `quiet` or is `undecided`."""
        return set(self.case.get("covers", {}).get(what, ()))


def golden_cases() -> list[GoldenCase]:
    """Every case of a hook, by plan and story."""
    return [case for case in _all_cases() if not case.is_for_worklist]


def worklist_cases() -> list[GoldenCase]:
    """Every case of the worklist, by plan and story."""
    return [case for case in _all_cases() if case.is_for_worklist]


def _all_cases() -> list[GoldenCase]:
    return [_case(path.parent) for path in sorted(FOLDER.glob("*/*/request.json"))]


def plan_actions() -> dict[str, list[str]]:
    """The ids of the actions that give a card, by plan."""
    actions: dict[str, list[str]] = {}
    for path in sorted(PLANS.glob("*/PlanDefinition-*.json")):
        plan = json.loads(path.read_text())
        actions[plan["id"]] = list(_with_topic(plan["action"]))
    return actions


def differences(case: GoldenCase, cards: list[Card]) -> list[str]:
    """What of the answer is not as expected, in words; empty when it is.

    Cards stand in the order of their urgency, what could not be checked last; among cards of one
    urgency no order is promised.
    """
    found, wanted = [_heading(card) for card in cards], [_wanted(card) for card in case.expected]
    if _ordered(found) != found:
        return [f"the cards are out of order: {found}"]
    if sorted(found) != sorted(wanted):
        return [f"cards: found {found}, expected {wanted}"]
    told = [
        line
        for expected in case.expected
        for line in _card_differences(_matching(cards, expected), expected)
    ]
    if case.last_card_says:
        advice = [card for card in cards if _heading(card)[1] != "itbCouldNotCheck"]
        told += _missing_words(advice[-1], case.last_card_says)
    return told


def _matching(cards: list[Card], expected: Card) -> Card:
    """The card of that heading; where several have it, the one of the expected action."""
    named = [card for card in cards if _heading(card) == _wanted(expected)]
    wanted = expected.get("action")
    return next((card for card in named if _action(card) == wanted), named[0])


def _action(card: Card) -> str:
    action: str = card["extension"][EVIDENCE]["action"]
    return action


def _case(folder: Path) -> GoldenCase:
    expected = json.loads((folder / "cards.json").read_text())
    return GoldenCase(
        plan=folder.parent.name,
        story=folder.name,
        body=(folder / "request.json").read_bytes(),
        case=json.loads((folder / "case.json").read_text()),
        expected=expected["cards"],
        last_card_says=expected.get("lastCardSays", []),
    )


def _with_topic(actions: list[dict[str, Any]]) -> Any:
    for action in actions:
        if "code" in action:
            yield action["id"]
        yield from _with_topic(action.get("action", []))


def _heading(card: Card) -> tuple[str, str]:
    return card["indicator"], card["source"]["topic"]["code"]


def _wanted(card: Card) -> tuple[str, str]:
    return card["indicator"], card["topic"]


def _ordered(headings: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(headings, key=lambda h: (h[1] == "itbCouldNotCheck", URGENCY.index(h[0])))


def _card_differences(card: Card, expected: Card) -> list[str]:
    topic = expected["topic"]
    action = _action(card)
    told = _missing_words(card, expected["says"])
    if action != expected.get("action", action):
        told.append(f"{topic}: action {action}, expected {expected['action']}")
    told += [
        f"{topic}: says '{words}'"
        for words in expected.get("neverSays", ())
        if _says(_text(card), words)
    ]
    if "suggestions" in expected:
        told += _suggestion_differences(card, expected["suggestions"])
    return told


def _missing_words(card: Card, phrases: list[str]) -> list[str]:
    topic, text = _heading(card)[1], _text(card)
    return [f"{topic}: does not say '{words}'" for words in phrases if not _says(text, words)]


def _text(card: Card) -> str:
    """Summary and detail in one line, Markdown's escapes taken back."""
    return " ".join(re.sub(r"\\(.)", r"\1", f"{card['summary']} {card['detail']}").split())


def _says(text: str, words: str) -> bool:
    """A figure must not be the tail of a longer one: `5 Apr 2026` is not said by `15 Apr 2026`."""
    start = r"(?<![\d.,])0?" if words[0].isdigit() else ""
    return re.search(start + re.escape(words), text, re.I) is not None


def _suggestion_differences(card: Card, expected: list[Card]) -> list[str]:
    resources = [
        suggestion["actions"][0]["resource"]
        for suggestion in card.get("suggestions", ())
        if len(suggestion["actions"]) == 1
    ]
    topic = _heading(card)[1]
    found = [_name(resource) for resource in resources]
    wanted = [suggestion.get("carePlan") or suggestion["code"] for suggestion in expected]
    if sorted(found) != sorted(wanted):
        return [f"{topic}: suggests {found}, expected {wanted}"]
    by_name = dict(zip(found, resources, strict=True))
    return [
        f"{topic}: {line}"
        for name, suggestion in zip(wanted, expected, strict=True)
        for line in _resource_differences(by_name[name], suggestion)
    ]


def _name(resource: dict[str, Any]) -> str:
    if resource["resourceType"] == "CarePlan":
        canonical: str = resource["instantiatesCanonical"][0]
        return canonical.removeprefix(f"{CANONICAL_BASE}/PlanDefinition/").split("|")[0]
    code: str = resource["code"]["coding"][0]["code"]
    return code


def _resource_differences(resource: dict[str, Any], expected: Card) -> list[str]:
    text = json.dumps(resource, ensure_ascii=False)
    told = [
        f"the plan lacks '{words}'"
        for words in expected.get("includes", ())
        if not _says(text, words)
    ]
    told += [
        f"the plan includes '{words}'" for words in expected.get("lacks", ()) if _says(text, words)
    ]
    if "until" in expected and resource["occurrencePeriod"]["end"] != expected["until"]:
        end = resource["occurrencePeriod"]["end"]
        told.append(f"{expected['code']} until {end}, expected {expected['until']}")
    return told
