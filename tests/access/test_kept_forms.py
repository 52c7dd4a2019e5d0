"""A form that was sent when the session had just ended: nothing lost, nothing shown to another."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from tests.access.authorization_double import AuthorizationDouble
from tests.access.signed_site import Browser, SignedSite, oidc_issuer, signed_site, token_on, words
from tests.coordination.builders import REFILL_DUE, a_status

ADD_TASK = "/patients/p1/tasks/new"
TYPED = 'Call the <pharmacy> & the family\'s "aunt"'


@pytest.fixture
def site(double: AuthorizationDouble, tmp_path: Path) -> Iterator[SignedSite]:
    double.authentication = "client_secret_basic"
    double.says = {"groups": ["itb-coordinators"], "name": "Kim", "sub": "kim"}
    with signed_site(oidc_issuer(double, tmp_path)) as site:
        site.store.work.keep(a_status("p1", advice=(REFILL_DUE,)), site.clock.now.date())
        yield site


def sign_in(browser: Browser, double: AuthorizationDouble) -> str:
    """Signs in; the page it leads to."""
    location = browser.get("/sign-in/hospital").headers["Location"]
    return browser.get(double.authorize(location)).headers["Location"]


def typed_too_late(site: SignedSite, browser: Browser, **form: str) -> str:
    """Sends a form a minute after the session ended; where that leads."""
    token = token_on(browser, ADD_TASK)
    site.clock.move(minutes=16)
    sent = {"csrf_token": token, "title": TYPED, "due": "2026-11-30"} | form
    answer = browser.post(ADD_TASK, sent)
    assert answer.status_code == 303
    return answer.headers["Location"]


def titles(site: SignedSite) -> list[str]:
    return [task.title for task in site.store.work.tasks("p1") if task.title == TYPED]


def fields_of(page: str) -> dict[str, str]:
    """The fields of the form that sends it again."""
    form = page.partition('<form method="post" action="/patients/')[2].partition("</form>")[0]
    found = re.findall(r'name="(\w+)" value="([^"]*)"', form)
    return {name: unescape(text) for name, text in found}


def test_what_was_sent_too_late_comes_back_and_is_done_once(
    site: SignedSite, double: AuthorizationDouble
):
    browser = site.browser()
    sign_in(browser, double)

    assert typed_too_late(site, browser) == "/sign-in?ended=kept"
    assert "It is kept for you" in words(browser.get("/sign-in?ended=kept"))
    assert titles(site) == []
    double.says["exp"] = int(site.clock.now.timestamp()) + 300
    assert sign_in(browser, double) == "/kept-form"
    page = browser.get("/kept-form")
    assert TYPED in unescape(page.text)
    assert "<pharmacy>" not in page.text
    assert "About Ada Testpatient , MRN 0001" in words(page)
    assert any("form that was kept" in row for row in site.audited())

    sent = browser.post(ADD_TASK, fields_of(page.text))

    assert sent.status_code == 303
    assert titles(site) == [TYPED]
    assert browser.get("/kept-form").status_code == 404


def test_it_comes_back_to_nobody_else(site: SignedSite, double: AuthorizationDouble):
    browser = site.browser()
    sign_in(browser, double)
    typed_too_late(site, browser)

    double.says |= {"sub": "lee", "exp": int(site.clock.now.timestamp()) + 300}
    assert sign_in(browser, double) == "/worklist"
    assert browser.get("/kept-form").status_code == 404

    double.says["sub"] = "kim"
    assert sign_in(browser, double) == "/kept-form"


def test_it_can_be_dropped(site: SignedSite, double: AuthorizationDouble):
    browser = site.browser()
    sign_in(browser, double)
    typed_too_late(site, browser)
    double.says["exp"] = int(site.clock.now.timestamp()) + 300
    sign_in(browser, double)

    dropped = browser.post("/kept-form/drop", {"csrf_token": token_on(browser, "/kept-form")})

    assert dropped.status_code == 303
    assert browser.get("/kept-form").status_code == 404
    assert titles(site) == []


def test_it_is_gone_after_a_day(site: SignedSite, double: AuthorizationDouble):
    browser = site.browser()
    sign_in(browser, double)
    typed_too_late(site, browser)
    site.clock.move(hours=24, seconds=1)
    at = int(site.clock.now.timestamp())
    double.says |= {"iat": at, "exp": at + 300}

    assert sign_in(browser, double) == "/worklist"


FOREIGN = {
    "no token": {"csrf_token": ""},
    "a token of nobody": {"csrf_token": "0" * 64},
    "too large": {"title": "x" * 70_000},
    "a place that is none": {"kept_path": "//attacker.example/x"},
    "a place that takes no form": {"kept_path": "/it"},
    "signing out": {"kept_path": "/sign-out"},
}


def test_a_form_that_cannot_be_kept_is_said_to_be_lost(
    site: SignedSite, double: AuthorizationDouble
):
    for why, form in FOREIGN.items():
        browser = site.browser()
        at = int(site.clock.now.timestamp())
        double.says |= {"iat": at, "exp": at + 300}
        sign_in(browser, double)
        assert typed_too_late(site, browser, **form) == "/sign-in?ended=lost", why
    assert "could not be kept" in words(site.browser().get("/sign-in?ended=lost"))


def test_a_stranger_s_form_is_not_kept(site: SignedSite):
    answer = site.browser().post(ADD_TASK, {"csrf_token": "x", "title": TYPED})

    assert answer.headers["Location"] == "/sign-in?ended=lost"


def test_a_browser_that_waits_no_longer_hands_in_what_was_typed(
    site: SignedSite, double: AuthorizationDouble
):
    browser = site.browser()
    sign_in(browser, double)
    token = token_on(browser, ADD_TASK)

    answer = browser.post(
        "/session/keep", {"csrf_token": token, "kept_path": ADD_TASK, "title": TYPED}
    )

    assert answer.headers["Location"] == "/kept-form"
    assert TYPED in unescape(browser.get("/kept-form").text)
    assert titles(site) == []


def test_what_is_kept_cannot_be_read_from_the_store(site: SignedSite, double: AuthorizationDouble):
    browser = site.browser()
    sign_in(browser, double)
    typed_too_late(site, browser)

    with site.store.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT person, content FROM kept_forms").all()
    assert len(kept) == 1
    assert b"pharmacy" not in kept[0][1]
    assert b'"p1"' not in kept[0][1]
