"""Diagnoses: device infection, and signs and symptoms recorded as conditions."""

from cds_service.fhir.chart import Chart, evidence
from cds_service.fhir.concepts import all_words, codes, diagnosis_codes, words
from cds_service.fhir.decoding import Source
from cds_service.fhir.elements import Condition
from cds_service.fhir.signs import rung_of, says_severe
from cds_service.fhir.terminology.findings import (
    DEVICE_INFECTIONS,
    SIGN_CODES,
    SIGN_CODES_AT_SITE,
    SIGN_CODES_IF_SEVERE,
    WOUND_SITE,
)
from cds_service.therapy.calendar import When
from cds_service.therapy.record import Evidence, Sign, SignReading

_KEY = "conditions"
_ACTIVE = {"active", "recurrence", "relapse"}
_YEAR = len("2026")
_REFUTED = {"refuted", "entered-in-error"}


def read_problems(
    chart: Chart, source: Source[Condition]
) -> tuple[tuple[Evidence, ...], tuple[SignReading, ...]]:
    """Active diagnoses of device infection, and active signs with the day they were last stated."""
    infections: list[Evidence] = []
    signs: list[SignReading] = []
    for found in chart.own(source, Condition, lambda condition: condition.subject):
        if not _is_active(found):
            continue
        if "code" in found.unreadable:
            chart.report(_KEY, found, "code cannot be read as FHIR R4")
        if not DEVICE_INFECTIONS.isdisjoint(diagnosis_codes(found.code)):
            says = words(found.code) or "infection of pump or catheter"
            infections.append(evidence(found, says, _stated(chart, found)))
            continue
        sign = _sign(found)
        when = _stated(chart, found) if sign else None
        if sign and when:
            says = f"{sign.value.replace('-', ' ')} (diagnosis)"
            proof = evidence(found, says, when, rung_of(diagnosis_codes(found.code)))
            signs.append(SignReading(sign, True, when, proof, was_examined=False))
    return tuple(infections), tuple(signs)


def _is_active(found: Condition) -> bool:
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
