"""What `$apply` gives: a draft CarePlan that proposes, with RequestGroup and requests contained.

Nothing of it is stored. Texts come from the plan; this module only puts them into FHIR's elements.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from cds_service import CANONICAL_BASE
from cds_service.fhir.thresholds import threshold_extension
from cds_service.guidance.plan import Action, Citation, Plan, Urgency
from cds_service.therapy.fact import Fact
from cds_service.therapy.vocabulary import FACTS

Json = dict[str, Any]
FACT_EVIDENCE = f"{CANONICAL_BASE}/StructureDefinition/itb-fact-evidence"
MESSAGES = "http://hl7.org/fhir/StructureDefinition/cqf-messages"
TOPICS = f"{CANONICAL_BASE}/CodeSystem/itb-card-topic"
PRIORITIES = {Urgency.CRITICAL: "stat", Urgency.WARNING: "urgent", Urgency.INFO: "routine"}
_GROUP = "request-group"


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom, by whom and when a plan is applied; references are `Type/id` or empty."""

    subject: str
    as_of: datetime
    encounter: str = ""
    practitioner: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One action that applies: its texts, what it rests on, and the requests it offers by label."""

    action: Action
    summary: str
    detail: str
    basis: Sequence[tuple[str, Fact]]
    requests: Sequence[tuple[str, Json]]


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """One action that could not be decided, and what is missing for it."""

    action: Action
    missing: Sequence[str]


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know about the whole answer, as an issue of an OperationOutcome."""

    severity: str
    code: str
    text: str
    diagnostics: str = ""


def care_plan(
    plan: Plan,
    asked: Asked,
    proposals: Sequence[Proposal],
    open_questions: Sequence[OpenQuestion],
    notes: Sequence[Note],
    aims: Sequence[tuple[str, str]] = (),
) -> Json:
    """The CarePlan: one activity, the contained RequestGroup; undecided actions say why.

    `aims` are the targets of the plan's goal that are known: measure and aim in words.
    """
    contained = _Contained()
    actions = [_proposed(proposal, asked, contained) for proposal in proposals]
    actions += [_undecided(question, contained) for question in open_questions]
    goals = [contained.add("goal", _goal(plan, asked, aims))] if plan.goal else []
    messages = [contained.add("note", _outcome([note])) for note in notes]
    return {
        "resourceType": "CarePlan",
        "contained": [_group(plan, asked, actions), *contained.resources],
        "extension": [
            *(threshold_extension(found) for found in plan.thresholds.values()),
            *({"url": MESSAGES, "valueReference": _local(name)} for name in messages),
        ],
        "instantiatesCanonical": [plan.canonical],
        "status": "draft",
        "intent": "proposal",
        "title": plan.title,
        "description": plan.description,
        **_of(asked, "subject", "encounter"),
        "created": asked.as_of.isoformat(timespec="seconds"),
        **({"author": {"reference": asked.practitioner}} if asked.practitioner else {}),
        **({"goal": [_local(name) for name in goals]} if goals else {}),
        "activity": [{"reference": _local(_GROUP)}],
    }


def _group(plan: Plan, asked: Asked, actions: Sequence[Json]) -> Json:
    return _without_empty(
        {
            "resourceType": "RequestGroup",
            "id": _GROUP,
            "instantiatesCanonical": [plan.canonical],
            "status": "draft",
            "intent": "proposal",
            **_of(asked, "subject", "encounter"),
            "authoredOn": asked.as_of.isoformat(timespec="seconds"),
            "action": list(actions),
        }
    )


class _Contained:
    """The contained resources, each with an id of its own."""

    def __init__(self) -> None:
        self.resources: list[Json] = []

    def add(self, name: str, resource: Json) -> str:
        """Takes the resource in and gives the id it has inside the CarePlan."""
        number = sum(found["id"].startswith(f"{name}-") for found in self.resources) + 1
        named = f"{name}-{number}"
        kind = {"resourceType": resource["resourceType"], "id": named}
        self.resources.append({**kind, **resource, "id": named})
        return named


def _proposed(proposal: Proposal, asked: Asked, contained: _Contained) -> Json:
    action = proposal.action
    made: Json = {
        "id": action.id,
        "extension": [_evidence(name, fact) for name, fact in proposal.basis if _is_told(fact)],
        "title": proposal.summary,
        "description": proposal.detail,
        "priority": PRIORITIES[action.urgency],
        "code": [_topic(action)],
        "documentation": [_citation(found) for found in action.citations],
    }
    if not proposal.requests:
        # RequestGroup.action needs a resource or actions (rqg-1): advice alone is a message.
        message = _message(proposal, asked)
        return _without_empty({**made, "resource": _local(contained.add("message", message))})
    offers = [
        {"title": label, "resource": _local(contained.add("request", resource))}
        for label, resource in proposal.requests
    ]
    return _without_empty({**made, "selectionBehavior": "any", "action": offers})


def _undecided(question: OpenQuestion, contained: _Contained) -> Json:
    action = question.action
    issues = [Note("warning", "incomplete", text) for text in question.missing]
    issues = issues or [Note("warning", "incomplete", "A fact this action needs is unknown.")]
    return {
        "id": action.id,
        "title": f"Not decided: {action.topic_display}",
        "description": " ".join(note.text for note in issues),
        "priority": PRIORITIES[action.urgency],
        "code": [_topic(action)],
        "resource": _local(contained.add("undecided", _outcome(issues))),
    }


def _goal(plan: Plan, asked: Asked, aims: Sequence[tuple[str, str]]) -> Json:
    target = [{"measure": {"text": measure}, "detailString": says} for measure, says in aims]
    return {
        "resourceType": "Goal",
        "lifecycleStatus": "proposed",
        "description": {"text": plan.goal},
        "subject": {"reference": asked.subject},
        **({"target": target} if target else {}),
    }


def _message(proposal: Proposal, asked: Asked) -> Json:
    return {
        "resourceType": "CommunicationRequest",
        "status": "draft",
        "priority": PRIORITIES[proposal.action.urgency],
        **_of(asked, "subject", "encounter"),
        "payload": [{"contentString": proposal.summary}],
        "authoredOn": asked.as_of.isoformat(timespec="seconds"),
        **({"recipient": [{"reference": asked.practitioner}]} if asked.practitioner else {}),
    }


def _outcome(notes: Iterable[Note]) -> Json:
    issues = [
        _without_empty(
            {
                "severity": note.severity,
                "code": note.code,
                "details": {"text": note.text},
                "diagnostics": note.diagnostics,
            }
        )
        for note in notes
    ]
    return {"resourceType": "OperationOutcome", "issue": issues}


def _topic(action: Action) -> Json:
    return {
        "coding": [{"system": TOPICS, "code": action.topic, "display": action.topic_display}],
    }


def _citation(found: Citation) -> Json:
    return _without_empty(
        {"type": "citation", "label": found.label, "citation": found.text, "url": found.url}
    )


def _is_told(fact: Fact) -> bool:
    return fact.value not in (None, "") or bool(fact.unknown_because)


def _evidence(name: str, fact: Fact) -> Json:
    parts: list[Json] = [{"url": "fact", "valueString": name}]
    if fact.value in (None, ""):
        parts.append({"url": "unknownBecause", "valueString": fact.unknown_because})
    else:
        parts.append({"url": "value", **_value(fact.value)})
        unit = FACTS[name].unit if name in FACTS else ""
        parts += [{"url": "unit", "valueString": unit}] if unit else []
    parts += [
        {"url": "record", "valueReference": {"reference": record.reference, "display": record.says}}
        for record in fact.evidence
        if record.reference and record.says
    ]
    return {"extension": parts, "url": FACT_EVIDENCE}


def _value(value: object) -> Json:
    match value:
        case bool():
            return {"valueBoolean": value}
        case int():
            return {"valueInteger": value}
        case Decimal():
            return {"valueDecimal": value}
        case date():
            return {"valueDate": value.isoformat()}
    return {"valueString": str(value)}


def _of(asked: Asked, *elements: str) -> Json:
    """The references of these names that were given."""
    return {name: {"reference": getattr(asked, name)} for name in elements if getattr(asked, name)}


def _local(name: str) -> Json:
    return {"reference": f"#{name}"}


def _without_empty(element: Json) -> Json:
    return {name: value for name, value in element.items() if value not in ("", [], None)}
