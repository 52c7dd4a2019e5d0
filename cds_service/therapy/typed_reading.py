"""A pump printout that a person typed in, and what in it cannot be right or differs.

Bounds are thresholds of the plans and what devices allow; a difference is no error, but asks for a
second look: a slip of a digit or a unit is what typing adds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from cds_service.therapy.calendar import day_text
from cds_service.therapy.cycle import RefillHistory, Thresholds
from cds_service.therapy.evidence import Reading
from cds_service.therapy.implants import since_implant
from cds_service.therapy.quantities import (
    MicrogramsPerDay,
    MicrogramsPerMillilitre,
    Millilitres,
    plain,
)
from cds_service.therapy.record import Alarm, TherapyRecord
from cds_service.therapy.reservoir import DoseStep, Filling, reaches

LARGEST_RESERVOIR = Millilitres(Decimal(40))
"""Of all models known (see `devices`)."""
LONGEST_LIFE_MONTHS = Decimal(240)


@dataclass(frozen=True, slots=True)
class TypedReading:
    """What a printout says; None and the empty set where it says nothing.

    `taken_at` is aware, in the site's zone. `filled` is what the reservoir held after it was
    filled; only a refill (`is_refill`) has it. `model` is as printed.
    """

    taken_at: datetime
    model: str = ""
    filled: Millilitres | None = None
    is_refill: bool = False
    concentration: MicrogramsPerMillilitre | None = None
    daily_dose: MicrogramsPerDay | None = None
    bridge_bolus: bool | None = None
    residual_expected: Millilitres | None = None
    residual_aspirated: Millilitres | None = None
    alarm_volume: Millilitres | None = None
    alarm_date: date | None = None
    months_to_eri: Decimal | None = None
    alarms: frozenset[Alarm] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something about one field: `why` is a word for it, `found` and `expected` its figures.

    `is_error`: it cannot be right, and is not kept. Otherwise it differs, and a person decides.
    """

    field: str
    why: str
    found: str
    expected: str
    is_error: bool = True


def doubts(
    typed: TypedReading,
    record: TherapyRecord,
    history: RefillHistory,
    thresholds: Thresholds,
    now: datetime,
) -> tuple[Doubt, ...]:
    """Everything to say about a typed reading, errors first. `now` is aware, in the site's zone."""
    implanted = since_implant(record)
    found = (
        *_of_time(typed, record, now),
        *_of_drug(typed, history, thresholds),
        *_of_volumes(typed, implanted),
        *_of_dates(typed, history, thresholds),
        *_of_pump(typed, record),
    )
    return tuple(sorted(found, key=lambda doubt: not doubt.is_error))


def says_nothing(typed: TypedReading) -> bool:
    """True when nothing but a date or a model was typed."""
    values = (
        *(typed.filled, typed.concentration, typed.daily_dose, typed.bridge_bolus),
        *(typed.residual_expected, typed.residual_aspirated, typed.alarm_volume),
        *(typed.alarm_date, typed.months_to_eri),
    )
    return not typed.is_refill and not typed.alarms and all(value is None for value in values)


def _of_time(typed: TypedReading, record: TherapyRecord, now: datetime) -> Iterator[Doubt]:
    day = typed.taken_at.date()
    if typed.taken_at > now:
        yield Doubt("taken_at", "in-future", day_text(day), day_text(now.date()))
    surgeries = [each.when.first for each in record.surgeries]
    if surgeries and day < min(surgeries):
        yield Doubt("taken_at", "before-implant", day_text(day), day_text(min(surgeries)))
    newest = max((each.when.last for each in _dated(record)), default=None)
    if newest is not None and day < newest:
        yield Doubt("taken_at", "older-than-record", day_text(day), day_text(newest), False)


def _dated(record: TherapyRecord) -> Iterator[Reading[object]]:
    for readings in (record.reported_alarm_dates, record.months_to_eri, record.fill_volumes):
        yield from readings  # type: ignore[misc]


def _of_drug(
    typed: TypedReading, history: RefillHistory, thresholds: Thresholds
) -> Iterator[Doubt]:
    known = history.cycle
    dose, strength = typed.daily_dose, typed.concentration
    if dose is not None:
        low = MicrogramsPerDay(thresholds["lowestDailyDose"])
        high = MicrogramsPerDay(thresholds["highestDailyDose"])
        if not low <= dose <= high:
            yield Doubt("daily_dose", "out-of-range", str(dose), f"{plain(low.value)} to {high}")
        elif known and known.dose_now and known.dose_now.rounded() != dose.rounded():
            yield Doubt("daily_dose", "differs", str(dose), str(known.dose_now), False)
    if strength is not None:
        least = MicrogramsPerMillilitre(thresholds["lowestConcentration"])
        most = MicrogramsPerMillilitre(thresholds["highestConcentration"])
        if not least <= strength <= most:
            limits = f"{plain(least.value)} to {most}"
            yield Doubt("concentration", "out-of-range", str(strength), limits)
        elif known and known.concentration and known.concentration != strength:
            expected = str(known.concentration)
            yield Doubt("concentration", "differs", str(strength), expected, False)


def _of_volumes(typed: TypedReading, record: TherapyRecord) -> Iterator[Doubt]:
    models = [pump.model.reservoir for pump in record.pumps if pump.model and pump.model.reservoir]
    told = [each.value for each in record.capacities if each.value]
    largest = max((*models, *told), default=LARGEST_RESERVOIR)
    names = ("filled", "residual_expected", "residual_aspirated", "alarm_volume")
    for name in names:
        volume: Millilitres | None = getattr(typed, name)
        if volume is not None and volume > largest:
            yield Doubt(name, "above-reservoir", str(volume), str(largest))
    if typed.filled is not None and not typed.is_refill:
        yield Doubt("filled", "no-refill", str(typed.filled), "a refill")
    if typed.is_refill and typed.filled is None:
        yield Doubt("filled", "refill-without-volume", "nothing", "the volume filled", False)


def _of_dates(
    typed: TypedReading, history: RefillHistory, thresholds: Thresholds
) -> Iterator[Doubt]:
    if typed.months_to_eri is not None and typed.months_to_eri > LONGEST_LIFE_MONTHS:
        found = f"{plain(typed.months_to_eri)} months"
        yield Doubt("months_to_eri", "out-of-range", found, "0 to 240 months")
    day, alarm = typed.taken_at.date(), typed.alarm_date
    if alarm is None:
        return
    if alarm < day and Alarm.LOW_RESERVOIR not in typed.alarms:
        yield Doubt("alarm_date", "before-reading", day_text(alarm), day_text(day), False)
        return
    computed = _computed_alarm(typed, history)
    if computed is None:
        return
    if abs((computed - alarm).days) > int(thresholds["alarmConflictDays"]):
        yield Doubt("alarm_date", "arithmetic", day_text(alarm), day_text(computed), False)


def _computed_alarm(typed: TypedReading, history: RefillHistory) -> date | None:
    """When the reservoir would reach its alarm volume, if that can be told: as read, or on record.

    As read, when the volume after a refill is typed; otherwise the record's last fill.
    """
    level = typed.alarm_volume or history.alarm_volume.volume
    if not typed.is_refill and typed.filled is None:
        return _alarm_on_record(typed, history, level)
    known = history.cycle
    dose = typed.daily_dose or (known.dose_now if known else None)
    strength = typed.concentration or (known.concentration if known else None)
    if typed.filled is None or dose is None or strength is None or not dose.value:
        return None
    day = typed.taken_at.date()
    return reaches(Filling(typed.filled, strength, (DoseStep(day, dose),)), level)


def _alarm_on_record(
    typed: TypedReading, history: RefillHistory, level: Millilitres
) -> date | None:
    """The alarm date of the fill on record, with what the printout says of drug and dose.

    None where the printout is older than that fill or the last change of dose: it could not know.
    """
    cycle, day = history.cycle, typed.taken_at.date()
    if cycle is None or cycle.filling is None:
        return None
    since = max(found for found in (cycle.fill.when.first, history.dosing.last_change) if found)
    filling = cycle.filling
    if day < since:
        return None
    if typed.concentration is not None:
        filling = replace(filling, concentration=typed.concentration)
    if typed.daily_dose is not None and typed.daily_dose.value:
        before = tuple(step for step in filling.doses if step.start < day)
        filling = replace(filling, doses=(*before, DoseStep(day, typed.daily_dose)))
    found = reaches(filling, level)
    return None if cycle.known_until is not None and found > cycle.known_until else found


def _of_pump(typed: TypedReading, record: TherapyRecord) -> Iterator[Doubt]:
    models = {pump.model.number: pump.model.name for pump in record.pumps if pump.model}
    if not typed.model or not models:
        return
    told = typed.model.casefold()
    if not any(
        number.casefold() in told or name.casefold() in told for number, name in models.items()
    ):
        expected = ", ".join(f"{name} {number}" for number, name in models.items())
        yield Doubt("model", "differs", typed.model, expected, False)
