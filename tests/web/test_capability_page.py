"""The page for hospital IT: what is offered, what is needed, what is switched off."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from cds_service.app.wiring import wire
from cds_service.cds_hooks.discovery import PREFETCH_TEMPLATES, SERVICES
from cds_service.settings import Client, PlanSettings, PlanUse, Settings
from cds_service.web import create_app
from tests.web.served import Caller, served

SITE = Settings(stated_public_url="https://cds.example.org")


@contextmanager
def page_of(settings: Settings) -> Iterator[str]:
    with served(create_app(wire(settings))) as address:
        answer = Caller(address).get("/capabilities")
        assert answer.status_code == 200
        assert "script-src" not in answer.headers["Content-Security-Policy"]
        yield answer.text


def test_the_page_names_services_prefetch_units_dialects_links_and_plans():
    with page_of(SITE) as page:
        for service in SERVICES.values():
            assert f"https://cds.example.org/cds-services/{service.id}" in page
        for key, query in PREFETCH_TEMPLATES.items():
            assert key in page
            assert query.replace("&", "&amp;") in page
        for told in ("mcg/mL", "standard", "epic", "oracle", "https://cds.example.org/plans/*"):
            assert told in page
        assert "itb-refill" in page
        assert "No client is registered" in page
        assert "<script" not in page


def test_a_plan_that_is_not_live_is_announced():
    uses = {"itb-refill": PlanUse("off"), "itb-battery": PlanUse("silent", ("Practitioner",))}
    with page_of(replace(SITE, plans=PlanSettings(uses=uses))) as page:
        assert "<strong>off: not evaluated</strong>" in page
        assert (
            "<strong>silent: evaluated and counted, not shown, to Practitioner only</strong>"
            in page
        )


def test_a_client_with_its_own_use_of_plans_is_counted_and_not_named():
    client = Client("Hospital-X", "https://x", plans={"itb-refill": PlanUse("off")})
    with page_of(replace(SITE, clients=(client,))) as page:
        assert "1 client uses plans in another way" in page
        assert "Hospital-X" not in page
