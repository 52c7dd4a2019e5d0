"""The app inside a page of the EHR, which stands at another site: what works, and what says not.

The EHR is `localhost` and the service `127.0.0.1`: for a browser two sites, as in a hospital.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.access.authorization_double import AuthorizationDouble, authorization_double
from tests.access.signed_site import SignedSite
from tests.browser.axe import violations
from tests.browser.signing_in import ADA, BEN, address_in, open_site, shows
from tests.browser.tls import served_over_tls


@pytest.fixture
def double() -> Iterator[AuthorizationDouble]:
    with authorization_double() as double:
        yield double


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Takes the certificate of the test, and keeps cookies as it comes."""
    context = browser.new_context(ignore_https_errors=True)
    yield context.new_page()
    context.close()


def _ehr(double: AuthorizationDouble) -> str:
    """The EHR's own pages, at another site than the service's."""
    return double.address.replace("127.0.0.1", "localhost")


@pytest.fixture
def secure_site(double: AuthorizationDouble, tmp_path: Path) -> Iterator[SignedSite]:
    """Over https, as in a hospital; the EHR may hold its pages in a frame."""
    server = served_over_tls(tmp_path)
    with open_site(double, tmp_path, server=server, frame_ancestors=(_ehr(double),)) as site:
        yield site


@pytest.fixture
def plain_site(double: AuthorizationDouble, tmp_path: Path) -> Iterator[SignedSite]:
    """Over http on this machine, where no cookie comes back in a frame of another site."""
    with open_site(double, tmp_path, frame_ancestors=(_ehr(double),)) as site:
        yield site


def _framed(
    page: Page, site: SignedSite, double: AuthorizationDouble, launch: str = "launch-1"
) -> Frame:
    """The frame in which the EHR opens the app from a chart."""
    source = address_in(site, double, launch)
    double.behaviours["/chart"] = shows(
        f'<iframe name="app" title="ITB" width="1000" height="700" src="{source}"></iframe>'
    )
    page.goto(f"{_ehr(double)}/chart")
    frame = page.frame("app")
    assert frame
    frame.wait_for_load_state()
    return frame


def test_case_34_in_a_frame_a_chart_opens_and_its_forms_work(page, secure_site, double):
    frame = _framed(page, secure_site, double)

    assert frame.url == f"{secure_site.address}/patients/p1"
    expect(frame.get_by_role("heading", level=1)).to_contain_text(ADA)
    frame.goto(f"{secure_site.address}/patients/p1/tasks/new")
    frame.get_by_label("What there is to do").fill("Call the pharmacy")
    frame.get_by_role("button", name="Add the task").click()
    expect(frame.get_by_role("status")).to_be_visible()
    assert "Call the pharmacy" in [task.title for task in secure_site.store.work.tasks("p1")]
    frame.get_by_role("button", name="Sign out").click()
    expect(frame.get_by_role("status")).to_contain_text("You are signed out.")


def test_the_session_of_a_frame_is_of_that_frame_alone(page, secure_site, double):
    _framed(page, secure_site, double)
    outside = page.context.new_page()

    outside.goto(f"{secure_site.address}/patients/p1")

    assert outside.url.startswith(f"{secure_site.address}/sign-in")
    assert ADA not in outside.inner_text("body")


def test_a_second_chart_in_the_frame_takes_the_place_of_the_first(page, secure_site, double):
    _framed(page, secure_site, double)

    frame = _framed(page, secure_site, double, "launch-2")

    expect(frame.get_by_role("heading", level=1)).to_contain_text(BEN)
    frame.goto(f"{secure_site.address}/patients/p1")
    assert ADA not in frame.inner_text("body")


def test_where_the_frame_keeps_no_cookie_the_page_offers_a_window_of_its_own(
    page, plain_site, double, axe
):
    frame = _framed(page, plain_site, double)

    expect(frame.get_by_role("heading", level=1)).to_have_text("This browser keeps no cookie here")
    assert ADA not in frame.inner_text("body")
    assert violations(frame, axe) == []
    with page.context.expect_page() as opening:
        frame.get_by_role("link", name="Open in a new window").click()
    window = opening.value
    window.wait_for_url(f"{plain_site.address}/patients/p1")
    expect(window.get_by_role("heading", level=1)).to_contain_text(ADA)
    assert window.evaluate("opener") is None


def test_the_link_to_a_window_of_its_own_works_once(page, plain_site, double):
    frame = _framed(page, plain_site, double)
    link = frame.get_by_role("link", name="Open in a new window")
    for _ in range(2):
        with page.context.expect_page() as opening:
            link.click()
        opening.value.wait_for_load_state()

    expect(opening.value.locator("main")).to_contain_text("This link was used before")
    expect(opening.value.locator("main")).to_contain_text("Open the app again from the patient's")


def test_a_sign_in_in_a_frame_without_cookies_goes_on_in_a_window_of_its_own(
    page, plain_site, double, axe
):
    double.says |= {"groups": ["itb-coordinators"]}
    double.behaviours["/portal"] = shows(
        f'<iframe name="app" title="ITB" width="1000" height="700" '
        f'src="{plain_site.address}/worklist"></iframe>'
    )
    page.goto(f"{_ehr(double)}/portal")
    frame = page.frame("app")
    assert frame
    frame.get_by_role("link", name="Sign in with hospital").click()
    expect(frame.get_by_role("heading", level=1)).to_have_text("This browser keeps no cookie here")
    assert violations(frame, axe) == []

    with page.context.expect_page() as opening:
        frame.get_by_role("link", name="Sign in in a new window").click()
    opening.value.get_by_role("link", name="Sign in with hospital").click()

    opening.value.wait_for_url(f"{plain_site.address}/worklist")


@pytest.mark.parametrize("path", ["/sign-in", "/launch", "/worklist", "/plans/itb-refill"])
def test_a_page_of_another_site_than_the_ehrs_cannot_frame_ours(page, plain_site, double, path):
    blocked: list[str] = []
    page.on("console", lambda message: blocked.append(message.text))
    double.behaviours["/trap"] = shows(
        f'<iframe name="app" title="trap" src="{plain_site.address}{path}"></iframe>'
    )

    page.goto(f"{double.address}/trap")

    frame = page.frame("app")
    assert frame
    assert frame.url.startswith("chrome-error://")
    assert any("frame-ancestors" in message for message in blocked)
