"""Whatever a record says, it stays text: in pages, in print, in the export."""

import csv
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from io import StringIO

import pytest

from cds_service.fhir.identity import Identity
from tests.coordination.builders import CONFLICT, REFILL_DUE, a_status
from tests.web.coordinator.site import (
    KIM,
    NOW,
    Browser,
    a_browser,
    a_store,
    the_task,
    visible_text,
)

HOSTILE = {
    "HTML": "<script>alert(1)</script>",
    "attribute": '" onmouseover="alert(1)" x=\'',
    "Markdown": "[click](javascript:alert(1)) **now**",
    "template": "{{ 7 * 7 }}{% raw %}",
    "entity": "&lt;img src=x onerror=alert(1)&gt;",
    "formula": '=HYPERLINK("https://evil.example";"x")',
    "command": "@SUM(1+1)*cmd|' /C calc'!A0",
    "minus": "-2+3+cmd|' /C calc'!A0",
    "after a separator": "x;=1+1",
    "tab": "\t=1+1",
    "wide": "＝1+1",
    "bidi": "\u202eadA\u2066",
    "lines": "one\r\n=two",
}
DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
ONLY_OURS = [("script", "/session/static/session.js")]


@pytest.fixture(scope="module")
def kim() -> Browser:
    """A list on which every text stands in every field of a patient, with every kind of task."""
    kim = a_browser(a_store())
    for number, text in enumerate(HOSTILE.values()):
        keep_patient(kim, f"p{number}", text)
    return kim


def keep_patient(kim: Browser, patient_id: str, text: str) -> None:
    work = kim.store.work
    advice = tuple(
        replace(each, title=text, summary=text, detail=text) for each in (REFILL_DUE, CONFLICT)
    )
    status = a_status(patient_id, advice=advice, unchecked=(text,), read_at=NOW)
    who = Identity(patient_id, text, text, text, text)
    gone, never = replace(who, patient_id=f"{patient_id}-gone"), f"{patient_id}-never"
    work.keep(replace(status, identity=who), NOW.date())
    work.keep_failure(patient_id, NOW + timedelta(minutes=1), text)
    work.keep_failure(never, NOW, text, Identity(never, text))
    work.keep(replace(status, identity=gone), NOW.date())
    work.note_gone(gone.patient_id, text, NOW)
    kim.post(f"/patients/{patient_id}/tasks/new", title=text)
    task = the_task(kim.store, patient_id)
    kim.post(f"/tasks/{task.id}/comment", version=1, comment=text)
    told = {"reason": "refilled-elsewhere", "comment": text}
    assert kim.post(f"/tasks/{task.id}/override", version=2, **told).status_code == 303
    kim.post("/worklist/views?lane=book", name=text)


class Marks(HTMLParser):
    """What of a page is markup that could run: handlers, scripts, addresses."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "img", "iframe", "object", "style", "base"):
            self.found.append((tag, dict(attrs).get("src") or ""))
        for name, value in attrs:
            is_code = (value or "").strip().lower().startswith(("javascript:", "data:"))
            if name.startswith("on") or (name in ("href", "src", "action") and is_code):
                self.found.append((name, value or ""))


def addresses(kim: Browser) -> list[str]:
    tasks = [
        each.id for number in range(len(HOSTILE)) for each in kim.store.work.tasks(f"p{number}")
    ]
    ways = ("", "/snooze", "/override", "/done", "/cancel")
    lists = ("?lane=all&size=100", "?lane=off-list", "/print?lane=all", "/print?lane=off-list")
    return [
        *(f"/worklist{each}" for each in lists),
        *(f"/patients/p{number}/tasks/new" for number in range(len(HOSTILE))),
        *(f"/tasks/{task}{way}" for task in tasks for way in ways),
        *(kim.post("/worklist/find", text=text).location for text in HOSTILE.values()),
    ]


def test_no_text_of_a_record_becomes_part_of_a_page(kim: Browser):
    asked = addresses(kim)
    assert len(asked) > 100
    for address in asked:
        page = kim.get(address)
        assert Marks(page).found == ONLY_OURS, address
        assert not DIRECTIONS.search(page)
        assert "49" not in visible_text(page).split()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_was_sent_comes_back_as_text(kim: Browser, text: str):
    task = the_task(kim.store, "p1")
    sent = {"reason": text, "until": text, "comment": text, "title": text, "owner": text}
    for what in ("snooze", "override", "assign", "due"):
        answer = kim.post(f"/tasks/{task.id}/{what}", version=1, due=text, on=text, **sent)
        assert answer.status_code in (400, 409)
        assert Marks(answer.text).found == ONLY_OURS


def test_no_cell_of_the_export_is_taken_for_a_formula(kim: Browser):
    answer = kim.client.get("/worklist/export?lane=all")

    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(answer.data.decode("utf-8-sig"), newline="")))
    assert len(rows) == 1 + 2 * len(HOSTILE)
    for cell in (cell for row in rows for cell in row):
        for part in re.split(r"[,;|\t\r\n]", cell):
            assert not re.match(r"\s*[=+\-@＝＋－＠]", part), cell
        assert not DIRECTIONS.search(cell)
        assert "&amp;" not in cell


def test_the_export_has_the_rows_and_words_of_the_view_and_no_name_in_its_own():
    store = a_store(
        *(
            replace(
                a_status(patient_id, advice=(REFILL_DUE,), read_at=NOW),
                identity=Identity(patient_id, f"O'Test, {patient_id}", "1984-05-02", "0042"),
            )
            for patient_id in ("p1", "p2")
        ),
        a_status("calm", read_at=NOW),
    )
    kim = a_browser(store)
    kim.post("/worklist/assign", mine=f"{the_task(store, 'p1').id}:1")

    answer = kim.client.get("/worklist/export?lane=book&sort=name&size=25&page=9")

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    named = answer.headers["Content-Disposition"]
    assert named == 'attachment; filename="itb-worklist-2026-11-22-0900.csv"'
    headings, *rows = csv.reader(StringIO(answer.data.decode("utf-8-sig"), newline=""))
    assert dict(zip(headings, rows[0], strict=True)) == {
        "Status": "Book",
        "Patient": "O'Test, p1",
        "Born": "2 May 1984",
        "MRN": "MRN 0042",
        "Urgency": "Warning",
        "Why": "Refill due; low-reservoir alarm 30 Nov 2026",
        "Set aside, but kept": "",
        "Also open": "",
        "Could not check": "",
        "Reservoir": "not known",
        "Act by": "30 Nov 2026",
        "Refill booked": "none found",
        "Battery ERI": "not known",
        "Owner": KIM.name,
        "Task due": "",
        "Last read": "22 Nov 2026, 09:00 EST",
    }
    assert [row[1] for row in rows] == ["O'Test, p1", "O'Test, p2"]
