"""Who may call, over HTTP: trusted clients with a fresh token of their own, and nobody else."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import requests
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

from cds_service.assessment import Rulebook
from cds_service.settings import Client, Settings
from cds_service.store.open_store import Store, open_store
from cds_service.web import Service, create_app
from tests.cds_hooks.advice import PLAN
from tests.cds_hooks.hook_body import SOUND
from tests.ehr.tokens import ISS, NOW, Signer, claims, ec_key, key_file, rsa_key, unsigned
from tests.web.served import Caller, served

PUBLIC = "https://cds.example.org"
PATH = "/cds-services/itb-patient-view"
AUD = PUBLIC + PATH
EC, RSA, FOREIGN, SMALL = ec_key("ec-1"), rsa_key("rsa-1"), ec_key("ec-1"), ec_key("p256", "P-256")
ES384, RS384 = Signer(EC), Signer(RSA, "RS384")


@dataclass
class Site:
    """A running service with one trusted client."""

    caller: Caller
    store: Store
    keys: Path

    def discovery(self, token: str | None) -> requests.Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self.caller.get("/cds-services", headers=headers)

    def hook(self, token: str | None) -> requests.Response:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self.caller.post(SOUND, PATH, **headers)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    keys = key_file(folder, EC, RSA, SMALL)
    client = Client(
        "north", ISS, jwks=keys, audiences=("https://extra.example",), tenant="t1", sub="s1"
    )
    store = open_store(folder / "store", lambda: NOW)
    service = Service(
        Settings(stated_public_url=PUBLIC, clients=(client,)),
        Rulebook((PLAN,), ZoneInfo("UTC"), "112"),
        lambda: NOW,
        store=store,
    )
    with served(create_app(service)) as address:
        yield Site(Caller(address), store, keys)
    store.close()


def said(**other: object) -> dict[str, object]:
    return claims(AUD, tenant="t1", sub="s1", **other)


def at(**offset: float) -> int:
    return int((NOW + timedelta(**offset)).timestamp())


@pytest.mark.parametrize("signer", [ES384, RS384], ids=["ES384", "RS384"])
def test_a_trusted_client_is_answered(site: Site, signer: Signer):
    assert site.hook(signer.token(said())).status_code == 200


@pytest.mark.parametrize(
    "other",
    [
        {"aud": ["https://elsewhere.example", AUD]},
        {"aud": "https://extra.example"},
        {"exp": at(seconds=-59)},
        {"iat": at(seconds=59)},
        {"nbf": at(minutes=-5), "iat": at(minutes=-1), "exp": at(minutes=15)},
        {"iat": at() + 0.5},
    ],
    ids=str,
)
def test_what_real_clients_send_is_accepted(site: Site, other: dict[str, object]):
    assert site.hook(ES384.token(said(**other))).status_code == 200


def test_a_pinned_client_may_name_an_address_that_is_never_looked_at(site: Site):
    token = ES384.token(said(), jku="https://attacker.example/jwks.json")

    assert site.hook(token).status_code == 200


def test_members_of_the_header_that_nobody_knows_are_passed_over(site: Site):
    start = unsigned({"alg": "ES384", "kid": "ec-1", "typ": "JWT", "com.ehr": "x" * 900}, said())
    signed = start.removesuffix(".")
    signature = JWSRegistry.algorithms["ES384"].sign(signed.encode(), EC)
    token = f"{signed}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    assert site.hook(token).status_code == 200


def test_discovery_and_feedback_need_a_token_for_their_own_address(site: Site):
    mine = ES384.token(claims(f"{PUBLIC}/cds-services", tenant="t1", sub="s1"))

    assert site.discovery(None).status_code == 401
    assert site.discovery(ES384.token(said())).status_code == 401
    assert site.discovery(mine).status_code == 200
    assert site.caller.post(b"{}", f"{PATH}/feedback").status_code == 401


def test_health_and_metrics_need_no_token(site: Site):
    for path in ("/health/live", "/health/ready", "/metrics"):
        assert site.caller.get(path).status_code == 200


def hs_token(secret: bytes, said: dict[str, object], **header: str) -> str:
    """Signed with a shared secret: an attacker who takes the public key for one."""
    start = unsigned({"alg": "HS256", "typ": "JWT"} | header, said).removesuffix(".")
    made = hmac.new(secret, start.encode(), hashlib.sha256).digest()
    return f"{start}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


def tampered(token: str) -> str:
    head, _, signature = token.split(".")
    body = base64.urlsafe_b64encode(json.dumps(said(extra=1)).encode()).decode()
    return f"{head}.{body.rstrip('=')}.{signature}"


EMBEDDED = {"kid": "mine", "jwk": FOREIGN.as_dict(private=False)}
REFUSED: dict[str, str] = {
    "none": unsigned({"alg": "none", "kid": "ec-1", "typ": "JWT"}, said()),
    "None": unsigned({"alg": "None", "kid": "ec-1", "typ": "JWT"}, said(), "e30"),
    "none with a signature": unsigned({"alg": "none", "kid": "ec-1", "typ": "JWT"}, said(), "AA"),
    "HS256 with the public PEM": hs_token(RSA.as_pem(private=False), said(), kid="rsa-1"),
    "HS256 with the public DER": hs_token(RSA.as_der(private=False), said(), kid="rsa-1"),
    "HS256 with the key's JSON": hs_token(
        json.dumps(EC.as_dict(private=False)).encode(), said(), kid="ec-1"
    ),
    "HS256 with an empty secret": hs_token(b"", said(), kid="ec-1"),
    "HS384 named": hs_token(b"x", said(), alg="HS384", kid="ec-1"),
    "alg missing": unsigned({"kid": "ec-1", "typ": "JWT"}, said(), "AA"),
    "alg not the client's": Signer(RSA, "RS256").token(said()),
    "alg PS384": Signer(RSA, "PS384").token(said()),
    "alg of another curve": Signer(SMALL, "ES256").token(said()),
    "alg that does not fit the key": unsigned(
        {"alg": "RS384", "kid": "ec-1", "typ": "JWT"}, said(), "AA"
    ),
    "alg a list": unsigned({"alg": ["ES384"], "kid": "ec-1", "typ": "JWT"}, said(), "AA"),
    "kid missing": ES384.token(said(), kid=None),
    "kid unknown": ES384.token(said(), kid="ec-2"),
    "kid a path": ES384.token(said(), kid="../../../../dev/null"),
    "kid an address": ES384.token(said(), kid="https://attacker.example/key"),
    "kid SQL": ES384.token(said(), kid="' OR 1=1 --"),
    "kid a number": unsigned({"alg": "ES384", "kid": 1, "typ": "JWT"}, said(), "AA"),
    "kid of another key": Signer(FOREIGN).token(said(), kid="rsa-1"),
    "a foreign key under our kid": Signer(FOREIGN).token(said()),
    "a key embedded": Signer(FOREIGN).token(said(), **EMBEDDED),
    "a key embedded under our kid": Signer(FOREIGN).token(
        said(), jwk=FOREIGN.as_dict(private=False)
    ),
    "an address of keys in x5u": Signer(FOREIGN).token(said(), x5u="https://attacker.example/c"),
    "typ missing": unsigned({"alg": "ES384", "kid": "ec-1"}, said(), "AA"),
    "typ of something else": ES384.token(said(), typ="at+jwt"),
    "crit": unsigned({"alg": "ES384", "kid": "ec-1", "typ": "JWT", "crit": ["b64"]}, said(), "AA"),
    "b64 false": unsigned({"alg": "ES384", "kid": "ec-1", "typ": "JWT", "b64": False}, said(), "A"),
    "claims changed after signing": tampered(ES384.token(said())),
    "signature cut": ES384.token(said())[:-8],
    "signature empty": ES384.token(said()).rpartition(".")[0] + ".",
    "signature of zeros": ES384.token(said()).rpartition(".")[0] + "." + "A" * 128,
    "iss missing": ES384.token(said(iss=None)),
    "iss unknown": ES384.token(said(iss="https://attacker.example")),
    "iss with a slash more": ES384.token(said(iss=ISS + "/")),
    "iss in capitals": ES384.token(said(iss=ISS.upper())),
    "iss a list": ES384.token(said(iss=[ISS])),
    "aud missing": ES384.token(said(aud=None)),
    "aud of another service": ES384.token(said(aud=f"{PUBLIC}/cds-services/other")),
    "aud of discovery": ES384.token(said(aud=f"{PUBLIC}/cds-services")),
    "aud the host alone": ES384.token(said(aud=PUBLIC)),
    "aud with a slash more": ES384.token(said(aud=AUD + "/")),
    "aud an empty list": ES384.token(said(aud=[])),
    "aud an object": ES384.token(said(aud={"url": AUD})),
    "exp missing": ES384.token(said(exp=None)),
    "exp passed": ES384.token(said(exp=at(seconds=-61), iat=at(minutes=-5))),
    "exp a text": ES384.token(said(exp=str(at(minutes=5)))),
    "exp true": ES384.token(said(exp=True)),
    "exp in a year": ES384.token(said(exp=at(days=365))),
    "exp without end": ES384.token(said(exp=float("inf"))),
    "exp no number": ES384.token(said(exp=float("nan"))),
    "exp of 400 digits": ES384.token(said(exp=10**400)),
    "iat missing": ES384.token(said(iat=None)),
    "iat ahead": ES384.token(said(iat=at(seconds=61))),
    "iat years ago": ES384.token(said(iat=at(days=-800))),
    "iat negative": ES384.token(said(iat=-1)),
    "nbf ahead": ES384.token(said(nbf=at(seconds=61))),
    "nbf a text": ES384.token(said(nbf="now")),
    "jti missing": ES384.token(said(jti=None)),
    "jti empty": ES384.token(said(jti="")),
    "jti a number": ES384.token(said(jti=7)),
    "jti of 2000 characters": ES384.token(said(jti="x" * 2000)),
    "tenant missing": ES384.token(said() | {"tenant": None}),
    "tenant of somebody else": ES384.token(said() | {"tenant": "t2"}),
    "sub missing": ES384.token(said() | {"sub": None}),
    "sub of somebody else": ES384.token(said() | {"sub": "s2"}),
    "no token": "",
    "two parts": "e30.e30",
    "four parts": ES384.token(said()) + ".e30",
    "five parts, encrypted": "e30.e30.e30.e30.e30",
    "not base64": "!!!.???.###",
    "no JSON": "bm9wZQ.bm9wZQ.bm9wZQ",
    "header a list": unsigned([], said(), "AA"),  # type: ignore[arg-type]
    "claims a list": unsigned({"alg": "ES384", "typ": "JWT"}, [], "AA"),  # type: ignore[arg-type]
    "claims nested deeply": ES384.token({"iss": ISS}).split(".")[0]
    + "."
    + base64.urlsafe_b64encode(b'{"a":' * 2000 + b"1" + b"}" * 2000).decode().rstrip("=")
    + ".AA",
    "a token of 20 kB": ES384.token(said(filler="x" * 20_000)),
}


@pytest.mark.parametrize("token", REFUSED.values(), ids=REFUSED.keys())
def test_a_token_that_proves_nothing_is_refused_without_a_word(site: Site, token: str):
    answer = site.hook(token)

    assert answer.status_code == 401
    assert answer.content == b""
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_enough_tokens_that_prove_nothing_were_tried():
    print(f"{len(REFUSED)} tokens that prove nothing: all refused")  # noqa: T201
    assert len(REFUSED) >= 70


@pytest.mark.parametrize("scheme", ["Basic", "DPoP", "bearer,", "Token"])
def test_another_scheme_is_refused(site: Site, scheme: str):
    answer = site.caller.post(SOUND, PATH, Authorization=f"{scheme} {ES384.token(said())}")

    assert answer.status_code == 401


def test_the_host_header_says_nothing_about_the_address(site: Site):
    token = ES384.token(said(aud="https://attacker.example" + PATH))
    headers = {"Authorization": f"Bearer {token}", "Host": "attacker.example"}

    assert site.caller.post(SOUND, PATH, **headers).status_code == 401


def test_a_token_is_accepted_once(site: Site):
    token = ES384.token(said())

    assert site.hook(token).status_code == 200
    assert site.hook(token).status_code == 401


def test_a_token_that_was_refused_may_still_be_used_where_it_belongs(site: Site):
    token = ES384.token(said())

    assert site.discovery(token).status_code == 401
    assert site.hook(token).status_code == 200


def test_a_key_that_is_added_to_the_file_works_at_once(site: Site):
    new = Signer(ec_key("ec-new"))
    assert site.hook(new.token(said())).status_code == 401

    _rewrite(site.keys, EC, RSA, SMALL, new.key)
    assert site.hook(new.token(said())).status_code == 200

    _rewrite(site.keys, EC, RSA, SMALL)
    assert site.hook(new.token(said())).status_code == 401
    assert site.hook(ES384.token(said())).status_code == 200


def _rewrite(path: Path, *keys: ECKey | RSAKey) -> None:
    key_file(path.parent, *keys)


def test_a_broken_file_of_keys_leaves_the_last_good_ones_in_force(site: Site):
    good = site.keys.read_bytes()
    site.keys.write_text("{")
    try:
        assert site.hook(ES384.token(said())).status_code == 200
    finally:
        site.keys.write_bytes(good)


def test_nobody_is_let_in_while_the_store_cannot_tell_what_is_new(tmp_path: Path):
    client = Client("north", ISS, jwks=key_file(tmp_path, EC))
    service = Service(
        Settings(stated_public_url=PUBLIC, clients=(client,)),
        Rulebook((PLAN,), ZoneInfo("UTC"), "112"),
        lambda: NOW,
        store=open_store(tmp_path / "store", lambda: NOW),
    )
    assert service.store
    with service.store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE seen_tokens")

    for each in (service, replace(service, store=None)):
        with served(create_app(each)) as address:
            headers = {"Authorization": f"Bearer {ES384.token(said())}"}
            answer = Caller(address).post(SOUND, PATH, **headers)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "10"
        assert b"not checked" in answer.content
    service.store.close()
