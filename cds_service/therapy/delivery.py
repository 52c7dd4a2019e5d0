"""Whether the drug reaches the spinal fluid: alarms, faults, the skin over the pump, and leaks."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from cds_service.therapy.calendar import When, add_days
from cds_service.therapy.cycle import Thresholds
from cds_service.therapy.escalation import escalation_facts
from cds_service.therapy.fact import Fact, absent, known, seen
from cds_service.therapy.implants import latest_surgery
from cds_service.therapy.record import (
    Alarm,
    Complication,
    ComplicationKind,
    Evidence,
    PumpEvent,
    PumpEventKind,
    Reading,
    SurgeryKind,
    TherapyRecord,
)
from cds_service.therapy.refill import RefillStatus, alarms_since_fill
from cds_service.therapy.signs import Sign, SignReading

NamedFacts = Iterator[tuple[str, Fact]]
_CHECKS = (PumpEventKind.INTERROGATION, PumpEventKind.REPROGRAMMING)
_FULL_DAY = timedelta(hours=24)
_ALARMS = {
    "motorStall": Alarm.MOTOR_STALL,
    "pumpStopped": Alarm.STOPPED_PUMP,
    "memoryError": Alarm.MEMORY_ERROR,
}


def delivery_facts(
    record: TherapyRecord, status: RefillStatus, thresholds: Thresholds, now: datetime
) -> NamedFacts:
    """The facts `delivery.*` but those of the last fill, `skin.*` and `leak.*`; `now` is aware."""
    today = now.date()
    yield from _alarm_facts(record, status, thresholds, today)
    yield from _fault_facts(record, thresholds, today)
    yield from escalation_facts(record, status.dosing, thresholds, today)
    yield from _mri_facts(record, thresholds, now)
    yield from _skin_facts(record, thresholds, today)
    yield from _leak_facts(record, thresholds, today)


def _alarm_facts(
    record: TherapyRecord, status: RefillStatus, thresholds: Thresholds, today: date
) -> NamedFacts:
    """Alarms of a pump that may not run: recent ones, and older ones that no fill has followed."""
    earliest = add_days(today, -int(thresholds["stallLookBackDays"]))
    minor = [found for found in record.minor_alarms if found.when.last >= earliest]
    proofs = [found.evidence for found in minor]
    yield "delivery.minorMemoryError", seen(record.unread, "observations", bool(minor), *proofs)
    newest: list[Reading[Alarm]] = []
    for name, alarm in _ALARMS.items():
        unanswered = alarms_since_fill(record, status.cycle, alarm)
        found = [
            reading
            for reading in record.alarms
            if reading.value is alarm and (reading in unanswered or reading.when.last >= earliest)
        ]
        newest += found
        proofs = [reading.evidence for reading in found]
        yield f"delivery.{name}", seen(record.unread, "observations", bool(found), *proofs)
    newest = newest or minor
    if not newest:
        yield "delivery.alarmDate", absent("no such alarm is recorded")
    else:
        on = max(reading.when.first for reading in newest)
        yield "delivery.alarmDate", known(on, *(reading.evidence for reading in newest))


def _fault_facts(record: TherapyRecord, thresholds: Thresholds, today: date) -> NamedFacts:
    """Faults that were diagnosed, or that the pump's own Device says, and no operation followed."""
    told: list[Evidence] = []
    for name, kind in (
        ("pumpFault", ComplicationKind.PUMP_FAULT),
        ("catheterFault", ComplicationKind.CATHETER_FAULT),
    ):
        proofs = _proofs(_open(record, kind, thresholds, today))
        if kind is ComplicationKind.PUMP_FAULT:
            proofs += [pump.evidence for pump in record.pumps if pump.is_faulty]
        told += proofs
        yield f"delivery.{name}", seen(record.unread, "conditions", bool(proofs), *proofs)
    yield "delivery.faults", known("; ".join(dict.fromkeys(map(_said, told))), *told)


def _open(
    record: TherapyRecord, kind: ComplicationKind, thresholds: Thresholds, today: date
) -> list[Complication]:
    """Complications inside their look-back, or undated, that no later operation has answered."""
    earliest = add_days(today, -int(thresholds["complicationLookBackDays"]))
    told = unanswered(record, kind)
    return [found for found in told if found.when is None or found.when.last >= earliest]


def unanswered(record: TherapyRecord, kind: ComplicationKind) -> list[Complication]:
    """Active complications of a kind, however old, that no later operation has answered."""
    surgery = latest_surgery(record)
    answered = surgery.when.first if surgery and surgery.kind is not SurgeryKind.EXPLANT else None
    return [
        found
        for found in record.complications
        if found.kind is kind
        and (found.when is None or answered is None or found.when.last > answered)
    ]


def _mri_facts(record: TherapyRecord, thresholds: Thresholds, now: datetime) -> NamedFacts:
    """The newest MRI scan inside its look-back that no interrogation followed within a day."""
    earliest = add_days(now.date(), -int(thresholds["mriLookBackDays"]))
    scans = [
        event
        for event in record.events
        if event.kind is PumpEventKind.MRI and event.when.last >= earliest
    ]
    newest = max(scans, key=lambda event: event.when.last, default=None)
    is_open = (
        newest is not None and _is_a_day_ago(newest.when, now) and not _checked(record, newest)
    )
    proofs = (newest.evidence,) if newest else ()
    yield "delivery.mriUnchecked", seen(record.unread, "procedures", is_open, *proofs)
    if newest is None or not is_open:
        yield "delivery.mriDate", absent("no MRI scan without a pump check is recorded lately")
    else:
        yield "delivery.mriDate", known(newest.when.first, *proofs)


def _is_a_day_ago(when: When, now: datetime) -> bool:
    if when.instant is not None:
        return now - when.instant > _FULL_DAY
    return now.date() > add_days(when.last, 1)


def _checked(record: TherapyRecord, scan: PumpEvent) -> bool:
    """True when the pump was read on the day of the scan or later, and not certainly before it."""
    checks = [event.when for event in record.events if event.kind in _CHECKS]
    return any(found.last >= scan.when.first and not scan.when.is_after(found) for found in checks)


def _skin_facts(record: TherapyRecord, thresholds: Thresholds, today: date) -> NamedFacts:
    days = int(thresholds["skinLookBackDays"])
    exposed = _present(record, Sign.EXPOSED_HARDWARE, days, today)
    broken = _present(record, Sign.SKIN_BREAKDOWN, days, today)
    diagnosed = _open(record, ComplicationKind.SKIN_BREAKDOWN, thresholds, today)
    proofs = [found.evidence for found in (exposed, broken) if found] + _proofs(diagnosed)
    yield "skin.exposed", seen(record.unread, "observations", exposed is not None, *proofs)
    is_broken = bool(broken or diagnosed)
    yield "skin.breakdown", _seen_in_both(record, is_broken, proofs)
    yield "skin.findings", known("; ".join(map(_said, proofs)), *proofs)


def _leak_facts(record: TherapyRecord, thresholds: Thresholds, today: date) -> NamedFacts:
    diagnosed = _proofs(_open(record, ComplicationKind.CSF_LEAK, thresholds, today))
    days = int(thresholds["leakLookBackDays"])
    signs = [_present(record, sign, days, today) for sign in (Sign.DRAINAGE, Sign.SEVERE_HEADACHE)]
    suspected = [found.evidence for found in signs if found and found.suggests_leak]
    yield "leak.diagnosed", seen(record.unread, "conditions", bool(diagnosed), *diagnosed)
    yield "leak.suspected", seen(record.unread, "observations", bool(suspected), *suspected)
    proofs = [*diagnosed, *suspected]
    words = [_said(proof) for proof in diagnosed]
    words += [_leak_words(found) for found in signs if found and found.suggests_leak]
    yield "leak.findings", known("; ".join(words), *proofs)


def _leak_words(found: SignReading) -> str:
    if found.sign is Sign.DRAINAGE:
        return f"clear drainage from an incision, {found.when}"
    return f"headache that comes on sitting or standing up, {found.when}"


def _present(record: TherapyRecord, sign: Sign, days: int, today: date) -> SignReading | None:
    """The newest reading of a sign inside its look-back, if it says present."""
    earliest = add_days(today, -days)
    told = [found for found in record.signs if found.sign is sign and found.when.last >= earliest]
    newest = max(
        told,
        key=lambda found: (found.when.last, found.when.instant is not None, found.present),
        default=None,
    )
    return newest if newest is not None and newest.present else None


def _seen_in_both(record: TherapyRecord, found: bool, proofs: Iterable[Evidence]) -> Fact:
    unread = {key: why for key, why in record.unread.items() if key == "observations"}
    key = "observations" if unread else "conditions"
    return seen(record.unread, key, found, *proofs)


def _proofs(found: Iterable[Complication]) -> list[Evidence]:
    return [each.evidence for each in found]


def _said(proof: Evidence) -> str:
    return f"{proof.says}, {proof.when}" if proof.when else f"{proof.says}, without a date"
