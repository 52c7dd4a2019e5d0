"""Operations on the pump system and refills recorded as procedures, by code and by words."""

import re

from cds_service.fhir.terminology.foreign_words import foreign_operation, is_foreign_refill
from cds_service.fhir.terminology.remembered import remembered
from cds_service.fhir.terminology.systems import CPT, HCPCS, ICD10PCS, INTRATHECAL, SNOMED, coded
from cds_service.therapy.record import SurgeryKind

PUMP_INSERTIONS = (
    coded(CPT, "62360", "62362")
    | coded(ICD10PCS, "0JH80VZ", "0JH83VZ", "0JH70VZ", "0JHT0VZ")
    | coded(HCPCS, "E0783", "C1772")
)
PUMP_REPLACEMENTS = coded(HCPCS, "E0786")
PUMP_REMOVALS = coded(ICD10PCS, "0JPT0VZ")
CATHETER_INSERTIONS = coded(CPT, "62350") | coded(ICD10PCS, "00HU03Z", "00HU33Z")
REVISIONS = coded(ICD10PCS, "0JWT0VZ", "00WU03Z", "00WU33Z", "00PU33Z", "00PU03Z")
REFILL_PROCEDURES = coded(CPT, "62370", "95990") | coded(HCPCS, "A4220", "J0475")
MEDIUM_PROCEDURES = coded(CPT, "62361", "62365", "62369", "95991") | coded(SNOMED, "6555009")
MEDIUM_INSERTIONS = coded(CPT, "62361") | coded(SNOMED, "6555009")
MEDIUM_REMOVALS = coded(CPT, "62365")
MEDIUM_REFILLS = coded(CPT, "62369", "95991")


_SYSTEM_WORDS = re.compile(
    rf"{INTRATHECAL}|ba[ck]lof|\bITB\b|synchromed|prometra|implant(ed|able) (drug|infusion) pump",
    re.I,
)
_NAMES = (
    r"(?:(?:of|the|an?|old|existing|new|implanted|implantable|programmable|subcutaneous|spinal"
    rf"|{INTRATHECAL}|ba[ck]lofen\w*|ITB|synchromed(?: i{{1,3}})?|prometra(?: ii)?|drug|medication"
    r"|infusion|delivery)[\s-]+)*"
)
_OBJECT = (
    rf"{_NAMES}(?:pump|reservoir|(?:drug )?delivery (?:system|device)|infusion (?:system|device))"
)
_CATHETER_OBJECT = rf"{_NAMES}catheter"


def _done_to(verbs: str, thing: str) -> re.Pattern[str]:
    """The verb with the thing as its object: "removal of the pump", "pump removal"."""
    return re.compile(rf"(?:{verbs})(?: and \w+)?\s+{thing}\b|{thing}\s+(?:{verbs})\b", re.I)


_PROCEDURE_WORDS = (
    (_done_to(r"replac\w*|exchange\w*", _OBJECT), SurgeryKind.REPLACEMENT),
    (_done_to(r"revis\w*|reposition\w*", _OBJECT), SurgeryKind.REVISION),
    (_done_to(r"explant\w*|remov\w*", _OBJECT), SurgeryKind.EXPLANT),
    (_done_to(r"(?:re)?implant\w*|insert\w*|placement", _OBJECT), SurgeryKind.IMPLANT),
    (
        _done_to(
            r"replac\w*|exchange\w*|revis\w*|reposition\w*|remov\w*|implant\w*|insert\w*|placement",
            _CATHETER_OBJECT,
        ),
        SurgeryKind.REVISION,
    ),
)
_NOT_DONE_TO_PUMP = re.compile(
    r"evaluat|assess|consult|candida|screening|\btrial\b|\btest\b|planning|education|counsel"
    r"|follow.?up|interrogat|analysis|\bcheck|\bafter\b|status post|\bs/p\b|history|in situ"
    r"|patient with|sutur|staple|seroma|h(?:a)?ematoma|dressing|\bdrug from",
    re.I,
)
_REFILL_WORDS = re.compile(r"\brefill", re.I)


@remembered
def names_pump_system(text: str) -> bool:
    """True when a text names an intrathecal drug delivery system."""
    return _SYSTEM_WORDS.search(text) is not None


@remembered
def surgery_in_words(text: str) -> SurgeryKind | None:
    """The operation on an ITB system that a procedure's text names, or None.

    Removing or replacing a catheter alone leaves the pump in place: a revision.
    """
    if not _SYSTEM_WORDS.search(text) or _NOT_DONE_TO_PUMP.search(text):
        return None
    english = next((kind for words, kind in _PROCEDURE_WORDS if words.search(text)), None)
    return english or foreign_operation(text)


@remembered
def is_refill_in_words(text: str) -> bool:
    """True when a procedure's text names the refilling of an ITB pump."""
    if not _SYSTEM_WORDS.search(text):
        return False
    return bool(_REFILL_WORDS.search(text)) or is_foreign_refill(text)
