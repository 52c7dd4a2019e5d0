"""Baclofen withdrawal: what can have interrupted delivery, and its signs."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from cds_service.therapy.calendar import add_days, day_text
from cds_service.therapy.cycle import Thresholds, fill_before
from cds_service.therapy.delivery import unanswered
from cds_service.therapy.fact import Fact, Facts, absent, known, unknown
from cds_service.therapy.implants import explanted_on, implanted_on
from cds_service.therapy.quantities import plain
from cds_service.therapy.record import (
    ComplicationKind,
    Evidence,
    PumpEvent,
    PumpEventKind,
    TherapyRecord,
)
from cds_service.therapy.refill import RefillStatus
from cds_service.therapy.reservoir import reaches
from cds_service.therapy.signs import Sign, Vital
from cds_service.therapy.symptoms import (
    Item,
    Symptoms,
    absent_words,
    any_of,
    finding,
    from_signs,
    happened_within,
    highest,
    measured,
    not_assessed_words,
    present_words,
    proofs,
)

NamedFacts = Iterator[tuple[str, Fact]]
Risk = tuple[str, tuple[Evidence, ...]]
_CHECKS = (PumpEventKind.INTERROGATION, PumpEventKind.REPROGRAMMING)
_FAULTS = {
    "delivery.pumpFault": (ComplicationKind.PUMP_FAULT, "diagnosed fault of the pump"),
    "delivery.catheterFault": (ComplicationKind.CATHETER_FAULT, "diagnosed fault of the catheter"),
}


def withdrawal_facts(
    record: TherapyRecord,
    found: Symptoms,
    facts: Facts,
    status: RefillStatus,
    thresholds: Thresholds,
    now: datetime,
) -> NamedFacts:
    """Every `withdrawal.*` fact. `facts` holds those of pump, delivery, refill and battery."""
    late = _late_refill(record, status, thresholds, now)
    yield from _risk_facts(record, facts, late, thresholds, now)
    items = withdrawal_items(found, thresholds)
    present = [item for item in items if item.present]
    unread, evidence = found.unread, proofs(items)
    enough = int(thresholds["withdrawalSignsWithoutRisk"])
    some = int(thresholds["withdrawalSignsForWarning"])
    key = [item for item in present if item.name in (_STIFFNESS, _ITCH)]
    yield "withdrawal.signs", known(len(present), *evidence)
    yield "withdrawal.anySign", finding(bool(present), unread, evidence)
    yield "withdrawal.someSigns", finding(len(present) >= some, unread, evidence)
    yield "withdrawal.manySigns", finding(len(present) >= enough, unread, evidence)
    yield "withdrawal.keySign", finding(bool(key), unread, proofs(key))
    seizure = [item for item in present if item.name == _SEIZURE]
    yield "withdrawal.seizure", finding(bool(seizure), unread, proofs(seizure))
    yield from _fever_facts(found)
    yield "withdrawal.signsFound", known(present_words(items), *evidence)
    yield "withdrawal.signsAbsent", known(absent_words(items))
    yield "withdrawal.signsNotAssessed", known(not_assessed_words(items))
    rash = found.sign(Sign.ITCHING) is True and found.sign(Sign.RASH) is True
    yield "withdrawal.itchWithRash", known(rash, *found.proofs(Sign.ITCHING, Sign.RASH))


_STIFFNESS, _ITCH, _SEIZURE = "increased stiffness or spasms", "itching without rash", "seizure"


def withdrawal_items(found: Symptoms, thresholds: Thresholds) -> tuple[Item, ...]:
    """The signs of withdrawal that S-54 and the drug label list, each once."""
    return (
        from_signs(found, _STIFFNESS, Sign.SPASTICITY, Sign.RIGIDITY),
        _itch(found),
        any_of(
            "severe discomfort or pain",
            from_signs(found, "", Sign.SEVERE_DISCOMFORT),
            _pain_score(found, thresholds),
        ),
        from_signs(found, "sweating", Sign.SWEATING),
        any_of("fever", _warm(found, thresholds), from_signs(found, "", Sign.FEVER)),
        from_signs(found, "dizziness or light-headedness", Sign.DIZZINESS),
        from_signs(found, "nausea", Sign.NAUSEA),
        from_signs(found, _SEIZURE, Sign.SEIZURE),
        from_signs(found, "altered mental state", Sign.ALTERED_MENTAL_STATE),
    )


def _itch(found: Symptoms) -> Item:
    """Itching does not count with a rash: then it is an allergy sooner than withdrawal."""
    itch = from_signs(found, _ITCH, Sign.ITCHING)
    if itch.present and found.sign(Sign.RASH):
        return Item(_ITCH, False, found.proofs(Sign.ITCHING, Sign.RASH), "itching came with a rash")
    return itch


def _pain_score(found: Symptoms, thresholds: Thresholds) -> Item | None:
    score = found.vitals.get(Vital.PAIN_SCORE)
    if score is None:
        return None
    is_severe = score.value >= thresholds["severePainScore"]
    return measured("", is_severe, score.evidence, f"{plain(score.value)} of 10")


def _warm(found: Symptoms, thresholds: Thresholds) -> Item | None:
    warmest = highest(found)
    if warmest is None or warmest.value is None:
        return None
    is_fever = warmest.value >= thresholds["lowGradeFeverCelsius"]
    return measured("", is_fever, warmest.evidence, f"{plain(warmest.value)} °C")


def _fever_facts(found: Symptoms) -> NamedFacts:
    warmest = highest(found)
    if warmest is None or warmest.value is None:
        why = found.unread
        none: Fact = unknown(why) if why else absent("no temperature was taken")
        yield "withdrawal.temperatureTaken", finding(False, why)
        yield "withdrawal.highestTemperature", none
    else:
        yield "withdrawal.temperatureTaken", known(True, warmest.evidence)
        yield "withdrawal.highestTemperature", known(warmest.value, warmest.evidence)
    rigid = from_signs(found, _STIFFNESS, Sign.SPASTICITY, Sign.RIGIDITY)
    yield "withdrawal.rigidity", finding(bool(rigid.present), found.unread, rigid.evidence)


def _risk_facts(
    record: TherapyRecord, facts: Facts, late: list[Risk], thresholds: Thresholds, now: datetime
) -> NamedFacts:
    risks = [*_reservoir_and_battery(facts), *_delivery(record, facts, thresholds, now), *late]
    evidence = [proof for _, proofs_of_it in risks for proof in proofs_of_it]
    unread = "" if risks else _why_unknown(record, facts)
    yield "withdrawal.atRisk", finding(bool(risks), unread, evidence)
    yield "withdrawal.risks", known("; ".join(words for words, _ in risks), *evidence)
    is_depleted = _is_reached(facts, "refill.emptyDateKnown", "refill.daysToEmptyAtLatest")
    is_depleted = is_depleted or facts["refill.emptyReservoirAlarm"].value is True
    in_place = bool(facts["pump.inPlace"].value) and not facts["pump.holdsOtherDrug"].value
    unread = "observations could not be read" if "observations" in record.unread else ""
    proof = (*facts["refill.emptyReservoirAlarm"].evidence, *facts["refill.daysToEmpty"].evidence)
    yield "withdrawal.depleted", finding(in_place and is_depleted, unread, proof)
    stopped = facts["therapy.daysSinceStopped"].value
    is_watched = isinstance(stopped, int) and stopped <= thresholds["stoppedWatchDays"]
    yield "withdrawal.pumpRemoved", known(is_watched, *facts["therapy.stopped"].evidence)


def _reservoir_and_battery(facts: Facts) -> Iterator[Risk]:
    """Of a pump in place that holds baclofen; the dates say nothing of another drug."""
    if not facts["pump.inPlace"].value or facts["pump.holdsOtherDrug"].value:
        return
    if _is_reached(facts, "refill.emptyDateKnown", "refill.daysToEmptyAtLatest"):
        yield _dated("the reservoir is empty by date", facts["refill.emptyDate"])
    elif _is_reached(facts, "refill.alarmDateKnown", "refill.daysToAlarmAtLatest"):
        yield _dated("the low-reservoir alarm date is reached", facts["refill.alarmDate"])
    for name, words in (
        ("refill.emptyReservoirAlarm", "empty-reservoir alarm"),
        ("refill.lowReservoirAlarm", "low-reservoir alarm"),
        ("battery.eosAlarm", "end-of-service alarm"),
        ("delivery.motorStall", "motor-stall alarm"),
        ("delivery.pumpStopped", "stopped-pump alarm"),
        ("delivery.memoryError", "memory-error alarm"),
    ):
        if facts[name].value:
            yield _with_newest(words, facts[name].evidence)
    if _is_reached(facts, "battery.dated", "battery.daysToEosAtLatest"):
        yield _dated("the battery's end of service is reached", facts["battery.eosDate"])
    if facts["refill.visitMissed"].value:
        yield _dated("a refill visit was missed", facts["refill.missedVisitDate"])


def _delivery(
    record: TherapyRecord, facts: Facts, thresholds: Thresholds, now: datetime
) -> Iterator[Risk]:
    explant = explanted_on(record)
    stopped = facts["therapy.daysSinceStopped"].value
    if explant and isinstance(stopped, int) and stopped <= thresholds["stoppedWatchDays"]:
        yield _dated("the pump was removed", facts["therapy.stoppedDate"])
    if facts["otherDrug.replacedBaclofen"].value:
        yield _dated("another drug took the place of baclofen", facts["otherDrug.replacedDate"])
    for name, (kind, words) in _FAULTS.items():
        open_still = (found.evidence for found in unanswered(record, kind))
        told = tuple(dict.fromkeys([*facts[name].evidence, *open_still]))
        if told:
            yield _with_newest(words, told)
    for found in _underdosing(record, thresholds, now.date()):
        yield _with_newest("diagnosis of underdosing", (found,))
    hours = int(thresholds["withdrawalEventHours"])
    recent = [event for event in record.events if happened_within(event.when, now, hours)]
    for event in recent:
        if event.kind is PumpEventKind.CSF_PROCEDURE:
            yield f"{event.kind.value} ({event.when})", (event.evidence,)
        elif event.kind is PumpEventKind.MRI and not _was_checked_after(event, record):
            yield f"MRI scan ({event.when}) without a pump check after it", (event.evidence,)


def _late_refill(
    record: TherapyRecord, status: RefillStatus, thresholds: Thresholds, now: datetime
) -> list[Risk]:
    """A recent refill that came on the alarm date of the fill before it, or later."""
    cycle, hours = status.cycle, int(thresholds["withdrawalEventHours"])
    if cycle is None or cycle.is_assumed or not happened_within(cycle.fill.when, now, hours):
        return []
    if explanted_on(record):
        return []
    filled = cycle.fill.when
    before = fill_before(record, thresholds, status.dosing, filled.first)
    if before is None or before.filling is None:
        return []
    alarm = reaches(before.filling, status.alarm_volume.volume)
    is_known = before.known_until is None or alarm <= before.known_until
    if not is_known or alarm > filled.last:
        return []
    words = f"the refill of {filled} came on or after the alarm date ({day_text(alarm)})"
    return [(words, (cycle.fill.evidence, *before.evidence))]


def _underdosing(record: TherapyRecord, thresholds: Thresholds, today: date) -> list[Evidence]:
    """Active diagnoses of it for the present pump, inside their look-back or undated."""
    implant = implanted_on(record)
    earliest = add_days(today, -int(thresholds["complicationLookBackDays"]))
    earliest = max(earliest, implant.when.first) if implant else earliest
    return [
        found.evidence
        for found in record.complications
        if found.kind is ComplicationKind.UNDERDOSING
        and (found.when is None or found.when.last >= earliest)
    ]


def _was_checked_after(scan: PumpEvent, record: TherapyRecord) -> bool:
    """Only a check that certainly came later: one of the same day can have been before."""
    return any(event.kind in _CHECKS and event.when.is_after(scan.when) for event in record.events)


def _is_reached(facts: Facts, is_known: str, days: str) -> bool:
    left = facts[days].value
    return bool(facts[is_known].value) and isinstance(left, int | Decimal) and left <= 0


def _dated(words: str, fact: Fact) -> Risk:
    on = fact.value
    return (f"{words} ({day_text(on)})" if isinstance(on, date) else words), fact.evidence


def _with_newest(words: str, evidence: tuple[Evidence, ...]) -> Risk:
    days = [found.when.last for found in evidence if found.when]
    return (f"{words} ({day_text(max(days))})" if days else words), evidence


def _why_unknown(record: TherapyRecord, facts: Facts) -> str:
    """Why it is not known that there is no risk; empty when everything that tells was read."""
    for key in ("observations", "procedures", "conditions", "medicationAdministrations"):
        if key in record.unread:
            return f"{key} could not be read"
    holds_baclofen = facts["pump.inPlace"].value and not facts["pump.holdsOtherDrug"].value
    if holds_baclofen and not facts["refill.alarmDateKnown"].value:
        return "the low-reservoir alarm date is neither computable nor reported"
    return ""
