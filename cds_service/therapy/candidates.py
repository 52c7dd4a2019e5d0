"""Who may be asked about a pump: severe spasticity although oral drugs were tried, and no pump."""

from collections.abc import Iterator
from datetime import date

from cds_service.therapy.ashworth import AshworthGrade
from cds_service.therapy.calendar import add_days
from cds_service.therapy.cycle import Thresholds
from cds_service.therapy.fact import Fact, absent, known, unknown
from cds_service.therapy.implants import shows_pump
from cds_service.therapy.record import (
    DrugClass,
    DrugUse,
    Reading,
    TherapyRecord,
    Visit,
    VisitKind,
    VisitState,
)

NamedFacts = Iterator[tuple[str, Fact]]
_ORAL = (DrugClass.ORAL_BACLOFEN, DrugClass.ORAL_ANTISPASTIC)
_EVALUATIONS = (VisitKind.EVALUATION, VisitKind.SCREENING_TEST)
_MOST_NAMED = 4


def candidate_facts(record: TherapyRecord, thresholds: Thresholds, today: date) -> NamedFacts:
    """Every `candidate.*` fact, and the one of `screening.*` on age."""
    yield from _severity_facts(record, thresholds, today)
    drugs = [use for use in record.drug_uses if use.drug_class in _ORAL]
    if not drugs and "medicationRequests" in record.unread:
        yield "candidate.oralDrugsTried", unknown("medicationRequests could not be read")
    else:
        yield "candidate.oralDrugsTried", known(bool(drugs), *(use.evidence for use in drugs))
    names = sorted({_named(use) for use in drugs})
    yield "candidate.oralDrugs", known("; ".join(names[:_MOST_NAMED]))
    visits = [visit for visit in record.visits if _is_under_way(visit, thresholds, today)]
    proofs = [visit.evidence for visit in visits] + [dose.evidence for dose in record.test_doses]
    unread = [key for key in ("appointments", "serviceRequests") if key in record.unread]
    if unread and not proofs:
        yield "candidate.evaluationUnderWay", unknown(f"{unread[0]} could not be read")
    else:
        yield "candidate.evaluationUnderWay", known(bool(proofs), *proofs)
    yield "candidate.hasHadPump", known(shows_pump(record))
    yield from _age_facts(record, thresholds, today)


def newest_grades(
    record: TherapyRecord, thresholds: Thresholds, today: date
) -> list[Reading[AshworthGrade]]:
    """The newest grade of each muscle group, within the look-back."""
    earliest = add_days(today, -int(thresholds["ashworthLookBackDays"]))
    newest: dict[str, Reading[AshworthGrade]] = {}
    for found in sorted(record.ashworth_grades, key=lambda each: each.when.last):
        if found.value is not None and found.when.last >= earliest:
            newest[found.value.muscles.lower()] = found
    return list(newest.values())


def _severity_facts(record: TherapyRecord, thresholds: Thresholds, today: date) -> NamedFacts:
    grades = newest_grades(record, thresholds, today)
    high = [found for found in grades if _is_high(found, thresholds)]
    proofs = (*record.severe_spasticity, *(found.evidence for found in high))
    shown = [proof.says for proof in record.severe_spasticity]
    shown += [f"Modified Ashworth {found.value} on {found.when}" for found in high]
    yield "candidate.severity", known("; ".join(shown[:_MOST_NAMED]))
    unread = [key for key in ("conditions", "observations") if key in record.unread]
    if proofs:
        yield "candidate.severeSpasticity", known(True, *proofs)
    elif unread:
        yield "candidate.severeSpasticity", unknown(f"{unread[0]} could not be read")
    elif record.unrated_spasticity and not grades:
        why = "spasticity is diagnosed, and neither its severity nor a recent Modified Ashworth"
        unrated = unknown(f"{why} grade is recorded", *record.unrated_spasticity)
        yield "candidate.severeSpasticity", unrated
    else:
        yield "candidate.severeSpasticity", known(False, *(found.evidence for found in grades))


def _is_high(found: Reading[AshworthGrade], thresholds: Thresholds) -> bool:
    if found.value is None:
        return False
    grade = found.value.ordinal(thresholds["ashworthOnePlus"])
    return grade >= thresholds["severeAshworthGrade"]


def _named(use: DrugUse) -> str:
    return f"{use.name} (no longer prescribed)" if use.stopped else use.name


def _is_under_way(visit: Visit, thresholds: Thresholds, today: date) -> bool:
    """Asked for or booked; one that took place counts as long as its result is looked at."""
    if visit.kind not in _EVALUATIONS:
        return False
    if visit.state in (VisitState.REQUESTED, VisitState.ORDERED):
        return True
    if visit.state is VisitState.FULFILLED:
        earliest = add_days(today, -int(thresholds["screeningLookBackDays"]))
        return visit.when.last >= earliest
    return visit.state is VisitState.BOOKED and visit.when.last >= today


def _age_facts(record: TherapyRecord, thresholds: Thresholds, today: date) -> NamedFacts:
    """Whether the patient is younger than the label's youngest patients, and how old."""
    born = record.birth_date
    if born is None:
        yield "screening.belowLabelAge", unknown("the birth date is not recorded")
        yield "candidate.age", absent("the birth date is not recorded")
        return
    youngest = int(thresholds["youngestLabelAge"])
    oldest_age, youngest_age = _years(born.first, today), _years(born.last, today)
    is_below = oldest_age < youngest
    if is_below is (youngest_age < youngest):
        yield "screening.belowLabelAge", known(is_below)
    else:
        yield "screening.belowLabelAge", unknown("the birth date is recorded only in part")
    yield "candidate.age", known(str(oldest_age) if is_below else "")


def _years(born: date, today: date) -> int:
    had_birthday = (today.month, today.day) >= (born.month, born.day)
    return today.year - born.year - (not had_birthday)
