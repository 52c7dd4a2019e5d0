"""What a session is good for, how it ends, and whose forms it takes: cases 32 to 34, and more."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from cds_service.store.database import writing
from cds_service.web.access.launched import launched_in
from tests.access.authorization_double import AuthorizationDouble
from tests.access.signed_site import Browser, SignedSite, oidc_issuer, signed_site, token_on, words
from tests.coordination.builders import REFILL_DUE, a_status

SESSION = "__Host-itb_session"
PAGE = "/patients/p1/readings"
ADD_TASK = "/patients/p1/tasks/new"


@pytest.fixture(scope="module", autouse=True)
def patients(shared_site: SignedSite) -> None:
    """Two patients on the list, each with a task."""
    for patient_id in ("p1", "p2"):
        status = a_status(patient_id, advice=(REFILL_DUE,))
        shared_site.store.work.keep(status, shared_site.clock.now.date())


@pytest.fixture
def hospital(double: AuthorizationDouble, tmp_path: Path) -> Iterator[SignedSite]:
    """A site at which people sign in by the hospital's own sign-in."""
    double.authentication = "client_secret_basic"
    double.says = {"groups": ["itb-coordinators"], "name": "Kim Coordinator", "sub": "kim"}
    with signed_site(oidc_issuer(double, tmp_path)) as site:
        site.store.work.keep(a_status("p1", advice=(REFILL_DUE,)), site.clock.now.date())
        yield site


def signed_in(browser: Browser, double: AuthorizationDouble) -> str:
    """Signs in by the hospital; the page it leads to."""
    location = browser.get("/sign-in/hospital").headers["Location"]
    answer = browser.get(double.authorize(location))
    assert answer.status_code == 303, words(answer)
    return answer.headers["Location"]


def titles(site: SignedSite, patient_id: str = "p1") -> list[str]:
    """The tasks that a patient has."""
    return [task.title for task in site.store.work.tasks(patient_id)]


def test_a_session_begins_anew_at_sign_in_whatever_the_browser_held(
    site: SignedSite, double: AuthorizationDouble
):
    browser = site.browser()
    browser.cookies[SESSION] = "chosen-by-somebody-else"

    browser.launch(double)
    first = browser.cookies[SESSION]
    browser.launch(double)
    second = browser.cookies[SESSION]

    assert len({first, second, "chosen-by-somebody-else"}) == 3
    other = site.browser()
    for old in ("chosen-by-somebody-else", first):
        other.cookies[SESSION] = old
        assert other.get(PAGE).headers["Location"] == "/sign-in?ended=yes"


def test_case_34_pages_and_cookies_work_in_a_frame_of_the_ehr_and_in_no_other(
    double: AuthorizationDouble, tmp_path: Path
):
    with signed_site(
        oidc_issuer(double, tmp_path), frame_ancestors=("https://ehr.example.org",)
    ) as site:
        page = site.browser().get("/sign-in")

    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors https://ehr.example.org" in policy.split("; ")[-1]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "form-action 'self'; base-uri 'none'" in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_without_frames_by_setting_no_page_may_be_framed(site: SignedSite):
    policy = site.browser().get("/sign-in").headers["Content-Security-Policy"]

    assert policy.endswith("frame-ancestors 'none'")


def test_on_this_machine_alone_the_cookie_needs_no_https(
    double: AuthorizationDouble, tmp_path: Path
):
    double.authentication = "client_secret_basic"
    double.redirect_uri = "http://127.0.0.1:8000/callback"
    double.says = {"groups": ["itb-coordinators"]}
    with signed_site(oidc_issuer(double, tmp_path), public_url="http://127.0.0.1:8000") as site:
        browser = site.browser()
        location = browser.get("/sign-in/hospital").headers["Location"]
        browser.get(double.authorize(location).replace("http://127.0.0.1:8000", ""))

    assert browser.marks["itb_session"] == "Path=/; HttpOnly; SameSite=Lax"


def test_fifteen_idle_minutes_end_a_session_and_work_keeps_it(
    site: SignedSite, double: AuthorizationDouble
):
    browser = site.browser()
    browser.launch(double)

    for _ in range(3):
        site.clock.move(minutes=15)
        assert browser.get(PAGE).status_code == 200
    site.clock.move(minutes=15, seconds=1)

    answer = browser.get(PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?ended=yes")
    assert "Your session has ended" in words(browser.get("/sign-in?ended=yes"))


def test_eight_hours_end_a_session_whatever_is_done(site: SignedSite, double: AuthorizationDouble):
    browser = site.browser()
    browser.launch(double)

    token = {"csrf_token": token_on(browser, PAGE)}
    for _ in range(32):
        site.clock.move(minutes=15)
        assert browser.post("/session/stay", token).status_code == 200
    site.clock.move(seconds=1)

    assert browser.get(PAGE).status_code == 303


def test_a_page_says_when_the_session_ends_and_staying_moves_its_end(
    site: SignedSite, double: AuthorizationDouble
):
    browser = site.browser()
    browser.launch(double)
    page = browser.get(PAGE).text
    token = re.findall(r'data-token="(\w+)"', page)[0]
    assert 'data-seconds="900"' in page
    assert 'data-final-seconds="28800"' in page
    assert "Your session ends at 09:15 UTC unless you go on working here" in page

    site.clock.move(minutes=14, seconds=30)
    stayed = browser.post("/session/stay", {"csrf_token": token})

    assert stayed.json() == {"seconds": 900}
    site.clock.move(minutes=14)
    assert browser.get(PAGE).status_code == 200


FORGED = {
    "no token": lambda _mine, _other: {},
    "an empty token": lambda _mine, _other: {"csrf_token": ""},
    "a token of another session": lambda _mine, other: {"csrf_token": other},
    "a token cut short": lambda mine, _other: {"csrf_token": mine[:-1]},
    "a token of other letters": lambda mine, _other: {"csrf_token": mine.upper()},
    "a token with a lone surrogate": lambda _mine, _other: {"csrf_token": b"\xff"},
    "two tokens, the wrong one first": lambda mine, other: {"csrf_token": [other, mine]},
}


@pytest.mark.parametrize("path", [ADD_TASK, "/sign-out", "/session/stay"])
def test_a_form_that_was_not_opened_in_this_session_changes_nothing(
    site: SignedSite, double: AuthorizationDouble, path: str
):
    browser, other = site.browser(), site.browser()
    browser.launch(double)
    double.says = {"sub": "lee"}
    other.launch(double)
    mine, foreign = token_on(browser, PAGE), token_on(other, PAGE)

    for why, forge in FORGED.items():
        answer = browser.post(path, {"title": "forged", **forge(mine, foreign)})
        assert answer.status_code == 400, why
        assert "Nothing was changed" in words(answer)
        assert "form of another session" in site.audited()[-1]
    assert "forged" not in titles(site)
    assert browser.get(PAGE).status_code == 200
    print(f"{len(FORGED)} forged forms to {path}: refused")  # noqa: T201


def test_case_32_after_a_launch_for_another_patient_the_old_tab_is_refused(
    site: SignedSite, double: AuthorizationDouble
):
    browser = site.browser()
    browser.launch(double, "launch-1")
    token = token_on(browser, PAGE)
    before = titles(site) + titles(site, "p2")

    browser.launch(double, "launch-2")
    stale = browser.post(ADD_TASK, {"csrf_token": token, "title": "for p1"})
    site.store.forms.drop("ehr/casey")
    newer = token_on(browser, PAGE.replace("p1", "p2"))
    turned = browser.post(ADD_TASK, {"csrf_token": newer, "title": "for p1"})
    hidden = browser.post(
        "/patients/p2/tasks/new", {"csrf_token": newer, "patient": "p1", "title": "for p1"}
    )

    assert (stale.status_code, turned.status_code, hidden.status_code) == (403, 403, 403)
    assert "Another patient's chart was opened in this browser since" in words(stale)
    assert "opened from another patient's chart" in words(turned)
    assert titles(site) + titles(site, "p2") == before
    assert sum("refused: tasks.add" in row for row in site.audited()[-6:]) == 3


@pytest.mark.parametrize("back", ["", "//attacker.example", "/patients/p1"])
def test_in_a_session_from_a_chart_every_form_leads_back_to_the_patient(
    site: SignedSite, double: AuthorizationDouble, back: str
):
    browser = site.browser()
    browser.launch(double)
    token = token_on(browser, PAGE)

    answer = browser.post(ADD_TASK, {"csrf_token": token, "title": "Call", "back": back})

    assert answer.headers["Location"].startswith("/patients/p1?said=added")


def test_case_33_fewer_scopes_than_asked_are_said_on_the_page(
    site: SignedSite, double: AuthorizationDouble
):
    double.scopes = {"launch", "openid", "fhirUser", "patient/Patient.r", "patient/*.read"}
    all_but_patient = site.browser()
    all_but_patient.launch(double)
    kept = site.store.sessions.find(
        all_but_patient.cookies[SESSION],
        site.clock.now,
        timedelta(minutes=15),
        timedelta(hours=8),
    )
    launched = launched_in(kept.content) if kept else None

    assert launched is not None
    assert "patient/Device.rs" in launched.missing
    assert "patient/Patient.r" not in launched.missing
    assert launched.needs_banner is False
    assert "patient/Device.rs" in words(all_but_patient.get("/patients/p1"))


def test_signing_out_ends_the_session_here_and_gives_the_token_back(
    site: SignedSite, double: AuthorizationDouble
):
    browser = site.browser()
    browser.launch(double)
    held = dict(browser.cookies)
    token = token_on(browser, PAGE)

    answer = browser.post("/sign-out", {"csrf_token": token})

    assert answer.headers["Location"] == "/sign-in?ended=out"
    assert SESSION not in browser.cookies
    assert len(double.revoked) == 1
    browser.cookies |= held
    assert browser.get(PAGE).status_code == 303


def test_an_ehr_that_takes_no_token_back_keeps_nobody_signed_in(
    site: SignedSite, double: AuthorizationDouble
):
    browser = site.browser()
    browser.launch(double)
    token = token_on(browser, PAGE)
    double.behaviours["/revoke"] = lambda exchange: exchange.answer({}, 500)

    assert browser.post("/sign-out", {"csrf_token": token}).status_code == 303
    assert SESSION not in browser.cookies


def test_a_coordinator_signs_in_and_comes_back_to_the_page_that_was_asked_for(
    hospital: SignedSite, double: AuthorizationDouble
):
    browser = hospital.browser()

    asked = browser.get(PAGE)
    page = browser.get(asked.headers["Location"])

    assert "p1" not in asked.headers["Location"]
    assert "Sign in with hospital" in words(page)
    assert signed_in(browser, double) == PAGE
    assert signed_in(hospital.browser(), double) == "/worklist"


def test_a_way_back_that_is_not_ours_leads_home(hospital: SignedSite, double: AuthorizationDouble):
    for elsewhere in ("//attacker.example", "https://attacker.example", "/%0d%0ax", "/sign-out"):
        browser = hospital.browser()
        browser.cookies["__Host-itb_way_back"] = elsewhere
        assert signed_in(browser, double) == "/worklist"


def test_somebody_without_a_role_is_refused_in_words(
    hospital: SignedSite, double: AuthorizationDouble
):
    for groups in (["others"], "others", None, {"itb-coordinators": True}, [["itb-coordinators"]]):
        double.says |= {"groups": groups}
        browser = hospital.browser()
        location = browser.get("/sign-in/hospital").headers["Location"]

        answer = browser.get(double.authorize(location))

        assert answer.status_code == 403
        assert "this service has no role for you" in words(answer)
        assert SESSION not in browser.cookies
    assert "sign-in refused" in hospital.audited()[-1]


PEOPLE = {
    "a clinician of the EHR": ({}, "/patients/p1"),
    "a practitioner written in short": ({"fhirUser": "Practitioner/x"}, "/patients/p1"),
    "no fhirUser": ({"fhirUser": None}, ""),
    "a patient": ({"fhirUser": "Patient/p1"}, ""),
    "a practitioner of another server": ({"fhirUser": "https://x.example/Practitioner/a"}, ""),
    "a practitioner with more behind": ({"fhirUser": "Practitioner/a/b"}, ""),
    "a practitioner with a question": ({"fhirUser": "Practitioner/a?b"}, ""),
    "a list": ({"fhirUser": ["Practitioner/a"]}, ""),
}


@pytest.mark.parametrize(("said", "page"), PEOPLE.values(), ids=PEOPLE)
def test_a_launch_gives_a_role_to_practitioners_of_the_ehr_alone(
    site: SignedSite, double: AuthorizationDouble, said: dict[str, object], page: str
):
    double.says = said

    answer = site.browser().launch(double)

    assert answer.headers.get("Location", "") == page


def test_somebody_whom_the_id_token_does_not_name_is_named_by_the_ehr(
    site: SignedSite, double: AuthorizationDouble
):
    double.says = {"name": None}
    browser = site.browser()
    browser.launch(double)

    assert "Casey M Clinician" in words(browser.get(PAGE))
    assert "/fhir/Practitioner/casey" in double.paths()


NAMELESS = {
    "forbidden": lambda exchange: exchange.answer({}, 403),
    "another practitioner": lambda exchange: exchange.answer(
        {"resourceType": "Practitioner", "id": "other", "name": [{"text": "Somebody Else"}]}
    ),
    "no FHIR": lambda exchange: exchange.answer([1]),
    "a name that is none": lambda exchange: exchange.answer(
        {"resourceType": "Practitioner", "id": "casey", "name": [{"text": 7}]}
    ),
}


@pytest.mark.parametrize("behaviour", NAMELESS.values(), ids=NAMELESS)
def test_a_name_that_cannot_be_had_keeps_nobody_from_the_chart(
    site: SignedSite, double: AuthorizationDouble, behaviour
):
    double.says = {"name": None}
    double.behaviours["/fhir/Practitioner/casey"] = behaviour
    browser = site.browser()

    assert browser.launch(double).status_code == 303
    page = words(browser.get(PAGE))
    assert "Practitioner/casey" in page
    assert "Somebody Else" not in page


def test_a_hostile_name_is_text_on_every_page(site: SignedSite, double: AuthorizationDouble):
    double.says = {"name": "<script>alert(1)</script> & Casey"}
    browser = site.browser()
    browser.launch(double)

    page = browser.get(PAGE).text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Casey" in page


def test_an_ehr_of_other_patients_launches_nothing(double: AuthorizationDouble, tmp_path: Path):
    issuer = oidc_issuer(double, tmp_path, kind="smart", iss=double.iss)
    with signed_site(issuer) as site:
        answer = site.browser().get("/launch", iss=double.iss, launch="launch-1")

    assert answer.status_code == 400
    assert "shows none rather than a wrong one" in words(answer)
    assert double.asked == []


def test_while_the_audit_cannot_be_written_no_patient_is_shown_and_hooks_go_on(
    double: AuthorizationDouble, tmp_path: Path
):
    double.authentication = "client_secret_basic"
    double.says = {"groups": ["itb-coordinators"]}
    with signed_site(oidc_issuer(double, tmp_path)) as site:
        site.store.work.keep(a_status("p1", advice=(REFILL_DUE,)), site.clock.now.date())
        browser = site.browser()
        signed_in(browser, double)
        with writing(site.store.engine) as connection:
            connection.execute(text("ALTER TABLE audit RENAME TO audit_gone"))

        pages = {path: browser.get(path) for path in ("/worklist", PAGE)}
        live = browser.get("/cds-services")

    for page in pages.values():
        assert page.status_code == 503
        assert "cannot write down who looks at a record" in words(page)
        assert "Refill" not in page.text
    assert live.status_code == 200


def test_without_a_way_to_sign_in_there_are_no_pages_and_that_is_said():
    with signed_site() as site:
        for path in ("/worklist", "/patients/p1", "/sign-in", "/launch", "/it"):
            answer = site.browser().get(path)
            assert answer.status_code == 404
            assert "no way to sign in is set up" in answer.text
