"""A client that calls too often is told so, by itself and for a while; nobody else notices."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
import requests

from cds_service.assessment import Rulebook
from cds_service.settings import Client, Settings
from cds_service.store.open_store import open_store
from cds_service.web import Service, create_app
from cds_service.web.call_rate import CallRate
from tests.cds_hooks.advice import PLAN
from tests.cds_hooks.hook_body import SOUND
from tests.cds_hooks.wire_schema import checked_outcome
from tests.ehr.tokens import ISS, NOW, Signer, claims, ec_key, key_file
from tests.web.served import Caller, served

PUBLIC = "https://cds.example.org"
PATH = "/cds-services/itb-patient-view"
SIGNER = Signer(ec_key("ec-1"))
FOREIGN = Signer(ec_key("ec-1"))
NORTH = Client("north", ISS, calls_per_minute=2)
SOUTH = Client("south", f"{ISS}/south", calls_per_minute=2)


class StoppedClock:
    """A monotonic clock that goes when it is told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


def test_a_minutes_calls_may_come_at_once_and_no_more(clock: StoppedClock):
    rate = CallRate((NORTH,), clock)

    assert [rate.seconds_to_wait(NORTH) for _ in range(3)] == [0, 0, 30]


def test_calls_come_back_with_time_and_never_pile_up(clock: StoppedClock):
    rate = CallRate((NORTH,), clock)
    for _ in range(2):
        rate.seconds_to_wait(NORTH)

    # 2 a minute: one each 30 s. After 20 s, 10 s are left to wait.
    clock.seconds += 20
    assert rate.seconds_to_wait(NORTH) == 10
    clock.seconds += 10
    assert rate.seconds_to_wait(NORTH) == 0
    clock.seconds += 86_400
    assert [rate.seconds_to_wait(NORTH) for _ in range(3)] == [0, 0, 30]


def test_one_clients_calls_are_not_counted_for_another(clock: StoppedClock):
    rate = CallRate((NORTH, SOUTH), clock)

    assert [rate.seconds_to_wait(NORTH) for _ in range(3)] == [0, 0, 30]
    assert rate.seconds_to_wait(SOUTH) == 0


def test_threads_together_get_no_more_than_one_would(clock: StoppedClock):
    busy = replace(NORTH, calls_per_minute=400)
    rate = CallRate((busy,), clock)
    answered: list[int] = []

    def call() -> None:
        answered.extend(rate.seconds_to_wait(busy) == 0 for _ in range(200))

    threads = [Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(answered), sum(answered)) == (800, 400)


@pytest.fixture
def caller(tmp_path: Path) -> Iterator[Caller]:
    keys = key_file(tmp_path, SIGNER.key)
    clients = (
        replace(NORTH, jwks=keys, calls_per_minute=1),
        replace(SOUTH, jwks=keys, calls_per_minute=1),
    )
    store = open_store(None, lambda: NOW)
    service = Service(
        Settings(stated_public_url=PUBLIC, clients=clients),
        Rulebook((PLAN,), ZoneInfo("UTC"), "112"),
        lambda: NOW,
        store=store,
    )
    with served(create_app(service)) as address:
        caller = Caller(address)
        yield caller
        caller.session.close()
    store.close()


def called(caller: Caller, iss: str = ISS, signer: Signer = SIGNER) -> requests.Response:
    token = signer.token(claims(PUBLIC + PATH, iss=iss))
    return caller.post(SOUND, PATH, Authorization=f"Bearer {token}")


def test_a_call_too_many_is_told_to_wait_and_never_answered_with_no_cards(caller: Caller):
    assert called(caller).status_code == 200
    refused = called(caller)

    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert "treat this as not checked" in checked_outcome(refused.content)
    assert 'itb_cds_too_many_calls_total{client="north"} 1.0' in caller.get("/metrics").text
    # All hooks of a site come from one address: the other client's are answered.
    assert called(caller, f"{ISS}/south").status_code == 200


def test_a_stranger_cannot_use_up_a_clients_calls(caller: Caller):
    refused = [called(caller, signer=FOREIGN).status_code for _ in range(3)]

    assert refused == [401, 401, 401]
    assert called(caller).status_code == 200


def test_a_token_sent_again_uses_up_none_of_a_clients_calls(caller: Caller):
    token = SIGNER.token(claims(PUBLIC + PATH))
    again = [
        caller.post(SOUND, PATH, Authorization=f"Bearer {token}").status_code for _ in range(3)
    ]

    assert again == [200, 401, 401]
    assert called(caller).status_code == 429


def test_what_needs_no_token_is_not_counted(caller: Caller):
    assert {caller.get("/health/ready").status_code for _ in range(5)} == {200}
