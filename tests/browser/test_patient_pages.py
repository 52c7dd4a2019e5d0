"""The page of one patient and the page a patient takes home, as a browser draws and prints them."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from cds_service.store.open_store import Store, open_store
from tests.web.coordinator.clinic import BROKEN, COMES_UP, NO_PLAN_YET, STEP_LATE, Clinic, browser
from tests.web.coordinator.site import CASEY, NOW
from tests.web.served import served

PAGES = re.compile(rb"/Type\s*/Page\b")


@pytest.fixture(scope="module")
def store() -> Store:
    return open_store(None, lambda: NOW)


@pytest.fixture(scope="module")
def address(store: Store) -> Iterator[str]:
    with served(browser(store, Clinic(), CASEY).client.application) as address:
        yield address


@pytest.fixture(params=[1280, 320])
def casey(
    request: pytest.FixtureRequest, browser: Chromium, store: Store, address: str
) -> Iterator[Page]:
    """A clinician's browser, wide and narrow."""
    context = browser.new_context(viewport={"width": request.param, "height": 900})
    secret = store.sessions.begin(CASEY, NOW)
    context.add_cookies([{"name": "itb_session", "value": secret, "url": address}])
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("patient_id", [COMES_UP, NO_PLAN_YET, STEP_LATE, BROKEN])
@pytest.mark.parametrize("path", ["", "/handout"])
def test_nothing_leaves_the_page_sideways(casey: Page, address: str, patient_id: str, path: str):
    casey.goto(f"{address}/patients/{patient_id}{path}")

    width = casey.evaluate("document.documentElement.scrollWidth")
    assert casey.viewport_size is not None
    assert width <= casey.viewport_size["width"]


@pytest.mark.parametrize("patient_id", [COMES_UP, NO_PLAN_YET, STEP_LATE])
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_a_released_handout_prints_on_one_sheet(
    casey: Page, address: str, patient_id: str, paper: str
):
    casey.goto(f"{address}/patients/{patient_id}/handout")
    release = casey.get_by_role("button", name="Release this page")
    if release.count():
        release.click()
    casey.get_by_role("button", name="Print").wait_for()

    printed = casey.pdf(format=paper)

    assert len(PAGES.findall(printed)) == 1
    assert casey.locator(".sheet").evaluate("e => getComputedStyle(e).fontSize") == "18.6667px"


def test_after_signing_out_the_back_button_shows_no_patient(casey: Page, address: str):
    casey.goto(f"{address}/patients/{COMES_UP}")
    name = casey.locator("h1").inner_text()
    casey.get_by_role("button", name="Sign out").click()
    casey.wait_for_load_state()

    casey.go_back()

    assert name not in casey.inner_text("body")
    assert casey.locator("svg[role=img]").count() == 0
