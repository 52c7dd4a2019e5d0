"""What log and counters keep of a call: ids, topics, states, times; nothing of a patient."""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from msgspec import Raw

from cds_service.assessment import Assessment
from cds_service.cds_hooks.cards import Card
from cds_service.cds_hooks.discovery import PREFETCH_TEMPLATES
from cds_service.cds_hooks.request import HookRequest
from cds_service.guidance.plan import COULD_NOT_CHECK
from cds_service.settings import Client
from cds_service.web.metrics import Metrics
from cds_service.web.record_reading import Completed
from cds_service.web.tally import class_of

_NULL = b"null"
_log = structlog.get_logger("itb_cds")


@dataclass(frozen=True, slots=True)
class Answered:
    """One call that was answered with cards, or with none."""

    hook: HookRequest
    client: Client | None
    service_id: str
    found: Assessment
    shown: list[Card]
    seconds: float


def note_answer(call: Answered, completed: Completed, metrics: Metrics) -> None:
    """One log line and the counters of an answer."""
    found = call.found
    topics = [card["source"]["topic"]["code"] for card in call.shown]
    metrics.count_answer(call.service_id, found.has_pump, topics, call.seconds)
    unread = found.record.unread
    for key in unread:
        metrics.count_unread(key, _why_unread(key, call.hook.prefetch, completed))
    if found.record.issues:
        metrics.count_refused_records(len(found.record.issues))
    for undecided in found.evaluation.undecided:
        metrics.count_undecided(undecided.plan.id)
    if metrics.tally is not None:
        metrics.tally.add(_name(call.client), _counted(call))
    _log.info(
        "hook answered",
        hookInstance=call.hook.hook_instance,
        client=_name(call.client),
        service=call.service_id,
        occasion=call.hook.occasion,
        trigger=call.hook.trigger.name,
        criteria=call.hook.trigger.criteria_id,
        status=200,
        pump=found.has_pump,
        topics=topics,
        prefetch=_states(call.hook.prefetch),
        unread=list(unread),
        undecided=len(found.evaluation.undecided),
        issues=len(found.record.issues),
        ms=round(call.seconds * 1000, 2),
    )


def _counted(call: Answered) -> list[tuple[str, str]]:
    """What the page of hospital IT counts of a call: each plan once, whatever it had to say."""
    counted = [("call", call.service_id), ("ms", class_of(call.seconds))]
    evaluation = call.found.evaluation
    if evaluation.recommended:
        counted += [("fired", plan) for plan in {each.plan.id for each in evaluation.recommended}]
        if any(each.action.topic == COULD_NOT_CHECK for each in evaluation.recommended):
            counted.append(("unchecked", call.service_id))
    if evaluation.undecided:
        counted += [("undecided", plan) for plan in {each.plan.id for each in evaluation.undecided}]
    return counted


def note_reading(hook: HookRequest, completed: Completed, metrics: Metrics) -> None:
    """One log line when the EHR was read; statuses by prefetch key, nothing of what was read."""
    if not completed.answers:
        return
    for key, answer in completed.answers.items():
        metrics.count_reading(key, answer.status, answer.seconds)
    if metrics.tally is not None:
        statuses = [("read", answer.status) for answer in completed.answers.values()]
        metrics.tally.add("", statuses)
    _log.info(
        "EHR read",
        hookInstance=hook.hook_instance,
        answers={key: answer.status for key, answer in completed.answers.items()},
        ms=round(max(answer.seconds for answer in completed.answers.values()) * 1000, 1),
    )


def note_missing_data(
    hook: HookRequest, client: Client | None, service_id: str, metrics: Metrics
) -> None:
    """One log line when nothing could be said for want of data."""
    metrics.count_required_data_missing()
    if metrics.tally is not None:
        counted = [("call", service_id), ("unchecked", service_id), ("missing", service_id)]
        metrics.tally.add(_name(client), counted)
    _log.warning(
        "required data missing",
        hookInstance=hook.hook_instance,
        client=_name(client),
        service=service_id,
        status=412,
        prefetch=_states(hook.prefetch),
        fhirServer="named" if hook.fhir_server else "not named",
        accessToken="sent" if hook.access_token else "not sent",
    )


def _name(client: Client | None) -> str:
    return client.name if client else ""


def _states(prefetch: Mapping[str, Raw]) -> dict[str, str]:
    """How each prefetch key came: not at all, as null, or with something."""
    return {key: _state(prefetch.get(key)) for key in PREFETCH_TEMPLATES}


def _state(sent: Raw | None) -> str:
    if sent is None:
        return "absent"
    return "null" if bytes(sent) == _NULL else "sent"


def _why_unread(key: str, prefetch: Mapping[str, Raw], completed: Completed) -> str:
    """Why a key is not, or not fully, read, in one word out of few."""
    answer = completed.answers.get(key)
    if answer is not None:
        return answer.status if answer.status != "200" else "incomplete"
    return "absent" if key not in prefetch else "incomplete"
