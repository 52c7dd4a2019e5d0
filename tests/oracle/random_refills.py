"""Seeded fills, doses, reported dates, alarms and visits, crowded around the rungs' edges."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import floor
from random import Random

from tests.oracle.calendar_days import add_months, month_end
from tests.oracle.patient_story import CAPACITY_ML
from tests.oracle.pump_record import DoseStatement, Fill, PumpAlarm, ReportedAlarm, Surgery, Visit
from tests.oracle.refill_oracle import Cycle, RefillRecord, cycle_from, fills_in_force

STRENGTHS = (500, 1000, 1500, 2000)
DOSES = (50, 90, 100, 138, 150, 200, 250, 300, 347, 350, 600, 800, 1000)
KINDS = {
    "complete": 60,
    "procedure": 10,
    "no-volume": 4,
    "no-strength": 6,
    "no-dose": 6,
    "too-full": 3,
    "refused-dose": 3,
    "none": 8,
}


@dataclass(frozen=True)
class RefillParts:
    """The records of the refill side of a story."""

    fills: tuple[Fill, ...] = ()
    doses: tuple[DoseStatement, ...] = ()
    alarm_volume_ml: Fraction | None = None
    reported: tuple[ReportedAlarm, ...] = ()
    alarms: tuple[PumpAlarm, ...] = ()
    visits: tuple[Visit, ...] = ()


@dataclass(frozen=True)
class Setting:
    """What the refill side builds on."""

    now: datetime
    implant: Surgery | None
    model: str | None
    is_recent: bool


def refill_parts(rng: Random, setting: Setting) -> RefillParts:
    """The refill side of a random story."""
    kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
    level = rng.choice([None, Fraction(1), Fraction(2), Fraction(2), Fraction(4)])
    if kind == "none":
        return _without_fill(rng, setting, level)
    strength, dose = Fraction(rng.choice(STRENGTHS)), Fraction(rng.choice(DOSES))
    fill = _fill(rng, setting, kind, level or Fraction(2), strength, dose)
    fills = _same_day(rng, kind, fill)
    doses = _doses(rng, setting, kind, fill, dose) if fill.first <= setting.now.date() else ()
    record = RefillRecord(
        today=setting.now.date(),
        fills=fills,
        doses=doses,
        alarm_volume_ml=level,
        implant=setting.implant.first if setting.implant else None,
        capacity_ml=CAPACITY_ML.get(setting.model or ""),
    )
    can_report = kind in ("complete", "procedure", "no-strength", "no-dose")
    reported = _reported(rng, record) if can_report and rng.random() < 0.25 else ()
    alarms = _alarms(rng, record) if rng.random() < 0.12 else ()
    visits = _visits(rng, record)
    older = _older_fill(rng, fill)
    return RefillParts((*older, *fills), doses, level, reported, alarms, visits)


def before(parts: RefillParts, day: date) -> RefillParts:
    """Only what was recorded before that day (the pump is gone from it on)."""
    return RefillParts(
        tuple(f for f in parts.fills if f.last < day),
        tuple(d for d in parts.doses if d.day < day),
        parts.alarm_volume_ml,
        (),
        tuple(a for a in parts.alarms if a.day < day),
        (),
    )


def _fill(
    rng: Random, setting: Setting, kind: str, level: Fraction, strength: Fraction, dose: Fraction
) -> Fill:
    today, capacity = setting.now.date(), CAPACITY_ML.get(setting.model or "")
    volume = Fraction(rng.choice((10, 18, 20) if capacity == 20 else (18, 20, 30, 38, 40)))
    by_calculation = kind == "complete"
    days = _edge(rng, volume, level, strength, dose, by_calculation)
    filled = max(today - timedelta(days=days), today - timedelta(days=900))
    implant = setting.implant
    if implant and setting.is_recent and rng.random() < 0.6:
        filled = implant.first
    if implant and filled < implant.first and rng.random() < 0.8:
        filled = max(implant.last, today - timedelta(days=rng.randrange(0, 40)))
    if implant and implant.first < filled <= implant.last:
        filled = implant.last + timedelta(days=1)
    hour = rng.choice([None, rng.randrange(1, 7)])
    fill = Fill(filled, filled, hour, concentration=strength if kind != "procedure" else None)
    short_reserve = level * strength / dose < 3
    if kind in ("complete", "procedure") and rng.random() < 0.12 and not short_reserve:
        first = filled.replace(day=1)
        if not implant or first > implant.last:
            fill = Fill(first, month_end(filled), None, concentration=fill.concentration)
    return _with_volume(rng, kind, fill, volume, capacity)


def _edge(
    rng: Random,
    volume: Fraction,
    level: Fraction,
    strength: Fraction,
    dose: Fraction,
    by_calculation: bool,
) -> int:
    """Days since the fill, mostly within a day of a rung's edge."""
    alarm = floor((volume - level) * strength / dose)
    empty = floor(volume * strength / dose)
    target = min(alarm - 7, 180)
    by_dates = [alarm, alarm, empty, target, target, target - 30, 180, (target + alarm) // 2]
    by_dates += [target + 5] * 2
    by_months = [28, 30, 31, 100, 150, 150, 151, 181, 183, 184, 200]
    days = rng.choice(by_dates if by_calculation else by_months) + rng.choice([-1, 0, 0, 1])
    if rng.random() < 0.08:
        days = rng.choice([0, 1, 2, 5])
    return max(days, 0)


def _with_volume(
    rng: Random, kind: str, fill: Fill, volume: Fraction, capacity: Fraction | None
) -> Fill:
    dose_ml: Fraction | None = volume
    observed = None
    if kind in ("procedure", "no-volume"):
        dose_ml = None
    elif kind == "too-full" and capacity:
        dose_ml = capacity + 5
    else:
        shape = rng.random()
        if shape < 0.2:
            dose_ml, observed = None, volume
        elif shape < 0.35:
            observed = volume
        elif shape < 0.42:
            observed = volume - 2
    strength = None if kind in ("no-strength", "procedure") else fill.concentration
    return Fill(fill.first, fill.last, fill.hour, dose_ml, observed, strength)


def _same_day(rng: Random, kind: str, fill: Fill) -> tuple[Fill, ...]:
    """The fill, now and then with its charge, its duplicate or a contradicting twin."""
    if kind != "complete" or fill.first != fill.last or fill.dose_ml is None or fill.observed_ml:
        return (fill,)
    draw = rng.random()
    if draw < 0.06:
        return (fill, Fill(fill.first, fill.last, fill.hour))
    if draw < 0.10:
        return (fill, fill)
    if draw < 0.15:
        smaller = Fill(fill.first, fill.last, fill.hour, fill.dose_ml - 3, None, fill.concentration)
        return (smaller, fill)
    return (fill,)


def _doses(
    rng: Random, setting: Setting, kind: str, fill: Fill, dose: Fraction
) -> tuple[DoseStatement, ...]:
    today = setting.now.date()
    if kind in ("no-dose", "procedure") and rng.random() < 0.9:
        return ()
    since = setting.implant.last if setting.implant else fill.first - timedelta(days=90)
    before = fill.first - timedelta(days=rng.randrange(1, 60))
    stated: list[DoseStatement] = []
    shape = rng.choice(["rate", "rate", "observation", "request", "before", "late", "both"])
    if shape in ("rate", "both") and kind != "procedure" and fill.first == fill.last:
        other = dose if shape == "rate" else dose + rng.choice([0, 25])
        stated.append(DoseStatement(fill.first, other, "administration"))
    if shape in ("observation", "both") or (not stated and before < since):
        stated.append(
            DoseStatement(fill.last if fill.last <= today else today, dose, "observation")
        )
    if not stated and shape == "request":
        stated.append(DoseStatement(max(before, since), dose, "request"))
    if not stated and shape in ("before", "rate"):
        stated.append(DoseStatement(max(before, since), dose, "observation"))
    if not stated:
        late = fill.last + timedelta(days=rng.choice([1, 3, 14]))
        stated.append(DoseStatement(min(late, today), dose, "observation"))
    return tuple(_changed(rng, setting, kind, stated, fill, dose))


def _changed(
    rng: Random,
    setting: Setting,
    kind: str,
    stated: list[DoseStatement],
    fill: Fill,
    dose: Fraction,
) -> list[DoseStatement]:
    today = setting.now.date()
    from_day = max([fill.last, *(s.day for s in stated)]) + timedelta(days=1)
    if from_day >= today:
        return stated
    middle = from_day + timedelta(days=rng.randrange((today - from_day).days + 1))
    if kind == "refused-dose":
        over_limit = rng.random() < 0.6
        return [*stated, DoseStatement(middle, None, "observation", over_limit)]
    if kind == "complete" and rng.random() < 0.3:
        change = Fraction(floor(dose * rng.choice([80, 90, 115, 130]) / 100))
        source = rng.choice(["observation", "request"])
        if source == "request" and any(s.source == "request" for s in stated):
            source = "observation"
        stated = [*stated, DoseStatement(middle, change, source)]
    return stated


def _older_fill(rng: Random, fill: Fill) -> tuple[Fill, ...]:
    if rng.random() < 0.6:
        return ()
    day = fill.first - timedelta(days=rng.randrange(35, 160))
    return (Fill(day, day, None, Fraction(18), None, Fraction(500)),)


def _cycle(record: RefillRecord) -> Cycle | None:
    fills = fills_in_force(record)
    return cycle_from(record, fills, fills[0].first) if fills else None


def _reported(rng: Random, record: RefillRecord) -> tuple[ReportedAlarm, ...]:
    """A predicted alarm date; never recorded before a dose statement that is no change."""
    fills, today = fills_in_force(record), record.today
    since = fills[0].last if fills else (record.implant or today - timedelta(days=100))
    if since >= today:
        return ()
    recorded = since + timedelta(
        days=rng.choice([0, 0, 1, rng.randrange((today - since).days + 1)])
    )
    last_stated = max((d.day for d in record.doses if d.day <= today), default=since)
    is_change = len({d.mcg_per_day for d in record.doses}) > 1 and rng.random() < 0.4
    if recorded < last_stated and (not is_change or last_stated <= since):
        recorded = last_stated
    cycle = _cycle(record)
    near_today = [-1, 0, 1, 6, 7, 8, 36, 37, 38, 60]
    alarm = today + timedelta(days=rng.choice(near_today))
    if cycle and rng.random() < 0.8:
        alarm = cycle.alarm + timedelta(days=rng.choice([-13, -8, -7, -6, -1, 0, 1, 7, 8, 13]))
    if cycle and alarm == cycle.alarm and not _empties_agree(cycle):
        alarm -= timedelta(days=1)
    return (ReportedAlarm(recorded, alarm),) if alarm > recorded else ()


def _empties_agree(cycle: Cycle) -> bool:
    """Whether fill + floor(all) and alarm + floor(reserve) name the same empty day."""
    if cycle.empty is None or cycle.reserve_days is None:
        return True
    return cycle.empty == cycle.alarm + timedelta(days=floor(cycle.reserve_days))


def _alarms(rng: Random, record: RefillRecord) -> tuple[PumpAlarm, ...]:
    fills = fills_in_force(record)
    if not fills:
        return ()
    fill, kind = fills[0], rng.choice(["low-reservoir", "low-reservoir", "empty-reservoir"])
    day = rng.choice([fill.first - timedelta(days=2), fill.last + timedelta(days=1), record.today])
    hour = None
    if rng.random() < 0.25 and len(fills) == 1 and fill.first == fill.last:
        day = fill.first
        if fill.hour is not None:
            hour = rng.choice([None, fill.hour - 1, fill.hour + 1])
    within_month = fill.first < fill.last and fill.first <= day <= fill.last
    if within_month or day > record.today or (record.implant and day <= record.implant):
        return ()
    return (PumpAlarm(day, kind, hour),)


def _visits(rng: Random, record: RefillRecord) -> tuple[Visit, ...]:
    today, cycle, fills = record.today, _cycle(record), fills_in_force(record)
    one = timedelta(days=1)
    visits: list[Visit] = []
    is_between = cycle is not None and cycle.target <= today < cycle.alarm
    if rng.random() < (0.7 if is_between else 0.4):
        marks = [today, today + timedelta(days=10)]
        if cycle:
            late = cycle.target + timedelta(days=14)
            marks += [late, late + one] * (2 if is_between else 1)
            marks += [] if is_between else [cycle.target, cycle.target + one]
            marks += [cycle.alarm - one, cycle.alarm]
        elif fills:
            marks += [add_months(fills[0].first, 6), add_months(fills[0].first, 6) + one]
        status = rng.choice(["booked", "booked", "booked", "arrived", "proposed", "pending"])
        visits.append(Visit(max(rng.choice(marks), today), "refill-visit", status))
    if rng.random() < 0.25 and fills:
        marks = [today + timedelta(days=n) for n in (-31, -30, -30, -1, -8, 5)]
        day = rng.choice(marks)
        status = rng.choice(["noshow", "cancelled", "booked"] if day < today else ["cancelled"])
        if not fills[0].first <= day <= fills[0].last:
            visits.append(Visit(day, "refill-visit", status))
    return tuple(visits)


def _without_fill(rng: Random, setting: Setting, level: Fraction | None) -> RefillParts:
    """No fill at all: the implant stands in for it, or nothing does."""
    today = setting.now.date()
    implant = setting.implant.first if setting.implant else None
    record = RefillRecord(today, implant=implant)
    reported = _reported(rng, record) if rng.random() < 0.25 else ()
    kinds: Sequence[str] = ("low-reservoir", "empty-reservoir")
    day = today - timedelta(days=rng.randrange(0, 10))
    alarms: tuple[PumpAlarm, ...] = ()
    if rng.random() < 0.1 and (implant is None or day > implant):
        alarms = (PumpAlarm(day, rng.choice(kinds)),)
    visits: tuple[Visit, ...] = ()
    if rng.random() < 0.3:
        visits = (Visit(today + timedelta(days=rng.randrange(1, 40)), "refill-visit", "booked"),)
    return RefillParts((), (), level, reported, alarms, visits)
