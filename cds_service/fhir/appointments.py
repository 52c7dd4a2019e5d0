"""Visits: booked, kept, missed, or asked for."""

from cds_service.errors import DateError
from cds_service.fhir.chart import Chart, evidence
from cds_service.fhir.concepts import all_words, codes, names_patient, words
from cds_service.fhir.dates import read_when
from cds_service.fhir.decoding import Source
from cds_service.fhir.elements import Appointment, CodeableConcept, Reference, ServiceRequest
from cds_service.fhir.terminology.systems import VISIT
from cds_service.fhir.terminology.visits import (
    REPLACEMENT_ORDERS,
    is_evaluation_in_words,
    is_of_therapy,
    visit_in_words,
)
from cds_service.fhir.versions import NOT_R4, may_name_a_visit
from cds_service.therapy.calendar import When
from cds_service.therapy.record import Visit, VisitKind, VisitState

_STATES = {
    "booked": VisitState.BOOKED,
    "arrived": VisitState.BOOKED,
    "checked-in": VisitState.BOOKED,
    "fulfilled": VisitState.FULFILLED,
    "cancelled": VisitState.CANCELLED,
    "noshow": VisitState.NO_SHOW,
    "proposed": VisitState.REQUESTED,
    "pending": VisitState.REQUESTED,
    "waitlist": VisitState.REQUESTED,
}
_ONLY_PROPOSED = {"proposal", "plan", "option"}
_KINDS = {kind.value: kind for kind in VisitKind}


def read_appointments(chart: Chart, source: Source[Appointment]) -> tuple[Visit, ...]:
    """The ITB visits among the patient's appointments."""
    visits = []
    for found in source.resources:
        kind = _appointment_kind(found)
        if kind is None:
            if {"serviceType", "reasonCode"} & set(found.unreadable):
                chart.report(source.key, found, "what it is for cannot be read as FHIR R4")
            elif may_name_a_visit(found.reason, *(part.concept for part in found.serviceType)):
                chart.report(source.key, found, NOT_R4)
            continue
        if not any(names_patient(part.actor, chart.patient_id) for part in found.participant):
            is_foreign = any("Patient/" in (each.reference or "") for each in _actors(found))
            problem = "does not name this patient and was not used"
            chart.report(source.key, found, problem, is_foreign=is_foreign)
            continue
        visit = _visit(chart, found, kind)
        if visit is not None:
            visits.append(visit)
    return tuple(visits)


def _actors(found: Appointment) -> list[Reference]:
    return [part.actor for part in found.participant if part.actor and part.actor.reference]


def proposed_visit(chart: Chart, found: Appointment) -> Visit | None:
    """The ITB visit that is about to be booked; what might be one and is not clear is reported."""
    patients = [actor for actor in _actors(found) if "Patient/" in (actor.reference or "")]
    if patients and not any(names_patient(actor, chart.patient_id) for actor in patients):
        chart.report(_KEY, found, "is of another patient and was not checked", is_foreign=True)
        return None
    kind = _appointment_kind(found)
    if kind is None:
        told = all_words(_concepts(found)) + (found.description or "")
        if found.unreadable or not told.strip():
            chart.report(_KEY, found, "does not say what the visit is for; it was not checked")
        elif is_of_therapy(told):
            chart.report(_KEY, found, "does not say which ITB visit it is; it was not checked")
        return None
    if found.status in _NOT_TO_COME:
        return None
    when = _date(chart, _KEY, found, found.start) if found.start else None
    if when is None:
        chart.report(_KEY, found, "has no date that can be read; it was not checked")
        return None
    says = f"{kind.value.replace('-', ' ')} about to be booked"
    return Visit(kind, VisitState.BOOKED, when, evidence(found, says, when))


_KEY = "appointments"
_NOT_TO_COME = {"cancelled", "noshow", "entered-in-error", "fulfilled"}


def visit_ordered(found: ServiceRequest) -> VisitKind | None:
    """The ITB visit that an order asks for, or None."""
    return _order_kind(found)


def read_orders(chart: Chart, source: Source[ServiceRequest]) -> tuple[Visit, ...]:
    """ITB visits that are ordered: with a date, or merely requested."""
    visits = []
    for found in chart.own(source, ServiceRequest, lambda request: request.subject):
        kind = _order_kind(found)
        if kind is None and found.code and may_name_a_visit(found.code.concept):
            chart.report(source.key, found, NOT_R4)
        if kind is None or found.status != "active" or found.doNotPerform:
            continue
        text = _ordered_for(found)
        when = _date(chart, source.key, found, text) if text else None
        is_order = when is not None and found.intent not in _ONLY_PROPOSED
        state = VisitState.ORDERED if is_order else VisitState.REQUESTED
        on = when or When(chart.today, chart.today)
        says = f"{kind.value.replace('-', ' ')} ordered" + (f" for {when}" if when else "")
        visits.append(Visit(kind, state, on, evidence(found, says, when)))
    return tuple(visits)


def _ordered_for(found: ServiceRequest) -> str | None:
    """The date ordered for; of a period its end, the latest it may take place."""
    period = found.occurrencePeriod
    if found.occurrenceDateTime or period is None:
        return found.occurrenceDateTime
    return period.end or period.start


def _visit(chart: Chart, found: Appointment, kind: VisitKind) -> Visit | None:
    state = _STATES.get(found.status or "")
    if state is None:
        if found.status != "entered-in-error":
            chart.report("appointments", found, "has no status that can be read; not used")
        return None
    if not found.start:
        if state is VisitState.BOOKED:
            chart.report("appointments", found, "is booked without a date and was not used")
        return None
    when = _date(chart, "appointments", found, found.start)
    if when is None:
        return None
    says = f"{kind.value.replace('-', ' ')} {state.value}"
    return Visit(kind, state, when, evidence(found, says, when))


def _date(chart: Chart, key: str, found: Appointment | ServiceRequest, text: str) -> When | None:
    try:
        return read_when(text, chart.zone)
    except DateError as fault:
        chart.report(key, found, f"{fault}; not used")
        return None


def _appointment_kind(found: Appointment) -> VisitKind | None:
    concepts = _concepts(found)
    return _coded(concepts) or _in_words(" / ".join((all_words(concepts), found.description or "")))


def _concepts(found: Appointment) -> list[CodeableConcept]:
    concepts = [*found.serviceType, *found.reasonCode]
    if found.appointmentType is not None:
        concepts.append(found.appointmentType)
    return concepts


def _order_kind(found: ServiceRequest) -> VisitKind | None:
    concepts = [found.code] if found.code else []
    coded = _coded([*concepts, *found.reasonCode])
    if coded is not None:
        return coded
    if not REPLACEMENT_ORDERS.isdisjoint(codes(found.code)):
        return VisitKind.REPLACEMENT
    return _in_words(words(found.code))


def _in_words(told: str) -> VisitKind | None:
    kind = visit_in_words(told)
    if kind is None and is_evaluation_in_words(told):
        return VisitKind.EVALUATION
    return kind


def _coded(concepts: list[CodeableConcept]) -> VisitKind | None:
    for concept in concepts:
        for system, code in codes(concept):
            if system == VISIT and code in _KINDS:
                return _KINDS[code]
    return None
