"""The CDS Hooks Sandbox as a client: a double of it, in a real browser, at its real origin.

The double does what the public Sandbox was observed to do, its defects included; it signs with a
key made for the test. Its page is handed to the browser under https://sandbox.cds-hooks.org, so
that origin, preflights and mixed content are as they are with the real one.
"""

import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, Route

from tests.browser.open_fhir_server import Charts, open_fhir_server
from tests.ehr.tokens import ec_key, key_file
from tests.web.served import Caller

SANDBOX = "https://sandbox.cds-hooks.org"
KID = "44823f3d-0b01-4a6c-a80e-b9d3e8a7226f"
KEY = ec_key(KID)
TODAY = date(2026, 11, 22)
OVERDUE, UPCOMING, NO_PUMP, FULL = "demo-004", "demo-002", "demo-021", "demo-001"
FOLDER = Path(__file__).parent / "sandbox"
ROOT = Path(__file__).parents[2]
PATIENCE_MS = 15_000


@dataclass
class Site:
    """A service that trusts the Sandbox, and the FHIR server that both read."""

    address: str
    charts: Charts

    def counted(self, series: str) -> float:
        """The value of a counter, 0 when it has not counted yet."""
        told = Caller(self.address).get("/metrics").text
        found = [line for line in told.splitlines() if line.startswith(series)]
        return sum(float(line.rpartition(" ")[2]) for line in found)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`itb-cds serve`, configured as docs/integration.md says for the Sandbox."""
    folder, port = tmp_path_factory.mktemp("site"), _free_port()
    key_file(folder, KEY)
    with open_fhir_server(TODAY) as charts:
        (folder / "site.toml").write_text(
            f'public_url = "http://127.0.0.1:{port}"\n'
            f'allowed_origins = ["{SANDBOX}"]\n'
            f'[store]\nfolder = "{folder / "store"}"\n'
            f'[[clients]]\nname = "sandbox"\niss = "{SANDBOX}"\njwks = "keys.json"\n'
            f'fhir_servers = ["{charts.address}"]\nallow_private_network = true\n'
        )
        command = [sys.executable, "-m", "cds_service", "serve", "--port", str(port)]
        command += ["--config", str(folder / "site.toml"), "--as-of", TODAY.isoformat()]
        with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr
            assert any('"event":"serving"' in line for line in process.stderr)
            try:
                yield Site(f"http://127.0.0.1:{port}", charts)
            finally:
                process.terminate()
                process.stderr.read()


def _serve_page(route: Route) -> None:
    path = route.request.url.removeprefix(SANDBOX).partition("?")[0]
    if path == "/private-key.json":
        route.fulfill(json=KEY.as_dict(private=True))
    elif path == "/page.js":
        route.fulfill(path=FOLDER / "page.js")
    else:
        route.fulfill(path=FOLDER / "page.html", content_type="text/html")


def opened(
    page: Page, site: Site, patient_id: str, origin: str = SANDBOX, **other: str
) -> list[str]:
    """The summaries that the Sandbox shows for a patient, in its order."""
    page.context.grant_permissions(["local-network-access"], origin=origin)
    page.context.route(f"{origin}/**", _serve_page)
    said = {
        "fhirServiceUrl": site.charts.address,
        "patientId": patient_id,
        "serviceDiscoveryURL": f"{site.address}/cds-services",
    }
    page.goto(f"{origin}/?{urlencode(said | other)}")
    page.wait_for_selector("body[data-shown=patient-view]", timeout=PATIENCE_MS)
    return summaries(page)


def summaries(page: Page) -> list[str]:
    return [str(each) for each in page.locator("#cards h2").all_inner_texts()]


def requests_of(page: Page) -> list[dict[str, Any]]:
    exchanges: list[dict[str, Any]] = page.evaluate("state.exchanges")
    return exchanges


def told(page: Page) -> str:
    page.wait_for_selector("body[data-told]", timeout=PATIENCE_MS)
    return str(page.evaluate("document.body.dataset.told"))


def order(page: Page, medication: str, button: str, shown: str) -> list[str]:
    """Chooses or signs a draft order, and gives the summaries that follow."""
    page.locator("#rx-view").click()
    page.fill("#medication", medication)
    page.locator(button).click()
    page.wait_for_selector(f"body[data-shown={shown}]", timeout=PATIENCE_MS)
    return summaries(page)


def test_the_sandbox_shows_the_cards_of_a_patient_the_most_urgent_first(page: Page, site: Site):
    found = opened(page, site, OVERDUE)

    assert found[0].startswith("Refill overdue: refill now")
    indicators = page.locator("#cards article").evaluate_all(
        "all => all.map(each => each.dataset.indicator)"
    )
    rank = {"critical": 0, "warning": 1, "info": 2}
    assert [rank[each] for each in indicators] == sorted(rank[each] for each in indicators)
    first = page.locator("#cards article").first
    assert first.locator("h2").evaluate("each => each.style.color") == "rgb(204, 0, 0)"
    assert "Suggested today" in first.locator(".detail strong").first.inner_text()


def test_all_six_services_are_found_under_addresses_of_their_own(page: Page, site: Site):
    opened(page, site, OVERDUE)

    assert len(page.locator("#services").inner_text().split()) == 6


def test_the_prefetch_the_sandbox_collects_is_all_that_is_asked_for(page: Page, site: Site):
    opened(page, site, OVERDUE)

    (exchange,) = requests_of(page)
    asked = page.evaluate("Object.values(state.services)[0].prefetch")
    assert set(exchange["request"]["prefetch"]) == set(asked)
    # Nothing that a template says twice is merged to an OR: none says anything twice.
    for template in asked.values():
        names = [pair.partition("=")[0] for pair in template.partition("?")[2].split("&")]
        assert len(set(names)) == len(names)
    assert "POST /fhir/Device/_search" in site.charts.asked


def test_a_patient_without_a_pump_has_no_cards(page: Page, site: Site):
    assert opened(page, site, NO_PUMP) == []
    assert page.locator("#cards").inner_text() == "No Cards"


def test_accepting_a_suggestion_reaches_the_service(page: Page, site: Site):
    before = site.counted('itb_cds_feedback_total{outcome="accepted"')
    opened(page, site, OVERDUE)

    page.locator("#cards .suggestion").first.click()

    assert told(page) == "200"
    assert site.counted('itb_cds_feedback_total{outcome="accepted"') == before + 1
    assert requests_of(page)[-1]["request"]["acceptedSuggestions"][0]["id"]


def test_a_dismissed_card_stays_away_for_its_user_and_a_critical_comes_back(page: Page, site: Site):
    upcoming = opened(page, site, UPCOMING)
    article = page.locator("#cards article").first
    article.locator("select").select_option("action-not-priority")
    article.locator(".dismiss").click()
    assert told(page) == "200"
    reason = requests_of(page)[-1]["request"]["overrideReason"]["reason"]
    assert set(reason) == {"code", "system"}

    assert upcoming[0] not in opened(page, site, UPCOMING)

    overdue = opened(page, site, OVERDUE)
    page.locator("#cards article").first.locator(".dismiss").click()
    assert told(page) == "200"
    assert opened(page, site, OVERDUE)[0] == overdue[0]


def test_an_order_is_checked_on_choosing_and_on_signing(page: Page, site: Site):
    opened(page, site, OVERDUE)

    chosen = order(page, "morphine 10 mg tablet", "#choose", "order-select")
    page.locator("#sign").click()
    page.wait_for_selector("body[data-shown=order-sign]", timeout=PATIENCE_MS)

    assert chosen
    assert summaries(page) == chosen
    drafts = requests_of(page)[-1]["request"]["context"]["draftOrders"]["entry"]
    assert "intent" not in drafts[0]["resource"]


def test_an_order_that_does_not_concern_the_pump_shows_nothing(page: Page, site: Site):
    opened(page, site, FULL)

    assert order(page, "paracetamol 500 mg tablet", "#choose", "order-select") == []


def test_data_that_cannot_be_had_are_told_and_never_shown_as_no_cards(page: Page, site: Site):
    site.charts.changed[OVERDUE] = {"observations": None}
    try:
        found = opened(page, site, OVERDUE)
    finally:
        site.charts.changed.clear()

    assert any(each.startswith("Could not check") for each in found)


def test_a_refusal_is_shown_as_a_failure_and_never_as_no_cards(page: Page, site: Site):
    gone = {"devices": None, "medicationAdministrations": None, "procedures": None}
    others = ("conditions", "observations", "medicationRequests", "carePlans")
    site.charts.changed[NO_PUMP] = gone | dict.fromkeys(others)
    try:
        opened(page, site, NO_PUMP)
    finally:
        site.charts.changed.clear()

    assert page.locator("#cards").inner_text().startswith("Could not get a response")


def test_markup_from_a_record_never_becomes_part_of_the_page(page: Page, site: Site):
    fills = site.charts.chart(OVERDUE)["medicationAdministrations"]
    strength = fills["entry"][0]["resource"]["contained"][0]["ingredient"][0]["strength"]
    strength["numerator"]["code"] = "<img src=x onerror=document.title='owned'>"
    site.charts.changed[OVERDUE] = {"medicationAdministrations": fills}
    try:
        opened(page, site, OVERDUE)
    finally:
        site.charts.changed.clear()

    # It is told, as text: the client itself would let HTML through.
    assert "'<img src=x onerror=" in page.locator("#cards").inner_text()
    assert page.locator("#cards img").count() == 0
    assert page.title() == "A double of the CDS Hooks Sandbox"


def test_the_link_of_a_card_opens_a_page_that_shows_the_plan(page: Page, site: Site):
    opened(page, site, OVERDUE)

    with page.context.expect_page() as opening:
        page.locator("#cards .link:not([disabled])").first.click()
    plan = opening.value
    plan.wait_for_load_state()

    assert plan.locator("h1").inner_text() == "Refill of an intrathecal baclofen pump"
    plan.close()


def test_a_page_of_another_origin_gets_no_answer(page: Page, site: Site):
    other = "https://attacker.example"

    def serve(route: Route) -> None:
        name = "page.js" if route.request.url.endswith("page.js") else "page.html"
        if route.request.url.endswith("private-key.json"):
            route.fulfill(json=KEY.as_dict(private=True))
        else:
            route.fulfill(path=FOLDER / name)

    page.context.grant_permissions(["local-network-access"], origin=other)
    page.context.route(f"{other}/**", serve)
    said = {
        "fhirServiceUrl": site.charts.address,
        "patientId": OVERDUE,
        "serviceDiscoveryURL": f"{site.address}/cds-services",
    }
    with page.expect_console_message(
        lambda message: "Could not retrieve any services" in message.text, timeout=PATIENCE_MS
    ):
        page.goto(f"{other}/page.html?{urlencode(said)}")

    assert page.locator("#services").inner_text() == ""
    assert page.locator("#cards article").count() == 0
