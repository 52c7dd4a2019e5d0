"""IT sees every setting in force, and no secret."""

import re
from pathlib import Path

import pytest

from cds_service.errors import SettingsError
from cds_service.settings import (
    Client,
    DigestSettings,
    PlanSettings,
    PlanUse,
    PopulationSettings,
    Settings,
    SignInSettings,
    read_settings,
)
from cds_service.settings.digest import MailSettings
from cds_service.settings.in_force import in_force
from cds_service.settings.issuer import Issuer


def test_settings_are_shown_and_secrets_are_not(tmp_path: Path):
    mail = MailSettings(
        "mail.example.org",
        "a@example.org",
        ("b@example.org",),
        user="cds",
        password_file=tmp_path / "the-password-file",
    )
    client = Client("Rehab", "https://ehr.example", jku="https://ehr.example/keys")
    shown = dict(in_force(Settings(digest=DigestSettings(mail=mail), clients=(client,))))

    assert shown["max_cards"] == "3"
    assert shown["time_zone"] == "UTC"
    assert shown["digest.mail.host"] == "mail.example.org"
    assert shown["digest.mail.password_file"] == "set, not shown"
    assert shown["clients[Rehab].iss"] == "https://ehr.example"
    assert shown["clients[Rehab].ca_file"] == "not set"
    assert "the-password-file" not in str(shown)


ISSUER = Issuer(name="ehr", kind="smart", iss="https://ehr.example", client_id="app", roles={})
FULL = Settings(
    plans=PlanSettings(uses={"itb-refill": PlanUse("silent")}),
    clients=(Client("Rehab", "https://ehr.example"),),
    population=PopulationSettings(name="Rehab"),
    digest=DigestSettings(mail=MailSettings("mail.example.org", "a@b", ("c@d",))),
    sign_in=SignInSettings(issuers=(ISSUER,)),
)


def test_what_the_site_left_out_is_shown_as_it_holds():
    shown = dict(in_force(FULL))

    assert shown["public_url"] == "http://127.0.0.1:8000 (not set)"
    assert shown["population.scopes"].startswith("system/Patient.rs, ")
    assert shown["digest.at"] == "06:30"
    assert shown["digest.mail.from"] == "a@b"
    assert dict(in_force(Settings(stated_public_url="https://x.example")))["public_url"] == (
        "https://x.example"
    )


def refusal(file: Path, name: str) -> str:
    """What is said of a setting of this name with a value that no key takes, numbers left out."""
    head, _, key = re.sub(r"\[[^]]*\]", "", name).rpartition(".")
    table = f"[[{head}]]\n" if "[" in name else f"[{head}]\n" if head else ""
    file.write_text(f"{table}{key} = 1979-05-27\n")
    with pytest.raises(SettingsError) as refused:
        read_settings(file, {})
    return re.sub(r"\[[^]]*\]", "", str(refused.value))


def test_every_name_is_one_that_the_file_knows(tmp_path: Path):
    names = [name for name, _ in in_force(FULL)]
    said = {re.sub(r"\[[^]]*\]", "", name): refusal(tmp_path / "s.toml", name) for name in names}

    unknown = [
        name
        for name, why in said.items()
        if "unknown key" in why or (f"{name}: found" not in why and "Add it." not in why)
    ]
    assert unknown == []
