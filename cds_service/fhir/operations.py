"""Operations on the pump system, and refills recorded as procedures only."""

from collections import defaultdict
from dataclasses import dataclass

from cds_service.fhir.chart import Chart, evidence, start_of
from cds_service.fhir.concepts import codes, words
from cds_service.fhir.decoding import Source
from cds_service.fhir.elements import Procedure
from cds_service.fhir.terminology.operations import (
    CATHETER_INSERTIONS,
    MEDIUM_INSERTIONS,
    MEDIUM_PROCEDURES,
    MEDIUM_REFILLS,
    MEDIUM_REMOVALS,
    PUMP_INSERTIONS,
    PUMP_REMOVALS,
    PUMP_REPLACEMENTS,
    REFILL_PROCEDURES,
    REVISIONS,
    is_refill_in_words,
    names_pump_system,
    surgery_in_words,
)
from cds_service.fhir.versions import NOT_R4, is_sent
from cds_service.therapy.calendar import When
from cds_service.therapy.record import Evidence, Fill, Surgery, SurgeryKind

_KEY = "procedures"
_NOT_DONE = {
    "preparation",
    "in-progress",
    "not-done",
    "on-hold",
    "stopped",
    "entered-in-error",
}
_REFILLS = REFILL_PROCEDURES | MEDIUM_REFILLS
_BY_CODE = (
    (PUMP_REPLACEMENTS, SurgeryKind.REPLACEMENT),
    (PUMP_INSERTIONS | MEDIUM_INSERTIONS, SurgeryKind.IMPLANT),
    (PUMP_REMOVALS | MEDIUM_REMOVALS, SurgeryKind.EXPLANT),
    (CATHETER_INSERTIONS | REVISIONS, SurgeryKind.REVISION),
)
_ANY = _REFILLS.union(*(value_set for value_set, _ in _BY_CODE))


@dataclass(frozen=True, slots=True)
class _Step:
    kind: SurgeryKind
    has_new_catheter: bool
    evidence: Evidence


def concerns_pump(procedure: Procedure) -> bool:
    """True when the procedure is an operation on, or a refill of, an ITB pump."""
    if not _ANY.isdisjoint(codes(procedure.code)):
        return True
    told = words(procedure.code)
    return names_pump_system(told) and (
        surgery_in_words(told) is not None or is_refill_in_words(told)
    )


def surgery_kind(procedure: Procedure) -> SurgeryKind | None:
    """The operation, by code, else by words; None for anything else."""
    coded = codes(procedure.code)
    for value_set, kind in _BY_CODE:
        if not value_set.isdisjoint(coded):
            return kind
    return surgery_in_words(words(procedure.code))


def is_refill(procedure: Procedure) -> bool:
    """True for the refilling of an implanted intrathecal pump."""
    if not _REFILLS.isdisjoint(codes(procedure.code)):
        return True
    return is_refill_in_words(words(procedure.code))


def read_operations(
    chart: Chart, source: Source[Procedure]
) -> tuple[tuple[Surgery, ...], tuple[Fill, ...]]:
    """The completed operations, one a day, and the fills known from a procedure alone."""
    by_day: dict[tuple[object, object], list[tuple[When, _Step]]] = defaultdict(list)
    fills: list[Fill] = []
    for procedure in chart.own(source, Procedure, lambda found: found.subject):
        kind = surgery_kind(procedure)
        if kind is None and not is_refill(procedure):
            _report_unnamed(chart, procedure)
            continue
        when = _performed(chart, procedure)
        if when is None:
            continue
        rung = _rung(procedure)
        if kind is None:
            says = "refill procedure: the volume is not recorded"
            proof = evidence(procedure, says, when, rung or "refill procedure")
            fills.append(Fill(when, proof, names_drug=False))
            continue
        has_catheter = not CATHETER_INSERTIONS.isdisjoint(codes(procedure.code))
        proof = evidence(procedure, f"{kind.value} of pump or catheter", when, rung)
        by_day[when.first, when.last].append((when, _Step(kind, has_catheter, proof)))
    return _surgeries(by_day), tuple(fills)


def _performed(chart: Chart, procedure: Procedure) -> When | None:
    if procedure.status != "completed":
        if procedure.status is None:
            chart.report(_KEY, procedure, "has no status that can be read; not used")
        elif procedure.status not in _NOT_DONE:
            chart.report(_KEY, procedure, "its status is unknown, so it was not used")
        return None
    if is_sent(procedure.occurrenceDateTime, procedure.occurrencePeriod, procedure.notDone):
        chart.report(_KEY, procedure, NOT_R4)
        return None
    text = start_of(procedure.performedDateTime, procedure.performedPeriod)
    return chart.when(_KEY, procedure, text, "an operation or refill")


def _report_unnamed(chart: Chart, procedure: Procedure) -> None:
    if "code" in procedure.unreadable:
        chart.report(_KEY, procedure, "code cannot be read as FHIR R4")


def _rung(procedure: Procedure) -> str:
    coded = codes(procedure.code)
    if not MEDIUM_PROCEDURES.isdisjoint(coded):
        return "code of medium confidence"
    return "words of the procedure" if _ANY.isdisjoint(coded) else ""


def _surgeries(
    by_day: dict[tuple[object, object], list[tuple[When, _Step]]],
) -> tuple[Surgery, ...]:
    """One operation a day, oldest first.

    An insertion with a removal the same day, or after an earlier implant and without a new
    catheter, is a replacement.
    """
    surgeries: list[Surgery] = []
    for day_steps in sorted(
        by_day.values(), key=lambda steps: (steps[0][0].first, steps[0][0].last)
    ):
        steps = [step for _, step in day_steps]
        had_pump = any(found.kind is not SurgeryKind.EXPLANT for found in surgeries[-1:])
        kind = _kind_of_day(steps, had_pump)
        surgeries.append(Surgery(kind, day_steps[0][0], tuple(step.evidence for step in steps)))
    return tuple(surgeries)


def _kind_of_day(steps: list[_Step], had_pump: bool) -> SurgeryKind:
    kinds = {step.kind for step in steps}
    if SurgeryKind.REPLACEMENT in kinds:
        return SurgeryKind.REPLACEMENT
    if SurgeryKind.IMPLANT in kinds:
        new_catheter = any(step.has_new_catheter for step in steps)
        replaced = SurgeryKind.EXPLANT in kinds or (had_pump and not new_catheter)
        return SurgeryKind.REPLACEMENT if replaced else SurgeryKind.IMPLANT
    return SurgeryKind.EXPLANT if SurgeryKind.EXPLANT in kinds else SurgeryKind.REVISION
