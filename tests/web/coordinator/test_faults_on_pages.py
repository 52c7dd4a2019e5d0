"""Whoever looks at a page reads what became of it in words, also when the service fails."""

from dataclasses import replace
from datetime import datetime

import pytest
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from cds_service.store.session_ledger import KnownPerson
from tests.coordination.builders import REFILL_DUE, a_status
from tests.web.coordinator.site import (
    CASEY,
    IRA,
    KIM,
    NOW,
    Browser,
    a_browser,
    a_service,
    a_store,
    an_app,
    the_task,
    visible_text,
)

HIDDEN = "Ada Testpatient at /srv/secret"
DUE = a_status("p1", advice=(REFILL_DUE,), read_at=NOW)


class Clock:
    """Runs until it is stopped; then it fails as no one foresaw."""

    stopped = False

    def __call__(self) -> datetime:
        if self.stopped:
            raise ZeroDivisionError(HIDDEN)
        return NOW


def a_failing_site(person: KnownPerson = KIM, patient: str = "") -> Browser:
    """A person's browser, with a session that began before everything failed."""
    store, clock = a_store(DUE), Clock()
    browser = Browser(an_app(replace(a_service(store), clock=clock)), store, person, patient)
    if person is not IRA and not patient:
        assert browser.token
    clock.stopped = True
    return browser


def check_is_a_page(answer: TestResponse) -> str:
    """What the page says, which is for people and has the policy of every page."""
    assert answer.content_type == "text/html; charset=utf-8"
    assert "style-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "OperationOutcome" not in answer.text
    return visible_text(answer.text)


@pytest.mark.parametrize(
    "address",
    ["/worklist", "/worklist/print", "/patients/p1", "/tasks/{}", "/patients/p1/readings"],
)
def test_a_page_that_fails_is_a_page_in_words_without_the_fault(address: str):
    kim = a_failing_site()
    with capture_logs() as logged:
        answer = kim.client.get(address.format(the_task(kim.store, "p1").id))

    assert answer.status_code == 500
    said = check_is_a_page(answer)
    assert "This page failed" in said
    assert "It says nothing about any patient: take it as not checked." in said
    (correlation,) = [each["correlation"] for each in logged if each["event"] == "failed"]
    assert f"name the number {correlation}" in said
    for word in ("ZeroDivisionError", "Ada", "secret", "Traceback", ".py"):
        assert word not in answer.text


def test_of_a_form_that_fails_nobody_says_whether_it_was_done():
    kim = a_failing_site()

    answer = kim.post(f"/tasks/{the_task(kim.store, 'p1').id}/comment", version=1, comment="x")

    assert answer.status_code == 500
    assert "It is not certain whether what you sent was done." in check_is_a_page(answer)


@pytest.mark.parametrize(
    ("person", "patient", "address", "way_on"),
    [
        (KIM, "", "/worklist", "/worklist"),
        (CASEY, "p1", "/patients/p1", "/patients/p1"),
        (IRA, "", "/it", "/it"),
    ],
    ids=["coordinator", "in a chart", "IT"],
)
def test_a_page_that_fails_leads_on_to_where_its_reader_may_go(
    person: KnownPerson, patient: str, address: str, way_on: str
):
    answer = a_failing_site(person, patient).client.get(address)

    assert answer.status_code == 500
    assert f'class="button" href="{way_on}"' in answer.text


@pytest.mark.parametrize(
    "address", ["/worklist/none", "/patients/p1/none", "/tasks/x/y/z", "/it/x"]
)
def test_an_address_that_is_none_of_our_pages_is_answered_with_one(address: str):
    answer = a_browser(a_store(DUE)).client.get(address)

    assert answer.status_code == 404
    assert "There is no such page" in check_is_a_page(answer)


def test_a_page_that_takes_forms_only_says_which_method_is_lawful():
    answer = a_browser(a_store(DUE)).client.get("/worklist/assign")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert "There is no such page" in check_is_a_page(answer)


def test_systems_are_answered_with_an_operation_outcome_as_ever():
    client = a_browser(a_store(DUE)).client

    for address in ("/fhir/none", "/cds-services/none/none", "/none", "/"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert answer.json is not None
        assert answer.json["resourceType"] == "OperationOutcome"
