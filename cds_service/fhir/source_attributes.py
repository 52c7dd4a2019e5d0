"""Who stands behind a plan and which data it uses: the source attributes of a decision support.

The 13 attributes of 45 CFR 170.315(b)(11)(iv)(A); what a plan does not state stays unstated.
"""

from collections.abc import Mapping
from typing import Any

from cds_service import CANONICAL_BASE
from cds_service.errors import PlanError
from cds_service.guidance.plan import DataUse, SourceAttributes

FUNDING_SOURCE = f"{CANONICAL_BASE}/StructureDefinition/itb-dsi-funding-source"
DATA_USE = f"{CANONICAL_BASE}/StructureDefinition/itb-dsi-data-use"
ELEMENTS = {
    "race": "Race",
    "ethnicity": "Ethnicity",
    "language": "Language",
    "sexual-orientation": "Sexual orientation",
    "gender-identity": "Gender identity",
    "sex": "Sex",
    "date-of-birth": "Date of birth",
    "sdoh": "Social determinants of health",
    "health-status-assessment": "Health status assessments",
}
"""The kinds of data whose use is stated, attributes 5 to 13, in the order of the rule."""

Json = Mapping[str, Any]


def read_source_attributes(file: str, resource: Json) -> SourceAttributes:
    """The attributes a PlanDefinition states. Raises PlanError where a data use is malformed."""
    extensions = resource.get("extension", [])
    stated: dict[str, DataUse] = {}
    for extension in extensions:
        if extension.get("url") == DATA_USE:
            use = _data_use(file, extension)
            if use.element in stated:
                raise PlanError(f"{file}: data use '{use.element}' is stated twice; keep one")
            stated[use.element] = use
    funding = [
        found.get("valueString", "") for found in extensions if found.get("url") == FUNDING_SOURCE
    ]
    return SourceAttributes(
        developer=str(resource.get("publisher", "")),
        funding=funding[0] if funding else "",
        released_on=str(resource.get("date", "")),
        approved_on=str(resource.get("approvalDate", "")),
        data_uses=tuple(
            stated.get(element, DataUse(element, name, None)) for element, name in ELEMENTS.items()
        ),
    )


def _data_use(file: str, extension: Json) -> DataUse:
    parts = {part.get("url"): part for part in extension.get("extension", [])}
    element = parts.get("element", {}).get("valueCode")
    used = parts.get("used", {}).get("valueBoolean")
    note = parts.get("note", {}).get("valueString", "")
    if element not in ELEMENTS:
        known = ", ".join(ELEMENTS)
        raise PlanError(f"{file}: data use '{element}' is unknown; use one of {known}")
    if not isinstance(used, bool):
        raise PlanError(f"{file}: data use '{element}' lacks 'used'; say true or false")
    if used and not note:
        raise PlanError(f"{file}: data use '{element}' is true without a note; say how it is used")
    return DataUse(element, ELEMENTS[element], used, note)
