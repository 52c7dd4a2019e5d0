"""The goals of a plan: what is aimed at, beside the newest record that says where the patient is.

Nothing here judges whether a goal is met; what is not known is said to be so.
"""

from dataclasses import dataclass

from cds_service.assessment.assess import Assessment
from cds_service.guidance.plan import GoalTarget, Plan
from cds_service.guidance.wording import needed, render
from cds_service.therapy.fact import Fact
from cds_service.therapy.vocabulary import FACTS


@dataclass(frozen=True, slots=True)
class GoalStanding:
    """One target of a plan's goal.

    `aim` is '' while a fact in it is not known: `unknown_because` says why. `latest` holds the
    value with its records, or why there is none. `unread` names the prefetch keys of its sources
    that were not read in full, or of which a record was refused: a newer value may stand there.
    """

    measure: str
    aim: str
    unknown_because: str
    latest: Fact
    unit: str
    unread: tuple[str, ...]


def goal_standings(plan: Plan, found: Assessment) -> tuple[GoalStanding, ...]:
    """The targets of the plan's goal for this patient, in the plan's order.

    None without a pump, and none once it was removed: what is known then is of a pump that is gone.
    """
    facts = found.findings.facts
    if not found.has_pump or not facts or facts["therapy.stopped"].value:
        return ()
    return tuple(_standing(target, found) for target in plan.targets)


def _standing(target: GoalTarget, found: Assessment) -> GoalStanding:
    facts, record = found.findings.facts, found.record
    lacking = [facts[name] for name in sorted(needed(target.says)) if facts[name].value is None]
    aim = "" if lacking else render(target.says, facts, is_markdown=False)[0]
    refused = {issue.source for issue in record.issues}
    return GoalStanding(
        target.measure,
        aim,
        lacking[0].unknown_because if lacking else "",
        facts[target.fact],
        FACTS[target.fact].unit,
        tuple(key for key in target.sources if key in record.unread or key in refused),
    )
