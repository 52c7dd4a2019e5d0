"""The screening test: when another dose may be given, what the last one did, what speaks against.

It shows and compares; whether a response is good enough is for clinician and patient to decide.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

from cds_service.therapy.ashworth import AshworthGrade
from cds_service.therapy.calendar import When, add_days, day_text, whole_months_between
from cds_service.therapy.cycle import Thresholds
from cds_service.therapy.fact import Fact, absent, known, unknown
from cds_service.therapy.quantities import Micrograms, plain
from cds_service.therapy.record import (
    Evidence,
    OrderKind,
    Reading,
    TherapyRecord,
    VisitKind,
)

NamedFacts = Iterator[tuple[str, Fact]]
_NO_DOSE = "no screening test dose was given"
_HOUR = timedelta(hours=1)
_RESPONSE = ("responseKnown", "gradeBefore", "gradeAfter", "hoursAfter", "change", "course")
_Graded = Reading[AshworthGrade]


def screening_facts(record: TherapyRecord, thresholds: Thresholds, now: datetime) -> NamedFacts:
    """Every `screening.*` fact but the one on age."""
    planned = _planned(record, now)
    yield "screening.proposed", known(planned is not None)
    yield from _dose_facts(record, thresholds, now, planned or now)
    yield from _problem_facts(record, thresholds, now)
    yield from _brain_injury_facts(record, thresholds, planned or now)


def _planned(record: TherapyRecord, now: datetime) -> datetime | None:
    """The moment the proposed test is for, the earliest it can be; now when none is given."""
    orders = [o for o in record.proposed_orders if o.kind is OrderKind.SCREENING_TEST]
    visits = [v for v in record.proposed_visits if v.kind is VisitKind.SCREENING_TEST]
    if not orders and not visits:
        return None
    dates = [order.planned for order in orders if order.planned]
    dates += [visit.when for visit in visits]
    return min((max(_first_moment(when, now), now) for when in dates), default=now)


def _dose_facts(
    record: TherapyRecord, thresholds: Thresholds, now: datetime, planned: datetime
) -> NamedFacts:
    earliest = add_days(now.date(), -int(thresholds["screeningLookBackDays"]))
    recent = [dose for dose in record.test_doses if dose.when.last >= earliest]
    last = max(recent, key=lambda dose: _last_moment(dose.when, now), default=None)
    unread = last is None and "medicationAdministrations" in record.unread
    missing = unknown("medicationAdministrations could not be read") if unread else None
    proofs = tuple(dose.evidence for dose in recent)
    yield "screening.tested", missing or known(last is not None, *proofs)
    if last is None:
        nothing = missing or absent(_NO_DOSE)
        for name in ("lastDose", "lastDoseTime", "hoursSinceLastDose", "nextDoseFrom"):
            yield f"screening.{name}", nothing
        for name in (*_RESPONSE, "responseDue", "meetsPayerExample", "largestDoseGiven"):
            yield f"screening.{name}", nothing
        return
    given = _last_moment(last.when, now)
    told = f"{float(last.value.value):g} mcg" if last.value else "amount not recorded"
    yield "screening.lastDose", known(told, last.evidence)
    yield "screening.lastDoseTime", known(_time_text(last.when, now), last.evidence)
    yield "screening.hoursSinceLastDose", known(_hours(planned - given), last.evidence)
    next_from = given + timedelta(hours=int(thresholds["screeningIntervalHours"]))
    yield "screening.nextDoseFrom", known(_moment_text(next_from), last.evidence)
    largest = Micrograms(Fraction(thresholds["largestTestDose"]))
    is_largest = last.value is not None and last.value >= largest
    yield "screening.largestDoseGiven", known(is_largest, last.evidence)
    window = timedelta(hours=int(thresholds["screeningResponseHours"]))
    yield "screening.responseDue", known(now - given >= window, last.evidence)
    yield from _response_facts(record, thresholds, last)


def _response_facts(
    record: TherapyRecord, thresholds: Thresholds, dose: Reading[Micrograms]
) -> NamedFacts:
    course, before, why = _course(record, thresholds, dose)
    if not course:
        is_unread = "observations" in record.unread
        nothing = unknown("observations could not be read") if is_unread else absent(why)
        yield "screening.responseKnown", nothing if is_unread else known(False)
        for name in (*_RESPONSE[1:], "meetsPayerExample"):
            yield f"screening.{name}", nothing
        return
    proofs = _proofs(before)
    hours, after, graded = min(course, key=lambda step: (step[1], step[0]))
    start = _mean([before[name] for name in graded], thresholds)
    told = "; ".join(
        f"{plain(mean)} after {plain(at)} h" for at, mean, _ in sorted(course, key=lambda s: s[0])
    )
    proofs = (*proofs, *_proofs(graded))
    yield "screening.responseKnown", known(True, *proofs)
    yield "screening.gradeBefore", known(plain(start), *proofs)
    yield "screening.gradeAfter", known(plain(after), *proofs)
    yield "screening.hoursAfter", known(plain(hours), *proofs)
    basis = f"mean grade {plain(after)} less mean grade {plain(start)}, same muscles"
    yield "screening.change", known(plain(after - start), *proofs, basis=basis)
    yield "screening.course", known(told, *proofs)
    is_met = start - after >= thresholds["payerExampleReduction"]
    yield "screening.meetsPayerExample", known(is_met, *proofs)


_Step = tuple[Decimal, Decimal, Mapping[str, _Graded]]


def _course(
    record: TherapyRecord, thresholds: Thresholds, dose: Reading[Micrograms]
) -> tuple[list[_Step], dict[str, _Graded], str]:
    """The mean after each hour of grading, of muscles graded before too; those before; why none."""
    given = dose.when.instant
    if given is None:
        return [], {}, "the time of day of the test dose is not recorded"
    window = timedelta(hours=int(thresholds["screeningResponseHours"]))
    others = [each.when.instant for each in record.test_doses if each.when.instant]
    before: dict[str, _Graded] = {}
    after: dict[datetime, dict[str, _Graded]] = defaultdict(dict)
    oldest = given - timedelta(days=int(thresholds["screeningBaselineDays"]))
    for found in sorted(record.ashworth_grades, key=_moment_of):
        at = found.when.instant
        if at is None or found.value is None:
            continue
        name = found.value.muscles.lower()
        if given < at <= given + window:
            after[at][name] = found
        elif oldest <= at <= given and not any(o < at <= o + window for o in others if o < given):
            before[name] = found
    steps: list[_Step] = []
    for at, graded in after.items():
        shared = {name: found for name, found in graded.items() if name in before}
        if shared:
            steps.append((_hours(at - given), _mean(list(shared.values()), thresholds), shared))
    return steps, before, "no muscle has a timed Modified Ashworth grade before and after the dose"


def _moment_of(found: _Graded) -> datetime:
    return found.when.instant or datetime.min.replace(tzinfo=UTC)


def _mean(graded: list[_Graded], thresholds: Thresholds) -> Decimal:
    """The mean of the grades, to two decimals."""
    one_plus = thresholds["ashworthOnePlus"]
    ordinals = [found.value.ordinal(one_plus) for found in graded if found.value]
    return (sum(ordinals, Decimal(0)) / len(ordinals)).quantize(Decimal("0.01"))


def _proofs(graded: Mapping[str, _Graded]) -> tuple[Evidence, ...]:
    return tuple(found.evidence for found in graded.values())


def _problem_facts(record: TherapyRecord, thresholds: Thresholds, now: datetime) -> NamedFacts:
    earliest = add_days(now.date(), -int(thresholds["screeningProblemDays"]))
    # One without a date counts: it stands as active in the record.
    found = [each for each in record.hindrances if not each.when or each.when.last >= earliest]
    told = sorted({each.says + (f" ({each.when})" if each.when else "") for each in found})
    if not found and "conditions" in record.unread:
        yield "screening.problems", unknown("conditions could not be read")
    else:
        yield "screening.problems", known(len(found), *found)
    yield "screening.problemList", known("; ".join(told))


def _brain_injury_facts(record: TherapyRecord, thresholds: Thresholds, at: datetime) -> NamedFacts:
    wait = int(thresholds["brainInjuryWaitMonths"])
    dated = [(each.when, each) for each in record.brain_injuries if each.when]
    if not dated:
        is_unread = "conditions" in record.unread
        nothing = absent("no brain injury is recorded")
        missing = unknown("conditions could not be read")
        yield "screening.recentBrainInjury", missing if is_unread else known(False)
        yield "screening.brainInjuryDate", nothing
        yield "screening.monthsSinceBrainInjury", nothing
        return
    when, newest = max(dated, key=lambda pair: (pair[0].last, pair[0].first, pair[1].reference))
    shortest = whole_months_between(when.last, at.date())
    longest = whole_months_between(when.first, at.date())
    if shortest >= wait:
        yield "screening.recentBrainInjury", known(False, newest)
    elif longest < wait:
        yield "screening.recentBrainInjury", known(True, newest)
    else:
        why = f"the day of the brain injury ({newest.reference}) is not recorded"
        yield "screening.recentBrainInjury", unknown(why, newest)
    yield "screening.brainInjuryDate", known(str(when), newest)
    yield "screening.monthsSinceBrainInjury", known(shortest, newest)


def _first_moment(when: When, now: datetime) -> datetime:
    return when.instant or datetime.combine(when.first, time.min, now.tzinfo)


def _last_moment(when: When, now: datetime) -> datetime:
    """The moment, or the last it can be: so that no dose is given too early."""
    if when.instant is not None:
        return when.instant
    return min(datetime.combine(add_days(when.last, 1), time.min, now.tzinfo), now)


def _hours(length: timedelta) -> Decimal:
    return Decimal(length // timedelta(minutes=6)) / 10


def _time_text(when: When, now: datetime) -> str:
    return _moment_text(when.instant.astimezone(now.tzinfo)) if when.instant else str(when)


def _moment_text(moment: datetime) -> str:
    return f"{day_text(moment.date())} {moment:%H:%M}"
