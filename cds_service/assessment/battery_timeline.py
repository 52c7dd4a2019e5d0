"""The pump's battery from implant to its end: the days that a bar draws and a table lists."""

from dataclasses import dataclass
from datetime import date

from cds_service.therapy.fact import Facts

_NAMED = (
    ("implant", "battery.implantDate"),
    ("plan", "battery.planFromDate"),
    ("order", "battery.orderByDate"),
    ("replacement", "battery.replacementDate"),
    ("eri", "battery.eriDate"),
    ("eos", "battery.eosDate"),
)


@dataclass(frozen=True, slots=True)
class BatteryMark:
    """A day that matters: `kind` is implant, plan, order, replacement, eri, eos or today."""

    kind: str
    day: date


@dataclass(frozen=True, slots=True)
class BatteryTimeline:
    """The battery's days, earliest first; of one day in the order of the battery's life.

    `begins` is the implant, None where it is not known. `plan_from`, `order_by`, `eri` and `eos`
    divide the time into phases.
    """

    begins: date | None
    today: date
    plan_from: date
    order_by: date
    eri: date
    eos: date
    marks: tuple[BatteryMark, ...]


def battery_timeline(facts: Facts, today: date) -> BatteryTimeline | str:
    """The battery's time, or the reason why it cannot be drawn."""
    stopped = facts.get("therapy.stopped")
    if stopped is not None and stopped.value:
        return "The pump was removed; there is no battery."
    days = {kind: _day(facts, name) for kind, name in _NAMED}
    plan, order, eri, eos = (days[kind] for kind in ("plan", "order", "eri", "eos"))
    if plan is None or order is None or eri is None or eos is None:
        fact = facts.get("battery.eosDate")
        reason = fact.unknown_because if fact is not None else ""
        return f"The battery cannot be drawn: {reason or 'nothing is known of it'}."
    known = [BatteryMark(kind, day) for kind, day in days.items() if day is not None]
    marks = sorted((*known, BatteryMark("today", today)), key=lambda mark: mark.day)
    return BatteryTimeline(days["implant"], today, plan, order, eri, eos, tuple(marks))


def _day(facts: Facts, name: str) -> date | None:
    fact = facts.get(name)
    return fact.value if fact is not None and isinstance(fact.value, date) else None
