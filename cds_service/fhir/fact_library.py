"""The Library of facts: every fact a plan may name, and the data they are read from.

The data requirements carry the prefetch templates of discovery, so that both say the same.
"""

from collections.abc import Mapping
from typing import Any

from cds_service import CANONICAL_BASE
from cds_service.therapy.fact import FactDefinition, FactType
from cds_service.therapy.vocabulary import FACTS

FACT_LIBRARY = f"{CANONICAL_BASE}/Library/itb-facts"
VERSION = "0.2.0"
"""Raised whenever a fact is added, taken away or changes its meaning, type or unit."""

_FACT_UNIT = f"{CANONICAL_BASE}/StructureDefinition/itb-fact-unit"
_QUERY_PATTERN = "http://hl7.org/fhir/StructureDefinition/cqf-fhirQueryPattern"
_CAPABILITY = "http://hl7.org/fhir/StructureDefinition/cqf-knowledgeCapability"
_CAPABILITIES = ("shareable", "computable", "publishable")
_LEVEL = "http://hl7.org/fhir/StructureDefinition/cqf-knowledgeRepresentationLevel"
_TYPES = {
    FactType.BOOLEAN: "boolean",
    FactType.NUMBER: "decimal",
    FactType.DATE: "date",
    FactType.TEXT: "string",
}


def fact_library(templates: Mapping[str, str]) -> dict[str, Any]:
    """The Library, with a data requirement for each prefetch template, in the templates' order."""
    return {
        "resourceType": "Library",
        "id": "itb-facts",
        "extension": [
            *({"url": _CAPABILITY, "valueCode": code} for code in _CAPABILITIES),
            {"url": _LEVEL, "valueCode": "structured"},
        ],
        "url": FACT_LIBRARY,
        "version": VERSION,
        "name": "ItbFacts",
        "title": "Facts of intrathecal baclofen therapy",
        "status": "draft",
        "experimental": True,
        "type": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/library-type",
                    "code": "module-definition",
                    "display": "Module Definition",
                }
            ]
        },
        "date": "2026-11-22",
        "publisher": "ITB Pump CDS maintainers",
        "description": (
            "The facts that the plans' conditions and texts name as %area.fact. The service works "
            "them out of the data required here; an unknown fact makes a condition undecided."
        ),
        "copyright": "Apache-2.0",
        "parameter": [_parameter(definition) for definition in FACTS.values()],
        "dataRequirement": [_requirement(key, query) for key, query in templates.items()],
    }


def with_library_version(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The PlanDefinition with the version of the facts that its conditions are decided by."""
    named = resource.get("library", ())
    versioned = [f"{FACT_LIBRARY}|{VERSION}" if each == FACT_LIBRARY else each for each in named]
    return {**resource, "library": versioned} if named else dict(resource)


def _parameter(definition: FactDefinition) -> dict[str, Any]:
    unit = [{"url": _FACT_UNIT, "valueString": definition.unit}] if definition.unit else []
    return {
        **({"extension": unit} if unit else {}),
        "name": definition.name,
        "use": "out",
        "min": 0,
        "max": "1",
        "documentation": definition.meaning,
        "type": _TYPES[definition.type],
    }


def _requirement(key: str, query: str) -> dict[str, Any]:
    return {
        "id": key,
        "extension": [{"url": _QUERY_PATTERN, "valueString": query}],
        "type": query.split("?", maxsplit=1)[0].split("/", maxsplit=1)[0],
    }
