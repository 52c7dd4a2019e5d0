"""[sign_in]: who vouches for people, and what stops the start."""

from datetime import timedelta
from pathlib import Path

import pytest

from cds_service.app.wiring import wire
from cds_service.errors import SettingsError
from cds_service.settings import Settings, read_settings
from cds_service.web.access.issuers import known_issuers, our_keys
from tests.ehr.tokens import ec_key

OIDC = """
[[sign_in.issuers]]
name = "hospital"
kind = "oidc"
iss = "https://login.example.org"
client_id = "itb-app"
authentication = "client_secret_basic"
secret_file = "secret"
roles = { coordinator = ["groups=itb-coordinators"], it = ["sub=ira"] }
"""
SMART = """
[[sign_in.issuers]]
name = "ehr"
kind = "smart"
iss = "https://ehr.example.org/fhir"
client_id = "itb-app"
key_file = "app.pem"
roles = { clinician = ["fhirUser=Practitioner/*"] }
"""
PUBLIC = 'public_url = "https://cds.example.org"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("s3cret\n")
    (tmp_path / "app.pem").write_bytes(ec_key("app").as_pem(private=True))
    return tmp_path


def read(folder: Path, text: str) -> Settings:
    file = folder / "site.toml"
    file.write_text(text)
    return read_settings(file, {})


def test_without_the_table_nobody_signs_in_and_sessions_have_their_usual_ends():
    sign_in = Settings().sign_in

    assert sign_in.issuers == ()
    assert (sign_in.idle, sign_in.absolute) == (timedelta(minutes=15), timedelta(hours=8))
    assert sign_in.frame_ancestors == ()


def test_a_site_states_its_issuers_its_times_and_who_may_frame_its_pages(folder: Path):
    table = '[sign_in]\nidle_minutes = 10\nframe_ancestors = ["https://ehr.example.org"]\n'

    sign_in = read(folder, PUBLIC + table + OIDC + SMART).sign_in

    assert [issuer.name for issuer in sign_in.issuers] == ["hospital", "ehr"]
    assert sign_in.idle == timedelta(minutes=10)
    assert sign_in.frame_ancestors == ("https://ehr.example.org",)
    hospital, ehr = sign_in.issuers
    assert hospital.scopes == ("openid", "profile")
    assert ehr.scopes[0] == "launch"
    assert ehr.authentication == "private_key_jwt"
    assert ehr.roles == {"clinician": (("fhirUser", "Practitioner/*"),)}
    assert sign_in.launching("https://ehr.example.org/fhir/") is ehr
    assert sign_in.launching("https://login.example.org") is None


def test_keys_and_secrets_are_read_at_the_start_and_only_keys_are_published(folder: Path):
    sign_in = read(folder, PUBLIC + OIDC + SMART).sign_in

    assert set(known_issuers(sign_in)) == {"hospital", "ehr"}
    (key,) = our_keys(sign_in)
    assert "d" not in key.public()


WRONG = {
    "unknown key": ('name = "ehr"', 'name = "ehr"\nnmae = "x"', "unknown key"),
    "no name": ('name = "ehr"\n', "", "sign_in.issuers[1].name: found None"),
    "no roles": ("roles = {", "#", "sign_in.issuers[1].roles: found None"),
    "a name with a slash": ('name = "ehr"', 'name = "e/hr"', "lower-case letters"),
    "a kind of its own": ('kind = "smart"', 'kind = "saml"', "one of smart, oidc"),
    "http": ("https://ehr", "http://ehr", "an https address"),
    "a password in the address": ("https://ehr", "https://a:b@ehr", "an https address"),
    "a query": ("org/fhir", "org/fhir?a=b", "an https address"),
    "a key file that is not there": ("app.pem", "none.pem", "an existing file"),
    "a secret beside a key": ("client_id", 'secret_file = "secret"\nclient_id', "key_file beside"),
    "a public client with a key": (
        "client_id",
        'authentication = "public"\nclient_id',
        "key_file beside",
    ),
    "a role of its own": ("{ clinician", "{ surgeon", "coordinator, clinician, it"),
    "roles for nobody": ('["fhirUser=Practitioner/*"]', "[]", "claim=value"),
    "a claim without value": ("fhirUser=Practitioner/*", "fhirUser", "claim=value"),
    "everybody": ("fhirUser=Practitioner/*", "sub=*", "no '*' but in fhirUser"),
    "every user": ("fhirUser=Practitioner/*", "fhirUser=*/*", "fhirUser=Practitioner/id"),
    "patients": ("Practitioner/*", "Patient/*", "fhirUser=Practitioner/id"),
    "scopes without openid": (
        "client_id",
        'scopes = ["launch"]\nclient_id',
        "'openid' among them",
    ),
    "a scope with a quote": ("client_id", "scopes = ['openid', 'a\"b']\nclient_id", "openid"),
}


@pytest.mark.parametrize(("found", "put", "why"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_stops_the_start_with_the_key_and_the_remedy(
    folder: Path, found: str, put: str, why: str
):
    assert found in SMART

    with pytest.raises(SettingsError) as refusal:
        read(folder, PUBLIC + SMART.replace(found, put, 1))

    assert why in str(refusal.value)
    assert "sign_in.issuers" in str(refusal.value)


def test_two_issuers_have_two_names_and_two_addresses(folder: Path):
    with pytest.raises(SettingsError, match="a name of its own"):
        read(folder, PUBLIC + SMART + SMART)
    with pytest.raises(SettingsError, match="a iss of its own"):
        read(folder, PUBLIC + SMART + SMART.replace('"ehr"', '"other"'))


TIMES = {
    "no idle time": ("idle_minutes = 0", "a whole number from 1 to 120"),
    "an idle day": ("idle_minutes = 1440", "a whole number from 1 to 120"),
    "a week": ("absolute_hours = 168", "a whole number from 1 to 24"),
    "a frame anywhere": ('frame_ancestors = ["*"]', "scheme, host and port"),
    "a frame by a rule": ("frame_ancestors = [\"https://a;script-src 'self'\"]", "scheme, host"),
    "an unknown word": ("idle = 15", "a table with"),
}


@pytest.mark.parametrize(("line", "why"), TIMES.values(), ids=TIMES)
def test_times_and_frames_have_their_bounds(folder: Path, line: str, why: str):
    with pytest.raises(SettingsError, match=why):
        read(folder, f"[sign_in]\n{line}\n")


@pytest.mark.parametrize(
    ("address", "why"),
    [("http://cds.example.org", "an https"), ("https://cds.example.org/itb", "without a path")],
)
def test_sessions_are_never_sent_in_the_clear_or_shared_with_another_service(
    folder: Path, address: str, why: str
):
    with pytest.raises(SettingsError, match=why):
        wire(read(folder, f'public_url = "{address}"\n{SMART}'))


def test_a_client_names_an_issuer_that_there_is(folder: Path):
    (folder / "keys.json").write_text('{"keys": []}')
    client = (
        '[[clients]]\nname = "north"\niss = "x"\njwks = "keys.json"\nsmart_issuer = "hospital"\n'
    )

    with pytest.raises(SettingsError, match=r"clients\.north\.smart_issuer: found 'hospital'"):
        wire(read(folder, PUBLIC + client + OIDC))


def test_a_secret_that_cannot_be_read_stops_the_start(folder: Path):
    (folder / "secret").write_text("\n")

    with pytest.raises(SettingsError, match=r"sign_in\.issuers\.hospital\.secret_file"):
        known_issuers(read(folder, PUBLIC + OIDC).sign_in)
