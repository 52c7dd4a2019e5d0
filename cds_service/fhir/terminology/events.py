"""What is done to pump or patient without an operation on the pump: by code, else by words."""

import re

from cds_service.fhir.terminology.operations import names_pump_system
from cds_service.fhir.terminology.remembered import remembered
from cds_service.fhir.terminology.scans import names_mri
from cds_service.fhir.terminology.systems import CPT, SNOMED, Code, coded
from cds_service.therapy.record import PumpEventKind

EVENT_CODES: dict[Code, PumpEventKind] = {
    (CPT, "62367"): PumpEventKind.INTERROGATION,
    **dict.fromkeys(coded(CPT, "62368", "62369", "62370"), PumpEventKind.REPROGRAMMING),
    (SNOMED, "277762005"): PumpEventKind.CSF_PROCEDURE,
}
MEDIUM_EVENTS = coded(CPT, "62367", "62369")

_CSF = re.compile(
    r"lumbar punct|lumbalpunk|spinal tap|spinal puncture|lumbar drain|liquorpunk"
    r"|(?:CSF|cerebrospinal fluid|spinal fluid)\s+\w*\s*"
    r"(?:tap|drain|aspirat|sampl|withdraw|remov|collect)"
    r"|(?:tap|drain|aspirat|sampl|withdraw|remov)\w*\s+(?:of\s+)?(?:CSF|cerebrospinal|spinal fluid)"
    r"|catheter access port|\bmyelogra",
    re.I,
)
_PROGRAMMING = re.compile(r"re-?program|dose (?:change|adjust|titrat)", re.I)
_INTERROGATION = re.compile(r"interrogat|electronic analysis|telemetry|\bpump check", re.I)


@remembered
def event_in_words(text: str) -> PumpEventKind | None:
    """The event that a procedure's text names, or None. A pump check after an MRI is no MRI."""
    if names_pump_system(text) and _PROGRAMMING.search(text):
        return PumpEventKind.REPROGRAMMING
    if names_pump_system(text) and _INTERROGATION.search(text):
        return PumpEventKind.INTERROGATION
    if names_mri(text):
        return PumpEventKind.MRI
    return PumpEventKind.CSF_PROCEDURE if _CSF.search(text) else None
