"""The refill ladder worked with fractions and the calendar; the service never uses it."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from math import floor

from tests.oracle.calendar_days import add_months
from tests.oracle.expected import Expected, of_topic
from tests.oracle.pump_record import (
    DoseStatement,
    Fill,
    PumpAlarm,
    ReportedAlarm,
    Visit,
    earliest_booked,
)

EMPTY, OVERDUE, DUE = "itbReservoirEmpty", "itbRefillOverdue", "itbRefillDue"
UPCOMING, UNKNOWN = "itbRefillUpcoming", "itbRefillUnknown"
LEAD, LONGEST_CYCLE, AHEAD = timedelta(days=7), timedelta(days=180), timedelta(days=30)
LATE_BOOKING, MISSED_FOR = timedelta(days=14), timedelta(days=30)
CONFLICT_AFTER = timedelta(days=7)
ASSUMED_ALARM_VOLUME_ML, SHORT_RESERVE_DAYS, INTERVAL_DAYS = Fraction(2), 3, 150
SOURCE_RANK = {"request": 0, "administration": 1, "observation": 2}


@dataclass(frozen=True)
class RefillRecord:
    """All that bears on the refill ladder; implant is the latest implant or replacement."""

    today: date
    fills: tuple[Fill, ...] = ()
    doses: tuple[DoseStatement, ...] = ()
    alarm_volume_ml: Fraction | None = None
    reported: tuple[ReportedAlarm, ...] = ()
    alarms: tuple[PumpAlarm, ...] = ()
    visits: tuple[Visit, ...] = ()
    implant: date | None = None
    capacity_ml: Fraction | None = None


@dataclass(frozen=True)
class Cycle:
    """The dates of one cycle; empty and reserve are None when only the pump's report is known.

    `is_computed`: the volume filled is known, too.
    """

    alarm: date
    empty: date | None
    target: date
    reserve_days: Fraction | None
    conflict: bool
    is_computed: bool = True


def refill_expected(record: RefillRecord) -> Expected:
    """The refill topic of this record, by section 9 of the design."""
    fills = fills_in_force(record)
    if fills:
        answer = _after_fill(record, fills)
        return replace(answer, data_conflict=_or(answer.data_conflict, _fill_conflict(record)))
    implant = record.implant
    if implant and record.today <= add_months(implant, 6):
        answer = _after_fill(record, [Fill(implant, implant)])
    else:
        answer = _without_fill(record)
    return replace(answer, data_conflict=_or(answer.data_conflict, _is_dose_refused(record)))


def fills_in_force(record: RefillRecord) -> list[Fill]:
    """The fills of the latest filling day since the implant; empty if there is none."""
    counted = [f for f in record.fills if f.first <= record.today]
    if record.implant:
        counted = [f for f in counted if f.first >= record.implant]
    newest = max((f.first for f in counted), default=None)
    return [f for f in counted if f.first == newest]


def volume_ml(fill: Fill) -> Fraction | None:
    """The smaller of the stated volumes; None if none is stated."""
    stated = [ml for ml in (fill.dose_ml, fill.observed_ml) if ml is not None]
    return min(stated, default=None)


def doses_in_force(record: RefillRecord, start: date) -> list[tuple[date, Fraction]] | None:
    """Each dose with its first day, from `start` on, changes only.

    None if no dose is known. A first statement dated after the start covers back to the start.
    From a refused newest statement on (`refused_from`) the series says nothing.
    """
    by_day = _stated_by_day(record)
    refused = refused_from(record)
    if refused is not None:
        by_day = {day: stated for day, stated in by_day.items() if day < refused}
    if not by_day or (refused is not None and refused <= start):
        return None
    series: list[tuple[date, Fraction]] = []
    for day, stated in sorted(by_day.items()):
        dose = stated.mcg_per_day
        if dose is None or (series and series[-1][1] == dose):
            continue
        if day <= start or not series:
            series = [(start, dose)]
        else:
            series.append((day, dose))
    return series


def refused_from(record: RefillRecord) -> date | None:
    """The day from which the dose is unknown, because all statements from it on are refused."""
    refused = None
    for day, stated in sorted(_stated_by_day(record).items(), reverse=True):
        if stated.mcg_per_day is not None:
            break
        refused = day
    return refused


def _stated_by_day(record: RefillRecord) -> dict[date, DoseStatement]:
    by_day: dict[date, DoseStatement] = {}
    for stated in sorted(record.doses, key=lambda d: (d.day, SOURCE_RANK[d.source])):
        if stated.day <= record.today and (not record.implant or stated.day >= record.implant):
            by_day[stated.day] = stated
    return by_day


def reaches(
    fill_ml: Fraction,
    level_ml: Fraction,
    concentration: Fraction,
    doses: list[tuple[date, Fraction]],
) -> date:
    """The day on which the reservoir reaches `level_ml`, floored to whole days."""
    above = fill_ml - level_ml
    for (day, dose), following in zip(doses, [*doses[1:], None], strict=True):
        reached = day + timedelta(days=floor(above * concentration / dose))
        if following is None or reached < following[0]:
            return reached
        above -= (following[0] - day).days * dose / concentration
    raise AssertionError("the last dose has no end")


def cycle_from(record: RefillRecord, fills: list[Fill], start: date) -> Cycle | None:
    """The cycle that began on `start`; None if nothing can be computed and nothing is reported."""
    doses = doses_in_force(record, start)
    computed = _computed(record, fills, start, doses)
    reported = _reported(record, doses[-1][0] if doses else start, start)
    cap = start + LONGEST_CYCLE
    if computed is None:
        if reported is None:
            return None
        # Without the volume filled the pump's date rules; what the alarm volume lasts is known.
        left = _reserve(record, fills, doses)
        empty = None if left is None else reported + timedelta(days=floor(left))
        return Cycle(reported, empty, min(reported - LEAD, cap), left, False, is_computed=False)
    if reported is None:
        return computed
    conflict = abs(reported - computed.alarm) > CONFLICT_AFTER
    if reported >= computed.alarm or computed.reserve_days is None:
        return replace(computed, conflict=conflict)
    empty = reported + timedelta(days=floor(computed.reserve_days))
    return Cycle(reported, empty, min(reported - LEAD, cap), computed.reserve_days, conflict)


def _computed(
    record: RefillRecord,
    fills: list[Fill],
    start: date,
    doses: list[tuple[date, Fraction]] | None,
) -> Cycle | None:
    level = record.alarm_volume_ml or ASSUMED_ALARM_VOLUME_ML
    known_to = refused_from(record) or date.max
    cycles = []
    for fill in fills:
        filled, strength = volume_ml(fill), fill.concentration or last_known(record, fill)
        if filled is None or strength is None or not doses:
            continue
        alarm = reaches(filled, level, strength, doses)
        if alarm > known_to:
            continue
        empty: date | None = reaches(filled, Fraction(0), strength, doses)
        if empty is not None and empty > known_to:
            empty = None
        reserve = level * strength / doses[-1][1] if known_to == date.max else None
        target = min(alarm - LEAD, start + LONGEST_CYCLE)
        cycles.append(Cycle(alarm, empty, target, reserve, False))
    return min(cycles, key=lambda cycle: cycle.alarm, default=None)


def _reserve(
    record: RefillRecord, fills: list[Fill], doses: list[tuple[date, Fraction]] | None
) -> Fraction | None:
    """How many days the alarm volume lasts; None where the fills of the day differ in strength."""
    strengths = {fill.concentration or last_known(record, fill) for fill in fills}
    (strength,) = strengths if len(strengths) == 1 else (None,)
    if strength is None or not doses or refused_from(record):
        return None
    return (record.alarm_volume_ml or ASSUMED_ALARM_VOLUME_ML) * strength / doses[-1][1]


def last_known(record: RefillRecord, fill: Fill) -> Fraction | None:
    """The concentration of the last fill before this one that states it; None if two differ."""
    earlier = [f for f in record.fills if f.concentration and f.last < fill.first]
    if record.implant:
        earlier = [f for f in earlier if f.last >= record.implant]
    newest = max((f.last for f in earlier), default=None)
    told = {f.concentration for f in earlier if f.last == newest}
    return told.pop() if len(told) == 1 else None


def _reported(record: RefillRecord, last_change: date, start: date | None) -> date | None:
    usable = [r for r in record.reported if last_change <= r.recorded <= record.today]
    usable = [r for r in usable if start is None or r.recorded >= start]
    if record.implant:
        usable = [r for r in usable if record.implant <= r.recorded]
    return max(usable, key=lambda r: r.recorded).alarm if usable else None


def _after_fill(record: RefillRecord, fills: list[Fill]) -> Expected:
    today, first = record.today, fills[0].first
    last = min(fills[0].last, today)
    if first == last == today:
        return Expected()
    early, late = cycle_from(record, fills, first), cycle_from(record, fills, last)
    kinds = {a.kind for a in record.alarms if _is_since(a, fills[0])}
    booked = earliest_booked(record.visits, "refill-visit", today)
    missed = booked is None and is_missed(record, last)
    if early is None or late is None:
        return _by_interval(today, (first, last), kinds, booked, missed)
    topic = climb(today, (early, late), kinds, booked, missed)
    gap: bool | None = False if early.empty is not None and early.is_computed else None
    conflict = early.conflict if early.conflict == late.conflict else None
    return replace(of_topic(topic, gap), data_conflict=conflict)


def climb(
    today: date, cycles: tuple[Cycle, Cycle], kinds: set[str], booked: date | None, missed: bool
) -> str | None:
    """The topic by the six rungs; a critical needs the later cycle to meet it too."""
    early, late = cycles
    if "empty-reservoir" in kinds or (late.empty is not None and today >= late.empty):
        return EMPTY
    if "low-reservoir" in kinds or today >= late.alarm:
        return OVERDUE
    topic = _below_critical(today, early, booked, missed)
    in_time = booked is not None and booked < early.alarm
    short = early.reserve_days is not None and early.reserve_days < SHORT_RESERVE_DAYS
    if topic == DUE and short and not in_time:
        in_time_late = booked is not None and booked < late.alarm
        due_late = _below_critical(today, late, booked, missed) == DUE
        return OVERDUE if due_late and not in_time_late else DUE
    return DUE if topic and short and not in_time else topic


def _below_critical(today: date, cycle: Cycle, booked: date | None, missed: bool) -> str | None:
    if booked and booked >= cycle.alarm:
        return DUE
    if today >= cycle.target:
        return UPCOMING if booked and booked <= cycle.target + LATE_BOOKING else DUE
    if missed:
        return DUE
    if cycle.target - today <= AHEAD and (booked is None or booked > cycle.target):
        return UPCOMING
    return None


def _by_interval(
    today: date, fill: tuple[date, date], kinds: set[str], booked: date | None, missed: bool
) -> Expected:
    first, last = fill
    if "empty-reservoir" in kinds:
        return of_topic(EMPTY, None)
    if "low-reservoir" in kinds or today > add_months(last, 6):
        return of_topic(OVERDUE, None)
    if booked and booked <= add_months(first, 6):
        return Expected()
    if missed or (today - first).days > INTERVAL_DAYS:
        return of_topic(DUE, None)
    return of_topic(None, could_not_check=today >= add_months(first, 1))


def reported_without_fill(record: RefillRecord) -> date | None:
    """The alarm date that the pump reported, where no fill is on record."""
    doses = doses_in_force(record, record.implant or date.min)
    change = doses[-1][0] if doses and len(doses) > 1 else date.min
    return _reported(record, change, record.implant)


def reservoir_alarms(record: RefillRecord) -> set[str]:
    """The kinds of alarm since the last fill, else since the implant."""
    fills = fills_in_force(record)
    if fills:
        return {a.kind for a in record.alarms if _is_since(a, fills[0])}
    return {a.kind for a in record.alarms if not record.implant or a.day > record.implant}


def _without_fill(record: RefillRecord) -> Expected:
    kinds = reservoir_alarms(record)
    reported = reported_without_fill(record)
    if reported is not None:
        booked = earliest_booked(record.visits, "refill-visit", record.today)
        cycle = Cycle(reported, None, reported - LEAD, None, False)
        return of_topic(climb(record.today, (cycle, cycle), kinds, booked, False), None)
    if "empty-reservoir" in kinds:
        return of_topic(EMPTY, None)
    return of_topic(OVERDUE if "low-reservoir" in kinds else UNKNOWN, None)


def _is_since(alarm: PumpAlarm, fill: Fill) -> bool:
    if alarm.day == fill.first == fill.last and alarm.hour is not None and fill.hour is not None:
        return alarm.hour > fill.hour
    return alarm.day > fill.last


def is_missed(record: RefillRecord, last_fill: date) -> bool:
    """Whether a refill visit after that day was missed or cancelled in the last 30 days."""
    visits = [v for v in record.visits if v.kind == "refill-visit" and v.day > last_fill]
    recent = [v for v in visits if record.today - v.day <= MISSED_FOR]
    return any(
        v.status in ("noshow", "cancelled") or (v.status == "booked" and v.day < record.today)
        for v in recent
    )


def _fill_conflict(record: RefillRecord) -> bool | None:
    """True where section 8 asks for itbDataConflict; None where it is silent."""
    fills = fills_in_force(record)
    on_fill_day = fills[0].first == fills[0].last == record.today
    stated = [(f.dose_ml, f.observed_ml) for f in fills]
    differ = any(a is not None and b is not None and a != b for a, b in stated)
    size = record.capacity_ml
    too_full = any(size is not None and (volume_ml(f) or 0) > size for f in fills)
    known = {(f.dose_ml, f.observed_ml, f.concentration) for f in fills if f.dose_ml}
    refused = _is_dose_refused(record)
    if differ or too_full or len(known) > 1 or refused:
        return None if on_fill_day else True
    days = {(d.day, d.mcg_per_day) for d in record.doses}
    tied = len(days) > len({day for day, _ in days})
    odd_unit = any(d.mcg_per_day is None for d in record.doses)
    return None if tied or odd_unit or len(fills) > 1 else False


def _is_dose_refused(record: RefillRecord) -> bool:
    """True when a dose above the limit is stated for the pump that is in place."""
    since = record.implant or date.min
    return any(d.over_limit and d.day >= since for d in record.doses)


def _or(left: bool | None, right: bool | None) -> bool | None:
    if left or right:
        return True
    return None if left is None or right is None else False
