"""The page for the patient: refused while it could mislead, printed once it was released."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from cds_service.settings import HandoutSettings
from cds_service.store.open_store import Store, open_store
from tests.web.coordinator.clinic import (
    BOOKED,
    BOOKED_LATE,
    BROKEN,
    COMES_UP,
    DISAGREES,
    DUE,
    HANDOUT,
    NO_PLAN_YET,
    NO_PUMP,
    OVERDUE,
    REMOVED,
    Clinic,
    browser,
    read_into,
)
from tests.web.coordinator.site import CASEY, KIM, NOW, Browser, audited, visible_text

PATH = f"/patients/{COMES_UP}/handout"


@pytest.fixture
def store() -> Store:
    return open_store(None, lambda: NOW)


def sheet(page: str) -> str:
    """What is printed; '' when there is no sheet."""
    found = re.search(r'<article class="sheet.*?</article>', page, re.DOTALL)
    return visible_text(found[0]) if found else ""


def seal_on(page: str) -> str:
    (found,) = re.findall(r'name="fingerprint" value="(\w+)"', page)
    return str(found)


def release(casey: Browser, path: str = PATH) -> str:
    return casey.done(path, fingerprint=seal_on(casey.get(path)))


def test_the_sheet_names_patient_pump_day_and_whom_to_call(store: Store):
    said = sheet(browser(store, Clinic()).get(PATH))

    assert "Testpatient-Birch, Ben Born 14 Sep 1971 · MRN DEMO-002" in said
    assert "Call us: 555-0100 Rehab East, Monday to Friday." in said
    assert "Your next refill: by Saturday, 5 Dec 2026" in said
    assert "No refill visit is booked yet. Call us to book one." in said
    assert "Pump: SynchroMed II 8637-20. Dose: 100 mcg/day." in said
    assert "12 Dec" not in said, "the alarm date is no day for a visit"
    assert "not been reviewed by a clinician yet" in said


def test_a_booked_visit_stands_with_its_weekday(store: Store):
    said = sheet(browser(store, Clinic()).get(f"/patients/{BOOKED}/handout"))

    assert re.search(r"Your visit: \w+day, \d+ \w+ 2026 Your refill visit is booked", said)


def test_the_day_of_a_refill_that_is_due_is_today(store: Store):
    said = sheet(browser(store, Clinic()).get(f"/patients/{DUE}/handout"))

    assert "Your pump needs a refill now. Call us today" in said
    assert "by Thursday" not in said


def test_recovery_is_told_of_inside_its_window(store: Store):
    said = sheet(browser(store, Clinic()).get(f"/patients/{NO_PLAN_YET}/handout"))

    assert "You had pump surgery on 22 Nov 2026." in said


def test_a_coordinator_may_read_the_draft_and_not_release_it(store: Store):
    kim = browser(store, Clinic())
    page = kim.get(PATH)

    assert 'class="sheet draft"' in page
    assert "Draft, not released" in sheet(page)
    assert 'name="fingerprint"' not in page
    assert kim.post(PATH, fingerprint="x").status_code == 403
    assert store.handouts.newest(COMES_UP) is None


def test_a_clinician_releases_it_and_a_coordinator_prints_it(store: Store):
    clinic = Clinic()
    page = release(browser(store, clinic, CASEY))

    assert "Released by Dr Casey on 22 Nov 2026, 09:00 EST." in visible_text(page)
    printed = browser(store, clinic).get(PATH)
    assert "data-print" in printed
    assert 'class="sheet"' in printed
    assert "Released by Dr Casey, 22 Nov 2026, 09:00 EST." in sheet(printed)
    assert (COMES_UP, "handout released") in audited(store)


@pytest.mark.parametrize(
    ("changed", "handout"),
    [
        pytest.param({"person": {"birthDate": "1971-09-15"}}, HANDOUT, id="another birth date"),
        pytest.param({"now": NOW - timedelta(days=1)}, HANDOUT, id="another fill date"),
        pytest.param({}, HandoutSettings("Rehab East", "555-0199"), id="another number to call"),
    ],
)
def test_a_release_ends_when_what_it_says_changes(
    store: Store, changed: Mapping[str, Any], handout: HandoutSettings
):
    release(browser(store, Clinic(), CASEY))

    kim = browser(store, Clinic(**changed), handout=handout)
    page = kim.get(PATH)

    assert 'class="sheet draft"' in page
    assert "Dr Casey released a page on 22 Nov 2026, 09:00 EST; since then" in visible_text(page)


def test_what_changed_while_it_was_read_is_not_released(store: Store):
    seal = seal_on(browser(store, Clinic(), CASEY).get(PATH))

    changed = browser(store, Clinic(person={"birthDate": "1971-09-15"}), CASEY)
    answer = changed.post(PATH, fingerprint=seal)

    assert answer.status_code == 409
    assert "Nothing was released" in answer.text
    assert store.handouts.newest(COMES_UP) is None


@pytest.mark.parametrize(
    ("patient_id", "says"),
    [
        (OVERDUE, "Act first; a page does not replace it: Refill overdue"),
        (BOOKED_LATE, "The refill visit is booked for the day of the low-reservoir alarm or later"),
        (REMOVED, "The pump was removed."),
        (NO_PUMP, "The record shows no intrathecal pump."),
        (BROKEN, "A record could not be used:"),
    ],
)
def test_it_is_refused_with_the_reason_in_words(store: Store, patient_id: str, says: str):
    page = browser(store, Clinic(), CASEY).get(f"/patients/{patient_id}/handout")

    assert says in visible_text(page)
    assert sheet(page) == ""
    assert 'name="fingerprint"' not in page


@pytest.mark.parametrize(
    "key",
    ["devices", "medicationAdministrations", "procedures", "observations", "appointments"],
)
def test_it_is_refused_while_something_it_needs_could_not_be_read(store: Store, key: str):
    page = browser(store, Clinic(unread={key: "timed out"})).get(PATH)

    assert f"Could not be read: {key}: timed out." in visible_text(page)
    assert sheet(page) == ""


@pytest.mark.parametrize("hours", [1, 73])
def test_it_is_refused_while_the_record_cannot_be_read(store: Store, hours: int):
    read_into(store, Clinic(), COMES_UP, NOW - timedelta(hours=hours))
    page = browser(store, Clinic(down="is down")).get(PATH)

    said = visible_text(page)
    assert "No handout: the record could not be read now The EHR is down" in said
    assert "A page for the patient is made from today's record alone." in said
    assert sheet(page) == ""


@pytest.mark.parametrize(
    ("handout", "missing"),
    [
        (HandoutSettings(), "handout.clinic and handout.phone"),
        (HandoutSettings("Rehab East"), "handout.phone"),
    ],
)
def test_it_is_refused_until_the_site_says_whom_patients_call(
    store: Store, handout: HandoutSettings, missing: str
):
    kim = browser(store, Clinic(), KIM, handout=handout)
    page = kim.get(PATH)

    assert f"Hospital IT sets {missing} in the site's configuration" in visible_text(page)
    assert sheet(page) == ""


def test_contradictions_are_told_to_who_releases_it(store: Store):
    page = browser(store, Clinic(), CASEY).get(f"/patients/{DISAGREES}/handout")

    assert "The record contradicts itself; the page uses the earlier day:" in visible_text(page)
    assert sheet(page)
    assert "contradicts" not in sheet(page)


def test_a_release_of_another_session_is_refused(store: Store):
    casey = browser(store, Clinic(), CASEY)
    seal = seal_on(casey.get(PATH))
    answer = casey.client.post(PATH, data={"csrf_token": "0" * 64, "fingerprint": seal})

    assert answer.status_code == 400
    assert store.handouts.newest(COMES_UP) is None
