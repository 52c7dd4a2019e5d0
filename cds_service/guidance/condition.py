"""Conditions of plan actions: a tiny subset of FHIRPath over named facts, compiled at start.

Allowed: `and`, `or`, `.not()`, `=`, `!=`, `<`, `<=`, `>`, `>=`, parentheses, literals and declared
names (`%refill.daysToAlarm`, `%threshold.refillLeadDays`). Everything else refuses the start:
a misspelt name would read as "does not apply", and a call of today() would bring in a second clock.
An unknown fact makes the result undecided (None), by the three-valued logic of FHIRPath.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fhirpathpy.parser import parse

from cds_service.errors import ConditionError
from cds_service.therapy.fact import Fact, FactDefinition, FactType, FactValue

Values = Mapping[str, Fact]
Operand = Callable[[Values], FactValue | None]
Decision = Callable[[Values], bool | None]

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ALLOWED = (
    "use and, or, .not(), a comparison, a literal, a declared fact or a threshold of this plan"
)
_TOKEN = re.compile(
    r"\s*(?:(?P<operand>%[A-Za-z]\w*(?:\.(?!not\b)\w+)+|-?\d+(?:\.\d+)?|'[^'\\]*'|(?:true|false)\b)"
    r"|(?P<operator><=|>=|!=|<|>|=|(?:and|or)\b)|(?P<negation>\.\s*not\s*\(\s*\))"
    r"|(?P<open>\()|(?P<close>\)))"
)
_TRANSPARENT = {"TermExpression", "ParenthesizedTerm", "LiteralTerm", "EntireExpression"}


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition: its text, the facts it reads, and the decision it gives."""

    text: str
    facts: frozenset[str]
    decide: Decision


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names a condition may use: declared facts, and this plan's thresholds by value."""

    facts: Mapping[str, FactDefinition]
    thresholds: Mapping[str, Decimal]


def compile_condition(text: str, vocabulary: Vocabulary) -> Condition:
    """The condition ready to decide. Raises ConditionError naming the fault and the remedy."""
    _check_tokens(text)
    try:
        tree = parse(text)  # type: ignore[no-untyped-call]
    except Exception as fault:
        raise ConditionError(f"condition '{text}' is not FHIRPath: {fault}") from fault
    compiler = _Compiler(text, vocabulary)
    decide = compiler.decision(_only_child(tree))
    return Condition(text, frozenset(compiler.used), decide)


def _check_tokens(text: str) -> None:
    """Refuses what the parser would mend in silence: it drops what it cannot fit in.

    The text must be names, literals and operators only, its parentheses in pairs, and every
    operator between two operands.
    """
    position, depth, wants_operand = 0, 0, True
    while position < len(text.rstrip()):
        token = _TOKEN.match(text, position)
        if token is None:
            found = text[position:].split(maxsplit=1)[0]
            raise ConditionError(f"condition '{text}': '{found}' is not allowed; {_ALLOWED}")
        kind, position = str(token.lastgroup), token.end()
        if (kind in ("operand", "open")) is not wants_operand:
            raise ConditionError(f"condition '{text}' is not one complete expression")
        depth += {"open": 1, "close": -1}.get(kind, 0)
        wants_operand = kind in ("operator", "open")
        if depth < 0:
            break
    if wants_operand or depth:
        raise ConditionError(f"condition '{text}' is not one complete expression")


@dataclass(frozen=True, slots=True)
class _Typed:
    type: FactType
    value: Operand


class _Compiler:
    """Walks one parsed condition; keeps the facts it meets."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self.text = text
        self.vocabulary = vocabulary
        self.used: set[str] = set()

    def decision(self, node: dict[str, Any]) -> Decision:
        node = _unwrapped(node)
        match node["type"]:
            case "AndExpression":
                return self._both(*self._decisions(node))
            case "OrExpression" if node["terminalNodeText"] == ["or"]:
                return self._either(*self._decisions(node))
            case "InequalityExpression" | "EqualityExpression":
                return self._comparison(node)
            case "InvocationExpression" if _is_not(node):
                return _negation(self.decision(node["children"][0]))
            case _:
                operand = self._operand(node)
        if operand.type is not FactType.BOOLEAN:
            raise self._refused(
                f"'{node.get('text')}' is not true or false; compare it with something"
            )
        return _truth(operand.value)

    def _decisions(self, node: dict[str, Any]) -> tuple[Decision, Decision]:
        left, right = node["children"]
        return self.decision(left), self.decision(right)

    @staticmethod
    def _both(left: Decision, right: Decision) -> Decision:
        def decide(values: Values) -> bool | None:
            first = left(values)
            if first is False:
                return False
            second = right(values)
            if second is False:
                return False
            return None if first is None or second is None else True

        return decide

    @staticmethod
    def _either(left: Decision, right: Decision) -> Decision:
        def decide(values: Values) -> bool | None:
            first = left(values)
            if first:
                return True
            second = right(values)
            if second:
                return True
            return None if first is None or second is None else False

        return decide

    def _comparison(self, node: dict[str, Any]) -> Decision:
        symbol = node["terminalNodeText"][0]
        compare = _COMPARISONS.get(symbol)
        if compare is None:
            raise self._refused(f"the operator '{symbol}' is not allowed")
        left, right = (self._operand(_unwrapped(child)) for child in node["children"])
        if left.type is not right.type:
            raise self._refused(f"a {left.type.value} is compared with a {right.type.value}")
        if left.type in (FactType.BOOLEAN, FactType.TEXT) and symbol not in ("=", "!="):
            raise self._refused(f"'{symbol}' does not order a {left.type.value}")
        left_value, right_value = left.value, right.value

        def decide(values: Values) -> bool | None:
            first, second = left_value(values), right_value(values)
            if first is None or second is None:
                return None
            return compare(first, second)

        return decide

    def _operand(self, node: dict[str, Any]) -> _Typed:
        match node["type"]:
            case "InvocationExpression":
                return self._named(node)
            case "NumberLiteral":
                return _constant(FactType.NUMBER, Decimal(node["text"]))
            case "PolarityExpression" if node["terminalNodeText"] == ["-"]:
                inner = _unwrapped(node["children"][0])
                if inner["type"] == "NumberLiteral":
                    return _constant(FactType.NUMBER, -Decimal(inner["text"]))
            case "StringLiteral":
                return _constant(FactType.TEXT, node["text"][1:-1])
            case "BooleanLiteral":
                return _constant(FactType.BOOLEAN, node["text"] == "true")
        raise self._refused(f"'{node.get('text') or node['type']}' is not allowed; {_ALLOWED}")

    def _named(self, node: dict[str, Any]) -> _Typed:
        name = str(node.get("text", "")).removeprefix("%")
        definition = self.vocabulary.facts.get(name)
        if definition is not None:
            self.used.add(name)
            return _Typed(definition.type, lambda values: values[name].value)
        if name.startswith("threshold."):
            value = self.vocabulary.thresholds.get(name.removeprefix("threshold."))
            if value is not None:
                return _constant(FactType.NUMBER, value)
            raise self._refused(_unknown("threshold", name, self.vocabulary.thresholds))
        raise self._refused(_unknown("fact", name, self.vocabulary.facts))

    def _refused(self, why: str) -> ConditionError:
        return ConditionError(f"condition '{self.text}': {why}")


def _unknown(kind: str, name: str, declared: Iterable[str]) -> str:
    area = name.split(".", maxsplit=1)[0] + "."
    near = sorted(other for other in declared if other.startswith(area)) or sorted(declared)
    return (
        f"uses unknown {kind} %{name}; known: {', '.join(near)}. "
        "Add it to therapy/vocabulary or fix the plan."
    )


def _unwrapped(node: dict[str, Any]) -> dict[str, Any]:
    while node["type"] in _TRANSPARENT:
        node = _only_child(node)
    return node


def _only_child(node: dict[str, Any]) -> dict[str, Any]:
    children: list[dict[str, Any]] = node.get("children", [])
    if len(children) != 1:
        raise ConditionError("a condition is one complete expression")
    return children[0]


def _is_not(node: dict[str, Any]) -> bool:
    called = node["children"][-1]
    if called["type"] != "FunctionInvocation":
        return False
    return [child.get("text") for child in called["children"][0]["children"]] == ["not"]


def _negation(decide: Decision) -> Decision:
    def negated(values: Values) -> bool | None:
        decided = decide(values)
        return None if decided is None else not decided

    return negated


def _truth(value: Operand) -> Decision:
    def decide(values: Values) -> bool | None:
        found = value(values)
        return None if found is None else bool(found)

    return decide


def _constant(kind: FactType, value: FactValue) -> _Typed:
    return _Typed(kind, lambda _: value)
