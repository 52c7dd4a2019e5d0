"""What advice rests on, and by when to act on it."""

from datetime import date
from decimal import Decimal

from cds_service.guidance.evaluation import Recommendation
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
    """The earliest day by which something the advice suggests must be done, if it names one."""
    named = (suggestion.due for suggestion in found.action.suggestions if suggestion.due)
    dues = [facts[name].value for name in named]
    return min((due for due in dues if isinstance(due, date)), default=None)


def _is_figure(value: FactValue | None) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)
