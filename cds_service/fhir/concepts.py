"""Questions asked of FHIR CodeableConcepts and References."""

from collections.abc import Iterable

from cds_service.fhir.elements import CodeableConcept, Reference
from cds_service.fhir.terminology import PUMP_OBSERVATION, SYSTEM_ALIASES, VISIT, Code

_LOCAL = {
    PUMP_OBSERVATION.rsplit("/", 2)[-1]: PUMP_OBSERVATION,
    VISIT.rsplit("/", 2)[-1]: VISIT,
}


def codes(concept: CodeableConcept | None) -> list[Code]:
    """The (system, code) pairs, systems under their usual names."""
    if concept is None:
        return []
    return [
        (usual_system(coding.system), coding.code)
        for coding in concept.coding
        if coding.system and coding.code
    ]


def usual_system(system: str) -> str:
    """The system by its usual name; our own code systems are known under any base."""
    local = _LOCAL.get(system.rsplit("/", 1)[-1])
    return local or SYSTEM_ALIASES.get(system, system)


def words(concept: CodeableConcept | None) -> str:
    """The text and all displays, joined."""
    if concept is None:
        return ""
    return " / ".join(
        part for part in (concept.text, *(coding.display for coding in concept.coding)) if part
    )


def all_words(concepts: Iterable[CodeableConcept]) -> str:
    """The words of several concepts, joined."""
    return " / ".join(filter(None, map(words, concepts)))


def names_patient(reference: Reference | None, patient_id: str) -> bool:
    """True when the reference, relative, absolute or versioned, is to this patient."""
    if reference is None or not reference.reference:
        return False
    text = reference.reference.split("/_history/")[0]
    if text.startswith("urn:uuid:"):
        return text == f"urn:uuid:{patient_id}"
    return text == f"Patient/{patient_id}" or text.endswith(f"/Patient/{patient_id}")
