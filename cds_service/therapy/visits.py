"""Booked, missed and requested visits."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from cds_service.therapy.record import (
    DataIssue,
    ProposedOrder,
    TherapyRecord,
    Visit,
    VisitKind,
    VisitState,
)


def with_proposals(
    record: TherapyRecord,
    orders: tuple[ProposedOrder, ...],
    visits: tuple[Visit, ...],
    issues: tuple[DataIssue, ...],
) -> TherapyRecord:
    """The record as it would be: visits about to be booked count as booked.

    A visit that is moved counts on its new day only: it keeps its reference.
    """
    if not (orders or visits or issues):
        return record
    moved = {visit.evidence.reference for visit in visits}
    kept = (visit for visit in record.visits if visit.evidence.reference not in moved)
    return replace(
        record,
        visits=(*kept, *visits),
        proposed_orders=orders,
        proposed_visits=visits,
        issues=(*record.issues, *issues),
    )


def booked(visits: Iterable[Visit], kind: VisitKind, today: date) -> Visit | None:
    """The earliest visit of that kind booked for today or later."""
    return _earliest(
        visit
        for visit in visits
        if visit.kind is kind and visit.state is VisitState.BOOKED and visit.when.first >= today
    )


def dated(visits: Iterable[Visit], kind: VisitKind, today: date) -> Visit | None:
    """The earliest visit of that kind booked, or ordered with a date, for today or later."""
    return _earliest(
        visit
        for visit in visits
        if visit.kind is kind
        and visit.state in (VisitState.BOOKED, VisitState.ORDERED)
        and visit.when.first >= today
    )


def requested(visits: Iterable[Visit], kind: VisitKind) -> Visit | None:
    """A visit of that kind that is proposed, pending or ordered: it silences nothing."""
    states = (VisitState.REQUESTED, VisitState.ORDERED)
    return _earliest(v for v in visits if v.kind is kind and v.state in states)


def missed(
    visits: Iterable[Visit], kind: VisitKind, after: date | None, earliest: date, today: date
) -> Visit | None:
    """The newest visit of that kind that did not take place, or was cancelled ahead.

    It starts after the day `after` (the last fill) and not before `earliest`. A visit still booked
    in the past counts: had it taken place, a fill would be on record.
    """
    gone = [
        visit
        for visit in visits
        if visit.kind is kind
        and (after is None or visit.when.first > after)
        and visit.when.first >= earliest
        and _did_not_take_place(visit, today)
    ]
    return max(gone, key=lambda visit: visit.when.first, default=None)


def _did_not_take_place(visit: Visit, today: date) -> bool:
    if visit.state in (VisitState.NO_SHOW, VisitState.CANCELLED):
        return True
    return visit.state is VisitState.BOOKED and visit.when.first < today


def _earliest(visits: Iterable[Visit]) -> Visit | None:
    return min(visits, key=lambda visit: (visit.when.first, visit.evidence.reference), default=None)
