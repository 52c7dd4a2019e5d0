"""The demo EHR end to end: its pages send the real hook over HTTP to the real service."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cds_service.app.wiring import wire, with_store
from cds_service.demo_clinic.roster import PATIENTS
from cds_service.settings import Settings
from cds_service.store.feedback_report import feedback_report
from cds_service.web import Service, create_app
from cds_service.web.demo.clock import demo_clock
from cds_service.web.demo.ehr import DemoSettings, demo_blueprint
from tests.web.served import served

AS_OF = "2026-11-22T09:00:00-05:00"
TOPICS = {
    "demo-001": [],
    "demo-002": ["itbRefillUpcoming"],
    "demo-003": ["itbRefillDue"],
    "demo-004": ["itbRefillOverdue"],
    "demo-005": ["itbReservoirEmpty", "itbWithdrawalRisk"],
    "demo-006": [],
    "demo-007": ["itbRefillDue"],
    "demo-008": ["itbRefillDue"],
    "demo-009": ["itbRefillOverdue"],
    "demo-010": ["itbRefillDue"],
    "demo-011": ["itbDataConflict", "itbRefillUpcoming"],
    "demo-012": ["itbBatteryPlan"],
    "demo-013": ["itbBatteryOrder"],
    "demo-014": ["itbBatteryCritical"],
    "demo-015": [],
    "demo-016": ["itbInfectionFollowUp"],
    "demo-017": ["itbRecoveryPlan"],
    "demo-018": ["itbInfectionEmergency"],
    "demo-019": ["itbRecoveryMilestone"],
    "demo-020": ["itbTherapyStopped"],
    "demo-021": [],
    "demo-022": [],
    "demo-023": ["itbCouldNotCheck"],
}


@pytest.fixture(scope="module")
def service() -> Service:
    return with_store(wire(Settings(time_zone=ZoneInfo("America/New_York")), AS_OF))


@pytest.fixture(scope="module")
def address(service: Service) -> Iterator[str]:
    with served(create_app(replace(service, clock=demo_clock(service.clock)))) as address:
        yield address


@pytest.fixture
def browser(service: Service, address: str) -> FlaskClient:
    return a_browser(service, address)


def a_browser(service: Service, address: str) -> FlaskClient:
    app = Flask("demo", static_folder=None)
    settings = DemoSettings(address, service.rulebook, service.clock, fixed_clock=True)
    app.register_blueprint(demo_blueprint(settings))
    return app.test_client()


def opened(browser: FlaskClient, patient_id: str, query: str = "") -> str:
    answer = browser.get(f"/demo/patients/{patient_id}?{query}")
    assert answer.status_code == 200
    return answer.text


def topics(page: str) -> list[str]:
    """The topics of the raw response, in its order."""
    raw = re.findall(r'aria-label="Response"><code>(.*?)</code>', page, re.DOTALL)[0]
    return re.findall(r'"topic": \{.*?"code": "(\w+)"', unescape(raw), re.DOTALL)


def headings(page: str) -> list[str]:
    return re.findall(r"<article.*?<h3>(.*?)</h3>", page, re.DOTALL)


@pytest.mark.parametrize("patient_id", PATIENTS, ids=str)
def test_every_story_comes_true(browser: FlaskClient, patient_id: str):
    assert topics(opened(browser, patient_id)) == TOPICS[patient_id]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (-30, []),
        (0, []),
        (18, ["itbRefillUpcoming"]),
        (48, ["itbRefillDue"]),
        (55, ["itbRefillOverdue"]),
        (65, ["itbReservoirEmpty", "itbWithdrawalRisk"]),
    ],
)
def test_the_slider_walks_the_first_patient_down_the_refill_ladder(
    browser: FlaskClient, day: int, expected: list[str]
):
    page = opened(browser, "demo-001", f"day={day}")
    assert topics(page) == expected


def test_the_home_page_opens_the_first_patient(browser: FlaskClient):
    assert "Testpatient-Amber, Ada</h1>" in browser.get("/").text


def test_every_page_says_that_it_is_a_demonstration_and_that_the_clock_is_fixed(
    browser: FlaskClient,
):
    page = opened(browser, "demo-001")
    assert "Demonstration:" in page
    assert "Fixed clock:</strong> 22 Nov 2026, 09:00 EST" in page


def test_a_page_needs_no_inline_script_or_style(browser: FlaskClient):
    answer = browser.get("/demo/patients/demo-005")
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=)", answer.text)
    assert not re.search(
        r'(?:src|href)="https?://(?!127\.0\.0\.1|[^"]*itb-pump)', _head(answer.text)
    )


def _head(page: str) -> str:
    return page[: page.index("</head>")]


@pytest.mark.parametrize(
    "query",
    ["ml=1", "off=observations", "off=observations&how=error", "off=appointments"],
)
def test_a_broken_data_source_is_never_an_empty_list_of_cards(browser: FlaskClient, query: str):
    page = opened(browser, "demo-004", query)
    assert "itbCouldNotCheck" in topics(page)
    assert "The service looked" not in page


def test_a_refusal_of_the_service_reads_as_not_checked(browser: FlaskClient):
    query = "off=devices&off=procedures&off=medicationAdministrations"
    page = opened(browser, "demo-004", query)
    assert "HTTP 412" in page
    assert "treat this patient as not checked" in page


def test_a_service_that_is_away_reads_as_not_checked(service: Service):
    page = opened(a_browser(service, "http://127.0.0.1:9"), "demo-004")
    assert "no answer" in page
    assert "treat this patient as not checked" in page
    assert "The service looked" not in page


@pytest.mark.parametrize(
    ("patient_id", "before", "after"),
    [
        ("demo-002", ["itbRefillUpcoming"], []),
        ("demo-003", ["itbRefillDue"], ["itbRefillUpcoming"]),
        ("demo-013", ["itbBatteryOrder"], ["itbBatteryPlan"]),
        ("demo-016", ["itbInfectionFollowUp"], []),
        ("demo-017", ["itbRecoveryPlan"], []),
    ],
)
def test_accepting_a_suggestion_changes_the_card(
    browser: FlaskClient, patient_id: str, before: list[str], after: list[str]
):
    page = opened(browser, patient_id)
    assert topics(page) == before
    uuid = re.findall(r'name="suggestion" value="([^"]+)"', page)[0]

    answer = browser.post(f"/demo/patients/{patient_id}/accept", data={"suggestion": uuid})

    assert answer.status_code == 303
    page = opened(browser, patient_id)
    assert "Accepted:" in page
    assert topics(page) == after


def test_a_recorded_refill_silences_the_card_and_reset_brings_it_back(browser: FlaskClient):
    browser.post("/demo/patients/demo-005/refill")
    assert topics(opened(browser, "demo-005")) == []

    browser.post("/demo/reset", data={"patient": "demo-005"})
    assert topics(opened(browser, "demo-005")) == ["itbReservoirEmpty", "itbWithdrawalRisk"]


def test_a_booked_visit_is_kept_for_the_day_it_was_made_on(browser: FlaskClient):
    form = {"kind": "refill-visit", "on": "2027-01-08", "day": "40"}
    answer = browser.post("/demo/patients/demo-001/book", data=form)

    assert answer.headers["Location"].endswith("?day=40")
    assert "Pump refill visit on 8 Jan 2027" in opened(browser, "demo-001", "day=40")
    assert "No visit is booked" in opened(browser, "demo-001", "day=20")


def press(browser: FlaskClient, page: str, act: str, **chosen: str) -> str:
    """The page after its first form of this kind was sent, with what the user chose."""
    form = re.search(rf'<form[^>]*action="([^"]*/{act})">(.*?)</form>', page, re.DOTALL)
    assert form is not None
    hidden = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form[2])
    data = {name: unescape(value) for name, value in hidden} | chosen
    answer = browser.post(form[1], data=data, follow_redirects=True)
    assert answer.status_code == 200
    return answer.text


REFUSED = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes|patient-refuses"


def test_a_card_set_aside_is_not_sent_again_and_the_page_says_why(
    service: Service, browser: FlaskClient
):
    page = opened(browser, "demo-002")
    assert REFUSED in page

    after = press(browser, page, "override", reason=REFUSED, comment="says no")

    assert topics(after) == []
    assert "The service was told" in after
    assert "That is not “nothing due”" in after
    assert "patient refuses" in after
    assert "the service looked and has nothing to say" not in after.lower()
    assert service.store is not None
    with_comments = feedback_report(
        service.store.engine, service.clock() - timedelta(days=1), with_comments=True
    )
    (topic,) = [each for each in with_comments.topics if each.overridden]
    assert (topic.topic, topic.comments) == ("itbRefillUpcoming", ["says no"])
    # The day by which the card says to act ends the snooze.
    assert topics(opened(browser, "demo-002", "day=30")) != []


def test_after_a_reset_somebody_else_sees_the_card(browser: FlaskClient):
    press(browser, opened(browser, "demo-012"), "override", reason=REFUSED)
    assert topics(opened(browser, "demo-012")) == []

    browser.post("/demo/reset", data={"patient": "demo-012"})

    assert topics(opened(browser, "demo-012")) == TOPICS["demo-012"]


def test_a_critical_card_comes_back_at_once(browser: FlaskClient):
    after = press(browser, opened(browser, "demo-004"), "override", reason=REFUSED)

    assert topics(after) == TOPICS["demo-004"]
    assert "Set aside by you" not in after


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("demo-001/accept", {"suggestion": "unknown"}),
        ("demo-001/book", {"kind": "refill-visit", "on": "soon"}),
        ("demo-001/book", {"kind": "party", "on": "2027-01-01"}),
        ("demo-021/refill", {}),
    ],
)
def test_a_form_that_makes_no_sense_files_nothing(
    browser: FlaskClient, path: str, form: dict[str, str]
):
    answer = browser.post(f"/demo/patients/{path}", data=form, follow_redirects=True)
    assert answer.status_code == 200
    assert re.search(r"[Nn]othing was (?:filed|booked)", answer.text)


@pytest.mark.parametrize("day", ["soon", "99999", "-99999", ""])
def test_an_impossible_day_is_brought_into_range(browser: FlaskClient, day: str):
    assert browser.get(f"/?day={day}").status_code == 200


def test_an_unknown_patient_is_a_page_of_its_own(browser: FlaskClient):
    for answer in (
        browser.get("/demo/patients/nobody"),
        browser.post("/demo/patients/nobody/refill"),
    ):
        assert answer.status_code == 404
        assert "No such patient" in answer.text


def test_another_site_cannot_write_into_a_chart(browser: FlaskClient):
    headers = {"Origin": "https://elsewhere.example"}
    answer = browser.post("/demo/patients/demo-005/refill", headers=headers)
    assert answer.status_code == 403


def test_the_plot_is_described_and_its_figures_stand_in_a_table(browser: FlaskClient):
    page = opened(browser, "demo-009")
    assert 'role="img" aria-labelledby="plot-title plot-desc"' in page
    for figure in ("31 Aug 2026", "21 Nov 2026", "25 Nov 2026", "13 days too late"):
        assert figure in page


def test_the_plot_says_that_it_is_drawn_from_the_chart_alone(browser: FlaskClient):
    assert "Drawn from this chart alone." in opened(browser, "demo-002")


def test_a_page_has_one_heading_of_the_first_level_and_unique_ids(browser: FlaskClient):
    for patient_id in PATIENTS:
        page = opened(browser, patient_id)
        assert page.count("<h1") == 1
        ids = re.findall(r'\sid="([^"]+)"', page)
        assert len(ids) == len(set(ids))
