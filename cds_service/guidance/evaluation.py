"""What the plans recommend for a patient's facts, and what could not be decided."""

from collections.abc import Iterable
from dataclasses import dataclass

from cds_service.guidance.plan import URGENCIES, Action, Ladder, Plan
from cds_service.guidance.wording import render
from cds_service.therapy.fact import Fact, Facts


@dataclass(frozen=True, slots=True)
class Recommendation:
    """An action that applies, its texts filled in, and the facts it rests on."""

    plan: Plan
    action: Action
    summary: str
    detail: str
    basis: tuple[tuple[str, Fact], ...]


@dataclass(frozen=True, slots=True)
class Undecided:
    """An action that could have applied, and the unknown facts (name, why) that left it open."""

    plan: Plan
    action: Action
    missing: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Recommendations in the order of the plans, and what stayed undecided."""

    recommended: tuple[Recommendation, ...]
    undecided: tuple[Undecided, ...]


def by_urgency(recommended: Iterable[Recommendation]) -> list[Recommendation]:
    """The most urgent first, equals as they stood."""
    return sorted(recommended, key=lambda found: URGENCIES.index(found.action.urgency))


def evaluate(plans: Iterable[Plan], facts: Facts, hook: str) -> Evaluation:
    """What the plans that answer this hook recommend.

    In a ladder the first action that applies wins. An undecided action is not met: the next is
    tried, and it is reported unless what follows gives the same advice.
    """
    recommended: list[Recommendation] = []
    undecided: list[Undecided] = []
    for plan in plans:
        for ladder in plan.ladders:
            if ladder.answers(hook):
                found, open_rungs = _climb(plan, ladder, facts)
                recommended += [each for each in found if ladder.shows(each.action, hook)]
                undecided += [each for each in open_rungs if ladder.shows(each.action, hook)]
    return Evaluation(tuple(recommended), tuple(undecided))


def _climb(
    plan: Plan, ladder: Ladder, facts: Facts
) -> tuple[list[Recommendation], list[Undecided]]:
    applies = True if ladder.condition is None else ladder.condition.decide(facts)
    if applies is False:
        return [], []
    open_rungs: list[Undecided] = []
    for action in ladder.actions:
        decision = action.condition.decide(facts)
        if decision and applies:
            return [recommend(plan, action, facts)], [
                rung for rung in open_rungs if rung.action.topic != action.topic
            ]
        if decision is not False:
            open_rungs.append(Undecided(plan, action, _missing(ladder, action, facts)))
    return [], open_rungs


def recommend(plan: Plan, action: Action, facts: Facts) -> Recommendation:
    """The action with its texts filled in; whether it applies was decided before."""
    summary, in_summary = render(action.summary, facts, is_markdown=False)
    detail, in_detail = render(action.detail, facts)
    names = dict.fromkeys([*in_summary, *in_detail, *sorted(action.condition.facts)])
    basis = tuple((name, facts[name]) for name in names)
    return Recommendation(plan, action, summary, detail, basis)


def _missing(ladder: Ladder, action: Action, facts: Facts) -> tuple[tuple[str, str], ...]:
    guard = ladder.condition.facts if ladder.condition else frozenset()
    return tuple(
        (name, facts[name].unknown_because)
        for name in sorted(action.condition.facts | guard)
        if facts[name].is_missing
    )
