"""Where the store is kept, and that the password of its database is never told."""

from pathlib import Path

import pytest

from cds_service.errors import SettingsError
from cds_service.settings import read_settings
from cds_service.settings.store import StoreSettings

CANARY = "password-canary"
SERVER = "postgresql://itb@db.example.org/itb"


def settings(folder: Path, *lines: str) -> StoreSettings:
    site = folder / "site.toml"
    site.write_text("\n".join(["[store]", *lines]))
    return read_settings(site).store


def test_a_server_with_its_password_in_a_file(tmp_path: Path):
    (tmp_path / "db").write_text(f"{CANARY}\n")

    store = settings(
        tmp_path,
        'folder = "data"',
        f'url = "{SERVER}?sslmode=verify-full"',
        'password_file = "db"',
    )

    assert store.url == f"{SERVER}?sslmode=verify-full"
    assert store.password() == CANARY


def test_a_password_in_a_variable():
    store = StoreSettings(url=SERVER, password_variable="ITB_DB")  # noqa: S106

    assert store.password({"ITB_DB": CANARY}) == CANARY


@pytest.mark.parametrize("environment", [{}, {"ITB_DB": ""}], ids=["not there", "empty"])
def test_a_variable_that_is_not_set_is_said(environment):
    store = StoreSettings(url=SERVER, password_variable="ITB_DB")  # noqa: S106

    with pytest.raises(SettingsError, match="ITB_DB is not set"):
        store.password(environment)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path):
    store = StoreSettings(url=SERVER, password_file=tmp_path / "none")

    with pytest.raises(SettingsError, match=r"store\.password_file"):
        store.password()


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://itb:{CANARY}@db.example.org/itb",
        f"{SERVER}?password={CANARY}",
        f"{SERVER}?sslmode=require&password={CANARY}",
        f"mysql://{CANARY}@db.example.org/itb",
        f"postgresql://{CANARY}",
        f"postgresql://[{CANARY}/itb",
    ],
)
def test_an_address_with_a_password_or_of_something_else_is_refused_unrepeated(
    tmp_path: Path, url: str
):
    with pytest.raises(SettingsError, match=r"store\.url") as refusal:
        settings(tmp_path, 'folder = "data"', f'url = "{url}"')

    assert CANARY not in str(refusal.value)


def test_a_server_needs_a_folder_for_the_key(tmp_path: Path):
    with pytest.raises(SettingsError, match=r"store\.folder"):
        settings(tmp_path, f'url = "{SERVER}"')
