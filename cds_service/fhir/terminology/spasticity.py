"""Spasticity, what it comes from, and what speaks against a screening test: codes and words."""

import re

from cds_service.fhir.terminology.systems import (
    ICD10CM,
    PUMP_OBSERVATION,
    SNOMED,
    Code,
    coded,
)

ASHWORTH_SCALE = "modified-ashworth-scale"
ASHWORTH_GRADES: dict[Code, str] = {
    (PUMP_OBSERVATION, "mas-0"): "0",
    (PUMP_OBSERVATION, "mas-1"): "1",
    (PUMP_OBSERVATION, "mas-1-plus"): "1+",
    (PUMP_OBSERVATION, "mas-2"): "2",
    (PUMP_OBSERVATION, "mas-3"): "3",
    (PUMP_OBSERVATION, "mas-4"): "4",
}
SPASTICITY = coded(SNOMED, "221360009", "230773005", "312444006", "108691000119102") | coded(
    ICD10CM, "R25.2", "G80.0", "G80.1", "G80.2", "G81.10", "G11.4"
)
SPASTICITY_WORDS = re.compile(r"(?<!non)(?<!non-)(?<!no )\bspasti", re.I)
NOT_OF_LIMBS = re.compile(r"colon|bowel|bladder|dysphonia|colitis|constipation|bronch", re.I)
SEVERE = coded(SNOMED, "24484000")
LESS_THAN_SEVERE = coded(SNOMED, "6736007", "255604002")
"""Condition.severity as FHIR R4's value set condition-severity gives it."""
SEVERE_WORDS = re.compile(r"\bsevere\b|\bschwer|\bsévère|\bgrave\b", re.I)
LESS_WORDS = re.compile(r"\bmild\b|\bmoderate\b|\bleicht|\bmäßig|\blight\b", re.I)
BRAIN_INJURY = coded(SNOMED, "127295002") | coded(ICD10CM, "S06.9X9S", "Z87.820")
BRAIN_INJURY_WORDS = re.compile(r"traumatic brain injur|\bTBI\b|schädel-?hirn-?trauma", re.I)
MULTIPLE_SCLEROSIS = re.compile(r"(?i:multiple s[ck]leros)|\bMS\b")
_EXACERBATED = r"exacerbat|relapse\b|\bflare|\bacute attack|\bschub\b"
HINDRANCES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "baclofen hypersensitivity",
        re.compile(
            r"(allerg|hypersens).*(ba[ck]lof|lioresal)|(ba[ck]lof|lioresal).*(allerg|hypersens)",
            re.I,
        ),
    ),
    (
        "MS exacerbation",
        re.compile(
            rf"(multiple s[ck]leros\w*|\bms\b).*({_EXACERBATED})"
            rf"|({_EXACERBATED}).*(multiple s[ck]leros\w*|\bms\b)",
            re.I,
        ),
    ),
    (
        "wound that does not heal",
        re.compile(r"(non-?\s?healing|unhealed|chronic|infected) (\w+ )?(wound|ulcer)", re.I),
    ),
    (
        "active infection",
        re.compile(
            r"infect|infekt|\bUTI\b|sepsis|septic|cystitis|zystitis|pyelonephritis|pneumonia"
            r"|abscess|osteomyelitis|cellulitis|meningitis",
            re.I,
        ),
    ),
)
"""Panel advice (clinical problems at the time of a test): no code was verified, so words."""
NO_HINDRANCE = re.compile(
    r"history of|\bh/o\b|status post|\bs/p\b|resolved|\brisk\b|prophyla|vaccin|immuni[sz]|exposure"
    r"|screening for|\bHIV\b|hepatitis|latent|carrier|interstitial cystitis",
    re.I,
)
