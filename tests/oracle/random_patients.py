"""Seeded patients: the plain story and the CDS Hooks request that tells it in FHIR R4."""

import json
import sys
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from random import Random
from typing import Any

from tests.oracle.battery_oracle import LIFE_MONTHS, BatteryRecord, service_end
from tests.oracle.calendar_days import add_months, month_end
from tests.oracle.fhir_prefetch import patient_view_request
from tests.oracle.patient_story import Story, expected, in_words
from tests.oracle.pump_record import (
    BatteryEstimate,
    PlannedActivity,
    PumpAlarm,
    RecoveryCarePlan,
    ReplacementRequest,
    Sign,
    Surgery,
    Temperature,
    Visit,
)
from tests.oracle.random_follow_up import follow_up_visits
from tests.oracle.random_refills import Setting, before, refill_parts
from tests.oracle.wound_oracle import ALONE, LOCAL, MENINGITIS

MODELS = ("8637-40", "8637-40", "8637-20", "8667-20", None)
WOUND_EDGES = (0, 1, 2, 3, 6, 7, 9, 10, 11, 13, 14, 15, 20, 30, 55, 56, 57, 75, 89, 90, 91, 92)
CELSIUS = tuple(Fraction(t) for t in ("36.8", "37.2", "37.9", "38", "38.1", "38.6"))
SEEN_ONLY = ("exposed-hardware", "wound-dehiscence")
STOPPED = ("motor-stall", "stopped-pump")


@dataclass(frozen=True)
class BatteryParts:
    """The records of the battery side of a story."""

    estimates: tuple[BatteryEstimate, ...] = ()
    alarms: tuple[PumpAlarm, ...] = ()
    visits: tuple[Visit, ...] = ()
    requests: tuple[ReplacementRequest, ...] = ()


def random_patient(seed: int, now: datetime) -> tuple[Story, dict[str, Any]]:
    """The story of this seed and its patient-view request."""
    story = random_story(seed, now)
    return story, patient_view_request(story, Random(seed * 7919 + 1))


def random_story(seed: int, now: datetime) -> Story:
    """A story in which rungs' edges are hit often; the same seed and time give the same story."""
    rng = Random(seed)
    today = now.date()
    model = rng.choice(MODELS)
    surgeries, is_recent = _surgeries(rng, today, model)
    story = Story(seed, now, model, surgeries)
    refill = refill_parts(rng, Setting(now, story.implant, model, is_recent))
    if story.explant:
        refill = before(refill, story.explant.first)
    battery = BatteryParts() if story.explant else _battery(rng, story)
    signs, temperatures = _wound_findings(rng, story)
    told = replace(
        story,
        fills=refill.fills,
        doses=refill.doses,
        alarm_volume_ml=refill.alarm_volume_ml,
        reported=refill.reported,
        alarms=(*refill.alarms, *battery.alarms, *_stalls(rng, story)),
        visits=(*refill.visits, *battery.visits, *_wound_visits(rng, story)),
        requests=battery.requests,
        estimates=battery.estimates,
        signs=signs,
        temperatures=temperatures,
        has_device_infection=rng.random() < 0.02,
        care_plans=_care_plans(rng, story),
    )
    return replace(told, visits=(*told.visits, *follow_up_visits(rng, told)))


def _surgeries(rng: Random, today: date, model: str | None) -> tuple[tuple[Surgery, ...], bool]:
    """The operations, and whether the latest implant is about as old as the infection window."""
    draw = rng.random()
    if draw < 0.07:
        return (), False
    if draw < 0.55:
        return (_old_implant(rng, today, model),), False
    day = today - timedelta(days=rng.choice(WOUND_EDGES))
    kind = rng.choices(["implant", "replacement", "revision", "explant"], [4, 4, 3, 2])[0]
    latest = Surgery(day, day, kind)
    if kind == "implant":
        return (latest,), True
    first = today - timedelta(days=rng.choice([500, 1100, 1900, 2300]))
    return (Surgery(first, first, "implant"), latest), kind == "replacement"


def _old_implant(rng: Random, today: date, model: str | None) -> Surgery:
    """An implant whose battery ladder stands at an edge, or one of middle age."""
    jitter = timedelta(days=rng.choice([-1, 0, 1]))
    if rng.random() < 0.45:
        day = today - timedelta(days=rng.randrange(200, 1700))
    elif model in LIFE_MONTHS:
        back = rng.choice([timedelta(0), timedelta(days=90)])
        day = add_months(today + back, rng.choice([0, 3, 6]) - LIFE_MONTHS[model]) + jitter
    else:
        day = add_months(today, -rng.choice([72, 84])) + jitter
    if rng.random() < 0.15 and (today - day).days > 400:
        return Surgery(day.replace(day=1), month_end(day), "implant")
    return Surgery(day, day, "implant")


def _battery(rng: Random, story: Story) -> BatteryParts:
    today, implant = story.today, story.implant
    estimates: tuple[BatteryEstimate, ...] = ()
    age = rng.choice([0, 20, 100, 175, 190, 300])
    recorded = today - timedelta(days=age)
    is_on_implant = implant is not None and implant.first <= recorded <= implant.last
    if rng.random() < 0.35 and not is_on_implant:
        mark = add_months(today, rng.choice([0, 3, 6])) + timedelta(days=rng.choice([-1, 0, 1]))
        months = rng.choice([0, 3, 6, 9, 14, 20, 40])
        by_date = rng.random() < 0.5
        estimates = (
            BatteryEstimate(recorded, eri=mark) if by_date else BatteryEstimate(recorded, months),
        )
        earlier = recorded - timedelta(days=60)
        if rng.random() < 0.3 and not (implant and implant.first <= earlier <= implant.last):
            estimates = (*estimates, BatteryEstimate(earlier, months=2))
    alarms: list[PumpAlarm] = []
    if rng.random() < 0.12:
        alarms.append(
            PumpAlarm(today - timedelta(days=rng.choice([1, 47, 89, 90, 91, 200])), "eri")
        )
    if rng.random() < 0.03:
        alarms.append(PumpAlarm(today - timedelta(days=rng.choice([1, 300])), "eos"))
    kept = tuple(a for a in alarms if not implant or a.day not in (implant.first, implant.last))
    parts = BatteryParts(estimates, kept)
    is_whole_day = implant is None or implant.first == implant.last
    return _with_replacement(rng, story, parts) if is_whole_day else parts


def _with_replacement(rng: Random, story: Story, parts: BatteryParts) -> BatteryParts:
    if rng.random() < 0.6:
        return parts
    today, implant = story.today, story.implant
    day = implant.first if implant else None
    record = BatteryRecord(today, day, day, story.model, parts.estimates, parts.alarms)
    end = service_end(record, day)
    offsets = (0, 1, 30, 89, 90, 91)
    marks = [today + timedelta(days=n) for n in offsets]
    if end:
        marks += [end[1] + timedelta(days=n) for n in (-1, 0, 1)] * 2
    when = max(rng.choice(marks), today)
    if rng.random() < 0.5:
        status = rng.choice(["active", "active", "active", "revoked", "draft"])
        return replace(parts, requests=(ReplacementRequest(when, status),))
    status = rng.choice(["booked", "booked", "booked", "proposed", "cancelled"])
    return replace(parts, visits=(Visit(when, "replacement-surgery", status),))


def _latest_day(story: Story) -> int | None:
    """Days since the latest operation; None without one recorded to the day."""
    latest = max(story.surgeries, key=lambda s: s.first, default=None)
    return (story.today - latest.first).days if latest and latest.first == latest.last else None


def _wound_findings(rng: Random, story: Story) -> tuple[tuple[Sign, ...], tuple[Temperature, ...]]:
    """Nothing, several signs, or the one finding that an edge of the window turns on."""
    day, draw = _latest_day(story), rng.random()
    if day is None or day > 92 or draw > 0.45:
        return _wound_signs(rng, story) if draw < 0.25 else ((), ())
    if draw > 0.28:
        return _wound_signs(rng, story)
    if day in (2, 3, 4) and rng.random() < 0.5:
        return (Sign(story.today, "incision-pain", True),), ()
    hours = rng.choice([71, 72, 72, 73]) if 5 <= day <= 90 else 1
    taken = Temperature(story.now - timedelta(hours=hours), rng.choice(CELSIUS[2:]))
    if 5 <= day <= 90 and rng.random() < 0.4:
        ago = rng.choice([13, 14, 14, 15])
        seen = (Sign(story.today - timedelta(days=ago), "incision-swelling", True),)
        return (seen if ago <= day else ()), ()
    return (), (taken,)


def _wound_signs(rng: Random, story: Story) -> tuple[tuple[Sign, ...], tuple[Temperature, ...]]:
    """Signs and temperatures; pain and fever only where both readings of their start agree."""
    day = _latest_day(story)
    names = [*LOCAL, *LOCAL, "exposed-hardware", rng.choice(ALONE), rng.choice(MENINGITIS)]
    signs: dict[tuple[str, date], Sign] = {}
    for _ in range(rng.choice([0, 1, 1, 2, 3])):
        name, ago = rng.choice(names), rng.choice([0, 0, 1, 3, 13, 14, 15, 30])
        seen = story.today - timedelta(days=ago)
        if day is not None and day < ago:
            continue
        agrees = day is not None and (day < 3 or day - ago >= 3)
        if name != "incision-pain" or agrees:
            is_present = name in SEEN_ONLY or rng.random() < 0.7
            signs[name, seen] = Sign(seen, name, is_present)
    temperatures = []
    for _ in range(rng.choice([0, 1, 1, 2])):
        hours = rng.choice([1, 20, 71, 72, 73, 100])
        taken = story.now - timedelta(hours=hours)
        if day is not None and _is_plain_fever_day(day, day - (story.today - taken.date()).days):
            temperatures.append(Temperature(taken, rng.choice(CELSIUS)))
    return tuple(signs.values()), tuple(temperatures)


def _is_plain_fever_day(day: int, taken_on: int) -> bool:
    """Whether counting from the reading or from today gives the same side of day 2 and day 90."""
    return taken_on >= 0 and (day < 2 or taken_on >= 2) and (day <= 90 or taken_on > 90)


def _wound_visits(rng: Random, story: Story) -> tuple[Visit, ...]:
    day = _latest_day(story)
    if day is None or day > 100 or rng.random() < 0.4:
        return ()
    surgery = story.today - timedelta(days=day)
    when = surgery + timedelta(days=rng.choice([6, 7, 8, 10, 12, 13, 14, 15, 16]))
    if when >= story.today:
        return (Visit(when, "wound-check", rng.choice(["booked", "booked", "proposed"])),)
    return (Visit(when, "wound-check", rng.choice(["fulfilled", "fulfilled", "noshow"])),)


def _stalls(rng: Random, story: Story) -> tuple[PumpAlarm, ...]:
    day = story.today - timedelta(days=rng.choice([0, 1]))
    latest = max((s.last for s in story.surgeries), default=date.min)
    if rng.random() > 0.04 or story.explant or day <= latest:
        return ()
    return (PumpAlarm(day, rng.choice(STOPPED)),)


def _care_plans(rng: Random, story: Story) -> tuple[RecoveryCarePlan, ...]:
    day = _latest_day(story)
    if day is None or day > 100 or story.explant or rng.random() < 0.4:
        return ()
    surgery = story.today - timedelta(days=day)
    offset = rng.choice([-31, -31, -30, -29, -5, 0, 0, 1])
    start = min(surgery + timedelta(days=offset), story.today)
    if offset < -30:
        start = min(start, surgery - timedelta(days=31))
        return (RecoveryCarePlan(start, "active"),) if day <= 56 else ()
    status = rng.choice(["active", "active", "active", "on-hold", "draft"])
    if status != "active":
        return (RecoveryCarePlan(start, status),)
    return (RecoveryCarePlan(start, status, _activities(rng, story, surgery)),)


def _activities(rng: Random, story: Story, surgery: date) -> tuple[PlannedActivity, ...]:
    windows = [(0, 1), (7, 14), (10, 14), (28, 30), (42, 56)]
    activities = []
    for begin, end in rng.sample(windows, rng.randrange(1, 4)):
        first, last = surgery + timedelta(days=begin), surgery + timedelta(days=end)
        status = rng.choice(["completed", "completed", "scheduled", "not-started"])
        if last != story.today:
            activities.append(PlannedActivity(first, last, status))
    return tuple(activities)


if __name__ == "__main__":
    told, asked = random_patient(int(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
    print(in_words(told), sorted(expected(told).topics), sep="\n", file=sys.stderr)
    print(json.dumps(asked, indent=2))
