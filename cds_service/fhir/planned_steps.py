"""The activities of a care plan, each with its days after the operation as in force at this site.

An offset that names a threshold (extension itb-offset-threshold) is set by it; the number written
beside it is what the plan came with.
"""

from collections.abc import Mapping
from typing import Any

from cds_service import CANONICAL_BASE
from cds_service.fhir.plan_element import citations_in, condition_of, fault_in, text_of
from cds_service.guidance.condition import Vocabulary
from cds_service.guidance.plan import PlannedStep, Threshold

Json = Mapping[str, Any]
OFFSET_THRESHOLD = f"{CANONICAL_BASE}/StructureDefinition/itb-offset-threshold"
RESTRICTION = f"{CANONICAL_BASE}/StructureDefinition/itb-restriction"
_DAYS = {"d": 1, "wk": 7}


def read_steps(
    file: str,
    group: Json,
    vocabulary: Vocabulary,
    thresholds: Mapping[str, Mapping[str, Threshold]],
) -> list[PlannedStep]:
    """The steps of a group of actions; `thresholds` are those of every plan, by file.

    A step may take its day from another plan's threshold, so that one number is one number.
    Raises PlanError.
    """
    known = {name: found for plan in thresholds.values() for name, found in plan.items()}
    return [
        _step(file, child, vocabulary, known)
        for child in group.get("action", [])
        if child.get("relatedAction")
    ]


def _step(
    file: str, action: Json, vocabulary: Vocabulary, known: Mapping[str, Threshold]
) -> PlannedStep:
    name = text_of(file, action, "id")
    offset = action["relatedAction"][0].get("offsetRange", {})
    low, high = offset.get("low", {}), offset.get("high")
    used = [each for end in (low, high or {}) if (each := _threshold(file, name, end, known))]
    first = _day(file, name, low, known)
    last = None if high is None else _day(file, name, high, known)
    if last is not None and last < first:
        named = ", ".join(dict.fromkeys(found.name for found in used)) or "offsetRange"
        raise fault_in(file, name, f"begins on day {first} and ends on day {last}; correct {named}")
    return PlannedStep(
        name,
        text_of(file, action, "title"),
        text_of(file, action, "description"),
        first,
        last,
        condition_of(file, action, vocabulary),
        citations_in(action.get("documentation", [])),
        _is_restriction(action),
        tuple(dict.fromkeys(used)),
    )


def _day(file: str, name: str, end: Json, known: Mapping[str, Threshold]) -> int:
    written = int(end.get("value", 0))
    threshold = _threshold(file, name, end, known)
    if threshold is None:
        return written
    factor, plus = _DAYS[threshold.unit], _part(end, "plus") or 0
    shipped = threshold.value if threshold.shipped is None else threshold.shipped
    own = int(shipped) * factor + int(plus)
    if own != written:
        what = f"is offset by {written} days, and {threshold.name} makes them {own}; make them one"
        raise fault_in(file, name, what)
    return int(threshold.value) * factor + int(plus)


def _threshold(file: str, name: str, end: Json, known: Mapping[str, Threshold]) -> Threshold | None:
    named = _part(end, "name")
    if named is None:
        return None
    threshold = known.get(str(named))
    if threshold is None or threshold.unit not in _DAYS:
        what = f"is offset by the threshold {named}, which no plan states in days or weeks; add it"
        raise fault_in(file, name, what)
    return threshold


def _part(end: Json, url: str) -> Any:
    """A part of the extension on an end of the range; None when it is not there."""
    for extension in end.get("extension", []):
        if extension.get("url") == OFFSET_THRESHOLD:
            for part in extension.get("extension", []):
                if part.get("url") == url:
                    return next(value for key, value in part.items() if key.startswith("value"))
    return None


def _is_restriction(action: Json) -> bool:
    return any(
        found.get("url") == RESTRICTION and found.get("valueBoolean") is True
        for found in action.get("extension", [])
    )
