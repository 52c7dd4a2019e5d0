"""PlanDefinition and ActivityDefinition (FHIR R4) to plans; a bad plan refuses the start.

Every fault names the file, the element, what was found and the remedy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from cds_service import CANONICAL_BASE
from cds_service.errors import ConditionError, PlanError
from cds_service.fhir.source_attributes import read_source_attributes
from cds_service.guidance.condition import Condition, Vocabulary, compile_condition
from cds_service.guidance.plan import (
    COULD_NOT_CHECK,
    DATA_QUALITY,
    HOOKS,
    WORKLIST,
    Action,
    Activity,
    Citation,
    Ladder,
    Plan,
    PlannedStep,
    Suggestion,
    Threshold,
    Urgency,
)
from cds_service.guidance.wording import longest, placeholders
from cds_service.therapy.fact import FactDefinition
from cds_service.therapy.vocabulary import FACTS, THRESHOLDS

Json = Mapping[str, Any]
THRESHOLD = f"{CANONICAL_BASE}/StructureDefinition/itb-threshold"
DUE_FACT = f"{CANONICAL_BASE}/StructureDefinition/itb-due-fact"
RESTRICTION = f"{CANONICAL_BASE}/StructureDefinition/itb-restriction"
LEAST_PRIORITY = f"{CANONICAL_BASE}/StructureDefinition/itb-least-priority"
APPLICABILITY = "http://hl7.org/fhir/StructureDefinition/cqf-applicabilityBehavior"
SUMMARY_LIMIT = 140
_WHOLE = {"d", "mo", "h"}
_URGENCY = {
    "routine": Urgency.INFO,
    "urgent": Urgency.WARNING,
    "asap": Urgency.WARNING,
    "stat": Urgency.CRITICAL,
}


def read_plans(
    resources: Sequence[tuple[str, Json]], overrides: Mapping[str, Decimal]
) -> tuple[Plan, ...]:
    """The plans of these (file, resource) pairs, in their order, with thresholds as in force.

    Raises PlanError for anything a plan may not hold or lacks, and for overrides that no plan has
    or that leave a threshold's bounds.
    """
    activities = dict(
        _activity(file, resource)
        for file, resource in resources
        if resource.get("resourceType") == "ActivityDefinition"
    )
    definitions = [
        (file, resource)
        for file, resource in resources
        if resource.get("resourceType") == "PlanDefinition"
    ]
    urls = activities.keys() | {resource.get("url", "") for _, resource in definitions}
    plans = tuple(
        _read(_Reader(file, resource, activities, frozenset(urls), overrides))
        for file, resource in definitions
    )
    _check_together(plans, overrides)
    return plans


def _read(reader: "_Reader") -> Plan:
    try:
        return reader.plan()
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as fault:
        what = f"{type(fault).__name__}: {fault}"
        raise PlanError(
            f"{reader.file}: an element is not formed as FHIR R4 says ({what}); correct it"
        ) from fault


def _check_together(plans: tuple[Plan, ...], overrides: Mapping[str, Decimal]) -> None:
    for what, names in (
        ("canonical URL", [plan.url for plan in plans]),
        ("threshold", [name for plan in plans for name in plan.thresholds]),
        (
            "action id",
            [action.id for plan in plans for ladder in plan.ladders for action in ladder.actions],
        ),
    ):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise PlanError(f"plans: {what} {', '.join(twice)} is used twice; rename one of them")
    _check_data_quality(plans)
    known = {name for plan in plans for name in plan.thresholds}
    for name in overrides.keys() - known:
        raise PlanError(
            f"thresholds.{name}: no plan has this threshold; known: {', '.join(sorted(known))}"
        )
    missing = [name for name in THRESHOLDS if name not in known]
    if missing:
        raise PlanError(
            f"plans: no plan states the threshold {', '.join(missing)}; add it to its plan"
        )


def _check_data_quality(plans: tuple[Plan, ...]) -> None:
    """Without this plan nobody would be told what could not be checked."""
    hooks = {hook for plan in plans for ladder in plan.ladders for hook in ladder.hooks}
    told = {
        hook
        for plan in plans
        if plan.id == DATA_QUALITY
        for ladder in plan.ladders
        if any(action.topic == COULD_NOT_CHECK for action in ladder.actions)
        for hook in ladder.hooks
    }
    if hooks - told:
        raise PlanError(
            f"plans: no action of {DATA_QUALITY} has topic {COULD_NOT_CHECK} for the hook "
            f"{', '.join(sorted(hooks - told))}; add the plan, or the hook to its triggers"
        )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one PlanDefinition."""

    file: str
    resource: Json
    activities: Mapping[str, Activity]
    urls: frozenset[str]
    overrides: Mapping[str, Decimal]

    def plan(self) -> Plan:
        thresholds = {found.name: found for found in map(self._threshold, self._of(THRESHOLD))}
        values = {name: threshold.value for name, threshold in thresholds.items()}
        vocabulary = Vocabulary(self._facts(), values)
        ladders, steps = [], []
        for action in self.resource.get("action", []):
            if action.get("trigger"):
                ladders.append(self._ladder(action, vocabulary))
            else:
                steps += self._steps(action, vocabulary)
        return Plan(
            id=self._text(self.resource, "id"),
            url=self._text(self.resource, "url"),
            version=self._text(self.resource, "version"),
            title=self._text(self.resource, "title"),
            description=self._text(self.resource, "description"),
            ladders=tuple(ladders),
            thresholds=thresholds,
            citations=_citations(self.resource.get("relatedArtifact", [])),
            activities=dict(self.activities),
            steps=tuple(steps),
            limits=self.resource.get("usage", ""),
            reviewed_on=str(self.resource.get("lastReviewDate", "")),
            goal=" ".join(found["description"]["text"] for found in self.resource.get("goal", [])),
            attributes=read_source_attributes(self.file, self.resource),
        )

    def _facts(self) -> dict[str, FactDefinition]:
        """What this plan may name: `data.` is known only once all other plans have spoken."""
        is_last = self.resource.get("id") == DATA_QUALITY
        return {
            name: definition
            for name, definition in FACTS.items()
            if name.startswith("site.") or name.startswith("data.") is is_last
        }

    def _of(self, url: str) -> list[Json]:
        return [found for found in self.resource.get("extension", []) if found.get("url") == url]

    def _threshold(self, extension: Json) -> Threshold:
        parts = {
            str(part.get("url")): value
            for part in extension.get("extension", [])
            for key, value in part.items()
            if key.startswith("value")
        }
        name = str(parts.get("name", "?"))
        stated = {str(part.get("url")) for part in extension.get("extension", [])}
        needed = {"name", "value", "unit", "minimum", "maximum", "rationale", "source"}
        lacking = (needed | stated) - {*parts}
        if lacking:
            raise self._fault(f"threshold {name}", f"lacks {', '.join(sorted(lacking))}; add it")
        low, high = self._number(name, parts["minimum"]), self._number(name, parts["maximum"])
        shipped = self._number(name, parts["value"])
        value = self.overrides.get(name, shipped)
        if not low <= value <= high:
            raise self._fault(f"threshold {name}", f"is {value}; it must be {low} to {high}")
        if parts["unit"] in _WHOLE and value != int(value):
            raise self._fault(f"threshold {name}", f"is {value}; a whole number is needed")
        return Threshold(
            name,
            value,
            str(parts["unit"]),
            low,
            high,
            str(parts["rationale"]),
            str(parts["source"]),
            shipped if name in self.overrides else None,
        )

    def _number(self, name: str, value: object) -> Decimal:
        try:
            return Decimal(str(value))
        except InvalidOperation as fault:
            what = f"has '{value}' where a number is expected; use valueDecimal"
            raise self._fault(f"threshold {name}", what) from fault

    def _ladder(self, action: Json, vocabulary: Vocabulary) -> Ladder:
        hooks = {found.get("name", "") for found in action["trigger"]}
        known = {*HOOKS, WORKLIST}
        strange = sorted(hooks - known)
        if strange:
            what = f"has a trigger '{strange[0]}'; use one of {', '.join(sorted(known))}"
            raise self._fault(action.get("id", "?"), what)
        behaviour = [
            found.get("valueCode")
            for found in action.get("extension", [])
            if found.get("url") == APPLICABILITY
        ]
        if behaviour != ["any"]:
            raise self._fault(action.get("id", "?"), "needs cqf-applicabilityBehavior 'any'")
        return Ladder(
            self._text(action, "id"),
            self._text(action, "title"),
            frozenset(hooks | {WORKLIST} if "patient-view" in hooks else hooks),
            tuple(self._action(child, vocabulary) for child in action.get("action", [])),
            self._condition(action, vocabulary),
            self._least(action),
        )

    def _least(self, action: Json) -> dict[str, Urgency]:
        """The hooks that show only what is urgent enough, each with the least priority shown."""
        found = {
            trigger["name"]: extension.get("valueCode")
            for trigger in action["trigger"]
            for extension in trigger.get("extension", [])
            if extension.get("url") == LEAST_PRIORITY
        }
        for priority in found.values():
            if priority not in _URGENCY:
                what = f"has least priority '{priority}'; use {', '.join(_URGENCY)}"
                raise self._fault(action.get("id", "?"), what)
        return {hook: _URGENCY[priority] for hook, priority in found.items()}

    def _action(self, action: Json, vocabulary: Vocabulary) -> Action:
        name = self._text(action, "id")
        condition = self._condition(action, vocabulary)
        if condition is None:
            raise self._fault(name, "has no applicability condition; add one")
        citations = _citations(action.get("documentation", ()))
        if not citations:
            raise self._fault(name, "has no documentation (citation); cite a source or the policy")
        topic = self._topic(action)
        return Action(
            name,
            topic["code"],
            topic.get("display", topic["code"]),
            self._template(action, "title", SUMMARY_LIMIT),
            self._template(action, "description", None),
            self._urgency(action),
            condition,
            citations,
            tuple(self._suggestion(action, child) for child in action.get("action", [])),
        )

    def _urgency(self, action: Json) -> Urgency:
        priority = self._text(action, "priority")
        if priority not in _URGENCY:
            raise self._fault(action["id"], f"has priority '{priority}'; use {', '.join(_URGENCY)}")
        return _URGENCY[priority]

    def _topic(self, action: Json) -> dict[str, str]:
        for concept in action.get("code", []):
            for coding in concept.get("coding", []):
                if coding.get("system", "").endswith("/itb-card-topic") and coding.get("code"):
                    return dict(coding)
        raise self._fault(action["id"], "has no code from CodeSystem itb-card-topic; add its topic")

    def _template(self, action: Json, element: str, limit: int | None) -> str:
        template = self._text(action, element)
        unknown = placeholders(template) - self._facts().keys()
        if unknown:
            raise self._fault(
                action["id"], f"{element} shows unknown fact {', '.join(sorted(unknown))}"
            )
        worst = longest(template, FACTS)
        if "{{" in worst or "}}" in worst or "[[" in worst or "]]" in worst:
            raise self._fault(action["id"], f"{element} has a placeholder that is not closed")
        if limit and len(worst) >= limit:
            raise self._fault(
                action["id"],
                f"{element} can grow to {len(worst)} characters, over {limit - 1}: shorten it",
            )
        return template

    def _condition(self, action: Json, vocabulary: Vocabulary) -> Condition | None:
        found = [c for c in action.get("condition", []) if c.get("kind") == "applicability"]
        if not found:
            return None
        if len(found) > 1:
            raise self._fault(action.get("id", "?"), "has several conditions; join them with 'and'")
        expression = found[0].get("expression", {})
        language = expression.get("language")
        if language != "text/fhirpath":
            raise self._fault(
                action.get("id", "?"), f"condition is in '{language}'; only text/fhirpath is read"
            )
        try:
            return compile_condition(expression.get("expression", ""), vocabulary)
        except ConditionError as fault:
            raise self._fault(action.get("id", "?"), str(fault)) from fault

    def _suggestion(self, action: Json, child: Json) -> Suggestion:
        url = self._text(child, "definitionCanonical").split("|")[0]
        if url not in self.urls:
            raise self._fault(child["id"], f"definitionCanonical {url} is not among the plans")
        due = [
            e.get("valueString", "") for e in child.get("extension", []) if e.get("url") == DUE_FACT
        ]
        if due and due[0] not in FACTS:
            raise self._fault(child["id"], f"is due by unknown fact {due[0]}")
        return Suggestion(
            self._text(child, "id"),
            self._text(child, "title"),
            url,
            due[0] if due else "",
            action.get("priority", "routine"),
        )

    def _steps(self, group: Json, vocabulary: Vocabulary) -> list[PlannedStep]:
        steps = []
        for child in group.get("action", []):
            related = child.get("relatedAction", [])
            if not related:
                continue
            offset = related[0].get("offsetRange", {})
            high = offset.get("high", {}).get("value")
            is_restriction = any(
                found.get("url") == RESTRICTION and found.get("valueBoolean") is True
                for found in child.get("extension", [])
            )
            steps.append(
                PlannedStep(
                    self._text(child, "id"),
                    self._text(child, "title"),
                    self._text(child, "description"),
                    int(offset.get("low", {}).get("value", 0)),
                    None if high is None else int(high),
                    self._condition(child, vocabulary),
                    _citations(child.get("documentation", [])),
                    is_restriction,
                )
            )
        return steps

    def _text(self, part: Json, element: str) -> str:
        value = part.get(element)
        if not isinstance(value, str) or not value.strip():
            raise self._fault(str(part.get("id", "?")), f"has no {element}; add it")
        return value

    def _fault(self, where: str, what: str) -> PlanError:
        return PlanError(f"{self.file}: '{where}' {what}")


def _activity(file: str, resource: Json) -> tuple[str, Activity]:
    """The ActivityDefinition under its canonical URL."""
    try:
        coding = resource["code"]["coding"][0]
        return resource["url"], Activity(
            resource["id"],
            resource["kind"],
            resource["title"],
            resource["description"],
            (coding["system"], coding["code"], coding["display"]),
        )
    except (KeyError, IndexError, TypeError) as fault:
        raise PlanError(f"{file}: ActivityDefinition lacks {fault}; add it") from fault


def _citations(artifacts: Sequence[Json]) -> tuple[Citation, ...]:
    return tuple(
        Citation(
            found.get("label", ""),
            found.get("citation") or found.get("display", ""),
            found.get("url", ""),
        )
        for found in artifacts
        if found.get("type") == "citation"
    )
