"""When a card that its user set aside stays away: while its cause is unchanged, and for days only.

Criticals and what could not be checked always come back. Nothing here changes what is due.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from cds_service.fhir.override_reasons import (
    LONGEST_FOR_WARNINGS,
    LONGEST_WITHOUT_DATE,
    SNOOZE_THRESHOLDS,
    snooze_threshold,
)
from cds_service.guidance.cause import act_by
from cds_service.guidance.evaluation import Recommendation
from cds_service.guidance.plan import COULD_NOT_CHECK, Urgency
from cds_service.therapy.fact import Facts


@dataclass(frozen=True, slots=True)
class SetAside:
    """A card that this user overrode for this patient: its topic, its cause, why and when.

    `cause` is a seal of what `cause_of` gave; `reason` is the code of the reason, if one was given.
    """

    topic: str
    cause: str
    reason: str
    on: date


def may_be_set_aside(found: Recommendation) -> bool:
    """Whether this advice can be snoozed at all."""
    action = found.action
    return action.urgency is not Urgency.CRITICAL and action.topic != COULD_NOT_CHECK


def snoozed_until(
    found: Recommendation,
    facts: Facts,
    set_aside: Iterable[SetAside],
    thresholds: Mapping[str, Decimal],
) -> date | None:
    """The day on which the card comes back; None when it was not set aside, or cannot be.

    `set_aside` holds the same cause only. The act-by date ends every snooze.
    """
    if not may_be_set_aside(found):
        return None
    due = act_by(found, facts)
    longest = _longest(found, due, thresholds)
    ends = [
        each.on + timedelta(days=min(int(thresholds[snooze_threshold(each.reason)]), longest))
        for each in set_aside
        if each.topic == found.action.topic
    ]
    if not ends:
        return None
    return min(max(ends), due) if due else max(ends)


def _longest(found: Recommendation, due: date | None, thresholds: Mapping[str, Decimal]) -> int:
    """The most days that advice of this urgency may be away, whatever the reason."""
    if found.action.urgency is not Urgency.WARNING:
        return max(int(thresholds[name]) for name in SNOOZE_THRESHOLDS)
    return int(thresholds[LONGEST_FOR_WARNINGS if due else LONGEST_WITHOUT_DATE])
