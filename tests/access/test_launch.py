"""The launch from a chart, as far as the EHR's sign-in: cases 1 to 11."""

import time

import pytest

from cds_service.ehr import authorization_server
from tests.access.authorization_double import AuthorizationDouble, Behaviour
from tests.access.signed_site import SignedSite, words

SMART = "/fhir/.well-known/smart-configuration"


def test_a_launch_asks_for_the_least_and_ties_the_sign_in_to_the_browser(
    site: SignedSite, double: AuthorizationDouble
):
    browser = site.browser()

    answer = browser.get("/launch", iss=double.iss, launch="launch-1")

    assert answer.status_code == 302
    double.authorize(answer.headers["Location"])
    grant = next(iter(double.grants.values()))
    assert grant.scope.split()[:3] == ["launch", "openid", "fhirUser"]
    assert not any("*" in scope or scope.endswith("cruds") for scope in grant.scope.split())
    marks = browser.marks["__Host-itb_sign_in"]
    assert marks == "Max-Age=600; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"


INCOMPLETE = {
    "1 missing iss": {"launch": "launch-1"},
    "2 missing launch": {"iss": "HERE"},
    "empty launch": {"iss": "HERE", "launch": ""},
    "huge launch": {"iss": "HERE", "launch": "x" * 5000},
    "3 unlisted iss": {"iss": "https://attacker.example/fhir", "launch": "launch-1"},
    "4 http iss": {"iss": "http://ehr.example.org/fhir", "launch": "launch-1"},
    "another path of the listed host": {"iss": "HERE/../other", "launch": "launch-1"},
    "the listed iss in capitals": {"iss": "UPPER", "launch": "launch-1"},
}


@pytest.mark.parametrize("query", INCOMPLETE.values(), ids=INCOMPLETE)
def test_a_launch_that_the_site_does_not_know_is_refused_before_anybody_is_asked(
    site: SignedSite, double: AuthorizationDouble, query: dict[str, str]
):
    said = {
        name: text.replace("HERE", double.iss).replace("UPPER", double.iss.upper())
        for name, text in query.items()
    }

    answer = site.browser().get("/launch", **said)

    assert answer.status_code == 400
    assert "Nobody was signed in" in words(answer)
    assert double.asked == []
    assert "attacker" not in answer.text


def test_case_1_iss_twice_is_refused(site: SignedSite, double: AuthorizationDouble):
    answer = site.browser().get(f"/launch?iss={double.iss}&iss={double.iss}&launch=launch-1")

    assert answer.status_code == 400
    assert double.asked == []


def test_case_5_iss_with_a_slash_at_its_end_is_the_same_ehr_and_aud_is_as_it_was_given(
    site: SignedSite, double: AuthorizationDouble
):
    answer = site.browser().get("/launch", iss=f"{double.iss}/", launch="launch-1")

    assert answer.status_code == 302
    assert (
        f"aud={double.iss}/".replace(":", "%3A").replace("/", "%2F") in answer.headers["Location"]
    )


def _redirect(exchange) -> None:
    exchange.answer(b"", 302, Location="http://127.0.0.1:1/elsewhere")


def _drip(exchange) -> None:
    exchange.send_response(200)
    exchange.send_header("Content-Length", "1000")
    exchange.end_headers()
    for _ in range(1000):
        exchange.wfile.write(b" ")
        exchange.wfile.flush()
        exchange.pause(0.05)


BROKEN: dict[str, tuple[Behaviour, str]] = {
    "6 discovery 404": (lambda exchange: exchange.answer({}, 404), "answered with status 404"),
    "7 discovery 500": (lambda exchange: exchange.answer({}, 500), "answered with status 500"),
    "8 discovery timeout": (lambda exchange: exchange.pause(10), "did not answer in time"),
    "8 discovery drips": (_drip, "did not answer in time"),
    "9 discovery not JSON": (
        lambda exchange: exchange.answer(b"<html>", media_type="text/html"),
        "answered with something that is not JSON",
    ),
    "9 discovery a list": (
        lambda exchange: exchange.answer([]),
        "answered with something that is not JSON",
    ),
    "9 discovery of 1 MB": (
        lambda exchange: exchange.answer({"x": "y" * 1_000_000}),
        "answered with more than can be read",
    ),
    "10 discovery redirects": (_redirect, "answered with a redirect (302), which is not followed"),
}


@pytest.mark.parametrize(("behaviour", "why"), BROKEN.values(), ids=BROKEN)
def test_an_ehr_that_does_not_say_where_to_go_signs_nobody_in_and_that_is_said(
    fresh_site: SignedSite,
    double: AuthorizationDouble,
    monkeypatch: pytest.MonkeyPatch,
    behaviour: Behaviour,
    why: str,
):
    monkeypatch.setattr(authorization_server, "SECONDS_TO_WAIT", 0.3)
    double.behaviours[SMART] = behaviour
    started = time.monotonic()

    answer = fresh_site.browser().get("/launch", iss=double.iss, launch="launch-1")

    assert answer.status_code == 502
    assert f"The sign-in server {why}" in words(answer)
    assert "nothing was checked" in words(answer)
    assert time.monotonic() - started < 3
    assert double.paths() == [SMART]


UNUSABLE = {
    "11 without S256": {"code_challenge_methods_supported": ["plain"]},
    "11 without a list": {"code_challenge_methods_supported": None},
    "no token endpoint": {"token_endpoint": None},
    "a token endpoint with a password": {"token_endpoint": "https://a:b@ehr.example/token"},
    "a script to go to": {"authorization_endpoint": "javascript:alert(1)"},
    "line breaks in an address": {"authorization_endpoint": "https://ehr.example/\r\nx: y"},
    "no address": {"authorization_endpoint": "//ehr.example/authorize"},
    "a number": {"token_endpoint": 7},
    "a file": {"jwks_uri": "file:///etc/passwd"},
}


@pytest.mark.parametrize("said", UNUSABLE.values(), ids=UNUSABLE)
def test_an_ehr_whose_sign_in_cannot_be_used_is_not_used(
    fresh_site: SignedSite, double: AuthorizationDouble, said: dict[str, object]
):
    double.discovery = said

    answer = fresh_site.browser().get("/launch", iss=double.iss, launch="launch-1")

    assert answer.status_code == 502
    assert "Set-Cookie" not in answer.headers


def test_what_an_ehr_says_of_itself_is_kept_and_a_failure_for_a_few_seconds(
    fresh_site: SignedSite, double: AuthorizationDouble
):
    double.behaviours[SMART] = lambda exchange: exchange.answer({}, 500)
    for _ in range(3):
        assert fresh_site.browser().get("/launch", iss=double.iss, launch="l").status_code == 502
    assert double.paths() == [SMART]


def test_a_server_of_smart_1_is_asked_in_its_own_words(
    fresh_site: SignedSite, double: AuthorizationDouble
):
    double.discovery = {"capabilities": ["launch-ehr", "permission-v1"], "jwks_uri": None}
    double.behaviours["/fhir/.well-known/openid-configuration"] = lambda exchange: exchange.answer(
        {"issuer": double.iss, "jwks_uri": f"{double.address}/jwks"}
    )

    answer = fresh_site.browser().launch(double)

    assert answer.status_code == 303
    scopes = next(iter(double.grants.values())).scope.split()
    assert "patient/Device.read" in scopes
    assert not any(scope.endswith(".rs") for scope in scopes)
