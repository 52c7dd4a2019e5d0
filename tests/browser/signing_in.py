"""The whole service in a store of its own, and an EHR that opens it: both asked by a browser."""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import cache
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Flask
from playwright.sync_api import Page

from cds_service.app.wiring import wire
from cds_service.fhir.identity import Identity
from cds_service.settings import Client, Issuer, Settings, SignInSettings
from cds_service.store.open_store import open_store
from cds_service.web import Service, create_app
from tests.access.authorization_double import AuthorizationDouble, Behaviour, Exchange
from tests.access.signed_site import Clock, SignedSite, oidc_issuer, smart_issuer
from tests.coordination.builders import REFILL_DUE, a_status
from tests.ehr.tokens import NOW
from tests.web.served import served

ADA, BEN = "Ada Testpatient", "Ben Otherpatient"
LONG_ENOUGH = timedelta(hours=2)
Server = Callable[[Flask, int], AbstractContextManager[str]]


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@cache
def _wired() -> Service:
    """The plans are read once for all tests."""
    return wire(Settings(), NOW.isoformat())


@contextmanager
def open_site(
    double: AuthorizationDouble,
    folder: Path,
    *,
    issuers: tuple[Issuer, ...] = (),
    clients: tuple[Client, ...] = (),
    server: Server = served,
    **sign_in: Any,
) -> Iterator[SignedSite]:
    """The service at the address that its settings state, with two patients on its list.

    Charts of the double launch it, and the double signs people in, unless `issuers` says otherwise.
    """
    port = free_port()
    public = f"{'http' if server is served else 'https'}://127.0.0.1:{port}"
    double.redirect_uri = f"{public}/callback"
    double.says = {"exp": int((NOW + LONG_ENOUGH).timestamp())}
    settings = Settings(
        stated_public_url=public,
        clients=clients,
        sign_in=SignInSettings(issuers or both_issuers(double, folder), **sign_in),
    )
    clock = Clock()
    store = open_store(folder / "store", clock)
    for patient_id, name, born in (("p1", ADA, "1984-05-02"), ("p2", BEN, "1990-07-14")):
        identity = Identity(patient_id, name, born, f"000{patient_id[1]}", "unknown")
        status = a_status(patient_id, advice=(REFILL_DUE,), identity=identity)
        store.work.keep(status, clock.now.date())
    service = replace(_wired(), settings=settings, store=store, clock=clock, machine_clock=clock)
    with server(create_app(service), port):
        yield SignedSite(public, store, clock, service)
    store.close()


def both_issuers(double: AuthorizationDouble, folder: Path) -> tuple[Issuer, ...]:
    """The double as an EHR that launches, and as the hospital's own sign-in."""
    ehr = smart_issuer(double, folder)
    return ehr, oidc_issuer(
        double, folder, authentication="private_key_jwt", key_file=ehr.key_file, secret_file=None
    )


def launch_address(site: SignedSite, double: AuthorizationDouble, launch: str = "launch-1") -> str:
    """Where an EHR sends the browser when the app is opened from a chart."""
    return f"{site.address}/launch?{urlencode({'iss': double.iss, 'launch': launch})}"


def open_chart(
    page: Page, site: SignedSite, double: AuthorizationDouble, launch: str = "launch-1"
) -> None:
    """Opens the app from a chart in the EHR, as far as the page that it leads to."""
    double.behaviours["/chart"] = shows(f'<a href="{address_in(site, double, launch)}">ITB</a>')
    page.goto(f"{double.address}/chart")
    page.get_by_role("link", name="ITB").click()
    page.wait_for_load_state()


def address_in(site: SignedSite, double: AuthorizationDouble, launch: str = "launch-1") -> str:
    """The launch's address as an attribute of a page."""
    return escape(launch_address(site, double, launch))


def shows(body: str) -> Behaviour:
    """A page of the EHR."""
    page = f'<!doctype html><html lang="en"><title>EHR</title><h1>The EHR</h1>{body}</html>'
    return lambda exchange: exchange.answer(page.encode(), media_type="text/html; charset=utf-8")


def sends_back(double: AuthorizationDouble, **said: str) -> Behaviour:
    """A sign-in that goes back with this beside the state, and not with a code."""

    def behave(exchange: Exchange) -> None:
        asked = {"state": state_in(exchange.path)} | said
        to = f"{double.redirect_uri}?{urlencode(asked)}"
        exchange.answer(b"", 302, "text/plain", Location=to)

    return behave


def state_in(address: str) -> str:
    """The state that an address carries."""
    return parse_qs(urlsplit(address).query)["state"][0]
