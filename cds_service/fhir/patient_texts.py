"""Texts for patients in a plan: the actions of a group whose participant is the patient."""

from collections.abc import Mapping
from typing import Any

from cds_service.fhir.plan_element import citations_in, condition_of, fault_in, text_of
from cds_service.guidance.condition import Vocabulary
from cds_service.guidance.plan import PatientText
from cds_service.guidance.wording import longest, placeholders
from cds_service.therapy.fact import FactDefinition
from cds_service.therapy.vocabulary import FACTS

Json = Mapping[str, Any]


def is_for_patients(group: Json) -> bool:
    """Whether a group of actions speaks to the patient."""
    return any(found.get("type") == "patient" for found in group.get("participant", []))


def read_patient_texts(
    file: str, group: Json, vocabulary: Vocabulary, facts: Mapping[str, FactDefinition]
) -> list[PatientText]:
    """The texts of a group, in their order; `facts` are those a text may show. Raises PlanError."""
    return [_text(file, child, vocabulary, facts) for child in group.get("action", [])]


def _text(
    file: str, action: Json, vocabulary: Vocabulary, facts: Mapping[str, FactDefinition]
) -> PatientText:
    name, text = text_of(file, action, "id"), text_of(file, action, "description")
    unknown = placeholders(text) - facts.keys()
    if unknown:
        what = f"description shows unknown fact {', '.join(sorted(unknown))}"
        raise fault_in(file, name, what)
    if any(mark in longest(text, FACTS) for mark in ("{{", "}}", "[[", "]]")):
        raise fault_in(file, name, "description has a placeholder that is not closed")
    sources = citations_in(action.get("documentation", ()))
    if not sources:
        raise fault_in(file, name, "has no documentation (citation); cite a source or the policy")
    title = text_of(file, action, "title")
    return PatientText(name, title, text, condition_of(file, action, vocabulary), sources)
