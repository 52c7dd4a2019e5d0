"""One call's cards as the ledger keeps them: all that is needed to make them again.

Facts by value, plan versions, thresholds in force, dialect and moment; not the patient's id, which
whoever replays a card must know.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec

from cds_service import __version__
from cds_service.cds_hooks.cards import Card, CardContext, cards
from cds_service.errors import ReplayError
from cds_service.guidance.evaluation import Evaluation, Recommendation, recommend
from cds_service.guidance.plan import Action, Ladder, Plan, Suggestion
from cds_service.guidance.wording import placeholders
from cds_service.therapy.fact import Fact, Facts, FactValue
from cds_service.therapy.record import Evidence

Kind = Literal["none", "boolean", "integer", "decimal", "date", "text"]


class KeptFact(msgspec.Struct, omit_defaults=True):
    """A fact with the type of its value written out: JSON cannot tell a date from a text."""

    kind: Kind
    value: str = ""
    evidence: tuple[Evidence, ...] = ()
    unknown_because: str = ""
    basis: str = ""
    is_missing: bool = False


class KeptAdvice(msgspec.Struct):
    """An action that was recommended, with what it offered: another plan's offers may be added."""

    plan: str
    action: str
    suggestions: tuple[Suggestion, ...]


class KeptCall(msgspec.Struct):
    """All the cards of one call, before they were made."""

    software: str
    hook_instance: str
    service_id: str
    public_url: str
    as_of: str
    time_zone: str
    max_cards: int
    dialect: str
    plans: dict[str, str]
    thresholds: dict[str, Decimal]
    advice: tuple[KeptAdvice, ...]
    facts: dict[str, KeptFact]
    # Calls kept before there were launches carry no link.
    launch_url: str = ""


_DECODER = msgspec.json.Decoder(KeptCall)


def kept_call(recommended: Iterable[Recommendation], facts: Facts, call: CardContext) -> bytes:
    """The call as JSON."""
    advice = tuple(recommended)
    plans = {found.plan.id: found.plan for found in advice}
    names = {name for found in advice for name in _facts_of(found)}
    kept = KeptCall(
        software=__version__,
        hook_instance=call.hook_instance,
        service_id=call.service_id,
        public_url=call.public_url,
        as_of=call.as_of.isoformat(),
        time_zone=call.time_zone,
        max_cards=call.max_cards,
        dialect=call.dialect,
        launch_url=call.launch_url,
        plans={plan.id: plan.version for plan in plans.values()},
        thresholds={
            threshold.name: threshold.value
            for plan in plans.values()
            for threshold in (
                *plan.thresholds.values(),
                *(each for step in plan.steps for each in step.thresholds),
            )
        },
        advice=tuple(
            KeptAdvice(found.plan.id, found.action.id, found.action.suggestions) for found in advice
        ),
        facts={name: _kept_fact(facts[name]) for name in sorted(names) if name in facts},
    )
    return msgspec.json.encode(kept)


def read_kept_call(content: bytes) -> KeptCall:
    """What the ledger held. Raises ReplayError."""
    try:
        return _DECODER.decode(content)
    except msgspec.MsgspecError as fault:
        raise ReplayError(
            f"ledger: found an entry that cannot be read ({fault}), expected a call as this "
            "version keeps it. Replay it with the version that wrote it."
        ) from None


def cards_again(kept: KeptCall, plans: Iterable[Plan], patient_id: str) -> list[Card]:
    """The cards of a kept call, made anew; `plans` with the kept thresholds in force.

    Raises ReplayError when a plan is another version now, or no longer recommends what it did.
    """
    by_id = {plan.id: plan for plan in plans}
    for plan_id, version in kept.plans.items():
        _check_version(by_id.get(plan_id), plan_id, version)
    facts = {name: _fact(fact) for name, fact in kept.facts.items()}
    advice = tuple(_advice(by_id[each.plan], each, facts) for each in kept.advice)
    zone = ZoneInfo(kept.time_zone)
    call = CardContext(
        hook_instance=kept.hook_instance,
        patient_id=patient_id,
        service_id=kept.service_id,
        public_url=kept.public_url,
        as_of=datetime.fromisoformat(kept.as_of).astimezone(zone),
        time_zone=kept.time_zone,
        max_cards=kept.max_cards,
        dialect=kept.dialect,
        launch_url=kept.launch_url,
    )
    return cards(Evaluation(advice, ()), facts, call)


def _facts_of(found: Recommendation) -> Iterable[str]:
    """The facts that decide the action, fill its texts, and date what it suggests."""
    action, plan = found.action, found.plan
    ladder = _ladder_of(plan, action.id)
    if ladder and ladder.condition:
        yield from ladder.condition.facts
    yield from action.condition.facts
    yield from placeholders(action.summary)
    yield from placeholders(action.detail)
    for suggestion in action.suggestions:
        if suggestion.due:
            yield suggestion.due
        if suggestion.activity not in plan.activities:
            yield from ("recovery.surgeryDate", "recovery.surgeryKind")
            for step in plan.steps:
                yield from step.condition.facts if step.condition else ()


def _check_version(plan: Plan | None, plan_id: str, version: str) -> None:
    found = f"version {plan.version}" if plan else "no such plan"
    if plan is None or plan.version != version:
        raise ReplayError(
            f"plans: {plan_id}: found {found}, expected version {version}, by which the card was "
            "made. Name a folder with the plans of that time: --plans."
        )


def _advice(plan: Plan, kept: KeptAdvice, facts: Mapping[str, Fact]) -> Recommendation:
    ladder = _ladder_of(plan, kept.action)
    action = _action_of(ladder, kept.action) if ladder else None
    if ladder is None or action is None or not _applies(ladder, action, facts):
        raise ReplayError(
            f"plans: {plan.id} {plan.version}: action '{kept.action}' does not apply to the kept "
            "facts: the plan was changed without a new version. Replay with the plans of that time."
        )
    return recommend(plan, replace(action, suggestions=kept.suggestions), facts)


def _applies(ladder: Ladder, action: Action, facts: Mapping[str, Fact]) -> bool:
    guard = True if ladder.condition is None else ladder.condition.decide(facts)
    return bool(guard and action.condition.decide(facts))


def _ladder_of(plan: Plan, action_id: str) -> Ladder | None:
    return next((each for each in plan.ladders if _action_of(each, action_id)), None)


def _action_of(ladder: Ladder, action_id: str) -> Action | None:
    return next((each for each in ladder.actions if each.id == action_id), None)


def _kept_fact(fact: Fact) -> KeptFact:
    kind, value = _written(fact.value)
    return KeptFact(kind, value, fact.evidence, fact.unknown_because, fact.basis, fact.is_missing)


def _written(value: FactValue | None) -> tuple[Kind, str]:
    match value:
        case None:
            return "none", ""
        case bool():
            return "boolean", "true" if value else "false"
        case int():
            return "integer", str(value)
        case Decimal():
            return "decimal", str(value)
        case date():
            return "date", value.isoformat()
    return "text", value


def _fact(kept: KeptFact) -> Fact:
    value = _READ[kept.kind](kept.value)
    return Fact(value, kept.evidence, kept.unknown_because, kept.basis, kept.is_missing)


_READ: Mapping[Kind, Callable[[str], FactValue | None]] = {
    "none": lambda _: None,
    "boolean": lambda text: text == "true",
    "integer": int,
    "decimal": Decimal,
    "date": date.fromisoformat,
    "text": str,
}
