"""Requests that no page of ours sends: they change nothing, and never end in a fault."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest

from cds_service import web
from cds_service.store.work_ledger import WantedTasks
from tests.coordination.builders import REFILL_DUE, a_status
from tests.web.coordinator.site import (
    KIM,
    NOW,
    a_browser,
    a_store,
    audited,
    the_task,
    visible_text,
)

DUE = a_status("p1", advice=(REFILL_DUE,), read_at=NOW)
OTHER = a_status("other", advice=(REFILL_DUE,), read_at=NOW)
HOSTILE = ["", "1", "-1", "x", "1e9", "%00", "%F0%9F%92%89", "9" * 5000, "{{7*7}}", "%3Cb%3E"]
SAID_WORDS = Path(web.__file__).parent / "templates/coordinator/_said_words.html"


@pytest.mark.parametrize(
    "address",
    ["/tasks/{}/done", "/tasks/{}/snooze", "/tasks/{}/override", "/patients/p1/tasks/new"],
)
@pytest.mark.parametrize("has_token", [False, True], ids=["no token", "token"])
def test_a_page_asked_for_with_head_changes_nothing_whatever_it_carries(
    address: str, has_token: bool
):
    store = a_store(DUE)
    kim, task = a_browser(store), the_task(store, "p1")
    typed = {"version": 1, "comment": "x", "reason": "need-more-info", "until": "2026-11-25"}
    token = {"csrf_token": kim.token} if has_token else {}
    kim.get(address.format(task.id))
    looked = audited(store)[-1]

    asked = kim.client.head(address.format(task.id), data={**typed, "title": "x", **token})

    assert asked.status_code == 200
    assert store.work.tasks("p1") == [task]
    assert audited(store)[-2:] == [looked, looked]


@pytest.mark.parametrize(
    "page", ["/worklist", "/tasks/{}", "/patients/p1", "/patients/p1/readings"]
)
def test_an_address_that_says_what_was_done_is_answered_whatever_else_it_says(page: str):
    store = a_store(DUE)
    kim = a_browser(store)
    address = page.format(the_task(store, "p1").id)
    words = re.findall(r"^  '([\w-]+)':", SAID_WORDS.read_text("utf-8"), re.MULTILINE)
    assert len(words) > 10
    rest = ["", *(f"&given={each}&left={each}&task={each}" for each in HOSTILE)]

    for said in ("assigned", "<b>", "\x00", *words):
        for each in ("&given=1", *rest):
            answer = kim.client.get(f"{address}?said={quote(said)}{each}")
            assert answer.status_code == 200, (said, each)


def test_an_assignment_of_many_is_found_in_the_audit_under_each_patient():
    store = a_store(DUE, OTHER)
    kim = a_browser(store)
    mine, other = (the_task(store, patient) for patient in ("p1", "other"))

    kim.done("/worklist/assign", tasks=[f"{mine.id}:1,made-up:1", f"{other.id}:1"], owner=KIM.id)

    for task in (mine, other):
        assigned = list(store.audit.rows(patient=task.patient_id))[-1]
        assert "assigned 2 tasks: " in assigned.content
        assert "made-up" not in assigned.content
        assert the_task(store, task.patient_id).owner == KIM.id


@pytest.mark.parametrize(("patients", "is_taken"), [(100, True), (101, False)])
def test_no_more_patients_are_given_at_once_than_the_largest_page_shows(
    patients: int, is_taken: bool
):
    many = [a_status(f"p{n}", advice=(REFILL_DUE,), read_at=NOW) for n in range(patients)]
    store = a_store(*many)
    kim = a_browser(store)
    tasks = [f"{task.id}:1" for task in store.work.found(WantedTasks())]

    page = visible_text(kim.done("/worklist/assign", tasks=tasks, owner=KIM.id, back="/worklist"))

    assert ("100 tasks assigned." in page) is is_taken
    assert ("Nothing was assigned: choose no more patients" in page) is not is_taken
    assert (the_task(store, "p0").owner == KIM.id) is is_taken


def test_endless_made_up_tasks_are_refused_unread():
    store = a_store(DUE)
    kim = a_browser(store)
    task = the_task(store, "p1")
    made_up = ",".join(f"t{n}:1" for n in range(5000))

    page = kim.done("/worklist/assign", tasks=f"{task.id}:1,{made_up}", owner=KIM.id)

    assert "Nothing was assigned" in visible_text(page)
    assert the_task(store, "p1") == task
