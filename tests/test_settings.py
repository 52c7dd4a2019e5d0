from decimal import Decimal
from pathlib import Path

import pytest

from cds_service.errors import SettingsError
from cds_service.settings import Client, Settings, check_exposure, read_settings, with_address
from cds_service.settings.store import StoreSettings

EVERYWHERE = "0.0.0.0"  # noqa: S104 - it is what must be refused


def site(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(text)
    return path


def test_without_a_file_the_defaults_hold():
    settings = read_settings(environment={})

    assert settings.time_zone.key == "UTC"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.emergency_number == "911 or your local emergency number"
    assert settings.max_cards == 3
    assert settings.prefetch == "full"
    assert settings.thresholds == {}


def test_a_file_states_everything(tmp_path: Path):
    (tmp_path / "my-plans").mkdir()
    path = site(
        tmp_path,
        """
        time_zone = "America/New_York"
        host = "127.0.0.2"
        port = 9000
        public_url = "https://cds.example.org/itb/"
        emergency_number = "911"
        max_cards = 5
        prefetch = "gate"
        client_authentication = "off"
        [thresholds]
        refillLeadDays = 10
        highestDailyDose = 1500.5
        [plans]
        folder = "my-plans"
        [store]
        folder = "data"
        comment_days = 30
        ledger_days = 400
        left_days = 90
        """,
    )

    settings = read_settings(path, environment={})

    assert settings.time_zone.key == "America/New_York"
    assert (settings.host, settings.port) == ("127.0.0.2", 9000)
    assert settings.public_url == "https://cds.example.org/itb"
    assert settings.emergency_number == "911"
    assert settings.max_cards == 5
    assert settings.prefetch == "gate"
    assert settings.client_authentication == "off"
    assert settings.thresholds == {
        "refillLeadDays": Decimal(10),
        "highestDailyDose": Decimal("1500.5"),
    }
    assert settings.plans.folder == tmp_path / "my-plans"
    assert settings.store == StoreSettings(
        tmp_path / "data", comment_days=30, ledger_days=400, left_days=90
    )
    assert settings.origin == str(path)


def test_the_environment_rules_over_the_file(tmp_path: Path):
    path = site(tmp_path, 'host = "127.0.0.2"\nport = 9000')
    environment = {
        "ITB_CDS_CONFIG": str(path),
        "ITB_CDS_HOST": "127.0.0.3",
        "ITB_CDS_PORT": "9001",
    }

    settings = read_settings(environment=environment)

    assert (settings.host, settings.port) == ("127.0.0.3", 9001)
    assert settings.origin == str(path)


def test_the_command_line_rules_over_all():
    settings = with_address(read_settings(environment={"ITB_CDS_PORT": "9001"}), "::1", 9002)

    assert (settings.host, settings.port) == ("::1", 9002)


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        (
            "prt = 1",
            "prt",
            "client_authentication, clients, dead_man, digest, ehr_deadline_seconds",
        ),
        ('time_zone = "Mars/Olympus"', "time_zone", "an IANA time zone"),
        ('time_zone = "../etc/passwd"', "time_zone", "an IANA time zone"),
        ("time_zone = 5", "time_zone", "an IANA time zone"),
        ('host = " "', "host", "a host name or address"),
        ("port = 0", "port", "a whole number from 1 to 65535"),
        ("port = 70000", "port", "a whole number from 1 to 65535"),
        ("port = true", "port", "a whole number"),
        ('port = "80"', "port", "a whole number"),
        ('public_url = "cds.example.org"', "public_url", "an http or https address"),
        ('public_url = "ftp://x"', "public_url", "an http or https address"),
        ('public_url = "https://u:p@x"', "public_url", "an http or https address"),
        ('public_url = "https://x?a=1"', "public_url", "an http or https address"),
        ('public_url = "https://["', "public_url", "an http or https address"),
        ('emergency_number = "1\\n2"', "emergency_number", "one line"),
        ("max_cards = 0", "max_cards", "a whole number from 1 to 10"),
        ("max_cards = 11", "max_cards", "a whole number from 1 to 10"),
        ('prefetch = "all"', "prefetch", "'gate' or 'full'"),
        ('client_authentication = "on"', "client_authentication", "'off'"),
        ("thresholds = 5", "thresholds", "a table"),
        ('thresholds.refillLeadDays = "7"', "thresholds.refillLeadDays", "a number"),
        ("thresholds.refillLeadDays = true", "thresholds.refillLeadDays", "a number"),
        ("thresholds.refillLeadDays = nan", "thresholds.refillLeadDays", "a number"),
        ("thresholds.refillLeadDays = inf", "thresholds.refillLeadDays", "a number"),
        ('plans = "x"', "plans", "folder = a path"),
        ('plans.folder = "nowhere"', "plans.folder", "an existing folder"),
        ('plans.path = "x"', "plans.path", "a table with mode, audiences"),
        ("plans.folder = 5", "plans.folder", "folder = a path"),
        ('plans.itb-refill.mode = "loud"', "plans.itb-refill.mode", "one of live, silent, off"),
        ("plans.itb-refill.moda = 1", "plans.itb-refill", "a table with mode, audiences"),
        (
            'plans.itb-refill.audiences = ["Patient"]',
            "plans.itb-refill.audiences",
            "a list of Prac",
        ),
        ('plans.itb-refill.roles = ["nurse"]', "plans.itb-refill.roles", "system|code"),
        ('plans.itb-data-quality.roles = ["s|c"]', "plans.itb-data-quality", "no setting"),
        ('plans.itb-refill.audiences = ["Nurse"]', "plans.itb-refill.audiences", "a list of Prac"),
        ('plans.itb-data-quality.mode = "off"', "plans.itb-data-quality", "no setting"),
        ('store = "/var"', "store", "a table with folder"),
        ('store.path = "/var"', "store", "a table with folder"),
        ("store.folder = 5", "store.folder", "a path"),
        ("store.comment_days = 0", "store.comment_days", "a whole number from 1 to 3650"),
        ("store.left_days = 0", "store.left_days", "a whole number from 1 to 3650"),
        ("store.ledger_days = 4000", "store.ledger_days", "a whole number from 1 to 3650"),
        ("port == 1", "not TOML", "key = value"),
    ],
)
def test_a_wrong_setting_names_file_key_and_what_was_expected(
    tmp_path: Path, text: str, key: str, expected: str
):
    path = site(tmp_path, text)

    with pytest.raises(SettingsError) as refusal:
        read_settings(path, environment={})

    message = str(refusal.value)
    assert message.startswith(f"{path}: ")
    assert key in message
    assert expected in message
    assert message.endswith(".")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(SettingsError, match="found no file that can be read"):
        read_settings(tmp_path / "nowhere.toml", environment={})


@pytest.mark.parametrize("port", ["eighty", "0", "-1", "８０"])
def test_a_wrong_port_in_the_environment_names_the_variable(port: str):
    with pytest.raises(SettingsError, match="the environment: ITB_CDS_PORT: found"):
        read_settings(environment={"ITB_CDS_PORT": port})


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("localhost", True),
        (EVERYWHERE, False),
        ("::", False),
        ("10.0.0.5", False),
        ("cds.example.org", False),
    ],
)
def test_without_clients_only_this_machine_is_served_and_only_by_the_sites_word(
    host: str, is_local: bool
):
    settings = Settings(host=host, client_authentication="off")
    assert settings.is_local is is_local
    if is_local:
        check_exposure(settings)
    else:
        with pytest.raises(SettingsError, match="which other machines can reach"):
            check_exposure(settings)


def test_nothing_is_served_without_clients_unless_the_site_says_so():
    with pytest.raises(SettingsError, match="--no-client-authentication"):
        check_exposure(Settings())


def test_clients_may_be_served_on_every_address():
    check_exposure(Settings(host=EVERYWHERE, clients=(Client("north", "https://x"),)))


def test_clients_and_no_authentication_contradict_each_other():
    settings = Settings(client_authentication="off", clients=(Client("north", "https://x"),))

    with pytest.raises(SettingsError, match=r"found 'off' beside \[\[clients\]\]"):
        check_exposure(settings)
