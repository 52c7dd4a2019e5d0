"""Sessions as people live them: two charts, two tabs, a long call, a shared workstation."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.access.authorization_double import AuthorizationDouble, authorization_double
from tests.access.signed_site import SignedSite
from tests.browser.axe import violations
from tests.browser.signing_in import ADA, BEN, open_chart, open_site
from tests.ehr.tokens import NOW

KIM = {"sub": "kim", "name": "Kim Coordinator", "groups": ["itb-coordinators"]}
LEE = {"sub": "lee", "name": "Lee Coordinator", "groups": ["itb-coordinators"]}
TYPED = "Ask Ada's aunt about the <alarm>"


@pytest.fixture
def double() -> Iterator[AuthorizationDouble]:
    with authorization_double() as double:
        yield double


@pytest.fixture
def site(double: AuthorizationDouble, tmp_path: Path) -> Iterator[SignedSite]:
    with open_site(double, tmp_path) as site:
        yield site


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def tab(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A tab of a browser of its own; scripts there see the service's clock."""
    context = browser.new_context(java_script_enabled=request.param)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def timed(browser: Browser) -> Iterator[Page]:
    """A tab whose clock is moved by the test."""
    context = browser.new_context()
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.clock.install(time=NOW)
    yield page
    context.close()


def _pass_time(site: SignedSite, page: Page, seconds: int) -> None:
    """For the service and for the browser; scripts there run once at the end."""
    site.clock.move(seconds=seconds)
    page.clock.fast_forward(seconds * 1000)


def _sign_in(page: Page, site: SignedSite, double: AuthorizationDouble, who: dict) -> None:
    double.says |= who
    if "/sign-in" not in page.url:
        page.goto(f"{site.address}/sign-in")
    page.get_by_role("link", name="Sign in with hospital").click()
    page.wait_for_load_state()


def _titles(site: SignedSite, patient_id: str) -> list[str]:
    return [task.title for task in site.store.work.tasks(patient_id)]


def _type(page: Page, site: SignedSite, patient_id: str = "p1") -> None:
    page.goto(f"{site.address}/patients/{patient_id}/tasks/new")
    page.get_by_label("What there is to do").fill(TYPED)


def _send(page: Page) -> None:
    page.get_by_role("button", name="Add the task").click()


def test_a_second_chart_ends_the_first_and_what_was_typed_there_waits_for_it(
    tab, site, double, axe, request
):
    open_chart(tab, site, double, "launch-1")
    _type(tab, site)
    newer = tab.context.new_page()
    open_chart(newer, site, double, "launch-2")
    expect(newer.get_by_role("heading", level=1)).to_contain_text(BEN)

    _send(tab)

    expect(tab.get_by_role("alert")).to_contain_text("What you typed is kept for you for a day")
    assert ADA not in tab.inner_text("body")
    assert BEN not in tab.inner_text("body")
    assert TYPED not in _titles(site, "p1") + _titles(site, "p2")
    if "with scripts" in request.node.name:
        assert violations(tab, axe) == []

    _type(newer, site, "p2")
    _send(newer)
    expect(newer.get_by_role("status")).to_be_visible()
    assert _titles(site, "p2").count(TYPED) == 1

    open_chart(tab, site, double, "launch-1")
    expect(tab.locator("main")).to_contain_text(TYPED)
    expect(tab.locator("main")).to_contain_text(ADA)
    tab.get_by_role("button", name="Send it now").click()
    expect(tab.get_by_role("status")).to_be_visible()
    assert _titles(site, "p1").count(TYPED) == 1


def test_the_page_warns_before_the_session_ends_and_staying_is_one_key(timed, site, double, axe):
    _sign_in(timed, site, double, KIM)
    _type(timed, site)
    warning = timed.get_by_role("dialog")

    _pass_time(site, timed, 13 * 60 + 55)
    expect(warning).not_to_be_visible()
    _pass_time(site, timed, 10)
    expect(warning).to_be_visible()
    expect(warning).to_contain_text("What you have typed is kept for you")
    assert violations(timed, axe) == []
    assert timed.evaluate("document.activeElement.textContent") == "Stay signed in"
    timed.keyboard.press("Enter")
    expect(warning).not_to_be_visible()

    _pass_time(site, timed, 60)
    expect(timed.get_by_label("What there is to do")).to_have_value(TYPED)
    _send(timed)
    expect(timed.get_by_role("status")).to_be_visible()
    assert _titles(site, "p1").count(TYPED) == 1


def test_the_last_minute_of_a_session_offers_no_longer_stay_and_keeps_what_was_typed(
    timed, double, tmp_path
):
    with open_site(double, tmp_path, idle_minutes=60, absolute_hours=1) as site:
        _sign_in(timed, site, double, KIM)
        _type(timed, site)

        _pass_time(site, timed, 59 * 60 + 10)
        expect(timed.get_by_role("dialog")).to_contain_text("as long as a session may")
        expect(timed.get_by_role("button", name="Stay signed in")).not_to_be_visible()
        timed.get_by_role("button", name="Close this note").click()
        _pass_time(site, timed, 5)
        expect(timed.get_by_role("dialog")).not_to_be_visible()
        timed.get_by_label("What there is to do").fill(f"{TYPED}!")
        _pass_time(site, timed, 46)
        timed.wait_for_url(re.compile("/sign-in"))

        _sign_in(timed, site, double, KIM)
        expect(timed.locator("main")).to_contain_text(f"{TYPED}!")


def test_a_launch_that_ended_mid_form_gives_it_back_in_the_next_launch_of_that_chart(
    timed, site, double
):
    open_chart(timed, site, double)
    _type(timed, site)
    _pass_time(site, timed, 15 * 60 + 1)
    timed.wait_for_url(re.compile("/sign-in"))
    expect(timed.get_by_role("status")).to_contain_text("open that chart again in the EHR")

    open_chart(timed, site, double, "launch-2")
    expect(timed.get_by_role("heading", level=1)).to_contain_text(BEN)
    assert TYPED not in timed.inner_text("body")
    open_chart(timed, site, double)

    expect(timed.locator("main")).to_contain_text(TYPED)


def test_a_tab_of_an_earlier_chart_hands_in_what_was_typed_when_it_runs_out(timed, site, double):
    open_chart(timed, site, double)
    _type(timed, site)
    open_chart(timed.context.new_page(), site, double, "launch-2")

    _pass_time(site, timed, 15 * 60 + 1)
    timed.wait_for_url(re.compile("/sign-in"))

    expect(timed.get_by_role("status")).to_contain_text("It is kept for you")
    open_chart(timed, site, double)
    expect(timed.locator("main")).to_contain_text(TYPED)


def test_work_in_one_tab_keeps_the_other_tab_from_ending(timed, site, double):
    _sign_in(timed, site, double, KIM)
    _type(timed, site)
    other = timed.context.new_page()
    _pass_time(site, timed, 14 * 60)
    other.goto(f"{site.address}/worklist")

    _pass_time(site, timed, 2 * 60)

    expect(timed.get_by_role("dialog")).not_to_be_visible()
    expect(timed.get_by_label("What there is to do")).to_have_value(TYPED)


def test_a_session_that_ended_mid_form_gives_the_form_back_to_its_person_alone(
    timed, site, double, axe
):
    _sign_in(timed, site, double, KIM)
    _type(timed, site)

    _pass_time(site, timed, 15 * 60 + 1)
    timed.wait_for_url(re.compile("/sign-in"))
    expect(timed.get_by_role("status")).to_contain_text("It is kept for you")
    assert ADA not in timed.inner_text("body")
    assert violations(timed, axe) == []

    _sign_in(timed, site, double, LEE)
    assert TYPED not in timed.inner_text("body")
    timed.goto(f"{site.address}/kept-form")
    expect(timed.get_by_role("heading", level=1)).to_have_text("Not found")
    timed.goto(f"{site.address}/worklist")
    timed.get_by_role("button", name="Sign out").click()

    _sign_in(timed, site, double, KIM)
    expect(timed.get_by_role("heading", level=1)).to_have_text("You were about to send this")
    expect(timed.locator("main")).to_contain_text(TYPED)
    assert violations(timed, axe) == []
    timed.get_by_role("button", name="Send it now").click()
    expect(timed.get_by_role("status")).to_be_visible()
    assert _titles(site, "p1").count(TYPED) == 1


def test_a_form_sent_after_the_end_comes_back_with_or_without_scripts(tab, site, double):
    _sign_in(tab, site, double, KIM)
    _type(tab, site)
    site.clock.move(minutes=16)

    _send(tab)
    expect(tab.get_by_role("status")).to_contain_text("What you sent was not done")
    _sign_in(tab, site, double, KIM)

    expect(tab.locator("main")).to_contain_text(TYPED)
    assert TYPED not in _titles(site, "p1")
    tab.get_by_role("button", name="Send it now").click()
    expect(tab.get_by_role("status")).to_be_visible()
    assert _titles(site, "p1").count(TYPED) == 1


def test_a_form_of_a_tab_from_before_comes_back_when_its_person_signed_in_again(tab, site, double):
    _sign_in(tab, site, double, KIM)
    _type(tab, site)
    other = tab.context.new_page()
    site.clock.move(minutes=16)
    _sign_in(other, site, double, KIM)

    _send(tab)

    expect(tab.get_by_role("heading", level=1)).to_have_text("You were about to send this")
    expect(tab.locator("main")).to_contain_text(TYPED)
    assert TYPED not in _titles(site, "p1")


def test_an_idle_page_of_a_patient_shows_nothing_of_the_patient_any_more(timed, site, double):
    _sign_in(timed, site, double, KIM)
    timed.goto(f"{site.address}/patients/p1")
    expect(timed.get_by_role("heading", level=1)).to_contain_text(ADA)

    _pass_time(site, timed, 15 * 60 + 1)
    timed.wait_for_url(re.compile("/sign-in"))
    assert ADA not in timed.inner_text("body")

    _sign_in(timed, site, double, KIM)
    assert timed.url == f"{site.address}/patients/p1"


def test_a_service_that_cannot_be_reached_is_said_and_not_taken_for_an_end(timed, site, double):
    _sign_in(timed, site, double, KIM)
    _type(timed, site)
    _pass_time(site, timed, 14 * 60 + 10)
    timed.context.set_offline(True)
    timed.get_by_role("button", name="Stay signed in").click()
    expect(timed.get_by_role("dialog").get_by_role("alert")).to_contain_text("could not be reached")

    timed.context.set_offline(False)
    timed.get_by_role("button", name="Stay signed in").click()

    expect(timed.get_by_role("dialog")).not_to_be_visible()
    expect(timed.get_by_label("What there is to do")).to_have_value(TYPED)


def test_signing_in_and_out_with_the_keyboard_alone(page, site, double, axe):
    double.says |= KIM
    page.goto(f"{site.address}/worklist")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert violations(page, axe) == []
    _press(page, "Sign in with hospital")
    page.wait_for_url(f"{site.address}/worklist")
    expect(page.locator(".who")).to_contain_text("Kim Coordinator")

    _press(page, "Sign out")

    expect(page.get_by_role("status")).to_have_text("You are signed out.")
    assert violations(page, axe) == []
    page.goto(f"{site.address}/patients/p1")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def _press(page: Page, name: str) -> None:
    """Tabs to a link or button and presses Enter."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            page.keyboard.press("Enter")
            return
    pytest.fail(f"{name} was never reached")
