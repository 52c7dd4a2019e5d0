"""Addresses that a caller names lead nowhere: only the registered server is connected to."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.ehr.fhir_double import EMPTY, Behaviour, FhirDouble, fhir_double
from tests.ehr.tokens import claims, unsigned
from tests.web.trusted_site import PATH, PUBLIC, SIGNER, TrustedSite, trusted_site

HOSTS = (
    "169.254.169.254",
    "[fd00:ec2::254]",
    "metadata.google.internal",
    "127.0.0.1:22",
    "localhost",
    "[::1]",
    "[::]",
    "0.0.0.0",  # noqa: S104
    "0",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.1",
    "[::ffff:127.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "[fe80::1]",
    "[ff02::1]",
    "attacker.example",
    "127.0.0.1.nip.io",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "１２７.0.0.1",
)
SCHEMES = ("file:///etc/passwd", "gopher://127.0.0.1:70/x", "ftp://127.0.0.1/", "//127.0.0.1/", "")
MADE = [
    *(f"http://{host}/fhir" for host in HOSTS),
    *(f"https://{host}/fhir" for host in HOSTS),
    *SCHEMES,
]
connections: list[Any] = []


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        connections.append(arguments[1])


sys.addaudithook(_note)


@pytest.fixture(scope="module")
def double() -> Iterator[FhirDouble]:
    with fhir_double() as running:
        yield running


@pytest.fixture(scope="module")
def site(double: FhirDouble, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrustedSite]:
    folder: Path = tmp_path_factory.mktemp("site")
    with trusted_site(folder, double.address) as running:
        running.hook()
        yield running


def near(double: FhirDouble) -> list[str]:
    """The registered server's address, spelt so that somewhere else might be meant."""
    host = double.address.removeprefix("http://")
    return [
        f"http://attacker@{host}",
        f"http://{host}@attacker.example/",
        f"http://{host}#@attacker.example/",
        f"http://{host}/../../admin",
        f"http://{host}?x=",
        f"https://{host}",
        f"http://{host}x",
        double.address.replace("127.0.0.1", "127.0.0.2"),
        double.address.replace("127.0.0.1", "localhost"),
        double.address.replace("/fhir", ""),
    ]


def elsewhere(site: TrustedSite) -> list[Any]:
    """Connections to anything but the service itself."""
    port = int(site.caller.address.rpartition(":")[2])
    return [place for place in connections if place[:2] != ("127.0.0.1", port)]


def test_a_fhir_server_that_is_not_registered_is_never_connected_to(
    site: TrustedSite, double: FhirDouble
):
    connections.clear()
    tried = [*MADE, *near(double)]

    for address in tried:
        answer = site.hook({}, fhirServer=address)
        assert answer.status_code in (400, 412), address

    assert elsewhere(site) == []
    assert len(tried) >= 60
    print(f"{len(tried)} addresses as fhirServer: 0 connections")  # noqa: T201


def test_an_address_of_keys_in_a_token_is_never_connected_to(site: TrustedSite):
    connections.clear()

    for address in MADE:
        for name in ("jku", "x5u"):
            header = {"alg": "ES384", "kid": "unknown", "typ": "JWT", name: address}
            token = unsigned(header, claims(PUBLIC + PATH), "AA")
            answer = site.caller.post(b"{}", PATH, Authorization=f"Bearer {token}")
            assert answer.status_code == 401
        token = SIGNER.token(claims(PUBLIC + PATH, iss=address or None))
        assert site.caller.post(b"{}", PATH, Authorization=f"Bearer {token}").status_code == 401

    assert elsewhere(site) == []
    print(f"{3 * len(MADE)} tokens that name an address: 0 connections")  # noqa: T201


def leading_to(address: str, how: str) -> Behaviour:
    """An answer that sends its reader to the address."""
    links = [{"relation": "next", "url": address}]
    there = address.encode().decode("latin-1") or "x"
    if how == "next":
        return lambda exchange: exchange.answer(EMPTY | {"link": links})
    return lambda exchange: exchange.answer({}, 302, Location=there)


@pytest.mark.parametrize("how", ["next", "redirect"])
def test_an_address_that_the_server_names_is_never_connected_to(
    site: TrustedSite, double: FhirDouble, how: str
):
    for address in MADE:
        double.otherwise = leading_to(address, how)
        connections.clear()

        site.hook({})

        server = double.address.removeprefix("http://").partition("/")[0].rpartition(":")[2]
        strange = [each for each in elsewhere(site) if each[:2] != ("127.0.0.1", int(server))]
        assert strange == [], address
