"""Why a user may set a card aside: coded reasons, from HL7 where they fit."""

from cds_service import CANONICAL_BASE
from cds_service.guidance.plan import COULD_NOT_CHECK, Action

HL7_REASONS = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
LOCAL_REASONS = f"{CANONICAL_BASE}/CodeSystem/itb-override-reason"

REFILLED_ELSEWHERE = "refilled-elsewhere"
BOOKED_ELSEWHERE = "booked-elsewhere"

UNSTATED = "snoozeUnstatedDays"
LONGEST_FOR_WARNINGS = "snoozeLongestWarningDays"
LONGEST_WITHOUT_DATE = "snoozeUndatedWarningDays"


def override_reasons(action: Action) -> list[dict[str, str]]:
    """The reasons offered with an action's card, each a Coding with its display."""
    if action.topic == COULD_NOT_CHECK:
        return [*_WHEN_NOT_CHECKED]
    is_refill = action.topic.startswith(_REFILL_TOPICS)
    local = [_REFILLED_ELSEWHERE] if is_refill else []
    if is_refill or action.suggestions:
        local.append(_BOOKED_ELSEWHERE)
    return local + _FOR_ADVICE


def snooze_threshold(code: str) -> str:
    """The threshold that says for how many days a reason keeps a card away."""
    return _SNOOZES.get(code, UNSTATED)


_SNOOZES = {
    REFILLED_ELSEWHERE: "snoozeDoneDays",
    BOOKED_ELSEWHERE: "snoozeDoneDays",
    "action-completed": "snoozeDoneDays",
    "action-not-priority": "snoozeLaterDays",
    "need-more-info": "snoozeLaterDays",
    "wrong-time-workflow": "snoozeLaterDays",
    "expert-contradicts": "snoozeDeclinedDays",
    "patient-contraindication": "snoozeDeclinedDays",
    "patient-refuses": "snoozeDeclinedDays",
    "cds-not-applicable": "snoozeNotForUserDays",
    "inappropriate-recipient": "snoozeNotForUserDays",
}
SNOOZE_THRESHOLDS = frozenset(
    {*_SNOOZES.values(), UNSTATED, LONGEST_FOR_WARNINGS, LONGEST_WITHOUT_DATE}
)
"""Every threshold that snoozes need; a plan states each."""

_REFILL_TOPICS = ("itbRefill", "itbReservoir")


def _coding(system: str, code: str, display: str) -> dict[str, str]:
    return {"system": system, "code": code, "display": display}


_REFILLED_ELSEWHERE = _coding(
    LOCAL_REASONS, REFILLED_ELSEWHERE, "Refilled elsewhere: give the date in the comment"
)
_BOOKED_ELSEWHERE = _coding(
    LOCAL_REASONS, BOOKED_ELSEWHERE, "Booked outside this system: give the date in the comment"
)
# Displays as in the code system (CDS Hooks 3.0 ballot).
_NOT_APPLICABLE = _coding(HL7_REASONS, "cds-not-applicable", "PC CDS does not apply to patient")
_WRONG_RECIPIENT = _coding(
    HL7_REASONS, "inappropriate-recipient", "PC CDS delivered to inappropriate recipient/role"
)
_WRONG_TIME = _coding(
    HL7_REASONS,
    "wrong-time-workflow",
    "PC CDS delivered at wrong time in workflow or patient lifecycle",
)
_NEED_MORE_INFO = _coding(
    HL7_REASONS,
    "need-more-info",
    "Could not address recommended action due to need for more information/pending "
    "results/pending consult",
)
_FOR_ADVICE = [
    _coding(HL7_REASONS, "action-completed", "Recommended action was already completed"),
    _NOT_APPLICABLE,
    _coding(
        HL7_REASONS,
        "action-not-priority",
        "Recommended action is not relevant or a priority in current state of health",
    ),
    _coding(
        HL7_REASONS,
        "expert-contradicts",
        "Advice from expert contradicts the recommended action",
    ),
    _coding(
        HL7_REASONS,
        "patient-contraindication",
        "Patient has contraindication to recommended action",
    ),
    _coding(HL7_REASONS, "patient-refuses", "Patient refuses/declines (no context given)*"),
    _NEED_MORE_INFO,
    _WRONG_RECIPIENT,
]
_WHEN_NOT_CHECKED = [_NOT_APPLICABLE, _NEED_MORE_INFO, _WRONG_RECIPIENT, _WRONG_TIME]
