"""Conditions and texts of plans in plain words, for the page that shows a plan."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cds_service.guidance.cause import act_by_facts
from cds_service.guidance.plan import Action, Threshold
from cds_service.therapy.quantities import plain
from cds_service.therapy.vocabulary import FACTS

_TOKEN = re.compile(
    r"%[A-Za-z]+\.[A-Za-z0-9]+|\.not\(\)|<=|>=|!=|[=<>()]|\band\b|\bor\b|'[^']*'|-?\d+(?:\.\d+)?|\w+"
)
_COMPARED = {
    "=": "is",
    "!=": "is not",
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
}
_PLACEHOLDER = re.compile(r"\{\{\s*[A-Za-z]+\.([A-Za-z0-9]+)\s*\}\}")
_UNITS = {"d": "days", "wk": "weeks", "mo": "months", "h": "hours", "a": "years", "Cel": "°C"}
_BOUND = re.compile(r"At(?:Latest|Least)$")
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition in words: one sentence, or several that are `joined` by all, any or none."""

    text: str = ""
    joined: str = ""
    parts: tuple["Clause", ...] = ()


def condition_in_words(text: str, thresholds: Mapping[str, Threshold]) -> Clause:
    """A condition of the allowed subset of FHIRPath in words, thresholds with their values."""
    return _Reader(text, thresholds).whole()


def value_in_words(threshold: Threshold) -> str:
    """A threshold's value in force with its unit: `7 days`."""
    return f"{plain(threshold.value)} {in_words(threshold.unit)}".strip()


def bounds_in_words(threshold: Threshold) -> str:
    """The bounds within which a site may set a threshold: `3 to 21 days`."""
    low, high = plain(threshold.minimum), plain(threshold.maximum)
    return f"{low} to {high} {in_words(threshold.unit)}".strip()


def shipped_in_words(threshold: Threshold) -> str:
    """The value a plan came with, where the site set another; else empty."""
    if threshold.shipped is None:
        return ""
    return f"{plain(threshold.shipped)} {in_words(threshold.unit)}".strip()


def in_words(unit: str) -> str:
    """A unit as people read it: `days` for UCUM's `d`."""
    return _UNITS.get(unit, unit)


def text_in_words(template: str) -> str:
    """A card text with its facts named: `‹alarm date›` for `{{refill.alarmDate}}`."""
    named = _PLACEHOLDER.sub(lambda match: f"‹{_spaced(match[1])}›", template)
    return named.replace("[[", "").replace("]]", "")


def act_by_in_words(action: Action) -> str:
    """The day by which to act, as the action names it: `‹alarm date›`; empty where it does not."""
    named = dict.fromkeys(act_by_facts(action))
    return text_in_words(" or ".join(f"{{{{{name}}}}}" for name in named))


class _Reader:
    """Reads tokens one by one; `and` binds tighter than `or`, as in FHIRPath."""

    def __init__(self, text: str, thresholds: Mapping[str, Threshold]) -> None:
        self.tokens = _TOKEN.findall(text)
        self.thresholds = thresholds
        self.at = 0

    def whole(self) -> Clause:
        return self._joined("or", "any", lambda: self._joined("and", "all", self._term))

    def _joined(self, word: str, joined: str, read: Callable[[], Clause]) -> Clause:
        parts = [read()]
        while self._next_is(word):
            parts.append(read())
        if len(parts) == 1:
            return parts[0]
        flat = [p for part in parts for p in (part.parts if part.joined == joined else (part,))]
        return Clause(joined=joined, parts=tuple(flat))

    def _term(self) -> Clause:
        if self._next_is("("):
            inner = self.whole()
            self._next_is(")")
        else:
            inner = self._statement()
        if self._next_is(".not()"):
            return _negated(inner)
        return inner

    def _statement(self) -> Clause:
        left = self._take()
        if self._peek() not in _COMPARED:
            return Clause(self._operand(left))
        compared = _COMPARED[self._take()]
        right = self._take()
        fact = FACTS.get(left.removeprefix("%"))
        unit = fact.unit if fact and _is_number(right) else ""
        said = f"{self._operand(left)} {compared} {self._operand(right)} {in_words(unit)}"
        return Clause(said.strip())

    def _operand(self, token: str) -> str:
        if token.startswith("%threshold."):
            threshold = self.thresholds[token.removeprefix("%threshold.")]
            return f"{value_in_words(threshold)} ({_spaced(threshold.name)})"
        if token.startswith("%"):
            return _meaning(token.removeprefix("%"))
        return token.strip("'")

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self) -> str:
        token = self._peek()
        self.at += 1
        return token

    def _next_is(self, token: str) -> bool:
        if self._peek() != token:
            return False
        self.at += 1
        return True


def _negated(clause: Clause) -> Clause:
    if clause.joined:
        return Clause(joined="none", parts=(clause,))
    return Clause(f"not: {clause.text}")


def _meaning(name: str) -> str:
    """A fact's meaning that can stand alone: "the same" names the fact it refers to."""
    meaning = FACTS[name].meaning
    first = FACTS.get(_BOUND.sub("", name))
    if meaning.startswith("the same") and first is not None:
        return f"{first.meaning} ({meaning.removeprefix('the same').strip(', ')})"
    return meaning.replace(", at the latest", " (at the latest)")


def _is_number(token: str) -> bool:
    return token.lstrip("-").replace(".", "").isdigit()


def _spaced(name: str) -> str:
    """`alarmDate` as `alarm date`."""
    return _CAPITAL.sub(" ", name).lower()
