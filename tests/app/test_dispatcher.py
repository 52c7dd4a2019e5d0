"""Too many calls at once: some are answered, the others hear 503 at once, and then all is well."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread

import pytest
import requests
from flask import Flask

from cds_service.app.server import make_server

MOST = 20
CALLS = 100


class Stalling:
    """An application whose calls wait until the test lets them go."""

    def __init__(self) -> None:
        self.go = Event()
        self.app = Flask("stalling")

        @self.app.get("/")
        def wait() -> str:
            self.go.wait(20)
            return "answered"


@pytest.fixture
def stalling() -> Stalling:
    return Stalling()


@pytest.fixture
def address(stalling: Stalling) -> Iterator[str]:
    server = make_server(stalling.app, "127.0.0.1", 0, most_calls=MOST)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    stalling.go.set()
    server.task_dispatcher.shutdown()


def get(address: str) -> requests.Response:
    return requests.get(address, timeout=30, proxies={"http": ""})


def test_five_times_too_many_calls_are_shed_at_once_and_then_all_are_answered(
    stalling: Stalling, address: str
):
    with ThreadPoolExecutor(CALLS) as pool:
        calls = [pool.submit(get, address) for _ in range(CALLS)]
        while sum(call.done() for call in calls) < CALLS - MOST:
            assert not any(call.done() and call.result().status_code == 200 for call in calls)
        shed = [call.result() for call in calls if call.done()]
        stalling.go.set()
        statuses = [call.result().status_code for call in calls]

    assert len(shed) >= CALLS - MOST
    for answer in shed:
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "1"
        assert answer.headers["Cache-Control"] == "no-store"
        assert b"treat this as not checked" in answer.content
    assert set(statuses) == {200, 503}
    assert [get(address).status_code for _ in range(30)] == [200] * 30


def test_whoever_waited_too_long_is_not_kept_waiting_for_an_answer(
    stalling: Stalling, address: str
):
    with ThreadPoolExecutor(MOST) as pool:
        calls = [pool.submit(get, address) for _ in range(MOST)]
        Event().wait(1.3)
        stalling.go.set()
        statuses = [call.result().status_code for call in calls]

    assert statuses.count(200) == 16
    assert statuses.count(503) == MOST - 16
