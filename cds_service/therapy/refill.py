"""When the reservoir runs down: the running cycle, its alarm and empty dates."""

from dataclasses import dataclass, replace
from datetime import date

from cds_service.therapy.calendar import When, add_days, day, day_text
from cds_service.therapy.cycle import AlarmVolume, Cycle, Thresholds, refill_history
from cds_service.therapy.dosing import DoseEntry, Timeline
from cds_service.therapy.quantities import Days, Millilitres
from cds_service.therapy.record import (
    Alarm,
    DataIssue,
    Evidence,
    Reading,
    TherapyRecord,
)
from cds_service.therapy.reservoir import EMPTY, Filling, formula, reaches, reserve


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
    """The running cycle and its depletion; `depletion` None when no date can be given."""

    cycle: Cycle | None
    dosing: Timeline
    depletion: Depletion | None
    alarm_volume: AlarmVolume
    conflicts: tuple[DataIssue, ...]

    @property
    def doses(self) -> tuple[DoseEntry, ...]:
        """All daily doses stated for the present pump, oldest first."""
        return self.dosing.entries


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
    return RefillStatus(cycle, history.dosing, depletion, alarm_volume, tuple(conflicts))


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
