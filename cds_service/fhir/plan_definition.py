"""PlanDefinition and ActivityDefinition (FHIR R4) to plans; a bad plan refuses the start.

Every fault names the file, the element, what was found and the remedy.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from cds_service import CANONICAL_BASE
from cds_service.errors import PlanError
from cds_service.fhir.goal_targets import read_targets
from cds_service.fhir.patient_texts import is_for_patients, read_patient_texts
from cds_service.fhir.plan_element import citations_in, condition_of, fault_in, text_of
from cds_service.fhir.planned_steps import read_steps
from cds_service.fhir.source_attributes import read_source_attributes
from cds_service.fhir.thresholds import read_thresholds
from cds_service.guidance.condition import Vocabulary
from cds_service.guidance.joined_plans import check_joined
from cds_service.guidance.plan import (
    DATA_QUALITY,
    HOOKS,
    WORKLIST,
    Action,
    Activity,
    Ladder,
    Plan,
    Suggestion,
    Threshold,
    Urgency,
)
from cds_service.guidance.wording import longest, placeholders
from cds_service.therapy.fact import FactDefinition
from cds_service.therapy.vocabulary import FACTS

Json = Mapping[str, Any]
Read = TypeVar("Read")
DUE_FACT = f"{CANONICAL_BASE}/StructureDefinition/itb-due-fact"
LEAST_PRIORITY = f"{CANONICAL_BASE}/StructureDefinition/itb-least-priority"
APPLICABILITY = "http://hl7.org/fhir/StructureDefinition/cqf-applicabilityBehavior"
SUMMARY_LIMIT = 140
_REQUEST = "ServiceRequest"
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
    thresholds = {
        file: _formed(file, partial(read_thresholds, file, resource, overrides))
        for file, resource in definitions
    }
    plans = tuple(
        _formed(file, _Reader(file, resource, activities, frozenset(urls), thresholds).plan)
        for file, resource in definitions
    )
    check_joined(plans, overrides)
    return plans


def _formed(file: str, read: Callable[[], Read]) -> Read:
    """What is read, where the elements have FHIR's types."""
    try:
        return read()
    except (KeyError, TypeError, AttributeError, IndexError, ValueError) as fault:
        what = f"{type(fault).__name__}: {fault}"
        raise PlanError(
            f"{file}: an element is not formed as FHIR R4 says ({what}); correct it"
        ) from fault


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one PlanDefinition."""

    file: str
    resource: Json
    activities: Mapping[str, Activity]
    urls: frozenset[str]
    thresholds: Mapping[str, Mapping[str, Threshold]]

    def plan(self) -> Plan:
        thresholds = self.thresholds[self.file]
        values = {name: threshold.value for name, threshold in thresholds.items()}
        vocabulary = Vocabulary(self._facts(), values)
        ladders, steps, texts = [], [], []
        for action in self.resource.get("action", []):
            if action.get("trigger"):
                ladders.append(self._ladder(action, vocabulary))
            elif is_for_patients(action):
                texts += read_patient_texts(self.file, action, vocabulary, self._facts())
            else:
                steps += read_steps(self.file, action, vocabulary, self.thresholds)
        return Plan(
            id=text_of(self.file, self.resource, "id"),
            url=text_of(self.file, self.resource, "url"),
            version=text_of(self.file, self.resource, "version"),
            title=text_of(self.file, self.resource, "title"),
            description=text_of(self.file, self.resource, "description"),
            ladders=tuple(ladders),
            thresholds=thresholds,
            citations=citations_in(self.resource.get("relatedArtifact", [])),
            activities=dict(self.activities),
            steps=tuple(steps),
            limits=self.resource.get("usage", ""),
            reviewed_on=str(self.resource.get("lastReviewDate", "")),
            goal=" ".join(found["description"]["text"] for found in self.resource.get("goal", [])),
            targets=read_targets(self.file, self.resource, self._facts()),
            attributes=read_source_attributes(self.file, self.resource),
            patient_texts=tuple(texts),
        )

    def _facts(self) -> dict[str, FactDefinition]:
        """What this plan may name: `data.` is known only once all other plans have spoken."""
        is_last = self.resource.get("id") == DATA_QUALITY
        return {
            name: definition
            for name, definition in FACTS.items()
            if name.startswith("site.") or name.startswith("data.") is is_last
        }

    def _ladder(self, action: Json, vocabulary: Vocabulary) -> Ladder:
        hooks = {found.get("name", "") for found in action["trigger"]}
        known = {*HOOKS, WORKLIST}
        strange = sorted(hooks - known)
        if strange:
            what = f"has a trigger '{strange[0]}'; use one of {', '.join(sorted(known))}"
            raise fault_in(self.file, action.get("id", "?"), what)
        behaviour = [
            found.get("valueCode")
            for found in action.get("extension", [])
            if found.get("url") == APPLICABILITY
        ]
        if behaviour != ["any"]:
            raise fault_in(
                self.file, action.get("id", "?"), "needs cqf-applicabilityBehavior 'any'"
            )
        return Ladder(
            text_of(self.file, action, "id"),
            text_of(self.file, action, "title"),
            frozenset(hooks | {WORKLIST} if "patient-view" in hooks else hooks),
            tuple(self._action(child, vocabulary) for child in action.get("action", [])),
            condition_of(self.file, action, vocabulary),
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
                raise fault_in(self.file, action.get("id", "?"), what)
        return {hook: _URGENCY[priority] for hook, priority in found.items()}

    def _action(self, action: Json, vocabulary: Vocabulary) -> Action:
        name = text_of(self.file, action, "id")
        applies = condition_of(self.file, action, vocabulary)
        if applies is None:
            raise fault_in(self.file, name, "has no applicability condition; add one")
        sources = citations_in(action.get("documentation", ()))
        if not sources:
            raise fault_in(
                self.file, name, "has no documentation (citation); cite a source or the policy"
            )
        topic = self._topic(action)
        return Action(
            name,
            topic["code"],
            topic.get("display", topic["code"]),
            self._template(action, "title", SUMMARY_LIMIT),
            self._template(action, "description", None),
            self._urgency(action),
            applies,
            sources,
            tuple(self._suggestion(action, child) for child in action.get("action", [])),
            self._due_fact(action),
        )

    def _urgency(self, action: Json) -> Urgency:
        priority = text_of(self.file, action, "priority")
        if priority not in _URGENCY:
            raise fault_in(
                self.file, action["id"], f"has priority '{priority}'; use {', '.join(_URGENCY)}"
            )
        return _URGENCY[priority]

    def _topic(self, action: Json) -> dict[str, str]:
        for concept in action.get("code", []):
            for coding in concept.get("coding", []):
                if coding.get("system", "").endswith("/itb-card-topic") and coding.get("code"):
                    return dict(coding)
        raise fault_in(
            self.file, action["id"], "has no code from CodeSystem itb-card-topic; add its topic"
        )

    def _template(self, action: Json, element: str, limit: int | None) -> str:
        template = text_of(self.file, action, element)
        unknown = placeholders(template) - self._facts().keys()
        if unknown:
            raise fault_in(
                self.file,
                action["id"],
                f"{element} shows unknown fact {', '.join(sorted(unknown))}",
            )
        worst = longest(template, FACTS)
        if "{{" in worst or "}}" in worst or "[[" in worst or "]]" in worst:
            raise fault_in(
                self.file, action["id"], f"{element} has a placeholder that is not closed"
            )
        if limit and len(worst) >= limit:
            raise fault_in(
                self.file,
                action["id"],
                f"{element} can grow to {len(worst)} characters, over {limit - 1}: shorten it",
            )
        return template

    def _suggestion(self, action: Json, child: Json) -> Suggestion:
        url = text_of(self.file, child, "definitionCanonical").split("|")[0]
        if url not in self.urls:
            raise fault_in(
                self.file, child["id"], f"definitionCanonical {url} is not among the plans"
            )
        return Suggestion(
            text_of(self.file, child, "id"),
            text_of(self.file, child, "title"),
            url,
            self._due_fact(child),
            action.get("priority", "routine"),
        )

    def _due_fact(self, action: Json) -> str:
        """The fact that holds the day by which, '' where the action names none."""
        extensions = action.get("extension", [])
        due = [each.get("valueString", "") for each in extensions if each.get("url") == DUE_FACT]
        if due and due[0] not in FACTS:
            raise fault_in(self.file, action["id"], f"is due by unknown fact {due[0]}")
        return due[0] if due else ""


def _activity(file: str, resource: Json) -> tuple[str, Activity]:
    """The ActivityDefinition under its canonical URL."""
    if resource.get("kind", _REQUEST) != _REQUEST:
        raise PlanError(
            f"{file}: kind: found '{resource['kind']}', expected {_REQUEST}, the only request that "
            "an activity becomes here. Correct it."
        )
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
