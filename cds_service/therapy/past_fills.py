"""The refills of the present pump one after the other, each with what was left in the reservoir."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from cds_service.therapy.cycle import Cycle, Thresholds, fill_before, refill_history
from cds_service.therapy.dosing import Timeline
from cds_service.therapy.fill_check import Residual, limits, residual_at
from cds_service.therapy.quantities import Millilitres
from cds_service.therapy.record import Reading, TherapyRecord


@dataclass(frozen=True, slots=True)
class PastFill:
    """One refill, and the volume drawn out before it.

    `drawn` is None when no volume drawn out is recorded. `residual` compares it with the volume
    expected; None with `unknown_because` says why that cannot be. `limit` is the cut-off in words,
    `is_beyond` None where it cannot be told whether the difference passes it.
    """

    cycle: Cycle
    drawn: Reading[Millilitres] | None = None
    residual: Residual | None = None
    unknown_because: str = ""
    limit: str = ""
    is_beyond: bool | None = None


def past_fills(record: TherapyRecord, thresholds: Thresholds, today: date) -> tuple[PastFill, ...]:
    """The refills, the newest first; `record` holds only what belongs to the present pump."""
    history = refill_history(record, thresholds, today)
    found: list[PastFill] = []
    following: date | None = None
    for cycle in _cycles(record, thresholds, history.cycle, history.dosing):
        found.append(_past_fill(record, history.dosing, thresholds, cycle, following))
        following = cycle.fill.when.first
    return tuple(found)


def _cycles(
    record: TherapyRecord, thresholds: Thresholds, newest: Cycle | None, dosing: Timeline
) -> Iterator[Cycle]:
    cycle = newest
    while cycle is not None:
        yield cycle
        cycle = fill_before(record, thresholds, dosing, cycle.fill.when.first)


def _past_fill(
    record: TherapyRecord,
    dosing: Timeline,
    thresholds: Thresholds,
    cycle: Cycle,
    following: date | None,
) -> PastFill:
    if cycle.is_assumed:
        return PastFill(cycle)
    filled = cycle.fill.when.first
    drawn = _drawn_at(record, thresholds, filled, following)
    if drawn is None:
        return PastFill(cycle)
    residual = residual_at(record, dosing, thresholds, drawn, filled)
    if isinstance(residual, str):
        return PastFill(cycle, drawn, unknown_because=residual)
    strict, loose, words = limits(residual, thresholds)
    excess = abs(residual.difference)
    is_open = strict.value < excess <= loose.value
    is_beyond = None if is_open else excess > strict.value
    return PastFill(cycle, drawn, residual, limit=words, is_beyond=is_beyond)


def _drawn_at(
    record: TherapyRecord, thresholds: Thresholds, filled: date, following: date | None
) -> Reading[Millilitres] | None:
    """The volume drawn out on the day of the fill, or charted a few days later."""
    last = filled + timedelta(days=int(thresholds["sameFillDays"]))
    told = [
        reading
        for reading in record.residuals_aspirated
        if reading.value is not None
        and filled <= reading.when.first <= last
        and (following is None or reading.when.first < following)
    ]
    return min(told, key=lambda found: (found.when.first, found.evidence.reference), default=None)
