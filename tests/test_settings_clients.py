"""[[clients]] of the site's file: what is read, what is refused, and with which words."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from cds_service.errors import SettingsError
from cds_service.fhir.decoding import KEYS
from cds_service.settings import Client, read_settings
from cds_service.settings.client_readers import TEMPLATE_KEYS

WHOLE = """
allowed_origins = ["https://sandbox.example.org", "http://127.0.0.1:8080"]
ehr_deadline_seconds = 2.5
most_entries = 5000
most_calls = 32

[[clients]]
name = "north"
iss = "https://ehr.north.example/fhir"
jwks = "keys.json"
algorithms = ["RS384"]
audiences = ["https://cds.example.org"]
tenant = "t1"
sub = "s1"
leeway_seconds = 30
calls_per_minute = 1200
fhir_servers = ["https://ehr.north.example/fhir/"]
dialect = "epic"
time_zone = "America/Chicago"
prefetch = "gate"
access_token_variable = "NORTH_TOKEN"

[clients.templates]
devices = "Device?subject={{context.patientId}}&_count=50"

[[clients]]
name = "south"
iss = "https://ehr.south.example"
jku = "https://ehr.south.example/jwks.json"
"""
LEAST = """
[[clients]]
name = "north"
iss = "https://ehr.north.example"
jwks = "keys.json"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "keys.json").write_text('{"keys": []}')
    return tmp_path


def site(folder: Path, text: str) -> Path:
    path = folder / "site.toml"
    path.write_text(text)
    return path


def test_every_key_of_a_client_is_read(folder: Path):
    settings = read_settings(site(folder, WHOLE), environment={})

    north, south = settings.clients
    assert north == Client(
        name="north",
        iss="https://ehr.north.example/fhir",
        jwks=folder / "keys.json",
        algorithms=("RS384",),
        audiences=("https://cds.example.org",),
        tenant="t1",
        sub="s1",
        leeway_seconds=30,
        calls_per_minute=1200,
        fhir_servers=("https://ehr.north.example/fhir",),
        dialect="epic",
        time_zone=ZoneInfo("America/Chicago"),
        prefetch="gate",
        templates={"devices": "Device?subject={{context.patientId}}&_count=50"},
        access_token_variable="NORTH_TOKEN",  # noqa: S106
    )
    assert south.jku == "https://ehr.south.example/jwks.json"
    assert (south.algorithms, south.leeway_seconds) == (("ES384", "RS384"), 60)
    assert (south.dialect, south.time_zone, south.prefetch) == ("standard", None, None)
    assert settings.allowed_origins == ("https://sandbox.example.org", "http://127.0.0.1:8080")
    assert settings.ehr_deadline_seconds == 2.5
    assert (settings.most_entries, settings.most_calls) == (5000, 32)


def test_templates_can_replace_every_prefetch_key_and_no_other():
    assert set(TEMPLATE_KEYS) == set(KEYS)


def test_two_tenants_may_share_an_iss(folder: Path):
    second = LEAST.replace('"north"', '"south"') + 'tenant = "b"\n'
    settings = read_settings(site(folder, LEAST + 'tenant = "a"\n' + second), environment={})

    assert [client.tenant for client in settings.clients] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("clients = 5", "clients", "a list of tables"),
        ("clients = [5]", "clients", "a list of tables"),
        (LEAST + "secret = 'x'", "clients.north.secret", "access_token_file"),
        (LEAST.replace('iss = "https://ehr.north.example"', ""), "clients.north.iss", "a text"),
        (LEAST.replace('name = "north"', ""), "clients[1].name", "a text"),
        (LEAST.replace('"north"', '"no\\nrth"'), "name", "one line"),
        (LEAST.replace('jwks = "keys.json"', ""), "clients.north.jwks and jku", "exactly one"),
        (LEAST + 'jku = "https://x.example/k"', "clients.north.jwks and jku", "exactly one"),
        (LEAST.replace("keys.json", "nowhere.json"), "clients.north.jwks", "an existing file"),
        (LEAST.replace('jwks = "keys.json"', 'jku = "http://x.example/k"'), "jku", "https"),
        (LEAST.replace('jwks = "keys.json"', 'jku = "file:///etc/passwd"'), "jku", "https"),
        (LEAST.replace('jwks = "keys.json"', 'jku = "https://u@x.example/"'), "jku", "https"),
        (LEAST.replace('jwks = "keys.json"', 'jku = "https://x:99999/"'), "jku", "https"),
        (LEAST + 'algorithms = ["HS256"]', "clients.north.algorithms", "names out of"),
        (LEAST + 'algorithms = ["none"]', "clients.north.algorithms", "names out of"),
        (LEAST + "algorithms = []", "clients.north.algorithms", "at least one entry"),
        (LEAST + 'audiences = "x"', "clients.north.audiences", "at least one entry"),
        (LEAST + "leeway_seconds = 3600", "clients.north.leeway_seconds", "from 0 to 300"),
        (LEAST + "calls_per_minute = 0", "clients.north.calls_per_minute", "from 1 to 1000000"),
        (LEAST + "calls_per_minute = 1.5", "clients.north.calls_per_minute", "whole number"),
        (LEAST + 'fhir_servers = ["http://x.example"]', "fhir_servers", "https addresses"),
        (LEAST + 'fhir_servers = ["https://10.0.0.1/fhir"]', "fhir_servers", "https addresses"),
        (LEAST + 'fhir_servers = ["https://[::1]/fhir"]', "fhir_servers", "https addresses"),
        (LEAST + 'fhir_servers = ["https://localhost/fhir"]', "fhir_servers", "https addresses"),
        (LEAST + 'fhir_servers = ["https://x.example?a=b"]', "fhir_servers[1]", "without query"),
        (LEAST + 'allow_private_network = "yes"', "allow_private_network", "true or false"),
        (LEAST + 'dialect = "klingon"', "clients.north.dialect", "one of standard, epic, oracle"),
        (LEAST + 'time_zone = "Mars/Olympus"', "clients.north.time_zone", "an IANA time zone"),
        (LEAST + 'prefetch = "some"', "clients.north.prefetch", "'gate' or 'full'"),
        (LEAST + 'templates = "x"', "clients.north.templates", "a table"),
        (LEAST + 'templates.pumps = "x"', "clients.north.templates.pumps", "one of the keys"),
        (LEAST + 'templates.devices = "Device"', "templates.devices", "a FHIR read or search"),
        (
            LEAST + 'templates.devices = "https://x/{{context.patientId}}"',
            "templates.devices",
            "a FHIR read or search",
        ),
        (LEAST + 'access_token_variable = "eyJ.x"', "access_token_variable", "the name of an"),
        (LEAST + LEAST, "clients.north.name", "a name of its own"),
        (LEAST + LEAST.replace('"north"', '"south"'), "clients.north.iss", "no other client"),
        ('allowed_origins = "*"', "allowed_origins", "a list of origins"),
        ('allowed_origins = ["*"]', "allowed_origins[1]", "scheme, host and port"),
        ('allowed_origins = ["https://*.example"]', "allowed_origins[1]", "scheme, host and port"),
        ('allowed_origins = ["https://x.example/"]', "allowed_origins[1]", "scheme, host"),
        ('allowed_origins = ["null"]', "allowed_origins[1]", "scheme, host and port"),
        ("ehr_deadline_seconds = 0", "ehr_deadline_seconds", "seconds from 0.1 to 60"),
        ("ehr_deadline_seconds = true", "ehr_deadline_seconds", "seconds from 0.1 to 60"),
        ("ehr_deadline_seconds = nan", "ehr_deadline_seconds", "seconds from 0.1 to 60"),
        ("most_entries = 1", "most_entries", "a whole number from 100"),
        ("most_calls = 0", "most_calls", "a whole number from 1"),
    ],
)
def test_a_wrong_key_of_a_client_names_file_key_and_what_was_expected(
    folder: Path, text: str, key: str, expected: str
):
    path = site(folder, text)

    with pytest.raises(SettingsError) as refusal:
        read_settings(path, environment={})

    message = str(refusal.value)
    assert message.startswith(f"{path}: ")
    assert key in message
    assert expected in message
    assert message.endswith(".")
