"""CDS Hooks 2.0, "Feedback", "Trusting CDS Clients" and CORS: requirements 72 to 89."""

import json
from typing import Any

import pytest
import requests
from joserfc.jwk import ECKey

from tests.ehr.tokens import ISS, NOW, Signer, claims, ec_key, key_file, rsa_key, unsigned
from tests.web.requirements.conftest import ORIGIN, OVERDUE, everything, get, post
from tests.web.trusted_site import PATH, PUBLIC, SIGNER, TrustedSite, trusted_site

FEEDBACK = f"{PATH}/feedback"
AT = "2026-11-22T08:59:00Z"
HOOK = PUBLIC + PATH
SECOND = int(NOW.timestamp())


@pytest.fixture
def card(site: TrustedSite) -> dict[str, Any]:
    return site.cards(everything(), OVERDUE)[0]


def said(site: TrustedSite, *items: object) -> dict[str, int]:
    answer = post(site, {"feedback": items}, FEEDBACK)
    assert answer.status_code == 200
    told: dict[str, int] = answer.json()
    return told


def accepted(card: dict[str, Any]) -> dict[str, Any]:
    return {
        "card": card["uuid"],
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": card["suggestions"][0]["uuid"]}],
        "outcomeTimestamp": AT,
    }


def discovered(site: TrustedSite, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    answer: requests.Response = site.caller.get("/cds-services", headers=headers)
    return answer.status_code


def token(**other: object) -> str:
    return SIGNER.token(claims(f"{PUBLIC}/cds-services", **other))


def test_requirement_72_each_service_takes_feedback(site: TrustedSite):
    for service in get(site).json()["services"]:
        path = f"/cds-services/{service['id']}/feedback"
        assert post(site, {"feedback": []}, path).status_code == 200


def test_requirement_73_accepted_and_overridden_are_understood(
    site: TrustedSite, card: dict[str, Any]
):
    reason = {"code": "patient-refuses", "system": card["overrideReasons"][-1]["system"]}
    overridden = {
        "card": card["uuid"],
        "outcome": "overridden",
        "overrideReason": {"reason": reason, "userComment": "no"},
        "outcomeTimestamp": AT,
    }

    told = said(site, accepted(card), overridden)

    assert told == {"received": 2, "repeated": 0, "unknownCards": 0, "notUnderstood": 0}


def test_requirement_74_batches_and_repeats_count_once(site: TrustedSite):
    cards = site.cards(everything("demo-005"), "demo-005", hookInstance=_INSTANCE)
    items = [
        {"card": each["uuid"], "outcome": "overridden", "outcomeTimestamp": AT} for each in cards
    ]

    first, again = said(site, *items, *items), said(site, *items)

    assert (first["received"], first["repeated"]) == (2 * len(cards), len(cards))
    assert again["repeated"] == len(cards)


_INSTANCE = "11111111-2222-4333-8444-777777777777"


def test_requirement_75_each_card_and_suggestion_can_be_spoken_of(card: dict[str, Any]):
    assert card["uuid"]
    assert all(each["uuid"] for each in card["suggestions"])


def test_requirement_76_unknown_cards_are_taken_and_only_the_unreadable_refused(
    site: TrustedSite, card: dict[str, Any]
):
    stranger = accepted(card) | {"card": "99999999-2222-4333-8444-555555555555"}

    assert said(site, stranger)["unknownCards"] == 1
    assert post(site, b"{", FEEDBACK).status_code == 400
    assert post(site, {"feedback": "none"}, FEEDBACK).status_code == 400


def test_requirement_77_there_is_nothing_without_a_card_to_give_feedback_on(
    answers: dict[str, bytes],
):
    assert not any(b"systemActions" in body for body in answers.values())


@pytest.mark.parametrize("path", ["/cds-services", PATH, FEEDBACK, "/operations/feedback"])
def test_requirement_78_nobody_is_answered_who_does_not_prove_who_it_is(
    site: TrustedSite, path: str
):
    asked = site.caller.post(b"{}", path) if "services/" in path else site.caller.get(path)

    assert (asked.status_code, asked.content) == (401, b"")


def test_requirement_79_the_token_is_a_bearer_token_and_needed_for_every_call(site: TrustedSite):
    assert discovered(site, token()) == 200
    basic = {"Authorization": f"Basic {token()}"}
    assert site.caller.get("/cds-services", headers=basic).status_code == 401


@pytest.mark.parametrize("missing", ["kid", "typ"])
def test_requirement_80_a_header_without_a_required_member_is_refused(
    site: TrustedSite, missing: str
):
    assert discovered(site, SIGNER.token(_claims(), **{missing: None})) == 401


def _claims(**other: object) -> dict[str, object]:
    return claims(f"{PUBLIC}/cds-services", **other)


@pytest.mark.parametrize("missing", ["iss", "aud", "exp", "iat", "jti"])
def test_requirement_81_a_token_without_a_required_claim_is_refused(
    site: TrustedSite, missing: str
):
    assert discovered(site, token(**{missing: None})) == 401


def test_requirement_82_the_audience_is_the_address_called_alone_or_among_others(
    site: TrustedSite,
):
    assert discovered(site, token(aud=["https://other.example", f"{PUBLIC}/cds-services"])) == 200
    assert discovered(site, token(aud=HOOK)) == 401


@pytest.mark.parametrize("algorithm", ["none", "HS256", "HS384"])
def test_requirement_83_no_signature_and_no_shared_secret_prove_anything(
    site: TrustedSite, algorithm: str
):
    header = {"alg": algorithm, "kid": SIGNER.key.kid, "typ": "JWT"}

    assert discovered(site, unsigned(header, _claims(), "AAAA")) == 401


def test_requirement_83_es384_and_rs384_are_taken(site: TrustedSite, tmp_path: Any):
    keys = [Signer(ec_key("e")), Signer(rsa_key("r"), "RS384")]
    assert discovered(site, token()) == 200

    with trusted_site(tmp_path, site.fhir_server) as other:
        key_file(tmp_path, *[each.key for each in keys])
        assert [discovered(other, each.token(_claims())) for each in keys] == [200, 200]


def test_requirement_84_an_issuer_that_nobody_registered_is_refused(site: TrustedSite):
    assert discovered(site, token(iss="https://stranger.example")) == 401


def test_requirement_85_keys_may_be_pinned_and_the_tokens_own_address_is_not_looked_at(
    site: TrustedSite,
):
    mine = SIGNER.token(_claims(), jku="https://127.0.0.1:1/keys")

    assert discovered(site, mine) == 200


def test_requirement_86_kid_picks_the_key(site: TrustedSite):
    assert isinstance(SIGNER.key, ECKey)
    assert discovered(site, SIGNER.token(_claims(), kid="other")) == 401
    assert discovered(site, token()) == 200


@pytest.mark.parametrize(
    "other",
    [
        {"iss": f"{ISS}/other"},
        {"aud": "https://other.example"},
        {"exp": SECOND - 3600, "iat": SECOND - 3700},
        {"exp": SECOND + 7200},
        {"iat": SECOND + 3600},
    ],
    ids=str,
)
def test_requirement_87_any_fault_is_401_without_a_word(
    site: TrustedSite, other: dict[str, object]
):
    headers = {"Authorization": f"Bearer {token(**other)}"}
    answer = site.caller.get("/cds-services", headers=headers)

    assert (answer.status_code, answer.content) == (401, b"")


def test_requirement_88_a_token_is_taken_once(site: TrustedSite):
    mine = token()

    assert [discovered(site, mine) for _ in range(2)] == [200, 401]


def test_requirement_89_a_page_of_an_allowed_origin_may_call(site: TrustedSite):
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    preflight = site.caller.session.options(site.caller.address + PATH, headers=asked, timeout=10)
    stranger = site.caller.session.options(
        site.caller.address + PATH, headers=asked | {"Origin": "https://x.example"}, timeout=10
    )

    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Access-Control-Allow-Credentials" not in preflight.headers
    assert "Access-Control-Allow-Origin" not in stranger.headers
    assert json.loads(get(site).content)["services"]
