"""Whether a sign of withdrawal meets a risk that is not known; the service never uses it.

The reference text: a risk and one sign are a possible withdrawal. Without an alarm date, computed
or reported, nobody knows that there is no risk, unless another risk is on record.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from tests.oracle.battery_oracle import BatteryRecord, service_end
from tests.oracle.calendar_days import add_months
from tests.oracle.pump_record import Fill, Sign, Temperature, earliest_booked
from tests.oracle.refill_oracle import (
    RefillRecord,
    cycle_from,
    fills_in_force,
    is_missed,
    reported_without_fill,
    reservoir_alarms,
)

LOW_GRADE_FEVER = Fraction(75, 2)
LOOK_BACK = timedelta(hours=72)
OF_THE_RESERVOIR = {"low-reservoir", "empty-reservoir"}
OF_THE_PUMP = {"eos", "motor-stall", "stopped-pump"}
ASSUMED_MONTHS = 6


@dataclass(frozen=True)
class RiskRecord:
    """What was found of the patient, and what the refill and battery ladders read."""

    now: datetime
    signs: tuple[Sign, ...]
    temperatures: tuple[Temperature, ...]
    refill: RefillRecord
    battery: BatteryRecord


def risk_is_not_known(record: RiskRecord) -> bool | None:
    """True when a sign is there and its risk cannot be told; None where the text leaves it open."""
    found = _signs(record)
    if not found or "seizure" in found:
        # A seizure is a possible withdrawal whatever the risk is.
        return False
    alarm = _alarm_is_known(record.refill)
    if alarm or _is_at_risk(record):
        return False
    return None if alarm is None else True


def _signs(record: RiskRecord) -> set[str]:
    """The signs of withdrawal that the wound sheets hold: fever, altered mental state, seizure."""
    earliest = record.now - LOOK_BACK
    taken = [t.celsius for t in record.temperatures if earliest <= t.taken <= record.now]
    newest: dict[str, Sign] = {}
    for sign in sorted(record.signs, key=lambda s: s.day):
        if earliest.date() <= sign.day <= record.now.date():
            newest[sign.name] = sign
    present = {name for name, sign in newest.items() if sign.present}
    fever = {"fever"} if max(taken, default=Fraction(0)) >= LOW_GRADE_FEVER else set()
    return fever | (present & {"altered-mental-state", "seizure"})


def _alarm_is_known(refill: RefillRecord) -> bool | None:
    fills = fills_in_force(refill)
    if not fills:
        implant = refill.implant
        if implant is None or refill.today > add_months(implant, ASSUMED_MONTHS):
            return reported_without_fill(refill) is not None
        fills = [Fill(implant, implant)]
    days = {fills[0].first, min(fills[0].last, refill.today)}
    known = {cycle_from(refill, fills, day) is not None for day in days}
    return known.pop() if len(known) == 1 else None


def _is_at_risk(record: RiskRecord) -> bool:
    refill = record.refill
    since = refill.implant or date.min
    of_the_pump = {alarm.kind for alarm in refill.alarms if since <= alarm.day <= refill.today}
    if reservoir_alarms(refill) & OF_THE_RESERVOIR or of_the_pump & OF_THE_PUMP:
        return True
    fills = fills_in_force(refill)
    last = min(fills[0].last, refill.today) if fills else refill.implant
    booked = earliest_booked(refill.visits, "refill-visit", refill.today)
    if last is not None and booked is None and is_missed(refill, last):
        return True
    late = service_end(record.battery, record.battery.implant_last)
    return late is not None and refill.today >= late[1]
