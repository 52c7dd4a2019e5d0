"""When the reservoir must be refilled: alarm, target and empty dates, and visits against them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from cds_service.therapy import visits
from cds_service.therapy.calendar import When, add_days, add_months, day, day_text
from cds_service.therapy.cycle import AlarmVolume, Cycle, Thresholds, refill_history
from cds_service.therapy.dosing import DoseEntry
from cds_service.therapy.fact import Fact, absent, known, unknown
from cds_service.therapy.quantities import Days, Millilitres
from cds_service.therapy.record import (
    Alarm,
    DataIssue,
    Evidence,
    Reading,
    TherapyRecord,
    Visit,
    VisitKind,
)
from cds_service.therapy.reservoir import EMPTY, Filling, formula, reaches, reserve

NamedFacts = Iterator[tuple[str, Fact]]
_NO_FILL = "no refill is recorded"
_NO_DATE = "the alarm date is neither computable nor reported"


@dataclass(frozen=True, slots=True)
class Depletion:
    """The dates that rule the next refill, as intervals where the fill date is one."""

    alarm: When
    empty: When | None
    reserve: Days | None
    is_computed: bool
    evidence: tuple[Evidence, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class RefillStatus:
    """The running cycle and its depletion; `depletion` None when no date can be given.

    `doses` are all daily doses stated for the present pump, oldest first.
    """

    cycle: Cycle | None
    depletion: Depletion | None
    alarm_volume: AlarmVolume
    conflicts: tuple[DataIssue, ...]
    doses: tuple[DoseEntry, ...] = ()


def refill_status(record: TherapyRecord, thresholds: Thresholds, today: date) -> RefillStatus:
    """Where the reservoir stands; `record` holds only what belongs to the present pump."""
    history = refill_history(record, thresholds, today)
    cycle, alarm_volume = history.cycle, history.alarm_volume
    computed = _computed(cycle, alarm_volume)
    reported = _reported(record, cycle, history.dosing.last_change)
    conflicts = list(history.conflicts)
    if reported and reported.value and computed:
        gap = abs((reported.value.first - computed.alarm.first).days)
        if gap > thresholds["alarmConflictDays"]:
            conflicts.append(_disagreement(reported, computed))
    depletion = computed
    if reported is not None:
        depletion = _earlier(computed, _from_report(reported, cycle, alarm_volume))
    return RefillStatus(cycle, depletion, alarm_volume, tuple(conflicts), history.dosing.entries)


def refill_facts(
    record: TherapyRecord, status: RefillStatus, thresholds: Thresholds, today: date
) -> NamedFacts:
    """Every `refill.*` fact."""
    yield from _fill_facts(record, status, today)
    yield from _depletion_facts(status, thresholds, today)
    yield from _alarm_facts(record, status)
    yield from _visit_facts(record, status, thresholds, today)
    yield from _interval_facts(record, status, thresholds, today)


def _computed(cycle: Cycle | None, alarm_volume: AlarmVolume) -> Depletion | None:
    if cycle is None or cycle.filling is None or cycle.latest_filling is None:
        return None
    volume = alarm_volume.volume
    alarm = _reached(cycle, cycle.filling, cycle.latest_filling, volume)
    if alarm is None:
        return None
    empty = _reached(cycle, cycle.filling, cycle.latest_filling, EMPTY)
    return Depletion(
        alarm=alarm,
        empty=empty,
        reserve=_reserve(cycle, alarm_volume),
        is_computed=True,
        evidence=cycle.evidence + ((alarm_volume.evidence,) if alarm_volume.evidence else ()),
        basis=formula(cycle.filling, volume, alarm.first, empty.first if empty else None),
    )


def _reached(cycle: Cycle, filling: Filling, latest: Filling, level: Millilitres) -> When | None:
    """The day of a level; None where it lies behind a dose that is not known."""
    first = reaches(filling, level)
    last = first if latest == filling else reaches(latest, level)
    if cycle.known_until is not None and last > cycle.known_until:
        return None
    return When(first, last)


def _reported(
    record: TherapyRecord, cycle: Cycle | None, last_change: date | None
) -> Reading[When] | None:
    """The newest alarm date the pump reported on or after both the last fill and dose change."""
    fill_day = cycle.fill.when.first if cycle else None
    since = max((found for found in (fill_day, last_change) if found), default=date.min)
    valid = [
        found
        for found in record.reported_alarm_dates
        if found.value is not None and found.when.last >= since
    ]
    newest = max((found.when.first for found in valid), default=None)
    return min(
        (found for found in valid if found.when.first == newest),
        key=lambda found: found.value.first if found.value else date.max,
        default=None,
    )


def _earlier(computed: Depletion | None, reported: Depletion) -> Depletion:
    """The earlier alarm rules, on the first day a partial date can mean and on the last."""
    if computed is None:
        return reported
    on_first = min(computed, reported, key=lambda found: found.alarm.first)
    on_last = min(computed, reported, key=lambda found: found.alarm.last)
    empty = None
    if on_first.empty and on_last.empty:
        empty = When(on_first.empty.first, on_last.empty.last)
    return replace(on_first, alarm=When(on_first.alarm.first, on_last.alarm.last), empty=empty)


def _from_report(
    reported: Reading[When], cycle: Cycle | None, alarm_volume: AlarmVolume
) -> Depletion:
    """The pump's own date; the empty date follows when concentration and dose are known."""
    alarm = reported.value or day(date.max)
    left = _reserve(cycle, alarm_volume) if cycle else None
    empty = None
    if left is not None:
        empty = When(add_days(alarm.first, left.whole), add_days(alarm.last, left.whole))
    return Depletion(
        alarm=alarm,
        empty=empty,
        reserve=left,
        is_computed=False,
        evidence=(reported.evidence, *(cycle.evidence if cycle else ())),
        basis=f"alarm date {alarm} reported by the pump on {reported.when}"
        + _then_empty(left, empty),
    )


def _then_empty(left: Days | None, empty: When | None) -> str:
    if left is None or empty is None:
        return ""
    return f"; empty {left.whole} days later, {empty}: alarm volume × concentration ÷ daily dose"


def _reserve(cycle: Cycle, alarm_volume: AlarmVolume) -> Days | None:
    if cycle.concentration is None or cycle.dose_now is None:
        return None
    return reserve(alarm_volume.volume, cycle.concentration, cycle.dose_now)


def _disagreement(reported: Reading[When], computed: Depletion) -> DataIssue:
    alarm = reported.value.first if reported.value else date.max
    days = abs((alarm - computed.alarm.first).days)
    return DataIssue(
        "observations",
        reported.evidence.reference,
        f"the pump reported the low-reservoir alarm for {day_text(alarm)} (on {reported.when}), "
        f"calculated is {computed.alarm}: {days} days apart; the earlier date is used",
    )


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


def alarms_since_fill(
    record: TherapyRecord, cycle: Cycle | None, alarm: Alarm
) -> list[Reading[Alarm]]:
    """Alarms of one kind after the last fill, newest first: the fill answers those before it."""
    found = [
        reading
        for reading in record.alarms
        if reading.value is alarm and (cycle is None or reading.when.is_after(cycle.fill.when))
    ]
    return sorted(found, key=lambda reading: reading.when.first, reverse=True)


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
