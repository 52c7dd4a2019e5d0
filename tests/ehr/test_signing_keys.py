"""Our own keys: what is published of them, and what they say to a token endpoint."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from cds_service.ehr.signing_keys import assertion_fields, published_keys, signing_key
from cds_service.errors import SettingsError
from tests.ehr.tokens import NOW, ec_key, rsa_key

ENDPOINT = "https://ehr.example/token"
SETTING = "population.key_files"
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def pem(folder: Path, key: ECKey | RSAKey) -> Path:
    file = folder / f"{key.kid}.pem"
    file.write_bytes(key.as_pem(private=True))
    return file


@pytest.mark.parametrize("key", [ec_key("ec"), rsa_key("rsa")], ids=["ES384", "RS384"])
def test_an_assertion_says_for_five_minutes_to_one_endpoint_who_we_are(
    tmp_path: Path, key: ECKey | RSAKey, request: pytest.FixtureRequest
):
    ours = signing_key(pem(tmp_path, key), SETTING)

    fields = assertion_fields(ours, "itb-app", ENDPOINT, NOW)

    keys = KeySet.import_key_set(json.loads(json.dumps(published_keys([ours]))))
    read = jwt.decode(fields["client_assertion"], keys, algorithms=["ES384", "RS384"])
    assert read.header["kid"] == ours.kid
    assert read.header["typ"] == "JWT"
    assert read.header["alg"] in request.node.name
    said = dict(read.claims)
    assert len(said.pop("jti")) >= 22
    assert said == {
        "iss": "itb-app",
        "sub": "itb-app",
        "aud": ENDPOINT,
        "iat": 1795338000,
        "exp": 1795338300,
    }
    assert fields["client_assertion_type"].endswith("client-assertion-type:jwt-bearer")


def test_no_assertion_is_made_twice(tmp_path: Path):
    ours = signing_key(pem(tmp_path, ec_key("ec")), SETTING)

    assert ours.assertion("a", ENDPOINT, NOW) != ours.assertion("a", ENDPOINT, NOW)


def test_nothing_private_is_published(tmp_path: Path):
    keys = [signing_key(pem(tmp_path, key), SETTING) for key in (ec_key("ec"), rsa_key("rsa"))]

    published = published_keys([*keys, keys[0]])["keys"]

    assert len(published) == 2
    assert all(not PRIVATE & set(key) for key in published)
    assert [(key["kid"], key["alg"], key["use"]) for key in published] == [
        (keys[0].kid, "ES384", "sig"),
        (keys[1].kid, "RS384", "sig"),
    ]


def test_a_jwk_keeps_its_own_id_and_a_pem_gets_its_thumbprint(tmp_path: Path):
    key = ec_key("ours-2026")
    jwk = tmp_path / "key.json"
    jwk.write_text(json.dumps(key.as_dict(private=True)))

    assert signing_key(jwk, SETTING).kid == "ours-2026"
    assert signing_key(pem(tmp_path, key), SETTING).kid == key.thumbprint()


UNUSABLE = {
    "a public key": ec_key("a").as_pem(private=False),
    "a short RSA key": rsa.generate_private_key(65537, 1024).private_bytes(  # noqa: S505
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ),
    "a curve that SMART does not name": ec_key("a", "P-256").as_pem(private=True),
    "a shared secret": json.dumps(OctKey.generate_key(256).as_dict(private=True)).encode(),
    "a list": b"[]",
    "an object without kind": b"{}",
    "nothing": b"",
    "anything": b"-----BEGIN NONSENSE-----",
}


@pytest.mark.filterwarnings("ignore:.*2048")
@pytest.mark.parametrize("text", UNUSABLE.values(), ids=UNUSABLE)
def test_what_cannot_sign_stops_the_start_with_the_setting_and_the_remedy(
    tmp_path: Path, text: bytes
):
    file = tmp_path / "key"
    file.write_bytes(text)

    with pytest.raises(SettingsError, match=r"population\.key_files: .* openssl genpkey"):
        signing_key(file, SETTING)


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path):
    with pytest.raises(SettingsError, match="no private key that can be used"):
        signing_key(tmp_path / "none.pem", SETTING)
