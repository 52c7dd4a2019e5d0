"""Questions asked of FHIR CodeableConcepts and References."""

from collections.abc import Iterable

from cds_service.fhir.elements import CodeableConcept, Reference
from cds_service.fhir.terminology.systems import (
    ICD10CM,
    PUMP_OBSERVATION,
    SYSTEM_ALIASES,
    VISIT,
    Code,
)

_LOCAL = {system.rsplit("/", 1)[-1]: system for system in (PUMP_OBSERVATION, VISIT)}
_LOCAL_TAILS = tuple(f"/{name}" for name in _LOCAL)


class _UsualNames(dict[str, str]):
    """Code systems by their usual names, learnt as they are met; our own under any base."""

    def __missing__(self, system: str) -> str:
        name = SYSTEM_ALIASES.get(system, system)
        if system.endswith(_LOCAL_TAILS):
            name = _LOCAL[system.rsplit("/", 1)[-1]]
        if len(self) < _MOST_SYSTEMS and len(system) < _LONGEST_SYSTEM:
            self[system] = name
        return name


_MOST_SYSTEMS = 500
_LONGEST_SYSTEM = 200
_USUAL = _UsualNames()


def usual_code(system: str, code: str) -> Code:
    """The code with its system under the usual name."""
    return _USUAL[system], code


def codes(concept: CodeableConcept | None) -> list[Code]:
    """The (system, code) pairs, systems under their usual names."""
    if concept is None:
        return []
    return [
        (_USUAL[coding.system], coding.code)
        for coding in concept.coding
        if coding.system and coding.code
    ]


def diagnosis_codes(concept: CodeableConcept | None) -> list[Code]:
    """Like `codes`, with the point of ICD-10-CM where it was left out: `T85738A` is `T85.738A`."""
    return [
        (system, f"{code[:3]}.{code[3:]}")
        if system == ICD10CM and "." not in code and len(code) > _ICD_CATEGORY
        else (system, code)
        for system, code in codes(concept)
    ]


_ICD_CATEGORY = 3


def words(concept: CodeableConcept | None) -> str:
    """The text and all displays, joined."""
    if concept is None:
        return ""
    told = [concept.text] if concept.text else []
    told += [coding.display for coding in concept.coding if coding.display]
    return " / ".join(told)


def all_words(concepts: Iterable[CodeableConcept]) -> str:
    """The words of several concepts, joined."""
    return " / ".join(filter(None, map(words, concepts)))


def names_patient(reference: Reference | None, patient_id: str) -> bool:
    """True when the reference, relative, absolute or versioned, is to this patient."""
    if reference is None or not reference.reference:
        return False
    usual = f"Patient/{patient_id}"
    if reference.reference == usual:
        return True
    text = reference.reference.split("/_history/")[0]
    if text.startswith("urn:uuid:"):
        return text == f"urn:uuid:{patient_id}"
    return text == usual or text.endswith(f"/{usual}")
