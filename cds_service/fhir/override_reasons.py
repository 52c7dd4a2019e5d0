"""Why a user may set advice aside, on a card or on the worklist: coded reasons, from HL7."""

from cds_service import CANONICAL_BASE
from cds_service.guidance.plan import COULD_NOT_CHECK, Action

HL7_REASONS = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"
LOCAL_REASONS = f"{CANONICAL_BASE}/CodeSystem/itb-override-reason"

REFILLED_ELSEWHERE = "refilled-elsewhere"
BOOKED_ELSEWHERE = "booked-elsewhere"
PUMP_REMOVED = "pump-removed"
DATA_WRONG = "data-wrong"
WRONG_RECIPIENT = "inappropriate-recipient"
WRONG_TIME = "wrong-time-workflow"

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


def worklist_reasons(topic: str, has_offers: bool) -> list[dict[str, str]]:
    """The reasons offered to a coordinator who overrides the advice of a task, each a Coding."""
    if topic == COULD_NOT_CHECK:
        return [_DATA_WRONG, *_WHEN_NOT_CHECKED]
    is_refill = topic.startswith(_REFILL_TOPICS)
    local = [_REFILLED_ELSEWHERE] if is_refill else []
    if is_refill or has_offers:
        local.append(_BOOKED_ELSEWHERE)
    return [*local, _PUMP_REMOVED, _DATA_WRONG, *_FOR_ADVICE, _WRONG_TIME]


def snooze_reasons() -> list[dict[str, str]]:
    """The reasons offered to a coordinator who moves a task to a later day, each a Coding."""
    return [_BOOKED_ELSEWHERE, _NEED_MORE_INFO, _NOT_PRIORITY, _PATIENT_REFUSES, _WRONG_TIME]


def reason_display(code: str) -> str:
    """The words of a reason's code; the code itself where nobody knows it."""
    return _DISPLAYS.get(code, code)


def reason_is_known(code: str) -> bool:
    """Whether this is one of the codes."""
    return code in _DISPLAYS


def reason_system(code: str) -> str:
    """The code system of a reason."""
    return LOCAL_REASONS if code in _LOCAL_CODES else HL7_REASONS


def snooze_threshold(code: str) -> str:
    """The threshold that says for how many days a reason keeps a card away."""
    return _SNOOZES.get(code, UNSTATED)


_SNOOZES = {
    REFILLED_ELSEWHERE: "snoozeDoneDays",
    BOOKED_ELSEWHERE: "snoozeDoneDays",
    "action-completed": "snoozeDoneDays",
    "action-not-priority": "snoozeLaterDays",
    "need-more-info": "snoozeLaterDays",
    WRONG_TIME: "snoozeLaterDays",
    "expert-contradicts": "snoozeDeclinedDays",
    "patient-contraindication": "snoozeDeclinedDays",
    "patient-refuses": "snoozeDeclinedDays",
    "cds-not-applicable": "snoozeNotForUserDays",
    WRONG_RECIPIENT: "snoozeNotForUserDays",
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
    HL7_REASONS, WRONG_RECIPIENT, "PC CDS delivered to inappropriate recipient/role"
)
_WRONG_TIME = _coding(
    HL7_REASONS,
    WRONG_TIME,
    "PC CDS delivered at wrong time in workflow or patient lifecycle",
)
_NEED_MORE_INFO = _coding(
    HL7_REASONS,
    "need-more-info",
    "Could not address recommended action due to need for more information/pending "
    "results/pending consult",
)
_PUMP_REMOVED = _coding(LOCAL_REASONS, PUMP_REMOVED, "Pump removed or therapy stopped")
_DATA_WRONG = _coding(LOCAL_REASONS, DATA_WRONG, "The record is wrong: say what in the comment")
_NOT_PRIORITY = _coding(
    HL7_REASONS,
    "action-not-priority",
    "Recommended action is not relevant or a priority in current state of health",
)
_PATIENT_REFUSES = _coding(
    HL7_REASONS, "patient-refuses", "Patient refuses/declines (no context given)*"
)
_FOR_ADVICE = [
    _coding(HL7_REASONS, "action-completed", "Recommended action was already completed"),
    _NOT_APPLICABLE,
    _NOT_PRIORITY,
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
    _PATIENT_REFUSES,
    _NEED_MORE_INFO,
    _WRONG_RECIPIENT,
]
_WHEN_NOT_CHECKED = [_NOT_APPLICABLE, _NEED_MORE_INFO, _WRONG_RECIPIENT, _WRONG_TIME]
_LOCAL = (_REFILLED_ELSEWHERE, _BOOKED_ELSEWHERE, _PUMP_REMOVED, _DATA_WRONG)
_LOCAL_CODES = frozenset(coding["code"] for coding in _LOCAL)
_DISPLAYS = {
    coding["code"]: coding["display"] for coding in (*_LOCAL, *_FOR_ADVICE, *_WHEN_NOT_CHECKED)
}
