"""Thresholds as FHIR: with the value in force, and the plan's own where the site set another."""

from collections.abc import Mapping
from typing import Any

from cds_service.fhir.plan_definition import THRESHOLD
from cds_service.guidance.plan import Plan, Threshold


def with_thresholds(resource: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """The PlanDefinition with its thresholds as in force at this site."""
    others = [found for found in resource.get("extension", ()) if found.get("url") != THRESHOLD]
    own = [threshold_extension(found) for found in plan.thresholds.values()]
    served = {**resource, "extension": [*own, *others]}
    return served if own or others else dict(resource)


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
