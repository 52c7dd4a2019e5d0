"""Addresses that a browser or an issuer names lead nowhere that the site did not mean."""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from cds_service.ehr.authorization_server import AuthorizationServer, Proof
from cds_service.errors import NotObtainedError
from cds_service.settings import Issuer
from tests.access.authorization_double import AuthorizationDouble
from tests.access.signed_site import SignedSite, smart_issuer
from tests.web.test_outside_addresses import MADE

connections: list[Any] = []


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        connections.append(arguments[1])


sys.addaudithook(_note)

PUBLIC_ISSUER = Issuer("ehr", "smart", "https://ehr.example.org/fhir", "itb-app")
"""On the public network, as a site has it that does not say allow_private_network."""


def near(double: AuthorizationDouble) -> list[str]:
    """The listed EHR's address, spelt so that somewhere else might be meant."""
    host = urlsplit(double.address).netloc
    return [
        f"http://attacker@{host}/fhir",
        f"http://{host}@attacker.example/fhir",
        f"http://{host}#@attacker.example/fhir",
        f"http://{host}/fhir/../admin",
        f"http://{host}/fhir?x=",
        f"http://{host}/fhir#",
        f"https://{host}/fhir",
        f"http://{host}x/fhir",
        f"http://{host}/FHIR",
        double.iss.replace("127.0.0.1", "127.0.0.2"),
        double.iss.replace("127.0.0.1", "localhost"),
        double.iss.replace("/fhir", ""),
        f" {double.iss}",
        f"{double.iss}\n",
        f"{double.iss}\x00",
    ]


def test_an_iss_that_is_not_listed_is_never_connected_to(
    site: SignedSite, double: AuthorizationDouble
):
    tried = [*MADE, *near(double)]
    ours = urlsplit(site.address).port
    browser = site.browser()
    browser.get("/sign-in")
    connections.clear()

    for iss in tried:
        assert browser.get("/launch", iss=iss, launch="launch-1").status_code == 400, iss

    assert [place for place in connections if place[1] != ours] == []
    assert double.asked == []
    assert len(tried) >= 60
    print(f"{len(tried)} addresses as iss: 0 connections")  # noqa: T201


def test_keys_and_tokens_are_asked_of_no_inner_address_that_an_issuer_names():
    server = AuthorizationServer(PUBLIC_ISSUER, Proof())
    # Names that only a resolver knows are looked up, and the test needs no network for that.
    tried = [address for address in MADE if "example" not in address and ".io" not in address]
    connections.clear()

    for address in tried:
        with pytest.raises(NotObtainedError):
            server.get(address)
        with pytest.raises(NotObtainedError):
            server.web.post_form(address, {"code": "secret"}, {}, 1.0, 1000)

    assert connections == []
    print(f"{2 * len(tried)} inner addresses for keys and tokens: 0 connections")  # noqa: T201


NO_ADDRESSES = (
    "file:///etc/passwd",
    "gopher://127.0.0.1:70/x",
    "//127.0.0.1/token",
    "ftp://ehr.example.org/keys",
    "https://user:secret@ehr.example.org/",
    "https://ehr.example.org/#fragment",
    "https://ehr.example.org:0/",
    "https://ehr.example.org:99999/",
    "https://[::1/",
    "https://ehr.example.org/ space",
    "https://ehr.example.org/\r\nX: y",
    "javascript:alert(1)",
    "data:text/html,x",
    "",
)


@pytest.mark.parametrize(
    "member", ["authorization_endpoint", "token_endpoint", "jwks_uri", "revocation_endpoint"]
)
def test_an_issuer_that_names_no_usable_address_is_not_used(
    double: AuthorizationDouble, tmp_path: Path, member: str
):
    issuer = smart_issuer(double, tmp_path)
    for address in NO_ADDRESSES:
        double.discovery = {member: address}
        with pytest.raises(NotObtainedError, match=member):
            AuthorizationServer(issuer, Proof()).endpoints()
