"""The codes and words by which ITB therapy is recognised in a record, in one place.

HIGH codes were verified in at least one official or widely used source and may be emitted; MEDIUM
codes are read only, and the evidence says so. Codes that look right and are not (insulin pump,
IV pump, urogenital implant, oral baclofen) stand here too, and tests hold them out.
"""

import re

from cds_service import CANONICAL_BASE
from cds_service.therapy.record import Sign, SurgeryKind, VisitKind

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
ICD10PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NDC = "http://hl7.org/fhir/sid/ndc"
ROUTE = "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration"
V2_ROUTE = "http://terminology.hl7.org/CodeSystem/v2-0162"
PUMP_OBSERVATION = f"{CANONICAL_BASE}/CodeSystem/itb-pump-observation"
VISIT = f"{CANONICAL_BASE}/CodeSystem/itb-visit"

SYSTEM_ALIASES = {
    "http://www.cms.gov/Medicare/Coding/medhcpcsgeninfo": HCPCS,
    "urn:oid:2.16.840.1.113883.6.12": CPT,
    "urn:oid:2.16.840.1.113883.6.4": ICD10PCS,
    "urn:oid:2.16.840.1.113883.6.90": ICD10CM,
    "urn:oid:2.16.840.1.113883.6.69": NDC,
    "urn:oid:2.16.840.1.113883.6.88": RXNORM,
}
"""Other names under which records give the same code systems."""

Code = tuple[str, str]


def _codes(system: str, *codes: str) -> frozenset[Code]:
    return frozenset((system, code) for code in codes)


PUMP_DEVICES = _codes(SNOMED, "360041000") | _codes(HCPCS, "E0783", "E0786", "C1772")
DECOY_DEVICES = _codes(SNOMED, "433296005", "69805005", "25937001", "303497001")
INTRATHECAL_ROUTES = (
    _codes(SNOMED, "72607000") | _codes(ROUTE, "IT", "ITINJ") | _codes(V2_ROUTE, "IT")
)
_SCREENING_STRENGTH = 50
NDC_STRENGTHS = {
    "70121-2496-05": 50,
    "70121-2501-01": 500,
    "70121-2502-02": 2000,
    "70121-2503-01": 2000,
    "70121-2505-02": 2000,
    "66794-151-01": 50,
    "66794-157-01": 2000,
    "66794-157-02": 2000,
    "25021-679-20": 2000,
    "70511-121-80": 50,
    "72888-146-36": 1000,
}
"""Intrathecal baclofen products with their strength in mcg/mL (lioresal.com; openFDA drug/ndc)."""


def ndc_strength(code: str) -> int | None:
    """The strength in mcg/mL of a product code, written with hyphens or as 11 digits."""
    return NDC_STRENGTHS.get(code) or _STRENGTHS_BY_11_DIGITS.get(code)


def _eleven_digits(code: str) -> str:
    labeller, product, package = code.split("-")
    return labeller.zfill(5) + product.zfill(4) + package.zfill(2)


_STRENGTHS_BY_11_DIGITS = {_eleven_digits(code): mcg for code, mcg in NDC_STRENGTHS.items()}
INTRATHECAL_BACLOFEN = (
    _codes(RXNORM, "1047437", "308517", "1666613")
    | _codes(HCPCS, "J0475", "J0476")
    | _codes(NDC, *NDC_STRENGTHS, *_STRENGTHS_BY_11_DIGITS)
)
INTRATHECAL_BACLOFEN_MEDIUM = _codes(
    RXNORM,
    *("308516", "1300890", "1369783", "1369787", "1369791", "1666622", "1047440", "1047444"),
    *("1301627", "1369784", "1369788", "1369792", "1666615", "805678", "805679", "1666620"),
    "1666623",
)
SCREENING_BACLOFEN = (
    _codes(HCPCS, "J0476")
    | _codes(RXNORM, "1047437")
    | _codes(NDC, *(code for code, mcg in NDC_STRENGTHS.items() if mcg == _SCREENING_STRENGTH))
)
ORAL_BACLOFEN = _codes(RXNORM, "197391", "197392", "2593376")

PUMP_INSERTIONS = (
    _codes(CPT, "62360", "62362")
    | _codes(ICD10PCS, "0JH80VZ", "0JH83VZ", "0JH70VZ", "0JHT0VZ")
    | _codes(HCPCS, "E0783", "C1772")
)
PUMP_REPLACEMENTS = _codes(HCPCS, "E0786")
PUMP_REMOVALS = _codes(ICD10PCS, "0JPT0VZ")
CATHETER_INSERTIONS = _codes(CPT, "62350") | _codes(ICD10PCS, "00HU03Z", "00HU33Z")
REVISIONS = _codes(ICD10PCS, "0JWT0VZ", "00WU03Z", "00WU33Z", "00PU33Z", "00PU03Z") | _codes(
    CPT, "62355"
)
REFILL_PROCEDURES = _codes(CPT, "62370", "95990") | _codes(HCPCS, "A4220")
MEDIUM_PROCEDURES = _codes(CPT, "62361", "62365", "62369", "95991") | _codes(SNOMED, "6555009")
MEDIUM_INSERTIONS = _codes(CPT, "62361") | _codes(SNOMED, "6555009")
MEDIUM_REMOVALS = _codes(CPT, "62365")
MEDIUM_REFILLS = _codes(CPT, "62369", "95991")

BODY_TEMPERATURE = _codes(LOINC, "8310-5")
DEVICE_INFECTIONS = _codes(ICD10CM, "T85.735A", "T85.738A")

SIGN_CODES: dict[Code, Sign] = {
    **{(PUMP_OBSERVATION, sign.value): sign for sign in Sign if sign is not Sign.DEHISCENCE},
    (SNOMED, "298012000"): Sign.PAIN,
    (SNOMED, "386661006"): Sign.FEVER,
    (SNOMED, "91175000"): Sign.SEIZURE,
    (SNOMED, "313307000"): Sign.SEIZURE,
    (ICD10CM, "R50.9"): Sign.FEVER,
    (ICD10CM, "R50.82"): Sign.FEVER,
    (ICD10CM, "R41.82"): Sign.ALTERED_MENTAL_STATE,
    (ICD10CM, "R56.9"): Sign.SEIZURE,
}
SIGN_CODES_AT_SITE: dict[Code, Sign] = {
    (SNOMED, "247441003"): Sign.DISCOLORATION,
    (SNOMED, "65124004"): Sign.SWELLING,
    (SNOMED, "428786006"): Sign.SWELLING,
    (SNOMED, "213299007"): Sign.PAIN,
    (SNOMED, "225553008"): Sign.DEHISCENCE,
    (SNOMED, "46742003"): Sign.SKIN_BREAKDOWN,
    (ICD10CM, "T81.31XA"): Sign.DEHISCENCE,
}
"""Findings that count only when the record names the pump pocket, an incision or the back."""

WOUND_SITE = re.compile(
    r"pump|pocket|incision|abdom|\bback\b|lumbar|lumbal|spin(e|al)|intrathecal|baclofen", re.I
)

# "intrathecal", "intratekal", "intrathekal", "intratecal", "intrathécal"
_INTRATHECAL = r"intra-?th?[eé][ck]+h?al"
PUMP_WORDS = re.compile(
    rf"(?:{_INTRATHECAL}|ba[ck]lof|\bITB\b).*(?:pump|pomp|bomba|drug delivery|infusion system)"
    rf"|(?:pump|pomp|bomba|drug delivery|infusion system).*(?:{_INTRATHECAL}|ba[ck]lof|\bITB\b)"
    r"|synchromed|prometra"
    r"|implant\w*\s+(?:drug\s+|infusion\s+)+pump|pump,\s*infusion,\s*implant",
    re.I | re.S,
)
NOT_A_PUMP = re.compile(
    r"insulin|hepatic|arter|stimulat|enteral|feeding|\bPCA\b|external|programmer|intravenous|\bIV\b|shunt",
    re.I,
)
_CATHETER = re.compile(r"cathet", re.I)
_PUMP = re.compile(r"pump|pomp|bomba|drug delivery|infusion system|reservoir", re.I)
BACLOFEN_WORDS = re.compile(r"ba[ck]lof|lioresal|gablofen|\bITB\b", re.I)
INTRATHECAL_WORDS = re.compile(_INTRATHECAL, re.I)
ORAL_WORDS = re.compile(r"\boral|\btab(?:let)?s?\b|\bby mouth\b|suspension|granule", re.I)

_SYSTEM_WORDS = re.compile(
    rf"{_INTRATHECAL}|ba[ck]lof|\bITB\b|synchromed|prometra|implant(ed|able) (drug|infusion) pump",
    re.I,
)
_NAMES = (
    r"(?:(?:of|the|an?|old|existing|new|implanted|implantable|programmable|subcutaneous|spinal"
    rf"|{_INTRATHECAL}|ba[ck]lofen\w*|ITB|synchromed(?: i{{1,3}})?|prometra(?: ii)?|drug|medication"
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

_VISIT_WORDS = (
    (re.compile(r"replace|exchange", re.I), VisitKind.REPLACEMENT),
    (re.compile(r"wound|incision", re.I), VisitKind.WOUND_CHECK),
    (re.compile(r"refill", re.I), VisitKind.REFILL),
    (re.compile(r"screening|trial|test dose", re.I), VisitKind.SCREENING_TEST),
    (re.compile(r"interrogat|\bcheck|analysis", re.I), VisitKind.PUMP_CHECK),
    (re.compile(r"follow.?up", re.I), VisitKind.FOLLOW_UP),
)
_NOT_ITS_VISIT = re.compile(
    r"insulin|morphin|hydromorph|ziconotide|\boral\b|tablet|prescription|medication refill|enteral"
    r"|consult|evaluat|candida|stimulat",
    re.I,
)
_VISIT_CONTEXT = re.compile(rf"pump|ba[ck]lof|{_INTRATHECAL}|\bITB\b", re.I)
_WOUND_CHECK = re.compile(r"(wound|incision) (check|review|inspection)", re.I)
REPLACEMENT_ORDERS = _codes(CPT, "62362") | _codes(HCPCS, "E0786")


def is_catheter_only(text: str) -> bool:
    """True when a text names a catheter and no pump."""
    return bool(_CATHETER.search(text)) and not _PUMP.search(text)


def names_pump_system(text: str) -> bool:
    """True when a text names an intrathecal drug delivery system."""
    return _SYSTEM_WORDS.search(text) is not None


def surgery_in_words(text: str) -> SurgeryKind | None:
    """The operation on an ITB system that a procedure's text names, or None.

    Removing or replacing a catheter alone leaves the pump in place: a revision.
    """
    if not _SYSTEM_WORDS.search(text) or _NOT_DONE_TO_PUMP.search(text):
        return None
    return next((kind for words, kind in _PROCEDURE_WORDS if words.search(text)), None)


def is_refill_in_words(text: str) -> bool:
    """True when a procedure's text names the refilling of an ITB pump."""
    return bool(_REFILL_WORDS.search(text) and _SYSTEM_WORDS.search(text))


def visit_in_words(text: str) -> VisitKind | None:
    """The ITB visit that an appointment's text names, or None when it names none for certain."""
    if _WOUND_CHECK.search(text):
        return VisitKind.WOUND_CHECK
    if not _VISIT_CONTEXT.search(text) or _NOT_ITS_VISIT.search(text):
        return None
    return next((kind for words, kind in _VISIT_WORDS if words.search(text)), None)
