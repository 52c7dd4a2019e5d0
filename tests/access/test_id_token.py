"""The id_token of a sign-in: cases 24 to 31, and lies besides."""

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import OctKey

from tests.access.authorization_double import AuthorizationDouble
from tests.access.signed_site import SignedSite, oidc_issuer, signed_site, words
from tests.ehr.tokens import NOW, ec_key, key_set, rsa_key, unsigned

AT = int(NOW.timestamp())


def refused(site: SignedSite, double: AuthorizationDouble) -> str:
    """What is said when a launch signs nobody in."""
    browser = site.browser()
    answer = browser.launch(double)
    assert answer.status_code in (403, 502), answer.status_code
    assert "__Host-itb_session" not in browser.cookies
    return words(answer)


def signed_by(key: Any, algorithm: str, **header: Any) -> Any:
    """A maker of tokens with a header of its own."""

    def make(said: dict[str, Any]) -> str:
        full = {"alg": algorithm, "kid": "as-1"} | header
        kept = {name: found for name, found in full.items() if found is not None}
        return jws.serialize_compact(kept, json.dumps(said).encode(), key, algorithms=[algorithm])

    return make


def test_case_24_alg_none(site: SignedSite, double: AuthorizationDouble):
    for algorithm in ("none", "None", "NONE", ""):
        double.id_token = lambda said, alg=algorithm: unsigned({"alg": alg, "kid": "as-1"}, said)
        assert "cannot be believed" in refused(site, double)


def test_case_25_hs256_with_the_public_key(site: SignedSite, double: AuthorizationDouble):
    # joserfc itself refuses to sign with the PEM form; the set's JSON is as public.
    double.id_token = signed_by(OctKey.import_key(key_set(double.key)), "HS256")

    assert "not signed by one of" in refused(site, double)


SAID = {
    "26 wrong iss": ({"iss": "https://attacker.example"}, "of another issuer"),
    "26 iss with a slash more": ({"iss": "SLASH"}, "of another issuer"),
    "no iss": ({"iss": None}, "of another issuer"),
    "27 wrong aud": ({"aud": "other-app"}, "for another application"),
    "27 aud of others": ({"aud": ["other-app", "third"]}, "for another application"),
    "27 aud with a number": ({"aud": ["itb-app", 7]}, "for another application"),
    "no aud": ({"aud": None}, "for another application"),
    "two audiences and no azp": ({"aud": ["itb-app", "other"]}, "a claim of the id_token"),
    "azp of another": ({"azp": "other-app"}, "a claim of the id_token"),
    "28 expired": ({"exp": AT - 60}, "has expired"),
    "28 exp a text": ({"exp": str(AT + 300)}, "no exp that is a time"),
    "28 exp infinite": ({"exp": 1e308}, "no exp that is a time"),
    "28 exp true": ({"exp": True}, "no exp that is a time"),
    "no exp": ({"exp": None}, "no exp that is a time"),
    "29 iat in the future": ({"iat": AT + 61}, "made in the future"),
    "29 nbf in the future": ({"nbf": AT + 61}, "made in the future"),
    "no iat": ({"iat": None}, "no iat that is a time"),
    "30 nonce mismatch": ({"nonce": "another"}, "belongs to another sign-in"),
    "30 no nonce": ({"nonce": None}, "belongs to another sign-in"),
    "no sub": ({"sub": None}, "does not say who signed in"),
    "sub a list": ({"sub": ["casey"]}, "does not say who signed in"),
    "sub of 256 characters": ({"sub": "x" * 256}, "does not say who signed in"),
    "at_hash of another token": ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, "a claim of the id_token"),
    "amr a text": ({"amr": "pwd"}, "a claim of the id_token"),
}


@pytest.mark.parametrize(("said", "why"), SAID.values(), ids=SAID)
def test_a_claim_that_does_not_hold_signs_nobody_in(
    site: SignedSite, double: AuthorizationDouble, said: dict[str, Any], why: str
):
    double.says = {
        name: f"{double.iss}/" if found == "SLASH" else found for name, found in said.items()
    }

    assert why in refused(site, double)


def test_a_minute_of_difference_between_clocks_is_allowed(
    site: SignedSite, double: AuthorizationDouble
):
    double.says = {"exp": AT - 59, "iat": AT - 300}
    assert site.browser().launch(double).status_code == 303
    double.says = {"iat": AT + 60, "nbf": AT + 60}
    assert site.browser().launch(double).status_code == 303


def test_case_31_an_unknown_kid_is_looked_up_once_more_and_then_refused(
    fresh_site: SignedSite, double: AuthorizationDouble
):
    double.published = [ec_key("other")]
    assert "does not publish" in refused(fresh_site, double)
    assert "does not publish" in refused(fresh_site, double)

    assert double.paths().count("/jwks") == 1


def test_case_31_a_new_key_is_found_when_it_is_first_used(
    fresh_site: SignedSite, double: AuthorizationDouble, monkeypatch: pytest.MonkeyPatch
):
    assert fresh_site.browser().launch(double).status_code == 303
    double.key = ec_key("as-2")
    monkeypatch.setattr("cds_service.ehr.id_token.SECONDS_BETWEEN_READINGS", 0.0)

    assert fresh_site.browser().launch(double).status_code == 303
    assert double.paths().count("/jwks") == 2


def crafted(**header: Any) -> Any:
    """A maker of tokens put together by hand, with a signature that is none."""
    return lambda said: unsigned({"alg": "ES384", "kid": "as-1"} | header, said, "AAAA")


FORGED = {
    "another key under the same id": signed_by(ec_key("as-1"), "ES384"),
    "a key of its own in the header": signed_by(
        ec_key("as-1"), "ES384", jwk=ec_key("as-1").as_dict(private=False)
    ),
    "an address for keys in the header": signed_by(
        ec_key("as-1"), "ES384", jku="http://127.0.0.1:1/keys"
    ),
    "an algorithm that is not on the list": signed_by(ec_key("as-1", "P-521"), "ES512"),
    "kid a list": crafted(kid=["as-1"]),
    "kid a path": crafted(kid="../../dev/null"),
    "an extension that must be known": crafted(crit=["x"], x=1),
    "no signature": lambda said: unsigned({"alg": "ES384", "kid": "as-1"}, said),
    "two parts": lambda _: "e30.e30",
    "not base64": lambda _: "a.b.c",
    "an array": lambda _: "W10.W10.AAAA",
    "20 kB": lambda _: "e30." + "A" * 20_000 + ".AAAA",
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_token_signs_nobody_in(site: SignedSite, double: AuthorizationDouble, forge: Any):
    double.id_token = forge

    assert "cannot be believed" in refused(site, double)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (rsa_key("as-1"), "RS256"),
        (rsa_key("as-1"), "RS384"),
        (ec_key("as-1", "P-256"), "ES256"),
        (ec_key("as-1"), "ES384"),
    ],
)
def test_the_algorithms_on_the_list_are_taken(
    fresh_site: SignedSite, double: AuthorizationDouble, key: Any, algorithm: str
):
    double.key, double.algorithm = key, algorithm

    assert fresh_site.browser().launch(double).status_code == 303


def test_a_token_without_kid_is_taken_when_only_one_key_can_have_signed_it(
    fresh_site: SignedSite, double: AuthorizationDouble
):
    double.id_token = signed_by(double.key, "ES384", kid=None)
    assert fresh_site.browser().launch(double).status_code == 303


def test_a_token_without_kid_is_refused_when_two_keys_may_have_signed_it(
    fresh_site: SignedSite, double: AuthorizationDouble
):
    double.published = [double.key, ec_key("as-2")]
    double.id_token = signed_by(double.key, "ES384", kid=None)

    assert "does not publish" in refused(fresh_site, double)


def test_keys_that_cannot_be_had_are_a_failure_of_the_server(
    fresh_site: SignedSite, double: AuthorizationDouble
):
    double.behaviours["/jwks"] = lambda exchange: exchange.answer({"keys": []})

    assert "The sign-in server has no usable keys" in refused(fresh_site, double)


def test_the_same_holds_for_the_hospitals_own_sign_in(double: AuthorizationDouble, tmp_path: Path):
    double.authentication = "client_secret_basic"
    double.says = {"groups": ["itb-coordinators"], "nonce": "another"}
    with signed_site(oidc_issuer(double, tmp_path)) as site:
        browser = site.browser()
        location = browser.get("/sign-in/hospital").headers["Location"]

        answer = browser.get(double.authorize(location))

    assert answer.status_code == 403
    assert "belongs to another sign-in" in words(answer)
