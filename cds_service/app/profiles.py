"""Finds the FHIR profiles, terminology and examples, and joins them with the plans."""

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import cds_service
from cds_service.cds_hooks.discovery import PREFETCH_TEMPLATES
from cds_service.errors import PlanError
from cds_service.fhir.artefacts import Artefacts, artefacts
from cds_service.fhir.fact_library import fact_library, with_library_version
from cds_service.fhir.thresholds import with_thresholds
from cds_service.guidance.plan import Plan

_PACKAGE = Path(cds_service.__file__).parent


def profiles_folder() -> Path:
    """The compiled profiles: inside an installed package, else in the checkout."""
    packaged = _PACKAGE / "content" / "fhir_profiles"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "fhir_profiles" / "resources"


def profile_resources(folder: Path) -> list[dict[str, Any]]:
    """Every resource in the folder. Raises PlanError when there is none, or one is not JSON."""
    try:
        found = [
            json.loads(path.read_bytes(), parse_float=Decimal)
            for path in sorted(folder.glob("*.json"))
        ]
    except (OSError, ValueError) as fault:
        raise PlanError(f"{folder}: a profile cannot be read ({fault}). Reinstall it.") from None
    if not found:
        raise PlanError(f"{folder}: found no FHIR profile. Reinstall the package.")
    return found


def published(
    resources: Sequence[tuple[str, dict[str, Any]]], plans: Sequence[Plan], folder: Path
) -> Artefacts:
    """All FHIR artefacts: profiles, the library of facts, and plans with thresholds in force."""
    by_url = {plan.url: plan for plan in plans}
    served = [
        with_library_version(with_thresholds(found, by_url[found["url"]]))
        if found.get("url") in by_url
        else found
        for _, found in resources
    ]
    return artefacts([*profile_resources(folder), fact_library(PREFETCH_TEMPLATES), *served])
