"""What a card must say about withdrawal, in every plan whose advice can end in it."""

import pytest

from cds_service.app.plans import plans, plans_folder
from cds_service.guidance.plan import Action, Urgency

ACTIONS = {
    (plan.id, action.id): action
    for plan in plans(plans_folder(), {})
    for ladder in plan.ladders
    for action in ladder.actions
}
INFECTION = [action for (plan, _), action in ACTIONS.items() if plan == "itb-infection"]
NO_DRUG_FLOWS = {"itb-refill", "itb-battery", "itb-delivery-problem", "itb-withdrawal"}
WITHDRAWAL_LOOMS = [
    action
    for (plan, _), action in ACTIONS.items()
    if plan in NO_DRUG_FLOWS
    and action.urgency is Urgency.CRITICAL
    and not action.id.startswith("other-drug")
]
SIGNS = (
    "stiffness",
    "spasms",
    "itching without rash",
    "pain",
    "sweating",
    "fever",
    "dizziness",
    "nausea",
    "seizures",
    "{{site.emergencyNumber}}",
)


def as_id(action: Action) -> str:
    return action.id


@pytest.mark.parametrize("action", INFECTION, ids=as_id)
def test_every_infection_card_asks_for_a_plan_before_the_pump_is_stopped(action: Action):
    assert "needs a plan against baclofen withdrawal" in action.detail


@pytest.mark.parametrize("action", WITHDRAWAL_LOOMS, ids=as_id)
def test_every_critical_refill_battery_and_delivery_card_names_the_signs(action: Action):
    assert [sign for sign in SIGNS if sign not in action.detail] == []
