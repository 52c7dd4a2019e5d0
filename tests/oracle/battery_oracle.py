"""The battery ladder worked with the calendar; the service never uses it."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from tests.oracle.calendar_days import add_months
from tests.oracle.expected import Expected, of_topic
from tests.oracle.pump_record import (
    BatteryEstimate,
    PumpAlarm,
    ReplacementRequest,
    Visit,
    earliest_booked,
)

CRITICAL, ORDER = "itbBatteryCritical", "itbBatteryOrder"
PLAN, UNKNOWN = "itbBatteryPlan", "itbBatteryUnknown"
ERI_TO_EOS = timedelta(days=90)
LIFE_MONTHS = {"8637-20": 84, "8637-40": 84}
SOON = timedelta(days=90)


@dataclass(frozen=True)
class BatteryRecord:
    """All that bears on the battery ladder; implant dates differ when only a month is recorded."""

    today: date
    implant: date | None
    implant_last: date | None
    model: str | None
    estimates: tuple[BatteryEstimate, ...] = ()
    alarms: tuple[PumpAlarm, ...] = ()
    visits: tuple[Visit, ...] = ()
    requests: tuple[ReplacementRequest, ...] = ()


def battery_expected(record: BatteryRecord) -> Expected:
    """The battery topic of this record, by section 9 of the design."""
    early, late = service_end(record, record.implant), service_end(record, record.implant_last)
    booked = replacement_booked(record)
    if early and late:
        answer = of_topic(climb(record, early, late, booked))
        return replace(answer, data_conflict=_cap_conflict(record))
    if any(a.kind == "eos" for a in _alarms_since_implant(record)):
        return of_topic(CRITICAL, None)
    if record.implant is None or record.implant_last is None:
        return of_topic(UNKNOWN, None)
    return of_topic(_by_age(record.today, record.implant, record.implant_last, booked), None)


def service_end(record: BatteryRecord, implant: date | None) -> tuple[date, date] | None:
    """ERI and EOS, as (ERI, EOS); None when neither life nor ERI is known."""
    known = known_eri(record)
    life = LIFE_MONTHS.get(record.model or "")
    ends = [known + ERI_TO_EOS] if known else []
    if life and implant:
        ends.append(add_months(implant, life))
    if not ends:
        return None
    eos = min(ends)
    eri = eos - ERI_TO_EOS
    return (min(known, eri) if known else eri), eos


def known_eri(record: BatteryRecord) -> date | None:
    """The earlier of the newest reading and the earliest ERI alarm, both since the implant."""
    readings = [e for e in record.estimates if e.recorded <= record.today]
    if record.implant:
        readings = [e for e in readings if e.recorded >= record.implant]
    dates = [a.day for a in _alarms_since_implant(record) if a.kind == "eri"]
    if readings:
        newest = max(readings, key=lambda e: e.recorded)
        dates.append(newest.eri or add_months(newest.recorded, newest.months or 0))
    return min(dates, default=None)


def replacement_booked(record: BatteryRecord) -> date | None:
    """The earliest replacement booked, or actively requested with a date, today or later."""
    days = [r.day for r in record.requests if r.status == "active" and r.day >= record.today]
    appointment = earliest_booked(record.visits, "replacement-surgery", record.today)
    return min([*days, *([appointment] if appointment else [])], default=None)


def climb(
    record: BatteryRecord, early: tuple[date, date], late: tuple[date, date], booked: date | None
) -> str | None:
    """The topic by the four rungs; a critical needs the later implant day to meet it too."""
    today, (eri, eos) = record.today, early
    in_time = booked is not None and booked <= eos
    if booked is not None and booked > late[1]:
        return CRITICAL
    if today > late[1] or any(a.kind == "eos" for a in _alarms_since_implant(record)):
        return CRITICAL
    if today >= late[0]:
        return ORDER if in_time else CRITICAL
    if today >= add_months(eri, -3):
        return PLAN if in_time else ORDER
    return PLAN if today >= add_months(eri, -6) else None


def _by_age(today: date, implant: date, implant_last: date, booked: date | None) -> str | None:
    soon = booked is not None and booked <= today + SOON
    if today >= add_months(implant_last, 84):
        return ORDER if soon else CRITICAL
    if today >= add_months(implant, 72):
        return PLAN if soon else ORDER
    return None


def _alarms_since_implant(record: BatteryRecord) -> list[PumpAlarm]:
    floor_day = record.implant or date.min
    return [a for a in record.alarms if floor_day <= a.day <= record.today]


def _cap_conflict(record: BatteryRecord) -> bool | None:
    """None where the reported ERI outlasts the life of the pump: both are shown, somehow."""
    known, life = known_eri(record), LIFE_MONTHS.get(record.model or "")
    if known and life and record.implant:
        return None if known + ERI_TO_EOS > add_months(record.implant, life) else False
    return False
