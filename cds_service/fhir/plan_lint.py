"""What the models of FHIR do not check in a plan: codes of required bindings, names, sources.

For `itb-cds check`. Each message names the file, the element, what was found, what is expected and
the remedy.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]

_STATUS = ("draft", "active", "retired", "unknown")
_PRIORITY = ("routine", "urgent", "asap", "stat")
_INTENT = (
    "proposal",
    "plan",
    "directive",
    "order",
    "original-order",
    "reflex-order",
    "filler-order",
    "instance-order",
    "option",
)
_ACTION_CODES = {
    "priority": _PRIORITY,
    "groupingBehavior": ("visual-group", "logical-group", "sentence-group"),
    "selectionBehavior": (
        "any",
        "all",
        "all-or-none",
        "exactly-one",
        "at-most-one",
        "one-or-more",
    ),
    "requiredBehavior": ("must", "could", "must-unless-documented"),
    "precheckBehavior": ("yes", "no"),
    "cardinalityBehavior": ("single", "multiple"),
}
_ARTIFACT = (
    "documentation",
    "justification",
    "citation",
    "predecessor",
    "successor",
    "derived-from",
    "depends-on",
    "composed-of",
)
_RELATIONSHIP = (
    "before-start",
    "before",
    "before-end",
    "concurrent-with-start",
    "concurrent",
    "concurrent-with-end",
    "after-start",
    "after",
    "after-end",
)
_KIND = (
    "Appointment",
    "AppointmentResponse",
    "CarePlan",
    "Claim",
    "CommunicationRequest",
    "Contract",
    "DeviceRequest",
    "EnrollmentRequest",
    "ImmunizationRecommendation",
    "MedicationRequest",
    "NutritionOrder",
    "ServiceRequest",
    "SupplyRequest",
    "Task",
    "VisionPrescription",
)
_CAPABILITY = "http://hl7.org/fhir/StructureDefinition/cqf-knowledgeCapability"
_LEVEL = "http://hl7.org/fhir/StructureDefinition/cqf-knowledgeRepresentationLevel"
_KNOWLEDGE = {
    _CAPABILITY: ("shareable", "computable", "publishable", "executable"),
    _LEVEL: ("narrative", "semi-structured", "structured", "executable"),
}
_CONDITION = ("applicability", "start", "stop")


def lint(file: str, resource: Json) -> list[str]:
    """What is wrong with a PlanDefinition or ActivityDefinition; empty when nothing is."""
    return [f"{file}: {problem}" for problem in _problems(file, resource)]


def _problems(file: str, resource: Json) -> Iterator[str]:
    kind, name = resource.get("resourceType"), resource.get("id")
    if file.rsplit("/", 1)[-1] != f"{kind}-{name}.json":
        yield f"id: found '{name}' of a {kind}, expected the file {kind}-{name}.json. Rename one."
    url = str(resource.get("url", ""))
    if not url.endswith(f"/{kind}/{name}"):
        yield f"url: found '{url}', expected one that ends with /{kind}/{name}. Correct it."
    yield from _code("status", resource, "status", _STATUS)
    if kind == "ActivityDefinition":
        yield from _code("kind", resource, "kind", _KIND)
        yield from _code("priority", resource, "priority", _PRIORITY)
        yield from _code("intent", resource, "intent", _INTENT)
    yield from _sources("relatedArtifact", resource.get("relatedArtifact", ()))
    if kind == "PlanDefinition" and not resource.get("relatedArtifact"):
        yield "relatedArtifact: found none, expected the plan's sources. Add a citation."
    yield from _actions("action", resource.get("action", ()))
    goals = {goal.get("id") for goal in resource.get("goal", ())}
    yield from _goals("action", resource.get("action", ()), goals)
    for extension in resource.get("extension", ()):
        url = str(extension.get("url"))
        if url in _KNOWLEDGE:
            yield from _code(f"extension {url}", extension, "valueCode", _KNOWLEDGE[url])


def _goals(path: str, actions: list[Json], goals: set[Any]) -> Iterator[str]:
    for number, action in enumerate(actions):
        here = f"{path}[{number}]"
        for goal in action.get("goalId", ()):
            if goal not in goals:
                yield f"{here}.goalId: found '{goal}', expected the id of a goal. Correct it."
        yield from _goals(f"{here}.action", action.get("action", ()), goals)


def _actions(path: str, actions: list[Json]) -> Iterator[str]:
    for number, action in enumerate(actions):
        here = f"{path}[{number}]"
        for element, codes in _ACTION_CODES.items():
            yield from _code(f"{here}.{element}", action, element, codes)
        yield from _sources(f"{here}.documentation", action.get("documentation", ()))
        for trigger in action.get("trigger", ()):
            yield from _code(f"{here}.trigger.type", trigger, "type", ("named-event",))
        for condition in action.get("condition", ()):
            yield from _code(f"{here}.condition.kind", condition, "kind", _CONDITION)
        for related in action.get("relatedAction", ()):
            where = f"{here}.relatedAction.relationship"
            yield from _code(where, related, "relationship", _RELATIONSHIP)
        yield from _actions(f"{here}.action", action.get("action", ()))


def _sources(path: str, artifacts: list[Json]) -> Iterator[str]:
    for number, found in enumerate(artifacts):
        here = f"{path}[{number}]"
        yield from _code(f"{here}.type", found, "type", _ARTIFACT)
        if found.get("type") == "citation" and not (found.get("citation") or found.get("display")):
            yield f"{here}: found a citation without text, expected citation. Say what is cited."


def _code(path: str, holder: Json, element: str, codes: tuple[str, ...]) -> Iterator[str]:
    """A code that is not of its list; an element that is not there is no fault."""
    if element in holder and holder[element] not in codes:
        yield f"{path}: found '{holder[element]}', expected one of {', '.join(codes)}. Correct it."
