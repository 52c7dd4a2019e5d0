"""`make screenshots`: pictures of the pages for the README, into docs/images."""

import os
import shutil

from playwright.sync_api import sync_playwright

from tests.browser.clinic import ROOT, a_clinic, be

IMAGES = ROOT / "docs/images"
PAGES = (
    ("worklist", "coordinator", "/worklist", 1000),
    ("patient", "coordinator", "/patients/demo-006", 1100),
    ("snooze", "coordinator", "", 800),
    ("readings", "coordinator", "/patients/demo-004/readings", 900),
    ("handout", "clinician", "/patients/demo-006/handout", 1150),
    ("hospital-it", "it", "/it", 900),
    ("demo-refill-overdue", "coordinator", "/demo/patients/demo-004", 1000),
    ("demo-could-not-check", "coordinator", "/demo/patients/demo-023", 1000),
    ("plan-refill", "coordinator", "/plans/itb-refill", 1000),
)


def main() -> None:
    """Takes each picture once, 1200 wide."""
    with sync_playwright() as playwright, a_clinic(18_433) as clinic:
        chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium)
        for name, role, path, height in PAGES:
            page = browser.new_context(viewport={"width": 1200, "height": height}).new_page()
            be(page, clinic, role)
            page.goto(f"{clinic}{path or '/worklist'}")
            if name == "snooze":
                link = page.locator("#row-demo-002 a[href*='snooze']").first
                page.goto(f"{clinic}{link.get_attribute('href')}")
            page.screenshot(path=str(IMAGES / f"{name}.png"))
            page.context.close()
        browser.close()


if __name__ == "__main__":
    main()
