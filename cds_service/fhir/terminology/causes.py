"""Diagnoses that cause spasticity, by code and by words: spinal or cerebral."""

import re

from cds_service.fhir.terminology.remembered import remembered
from cds_service.fhir.terminology.systems import ICD10CM, SNOMED, Code, coded
from cds_service.therapy.record import Origin

MULTIPLE_SCLEROSIS = "multiple sclerosis"
SPINAL_CORD_INJURY = "spinal cord injury"
CEREBRAL_PALSY = "cerebral palsy"
TRAUMATIC_BRAIN_INJURY = "traumatic brain injury"
STROKE = "stroke"

ORIGINS = {
    MULTIPLE_SCLEROSIS: Origin.SPINAL,
    SPINAL_CORD_INJURY: Origin.SPINAL,
    CEREBRAL_PALSY: Origin.CEREBRAL,
    TRAUMATIC_BRAIN_INJURY: Origin.CEREBRAL,
    STROKE: Origin.CEREBRAL,
}
"""The causes that select a dose step (US drug label). Diagnoses of paralysis name no origin."""

CAUSE_CODES: dict[Code, str] = {
    **dict.fromkeys(
        coded(SNOMED, "24700007") | coded(ICD10CM, "G35.A", "G35.B0", "G35.C0", "G35.D"),
        MULTIPLE_SCLEROSIS,
    ),
    **dict.fromkeys(
        coded(SNOMED, "90584004") | coded(ICD10CM, "S14.109S", "S24.109S", "S34.109S"),
        SPINAL_CORD_INJURY,
    ),
    **dict.fromkeys(
        coded(SNOMED, "128188000", "230773005")
        | coded(ICD10CM, "G80.0", "G80.1", "G80.2", "G80.9"),
        CEREBRAL_PALSY,
    ),
    **dict.fromkeys(
        coded(SNOMED, "127295002") | coded(ICD10CM, "S06.9X9S"), TRAUMATIC_BRAIN_INJURY
    ),
    **dict.fromkeys(
        coded(SNOMED, "230690007", "422504002", "108691000119102") | coded(ICD10CM, "I69.359"),
        STROKE,
    ),
}
READ_AS = {
    MULTIPLE_SCLEROSIS: "24700007",
    SPINAL_CORD_INJURY: "90584004",
    CEREBRAL_PALSY: "128188000",
    TRAUMATIC_BRAIN_INJURY: "127295002",
    STROKE: "230690007",
}
"""The SNOMED CT code that a site's own code of the cause is read as."""


def codes_of(cause: str) -> frozenset[Code]:
    """The codes of one cause."""
    return frozenset(code for code, named in CAUSE_CODES.items() if named == cause)


_MS_CATEGORY = re.compile(r"G35(?:\..*)?")
"""The category was one code until 2025 and is a header since: old and new records hold it."""

_WORDS = (
    (re.compile(r"multiple sclerosis|multiple sklerose|esclerosis m[úu]ltiple", re.I), "MS"),
    (re.compile(r"spinal cord injur|querschnittl|r[üu]ckenmarkverletz", re.I), "SCI"),
    (re.compile(r"cerebral pals|zerebralparese|infirmit[ée] motrice c[ée]r[ée]brale", re.I), "CP"),
    (re.compile(r"traumatic brain injur|sch[äa]del-?hirn-?trauma", re.I), "TBI"),
    (re.compile(r"\bstroke\b|cerebral infarct|schlaganfall|hirninfarkt", re.I), "CVA"),
)
_SHORT = {
    "MS": MULTIPLE_SCLEROSIS,
    "SCI": SPINAL_CORD_INJURY,
    "CP": CEREBRAL_PALSY,
    "TBI": TRAUMATIC_BRAIN_INJURY,
    "CVA": STROKE,
}
_NOT_IT = re.compile(
    r"family|history of|\bh/o\b|risk|suspect|rule out|screening|\bno\b|without|heat", re.I
)


def cause_of_code(code: Code) -> str:
    """The cause that a diagnosis code names; empty when it names none of them."""
    system, value = code
    if system == ICD10CM and _MS_CATEGORY.fullmatch(value):
        return MULTIPLE_SCLEROSIS
    return CAUSE_CODES.get(code, "")


@remembered
def cause_in_words(text: str) -> str:
    """The cause that a diagnosis names in words; empty when it names none for certain."""
    if _NOT_IT.search(text):
        return ""
    return next((_SHORT[short] for words, short in _WORDS if words.search(text)), "")
