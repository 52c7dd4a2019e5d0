"""Signs, vital signs and diagnoses."""

import re

from cds_service.fhir.terminology.systems import (
    ICD10CM,
    LOINC,
    PUMP_OBSERVATION,
    SNOMED,
    Code,
    coded,
)
from cds_service.therapy.signs import Sign

BODY_TEMPERATURE = coded(LOINC, "8310-5")
DEVICE_INFECTIONS = coded(ICD10CM, "T85.735A", "T85.738A")

SYSTOLIC_PRESSURE = coded(LOINC, "8480-6")
BLOOD_PRESSURE = coded(LOINC, "85354-9")
RESPIRATORY_RATE = coded(LOINC, "9279-1")
OXYGEN_SATURATION = coded(LOINC, "2708-6", "59408-5")
GLASGOW_COMA_SCORE = coded(LOINC, "9269-2")
PAIN_SCORE = coded(LOINC, "72514-3")

_WITHOUT_LOCAL_CODE = {
    Sign.DEHISCENCE,
    Sign.RASH,
    Sign.RIGIDITY,
    Sign.LOW_PRESSURE,
    Sign.HYPOTHERMIA,
}
MEDIUM_SIGNS = coded(SNOMED, "16046003", "371632003", "419045004")
"""Codes that exist, with a name not checked in a SNOMED CT browser: read, and said to be so."""

SIGN_CODES: dict[Code, Sign] = {
    **{(PUMP_OBSERVATION, sign.value): sign for sign in Sign if sign not in _WITHOUT_LOCAL_CODE},
    (SNOMED, "298012000"): Sign.PAIN,
    (SNOMED, "386661006"): Sign.FEVER,
    (SNOMED, "91175000"): Sign.SEIZURE,
    (SNOMED, "313307000"): Sign.SEIZURE,
    **dict.fromkeys(
        coded(SNOMED, "418290006", "418363000", "279333002", "276444007"), Sign.ITCHING
    ),
    (SNOMED, "271807003"): Sign.RASH,
    (SNOMED, "415690000"): Sign.SWEATING,
    (SNOMED, "55300003"): Sign.SPASTICITY,
    (SNOMED, "16046003"): Sign.RIGIDITY,
    **dict.fromkeys(coded(SNOMED, "404640003", "271789005"), Sign.DIZZINESS),
    (SNOMED, "422587007"): Sign.NAUSEA,
    (SNOMED, "271782001"): Sign.DROWSINESS,
    **dict.fromkeys(
        coded(SNOMED, "26544005", "713514005", "13791008", "398152000", "398151007"), Sign.WEAKNESS
    ),
    **dict.fromkeys(coded(SNOMED, "45007003", "234171009"), Sign.LOW_PRESSURE),
    (SNOMED, "386689009"): Sign.HYPOTHERMIA,
    **dict.fromkeys(coded(SNOMED, "267036007", "409623005", "65710008"), Sign.BREATHING),
    **dict.fromkeys(coded(SNOMED, "418107008", "419045004", "371632003"), Sign.UNCONSCIOUS),
    (ICD10CM, "R50.9"): Sign.FEVER,
    (ICD10CM, "R50.82"): Sign.FEVER,
    (ICD10CM, "R41.82"): Sign.ALTERED_MENTAL_STATE,
    (ICD10CM, "R56.9"): Sign.SEIZURE,
    **dict.fromkeys(coded(ICD10CM, "L29.9", "L29.89"), Sign.ITCHING),
    (ICD10CM, "R21"): Sign.RASH,
    (ICD10CM, "R61"): Sign.SWEATING,
    (ICD10CM, "R42"): Sign.DIZZINESS,
    (ICD10CM, "R11.0"): Sign.NAUSEA,
    (ICD10CM, "R40.0"): Sign.DROWSINESS,
    **dict.fromkeys(coded(ICD10CM, "R53.1", "M62.81"), Sign.WEAKNESS),
    **dict.fromkeys(coded(ICD10CM, "I95.2", "I95.9"), Sign.LOW_PRESSURE),
    (ICD10CM, "R68.0"): Sign.HYPOTHERMIA,
    **dict.fromkeys(coded(ICD10CM, "R06.00", "J96.00"), Sign.BREATHING),
    **dict.fromkeys(coded(ICD10CM, "R40.20", "R55"), Sign.UNCONSCIOUS),
}
SIGN_CODES_IF_SEVERE: dict[Code, Sign] = {(SNOMED, "22253000"): Sign.SEVERE_DISCOMFORT}
"""Findings that count only when the record calls them severe."""

SIGN_CODES_IF_WORSE: dict[Code, Sign] = {(SNOMED, "221360009"): Sign.SPASTICITY}
"""Observations that count only when they say worse: a diagnosis of spasticity is the baseline."""

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
