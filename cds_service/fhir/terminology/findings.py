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
from cds_service.therapy.record import Sign

BODY_TEMPERATURE = coded(LOINC, "8310-5")
DEVICE_INFECTIONS = coded(ICD10CM, "T85.735A", "T85.738A")

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
