"""Thresholds as FHIR: read from a plan, and written with the value in force at this site."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from cds_service import CANONICAL_BASE
from cds_service.fhir.plan_element import fault_in
from cds_service.guidance.plan import Plan, PlannedStep, Threshold

Json = Mapping[str, Any]
THRESHOLD = f"{CANONICAL_BASE}/StructureDefinition/itb-threshold"
_NEEDED = {"name", "value", "unit", "minimum", "maximum", "rationale", "source"}
_WHOLE = {"d", "wk", "mo", "h"}


def read_thresholds(
    file: str, resource: Json, overrides: Mapping[str, Decimal]
) -> dict[str, Threshold]:
    """A plan's thresholds by name, with the site's values in force. Raises PlanError."""
    stated = [found for found in resource.get("extension", []) if found.get("url") == THRESHOLD]
    return {found.name: found for found in (_threshold(file, each, overrides) for each in stated)}


def _threshold(file: str, extension: Json, overrides: Mapping[str, Decimal]) -> Threshold:
    parts = {
        str(part.get("url")): value
        for part in extension.get("extension", [])
        for key, value in part.items()
        if key.startswith("value")
    }
    name = str(parts.get("name", "?"))
    where = f"threshold {name}"
    stated = {str(part.get("url")) for part in extension.get("extension", [])}
    lacking = (_NEEDED | stated) - {*parts}
    if lacking:
        raise fault_in(file, where, f"lacks {', '.join(sorted(lacking))}; add it")
    shipped, low, high = (
        _number(file, where, parts[each]) for each in ("value", "minimum", "maximum")
    )
    value = overrides.get(name, shipped)
    if not low <= value <= high:
        raise fault_in(file, where, f"is {value}; it must be {low} to {high}")
    if parts["unit"] in _WHOLE and value != int(value):
        raise fault_in(file, where, f"is {value}; a whole number is needed")
    return Threshold(
        name,
        value,
        str(parts["unit"]),
        low,
        high,
        str(parts["rationale"]),
        str(parts["source"]),
        shipped if name in overrides else None,
    )


def _number(file: str, where: str, value: object) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation as fault:
        what = f"has '{value}' where a number is expected; use valueDecimal"
        raise fault_in(file, where, what) from fault


def with_thresholds(resource: Json, plan: Plan) -> dict[str, Any]:
    """The PlanDefinition with its thresholds, and the days they set, as in force at this site."""
    others = [found for found in resource.get("extension", ()) if found.get("url") != THRESHOLD]
    own = [threshold_extension(found) for found in plan.thresholds.values()]
    steps = {step.id: step for step in plan.steps if step.thresholds}
    served = dict(resource)
    if own or others:
        served["extension"] = [*own, *others]
    if steps:
        served["action"] = [_with_days(action, steps) for action in resource["action"]]
    return served


def _with_days(action: Json, steps: Mapping[str, PlannedStep]) -> dict[str, Any]:
    served = dict(action)
    if action.get("id") in steps:
        served["relatedAction"] = [
            {**related, "offsetRange": _days(related["offsetRange"], steps[action["id"]])}
            for related in action["relatedAction"]
        ]
    if "action" in action:
        served["action"] = [_with_days(child, steps) for child in action["action"]]
    return served


def _days(offset: Json, step: PlannedStep) -> dict[str, Any]:
    in_force = {"low": step.first_day, "high": step.last_day}
    return {end: {**quantity, "value": in_force[end]} for end, quantity in offset.items()}


def threshold_extension(found: Threshold) -> dict[str, Any]:
    """The extension itb-threshold."""
    parts = [
        {"url": "name", "valueString": found.name},
        {"url": "value", "valueDecimal": found.value},
        {"url": "unit", "valueString": found.unit},
        {"url": "minimum", "valueDecimal": found.minimum},
        {"url": "maximum", "valueDecimal": found.maximum},
        {"url": "rationale", "valueString": found.rationale},
        {"url": "source", "valueString": found.source},
    ]
    if found.is_overridden:
        parts.append({"url": "shippedValue", "valueDecimal": found.shipped})
    return {"extension": parts, "url": THRESHOLD}
