"""What plans must hold together, beyond what each of them must."""

from collections.abc import Mapping
from decimal import Decimal

from cds_service.errors import PlanError
from cds_service.guidance.plan import COULD_NOT_CHECK, DATA_QUALITY, Plan
from cds_service.therapy.vocabulary import THRESHOLDS


def check_joined(plans: tuple[Plan, ...], overrides: Mapping[str, Decimal]) -> None:
    """Refuses names used twice, overrides without a threshold, and plans that are not complete.

    Raises PlanError.
    """
    for what, names in (
        ("canonical URL", [plan.url for plan in plans]),
        ("threshold", [name for plan in plans for name in plan.thresholds]),
        (
            "action id",
            [action.id for plan in plans for ladder in plan.ladders for action in ladder.actions],
        ),
    ):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise PlanError(f"plans: {what} {', '.join(twice)} is used twice; rename one of them")
    _check_data_quality(plans)
    known = {name for plan in plans for name in plan.thresholds}
    for name in overrides.keys() - known:
        raise PlanError(
            f"thresholds.{name}: no plan has this threshold; known: {', '.join(sorted(known))}"
        )
    missing = [name for name in THRESHOLDS if name not in known]
    if missing:
        raise PlanError(
            f"plans: no plan states the threshold {', '.join(missing)}; add it to its plan"
        )


def _check_data_quality(plans: tuple[Plan, ...]) -> None:
    """Without this plan nobody would be told what could not be checked."""
    hooks = {hook for plan in plans for ladder in plan.ladders for hook in ladder.hooks}
    told = {
        hook
        for plan in plans
        if plan.id == DATA_QUALITY
        for ladder in plan.ladders
        if any(action.topic == COULD_NOT_CHECK for action in ladder.actions)
        for hook in ladder.hooks
    }
    if hooks - told:
        raise PlanError(
            f"plans: no action of {DATA_QUALITY} has topic {COULD_NOT_CHECK} for the hook "
            f"{', '.join(sorted(hooks - told))}; add the plan, or the hook to its triggers"
        )
