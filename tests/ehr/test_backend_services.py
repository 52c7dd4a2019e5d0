"""Tokens without a user: what is asked, what is kept, and when nothing is asked any more."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from cds_service.ehr.backend_services import BackendServices, keys_of
from cds_service.errors import NotObtainedError
from cds_service.settings import PopulationSettings
from tests.ehr.fhir_double import Behaviour, Exchange, FhirDouble, fhir_double, refused_port
from tests.ehr.tokens import NOW, ec_key, rsa_key

GIVEN = {"access_token": "token-1", "token_type": "bearer", "expires_in": 300}


@pytest.fixture
def double() -> Iterator[FhirDouble]:
    with fhir_double() as running:
        yield running


@pytest.fixture(scope="module")
def key_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    folder = tmp_path_factory.mktemp("keys")
    files = []
    for key in (ec_key("new"), rsa_key("old")):
        file = folder / f"{key.kid}.json"
        file.write_text(json.dumps(key.as_dict(private=True)))
        files.append(file)
    return tuple(files)


class Time:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def site(address: str, key_files: tuple[Path, ...], **other: Any) -> PopulationSettings:
    usual = PopulationSettings(
        name="North",
        source="fhir",
        fhir_server=address,
        client_id="itb",
        key_files=key_files,
        cohort=("Device?type=x",),
        allow_private_network=True,
    )
    return replace(usual, **other)


def services(
    double: FhirDouble, key_files: tuple[Path, ...], time: Time | None = None, **other: Any
) -> BackendServices:
    here = site(double.address, key_files, **{"token_endpoint": f"{double.address}/token", **other})
    return BackendServices(here, keys_of(here), lambda: NOW, time or Time())


def gives(*answers: tuple[int, object]) -> Behaviour:
    """Answers one after the other, the last one again and again."""
    left = list(answers)

    def behave(exchange: Exchange) -> None:
        status, body = left.pop(0) if len(left) > 1 else left[0]
        exchange.answer(body, status, "application/json")

    return behave


def refused(error: str) -> tuple[int, object]:
    return 401 if error == "invalid_client" else 400, {
        "error": error,
        "error_description": "Secret",
    }


def test_the_newer_key_proves_who_asks_for_reading_and_nothing_else(
    double: FhirDouble, key_files: tuple[Path, ...]
):
    double.otherwise = gives((200, GIVEN))

    assert services(double, key_files).token() == "token-1"

    (posted,) = double.posted
    assert posted["grant_type"] == "client_credentials"
    assert all(scope.startswith("system/") for scope in posted["scope"].split())
    assert all(scope.endswith(".rs") for scope in posted["scope"].split())
    keys = KeySet([key.key for key in keys_of(site(double.address, key_files))])
    said = jwt.decode(posted["client_assertion"], keys, algorithms=["ES384"])
    assert (said.header["kid"], said.claims["aud"]) == ("new", f"{double.address}/token")


def test_a_token_is_used_until_half_a_minute_before_its_end(
    double: FhirDouble, key_files: tuple[Path, ...]
):
    double.otherwise = gives((200, GIVEN), (200, GIVEN | {"access_token": "token-2"}))
    time = Time()
    tokens = services(double, key_files, time)

    found = []
    for seconds in (0, 269, 2):
        time.seconds += seconds
        found.append(tokens.token())

    assert found == ["token-1", "token-1", "token-2"]


def test_many_readers_at_once_ask_for_one_token(double: FhirDouble, key_files: tuple[Path, ...]):
    def slow(exchange: Exchange) -> None:
        exchange.pause(0.1)
        exchange.answer(GIVEN, 200, "application/json")

    double.otherwise = slow
    tokens = services(double, key_files)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: tokens.token(), range(8)))

    assert found == ["token-1"] * 8
    assert len(double.posted) == 1


def test_a_token_that_the_fhir_server_refused_is_not_used_again(
    double: FhirDouble, key_files: tuple[Path, ...]
):
    double.otherwise = gives((200, GIVEN), (200, GIVEN | {"access_token": "token-2"}))
    tokens = services(double, key_files)

    tokens.forget(tokens.token())
    tokens.forget("an older one")

    assert tokens.token() == "token-2"
    assert len(double.posted) == 2


def test_while_keys_are_changed_the_older_key_still_opens(
    double: FhirDouble, key_files: tuple[Path, ...]
):
    double.otherwise = gives(refused("invalid_client"), (200, GIVEN))

    assert services(double, key_files).token() == "token-1"
    assert len({each["client_assertion"].split(".")[0] for each in double.posted}) == 2


def test_a_server_that_does_not_know_us_is_left_alone_for_a_quarter_of_an_hour(
    double: FhirDouble, key_files: tuple[Path, ...]
):
    double.otherwise = gives(refused("invalid_client"))
    time = Time()
    tokens = services(double, key_files, time)

    for seconds in (0, 60, 800, 100):
        time.seconds += seconds
        with pytest.raises(NotObtainedError, match=r"does not know this service.*invalid_client"):
            tokens.token()

    # Two keys at first, and two more after 960 seconds.
    assert len(double.posted) == 4


REFUSALS = {
    "what was asked for is not granted": (refused("invalid_scope"), "invalid_scope"),
    "an error nobody knows": (refused("Bearer secret"), "answered with status 400"),
    "a failing server": ((500, b"<html>oops</html>"), "answered with status 500"),
    "a redirect": ((302, b""), "answered with status 302"),
    "no JSON": ((200, b"token"), "no bearer token"),
    "no token": ((200, {"token_type": "bearer"}), "no bearer token"),
    "another kind of token": ((200, GIVEN | {"token_type": "mac"}), "no bearer token"),
    "a token with a line break": ((200, GIVEN | {"access_token": "a\r\nX: y"}), "no bearer token"),
}


@pytest.mark.parametrize(("answer", "words"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_told_in_words_and_nothing_of_the_answer_is_repeated(
    double: FhirDouble, key_files: tuple[Path, ...], answer: tuple[int, object], words: str
):
    double.otherwise = gives(answer)

    with pytest.raises(NotObtainedError, match=words) as told:
        services(double, key_files).token()

    assert "ecret" not in str(told.value)


def test_an_authorization_server_that_is_not_there_is_named_as_such(key_files: tuple[Path, ...]):
    here = site(
        "http://127.0.0.1:9/fhir", key_files, token_endpoint=f"http://127.0.0.1:{refused_port()}/t"
    )

    with pytest.raises(NotObtainedError, match="authorization server could not be reached"):
        BackendServices(here, keys_of(here), lambda: NOW).token()


@pytest.mark.parametrize("life", [None, "300", -5, True, 10], ids=repr)
def test_an_odd_lifetime_never_keeps_a_token_long(
    double: FhirDouble, key_files: tuple[Path, ...], life: object
):
    double.otherwise = gives((200, GIVEN | {"expires_in": life}))
    time = Time()
    tokens = services(double, key_files, time)
    tokens.token()

    time.seconds += 31
    tokens.token()

    assert len(double.posted) == 2


def test_the_fhir_server_says_where_tokens_are_given(
    double: FhirDouble, key_files: tuple[Path, ...]
):
    double.behaviours["token"] = gives((200, GIVEN))
    double.otherwise = gives(
        (200, {"token_endpoint": f"{double.address}/token", "capabilities": ["permission-v1"]})
    )

    assert services(double, key_files, token_endpoint="").token() == "token-1"

    assert double.paths()[0] == "/fhir/.well-known/smart-configuration"
    assert "system/Device.read" in double.posted[0]["scope"].split()


@pytest.mark.parametrize(
    "said",
    [{}, {"token_endpoint": 5}, {"token_endpoint": "ftp://x/token"}, {"token_endpoint": "x"}],
    ids=repr,
)
def test_a_server_that_does_not_say_where_tokens_are_given_names_the_remedy(
    double: FhirDouble, key_files: tuple[Path, ...], said: object
):
    double.otherwise = gives((200, said))

    with pytest.raises(NotObtainedError, match="set token_endpoint"):
        services(double, key_files, token_endpoint="").token()


def test_what_was_asked_for_and_not_granted_can_be_told(
    double: FhirDouble, key_files: tuple[Path, ...]
):
    double.otherwise = gives((200, GIVEN | {"scope": "system/Device.rs"}))
    tokens = services(
        double, key_files, stated_scopes=("system/Device.rs", "system/Appointment.rs")
    )

    tokens.token()

    assert tokens.not_granted == ("system/Appointment.rs",)


def test_without_keys_nobody_is_asked(double: FhirDouble):
    assert services(double, (), client_id="").token() is None
    assert double.asked == []
