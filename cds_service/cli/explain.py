"""How an answer came about, as lines of text: facts with their evidence, rules with decisions."""

from collections.abc import Iterable, Iterator

from cds_service.assessment import Assessment
from cds_service.guidance.plan import Action, Ladder, Plan
from cds_service.guidance.wording import value_text
from cds_service.therapy.fact import Fact, Facts
from cds_service.therapy.record import DataIssue, Evidence
from cds_service.therapy.vocabulary import FACTS


def explanation(found: Assessment, plans: Iterable[Plan], hook: str) -> Iterator[str]:
    """Everything that led to the answer, one line at a time."""
    yield from _listed("Not read", (f"{key}: {why}" for key, why in found.record.unread.items()))
    yield from _listed("Refused", _issues(found.record.issues))
    yield from _listed("Contradictions", _issues(found.findings.conflicts))
    yield "\nFacts"
    for name, fact in found.findings.facts.items():
        yield from _fact(name, fact)
    yield "\nDecisions"
    reason = _why_no_rule(found)
    if reason:
        yield f"  none: {reason}"
        return
    for plan in plans:
        for ladder in plan.ladders:
            if ladder.answers(hook):
                yield from _ladder(plan, ladder, found.findings.facts)


def _why_no_rule(found: Assessment) -> str:
    if found.record.is_deceased:
        return "the record says that the patient has died"
    return "" if found.has_pump else "no sign of a pump was found, and the rules need one"


def _listed(heading: str, lines: Iterable[str]) -> Iterator[str]:
    """The lines under their heading; nothing when there are none."""
    for number, line in enumerate(lines):
        if number == 0:
            yield f"\n{heading}"
        yield f"  {line}"


def _issues(issues: Iterable[DataIssue]) -> Iterator[str]:
    return (f"{issue.source} {issue.reference}: {issue.problem}" for issue in issues)


def _fact(name: str, fact: Fact) -> Iterator[str]:
    if fact.value is None:
        yield f"  {name}: not known" + (f", {fact.unknown_because}" if fact.unknown_because else "")
    else:
        yield f"  {name}: {_value(name, fact)}"
    if fact.basis:
        yield f"      {fact.basis}"
    for record in fact.evidence:
        yield f"      {_record(record)}"


def _value(name: str, fact: Fact) -> str:
    if isinstance(fact.value, bool):
        return "yes" if fact.value else "no"
    definition = FACTS.get(name)
    unit = definition.unit if definition else ""
    return f"{value_text(fact.value)} {unit}".rstrip() or "(nothing)"


def _record(record: Evidence) -> str:
    dated = f", {record.when}" if record.when else ""
    return f"from {record.reference}{dated}: {record.says} [{record.rung}]"


def _ladder(plan: Plan, ladder: Ladder, facts: Facts) -> Iterator[str]:
    yield f"  {plan.id} {plan.version}, {ladder.title or ladder.id}"
    guard = True if ladder.condition is None else ladder.condition.decide(facts)
    if guard is False:
        yield "    does not concern this patient"
        return
    decided = False
    for action in ladder.actions:
        yield f"    {action.id}: {'not tried' if decided else _decision(action, guard, facts)}"
        decided = decided or bool(guard and action.condition.decide(facts))


def _decision(action: Action, guard: bool | None, facts: Facts) -> str:
    decision = action.condition.decide(facts)
    if decision is False:
        return "not met"
    if decision and guard:
        return f"applies: {action.topic} ({action.urgency})"
    missing = [name for name in sorted(action.condition.facts) if facts[name].value is None]
    return (
        f"undecided, not known: {', '.join(missing) or 'whether the ladder concerns the patient'}"
    )
