"""A day that passes is no new cause, for any card of the golden cases: only the record is one."""

import json
from datetime import timedelta

import pytest

from cds_service.app.wiring import wire
from cds_service.assessment import Occasion, assess
from cds_service.cds_hooks.request import read_request
from cds_service.cds_hooks.snooze import may_be_set_aside
from cds_service.guidance.cause import cause_of
from cds_service.settings import Settings
from tests.cases.golden_case import GoldenCase, golden_cases

MONTH_STILL_RUNS = "itb-infection/fever-implanted-this-month"
"""A date known to the running month can mean one more day each day: the card comes back early."""

CASES = [case for case in golden_cases() if case.expected and case.id != MONTH_STILL_RUNS]
RULEBOOK = wire(Settings()).rulebook


def causes(case: GoldenCase, days: int) -> dict[str, str]:
    """The cause of each card that can be set aside, by action, so many days later."""
    hook = read_request(case.body, json.loads(case.body)["hook"])
    occasion = Occasion(hook.occasion, hook.context.proposed, hook.context.selections)
    now = case.now + timedelta(days=days)
    found = assess(hook.patient_id, hook.prefetch, RULEBOOK, now, occasion)
    return {
        each.action.id: cause_of(each)
        for each in found.evaluation.recommended
        if may_be_set_aside(each)
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_day_that_passes_is_no_new_cause(case: GoldenCase):
    today, tomorrow = causes(case, 0), causes(case, 1)

    still = today.keys() & tomorrow.keys()
    assert {action: today[action] for action in still} == {
        action: tomorrow[action] for action in still
    }
