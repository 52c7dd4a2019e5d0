"""Visits of ITB therapy: what they are called, and orders that stand for one."""

import re

from cds_service.fhir.terminology.foreign_words import WOUND_CHECK, foreign_visit
from cds_service.fhir.terminology.systems import CPT, HCPCS, INTRATHECAL, coded
from cds_service.therapy.record import VisitKind

_VISIT_WORDS = (
    (re.compile(r"replace|exchange", re.I), VisitKind.REPLACEMENT),
    (re.compile(r"wound|incision", re.I), VisitKind.WOUND_CHECK),
    (re.compile(r"refill", re.I), VisitKind.REFILL),
    (re.compile(r"screening|trial|test dose", re.I), VisitKind.SCREENING_TEST),
    (re.compile(r"interrogat|\bcheck|analysis", re.I), VisitKind.PUMP_CHECK),
    (re.compile(r"follow.?up", re.I), VisitKind.FOLLOW_UP),
)
_NOT_ITS_VISIT = re.compile(
    r"insulin|morphin|morfin|hydromorph|ziconotide|chemo|chimio|quimio|\boral\b|tablet|prescription"
    r"|medication refill|enteral|consult|evaluat|candida|stimulat",
    re.I,
)
_EVALUATION = re.compile(r"evaluat|consult|candida|referral|refer to", re.I)
_OTHER_THERAPY = re.compile(r"insulin|morphin|hydromorph|ziconotide|enteral|stimulat", re.I)
_VISIT_CONTEXT = re.compile(rf"pump|ba[ck]lof|{INTRATHECAL}|\bITB\b", re.I)
_WOUND_CHECK = re.compile(r"(wound|incision) (check|review|inspection)", re.I)
REPLACEMENT_ORDERS = coded(CPT, "62362") | coded(HCPCS, "E0786")


def is_of_therapy(text: str) -> bool:
    """True when a text names the therapy and nothing that makes it another's."""
    return bool(_VISIT_CONTEXT.search(text)) and not _NOT_ITS_VISIT.search(text)


def visit_in_words(text: str) -> VisitKind | None:
    """The ITB visit that an appointment's text names, or None when it names none for certain."""
    if _WOUND_CHECK.search(text) or WOUND_CHECK.search(text):
        return VisitKind.WOUND_CHECK
    if not _VISIT_CONTEXT.search(text) or _NOT_ITS_VISIT.search(text):
        return None
    english = next((kind for words, kind in _VISIT_WORDS if words.search(text)), None)
    return english or foreign_visit(text)


def is_evaluation_in_words(text: str) -> bool:
    """True when a text asks whether a baclofen pump would help. Never asked of an MRI order."""
    if not _VISIT_CONTEXT.search(text) or _OTHER_THERAPY.search(text):
        return False
    return bool(_EVALUATION.search(text))
