"""Our public keys, for authorization servers to fetch."""

import json
from pathlib import Path

import pytest

from cds_service.app.wiring import wire, with_store
from cds_service.errors import SettingsError
from cds_service.settings import PopulationSettings, Settings
from cds_service.web import create_app
from tests.ehr.tokens import ec_key, rsa_key

PATH = "/.well-known/jwks.json"
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def answer(*files: Path):
    settings = Settings(client_authentication="off", population=PopulationSettings(key_files=files))
    return create_app(with_store(wire(settings))).test_client().get(PATH)


def test_without_keys_the_set_is_empty():
    assert answer().get_json() == {"keys": []}


def test_public_halves_alone_are_shown_and_may_be_kept_for_a_while(tmp_path: Path):
    files = []
    for key in (ec_key("new"), rsa_key("old")):
        file = tmp_path / str(key.kid)
        file.write_text(json.dumps(key.as_dict(private=True)))
        files.append(file)

    found = answer(*files)

    keys = found.get_json()["keys"]
    assert [(key["kid"], key["alg"], key["use"]) for key in keys] == [
        ("new", "ES384", "sig"),
        ("old", "RS384", "sig"),
    ]
    assert not any(PRIVATE & set(key) for key in keys)
    assert found.headers["Cache-Control"] == "public, max-age=300"
    assert found.content_type == "application/json"


def test_a_key_that_cannot_sign_stops_the_start(tmp_path: Path):
    (tmp_path / "key").write_text("nonsense")

    with pytest.raises(SettingsError, match=r"population\.key_files"):
        answer(tmp_path / "key")
