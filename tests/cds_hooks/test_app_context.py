"""What a link carries into the app comes back through other hands."""

import pytest

from cds_service.cds_hooks.app_context import app_context, plan_in


@pytest.mark.parametrize("plan", ["itb-refill", "itb-follow-up-visit"])
def test_what_we_send_is_what_we_read(plan: str):
    assert plan_in(app_context(plan)) == plan


@pytest.mark.parametrize(
    "said",
    [
        None,
        7,
        {"v": 1, "plan": "itb-refill"},
        "",
        "itb-refill",
        "[]",
        "null",
        '{"v":1}',
        '{"v":2,"plan":"itb-refill"}',
        '{"v":"1","plan":"itb-refill"}',
        '{"v":1,"plan":["itb-refill"]}',
        '{"v":1,"plan":"itb-refill?x=1"}',
        '{"v":1,"plan":"itb-refill\\n"}',
        '{"v":1,"plan":"//attacker.example"}',
        '{"v":1,"plan":"javascript:alert(1)"}',
        "[" * 1000,
        '{"v":1,"plan":"itb-refill","x":"' + "y" * 1100 + '"}',
    ],
)
def test_what_is_not_ours_names_no_plan(said: object):
    assert plan_in(said) == ""
