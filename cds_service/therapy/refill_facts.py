"""The facts `refill.*`: the last fill, the dates of the next one, and visits against them."""

from collections.abc import Iterator
from datetime import date

from cds_service.therapy import visits
from cds_service.therapy.calendar import When, add_days, add_months
from cds_service.therapy.cycle import Cycle, Thresholds
from cds_service.therapy.fact import Fact, absent, known, unknown
from cds_service.therapy.record import Alarm, Evidence, TherapyRecord, Visit, VisitKind
from cds_service.therapy.refill import Depletion, RefillStatus, alarms_since_fill

NamedFacts = Iterator[tuple[str, Fact]]
_NO_FILL = "no refill is recorded"
_NO_DATE = "the alarm date is neither computable nor reported"


def refill_facts(
    record: TherapyRecord, status: RefillStatus, thresholds: Thresholds, today: date
) -> NamedFacts:
    """Every `refill.*` fact."""
    yield from _fill_facts(record, status, today)
    yield from _depletion_facts(status, thresholds, today)
    yield from _alarm_facts(record, status)
    yield from _visit_facts(record, status, thresholds, today)
    yield from _interval_facts(record, status, thresholds, today)


def _fill_facts(record: TherapyRecord, status: RefillStatus, today: date) -> NamedFacts:
    cycle = status.cycle
    filled_today = cycle is not None and cycle.fill.when.first == cycle.fill.when.last == today
    yield "refill.fillKnown", known(cycle is not None)
    yield "refill.filledToday", known(filled_today)
    yield "refill.fillAssumed", known(cycle is not None and cycle.is_assumed)
    aside = _set_aside(record, status)
    yield "refill.assumptions", known(" ".join([*_assumptions(record, status), *aside]))
    unread = "medicationAdministrations" in record.unread
    yield "refill.administrationsUnread", known(unread)
    if cycle is None:
        for name in ("fillDate", "daysSinceFill", "volumeFilled", "concentration", "dailyDose"):
            yield f"refill.{name}", unknown(_NO_FILL)
        yield "refill.missing", known("a record of the last refill")
        return
    evidence = cycle.fill.evidence
    yield "refill.fillDate", known(cycle.fill.when.first, evidence)
    yield "refill.daysSinceFill", known((today - cycle.fill.when.first).days, evidence)
    yield "refill.missing", known(", ".join(cycle.missing))
    told = {
        "volumeFilled": (cycle.filling.volume if cycle.filling else None, "volume filled"),
        "concentration": (cycle.concentration, "drug concentration"),
        "dailyDose": (cycle.dose_now, "daily dose"),
    }
    for name, (value, words) in told.items():
        because = f"the {words} is not recorded or was refused"
        if words not in cycle.missing:
            because = f"not used: {', '.join(cycle.missing)} missing"
        yield f"refill.{name}", known(str(value), *cycle.evidence) if value else unknown(because)


def _set_aside(record: TherapyRecord, status: RefillStatus) -> list[str]:
    """Newer refill records that were not used, so that nobody takes them for a fill."""
    fill = status.cycle.fill.when if status.cycle else None
    return [
        f"A newer record is not used: {found.says}, {found.when}."
        for found in record.fills_set_aside
        if found.when and (fill is None or found.when.first >= fill.first)
    ]


def _assumptions(record: TherapyRecord, status: RefillStatus) -> list[str]:
    cycle = status.cycle
    notes = list(cycle.assumptions) if cycle else []
    if cycle and cycle.fill.also_holds:
        notes.append(f"The pump also holds {cycle.fill.also_holds}.")
    if cycle and cycle.is_assumed:
        notes.insert(
            0, "No refill is recorded: the pump is assumed to have been filled at surgery."
        )
    if "appointments" in record.unread:
        notes.append("Bookings could not be read and count as none.")
    if cycle and not cycle.fill.when.is_day:
        notes.append(f"The fill is dated {cycle.fill.when} only: its first day is used.")
    if status.depletion and status.depletion.reserve and status.alarm_volume.is_assumed:
        notes.append(f"The alarm volume is not recorded: {status.alarm_volume.volume} is assumed.")
    return notes


def _depletion_facts(status: RefillStatus, thresholds: Thresholds, today: date) -> NamedFacts:
    depletion = status.depletion
    yield "refill.alarmDateKnown", known(depletion is not None)
    yield "refill.isComputed", known(depletion is not None and depletion.is_computed)
    why = _why_no_date(status.cycle)
    if depletion is None:
        for name in ("alarmDate", "daysToAlarm", "daysToAlarmAtLatest", "formula"):
            yield f"refill.{name}", unknown(why)
        for name in ("targetDate", "daysToTarget", "daysToTargetAtLatest"):
            yield f"refill.{name}", unknown(why)
    else:
        alarm, evidence = depletion.alarm, depletion.evidence
        target = _target(status.cycle, alarm, thresholds, today)
        yield "refill.alarmDate", known(alarm.first, *evidence, basis=depletion.basis)
        yield "refill.daysToAlarm", known((alarm.first - today).days, *evidence)
        yield "refill.daysToAlarmAtLatest", known((alarm.last - today).days, *evidence)
        yield "refill.targetDate", known(target.first, *evidence)
        yield "refill.daysToTarget", known((target.first - today).days, *evidence)
        yield "refill.daysToTargetAtLatest", known((target.last - today).days, *evidence)
        yield "refill.formula", known(depletion.basis, *evidence)
    yield from _empty_facts(depletion, why, today)


def _empty_facts(depletion: Depletion | None, why: str, today: date) -> NamedFacts:
    empty = depletion.empty if depletion else None
    yield "refill.emptyDateKnown", known(empty is not None)
    if depletion is None or empty is None:
        for name in ("emptyDate", "daysToEmpty", "daysToEmptyAtLatest"):
            yield f"refill.{name}", unknown(why)
    else:
        evidence = depletion.evidence
        yield "refill.emptyDate", known(empty.first, *evidence)
        yield "refill.daysToEmpty", known((empty.first - today).days, *evidence)
        yield "refill.daysToEmptyAtLatest", known((empty.last - today).days, *evidence)
    if depletion is None or depletion.reserve is None:
        yield "refill.reserveDays", unknown(why)
    else:
        yield "refill.reserveDays", known(depletion.reserve.decimal, *depletion.evidence)


def _why_no_date(cycle: Cycle | None) -> str:
    if cycle is None:
        return _NO_FILL
    if cycle.missing:
        return f"not recorded or refused: {', '.join(cycle.missing)}"
    return _NO_DATE


def _target(cycle: Cycle | None, alarm: When, thresholds: Thresholds, today: date) -> When:
    """The earlier of the alarm less its lead and the longest time the drug stays in the pump."""
    lead, longest = int(thresholds["refillLeadDays"]), int(thresholds["longestRefillDays"])
    first, last = add_days(alarm.first, -lead), add_days(alarm.last, -lead)
    if cycle is not None:
        fill = cycle.fill.when.capped(today)
        first = min(first, add_days(fill.first, longest))
        last = min(last, add_days(fill.last, longest))
    return When(first, last)


def _alarm_facts(record: TherapyRecord, status: RefillStatus) -> NamedFacts:
    newest: When | None = None
    evidence: list[Evidence] = []
    for alarm, name in (
        (Alarm.EMPTY_RESERVOIR, "emptyReservoirAlarm"),
        (Alarm.LOW_RESERVOIR, "lowReservoirAlarm"),
    ):
        found = alarms_since_fill(record, status.cycle, alarm)
        yield f"refill.{name}", known(bool(found), *(reading.evidence for reading in found))
        if found and (newest is None or found[0].when.first > newest.first):
            newest = found[0].when
        evidence.extend(reading.evidence for reading in found)
    if newest is None:
        yield "refill.pumpAlarmDate", absent("no reservoir alarm since the last fill is recorded")
    else:
        yield "refill.pumpAlarmDate", known(newest.first, *evidence)


def _visit_facts(
    record: TherapyRecord, status: RefillStatus, thresholds: Thresholds, today: date
) -> NamedFacts:
    booking = visits.booked(record.visits, VisitKind.REFILL, today)
    yield "refill.booked", known(booking is not None, *_of(booking))
    request = visits.requested(record.visits, VisitKind.REFILL)
    yield "refill.requested", known(request is not None, *_of(request))
    yield from _booking_facts(booking, status, thresholds, today)
    earliest = add_days(today, -int(thresholds["missedVisitDays"]))
    fill_day = status.cycle.fill.when.first if status.cycle else None
    gone = visits.missed(record.visits, VisitKind.REFILL, fill_day, earliest, today)
    is_missed = gone is not None and booking is None
    yield "refill.visitMissed", known(is_missed, *_of(gone))
    yield (
        "refill.missedVisitDate",
        known(gone.when.first, gone.evidence)
        if gone and is_missed
        else absent("no visit was missed"),
    )


def _booking_facts(
    booking: Visit | None, status: RefillStatus, thresholds: Thresholds, today: date
) -> NamedFacts:
    names = ("bookedDaysAfterAlarm", "bookedDaysAfterAlarmAtLatest", "bookedDaysAfterTarget")
    if booking is None:
        for name in ("bookedDate", *names):
            yield f"refill.{name}", absent("no refill visit is booked")
        return
    yield "refill.bookedDate", known(booking.when.first, booking.evidence)
    if status.depletion is None:
        for name in names:
            yield f"refill.{name}", unknown(_NO_DATE)
        return
    alarm = status.depletion.alarm
    target = _target(status.cycle, alarm, thresholds, today)
    for name, other in zip(names, (alarm.first, alarm.last, target.first), strict=True):
        yield f"refill.{name}", known((booking.when.first - other).days, booking.evidence)


def _interval_facts(
    record: TherapyRecord, status: RefillStatus, thresholds: Thresholds, today: date
) -> NamedFacts:
    names = (
        "daysPastShortestInterval",
        "daysPastLongestInterval",
        "daysPastLongestIntervalAtLatest",
    )
    if status.cycle is None:
        for name in (*names, "longestIntervalDate", "bookedWithinLongestInterval"):
            yield f"refill.{name}", unknown(_NO_FILL)
        return
    fill = status.cycle.fill.when.capped(today)
    shortest = int(thresholds["shortestIntervalMonths"])
    longest = int(thresholds["longestIntervalMonths"])
    ends = (
        add_months(fill.first, shortest),
        add_months(fill.first, longest),
        add_months(fill.last, longest),
    )
    evidence = status.cycle.fill.evidence
    for name, end in zip(names, ends, strict=True):
        yield f"refill.{name}", known((today - end).days, evidence)
    yield "refill.longestIntervalDate", known(ends[1], evidence)
    booking = visits.booked(record.visits, VisitKind.REFILL, today)
    in_time = booking is not None and booking.when.first <= ends[1]
    yield "refill.bookedWithinLongestInterval", known(in_time, *_of(booking))


def _of(visit: Visit | None) -> tuple[Evidence, ...]:
    return (visit.evidence,) if visit else ()
