"""Sound uses of our extensions, and the same with one thing wrong."""

import copy
from typing import Any

from cds_service import CANONICAL_BASE

Json = dict[str, Any]
_BASE = f"{CANONICAL_BASE}/StructureDefinition"
_WRONG = {"valueInstant": "2026-11-22T00:00:00Z"}
"""A type that none of the extensions takes."""


def sound_extension(name: str) -> Json:
    """A resource that uses the extension as it should be used."""
    return _host(name, copy.deepcopy(_SOUND[name]))


def broken_extension(name: str, element: str, kind: str) -> Json:
    """The resource with one constraint of the extension broken."""
    extension = copy.deepcopy(_SOUND[name])
    if kind == "context":
        return _elsewhere(extension)
    if kind in _BROKEN:
        extension["extension"] = copy.deepcopy(_BROKEN[kind])
        return _host(name, extension)
    part = element.split(":")[1].split(".", maxsplit=1)[0] if ":" in element else ""
    if part == "unknownBecause":
        extension["extension"] = copy.deepcopy(_UNKNOWN)
    _break(extension, part, element.endswith("value[x]"), kind)
    return _host(name, extension)


def _break(extension: Json, part: str, is_value: bool, kind: str) -> None:
    parts = extension.get("extension", [])
    target = next(each for each in parts if each["url"] == part) if part else extension
    if is_value or not part:
        for value in [each for each in target if each.startswith("value")]:
            del target[value]
        if kind == "type":
            target.update(_WRONG)
        elif kind == "binding":
            target["valueCode"] = "shoe-size"
    elif kind == "max":
        parts.append(copy.deepcopy(target))
    else:
        parts.remove(target)


def _host(name: str, extension: Json) -> Json:
    place = _PLACES[name]
    if place.startswith("PlanDefinition") or place == "Quantity":
        return {**_PLAN, **_part_of_plan(place, extension)}
    if place == "RequestGroup.action":
        return {
            "resourceType": "RequestGroup",
            "status": "draft",
            "intent": "proposal",
            "action": [{"extension": [extension], "resource": {"reference": "ServiceRequest/1"}}],
        }
    return {
        "resourceType": "Library",
        "status": "draft",
        "type": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/library-type",
                    "code": "module-definition",
                }
            ]
        },
        "parameter": [{"extension": [extension], "name": "a.b", "use": "out", "type": "decimal"}],
    }


def _part_of_plan(place: str, extension: Json) -> Json:
    match place:
        case "PlanDefinition.action":
            return {"action": [{"title": "Refill", "extension": [extension]}]}
        case "PlanDefinition.action.trigger":
            trigger = {"extension": [extension], "type": "named-event", "name": "encounter-start"}
            return {"action": [{"title": "Refill", "trigger": [trigger]}]}
        case "PlanDefinition.goal.target":
            aim = {"extension": [extension], "measure": {"text": "Last refill"}}
            return {"goal": [{"description": {"text": "Refills"}, "target": [aim]}]}
        case "Quantity":
            offset = {"low": {"extension": [extension], "value": 42, "unit": "d"}}
            after = {"actionId": "surgery", "relationship": "after", "offsetRange": offset}
            return {"action": [{"title": "Review", "relatedAction": [after]}]}
    return {"extension": [extension]}


def _elsewhere(extension: Json) -> Json:
    return {"resourceType": "Patient", "extension": [extension]}


_PLAN: Json = {
    "resourceType": "PlanDefinition",
    "url": f"{CANONICAL_BASE}/PlanDefinition/example",
    "name": "Example",
    "status": "draft",
}
_PLACES = {
    "itb-threshold": "PlanDefinition",
    "itb-dsi-funding-source": "PlanDefinition",
    "itb-dsi-data-use": "PlanDefinition",
    "itb-due-fact": "PlanDefinition.action",
    "itb-goal-fact": "PlanDefinition.goal.target",
    "itb-restriction": "PlanDefinition.action",
    "itb-least-priority": "PlanDefinition.action.trigger",
    "itb-offset-threshold": "Quantity",
    "itb-fact-evidence": "RequestGroup.action",
    "itb-fact-unit": "Library",
}


def _complex(name: str, *parts: Json) -> Json:
    return {"extension": list(parts), "url": f"{_BASE}/{name}"}


def _text(url: str, value: str) -> Json:
    return {"url": url, "valueString": value}


def _decimal(url: str, value: float) -> Json:
    return {"url": url, "valueDecimal": value}


_SOUND = {
    "itb-threshold": _complex(
        "itb-threshold",
        _text("name", "refillLeadDays"),
        _decimal("value", 10),
        _text("unit", "d"),
        _decimal("minimum", 3),
        _decimal("maximum", 21),
        _text("rationale", "Time to book."),
        _text("source", "Policy"),
        _decimal("shippedValue", 7),
    ),
    "itb-dsi-funding-source": {
        "url": f"{_BASE}/itb-dsi-funding-source",
        "valueString": "None stated.",
    },
    "itb-dsi-data-use": _complex(
        "itb-dsi-data-use",
        {"url": "element", "valueCode": "date-of-birth"},
        {"url": "used", "valueBoolean": True},
        _text("note", "Age."),
    ),
    "itb-due-fact": {"url": f"{_BASE}/itb-due-fact", "valueString": "refill.targetDate"},
    "itb-goal-fact": _complex(
        "itb-goal-fact", _text("fact", "refill.fillDate"), _text("source", "observations")
    ),
    "itb-offset-threshold": _complex(
        "itb-offset-threshold",
        _text("name", "binderWeeks"),
        {"url": "plus", "valueInteger": 7},
    ),
    "itb-least-priority": {"url": f"{_BASE}/itb-least-priority", "valueCode": "stat"},
    "itb-restriction": {"url": f"{_BASE}/itb-restriction", "valueBoolean": True},
    "itb-fact-evidence": _complex(
        "itb-fact-evidence",
        _text("fact", "refill.daysToAlarm"),
        {"url": "value", "valueInteger": 3},
        _text("unit", "d"),
        {"url": "record", "valueReference": {"reference": "Observation/1", "display": "a reading"}},
    ),
    "itb-fact-unit": {"url": f"{_BASE}/itb-fact-unit", "valueString": "d"},
}
_UNKNOWN = [
    _text("fact", "refill.daysToAlarm"),
    _text("unknownBecause", "the concentration is not recorded"),
]
EXTENSIONS = tuple(_SOUND)
_BROKEN = {
    "itb-threshold-1": [
        {**part, "valueDecimal": 22} if part["url"] == "value" else part
        for part in _SOUND["itb-threshold"]["extension"]
    ],
    "itb-dsi-1": _SOUND["itb-dsi-data-use"]["extension"][:2],
    "itb-evidence-1": [
        *_SOUND["itb-fact-evidence"]["extension"],
        _text("unknownBecause", "not recorded"),
    ],
}
