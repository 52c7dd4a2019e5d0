"""Calls from web pages: allowed origins only, preflights without a token, no credentials."""

import json
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cds_service.assessment import Rulebook
from cds_service.settings import Client, Settings
from cds_service.store.open_store import open_store
from cds_service.web import Service, create_app
from tests.cds_hooks.advice import PLAN
from tests.cds_hooks.hook_body import SOUND
from tests.ehr.tokens import NOW, Signer, claims, ec_key, key_file
from tests.web.served import Caller, served

SANDBOX = "https://sandbox.cds-hooks.org"
PUBLIC = "http://127.0.0.1:8000"
PATH = "/cds-services/itb-patient-view"
# The kid that the CDS Hooks Sandbox uses; the key is made here.
KEY = ec_key("44823f3d-0b01-4a6c-a80e-b9d3e8a7226f")
PREFLIGHT = {
    "Origin": SANDBOX,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,content-type",
}


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    folder: Path = tmp_path_factory.mktemp("site")
    sandbox = Client("sandbox", SANDBOX, jwks=key_file(folder, KEY))
    store = open_store(None, lambda: NOW)
    service = Service(
        Settings(stated_public_url=PUBLIC, clients=(sandbox,), allowed_origins=(SANDBOX,)),
        Rulebook((PLAN,), ZoneInfo("UTC"), "112"),
        lambda: NOW,
        store=store,
    )
    with served(create_app(service)) as address:
        yield Caller(address)
    store.close()


def sandbox_headers(path: str) -> dict[str, str]:
    """What the Sandbox sends: its own iss, and its jku, which is never looked at."""
    said = claims(PUBLIC + path, iss=SANDBOX)
    token = Signer(KEY).token(said, jku=f"{SANDBOX}/.well-known/jwks.json")
    return {"Origin": SANDBOX, "Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("path", ["/cds-services", PATH, f"{PATH}/feedback"])
def test_a_preflight_of_the_sandbox_is_answered_without_a_token(caller: Caller, path: str):
    answer = caller.session.options(caller.address + path, headers=PREFLIGHT, timeout=10)

    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == SANDBOX
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, POST, OPTIONS"
    assert answer.headers["Access-Control-Allow-Headers"] == "authorization, content-type"
    assert int(answer.headers["Access-Control-Max-Age"]) <= 600
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert answer.content == b""


def test_the_sandbox_reads_discovery_and_calls_a_service(caller: Caller):
    discovery = caller.get("/cds-services", headers=sandbox_headers("/cds-services"))
    hook = caller.post(SOUND, PATH, **sandbox_headers(PATH))

    assert [discovery.status_code, hook.status_code] == [200, 200]
    for answer in (discovery, hook):
        assert answer.headers["Access-Control-Allow-Origin"] == SANDBOX
        assert "Origin" in answer.headers["Vary"]
        assert answer.headers["Cache-Control"] == "no-store"
    assert hook.json() == {"cards": []}


def test_a_refusal_can_be_read_by_an_allowed_page(caller: Caller):
    answer = caller.post(SOUND, PATH, Origin=SANDBOX)

    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == SANDBOX


@pytest.mark.parametrize(
    "origin",
    [
        "https://attacker.example",
        "https://sandbox.cds-hooks.org.attacker.example",
        "http://sandbox.cds-hooks.org",
        "https://sandbox.cds-hooks.org:444",
        "HTTPS://SANDBOX.CDS-HOOKS.ORG",
        "null",
        "*",
        "",
    ],
)
def test_another_origin_is_not_named(caller: Caller, origin: str):
    headers = PREFLIGHT | {"Origin": origin}
    preflight = caller.session.options(caller.address + PATH, headers=headers, timeout=10)
    hook = caller.post(SOUND, PATH, **(sandbox_headers(PATH) | {"Origin": origin}))

    for answer in (preflight, hook):
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Access-Control-Allow-Methods" not in answer.headers


def test_pages_beside_the_services_say_nothing_to_other_origins(caller: Caller):
    answer = caller.get("/health/live", headers={"Origin": SANDBOX})

    assert json.loads(answer.content) == {"status": "live"}
    assert "Access-Control-Allow-Origin" not in answer.headers
