"""Diagnoses: device infection, complications of pump and catheter, signs and symptoms."""

from dataclasses import dataclass, field

from cds_service.fhir.chart import Chart, evidence
from cds_service.fhir.concepts import all_words, codes, diagnosis_codes, words
from cds_service.fhir.decoding import Source
from cds_service.fhir.elements import Condition
from cds_service.fhir.signs import rung_of, says_severe, sounds_like_leak
from cds_service.fhir.terminology.complications import COMPLICATIONS
from cds_service.fhir.terminology.findings import (
    DEVICE_INFECTIONS,
    SIGN_CODES,
    SIGN_CODES_AT_SITE,
    SIGN_CODES_IF_SEVERE,
    WOUND_SITE,
)
from cds_service.therapy.calendar import When
from cds_service.therapy.record import Complication, Evidence
from cds_service.therapy.signs import Sign, SignReading

_KEY = "conditions"
_ACTIVE = {"active", "recurrence", "relapse"}
_YEAR = len("2026")
_REFUTED = {"refuted", "entered-in-error"}


@dataclass(slots=True)
class Problems:
    """What the active diagnoses say: infections of the device, signs, complications."""

    infections: list[Evidence] = field(default_factory=list)
    signs: list[SignReading] = field(default_factory=list)
    complications: list[Complication] = field(default_factory=list)


def read_problems(chart: Chart, source: Source[Condition]) -> Problems:
    """The active diagnoses that matter, each with the day it was last stated."""
    problems = Problems()
    for found in chart.own(source, Condition, lambda condition: condition.subject):
        if not is_active(found):
            continue
        if "code" in found.unreadable:
            chart.report(_KEY, found, "code cannot be read as FHIR R4")
        coded = diagnosis_codes(found.code)
        if not DEVICE_INFECTIONS.isdisjoint(coded):
            says = words(found.code) or "infection of pump or catheter"
            problems.infections.append(evidence(found, says, _stated(chart, found)))
            continue
        kind = next((COMPLICATIONS[code] for code in coded if code in COMPLICATIONS), None)
        if kind is not None:
            when = _stated(chart, found)
            says = f"diagnosis: {words(found.code) or kind.value}"
            problems.complications.append(Complication(kind, when, evidence(found, says, when)))
            continue
        sign = _sign(found)
        when = _stated(chart, found) if sign else None
        if sign and when:
            problems.signs.append(_as_reading(found, sign, when))
    return problems


def _as_reading(found: Condition, sign: Sign, when: When) -> SignReading:
    says = f"{sign.value.replace('-', ' ')} (diagnosis)"
    proof = evidence(found, says, when, rung_of(diagnosis_codes(found.code)))
    leak = sounds_like_leak(sign, words(found.code))
    return SignReading(sign, True, when, proof, was_examined=False, suggests_leak=leak)


def is_active(found: Condition) -> bool:
    """True unless the diagnosis is over, refuted or entered in error."""
    clinical = {code for _, code in codes(found.clinicalStatus)}
    verification = {code for _, code in codes(found.verificationStatus)}
    return (not clinical or bool(clinical & _ACTIVE)) and not verification & _REFUTED


def _sign(found: Condition) -> Sign | None:
    told = " / ".join((all_words(found.bodySite), words(found.code)))
    for code in diagnosis_codes(found.code):
        if code in SIGN_CODES:
            return SIGN_CODES[code]
        if code in SIGN_CODES_AT_SITE and WOUND_SITE.search(told):
            return SIGN_CODES_AT_SITE[code]
        if code in SIGN_CODES_IF_SEVERE and says_severe(f"{words(found.severity)} / {told}"):
            return SIGN_CODES_IF_SEVERE[code]
    return None


def _stated(chart: Chart, found: Condition) -> When | None:
    """The later of onset and recording; a standing problem with neither counts for no window."""
    days: list[When] = []
    texts = [text for text in (found.onsetDateTime, found.recordedDate) if text]
    for text in texts:
        if len(text) == _YEAR and (len(texts) > 1 or text < str(chart.today.year)):
            continue  # A bare year is usual on problem lists, and no window reaches back into one.
        when = chart.when(_KEY, found, text, "a diagnosis")
        if when is not None:
            days.append(when)
    return max(days, key=lambda when: when.last, default=None)
