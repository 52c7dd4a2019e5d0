"""Whoever sends half a request, drop by drop or not at all, keeps nobody else from being heard."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from threading import Event, Thread

import pytest
import requests
from flask import Flask

from cds_service.app import dispatcher
from cds_service.app.server import make_server

MORE_THAN_FIT = 820
HALF = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nhalf"
PATIENCE = 10


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server that waits less long than the service does."""
    monkeypatch.setattr(dispatcher, "SECONDS_TO_ARRIVE", 0.5)
    monkeypatch.setattr(dispatcher, "SECONDS_TO_ARRIVE_WHEN_FULL", 0.1)
    app = Flask("echo")
    app.add_url_rule("/", "echo", lambda: "answered", methods=["GET", "POST"])
    server = make_server(app, "127.0.0.1", 0)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    yield server.effective_port
    server.task_dispatcher.shutdown()


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def answer(port: int) -> int:
    return requests.get(f"http://127.0.0.1:{port}/", timeout=PATIENCE).status_code


def test_more_stalled_connections_than_fit_make_room_for_whoever_does_not_stall(port: int):
    with ExitStack() as stack:
        for number in range(MORE_THAN_FIT):
            connection = stack.enter_context(connected(port))
            # Half of them send nothing at all.
            if number % 2:
                connection.sendall(HALF)

        assert answer(port) == 200


def test_a_request_that_drips_is_given_up(port: int):
    with connected(port) as dripping:
        dripping.sendall(HALF)
        closed = False
        for _ in range(100):
            try:
                dripping.sendall(b"x")
            except OSError:
                closed = True
                break
            Event().wait(0.05)

    assert closed


def test_a_connection_that_is_kept_for_the_next_call_stays(port: int):
    kept = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    statuses = []
    for pause in (0, 1.2):
        # Longer than a request may take to arrive, and than the server needs to look.
        Event().wait(pause)
        kept.request("GET", "/")
        answer = kept.getresponse()
        statuses.append((answer.status, answer.read()))
        kept.auto_open = 0
    kept.close()

    assert statuses == [(200, b"answered")] * 2


def test_a_blank_line_does_not_keep_a_connection(port: int):
    with connected(port) as blank:
        blank.sendall(b"\r\n")
        blank.settimeout(PATIENCE)

        assert blank.recv(10) == b""
