"""Requests that no page of ours sends: they change nothing, and never end in a fault."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest

from cds_service import web
from tests.coordination.builders import REFILL_DUE, a_status
from tests.web.coordinator.site import NOW, a_browser, a_store, audited, the_task

DUE = a_status("p1", advice=(REFILL_DUE,), read_at=NOW)
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
