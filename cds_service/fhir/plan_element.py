"""What every element of a plan is read by: its texts, its condition, its sources, its faults."""

from collections.abc import Mapping, Sequence
from typing import Any

from cds_service.errors import ConditionError, PlanError
from cds_service.guidance.condition import Condition, Vocabulary, compile_condition
from cds_service.guidance.plan import Citation

Json = Mapping[str, Any]


def text_of(file: str, part: Json, element: str) -> str:
    """A text that the element must have. Raises PlanError when it is missing or blank."""
    value = part.get(element)
    if not isinstance(value, str) or not value.strip():
        raise fault_in(file, str(part.get("id", "?")), f"has no {element}; add it")
    return value


def condition_of(file: str, action: Json, vocabulary: Vocabulary) -> Condition | None:
    """The applicability condition of an action; None when it has none. Raises PlanError."""
    name = str(action.get("id", "?"))
    found = [c for c in action.get("condition", []) if c.get("kind") == "applicability"]
    if not found:
        return None
    if len(found) > 1:
        raise fault_in(file, name, "has several conditions; join them with 'and'")
    expression = found[0].get("expression", {})
    language = expression.get("language")
    if language != "text/fhirpath":
        raise fault_in(file, name, f"condition is in '{language}'; only text/fhirpath is read")
    try:
        return compile_condition(expression.get("expression", ""), vocabulary)
    except ConditionError as refused:
        raise fault_in(file, name, str(refused)) from refused


def citations_in(artifacts: Sequence[Json]) -> tuple[Citation, ...]:
    """The sources among related artifacts."""
    return tuple(
        Citation(
            found.get("label", ""),
            found.get("citation") or found.get("display", ""),
            found.get("url", ""),
        )
        for found in artifacts
        if found.get("type") == "citation"
    )


def fault_in(file: str, where: str, what: str) -> PlanError:
    """What is wrong with the element of this id, for the author of the plan."""
    return PlanError(f"{file}: '{where}' {what}")
