"""A made-up patient in plain values, told in words, with the topics that the rules ask for."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from fractions import Fraction

from tests.oracle.battery_oracle import BatteryRecord, battery_expected
from tests.oracle.delivery_oracle import bridge_expected
from tests.oracle.expected import Expected, combined, of_topic
from tests.oracle.follow_up_oracle import FollowUpRecord, follow_up_expected
from tests.oracle.pump_record import (
    BatteryEstimate,
    DoseStatement,
    Fill,
    PumpAlarm,
    RecoveryCarePlan,
    ReplacementRequest,
    ReportedAlarm,
    Sign,
    Surgery,
    Temperature,
    Visit,
    latest_surgery,
)
from tests.oracle.recovery_oracle import RecoveryRecord, recovery_expected
from tests.oracle.refill_oracle import RefillRecord, refill_expected
from tests.oracle.risk_oracle import RiskRecord, risk_is_not_known
from tests.oracle.wound_oracle import WoundRecord, wound_expected

CAPACITY_ML = {"8637-20": Fraction(20), "8637-40": Fraction(40), "8667-20": Fraction(20)}
PUMP_SURGERY = ("implant", "replacement")
STOPPED_FOR_DAYS = 14
COMPARED_TOPICS = frozenset(
    {
        "itbRefillUpcoming",
        "itbRefillDue",
        "itbRefillOverdue",
        "itbReservoirEmpty",
        "itbRefillUnknown",
        "itbBatteryPlan",
        "itbBatteryOrder",
        "itbBatteryCritical",
        "itbBatteryUnknown",
        "itbInfectionFollowUp",
        "itbInfectionSigns",
        "itbInfectionEmergency",
        "itbRecoveryPlan",
        "itbRecoveryMilestone",
        "itbTherapyStopped",
        "itbDeliveryProblem",
        "itbFollowUpVisit",
    }
)


@dataclass(frozen=True)
class Story:
    """One patient at one moment (`now` in UTC, which is the site's zone)."""

    seed: int
    now: datetime
    model: str | None
    surgeries: tuple[Surgery, ...] = ()
    fills: tuple[Fill, ...] = ()
    doses: tuple[DoseStatement, ...] = ()
    alarm_volume_ml: Fraction | None = None
    reported: tuple[ReportedAlarm, ...] = ()
    alarms: tuple[PumpAlarm, ...] = ()
    visits: tuple[Visit, ...] = ()
    requests: tuple[ReplacementRequest, ...] = ()
    estimates: tuple[BatteryEstimate, ...] = ()
    signs: tuple[Sign, ...] = ()
    temperatures: tuple[Temperature, ...] = ()
    has_device_infection: bool = False
    care_plans: tuple[RecoveryCarePlan, ...] = ()

    @property
    def today(self) -> date:
        """The site's date at `now`."""
        return self.now.date()

    @property
    def implant(self) -> Surgery | None:
        """The latest implant or replacement."""
        return latest_surgery(self.surgeries, PUMP_SURGERY)

    @property
    def explant(self) -> Surgery | None:
        """The removal that no insertion followed or accompanied."""
        last = latest_surgery(self.surgeries, (*PUMP_SURGERY, "explant"))
        return last if last and last.kind == "explant" else None


def expected(story: Story) -> Expected:
    """The topics that section 9 of the design asks for, over all four ladders."""
    wound = wound_expected(wound_record(story))
    parts = [wound, _recovery(story), _unreadable(story)]
    if story.explant:
        days = (story.today - story.explant.last).days
        parts.append(of_topic("itbTherapyStopped" if days <= STOPPED_FOR_DAYS else None, None))
    else:
        parts += [refill_expected(refill_record(story)), battery_expected(battery_record(story))]
        parts += [_delivery(story), follow_up_expected(follow_up_record(story))]
        parts += [bridge_expected(refill_record(story)), _fever_and_risk(story)]
    return combined(parts)


def _fever_and_risk(story: Story) -> Expected:
    """What counts on a wound sheet can be a sign of withdrawal, whose risk must then be known."""
    record = RiskRecord(
        story.now, story.signs, story.temperatures, refill_record(story), battery_record(story)
    )
    return of_topic(None, could_not_check=risk_is_not_known(record))


def refill_record(story: Story) -> RefillRecord:
    """What the refill ladder reads of this story."""
    return RefillRecord(
        today=story.today,
        fills=story.fills,
        doses=story.doses,
        alarm_volume_ml=story.alarm_volume_ml,
        reported=story.reported,
        alarms=story.alarms,
        visits=story.visits,
        implant=story.implant.first if story.implant else None,
        capacity_ml=CAPACITY_ML.get(story.model or ""),
    )


def battery_record(story: Story) -> BatteryRecord:
    """What the battery ladder reads of this story."""
    return BatteryRecord(
        today=story.today,
        implant=story.implant.first if story.implant else None,
        implant_last=story.implant.last if story.implant else None,
        model=story.model,
        estimates=story.estimates,
        alarms=story.alarms,
        visits=story.visits,
        requests=story.requests,
    )


def wound_record(story: Story) -> WoundRecord:
    """What the infection ladder reads of this story."""
    surgery = latest_surgery(story.surgeries, (*PUMP_SURGERY, "revision", "explant"))
    return WoundRecord(
        now=story.now,
        surgery=min(surgery.last, story.today) if surgery else None,
        signs=story.signs,
        temperatures=story.temperatures,
        has_device_infection=story.has_device_infection,
        visits=story.visits,
    )


def follow_up_record(story: Story) -> FollowUpRecord:
    """What the follow-up ladder reads of this story."""
    others = [d.day for d in story.doses if d.mcg_per_day is not None or d.over_limit]
    others += [r.recorded for r in story.reported] + [a.day for a in story.alarms]
    others += [e.recorded for e in story.estimates if e.months is not None]
    return FollowUpRecord(story.today, story.surgeries, story.fills, story.visits, tuple(others))


def in_words(story: Story) -> str:
    """The story as a person would tell it, one line a record."""
    lines = [f"seed {story.seed}, now {story.now.isoformat()}, model {story.model or 'not known'}"]
    lines += _surgery_words(story)
    lines += [_fill_words(fill) for fill in story.fills] or ["no fill recorded"]
    lines += [
        f"dose {_number(d.mcg_per_day)} mcg/day stated {d.day} by {d.source}" for d in story.doses
    ]
    lines.append(f"alarm volume {_number(story.alarm_volume_ml)} mL")
    lines += [f"pump reported alarm date {r.alarm} on {r.recorded}" for r in story.reported]
    lines += [f"alarm {a.kind} {_moment(a.day, a.hour)}" for a in story.alarms]
    lines += [f"appointment {v.kind} {v.day} {v.status}" for v in story.visits]
    lines += [f"replacement requested for {r.day} ({r.status})" for r in story.requests]
    lines += [
        f"battery read {e.recorded}: " + (f"ERI {e.eri}" if e.eri else f"{e.months} months to ERI")
        for e in story.estimates
    ]
    lines += [f"sign {s.name} {s.day} {'present' if s.present else 'absent'}" for s in story.signs]
    lines += [f"{float(t.celsius):.1f} C at {t.taken.isoformat()}" for t in story.temperatures]
    lines += ["active infection of the device (T85.738A)"] * story.has_device_infection
    lines += [_plan_words(plan) for plan in story.care_plans]
    return "\n  ".join(lines)


def _unreadable(story: Story) -> Expected:
    """A dose in a unit nobody knows is dropped, and what is dropped is always reported."""
    unknown_units = [d for d in story.doses if d.mcg_per_day is None and not d.over_limit]
    return of_topic(None, could_not_check=bool(unknown_units))


def _recovery(story: Story) -> Expected:
    surgery = latest_surgery(story.surgeries, (*PUMP_SURGERY, "revision"))
    day = min(surgery.last, story.today) if surgery else None
    answer = recovery_expected(RecoveryRecord(story.today, day, story.care_plans))
    return replace(answer, could_not_check=None) if story.explant else answer


def pump_stands_still(story: Story) -> bool:
    """A motor stall or a stopped pump: the one delivery problem here that is critical."""
    kinds = {a.kind for a in story.alarms if a.day <= story.today}
    return bool(kinds & {"motor-stall", "stopped-pump"})


def _delivery(story: Story) -> Expected:
    return of_topic("itbDeliveryProblem" if pump_stands_still(story) else None)


def _surgery_words(story: Story) -> Iterable[str]:
    if not story.surgeries:
        return ["no surgery recorded"]
    return [
        f"{s.kind} {s.first}" + (f" (month only, to {s.last})" if s.last != s.first else "")
        for s in story.surgeries
    ]


def _fill_words(fill: Fill) -> str:
    when = _moment(fill.first, fill.hour)
    if fill.first != fill.last:
        when = f"in {fill.first:%Y-%m} (month only)"
    return (
        f"fill {when}: given {_number(fill.dose_ml)} mL, observed {_number(fill.observed_ml)} mL, "
        f"{_number(fill.concentration)} mcg/mL"
    )


def _plan_words(plan: RecoveryCarePlan) -> str:
    windows = ", ".join(f"{a.start}..{a.end} {a.status}" for a in plan.activities)
    return f"recovery CarePlan from {plan.start} ({plan.status}): {windows or 'no activity'}"


def _moment(day: date, hour: int | None) -> str:
    return f"{day}" if hour is None else f"{day} {hour:02}h UTC"


def _number(value: Fraction | None) -> str:
    return "unknown" if value is None else f"{float(value):g}"
