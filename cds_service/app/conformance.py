"""Whether a resource is FHIR R4, by the models of fhir.resources."""

from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError


def problems_of(resource: dict[str, Any]) -> list[str]:
    """What keeps a resource from being valid FHIR R4, element by element; empty when it is."""
    kind = resource.get("resourceType")
    try:
        model = get_fhir_model_class(str(kind))
    except (KeyError, LookupError, AttributeError, ValueError):
        return [f"resourceType: found {kind!r}, expected a FHIR R4 resource. Correct it."]
    try:
        model.model_validate(resource)
    except ValidationError as fault:
        return [
            f"{'.'.join(str(step) for step in error['loc'])}: {error['msg']}"
            for error in fault.errors(include_url=False, include_input=False)
        ]
    return []
