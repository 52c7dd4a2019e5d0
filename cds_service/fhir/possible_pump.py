"""A pump that only the problem list names: too little to act on, too much to pass over."""

import re

from cds_service.fhir.concepts import names_patient, words
from cds_service.fhir.decoding import Reading, Sent, read_source
from cds_service.fhir.elements import Condition
from cds_service.fhir.problems import is_active
from cds_service.fhir.terminology.devices import NOT_A_PUMP, PUMP_WORDS
from cds_service.therapy.record import DataIssue

_KEY = "conditions"
# Sought in the bytes: nearly every patient has no pump, and their diagnoses are not decoded.
_HINTS = (b"baclof", b"baklof", b"itb", b"synchromed", b"prometra", b"trathecal", b"tratekal")
_NOT_IN_PLACE = re.compile(
    r"remov|explant|histor|former|candida|evaluat|consider|declin|refus|referr|trial|screening"
    r"|no pump",
    re.I,
)


def pump_on_problem_list(sent: Sent | None, patient_id: str) -> DataIssue | None:
    """The active diagnosis that names an ITB pump in words, as something to look into; else None.

    Source of the rung: the last way to find a pump where neither device, drug nor operation shows
    one; it raises no advice of its own.
    """
    raw = sent.found if isinstance(sent, Reading) else sent
    told_at_all = bytes(raw).lower() if raw is not None else b""
    if raw is None or not any(hint in told_at_all for hint in _HINTS):
        return None
    for found in read_source(_KEY, raw).resources:
        if not isinstance(found, Condition) or not names_patient(found.subject, patient_id):
            continue
        told = words(found.code)
        is_pump = PUMP_WORDS.search(told) and not NOT_A_PUMP.search(told)
        if is_pump and not _NOT_IN_PLACE.search(told) and is_active(found):
            problem = (
                "names a baclofen pump on the problem list, and no device, refill or operation "
                "shows one: ask whether the patient has a pump"
            )
            return DataIssue(_KEY, f"Condition/{found.id or '(no id)'}", problem)
    return None
