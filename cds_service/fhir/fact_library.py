"""The Library of facts: every fact a plan may name, and the data they are read from.

The data requirements carry the prefetch templates of discovery, so that both say the same.
"""

from collections.abc import Mapping
from typing import Any

from cds_service import CANONICAL_BASE, __version__
from cds_service.therapy.fact import FactDefinition, FactType
from cds_service.therapy.vocabulary import FACTS

FACT_LIBRARY = f"{CANONICAL_BASE}/Library/itb-facts"
_FACT_UNIT = f"{CANONICAL_BASE}/StructureDefinition/itb-fact-unit"
_QUERY_PATTERN = "http://hl7.org/fhir/StructureDefinition/cqf-fhirQueryPattern"
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
        "url": FACT_LIBRARY,
        "version": __version__,
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
