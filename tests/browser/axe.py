"""axe-core, the accessibility checker, run inside a page."""

import json

from playwright.sync_api import Frame, Page

from tests.browser.clinic import ROOT

AXE = ROOT / ".browser/node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page | Frame, axe: str) -> list[str]:
    """What axe finds wrong with a page: the rule and the first elements of each."""
    page.evaluate(axe)
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})",
        TAGS,
    )
    return [
        f"{each['id']}: {json.dumps([node['html'][:200] for node in each['nodes'][:3]])}"
        for each in found["violations"]
    ]
