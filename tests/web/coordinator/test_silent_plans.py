"""A plan that the site keeps from speaking: the coordinator sees that, and what it would say."""

from dataclasses import replace

import pytest

from cds_service.settings import PlanUse
from cds_service.settings.plan_use import PlanMode, PlanSettings
from cds_service.store.open_store import Store
from tests.coordination.builders import BATTERY_PLAN, REFILL_DUE, a_status
from tests.web.coordinator.site import (
    KIM,
    NOW,
    Browser,
    a_service,
    a_store,
    an_app,
    row_of,
    the_task,
    visible_text,
)

MARK = "Silent plan: the site shows no card of it."


def kim_where(store: Store, mode: PlanMode) -> Browser:
    """Kim's browser at a site that uses the refill plan so."""
    service = a_service(store)
    plans = PlanSettings(uses={"itb-refill": PlanUse(mode)})
    return Browser(
        an_app(replace(service, settings=replace(service.settings, plans=plans))), store, KIM
    )


@pytest.mark.parametrize(("mode", "is_marked"), [("silent", True), ("live", False)])
def test_advice_of_a_silent_plan_stands_on_the_list_and_says_that_no_card_shows_it(
    mode: PlanMode, is_marked: bool
):
    store = a_store(
        a_status("p1", advice=(REFILL_DUE,), read_at=NOW),
        a_status("p2", advice=(replace(BATTERY_PLAN, urgency="critical"), REFILL_DUE), read_at=NOW),
    )
    kim = kim_where(store, mode)

    page = kim.get("/worklist")

    assert "Book" in row_of(page, "p1")
    assert (MARK in row_of(page, "p1")) is is_marked
    assert ("Warning: Refill due silent plan" in row_of(page, "p1")) is is_marked
    also = "Refill due (silent plan)" if is_marked else "Refill due"
    assert f"Also: {also} (act by" in row_of(page, "p2")
    assert ("Silent by the site: itb-refill." in visible_text(page)) is is_marked
    for address in ("/worklist/print", f"/tasks/{the_task(store, 'p1').id}"):
        assert (MARK in visible_text(kim.get(address))) is is_marked
    assert (MARK in kim.client.get("/worklist/export").text) is is_marked


def test_a_list_without_a_plan_that_is_switched_off_says_so():
    service = a_service(a_store(a_status("p1", read_at=NOW)))
    off = replace(service.rulebook, off=frozenset({"itb-refill"}))
    assert service.store is not None
    kim = Browser(an_app(replace(service, rulebook=off)), service.store, KIM)

    page = visible_text(kim.get("/worklist"))

    assert "Switched off by the site: itb-refill. Nothing of it stands here, due or not." in page
