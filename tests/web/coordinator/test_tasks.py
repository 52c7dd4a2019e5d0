"""A task on its page: what two people do to it, and that nothing anybody typed is lost."""

import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape

import pytest

from cds_service.coordination.tasks import TaskState
from tests.coordination.builders import REFILL_DUE, REFILL_OVERDUE, a_status
from tests.web.coordinator.site import (
    CASEY,
    IRA,
    KIM,
    LEE,
    NOW,
    Browser,
    a_browser,
    a_store,
    audited,
    row_of,
    the_task,
    visible_text,
)

DUE = a_status("p1", advice=(REFILL_DUE,), read_at=NOW)
OVERDUE = a_status("p2", advice=(REFILL_OVERDUE,), read_at=NOW)
OTHER = a_status("other", advice=(REFILL_DUE,), read_at=NOW)
CAP = date(2026, 11, 30)
"""The day to act by of REFILL_DUE."""


def a_site(status=DUE) -> tuple[Browser, str]:
    """Kim's browser and the address of the one task; `browser.store` is what is kept."""
    store = a_store(status)
    kim = a_browser(store)
    return kim, f"/tasks/{the_task(store, status.identity.patient_id).id}"


def test_a_task_says_what_it_is_about_and_whom():
    kim, task = a_site()
    page = visible_text(kim.get(task))

    assert "Ada Testpatient Born 2 May 1984 MRN 0001" in page
    assert "Refill due; low-reservoir alarm 30 Nov 2026" in page
    assert "Act by Mon 30 Nov 2026, in 8 days" in page
    assert "The service opened it, act by Mon 30 Nov 2026" in page


def test_a_comment_stands_in_the_history_under_its_author():
    kim, task = a_site()
    page = visible_text(kim.done(f"{task}/comment", version=1, comment="Mother rings <back>."))

    assert "Comment added." in page
    assert "Kim Coordinator wrote: Mother rings <back>." in page
    assert ("p1", f"task {task[7:]}: Comment") in audited(kim.store)


def test_a_snooze_past_the_day_to_act_by_is_refused_with_that_day_and_why():
    kim, task = a_site()
    cap = "It is to be back on Mon 30 Nov 2026 at the latest, in 8 days: that is the day to act by."
    assert cap in visible_text(kim.get(f"{task}/snooze"))
    wanted = {"version": 1, "reason": "need-more-info", "back": "/worklist?lane=all"}

    refused = kim.post(f"{task}/snooze", until="2026-12-01", comment="after the fax", **wanted)

    assert refused.status_code == 400
    assert f"Not done This task may not wait so long. Choose an earlier day. {cap}" in (
        visible_text(refused.text)
    )
    assert 'value="2026-12-01" aria-invalid="true"' in refused.text
    assert "after the fax" in refused.text
    assert the_task(kim.store, "p1").away is None
    page = kim.done(f"{task}/snooze", until="2026-11-30", **wanted)

    assert "Waits until Mon 30 Nov 2026, in 8 days" in row_of(page, "p1")
    assert "Patient: Ada Testpatient, now in Snoozed." in visible_text(page)
    kept = the_task(kim.store, "p1")
    assert kept.away is not None
    assert kept.away.until == CAP


def test_what_waits_can_be_called_back():
    kim, task = a_site()
    kim.done(f"{task}/snooze", version=1, reason="need-more-info", until="2026-11-24")

    assert "Waiting until Tue 24 Nov 2026" in visible_text(kim.get(task))
    kim.done(f"{task}/return", version=2)
    assert the_task(kim.store, "p1").away is None


def test_critical_work_may_not_wait_and_the_page_says_why():
    kim, task = a_site(OVERDUE)
    form = kim.get(f"{task}/snooze")

    assert "It is critical: it has to be acted on now, and may not wait." in visible_text(form)
    assert '<input type="date"' not in form
    answer = kim.post(f"{task}/snooze", version=1, reason="need-more-info", until="2026-11-24")
    assert answer.status_code == 400
    assert "may not be snoozed" in visible_text(answer.text)
    assert row_of(kim.get("/worklist"), "p2").startswith("Choose Ada Testpatient ⬣ Act now")


def test_an_overridden_refill_elsewhere_opens_its_confirmation():
    kim, task = a_site()
    kim.done(f"{task}/override", version=1, reason="refilled-elsewhere", on="2026-11-20")

    confirm = the_task(kim.store, "p1", "confirm-refill")
    assert confirm.stated_on == date(2026, 11, 20)
    page = visible_text(kim.get(f"/tasks/{confirm.id}"))
    assert "Confirm a refill done elsewhere" in page
    assert "told of a refill on Fri 20 Nov 2026" in page


def test_a_row_says_who_told_of_a_refill_elsewhere_when_and_leads_to_confirming_it():
    kim, task = a_site()
    said = {"reason": "refilled-elsewhere", "on": "2026-11-20", "comment": "Dr. <i>X</i> rang"}
    kim.done(f"{task}/override", version=1, **said)

    told = (
        "Refilled elsewhere on Fri 20 Nov 2026, as Kim Coordinator told on Sun 22 Nov 2026: "
        "to be confirmed. Comment: “Dr. <i>X</i> rang”"
    )
    page = kim.get("/worklist")
    row = row_of(page, "p1")
    assert told in row
    # Said to be done waits seven days.
    assert "Also: Refill due (waits until Sun 29 Nov 2026)" in row
    assert "<i>X" not in page
    link = re.search(r'href="([^"]*)">Confirm the refill', page)
    assert link is not None
    assert "To be confirmed: refilled elsewhere on Fri 20 Nov 2026" in visible_text(
        kim.get(link[1])
    )
    assert told in visible_text(kim.get(f"/tasks/{the_task(kim.store, 'p1', 'confirm-refill').id}"))


def test_a_critical_that_is_set_aside_says_so_on_its_row_with_who_when_and_why():
    kim, task = a_site(OVERDUE)
    form = visible_text(kim.get(f"{task}/override"))
    assert "No reason takes this off the list: it is kept because it is critical." in form
    assert "at the latest" not in form

    page = kim.done(
        f"{task}/override",
        version=1,
        reason="patient-refuses",
        comment="<b>asked twice</b>",
        back="/worklist?lane=all",
    )

    assert "What you said is kept with your name. The task stays on the list." in visible_text(page)
    mark = (
        "Set aside by Kim Coordinator on Sun 22 Nov 2026 (The patient declines); "
        "kept because it is critical."
    )
    assert "Act now" in row_of(page, "p2")
    assert mark in row_of(page, "p2")
    assert mark in visible_text(kim.get("/worklist/print"))
    # A file is read on other days, too: its days have no weekday.
    assert mark.replace("Sun ", "") in kim.client.get("/worklist/export").text
    own = visible_text(kim.get(task))
    assert f"{mark} Comment: “<b>asked twice</b>”" in own
    read_again = replace(OVERDUE, read_at=NOW + timedelta(hours=1))
    kim.store.work.keep(read_again, NOW.date())
    assert mark in row_of(kim.get("/worklist"), "p2")
    assert "Take back what was decided" in kim.get(task)
    kim.done(f"{task}/return", version=2)
    assert mark not in row_of(kim.get("/worklist"), "p2")


def test_a_critical_booked_elsewhere_shows_the_day_that_was_named():
    kim, task = a_site(OVERDUE)
    said = {"reason": "booked-elsewhere", "on": "2026-11-25", "back": "/worklist?lane=all"}

    row = row_of(kim.done(f"{task}/override", version=1, **said), "p2")

    assert "(Booked outside this system, on Wed 25 Nov 2026); kept because it is" in row
    assert "Act now" in row


def test_done_promises_the_day_on_which_the_task_is_back():
    # The day to act by is far, the task may be snoozed until then; done, it waits seven days.
    far = replace(REFILL_DUE, act_by=date(2026, 12, 23))
    kim, task = a_site(a_status("p1", advice=(far,), read_at=NOW))

    form = visible_text(kim.get(f"{task}/done"))

    assert "The task waits until Sun 29 Nov 2026, in 7 days, for the record to show it." in form
    assert "Dec 2026, in" not in form.split("The task waits")[1]
    kim.done(f"{task}/done", version=1)
    away = the_task(kim.store, "p1").away
    assert away is not None
    assert away.until == date(2026, 11, 29)


def test_done_of_a_critical_says_beforehand_that_it_stays():
    kim, task = a_site(OVERDUE)

    form = visible_text(kim.get(f"{task}/done"))
    page = kim.done(f"{task}/done", version=1, back="/worklist?lane=all")

    assert (
        "The task stays on the list until the record shows it: it is kept because it is critical."
        in form
    )
    assert (
        "Said to be done by Kim Coordinator on Sun 22 Nov 2026; kept because it is critical."
        in row_of(page, "p2")
    )


@pytest.mark.parametrize(
    ("how", "typed", "problem"),
    [
        ("snooze", {"until": "2026-11-25"}, "A reason is needed"),
        ("snooze", {"reason": "need-more-info"}, "Choose the day"),
        ("snooze", {"reason": "need-more-info", "until": "25/11/2026"}, "cannot be read"),
        ("snooze", {"reason": "need-more-info", "until": "2026-11-22"}, "ends after today"),
        ("snooze", {"reason": "<script>", "until": "2026-11-25"}, "A reason is needed"),
        ("override", {}, "A reason is needed"),
        ("override", {"reason": "refilled-elsewhere", "on": "2026-11-23"}, "cannot lie in the fut"),
        ("cancel", {"comment": "not needed"}, "Advice stands behind this task"),
    ],
)
def test_what_cannot_be_done_is_said_and_what_was_typed_stays(
    how: str, typed: dict[str, str], problem: str
):
    kim, task = a_site()
    typed = {"comment": "typed words", **typed}

    answer = kim.post(f"{task}/{how}", version=1, **typed)

    assert answer.status_code == 400
    assert problem in visible_text(answer.text)
    assert typed["comment"] in answer.text
    assert "<script>" not in answer.text
    assert the_task(kim.store, "p1").version == 1


def test_an_empty_comment_is_asked_for_again():
    kim, task = a_site()
    answer = kim.post(f"{task}/comment", version=1, comment="   ")

    assert answer.status_code == 400
    assert "The comment is empty" in visible_text(answer.text)


def test_the_second_of_two_people_sees_both_and_loses_nothing():
    kim, task = a_site()
    lee = a_browser(kim.store, LEE)
    kim.done(f"{task}/assign", version=1, owner=KIM.id)

    answer = lee.post(
        f"{task}/snooze",
        version=1,
        reason="patient-refuses",
        until="2026-11-24",
        comment="Wants to <think>",
    )

    assert answer.status_code == 409
    page = visible_text(answer.text)
    assert "Somebody changed this task while you looked at it" in page
    assert "Owner Kim Coordinator" in page
    assert "Kim Coordinator gave it to Kim Coordinator" in page
    assert "Wants to <think>" in page
    assert "Back on 24 Nov 2026" in page
    assert "The patient declines" in page
    assert the_task(kim.store, "p1").away is None
    again = {
        name: value
        for name, value in hidden_fields(answer.text).items()
        if name not in ("csrf_token",)
    }
    lee.done(f"{task}/snooze", **again)
    kept = the_task(kim.store, "p1")
    assert kept.away is not None
    assert (kept.owner, kept.away.comment) == (KIM.id, "Wants to <think>")


def hidden_fields(page: str) -> dict[str, str]:
    form = page[page.index("<main") :]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found}


def test_a_form_sent_twice_does_once():
    kim, task = a_site()
    for _ in range(2):
        kim.done(f"{task}/comment", version=1, comment="once")

    assert visible_text(kim.get(task)).count("wrote: once") == 1


def test_the_same_task_added_twice_is_one():
    kim, _ = a_site()
    for _ in range(2):
        kim.done("/patients/p1/tasks/new", title="Send the form", due="2026-11-27")

    added = [each for each in kim.store.work.tasks("p1") if each.kind == "other"]
    assert [(each.title, each.due) for each in added] == [("Send the form", date(2026, 11, 27))]


def test_a_task_that_people_added_is_closed_by_them():
    kim, _ = a_site()
    kim.done("/patients/p1/tasks/new", title="Send the form")
    (added,) = [each for each in kim.store.work.tasks("p1") if each.kind == "other"]

    kim.done(f"/tasks/{added.id}/done", version=1, comment="sent")

    kept = kim.store.work.task(added.id)
    assert kept is not None
    assert kept.state is TaskState.COMPLETED
    assert "This task is closed" in visible_text(kim.get(f"/tasks/{added.id}"))


def test_words_for_a_task_that_was_closed_meanwhile_stay_on_the_page():
    kim, task = a_site()
    kim.store.work.keep(replace(a_status("p1"), read_at=NOW), NOW.date())

    answer = kim.post(f"{task}/comment", version=2, comment="called the family")

    assert answer.status_code == 400
    assert "The task is closed." in visible_text(answer.text)
    assert "called the family</textarea>" in answer.text


@pytest.mark.parametrize("path", ["", "/snooze", "/override", "/done", "/cancel"])
def test_a_task_that_nobody_knows_is_not_found(path: str):
    kim, _ = a_site()
    page = kim.get(f"/tasks/%3Cscript%3E{path}", status=404)

    assert "script" not in page.partition("<main")[2].partition("</main")[0]


@pytest.mark.parametrize("path", ["", "/snooze", "/override", "/done", "/cancel"])
def test_a_session_of_one_patient_reaches_no_task_of_another(path: str):
    store = a_store(DUE, OTHER)
    casey = a_browser(store, CASEY, patient="p1")
    own, other = the_task(store, "p1").id, the_task(store, "other").id

    assert "Ada Testpatient" in casey.get(f"/tasks/{own}{path}")
    assert "Ada Testpatient" not in casey.get(f"/tasks/{other}{path}", status=403)
    assert casey.client.get("/patients/other/tasks/new").status_code == 403
    assert ("other", "refused: tasks.") in [(who, says[:15]) for who, says in audited(store)]


@pytest.mark.parametrize("what", ["assign", "due", "comment", "return", "snooze", "done"])
def test_nothing_is_changed_by_it_a_foreign_form_or_another_patients_session(what: str):
    store = a_store(DUE, OTHER)
    task = the_task(store, "p1")
    fields = {"version": 1, "owner": KIM.id, "comment": "x", "reason": "need-more-info"}
    address = f"/tasks/{task.id}/{what}"
    foreign = a_browser(store).client.post(address, data={**fields, "csrf_token": "0" * 64})

    assert foreign.status_code == 400
    assert a_browser(store).client.post(address, data=fields).status_code == 400
    assert a_browser(store, IRA).post(address, **fields).status_code == 403
    assert a_browser(store, CASEY, patient="other").post(address, **fields).status_code == 403
    assert the_task(store, "p1") == task


@pytest.mark.parametrize(
    "back",
    [
        "https://evil.example/",
        "//evil.example/worklist",
        "/worklist\\@evil.example",
        "javascript:alert(1)",
        "/worklistevil",
        "/worklist\r\nSet-Cookie: a=b",
    ],
)
def test_a_form_leads_back_to_our_own_pages_only(back: str):
    kim, task = a_site()
    answer = kim.post(f"{task}/comment", version=1, comment="x", back=back)

    assert answer.status_code == 303
    assert answer.location.startswith(("/worklist?", "/tasks/"))
    assert "evil" not in answer.location


@pytest.mark.parametrize(
    ("what", "typed"),
    [
        ("assign", {"owner": "idp/stranger"}),
        ("assign", {}),
        ("due", {"due": "soon"}),
        ("comment", {"comment": "x", "version": "one"}),
        ("comment", {"comment": "x", "version": ""}),
    ],
)
def test_a_form_that_cannot_be_read_changes_nothing(what: str, typed: dict[str, str]):
    kim, task = a_site()
    answer = kim.post(f"{task}/{what}", **{"version": 1, **typed})

    assert answer.status_code == 400
    assert the_task(kim.store, "p1").version == 1
