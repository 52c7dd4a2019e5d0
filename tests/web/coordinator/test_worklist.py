"""The worklist as a coordinator uses it, over a real store."""

from dataclasses import replace
from datetime import date, timedelta
from threading import Event

import pytest

from cds_service.coordination.status import PatientStatus
from cds_service.demo_clinic.chart import Chart
from cds_service.demo_clinic.population import DemoPatients
from cds_service.population.refresher import Refresher
from cds_service.store.open_store import Store
from cds_service.store.refresh_ledger import Refresh, RefreshState
from tests.coordination.builders import BATTERY_PLAN, CONFLICT, REFILL_DUE, REFILL_OVERDUE, a_status
from tests.web.coordinator.site import (
    CASEY,
    IRA,
    KIM,
    LEE,
    NOW,
    Browser,
    a_browser,
    a_service,
    a_store,
    an_app,
    audited,
    row_of,
    shown_patients,
    the_task,
    visible_text,
)


def patient(patient_id: str, *advice, name: str = "", **changes) -> PatientStatus:
    status = a_status(patient_id, advice=advice, read_at=NOW, **changes)
    identity = replace(status.identity, name=name or f"Test, {patient_id}", mrn=f"00{patient_id}")
    return replace(status, identity=identity)


OVERDUE = patient("overdue", REFILL_OVERDUE)
DUE = patient("due", REFILL_DUE)
GAPS = patient("gaps", unchecked=("Visits: not read", "Dose: unit not known"))
CALM = patient("calm")
ALL = (CALM, GAPS, DUE, OVERDUE)


def test_the_list_opens_with_the_most_urgent_and_says_why_and_by_when():
    page = a_browser(a_store(*ALL)).get("/worklist")

    assert shown_patients(page) == ["overdue", "due", "gaps", "calm"]
    due = row_of(page, "due")
    assert "Book" in due
    assert "Refill due; low-reservoir alarm 30 Nov 2026" in due
    assert "Mon 30 Nov 2026 in 8 days" in due
    assert "Nothing is due; everything needed was read." in row_of(page, "calm")
    assert "2 things could not be checked" in row_of(page, "gaps")


@pytest.mark.parametrize("query", ["lane=act-now", "lane=no-action", "lane=all&owner=nobody"])
def test_how_many_could_not_be_checked_stands_on_every_view(query: str):
    page = a_browser(a_store(*ALL)).get(f"/worklist?{query}")

    assert "Cannot check 1" in visible_text(page)


def test_a_gap_beside_advice_is_counted_where_nobody_stands_in_cannot_check():
    half = patient("half", REFILL_DUE, unchecked=("Visits: not read",))
    kim = a_browser(a_store(half, CALM))

    says = "Of 1 patient in other lanes than “Cannot check” not everything could be checked"
    for page in ("/worklist", "/worklist?lane=cannot-check", "/worklist/print?lane=cannot-check"):
        assert says in visible_text(kim.get(page)), page
    assert shown_patients(kim.get("/worklist?lane=all&unchecked=yes")) == ["half"]
    assert says not in visible_text(a_browser(a_store(CALM)).get("/worklist"))


def test_a_warning_is_named_as_one_beside_information_that_is_to_be_booked():
    information = replace(REFILL_DUE, urgency="info")
    row = row_of(a_browser(a_store(patient("two", information, CONFLICT))).get("/worklist"), "two")

    assert "Information: Refill due" in row
    assert "Also: Warning: Contradicting data" in row


def test_filters_that_leave_out_somebody_not_checked_say_so():
    page = visible_text(a_browser(a_store(*ALL)).get("/worklist?lane=all&booked=yes"))

    assert "1 patient of whom something could not be checked does not match these filters" in page
    assert "Cannot check 0 of 1" in page


def test_an_empty_list_says_that_nobody_was_read_and_not_that_nothing_is_due():
    page = visible_text(a_browser(a_store()).get("/worklist"))

    assert "No patient was read yet" in page
    assert "An empty list does not mean that nothing is due." in page


def test_who_was_read_too_long_ago_cannot_be_checked_and_has_no_figures():
    old = patient("old", REFILL_DUE)
    store = a_store(replace(old, read_at=NOW - timedelta(hours=73)))
    page = a_browser(store).get("/worklist")

    assert "1 of 1 patient could not be read" in visible_text(page)
    row = row_of(page, "old")
    assert "Cannot check" in row
    assert "more than 72 hours ago: too old to go by" in row
    assert "not known" in row


def test_late_work_comes_back_from_a_snooze_and_stays_until_it_is_done():
    store = a_store(DUE)
    task = the_task(store, "due")
    kim = a_browser(store)
    kim.done(f"/tasks/{task.id}/snooze", version=1, reason="need-more-info", until="2026-11-30")
    # 30 Nov is the day to act by; 3 Dec is three days late.
    late = NOW + timedelta(days=11)
    store.work.keep(replace(DUE, read_at=late), late.date())

    kim = a_browser(store, now=late)
    row = row_of(kim.get("/worklist"), "due")
    kim.done(f"/tasks/{task.id}/comment", version=the_task(store, "due").version, comment="called")

    assert "Act now" in row
    assert "Mon 30 Nov 2026 3 days ago, late" in row
    assert "Assign to me" in row
    assert shown_patients(kim.get("/worklist?lane=act-now")) == ["due"]


def test_one_row_is_taken_with_one_click_and_the_page_comes_back_to_it():
    store = a_store(*ALL)
    kim, task = a_browser(store), the_task(store, "due")

    answer = kim.post("/worklist/assign", mine=f"{task.id}:1", back="/worklist?lane=book#row-due")

    assert answer.location == "/worklist?lane=book&said=assigned&given=1&left=0#row-due"
    page = kim.get(answer.location.partition("#")[0])
    assert "1 task assigned." in visible_text(page)
    assert "Kim Coordinator" in row_of(page, "due")
    assert the_task(store, "due").owner == KIM.id


def test_many_are_given_to_one_and_what_somebody_changed_meanwhile_is_left():
    store = a_store(*ALL)
    kim, lee = a_browser(store), a_browser(store, LEE)
    due, overdue = the_task(store, "due"), the_task(store, "overdue")
    lee.done(f"/tasks/{due.id}/due", version=1, due="2026-11-25")

    page = kim.done("/worklist/assign", tasks=[f"{due.id}:1", f"{overdue.id}:1"], owner=LEE.id)

    assert "1 task assigned. 1 not: somebody else changed it meanwhile." in visible_text(page)
    assert the_task(store, "overdue").owner == LEE.id
    assert the_task(store, "due").owner == ""


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"owner": KIM.id},
        {"tasks": "nonsense", "owner": KIM.id},
        {"tasks": "id:1", "owner": "idp/stranger"},
        {"tasks": "id:1", "owner": IRA.id},
        {"tasks": "id:99999999999999999999", "owner": KIM.id},
    ],
    ids=["nothing", "no task", "no version", "stranger", "IT", "huge"],
)
def test_an_assignment_that_names_nothing_or_nobody_changes_nothing(sent: dict[str, str]):
    store = a_store(*ALL)
    page = a_browser(store).done("/worklist/assign", **sent)

    assert "Nothing was assigned" in visible_text(page)


def test_a_name_that_is_looked_for_never_stands_in_an_address():
    kim = a_browser(a_store(*ALL, patient("zoe", name="Zoë, Ada")))

    answer = kim.post("/worklist/find", text="zoe")

    assert answer.status_code == 303
    assert "zoe" not in answer.location.lower()
    page = kim.get(answer.location)
    assert shown_patients(page) == ["zoe"]
    assert 'value="zoe"' in page


def test_what_one_person_looks_for_is_not_shown_to_another():
    store = a_store(*ALL)
    address = a_browser(store).post("/worklist/find", text="calm").location

    page = visible_text(a_browser(store, LEE).get(address))

    assert "What was looked for is not kept any more." in page
    assert "calm" not in a_browser(store, LEE).get(address).split("<main")[0]


def test_a_saved_view_opens_the_list_and_belongs_to_its_owner():
    store = a_store(*ALL)
    kim = a_browser(store)
    kim.done(
        "/worklist/views?lane=book", name="Mine <b>", default="yes", back="/worklist?lane=book"
    )

    opened = kim.client.get("/worklist")

    assert (opened.status_code, opened.location) == (303, "/worklist?lane=book")
    assert "Mine &lt;b&gt;" in kim.get("/worklist?lane=all")
    assert "Mine" not in a_browser(store, LEE).get("/worklist")
    kim.done("/worklist/views/delete", name="Mine <b>")
    assert kim.client.get("/worklist").status_code == 200


def test_a_view_without_a_name_is_asked_for_again():
    answer = a_browser(a_store(*ALL)).post("/worklist/views?lane=book", name=" ")

    assert answer.status_code == 400
    assert "Give the view a name" in visible_text(answer.text)


def test_a_list_in_pages_shows_each_patient_once():
    store = a_store(*(patient(f"p{number:02}", BATTERY_PLAN) for number in range(27)))
    kim = a_browser(store)
    first, second = kim.get("/worklist?lane=all"), kim.get("/worklist?lane=all&page=2")

    assert (len(shown_patients(first)), len(shown_patients(second))) == (25, 2)
    assert not set(shown_patients(first)) & set(shown_patients(second))
    assert "Page 2 of 2" in visible_text(second)


def test_who_died_is_off_the_list_and_can_be_found_with_the_reason():
    dead = patient("dead", name="Late, Ada")
    dead = replace(dead, identity=replace(dead.identity, is_deceased=True))
    kim = a_browser(a_store(DUE, dead))

    assert shown_patients(kim.get("/worklist")) == ["due"]
    off = kim.get("/worklist?lane=off-list")
    assert shown_patients(off) == ["dead"]
    assert "The record says that this patient has died." in row_of(off, "dead")
    found = kim.done("/worklist/find", text="late ada")
    assert shown_patients(found) == ["dead"]


@pytest.mark.parametrize("path", ["/worklist", "/worklist/print", "/worklist/export"])
def test_hospital_it_sees_no_patients(path: str):
    store = a_store(*ALL)
    browser = a_browser(store, IRA)

    page = browser.get(path, status=403)

    assert "Test, due" not in page


def test_each_role_is_led_to_its_own_pages_only():
    store = a_store(*ALL)

    assert ">Hospital IT</a>" not in a_browser(store).get("/worklist")
    page = a_browser(store, IRA).get("/it")
    assert 'href="/worklist"' not in page
    assert ">Hospital IT</a>" in page


@pytest.mark.parametrize("path", ["/worklist", "/worklist/print", "/worklist/export"])
def test_a_session_of_one_patient_sees_no_list(path: str):
    page = a_browser(a_store(*ALL), CASEY, patient="due").get(path, status=403)

    assert "Test, overdue" not in page


def test_nobody_sees_anything_without_signing_in():
    store = a_store(*ALL)
    stranger = a_browser(store).client.application.test_client()

    answer = stranger.get("/worklist")

    assert answer.status_code in (303, 302, 401)
    assert "Test, due" not in answer.text


def test_every_list_shown_is_written_down_with_its_patients():
    store = a_store(*ALL)
    a_browser(store).get("/worklist?lane=book")

    assert audited(store)[-1] == ("", "worklist page 1: lane=book; 1 patient: due")


def read_by(store: Store, number: int, good: int = 0, failed: int = 0) -> int:
    """A reading under way, so far; its id."""
    run = store.refreshes.open_run("Rehab East", NOW)
    store.refreshes.set_cohort(run.id, [f"p{each}" for each in range(number)])
    for each in range(good + failed):
        store.refreshes.note(run.id, {f"p{each}": each < good})
    return run.id


def test_a_reading_under_way_says_how_far_it_is():
    store = a_store(*ALL)
    read_by(store, 118, good=33, failed=1)

    page = visible_text(a_browser(store).get("/worklist"))

    assert "Reading: 34 of 118 patients, begun 22 Nov 2026, 09:00 EST" in page
    assert "1 could not be read so far" in page


def test_a_reading_that_failed_says_why_beside_what_was_read_before():
    store = a_store(*ALL)
    run = read_by(store, 3)
    store.refreshes.end(run, RefreshState.FAILED, "Rehab East <did> not answer.", NOW)

    page = a_browser(store).get("/worklist")

    words = visible_text(page)
    assert "The newest reading of the patients failed, 22 Nov 2026, 09:00 EST." in words
    assert "Rehab East <did> not answer." in words
    assert len(shown_patients(page)) == len(ALL)


@pytest.mark.parametrize(
    ("number", "state", "says"),
    [
        (0, RefreshState.DONE, "Nobody is in the clinic's list of patients"),
        (3, RefreshState.FAILED, "the reason stands above"),
    ],
)
def test_an_empty_list_says_why_it_is_empty(number: int, state: RefreshState, says: str):
    store = a_store()
    store.refreshes.end(read_by(store, number), state, "", NOW)
    service = replace(a_service(store), population=DemoPatients(no_chart, NOW.date))

    page = visible_text(Browser(an_app(service), store, KIM).get("/worklist"))

    assert says in page
    assert "An empty list does not mean that nothing is due." in page


def no_chart(patient_id: str, _: date) -> Chart:
    raise AssertionError(f"{patient_id}: a page never reads a chart")


def test_everybody_is_read_again_when_a_coordinator_asks_and_nobody_waits():
    store = a_store(*ALL)
    asked = Event()

    def read(_: Event) -> Refresh:
        asked.set()
        return store.refreshes.open_run("Rehab East", NOW)

    refresher = Refresher(read, store.refreshes, timedelta(hours=1), lambda: NOW)
    store.refreshes.end(read_by(store, 3), RefreshState.DONE, "", NOW)
    kim = Browser(an_app(replace(a_service(store), refresher=refresher)), store, KIM)

    page = kim.done("/worklist/refresh", back="/worklist?lane=book")

    assert "The patients are read in the background." in visible_text(page)
    assert not asked.is_set()
    refresher.look()
    assert asked.is_set()
    assert ("", "asked to have all patients read") in audited(store)


def test_where_nothing_reads_the_patients_nobody_is_told_that_they_are_read():
    kim = a_browser(a_store(*ALL))

    assert "Refresh now" not in kim.get("/worklist")
    page = visible_text(kim.done("/worklist/refresh"))
    assert "Nothing reads the patients here." in page
