"""The way back from the EHR's sign-in: cases 12 to 23."""

import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from cds_service.ehr import authorization_server
from cds_service.settings.issuer import Authentication
from tests.access.authorization_double import SECRET, AuthorizationDouble, Behaviour
from tests.access.signed_site import PUBLIC, Browser, SignedSite, signed_site, smart_issuer, words


def begun(browser: Browser, double: AuthorizationDouble, launch: str = "launch-1") -> str:
    """The address at which the browser comes back, the EHR's sign-in behind it."""
    answer = browser.get("/launch", iss=double.iss, launch=launch)
    return double.authorize(answer.headers["Location"])


def is_signed_in(browser: Browser) -> bool:
    return "__Host-itb_session" in browser.cookies


def test_a_launch_ends_on_the_page_of_the_patient_whose_chart_is_open(
    site: SignedSite, double: AuthorizationDouble
):
    browser = site.browser()

    answer = browser.launch(double)

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/patients/p1"
    assert browser.marks["__Host-itb_session"] == (
        "Path=/; Secure; HttpOnly; SameSite=None; Partitioned"
    )
    assert "__Host-itb_sign_in" not in browser.cookies
    assert any("signed in by a chart of ehr" in row for row in site.audited())


@pytest.mark.parametrize(
    "authentication", ["private_key_jwt", "client_secret_basic", "client_secret_post", "public"]
)
def test_every_way_to_say_who_we_are_is_understood_by_a_strict_server(
    double: AuthorizationDouble, tmp_path: Path, authentication: Authentication
):
    double.authentication = authentication
    issuer = smart_issuer(double, tmp_path, authentication=authentication)
    if "secret" in authentication:
        (tmp_path / "secret").write_text(SECRET)
        issuer = smart_issuer(
            double,
            tmp_path,
            authentication=authentication,
            secret_file=tmp_path / "secret",
        )

    with signed_site(issuer) as site:
        assert site.browser().launch(double).headers["Location"] == "/patients/p1"


@pytest.mark.parametrize("error", ["access_denied", "invalid_scope", "<script>alert(1)</script>"])
def test_case_12_an_error_of_the_ehr_is_said_in_our_words(
    site: SignedSite, double: AuthorizationDouble, error: str
):
    browser = site.browser()
    state = parse_qs(urlsplit(begun(browser, double)).query)["state"][0]

    answer = browser.get("/callback", error=error, error_description="<b>canary</b>", state=state)

    assert answer.status_code == 403
    assert "The sign-in server signed nobody in" in words(answer)
    assert "<script" not in answer.text
    assert "canary" not in answer.text
    assert not is_signed_in(browser)
    assert any("sign-in refused" in row and '"outcome": "4"' in row for row in site.audited())


def test_case_13_no_code(site: SignedSite, double: AuthorizationDouble):
    browser = site.browser()
    state = parse_qs(urlsplit(begun(browser, double)).query)["state"][0]

    answer = browser.get("/callback", state=state)

    assert answer.status_code == 403
    assert "no code" in words(answer)


@pytest.mark.parametrize("state", ["forged", "", "x" * 5000])
def test_case_14_a_forged_state(site: SignedSite, double: AuthorizationDouble, state: str):
    browser = site.browser()
    begun(browser, double)

    answer = browser.get("/callback", code="code", state=state)

    assert answer.status_code == 400
    assert not is_signed_in(browser)
    assert "POST" not in [method for method, _ in double.asked]


def test_case_15_a_state_is_used_once(site: SignedSite, double: AuthorizationDouble):
    browser = site.browser()
    back = begun(browser, double)
    keep = dict(browser.cookies)

    assert browser.get(back).status_code == 303
    browser.cookies |= keep
    again = browser.get(back)

    assert again.status_code == 400
    assert "was used before" in words(again)


def test_case_16_a_state_is_good_for_ten_minutes(site: SignedSite, double: AuthorizationDouble):
    in_time, too_late = site.browser(), site.browser()
    first, second = begun(in_time, double), begun(too_late, double)
    double.says = {"exp": None} | {"exp": int(site.clock.now.timestamp()) + 3600}

    site.clock.move(minutes=10)
    assert in_time.get(first).status_code == 303
    site.clock.move(seconds=1)
    assert too_late.get(second).status_code == 400


def test_case_17_a_state_belongs_to_the_browser_that_began(
    site: SignedSite, double: AuthorizationDouble
):
    victim, attacker = site.browser(), site.browser()
    begun(victim, double)

    answer = victim.get(begun(attacker, double))

    assert answer.status_code == 400
    assert "begun in another browser" in words(answer)
    assert not is_signed_in(victim)


def test_a_browser_that_keeps_no_cookie_is_sent_to_a_window_of_its_own_once(
    site: SignedSite, double: AuthorizationDouble
):
    framed, window = site.browser(), site.browser()
    back = begun(framed, double)
    framed.cookies.clear()

    answer = framed.get(back)

    assert answer.status_code == 400
    assert "Open in a new window" in words(answer)
    assert "launch-1" not in answer.text
    link = answer.text.partition('href="/launch/again?')[2].partition('"')[0]
    again = window.get(f"/launch/again?{link}")
    assert window.get(double.authorize(again.headers["Location"])).status_code == 303
    assert is_signed_in(window)
    assert site.browser().get(f"/launch/again?{link}").status_code == 400


def test_case_18_a_code_is_not_taken_twice(site: SignedSite, double: AuthorizationDouble):
    first, second = site.browser(), site.browser()
    code = parse_qs(urlsplit(begun(first, double)).query)["code"][0]
    double.used_codes.add(code)
    state = parse_qs(urlsplit(begun(second, double)).query)["state"][0]

    answer = second.get("/callback", code=code, state=state)

    assert answer.status_code == 502
    assert "invalid_grant" in words(answer)
    assert not is_signed_in(second)


def test_a_code_that_another_sign_in_was_given_does_not_fit_its_challenge(
    site: SignedSite, double: AuthorizationDouble
):
    victim, attacker = site.browser(), site.browser()
    code = parse_qs(urlsplit(begun(victim, double)).query)["code"][0]
    state = parse_qs(urlsplit(begun(attacker, double)).query)["state"][0]

    assert attacker.get("/callback", code=code, state=state).status_code == 502


def test_an_answer_of_another_server_than_was_asked_is_refused(
    site: SignedSite, double: AuthorizationDouble
):
    browser = site.browser()

    answer = browser.get(f"{begun(browser, double)}&iss=https%3A%2F%2Fattacker.example")

    assert answer.status_code == 403
    assert "another sign-in server" in words(answer)


ANSWERS: dict[str, tuple[Behaviour, str]] = {
    "19 token endpoint 400": (
        lambda exchange: exchange.answer({"error": "invalid_request"}, 400),
        "status 400): it does not understand the request",
    ),
    "20 token endpoint 401": (
        lambda exchange: exchange.answer({"error": "invalid_client"}, 401),
        "does not know this service, or not its key",
    ),
    "20 token endpoint 401 with markup": (
        lambda exchange: exchange.answer({"error": "<b>canary</b>"}, 401),
        "it gave no reason that can be shown",
    ),
    "21 token endpoint 500": (
        lambda exchange: exchange.answer({}, 500),
        "answered with status 500",
    ),
    "22 token endpoint timeout": (lambda exchange: exchange.pause(10), "did not answer in time"),
    "23 token endpoint HTML body": (
        lambda exchange: exchange.answer(b"<html>canary</html>", media_type="text/html"),
        "answered with something that is not JSON",
    ),
    "a redirect": (
        lambda exchange: exchange.answer(b"", 307, Location="http://127.0.0.1:1/"),
        "answered with a redirect (307), which is not followed",
    ),
    "no bearer token": (
        lambda exchange: exchange.answer({"access_token": "a", "token_type": "mac"}),
        "answered without a bearer token",
    ),
    "a token that is no text": (
        lambda exchange: exchange.answer({"access_token": ["a"], "token_type": "bearer"}),
        "answered without a bearer token",
    ),
    "deep JSON": (
        lambda exchange: exchange.answer(b"[" * 30_000),
        "answered with something that is not JSON",
    ),
}


@pytest.mark.parametrize(("behaviour", "why"), ANSWERS.values(), ids=ANSWERS)
def test_a_token_endpoint_that_gives_no_token_signs_nobody_in(
    site: SignedSite,
    double: AuthorizationDouble,
    monkeypatch: pytest.MonkeyPatch,
    behaviour: Behaviour,
    why: str,
):
    browser = site.browser()
    back = begun(browser, double)
    monkeypatch.setattr(authorization_server, "SECONDS_TO_WAIT", 0.3)
    double.behaviours["/token"] = behaviour
    started = time.monotonic()

    answer = browser.get(back)

    assert answer.status_code == 502
    assert why in words(answer)
    assert "canary" not in answer.text
    assert not is_signed_in(browser)
    assert time.monotonic() - started < 3


LACKING = {
    "no patient": ({"patient": None}, "did not say which patient"),
    "a patient that is a path": ({"patient": "../it"}, "did not say which patient"),
    "a patient of dots": ({"patient": ".."}, "did not say which patient"),
    "a patient that is a number": ({"patient": 7}, "did not say which patient"),
    "markup for a patient": ({"patient": "<b>p1</b>"}, "did not say which patient"),
    "no id_token": ({"id_token": None}, "does not say who signed in"),
}


@pytest.mark.parametrize(("said", "why"), LACKING.values(), ids=LACKING)
def test_a_launch_that_lacks_what_we_need_signs_nobody_in(
    site: SignedSite, double: AuthorizationDouble, said: dict[str, object], why: str
):
    double.answers = said
    browser = site.browser()

    answer = browser.launch(double)

    assert answer.status_code == 403
    assert why in words(answer)
    assert not is_signed_in(browser)


@pytest.mark.parametrize(
    "context",
    ["", "{", '{"v":1}', '{"v":2,"plan":"itb-refill"}', '{"v":1,"plan":"//evil"}', "[" * 900],
)
def test_an_app_context_that_is_not_ours_changes_nothing(
    site: SignedSite, double: AuthorizationDouble, context: str
):
    double.answers = {"appContext": context}

    assert site.browser().launch(double).headers["Location"] == "/patients/p1"


def test_an_app_context_of_ours_leads_to_the_plan_on_the_page(
    site: SignedSite, double: AuthorizationDouble
):
    double.answers = {"appContext": '{"v":1,"plan":"itb-refill"}'}

    answer = site.browser().launch(double)

    assert answer.headers["Location"] == "/patients/p1#itb-refill"


def test_nothing_of_the_sign_in_is_kept_or_sent_where_it_does_not_belong(
    site: SignedSite, double: AuthorizationDouble, capfd: pytest.CaptureFixture[str]
):
    browser = site.browser()
    back = begun(browser, double)
    code = parse_qs(urlsplit(back).query)["code"][0]
    answer = browser.get(back)

    told = "".join(capfd.readouterr()) + answer.text + str(answer.headers) + "".join(site.audited())
    for secret in ("launch-1", code, "access-", "casey/", PUBLIC + "/callback"):
        assert secret not in told
