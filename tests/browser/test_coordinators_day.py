"""A coordinator's day in a real browser: by mouse, by keyboard alone, and without scripts."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.clinic import a_clinic, be

DELTA = "demo-004"
BOTH = {True: (DELTA, "demo-002"), False: ("demo-018", "demo-012")}
"""With scripts and without: somebody to act on now, and somebody to book in time."""


@pytest.fixture(scope="module")
def clinic() -> Iterator[str]:
    with a_clinic(18_432) as address:
        yield address


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=request.param, accept_downloads=True)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def _row(page: Page, patient_id: str):
    return page.locator(f"#row-{patient_id}")


def _task_link(page: Page, patient_id: str, words: str) -> str:
    row = _row(page, patient_id)
    found = row.locator("a", has_text=re.compile(words)).first.get_attribute("href")
    assert found
    return found


def test_the_morning_with_or_without_scripts(page, clinic, tmp_path, request):
    urgent, later = BOTH[request.node.callspec.params["page"]]
    page.goto(f"{clinic}/worklist")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Worklist")
    expect(page.get_by_role("link", name=re.compile("Cannot check"))).to_be_visible()

    _row(page, urgent).get_by_role("button", name=re.compile("Assign to me")).click()
    expect(page.get_by_role("status")).to_be_visible()
    expect(_row(page, urgent)).to_contain_text("Kim Coordinator")

    page.goto(f"{clinic}{_task_link(page, later, 'Snooze')}")
    expect(page.locator("main")).to_contain_text("at the latest")
    page.locator("input[name=reason]").first.check()
    page.locator("input[type=date]").first.fill("2026-11-27")
    page.get_by_role("button", name=re.compile("Snooze")).click()
    expect(page.get_by_role("status")).to_be_visible()
    page.goto(f"{clinic}/worklist?lane=snoozed")
    expect(_row(page, later)).to_be_visible()

    page.goto(f"{clinic}/worklist")
    with page.expect_download() as downloading:
        page.get_by_role("link", name=re.compile("Export CSV")).or_(
            page.get_by_role("button", name=re.compile("Export CSV"))
        ).first.click()
    file = tmp_path / "list.csv"
    downloading.value.save_as(file)
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    assert "Testpatient-Delta" in file.read_text(encoding="utf-8-sig")
    assert "Testpatient" not in downloading.value.suggested_filename


def test_finding_by_name_puts_no_name_in_an_address(page, clinic):
    page.goto(f"{clinic}/worklist")
    page.locator("input[type=search]").first.fill("Willow")
    page.get_by_role("button", name="Find").click()

    expect(_row(page, "demo-023")).to_be_visible()
    expect(_row(page, DELTA)).to_have_count(0)
    assert "willow" not in page.url.lower()


def test_a_patient_is_opened_read_and_typed_for(browser, clinic):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{clinic}/worklist")
    _row(page, "demo-009").get_by_role("link", name=re.compile("Indigo")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Indigo")
    plot = page.locator("svg[role=img]").first
    expect(plot).to_be_visible()
    assert page.locator("table").count() >= 2

    page.goto(f"{clinic}/patients/demo-009/readings")
    page.fill("#taken_on", "2026-11-21")
    page.check("input[name=is_refill]")
    page.fill("#filled", "20")
    page.click("button.primary:has-text('Keep')")
    if page.locator("input[name=confirm]").count():
        page.check("input[name=confirm]")
        page.click("button.primary:has-text('Keep')")
    expect(page.get_by_role("status")).to_contain_text("The reading is kept.")
    page.goto(f"{clinic}/worklist")
    expect(_row(page, "demo-009")).not_to_contain_text("Act now")
    context.close()


def test_the_list_is_worked_with_the_keyboard_alone(browser, clinic):
    context = browser.new_context(viewport={"width": 1280, "height": 700})
    page = context.new_page()
    page.goto(f"{clinic}/worklist")
    page.keyboard.press("Tab")
    assert "Skip" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")

    for _ in range(150):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            """() => { const e = document.activeElement, r = e.getBoundingClientRect();
            const y = r.y + Math.min(r.height / 2, 10);
            const top = document.elementFromPoint(r.x + r.width / 2, y);
            return {text: e.textContent, row: e.closest('tr')?.id || '',
                    seen: !!top && (top === e || e.contains(top) || top.contains(e))}; }"""
        )
        assert focused["seen"], f"hidden while focused: {focused['text'][:60]}"
        if focused["row"] == "row-demo-005" and "Assign to me" in focused["text"]:
            page.keyboard.press("Enter")
            break
    else:
        pytest.fail("the button was never reached")

    expect(_row(page, "demo-005")).to_contain_text("Kim Coordinator")
    context.close()


def test_a_clinician_releases_the_handout_and_a_coordinator_prints_it(browser, clinic):
    context = browser.new_context()
    page = context.new_page()
    be(page, clinic, "clinician")
    page.goto(f"{clinic}/patients/demo-001/handout")
    page.get_by_role("button", name=re.compile("Release")).click()
    expect(page.locator("main")).to_contain_text("Dr Casey Clinician")

    be(page, clinic, "coordinator")
    page.goto(f"{clinic}/patients/demo-001/handout")
    expect(page.locator("main")).to_contain_text("Dr Casey Clinician")
    context.close()
