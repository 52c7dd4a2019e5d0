"""What kinds of work there are: one for each family of advice, and those that people open."""

from enum import StrEnum


class Kind(StrEnum):
    """A family of advice; a patient has at most one open task of each, but for `OTHER`."""

    REFILL = "refill"
    BATTERY = "battery"
    INFECTION = "infection"
    RECOVERY = "recovery"
    WITHDRAWAL = "withdrawal"
    OVERDOSE = "overdose"
    WEAKNESS = "weakness"
    DELIVERY = "delivery"
    SKIN = "skin"
    LEAK = "leak"
    THERAPY_STOPPED = "therapy-stopped"
    FOLLOW_UP = "follow-up"
    CANDIDATE = "candidate"
    SCREENING = "screening"
    ORDER = "order"
    DATA_CONFLICT = "data-conflict"
    UNCHECKED = "unchecked"
    CONFIRM_REFILL = "confirm-refill"
    DATA_PROBLEM = "data-problem"
    OTHER = "other"


_BY_TOPIC = {
    "itbSkinBreakdown": Kind.SKIN,
    "itbCsfLeak": Kind.LEAK,
    "itbTherapyStopped": Kind.THERAPY_STOPPED,
    "itbScreeningTest": Kind.SCREENING,
    "itbDataConflict": Kind.DATA_CONFLICT,
    "itbCouldNotCheck": Kind.UNCHECKED,
}
_BY_PLAN = {
    "itb-refill": Kind.REFILL,
    "itb-battery": Kind.BATTERY,
    "itb-infection": Kind.INFECTION,
    "itb-recovery": Kind.RECOVERY,
    "itb-withdrawal": Kind.WITHDRAWAL,
    "itb-overdose": Kind.OVERDOSE,
    "itb-weakness": Kind.WEAKNESS,
    "itb-delivery-problem": Kind.DELIVERY,
    "itb-follow-up-visit": Kind.FOLLOW_UP,
    "itb-candidate": Kind.CANDIDATE,
    "itb-order-safety": Kind.ORDER,
}

OPENED_BY_PEOPLE = frozenset({Kind.CONFIRM_REFILL, Kind.DATA_PROBLEM, Kind.OTHER})
"""Work that no advice stands behind: only a person ends it, or the evidence it waits for."""


def kind_of(plan: str, topic: str) -> str:
    """The family of a piece of advice; advice of a plan that a site added is its own family."""
    found = _BY_TOPIC.get(topic) or _BY_PLAN.get(plan)
    return found.value if found else plan
