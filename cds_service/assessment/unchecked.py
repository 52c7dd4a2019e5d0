"""What could not be read or decided, and what contradicts itself, as facts a card can show."""

from collections.abc import Iterable

from cds_service.guidance.evaluation import Evaluation
from cds_service.guidance.plan import COULD_NOT_CHECK
from cds_service.guidance.wording import escape_markdown
from cds_service.therapy.fact import Facts, known
from cds_service.therapy.record import DataIssue, TherapyRecord

_SOURCES = {
    "patient": ("patient", "whether the patient is alive was not checked"),
    "devices": ("devices", "a pump or its model may have been missed"),
    "medicationAdministrations": ("refills", "a refill may have been missed"),
    "procedures": ("operations", "an implant, replacement or removal may have been missed"),
    "observations": (
        "pump readings",
        "pump readings, alarms and signs were not seen",
    ),
    "conditions": ("diagnoses", "a diagnosis of infection or a symptom may have been missed"),
    "medicationRequests": ("prescriptions", "an intrathecal dose may have been missed"),
    "appointments": ("visits", "bookings count as none"),
    "serviceRequests": ("orders", "a replacement order counts as none"),
    "carePlans": ("care plans", "whether there is a recovery plan was not checked"),
}
_AREAS = {"itb-refill": "refills", "itb-infection": "wounds"}
_MOST_AREAS = 3
_MOST_LINES = 12


def data_facts(
    record: TherapyRecord, evaluation: Evaluation, conflicts: tuple[DataIssue, ...]
) -> Facts:
    """The facts `data.*`: counts, and Markdown lists with record text escaped."""
    lines, areas = _unchecked(record, evaluation)
    return {
        "data.conflicts": known(len(conflicts)),
        "data.conflictList": known(_list(_told(conflict) for conflict in conflicts)),
        "data.unchecked": known(len(lines)),
        "data.uncheckedAreas": known(_few(areas)),
        "data.uncheckedList": known(_list(lines)),
    }


def _unchecked(record: TherapyRecord, evaluation: Evaluation) -> tuple[list[str], list[str]]:
    lines: list[str] = []
    areas: list[str] = []
    for key, why in record.unread.items():
        area, consequence = _SOURCES[key]
        lines.append(f"{area.capitalize()} (`{key}`): {why}; {consequence}.")
        areas.append(area)
    for issue in record.issues:
        lines.append(_told(issue))
        areas.append(_SOURCES[issue.source][0])
    for found in evaluation.recommended:
        if found.action.topic == COULD_NOT_CHECK:
            lines.append(f"{escape_markdown(found.summary)}.")
            areas.append(_area(found.plan.id))
    for undecided in evaluation.undecided:
        for _, because in undecided.missing:
            if because and not _is_told_already(because, record):
                lines.append(f"{undecided.plan.title}: {escape_markdown(because)}.")
                areas.append(_area(undecided.plan.id))
    return list(dict.fromkeys(lines)), list(dict.fromkeys(areas))


def _is_told_already(because: str, record: TherapyRecord) -> bool:
    """True when the line on the unread source says it all."""
    return any(because.startswith(f"{key} could not be read") for key in record.unread)


def _told(issue: DataIssue) -> str:
    problem = escape_markdown(issue.problem, limit=400)
    return f"{problem[:1].upper()}{problem[1:]} ({escape_markdown(issue.reference)})."


def _area(plan_id: str) -> str:
    return _AREAS.get(plan_id, plan_id.removeprefix("itb-").replace("-", " "))


def _few(areas: list[str]) -> str:
    shown = ", ".join(areas[:_MOST_AREAS])
    return shown if len(areas) <= _MOST_AREAS else f"{shown} and {len(areas) - _MOST_AREAS} more"


def _list(lines: Iterable[str]) -> str:
    """The lines as a Markdown list; what goes beyond a readable length is counted."""
    told = list(lines)
    shown = [f"- {line}" for line in told[:_MOST_LINES]]
    if len(told) > _MOST_LINES:
        shown.append(f"- and {len(told) - _MOST_LINES} more of the same kind.")
    return "\n".join(shown)
