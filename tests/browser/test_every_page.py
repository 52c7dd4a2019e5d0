"""Every page for people, looked at by axe at two widths, with and without scripts."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.axe import violations
from tests.browser.clinic import a_clinic, be

WIDTHS = (1280, 320)
CARE_PAGES = {
    "worklist": "/worklist",
    "a lane": "/worklist?lane=cannot-check",
    "an empty view": "/worklist?lane=snoozed",
    "off the list": "/worklist?lane=off-list",
    "print view": "/worklist/print",
    "help": "/worklist/help",
    "patient, act now": "/patients/demo-004",
    "patient, quiet": "/patients/demo-001",
    "patient, could not check": "/patients/demo-023",
    "patient, after surgery": "/patients/demo-019",
    "patient, dose raised": "/patients/demo-009",
    "patient, pump removed": "/patients/demo-020",
    "handout": "/patients/demo-001/handout",
    "handout refused": "/patients/demo-023/handout",
    "pump readings": "/patients/demo-004/readings",
    "new task": "/patients/demo-004/tasks/new",
    "unknown patient": "/patients/nobody",
    "page of another role": "/it",
}
OPEN_PAGES = {
    "signed out of the demo": "/demo/sign-in",
    "demo EHR": "/",
    "demo EHR, could not check": "/demo/patients/demo-023",
    "plan": "/plans/itb-refill",
    "capabilities": "/capabilities",
}


@pytest.fixture(scope="module")
def clinic() -> Iterator[str]:
    with a_clinic(18_431) as address:
        yield address


def _opened(browser: Browser, address: str, width: int, *, scripts: bool = True) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": 900}, java_script_enabled=scripts, bypass_csp=False
    )
    page = context.new_page()
    page.goto(address)
    return page


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", [*CARE_PAGES, *OPEN_PAGES])
def test_axe_finds_nothing_and_nothing_is_cut_off(browser, clinic, axe, name, width):
    page = _opened(browser, f"{clinic}{(CARE_PAGES | OPEN_PAGES)[name]}", width)

    assert violations(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_on_a_tasks_pages_and_that_of_it(browser, clinic, axe, width):
    page = _opened(browser, f"{clinic}/worklist?lane=book", width)
    row = page.locator("table.worklist tbody tr").first
    row.locator("summary").first.click()
    tasks = [
        link.get_attribute("href")
        for link in row.locator("a[href*='/tasks/']").all()
        if link.get_attribute("href")
    ]
    assert tasks
    for address in dict.fromkeys(tasks):
        page.goto(f"{clinic}{address}")
        assert violations(page, axe) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    be(page, clinic, "it")
    page.goto(f"{clinic}/it")
    assert page.get_by_role("heading", name="Hospital IT").is_visible()
    assert violations(page, axe) == []
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_on_a_list_with_owners_marks_and_a_window_of_days(
    browser, clinic, axe, width
):
    page = _opened(browser, f"{clinic}/worklist", 1280)
    taken = page.locator("button[name=mine]")
    if taken.count():
        taken.first.click()
        page.wait_for_load_state()
    link = page.locator("#row-demo-005 a[href*='/override']").first.get_attribute("href")
    page.goto(f"{clinic}{link}")
    page.check("input[value=patient-refuses]")
    page.click("button.go")
    page.wait_for_load_state()
    page.set_viewport_size({"width": width, "height": 900})
    for address in ("/worklist", "/worklist?lane=all&within=7", "/worklist/print"):
        page.goto(f"{clinic}{address}")
        assert "kept because it is critical" in page.inner_text("main")
        assert violations(page, axe) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    page.context.close()


def test_the_list_fits_every_width_between(browser, clinic):
    page = _opened(browser, f"{clinic}/worklist", 1280)
    # On both sides of the widths at which days wrap (79 rem) and rows become cards (74 rem).
    for width in (1265, 1264, 1200, 1185, 1184, 1024, 768, 480):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, width
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_where_a_change_is_refused(browser, clinic, axe, width):
    page = _opened(browser, f"{clinic}/worklist", width)
    link = page.locator("#row-demo-004 a[href*='/tasks/']").first.get_attribute("href")
    assert link
    task = re.sub(r"(/tasks/[^/?#]+).*", r"\1", link)
    token = page.get_attribute("input[name=csrf_token]", "value")
    stale = _posted(page, f"{clinic}{task}/comment", {"csrf_token": token, "version": "0"})

    assert stale == 409
    assert violations(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()


def _posted(page: Page, address: str, fields: dict[str, str | None]) -> int:
    """Sends a form as the page itself would, and gives the status of the page it leads to."""
    with page.expect_navigation() as arriving:
        page.evaluate(
            """([to, fields]) => { const f = document.createElement('form');
            f.method = 'post'; f.action = to;
            for (const [name, value] of Object.entries(fields)) {
              const i = document.createElement('input'); i.name = name; i.value = value;
              f.append(i); }
            document.body.append(f); f.submit(); }""",
            [address, fields],
        )
    answer = arriving.value
    assert answer is not None
    return answer.status


def test_status_is_told_by_word_and_shape_not_colour_alone(browser, clinic):
    page = _opened(browser, f"{clinic}/worklist", 1280)
    for tag in page.locator("table.worklist .tag").all():
        assert tag.locator(".shape").count() == 1
        assert tag.inner_text().strip()
    page.context.close()


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_the_handout_prints_on_one_page(browser, clinic, paper, tmp_path):
    page = _opened(browser, f"{clinic}/patients/demo-001/handout", 1280)
    be(page, clinic, "clinician")
    page.goto(f"{clinic}/patients/demo-001/handout")
    printed = tmp_path / "handout.pdf"
    page.pdf(path=str(printed), format=paper, prefer_css_page_size=False)

    assert (
        printed.read_bytes().count(b"/Type /Page\n") + printed.read_bytes().count(b"/Type /Page ")
        == 1
    )
    page.context.close()
