"""Reprogramming and interrogation of the pump, MRI, and procedures on the spinal fluid."""

from typing import Any

from cds_service.fhir.chart import Chart, evidence, start_of
from cds_service.fhir.concepts import codes, names_patient, words
from cds_service.fhir.decoding import Source
from cds_service.fhir.elements import Procedure
from cds_service.fhir.terminology.events import EVENT_CODES, MEDIUM_EVENTS, event_in_words
from cds_service.therapy.record import PumpEvent, PumpEventKind

_KEY = "procedures"


def read_events(chart: Chart, source: Source[Any]) -> tuple[PumpEvent, ...]:
    """The completed ones.

    Strangers' procedures are passed over: the reading of operations has reported them.
    """
    events: list[PumpEvent] = []
    for found in source.resources:
        if not isinstance(found, Procedure) or found.status != "completed":
            continue
        if not names_patient(found.subject, chart.patient_id):
            continue
        kind, rung = _kind(found)
        if kind is None or bytes(found.occurrenceDateTime):
            continue
        text = start_of(found.performedDateTime, found.performedPeriod)
        when = chart.when(_KEY, found, text, "an operation or refill")
        if when is not None:
            events.append(PumpEvent(kind, when, evidence(found, kind.value, when, rung)))
    return tuple(events)


def _kind(found: Procedure) -> tuple[PumpEventKind | None, str]:
    """What was done, and the rung it was read from."""
    for code in codes(found.code):
        if code in EVENT_CODES:
            return EVENT_CODES[code], "code of medium confidence" if code in MEDIUM_EVENTS else ""
    kind = event_in_words(words(found.code))
    return kind, "words of the procedure" if kind else ""
