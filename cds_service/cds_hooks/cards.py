"""The cards of CDS Hooks 2.0: recommendations, the most urgent first, as the wire wants them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import msgspec

from cds_service import CANONICAL_BASE
from cds_service.cds_hooks.app_context import app_context
from cds_service.cds_hooks.card_detail import detail, evidence_of, summary
from cds_service.cds_hooks.dialects import DIALECTS, STANDARD, Dialect
from cds_service.fhir.override_reasons import override_reasons
from cds_service.fhir.requests import suggested_resource
from cds_service.guidance.evaluation import Evaluation, Recommendation, by_urgency
from cds_service.guidance.plan import COULD_NOT_CHECK, Plan, Suggestion, Urgency
from cds_service.therapy.calendar import When
from cds_service.therapy.fact import Facts, FactValue
from cds_service.therapy.record import Evidence

SOURCE_LABEL = "ITB Pump CDS"
TOPIC_SYSTEM = f"{CANONICAL_BASE}/CodeSystem/itb-card-topic"
EVIDENCE_EXTENSION = "org.itb-pump-cds.evidence"

Card = dict[str, Any]

_NO_CARDS = b'{"cards":[]}'
_ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True)
class CardContext:
    """What cards need besides the advice: the call, the patient, the site, and the moment.

    `hook_instance` is a UUID; `public_url` has no slash at its end; `as_of` is in `time_zone`;
    `dialect` names an entry of `DIALECTS`. `launch_url` is where the client's EHR launches our app,
    '' where it does not: a link that leads nowhere is never sent.
    """

    hook_instance: str
    patient_id: str
    service_id: str
    public_url: str
    as_of: datetime
    time_zone: str = "UTC"
    max_cards: int = 3
    dialect: str = STANDARD
    launch_url: str = ""


def cards(evaluation: Evaluation, facts: Facts, call: CardContext) -> list[Card]:
    """The cards of a call, the most urgent first; empty when there is nothing to say.

    Every critical gets a card; of the others as many as fit, and the rest are named on the last of
    these as "Also due". What could not be checked comes last, always on a card of its own, which
    takes one of the places.
    """
    advice, not_checked = _in_order(evaluation.recommended)
    shown, folded = _folded(advice, call.max_cards - len(not_checked))
    made = [_card(found, facts, call) for found in shown[:-1]]
    made += [_card(found, facts, call, folded) for found in shown[-1:]]
    return made + [_card(found, facts, call) for found in not_checked]


def card_uuid(found: Recommendation, call: CardContext) -> str:
    """The uuid of a recommendation's card: the same call gives the same."""
    action = found.action
    name = f"{call.service_id}/{action.topic}/{action.id}"
    return str(uuid5(UUID(call.hook_instance), name))


def response_body(shown: list[Card]) -> bytes:
    """The JSON that answers a hook call; decimals keep their digits and become numbers."""
    return _ENCODER.encode({"cards": shown}) if shown else _NO_CARDS


def _in_order(
    recommended: Sequence[Recommendation],
) -> tuple[list[Recommendation], list[Recommendation]]:
    """The advice by urgency, then in the order of the plans; and what could not be checked."""
    advice = [found for found in recommended if found.action.topic != COULD_NOT_CHECK]
    not_checked = [found for found in recommended if found.action.topic == COULD_NOT_CHECK]
    return by_urgency(advice), not_checked


def _folded(
    advice: list[Recommendation], places: int
) -> tuple[list[Recommendation], list[Recommendation]]:
    criticals = sum(found.action.urgency is Urgency.CRITICAL for found in advice)
    fitting = max(criticals, places, 1)
    return advice[:fitting], advice[fitting:]


def _card(
    found: Recommendation,
    facts: Facts,
    call: CardContext,
    also_due: Sequence[Recommendation] = (),
) -> Card:
    action, dialect = found.action, DIALECTS[call.dialect]
    uuid = card_uuid(found, call)
    offers = _offers(found, facts, call)
    taken = [offer for offer in offers if dialect.takes(offer[1]["resourceType"])]
    by_hand = [offer.label for offer, made in offers if not dialect.takes(made["resourceType"])]
    page = f"{call.public_url}/plans/{found.plan.id}"
    card: Card = {
        "uuid": uuid,
        "summary": summary(found),
        "indicator": str(action.urgency),
        "detail": detail(found, also_due, by_hand, is_brief=dialect.is_brief),
        "source": {"label": SOURCE_LABEL, "url": page, "topic": _topic(found)},
    }
    if taken:
        card["suggestions"] = [_suggestion(found, *offer, UUID(uuid)) for offer in taken]
        card["selectionBehavior"] = "any"
    if dialect.takes_override_reasons:
        card["overrideReasons"] = override_reasons(action)
    card["links"] = _links(found.plan, page, call.launch_url, dialect)
    card["extension"] = {EVIDENCE_EXTENSION: _evidence(found, also_due, call)}
    return card


def _links(plan: Plan, page: str, launch_url: str, dialect: Dialect) -> list[dict[str, str]]:
    how = {"label": f"How this was worked out: {plan.title}", "url": page, "type": "absolute"}
    if not launch_url:
        return [how]
    app = {"label": "Open the care plan of this patient's pump", "url": launch_url, "type": "smart"}
    if dialect.takes_app_context:
        app["appContext"] = app_context(plan.id)
    return [app, how]


def _topic(found: Recommendation) -> dict[str, str]:
    topic = {"system": TOPIC_SYSTEM, "code": found.action.topic}
    if found.action.topic_display:
        topic["display"] = found.action.topic_display
    return topic


def _offers(
    found: Recommendation, facts: Facts, call: CardContext
) -> list[tuple[Suggestion, dict[str, Any]]]:
    """What could be accepted with a click, and the resource it creates."""
    made = []
    for suggestion in found.action.suggestions:
        resource = suggested_resource(found.plan, suggestion, facts, call.patient_id, call.as_of)
        if resource is not None:
            made.append((suggestion, resource))
    return made


def _suggestion(
    found: Recommendation, suggestion: Suggestion, resource: dict[str, Any], card: UUID
) -> dict[str, Any]:
    # One action a suggestion: Epic takes no more, and shows its description, not the label.
    activity = found.plan.activities.get(suggestion.activity)
    description = (activity.title if activity else "") or suggestion.label
    return {
        "label": suggestion.label,
        "uuid": str(uuid5(card, suggestion.id)),
        "actions": [{"type": "create", "description": description, "resource": resource}],
    }


def _evidence(
    found: Recommendation, also_due: Sequence[Recommendation], call: CardContext
) -> dict[str, Any]:
    """What a machine needs to check or replay the card: plan, facts, records, moment."""
    said: dict[str, Any] = {
        "planCanonical": found.plan.canonical,
        "action": found.action.id,
        "topic": found.action.topic,
        "facts": {
            name: _wire_value(fact.value)
            for name, fact in found.basis
            if fact.value is not None and fact.value != ""
        },
        "evidence": [_record(record) for record in evidence_of(fact for _, fact in found.basis)],
        "alsoDue": [other.action.topic for other in also_due],
        "asOf": call.as_of.isoformat(),
        "timeZone": call.time_zone,
    }
    return {name: value for name, value in said.items() if value}


def _record(record: Evidence) -> dict[str, str]:
    written = {
        "reference": record.reference,
        "date": _wire_date(record.when) if record.when else "",
        "says": record.says,
        "rung": record.rung,
    }
    return {name: value for name, value in written.items() if value}


def _wire_value(value: FactValue | None) -> bool | int | Decimal | str | None:
    return value.isoformat() if isinstance(value, date) else value


def _wire_date(when: When) -> str:
    """The date as FHIR writes it, no more exact than the record."""
    if when.is_day:
        return when.first.isoformat()
    if (when.first.year, when.first.month) == (when.last.year, when.last.month):
        return f"{when.first:%Y-%m}"
    return f"{when.first:%Y}"
