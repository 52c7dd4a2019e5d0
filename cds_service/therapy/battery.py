"""When the pump's battery ends: ERI (replacement due) and EOS (the pump stops).

EOS = min(known ERI + 90 days, implant + model life); ERI = min(known ERI, EOS - 90 days).
Source: medtronic.com "Getting a Replacement": after ERI a SynchroMed II runs 90 days, and stops at
most 7 years after implant. Device.expirationDate is a shelf date and never used.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from cds_service.therapy import visits
from cds_service.therapy.calendar import (
    When,
    add_days,
    add_months,
    day_text,
    earliest,
    whole_months_between,
)
from cds_service.therapy.cycle import Thresholds
from cds_service.therapy.fact import Fact, absent, known, unknown
from cds_service.therapy.implants import implanted_on
from cds_service.therapy.quantities import plain
from cds_service.therapy.record import (
    Alarm,
    Evidence,
    Reading,
    Surgery,
    SurgeryKind,
    TherapyRecord,
    VisitKind,
)

ERI_TO_EOS_DAYS = 90
NamedFacts = Iterator[tuple[str, Fact]]
_NO_IMPLANT = "the implant date is not recorded"
_MADE = "day of manufacture, a lower bound"
_NO_END = (
    "neither an ERI reported by the pump nor implant date with the model's battery life is known"
)


@dataclass(frozen=True, slots=True)
class KnownEri:
    """ERI as the pump reported it, how it was reported, and when."""

    date: When
    words: str
    recorded: When
    evidence: Evidence
    is_estimate: bool


@dataclass(frozen=True, slots=True)
class BatteryEnd:
    """ERI and EOS with the figures behind them; intervals where a date is partial."""

    eri: When
    eos: When
    words: str
    disagreement: str
    evidence: tuple[Evidence, ...]


def battery_facts(record: TherapyRecord, thresholds: Thresholds, today: date) -> NamedFacts:
    """Every `battery.*` fact; `record` holds only what belongs to the present pump."""
    implant = implanted_on(record) or _made(record, today)
    eri = known_eri(record)
    end = battery_end(record, implant, eri)
    yield from _implant_facts(implant, today)
    life = life_months(record)
    yield "battery.lifeKnown", known(life is not None, *(pump.evidence for pump in record.pumps))
    yield "battery.eriKnown", known(eri is not None, *((eri.evidence,) if eri else ()))
    yield from _estimate_facts(record, implant, eri, thresholds, today)
    yield from _end_facts(end, thresholds, today)
    alarms = [found.evidence for found in record.alarms if found.value is Alarm.EOS]
    yield "battery.eosAlarm", known(bool(alarms), *alarms)
    yield from _replacement_facts(record, end, today)


def _made(record: TherapyRecord, today: date) -> Surgery | None:
    """Without an implant date: some day since the only pump was made, which gives its age at most.

    As with a partial date, the earliest day plans ahead and the latest holds critical advice back.
    """
    if len(record.pumps) != 1 or record.pumps[0].made is None:
        return None
    pump, made = record.pumps[0], record.pumps[0].made
    proof = Evidence(pump.evidence.reference, "pump made", made, _MADE)
    return Surgery(SurgeryKind.IMPLANT, When(made.first, today), (proof,))


def life_months(record: TherapyRecord) -> int | None:
    """The model's battery life in months from implant; None when unknown or pumps differ."""
    lives = {pump.model.life_months if pump.model else None for pump in record.pumps}
    return lives.pop() if len(lives) == 1 else None


def known_eri(record: TherapyRecord) -> KnownEri | None:
    """The earlier of the first ERI alarm and the newest ERI date or estimate the pump gave."""
    told = [*_reported(record), *_estimated(record)]
    newest = max((found.recorded.first for found in told), default=None)
    candidates = [found for found in told if found.recorded.first == newest]
    candidates += [
        KnownEri(found.when, f"ERI alarm on {found.when}", found.when, found.evidence, False)
        for found in record.alarms
        if found.value is Alarm.ERI
    ]
    return min(candidates, key=lambda found: (found.date.first, found.words), default=None)


def battery_end(
    record: TherapyRecord, implant: Surgery | None, eri: KnownEri | None
) -> BatteryEnd | None:
    """ERI and EOS from what is known, or None when no end can be given."""
    life = life_months(record)
    ends: list[tuple[When, str, Evidence]] = []
    if eri is not None:
        ends.append((_later(eri.date, ERI_TO_EOS_DAYS), f"{eri.words} + 90 days", eri.evidence))
    if implant is not None and life is not None:
        limit = When(add_months(implant.when.first, life), add_months(implant.when.last, life))
        words = f"implanted {implant.when} + {life} months of battery life"
        ends.append((limit, words, implant.evidence[0]))
    for reading in _newest_eos(record):
        if reading.value is not None:
            words = f"EOS reported on {reading.when}"
            ends.append((reading.value, words, reading.evidence))
    if not ends:
        return None
    eos = earliest(*(when for when, _, _ in ends))
    words = min(ends, key=lambda end: (end[0].first, end[1]))[1]
    eri_at = _later(eos, -ERI_TO_EOS_DAYS)
    if eri is not None:
        eri_at = earliest(eri.date, eri_at)
    told = "; ".join(f"{text} = {when}" for when, text, _ in ends)
    disagreement = (
        f"{told}. The earlier date rules" if len({end[0].first for end in ends}) > 1 else ""
    )
    evidence = tuple(dict.fromkeys(end[2] for end in ends))
    return BatteryEnd(eri_at, eos, f"EOS = {words} = {eos}", disagreement, evidence)


def _reported(record: TherapyRecord) -> list[KnownEri]:
    return [
        KnownEri(found.value, f"ERI reported as {found.value}", found.when, found.evidence, False)
        for found in record.eri_dates
        if found.value is not None
    ]


def _estimated(record: TherapyRecord) -> list[KnownEri]:
    estimates = []
    for found in record.months_to_eri:
        if found.value is None:
            continue
        months = int(found.value)
        extra = int((found.value - months) * 30)
        at = When(
            add_days(add_months(found.when.first, months), extra),
            add_days(add_months(found.when.last, months), extra),
        )
        words = f"{plain(found.value)} months to ERI estimated on {found.when}"
        estimates.append(KnownEri(at, words, found.when, found.evidence, True))
    return estimates


def _newest_eos(record: TherapyRecord) -> list[Reading[When]]:
    return sorted(record.eos_dates, key=lambda found: found.when.first)[-1:]


def _later(when: When, days: int) -> When:
    return When(add_days(when.first, days), add_days(when.last, days))


def _implant_facts(implant: Surgery | None, today: date) -> NamedFacts:
    yield "battery.implantDateKnown", known(implant is not None)
    if implant is None:
        for name in ("implantDate", "ageMonths", "ageMonthsAtLeast"):
            yield f"battery.{name}", unknown(_NO_IMPLANT)
        return
    when, evidence = implant.when.capped(today), implant.evidence
    yield "battery.implantDate", known(when.first, *evidence)
    yield "battery.ageMonths", known(whole_months_between(when.first, today), *evidence)
    yield "battery.ageMonthsAtLeast", known(whole_months_between(when.last, today), *evidence)


def _estimate_facts(
    record: TherapyRecord,
    implant: Surgery | None,
    eri: KnownEri | None,
    thresholds: Thresholds,
    today: date,
) -> NamedFacts:
    limit = int(thresholds["estimateStaleMonths"])
    is_old = eri is not None and eri.is_estimate and add_months(eri.recorded.first, limit) < today
    yield "battery.estimateIsOld", known(is_old, *((eri.evidence,) if eri else ()))
    notes = []
    if eri is not None and life_months(record) is None:
        notes.append(
            "The battery life of this pump model is not known: EOS is assumed 90 days after ERI."
        )
    if is_old and eri is not None:
        notes.append(f"The estimate is of {eri.recorded}: interrogate the pump again.")
    if implant is not None and implant.evidence[0].rung == _MADE:
        notes.append(
            f"The implant is not recorded: the pump was made on {implant.evidence[0].when} and "
            "implanted then or later, so its age is at most the one given."
        )
    elif implant is not None and not implant.when.is_day:
        notes.append(f"The implant is dated {implant.when} only: its first day is used.")
    if {"appointments", "serviceRequests"} & record.unread.keys():
        notes.append("Not all bookings and orders could be read; those count as none.")
    yield "battery.assumptions", known(" ".join(notes))


def _end_facts(end: BatteryEnd | None, thresholds: Thresholds, today: date) -> NamedFacts:
    yield "battery.dated", known(end is not None)
    names = ("eriDate", "daysToEri", "daysToEriAtLatest", "eosDate", "daysToEos")
    if end is None:
        others = ("daysToEosAtLatest", "orderByDate", "daysToOrderBy", "planFromDate")
        for name in (*names, *others, "daysToPlanFrom", "basis", "disagreement"):
            yield f"battery.{name}", unknown(_NO_END)
        return
    evidence = end.evidence
    order_by = add_months(end.eri.first, -int(thresholds["replacementOrderMonths"]))
    plan_from = add_months(end.eri.first, -int(thresholds["replacementPlanMonths"]))
    yield "battery.eriDate", known(end.eri.first, *evidence)
    yield "battery.daysToEri", known((end.eri.first - today).days, *evidence)
    yield "battery.daysToEriAtLatest", known((end.eri.last - today).days, *evidence)
    yield "battery.eosDate", known(end.eos.first, *evidence, basis=end.words)
    yield "battery.daysToEos", known((end.eos.first - today).days, *evidence)
    yield "battery.daysToEosAtLatest", known((end.eos.last - today).days, *evidence)
    yield "battery.orderByDate", known(order_by, *evidence)
    yield "battery.daysToOrderBy", known((order_by - today).days, *evidence)
    yield "battery.planFromDate", known(plan_from, *evidence)
    yield "battery.daysToPlanFrom", known((plan_from - today).days, *evidence)
    yield "battery.basis", known(f"{end.words}; ERI {day_text(end.eri.first)}", *evidence)
    yield "battery.disagreement", known(end.disagreement, *evidence)


def _replacement_facts(record: TherapyRecord, end: BatteryEnd | None, today: date) -> NamedFacts:
    visit = visits.dated(record.visits, VisitKind.REPLACEMENT, today)
    late = ("replacementDaysAfterEos", "replacementDaysAfterEosAtLatest")
    if visit is None:
        yield "battery.replacementDated", known(False)
        for name in ("replacementDate", "daysToReplacement", *late):
            yield f"battery.{name}", absent("no replacement is booked or ordered with a date")
        return
    on = visit.when.first
    yield "battery.replacementDated", known(True, visit.evidence)
    yield "battery.replacementDate", known(on, visit.evidence)
    yield "battery.daysToReplacement", known((on - today).days, visit.evidence)
    for name, eos in zip(late, (end.eos.first, end.eos.last) if end else (None, None), strict=True):
        yield (
            f"battery.{name}",
            known((on - eos).days, visit.evidence) if eos else unknown(_NO_END),
        )
