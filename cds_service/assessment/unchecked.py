"""What could not be read or decided, and what contradicts itself, as facts a card can show."""

from collections.abc import Iterable
from dataclasses import replace

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
    "draftOrders": ("draft orders", "an order may not have been checked"),
    "carePlans": ("care plans", "whether there is a recovery plan was not checked"),
}
_AREAS = {"itb-refill": "refills", "itb-infection": "wounds"}
_MOST_AREAS = 3
_MOST_LINES = 12
_MOST_REFERENCES = 3


def data_facts(
    record: TherapyRecord,
    evaluation: Evaluation,
    conflicts: tuple[DataIssue, ...],
    hook: str,
) -> Facts:
    """The facts `data.*`: counts, and Markdown lists with record text escaped.

    What no rule of the hook looks at is no gap in its answer.
    """
    lines, areas = _unchecked(_asked_of(record, hook), evaluation)
    return {
        "data.conflicts": known(len(conflicts)),
        "data.conflictList": known(_list(_issue_lines(conflicts))),
        "data.unchecked": known(len(lines)),
        "data.uncheckedAreas": known(_few(areas)),
        "data.uncheckedList": known(_list(lines)),
    }


_NOT_ASKED = {
    "order-select": frozenset({"appointments", "serviceRequests", "carePlans"}),
    "order-sign": frozenset({"appointments", "serviceRequests", "carePlans"}),
    "appointment-book": frozenset({"carePlans"}),
    "encounter-start": frozenset({"carePlans"}),
}
"""Data that decides nothing on an occasion."""


def _asked_of(record: TherapyRecord, hook: str) -> TherapyRecord:
    passed_over = _NOT_ASKED.get(hook)
    if passed_over is None:
        return record
    return replace(
        record,
        unread={key: why for key, why in record.unread.items() if key not in passed_over},
        issues=tuple(issue for issue in record.issues if issue.source not in passed_over),
    )


def _unchecked(record: TherapyRecord, evaluation: Evaluation) -> tuple[list[str], list[str]]:
    """The lines, and what they concern: what was not read, what follows from it, single entries.

    In this order, so that a long list cuts off what weighs least.
    """
    lines: list[str] = []
    areas: list[str] = []
    for key, why in record.unread.items():
        area, consequence = _SOURCES[key]
        lines.append(f"{area.capitalize()} (`{key}`): {why}; {consequence}.")
        areas.append(area)
    for found in evaluation.recommended:
        if found.action.topic == COULD_NOT_CHECK:
            lines.append(f"{escape_markdown(found.summary)}.")
            areas.append(_area(found.plan.id))
    lines += _undecided_lines(record, evaluation, areas)
    lines += _issue_lines(record.issues)
    areas += [_SOURCES[issue.source][0] for issue in record.issues]
    return list(dict.fromkeys(lines)), list(dict.fromkeys(areas))


def _undecided_lines(
    record: TherapyRecord, evaluation: Evaluation, areas: list[str]
) -> Iterable[str]:
    """One line a reason, with every plan it leaves open; the plans' areas are added."""
    plans: dict[str, list[str]] = {}
    for undecided in evaluation.undecided:
        for _, because in undecided.missing:
            if because and not _is_told_already(because, record):
                plans.setdefault(because, []).append(undecided.plan.title)
                areas.append(_area(undecided.plan.id))
    return [
        f"{', '.join(dict.fromkeys(titles))}: {escape_markdown(because)}."
        for because, titles in plans.items()
    ]


def _issue_lines(issues: Iterable[DataIssue]) -> Iterable[str]:
    """One line a problem, with the records that have it."""
    references: dict[str, list[str]] = {}
    for issue in issues:
        references.setdefault(issue.problem, []).append(issue.reference)
    return [_told(problem, tuple(dict.fromkeys(named))) for problem, named in references.items()]


def _is_told_already(because: str, record: TherapyRecord) -> bool:
    """True when the line on the unread source says it all."""
    return any(because.startswith(f"{key} could not be read") for key in record.unread)


def _told(problem: str, references: tuple[str, ...]) -> str:
    said = escape_markdown(problem, limit=400)
    named = ", ".join(escape_markdown(each) for each in references[:_MOST_REFERENCES])
    if len(references) > _MOST_REFERENCES:
        named += f" and {len(references) - _MOST_REFERENCES} more"
    return f"{said[:1].upper()}{said[1:]} ({named})."


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
        shown.append(f"- and {len(told) - _MOST_LINES} more.")
    return "\n".join(shown)
