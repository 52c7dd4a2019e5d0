"""In the demo somebody is signed in without asking, on this machine alone."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from cds_service.app.wiring import wire
from cds_service.settings import Settings
from cds_service.store.open_store import open_store
from cds_service.web import create_app
from tests.ehr.tokens import NOW


@pytest.fixture(scope="module")
def app() -> Iterator[Flask]:
    store = open_store(None, lambda: NOW)
    wired = wire(Settings(), NOW.isoformat())
    yield create_app(replace(wired, store=store, machine_clock=lambda: NOW, is_demo=True))
    store.close()


def test_a_demo_coordinator_is_signed_in_and_may_be_somebody_else(app: Flask):
    browser = app.test_client()
    page = browser.get("/worklist").text
    assert "Kim Coordinator (demo)" in page
    token = re.findall(r'name="csrf_token" value="(\w+)"', page)[0]

    answer = browser.post("/demo/person", data={"csrf_token": token, "role": "it"})

    assert answer.location == "/it"
    assert "Ira Informatics (demo)" in browser.get("/it").text
    assert browser.get("/worklist").status_code == 403


@pytest.mark.parametrize("role", ["", "surgeon", "IT"])
def test_there_are_three_demo_people(app: Flask, role: str):
    browser = app.test_client()
    token = re.findall(r'name="csrf_token" value="(\w+)"', browser.get("/worklist").text)[0]

    answer = browser.post("/demo/person", data={"csrf_token": token, "role": role})

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("host", "remote"),
    [
        ("attacker.example", "127.0.0.1"),
        ("127.0.0.1.attacker.example", "127.0.0.1"),
        ("127.0.0.1", "192.168.1.7"),
    ],
)
def test_nobody_is_signed_in_who_does_not_sit_at_this_machine(app: Flask, host: str, remote: str):
    answer = app.test_client().get(
        "/worklist", base_url=f"http://{host}", environ_base={"REMOTE_ADDR": remote}
    )

    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    assert "this machine" in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
def test_the_names_of_this_machine_are_known(app: Flask, host: str):
    assert app.test_client().get("/worklist", base_url=f"http://{host}").status_code == 200


def test_whoever_signed_out_stays_out_until_signing_in_again(app: Flask):
    browser = app.test_client()
    token = re.findall(r'name="csrf_token" value="(\w+)"', browser.get("/worklist").text)[0]

    out = browser.post("/sign-out", data={"csrf_token": token}, follow_redirects=True)
    assert "You are signed out" in out.text
    assert "default-src 'none'" in out.headers["Content-Security-Policy"]
    for page in ("/worklist", "/patients/demo-001", "/it"):
        assert browser.get(page).location == "/demo/sign-in"
    back = browser.post("/demo/sign-in", follow_redirects=True)

    assert back.request.path == "/worklist"
    assert "Kim Coordinator (demo)" in back.text
    assert browser.get("/worklist").status_code == 200


def test_signing_in_again_is_for_those_who_signed_out_at_this_machine(app: Flask):
    stranger = app.test_client()

    answer = stranger.post("/demo/sign-in", base_url="http://attacker.example")
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    assert "Set-Cookie" not in stranger.post("/demo/sign-in").headers
