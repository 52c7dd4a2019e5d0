"""Operations on the pump system: which pump is in place, and what happened before it."""

from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from cds_service.therapy.calendar import When
from cds_service.therapy.record import (
    DataIssue,
    DoseSource,
    Fill,
    Reading,
    Surgery,
    SurgeryKind,
    TherapyRecord,
)

_Dated = TypeVar("_Dated", Fill, Reading[Any])

_PUTS_IN = (SurgeryKind.IMPLANT, SurgeryKind.REPLACEMENT)


def shows_pump(record: TherapyRecord) -> bool:
    """True when the record shows that the patient has, or had, an implanted ITB pump."""
    return bool(
        record.pumps
        or record.fills
        or any(surgery.kind in (*_PUTS_IN, SurgeryKind.EXPLANT) for surgery in record.surgeries)
    )


def implanted_on(record: TherapyRecord) -> Surgery | None:
    """The latest implant or replacement, or None when none is recorded."""
    return _latest(record, *_PUTS_IN)


def explanted_on(record: TherapyRecord) -> Surgery | None:
    """The removal that took the last pump out, or None while a pump is in place.

    A pump that was filled after its removal was not removed: see `removal_contradicted`.
    """
    explant = _last_removal(record)
    return None if explant is None or _filled_after(record, explant) else explant


def removal_contradicted(record: TherapyRecord) -> DataIssue | None:
    """The contradiction of a removal that later fills belie."""
    explant = _last_removal(record)
    if explant is None or not _filled_after(record, explant):
        return None
    problem = f"a removal of the pump is recorded on {explant.when}, and fills after it"
    return DataIssue("procedures", explant.evidence[0].reference, problem)


def several_pumps(record: TherapyRecord) -> DataIssue | None:
    """The contradiction of more than one pump recorded as in place."""
    if len(record.pumps) < _TWO or not pump_in_place(record):
        return None
    told = ", ".join(pump.evidence.reference for pump in record.pumps)
    problem = (
        f"{len(record.pumps)} implanted pumps are recorded as active ({told}): fills and readings "
        "are taken as of one pump; find out which one is in place and close the other's record"
    )
    return DataIssue("devices", record.pumps[0].evidence.reference, problem)


_TWO = 2


def _last_removal(record: TherapyRecord) -> Surgery | None:
    explant, implant = _latest(record, SurgeryKind.EXPLANT), implanted_on(record)
    if explant is None or (implant is not None and implant.when.first >= explant.when.first):
        return None
    return explant


def _filled_after(record: TherapyRecord, explant: Surgery) -> bool:
    return any(fill.when.first > explant.when.last for fill in record.fills)


def pump_in_place(record: TherapyRecord) -> bool:
    """True unless the pump was removed and no other put in; the record is known to show a pump."""
    return explanted_on(record) is None


def latest_surgery(record: TherapyRecord) -> Surgery | None:
    """The latest operation of any kind: it opens the wound window."""
    return _latest(record, *SurgeryKind)


def latest_recovery_surgery(record: TherapyRecord) -> Surgery | None:
    """The latest implant, replacement or revision: what a recovery plan follows."""
    return _latest(record, *_PUTS_IN, SurgeryKind.REVISION)


def since_implant(record: TherapyRecord) -> TherapyRecord:
    """The record without what belongs to an earlier pump.

    Readings and fills from before the latest implant never count; a prescription that is still
    active does. Visits and recovery plans have windows of their own.
    """
    implant = implanted_on(record)
    if implant is None:
        return record
    start = implant.when.first
    doses = tuple(
        stated
        for stated in record.dose_statements
        if stated.source is DoseSource.PRESCRIPTION or stated.when.last >= start
    )
    return replace(
        record,
        fills=_since(start, record.fills),
        dose_statements=doses,
        concentrations=_since(start, record.concentrations),
        other_drugs=tuple(found for found in record.other_drugs if found.when.last >= start),
        fill_volumes=_since(start, record.fill_volumes),
        residuals_aspirated=_since(start, record.residuals_aspirated),
        residuals_expected=_since(start, record.residuals_expected),
        bridge_boluses=_since(start, record.bridge_boluses),
        complications=tuple(
            found for found in record.complications if found.when is None or found.when.last > start
        ),
        capacities=_since(start, record.capacities),
        alarm_volumes=_since(start, record.alarm_volumes),
        reported_alarm_dates=_since(start, record.reported_alarm_dates),
        months_to_eri=_since(start, record.months_to_eri),
        eri_dates=_since(start, record.eri_dates),
        eos_dates=_since(start, record.eos_dates),
        events=tuple(event for event in record.events if not _is_before(event.when, implant.when)),
        alarms=_since(start, record.alarms),
        minor_alarms=_since(start, record.minor_alarms),
        signs=tuple(found for found in record.signs if found.when.last >= start),
        temperatures=_since(start, record.temperatures),
    )


def _since(start: date, entries: tuple[_Dated, ...]) -> tuple[_Dated, ...]:
    return tuple(entry for entry in entries if entry.when.last >= start)


def _is_before(event: When, implant: When) -> bool:
    """By the moment where both tell one, else by the day: of one day it can have been after."""
    if event.instant is not None and implant.instant is not None:
        return event.instant < implant.instant
    return event.last < implant.first


def _latest(record: TherapyRecord, *kinds: SurgeryKind) -> Surgery | None:
    found = [surgery for surgery in record.surgeries if surgery.kind in kinds]
    return max(found, key=lambda surgery: (surgery.when.first, surgery.when.last), default=None)
