"""The app opened from a chart, in a real browser; and all that can go wrong on the way."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from cds_service.ehr import authorization_server
from cds_service.settings import Client
from tests.access.authorization_double import (
    CLIENT_ID,
    AuthorizationDouble,
    Exchange,
    authorization_double,
)
from tests.access.signed_site import SignedSite
from tests.browser.axe import violations
from tests.browser.signing_in import (
    ADA,
    BEN,
    launch_address,
    open_chart,
    open_site,
    sends_back,
)
from tests.ehr.tokens import ISS, NOW, ec_key, key_file
from tests.web.served import Caller
from tests.web.trusted_site import SIGNER, TrustedSite

SMART = "/fhir/.well-known/smart-configuration"


@pytest.fixture
def double() -> Iterator[AuthorizationDouble]:
    with authorization_double() as double:
        yield double


@pytest.fixture
def site(double: AuthorizationDouble, tmp_path: Path) -> Iterator[SignedSite]:
    with open_site(double, tmp_path) as site:
        yield site


def _is_readable(page: Page, axe: str) -> None:
    """Words that lead on, in a narrow frame; nothing of a patient, and nothing of our insides."""
    told = page.inner_text("body")
    assert not re.search("Traceback|Error:|canary|<b>", told)
    assert ADA not in told
    assert BEN not in told
    page.set_viewport_size({"width": 320, "height": 900})
    assert violations(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.set_viewport_size({"width": 1280, "height": 900})


def test_a_chart_leads_to_its_patients_page_and_to_no_other(page, site, double):
    open_chart(page, site, double)

    assert page.url == f"{site.address}/patients/p1"
    expect(page.get_by_role("heading", level=1)).to_contain_text(ADA)
    expect(page.locator(".who")).to_contain_text("Casey Clinician")
    for elsewhere in ("/patients/p2", "/worklist"):
        page.goto(f"{site.address}{elsewhere}")
        expect(page.get_by_role("alert")).to_be_visible()
        assert BEN not in page.inner_text("body")
    page.get_by_role("link", name=re.compile("whose chart is open")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(ADA)


def test_a_cards_link_leads_through_the_launch_to_what_the_card_was_about(page, double, tmp_path):
    client = Client("north", ISS, jwks=key_file(tmp_path, SIGNER.key), fhir_servers=(double.iss,))
    with open_site(double, tmp_path, clients=(client,)) as site:
        link = _link_of_a_card(site, double)
        assert link["url"] == f"{site.address}/launch"
        double.answers = {"appContext": link["appContext"]}

        open_chart(page, site, double)

    plan = re.search(r'"plan":\s*"([\w-]+)"', link["appContext"])
    assert plan
    assert page.url == f"{site.address}/patients/p1#{plan[1]}"


def _link_of_a_card(site: SignedSite, double: AuthorizationDouble) -> dict[str, str]:
    caller = Caller(site.address)
    cards = TrustedSite(caller, double.iss, site.address).cards(PUMP)
    caller.session.close()
    links = [link for card in cards for link in card["links"] if link["type"] == "smart"]
    assert links
    found: dict[str, str] = links[0]
    return found


PUMP = {
    "devices": {
        "resourceType": "Device",
        "id": "pump",
        "status": "active",
        "patient": {"reference": "Patient/p1"},
        "type": {"text": "SynchroMed II intrathecal baclofen pump"},
    },
    "medicationAdministrations": None,
    "procedures": None,
}


REFUSED_BY_THE_EHR = {
    "12 access denied": ({"error": "access_denied"}, "refused there, or broken off"),
    "12 scope not granted": ({"error": "invalid_scope"}, "does not grant what the app asks for"),
    "12 markup": ({"error": "<b>canary</b>"}, "gave no reason that can be shown"),
    "13 no code": ({}, "sent no code"),
    "14 forged state": ({"code": "x", "state": "forged"}, "is not known"),
    "of another server": ({"code": "x", "iss": "https://attacker.example"}, "another sign-in"),
}


@pytest.mark.parametrize(("said", "why"), REFUSED_BY_THE_EHR.values(), ids=REFUSED_BY_THE_EHR)
def test_a_sign_in_that_is_refused_says_why_and_what_to_do(page, site, double, axe, said, why):
    double.behaviours["/authorize"] = sends_back(double, **said)

    open_chart(page, site, double)

    _nobody_is_signed_in(page, axe, why)


def _nobody_is_signed_in(page: Page, axe: str, why: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Nobody was signed in")
    expect(page.locator("main")).to_contain_text(why)
    expect(page.locator("main")).to_contain_text(
        re.compile("Open the app|Hospital IT|hospital IT|Try again")
    )
    _is_readable(page, axe)
    assert "itb_session" not in [each.get("name") for each in page.context.cookies()]


def test_case_15_going_back_to_a_used_sign_in_signs_nobody_in_twice(page, site, double, axe):
    backs: list[str] = []
    page.on("request", lambda asked: backs.append(asked.url) if "/callback" in asked.url else None)
    open_chart(page, site, double)

    page.goto(backs[0])

    expect(page.locator("main")).to_contain_text("was used before")
    _is_readable(page, axe)
    page.goto(f"{site.address}/patients/p1")
    expect(page.get_by_role("heading", level=1)).to_contain_text(ADA)


def test_case_16_a_sign_in_that_took_too_long_is_begun_again(page, site, double, axe):
    def slow(exchange):
        site.clock.move(minutes=11)
        sends_back(double, code="late")(exchange)

    double.behaviours["/authorize"] = slow
    open_chart(page, site, double)
    _nobody_is_signed_in(page, axe, "was begun more than ten minutes ago")

    del double.behaviours["/authorize"]
    open_chart(page, site, double)
    expect(page.get_by_role("heading", level=1)).to_contain_text(ADA)


def test_case_17_a_sign_in_of_another_browser_is_not_taken_over(page, site, double, axe, browser):
    stranger = browser.new_context()
    other = stranger.new_page()
    backs: list[str] = []

    def stay(exchange: Exchange) -> None:
        backs.append(double.authorize(double.address + exchange.path))
        exchange.answer(b"", 204)

    double.behaviours["/authorize"] = stay
    _begin(other, launch_address(site, double))
    _begin(page, launch_address(site, double))

    page.goto(backs[0])

    _nobody_is_signed_in(page, axe, "begun in another browser or window")
    stranger.close()


def _begin(page: Page, address: str) -> None:
    """Goes as far as the EHR's own sign-in, which shows nothing (204): the browser stays there."""
    page.goto("about:blank")
    with page.expect_response(re.compile("/authorize")):
        page.evaluate("to => { location.href = to }", address)


NOT_LAUNCHED = {
    "1 missing iss": ("?launch=launch-1", "Open the app from a patient's chart"),
    "2 missing launch": ("?iss={iss}", "Open the app from a patient's chart"),
    "3 unlisted iss": (
        "?iss=https%3A%2F%2Fattacker.example%2Ffhir&launch=launch-1",
        "not set up for the EHR that opened it",
    ),
    "4 http iss": ("?iss=http%3A%2F%2Fehr.example%2Ffhir&launch=launch-1", "not set up for"),
    "iss twice": ("?iss={iss}&iss={iss}&launch=launch-1", "cannot be read"),
}


@pytest.mark.parametrize(("query", "why"), NOT_LAUNCHED.values(), ids=NOT_LAUNCHED)
def test_an_ehr_that_is_not_known_is_told_so_and_asked_nothing(page, site, double, axe, query, why):
    page.goto(f"{site.address}/launch{query.format(iss=double.iss)}")

    _nobody_is_signed_in(page, axe, why)
    assert double.asked == []
    assert "attacker" not in page.content()


BROKEN = {
    "6 discovery 404": (SMART, lambda exchange: exchange.answer({}, 404), "status 404"),
    "7 discovery 500": (SMART, lambda exchange: exchange.answer({}, 500), "status 500"),
    "8 discovery timeout": (SMART, lambda exchange: exchange.pause(10), "did not answer in time"),
    "9 discovery not JSON": (SMART, lambda exchange: exchange.answer(b"<b>canary"), "not JSON"),
    "10 discovery elsewhere": (
        SMART,
        lambda exchange: exchange.answer(b"", 302, Location="http://127.0.0.1:1/"),
        "redirect",
    ),
    "19 token 400": (
        "/token",
        lambda exchange: exchange.answer({"error": "invalid_request"}, 400),
        "does not understand the request",
    ),
    "20 token 401": (
        "/token",
        lambda exchange: exchange.answer({"error": "invalid_client"}, 401),
        "does not know this service, or not its key",
    ),
    "21 token 500": ("/token", lambda exchange: exchange.answer({}, 500), "status 500"),
    "22 token timeout": ("/token", lambda exchange: exchange.pause(10), "did not answer in time"),
    "23 token HTML": ("/token", lambda exchange: exchange.answer(b"<b>canary"), "not JSON"),
}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authorization_server, "SECONDS_TO_WAIT", 0.5)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("failure", BROKEN.values(), ids=BROKEN)
def test_an_ehr_that_fails_is_said_to_have_failed(page, site, double, axe, failure):
    path, behaviour, why = failure
    double.behaviours[path] = behaviour

    open_chart(page, site, double)

    _nobody_is_signed_in(page, axe, why)


AT = int(NOW.timestamp())
UNBELIEVED: dict[str, Callable[[AuthorizationDouble], None]] = {
    "24 alg none": lambda double: setattr(double, "id_token", _unsigned),
    "26 wrong iss": lambda double: double.says.update(iss="https://attacker.example"),
    "27 wrong aud": lambda double: double.says.update(aud="another-app"),
    "28 expired": lambda double: double.says.update(exp=AT - 300),
    "29 of the future": lambda double: double.says.update(iat=AT + 3600),
    "30 another nonce": lambda double: double.says.update(nonce="another"),
    "31 unknown key": lambda double: setattr(double, "published", [ec_key("as-2")]),
    "no patient": lambda double: double.answers.update(patient=None),
    "no role": lambda double: double.says.update(fhirUser="Patient/p1"),
}


def _unsigned(said: dict[str, object]) -> str:
    parts = (json.dumps(each).encode() for each in ({"alg": "none"}, said))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


@pytest.mark.parametrize("spoil", UNBELIEVED.values(), ids=UNBELIEVED)
def test_an_answer_that_cannot_be_believed_signs_nobody_in(page, site, double, axe, spoil):
    spoil(double)

    open_chart(page, site, double)

    _nobody_is_signed_in(page, axe, "")
    assert CLIENT_ID not in page.inner_text("body")


def test_case_33_what_the_ehr_did_not_grant_is_said_on_the_page(page, site, double):
    double.scopes = {"launch", "openid", "fhirUser", "patient/Patient.r"}

    open_chart(page, site, double)

    expect(page.locator("body")).to_contain_text("patient/Device.rs")


def test_an_error_page_leads_on_to_a_sign_in_that_says_how_to_get_in(page, site, double, axe):
    double.behaviours["/authorize"] = sends_back(double, error="access_denied")
    open_chart(page, site, double)

    page.get_by_role("link", name="To the sign-in").click()

    expect(page.locator("main")).to_contain_text("open the app from a patient's chart")
    _is_readable(page, axe)


def test_the_pages_say_the_same_without_scripts(browser: Browser, site, double):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    open_chart(page, site, double)
    expect(page.get_by_role("heading", level=1)).to_contain_text(ADA)
    expect(page.locator("#session-end")).to_contain_text("Your session ends at 09:15 UTC")
    context.close()
