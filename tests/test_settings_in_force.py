"""IT sees every setting in force, and no secret."""

from pathlib import Path

from cds_service.settings import Client, DigestSettings, Settings
from cds_service.settings.digest import MailSettings
from cds_service.settings.in_force import in_force


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
