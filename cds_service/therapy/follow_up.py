"""Follow-up: when a provider who looks after the pump last saw the patient.

A refill at home keeps the pump filled; it is no visit to a provider.
"""

from collections.abc import Iterator
from datetime import date

from cds_service.therapy.calendar import When, add_days
from cds_service.therapy.cycle import Thresholds
from cds_service.therapy.fact import Fact, absent, known, unknown
from cds_service.therapy.record import (
    Evidence,
    PumpEventKind,
    TherapyRecord,
    Visit,
    VisitKind,
    VisitState,
)
from cds_service.therapy.visits import booked, missed

NamedFacts = Iterator[tuple[str, Fact]]
_AT_PROVIDER = {
    VisitKind.FOLLOW_UP: "follow-up visit",
    VisitKind.PUMP_CHECK: "pump check",
    VisitKind.REFILL: "refill visit",
}
_BOOKABLE = (VisitKind.FOLLOW_UP, VisitKind.PUMP_CHECK)
_CHECKS = (PumpEventKind.INTERROGATION, PumpEventKind.REPROGRAMMING)
_SOURCES = ("appointments", "medicationAdministrations", "procedures")
_NO_VISIT = "no visit to a provider is on record"
_Seen = tuple[When, str, tuple[Evidence, ...]]


def follow_up_facts(record: TherapyRecord, thresholds: Thresholds, today: date) -> NamedFacts:
    """Every `followUp.*` fact."""
    seen = [found for found in _seen(record) if found[0].first <= today]
    last = max(seen, key=lambda found: (found[0].first, found[0].last, found[1]), default=None)
    since = last[0].first if last else None
    yield "followUp.visitOnRecord", known(last is not None)
    if last is None:
        yield "followUp.lastVisitDate", absent(_NO_VISIT)
        yield "followUp.lastVisitKind", absent(_NO_VISIT)
    else:
        yield "followUp.lastVisitDate", known(last[0].first, *last[2])
        yield "followUp.lastVisitKind", known(last[1], *last[2])
    at_home = [fill for fill in record.fills if fill.at_home]
    home = max(at_home, key=lambda fill: fill.when.last, default=None)
    yield (
        "followUp.homeRefillDate",
        known(home.when.first, home.evidence) if home else absent("no refill at home is on record"),
    )
    yield from _interval_facts(record, last, thresholds, today)
    yield from _booking_facts(record, since, thresholds, today)


def _interval_facts(
    record: TherapyRecord, last: _Seen | None, thresholds: Thresholds, today: date
) -> NamedFacts:
    due_days = int(thresholds["followUpDueDays"])
    start = last[0].first if last else _pump_known_on(record)
    proofs = last[2] if last else ()
    days = (today - start).days if start else None
    yield (
        "followUp.pumpKnownDate",
        known(start) if start and not last else absent("a visit is on record, or nothing dated"),
    )
    unread = _not_read(record)
    is_recent = last is not None and days is not None and days <= due_days
    if is_recent or (days is not None and days > due_days and not unread):
        yield "followUp.daysSinceVisit", known(days or 0, *proofs)
    else:
        # A visit that was not read could be newer, so then only a recent one decides.
        yield "followUp.daysSinceVisit", unknown(_why_unknown(unread, start))
    longest = int(thresholds["followUpLongestDays"])
    due = known(add_days(start, longest), *proofs) if start else absent(_NO_VISIT)
    yield "followUp.dueDate", due


def _not_read(record: TherapyRecord) -> str:
    """What of the visits could not be read or used, in words; empty when all was."""
    for key in _SOURCES:
        if key in record.unread:
            return f"{key} could not be read"
    if any(issue.source in _SOURCES for issue in record.issues):
        return "a record that could not be used may be a visit newer than those found"
    return ""


def _why_unknown(unread: str, start: date | None) -> str:
    if unread:
        return unread
    since = "" if start is None else ", and the record of the pump begins only a short time ago"
    return f"{_NO_VISIT}{since}: ask when a provider last saw the patient"


def _booking_facts(
    record: TherapyRecord, since: date | None, thresholds: Thresholds, today: date
) -> NamedFacts:
    visits = record.visits
    bookings = [found for kind in _BOOKABLE if (found := booked(visits, kind, today))]
    ahead = min(bookings, key=lambda visit: visit.when.first, default=None)
    longest = int(thresholds["followUpLongestDays"])
    in_time = ahead and (since is None or ahead.when.last <= add_days(since, longest))
    yield "followUp.booked", known(ahead is not None, *_proof(ahead))
    yield "followUp.bookedInTime", known(bool(in_time), *_proof(ahead))
    yield "followUp.bookedDate", _day(ahead, "no follow-up visit is booked")
    earliest = add_days(today, -longest)
    gone = [found for kind in _BOOKABLE if (found := missed(visits, kind, since, earliest, today))]
    lost = max(gone, key=lambda visit: visit.when.first, default=None) if ahead is None else None
    yield "followUp.visitMissed", known(lost is not None, *_proof(lost))
    yield "followUp.missedVisitDate", _day(lost, "no follow-up visit was missed")


def _proof(visit: Visit | None) -> tuple[Evidence, ...]:
    return (visit.evidence,) if visit else ()


def _day(visit: Visit | None, otherwise: str) -> Fact:
    return known(visit.when.first, visit.evidence) if visit else absent(otherwise)


def _seen(record: TherapyRecord) -> Iterator[_Seen]:
    """Every occasion on which a provider saw patient and pump."""
    for surgery in record.surgeries:
        yield surgery.when, surgery.kind.value, surgery.evidence
    for event in record.events:
        if event.kind in _CHECKS:
            yield event.when, f"pump {event.kind.value}", (event.evidence,)
    for fill in record.fills:
        if not fill.at_home:
            yield fill.when, "refill", (fill.evidence,)
    for filled in record.other_drugs:
        if filled.is_filling:
            yield filled.when, "refill", (filled.evidence,)
    at_home = {fill.when.first for fill in record.fills if fill.at_home}
    for visit in record.visits:
        is_kept = visit.kind in _AT_PROVIDER and visit.state is VisitState.FULFILLED
        if is_kept and not (visit.kind is VisitKind.REFILL and visit.when.first in at_home):
            yield visit.when, _AT_PROVIDER[visit.kind], (visit.evidence,)


def _pump_known_on(record: TherapyRecord) -> date | None:
    """The first day of which anything about the pump is recorded."""
    days = [fill.when.first for fill in record.fills]
    days += [stated.when.first for stated in record.dose_statements]
    days += [reading.when.first for reading in record.months_to_eri]
    days += [reading.when.first for reading in record.reported_alarm_dates]
    days += [reading.when.first for reading in record.alarms]
    return min(days, default=None)
