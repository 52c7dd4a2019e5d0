"""Finds the plan files and reads them."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import cds_service
from cds_service.errors import PlanError
from cds_service.fhir.override_reasons import SNOOZE_THRESHOLDS
from cds_service.fhir.plan_definition import read_plans
from cds_service.guidance.plan import Plan

_PACKAGE = Path(cds_service.__file__).parent

FIRST_PLANS = (
    "itb-withdrawal",
    "itb-overdose",
    "itb-refill",
    "itb-battery",
    "itb-infection",
    "itb-recovery",
)
"""Plans whose advice comes first among equally urgent cards; the others follow by name."""


def plans_folder() -> Path:
    """The plans that came with the service: inside an installed package, else in the checkout."""
    packaged = _PACKAGE / "content" / "plans"
    return packaged if packaged.is_dir() else _PACKAGE.parent / "plans"


def plan_resources(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """Every FHIR resource in the folder as (path inside it, JSON), in the order of the cards.

    Numbers with a point are Decimal. Raises PlanError when a file is not a JSON object, or when
    there is none.
    """
    files = sorted(folder.glob("*/*.json"), key=_card_order)
    if not files:
        raise PlanError(
            f"{folder}: found no plan, expected files like itb-refill/PlanDefinition-itb-refill."
            "json. Reinstall the package, or correct plans.folder in the configuration."
        )
    return [(str(file.relative_to(folder)), _resource(file)) for file in files]


def plans(folder: Path, overrides: Mapping[str, Decimal]) -> tuple[Plan, ...]:
    """The plans in the folder, with the site's thresholds in force."""
    return plans_in_force(plan_resources(folder), overrides)


def plans_in_force(
    resources: Sequence[tuple[str, dict[str, Any]]], overrides: Mapping[str, Decimal]
) -> tuple[Plan, ...]:
    """The plans of these resources, with the site's thresholds in force.

    Raises PlanError when they cannot be used, or lack what a card that is set aside goes by.
    """
    found = read_plans(resources, overrides)
    stated = {name for plan in found for name in plan.thresholds}
    missing = sorted(SNOOZE_THRESHOLDS - stated)
    if missing:
        raise PlanError(
            f"plans: no plan states the threshold {', '.join(missing)}; add it to itb-data-quality"
        )
    return found


def _card_order(file: Path) -> tuple[int, str]:
    name = file.parent.name
    rank = FIRST_PLANS.index(name) if name in FIRST_PLANS else len(FIRST_PLANS)
    return rank, str(file)


def _resource(file: Path) -> dict[str, Any]:
    try:
        resource = json.loads(file.read_bytes(), parse_float=Decimal)
    except (OSError, ValueError, RecursionError) as fault:
        raise PlanError(
            f"{file}: found a file that cannot be read as JSON ({fault}), expected one FHIR "
            "resource. Correct the file."
        ) from None
    if not isinstance(resource, dict):
        raise PlanError(f"{file}: found JSON that is no object, expected one FHIR resource.")
    return resource
