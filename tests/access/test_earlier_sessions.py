"""Forms of an earlier session: done in no other, kept for whoever typed them, shown to no other."""

import pytest

from tests.access.authorization_double import AuthorizationDouble
from tests.access.signed_site import SignedSite, token_on, words
from tests.coordination.builders import REFILL_DUE, a_status

PAGE, ADD_TASK = "/patients/p1/readings", "/patients/p1/tasks/new"


@pytest.fixture
def site(fresh_site: SignedSite) -> SignedSite:
    """Two patients on the list, each with a task."""
    for patient_id in ("p1", "p2"):
        status = a_status(patient_id, advice=(REFILL_DUE,))
        fresh_site.store.work.keep(status, fresh_site.clock.now.date())
    return fresh_site


def test_what_was_typed_in_the_old_tab_comes_back_with_its_own_chart_and_in_no_other(
    site: SignedSite, double: AuthorizationDouble
):
    browser = site.browser()
    browser.launch(double, "launch-1")
    token = token_on(browser, PAGE)

    browser.launch(double, "launch-2")
    told = words(browser.post(ADD_TASK, {"csrf_token": token, "title": "Call the pharmacy"}))
    assert "kept for you" in told
    assert browser.get("/kept-form").status_code == 404
    assert browser.launch(double, "launch-2").headers["Location"] == "/patients/p2"
    assert browser.launch(double, "launch-1").headers["Location"] == "/kept-form"

    assert "Call the pharmacy" in words(browser.get("/kept-form"))


@pytest.mark.parametrize(
    ("address", "sent"),
    [("/kept-form/drop", {}), ("/patients/p2/tasks/new", {"from_kept_form": "yes", "title": "x"})],
    ids=["dropped", "as if sent again"],
)
def test_a_kept_form_of_another_patient_is_not_forgotten_from_this_ones_chart(
    site: SignedSite, double: AuthorizationDouble, address: str, sent: dict[str, str]
):
    browser = site.browser()
    browser.launch(double, "launch-1")
    token = token_on(browser, PAGE)
    browser.launch(double, "launch-2")
    browser.post(ADD_TASK, {"csrf_token": token, "title": "Call the pharmacy"})

    token = token_on(browser, "/patients/p2/tasks/new")
    assert browser.post(address, {"csrf_token": token, **sent}).status_code == 303

    assert browser.launch(double, "launch-1").headers["Location"] == "/kept-form"
    assert "Call the pharmacy" in words(browser.get("/kept-form"))
    token = token_on(browser, "/kept-form")
    browser.post("/kept-form/drop", {"csrf_token": token})
    assert browser.get("/kept-form").status_code == 404


def test_a_form_of_an_earlier_session_comes_back_once_its_person_is_signed_in_again(
    site: SignedSite, double: AuthorizationDouble
):
    browser = site.browser()
    browser.launch(double)
    token = token_on(browser, PAGE)
    browser.post("/sign-out", {"csrf_token": token})
    browser.launch(double)

    answer = browser.post(ADD_TASK, {"csrf_token": token, "title": "typed before"})

    assert answer.headers["Location"] == "/kept-form"
    assert "typed before" not in [task.title for task in site.store.work.tasks("p1")]
    assert "typed before" in words(browser.get("/kept-form"))


def test_a_form_of_somebody_elses_session_is_kept_for_nobody(
    site: SignedSite, double: AuthorizationDouble
):
    browser = site.browser()
    browser.launch(double)
    token = token_on(browser, PAGE)
    double.says = {"sub": "lee"}
    browser.launch(double)

    answer = browser.post(ADD_TASK, {"csrf_token": token, "title": "casey's words"})

    assert answer.status_code == 400
    assert browser.get("/kept-form").status_code == 404
    double.says = {}
    assert browser.launch(double).headers["Location"] == "/patients/p1"


def test_what_cannot_be_kept_is_never_passed_over_in_silence(
    site: SignedSite, double: AuthorizationDouble
):
    browser = site.browser()
    browser.launch(double)
    token = token_on(browser, PAGE)

    answer = browser.post(
        "/session/keep", {"csrf_token": token, "kept_path": ADD_TASK, "title": "x" * 70_000}
    )

    assert answer.status_code == 400
    assert "could not be kept" in words(answer)
