"""Which drug the pump holds: text on baclofen is right only for a pump with baclofen."""

from collections.abc import Iterator
from datetime import date

from cds_service.therapy import visits
from cds_service.therapy.calendar import When
from cds_service.therapy.cycle import Thresholds
from cds_service.therapy.fact import Fact, absent, known, seen
from cds_service.therapy.implants import pump_in_place
from cds_service.therapy.record import (
    Alarm,
    DoseSource,
    Evidence,
    Fill,
    OtherDrug,
    Reading,
    TherapyRecord,
    VisitKind,
)

NamedFacts = Iterator[tuple[str, Fact]]


def pump_drug_facts(record: TherapyRecord, thresholds: Thresholds, today: date) -> NamedFacts:
    """The facts `pump.drug`, `pump.holdsOtherDrug` and `otherDrug.*`."""
    other, fill = other_drug(record), _last_fill(record)
    yield from _drug_facts(record, other, fill)
    yield from _stop_facts(other, fill, thresholds, today)
    yield from _other_alarm_facts(record, other, today)


def other_drug(record: TherapyRecord) -> OtherDrug | None:
    """What the pump holds instead of baclofen; None when it holds baclofen, or nothing is known.

    The newest filling decides, on one day the baclofen; a prescription only without any baclofen.
    """
    fill = _last_fill(record)
    fillings = [found for found in record.other_drugs if found.is_filling]
    newest = max(fillings, key=_order, default=None)
    if newest is not None:
        return newest if fill is None or newest.when.first > fill.when.last else None
    if fill is not None or _has_baclofen_prescription(record):
        return None
    return max(record.other_drugs, key=_order, default=None)


def _order(found: OtherDrug) -> tuple[date, str]:
    return found.when.first, found.evidence.reference


def _last_fill(record: TherapyRecord) -> Fill | None:
    """The newest fill that names baclofen; a refill procedure alone does not say the drug."""
    named = [fill for fill in record.fills if fill.names_drug]
    return max(named, key=lambda fill: fill.when.first, default=None)


def _has_baclofen_prescription(record: TherapyRecord) -> bool:
    return any(stated.source is DoseSource.PRESCRIPTION for stated in record.dose_statements)


def _drug_facts(record: TherapyRecord, other: OtherDrug | None, fill: Fill | None) -> NamedFacts:
    is_other = other is not None and pump_in_place(record)
    proofs = (other.evidence,) if other else ()
    yield "pump.holdsOtherDrug", known(is_other, *proofs)
    if other is not None:
        yield "pump.drug", known(other.name, other.evidence)
    elif fill is not None:
        name = f"baclofen with {fill.also_holds}" if fill.also_holds else "baclofen"
        yield "pump.drug", known(name, fill.evidence)
    else:
        yield "pump.drug", absent("no filling that names the drug is recorded")
    yield "pump.mixedWith", known(fill.also_holds if fill and other is None else "")


def _stop_facts(
    other: OtherDrug | None, fill: Fill | None, thresholds: Thresholds, today: date
) -> NamedFacts:
    names = ("daysSinceReplaced", "replacedDate", "lastBaclofenDate")
    if other is None or fill is None:
        yield "otherDrug.replacedBaclofen", known(False)
        yield "otherDrug.noBaclofenLeft", known(other is not None)
        for name in names:
            yield f"otherDrug.{name}", absent("no baclofen was replaced in the pump")
        return
    on, proofs = other.when.capped(today).last, (other.evidence, fill.evidence)
    yield "otherDrug.replacedBaclofen", known(True, *proofs)
    is_over = (today - on).days > thresholds["stoppedWatchDays"]
    yield "otherDrug.noBaclofenLeft", known(is_over, *proofs)
    yield "otherDrug.daysSinceReplaced", known((today - on).days, *proofs)
    yield "otherDrug.replacedDate", known(on, *proofs)
    yield "otherDrug.lastBaclofenDate", known(fill.when.first, fill.evidence)


def _other_alarm_facts(record: TherapyRecord, other: OtherDrug | None, today: date) -> NamedFacts:
    """The alarm date that the pump reported since it was filled; no other date can be given."""
    reported = _reported(record, other)
    yield "otherDrug.alarmKnown", seen(record.unread, "observations", reported is not None)
    heard = _alarms_heard(record, other)
    yield "otherDrug.reservoirAlarm", seen(record.unread, "observations", bool(heard), *heard)
    booking = visits.booked(record.visits, VisitKind.REFILL, today)
    proofs = (booking.evidence,) if booking else ()
    yield "otherDrug.booked", known(booking is not None, *proofs)
    no_visit = absent("no refill visit is booked")
    yield "otherDrug.bookedDate", known(booking.when.first, *proofs) if booking else no_visit
    if reported is None or reported.value is None:
        for name in ("alarmDate", "daysToAlarm", "bookedDaysAfterAlarm"):
            yield f"otherDrug.{name}", absent("the pump's alarm date is not recorded")
        return
    alarm, proof = reported.value.first, reported.evidence
    yield "otherDrug.alarmDate", known(alarm, proof)
    yield "otherDrug.daysToAlarm", known((alarm - today).days, proof)
    late = known((booking.when.first - alarm).days, proof, *proofs) if booking else no_visit
    yield "otherDrug.bookedDaysAfterAlarm", late


def _alarms_heard(record: TherapyRecord, other: OtherDrug | None) -> list[Evidence]:
    if other is None:
        return []
    return [
        found.evidence
        for found in record.alarms
        if found.value in (Alarm.LOW_RESERVOIR, Alarm.EMPTY_RESERVOIR)
        and found.when.first > other.when.last
    ]


def _reported(record: TherapyRecord, other: OtherDrug | None) -> Reading[When] | None:
    if other is None:
        return None
    since = other.when.first if other.is_filling else date.min
    told = [
        found
        for found in record.reported_alarm_dates
        if found.value is not None and found.when.last >= since
    ]
    return max(told, key=lambda found: (found.when.first, found.evidence.reference), default=None)
