"""What advice rests on, and by when to act on it."""

from datetime import date
from decimal import Decimal

from cds_service.guidance.evaluation import Recommendation
from cds_service.guidance.plan import Action
from cds_service.guidance.wording import value_text
from cds_service.therapy.fact import Facts, FactValue


def cause_of(found: Recommendation) -> str:
    """What the advice rests on: dates, statements and records, but no figure that runs with time.

    The same text means: nothing has changed. It holds clinical facts; only its hash is kept.
    """
    lines = [found.action.topic]
    for name, fact in sorted(found.basis):
        if not _is_figure(fact.value):
            lines.append(f"{name} = {value_text(fact.value)}")
        lines += [f"{name} < {each.reference} {each.when}: {each.says}" for each in fact.evidence]
    return "\n".join(lines)


def act_by(found: Recommendation, facts: Facts) -> date | None:
    """The day by which the person has to act, if the advice names one; of several the earliest."""
    dues = [facts[name].value for name in act_by_facts(found.action)]
    return min((due for due in dues if isinstance(due, date)), default=None)


def act_by_facts(action: Action) -> tuple[str, ...]:
    """The facts that hold the day by which to act: the rung's own, else those of what it suggests.

    Empty where the advice names no day.
    """
    if action.due:
        return (action.due,)
    return tuple(suggestion.due for suggestion in action.suggestions if suggestion.due)


def _is_figure(value: FactValue | None) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
