"""How [[clients]] of the site's file are read."""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from cds_service.errors import SettingsError
from cds_service.settings.client import Client
from cds_service.settings.entry import Entry
from cds_service.settings.plan_use import plan_uses_in
from cds_service.settings.readers import codes_in, prefetch_in, time_zone_in

ALGORITHMS = (
    *("ES256", "ES384", "ES512"),
    *("RS256", "RS384", "RS512"),
    *("PS256", "PS384", "PS512"),
)
"""What a client may sign with: key pairs only. ES384 and RS384 unless the site names others."""

DIALECTS = ("standard", "epic", "oracle")
TEMPLATE_KEYS = (
    *("patient", "devices", "medicationAdministrations", "procedures", "observations"),
    *("conditions", "medicationRequests", "appointments", "serviceRequests", "carePlans"),
)
MOST_LEEWAY_SECONDS = 300
MOST_CALLS_PER_MINUTE = 1_000_000
LONGEST_TEXT = 2000

_PATIENT_TOKEN = "{{context.patientId}}"  # noqa: S105
_TEMPLATE = re.compile(r"[A-Z][A-Za-z]+(/[A-Za-z0-9.{}-]+|\?[\w.:=&,|%{}+/-]+)", re.ASCII)
_USER = re.compile(r"(Practitioner|PractitionerRole)/[^/\s]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def clients_in(entry: Entry) -> tuple[Client, ...]:
    """The trusted clients, each with its own name, and its own iss or tenant of it.

    Raises SettingsError.
    """
    found = entry.found
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise entry.refused("a list of tables", "Write each client under [[clients]]")
    clients = tuple(
        _client(Entry(entry.origin, _key_of(table, number), table))
        for number, table in enumerate(found, start=1)
    )
    _check_names(entry, clients)
    return clients


def _key_of(table: Mapping[str, Any], number: int) -> str:
    name = table.get("name")
    return f"clients.{name}" if isinstance(name, str) and name else f"clients[{number}]"


def _check_names(entry: Entry, clients: tuple[Client, ...]) -> None:
    names = [client.name for client in clients]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise Entry(entry.origin, f"clients.{twice}.name", twice).refused(
            "a name of its own for each client", "Rename one of them"
        )
    for client in clients:
        same = [each for each in clients if each.iss == client.iss]
        tenants = {each.tenant for each in same}
        if len(same) > 1 and (len(tenants) < len(same) or "" in tenants):
            raise Entry(entry.origin, f"clients.{client.name}.iss", client.iss).refused(
                "an iss that no other client has, or a tenant of its own",
                "Give each client of this iss its tenant",
            )


def _client(entry: Entry) -> Client:
    values: dict[str, Any] = {}
    for key, found in entry.found.items():
        reader = _READERS.get(key)
        inner = Entry(entry.origin, f"{entry.key}.{key}", found)
        if reader is None:
            raise SettingsError(
                f"{entry.origin}: {inner.key}: found an unknown key, expected one of "
                f"{', '.join(sorted(_READERS))}. Remove it or correct its name."
            )
        values[key] = reader(inner)
    for key in ("name", "iss"):
        if key not in values:
            raise Entry(entry.origin, f"{entry.key}.{key}", None).refused("a text", "Add it")
    client = Client(**values)
    _check_whole(entry, client)
    return client


def _check_whole(entry: Entry, client: Client) -> None:
    """What no single key shows: one source of keys, and servers where they are allowed to be."""
    if bool(client.jwks) == bool(client.jku):
        found = "both" if client.jku else "neither"
        raise Entry(entry.origin, f"{entry.key}.jwks and jku", found).refused(
            "exactly one of them", "Name the file with the client's public keys, or their address"
        )
    if client.allow_private_network:
        return
    named = [("jku", client.jku)] if client.jku else []
    for key, address in [*named, *(("fhir_servers", server) for server in client.fhir_servers)]:
        parts = urlsplit(address)
        if parts.scheme != "https" or _is_private(parts.hostname or ""):
            raise Entry(entry.origin, f"{entry.key}.{key}", address).refused(
                "https addresses on the public network",
                "Where the EHR is on your own network, say allow_private_network = true",
            )


def _is_private(host: str) -> bool:
    """True for addresses that are written as such; names are looked up when they are read."""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _word_in(entry: Entry) -> str:
    expected, remedy = f"one line of at most {LONGEST_TEXT} characters", "Correct it"
    text = entry.text(expected, remedy)
    if len(text) > LONGEST_TEXT or not text.isprintable():
        raise entry.refused(expected, remedy)
    return text


def _file_in(entry: Entry) -> Path:
    file = Path(entry.origin).parent / _word_in(entry)
    if not file.is_file():
        raise entry.refused("an existing file", "Correct the path")
    return file


def _address(entry: Entry, expected: str) -> SplitResult:
    remedy = "Write it as the EHR's vendor gives it"
    try:
        parts = urlsplit(_word_in(entry))
        # Looks at the port, which must be a number.
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise entry.refused(expected, remedy) from None
    is_plain = not (parts.username or parts.password or parts.fragment or " " in entry.found)
    if parts.scheme not in ("http", "https") or not is_whole or not is_plain:
        raise entry.refused(expected, remedy)
    return parts


def _jku_in(entry: Entry) -> str:
    _address(entry, "an https address")
    return _word_in(entry)


def _fhir_servers_in(entry: Entry) -> tuple[str, ...]:
    return tuple(_fhir_server(each) for each in _listed(entry))


def _fhir_server(entry: Entry) -> str:
    expected = "the base address of a FHIR server, without query"
    if _address(entry, expected).query:
        raise entry.refused(expected, "Remove the part from the question mark on")
    return _word_in(entry).rstrip("/")


def _listed(entry: Entry) -> list[Entry]:
    if not isinstance(entry.found, list) or not entry.found:
        raise entry.refused("a list with at least one entry", 'Write it like ["..."]')
    return [
        Entry(entry.origin, f"{entry.key}[{number}]", each)
        for number, each in enumerate(entry.found, start=1)
    ]


def _audiences_in(entry: Entry) -> tuple[str, ...]:
    return tuple(_word_in(each) for each in _listed(entry))


def _algorithms_in(entry: Entry) -> tuple[str, ...]:
    named = tuple(_word_in(each) for each in _listed(entry))
    if not set(named) <= set(ALGORITHMS):
        raise entry.refused(
            f"names out of {', '.join(ALGORITHMS)}",
            "A shared secret or no signature proves nothing",
        )
    return named


def _leeway_in(entry: Entry) -> int:
    return entry.whole_number(0, MOST_LEEWAY_SECONDS)


def _calls_per_minute_in(entry: Entry) -> int:
    return entry.whole_number(1, MOST_CALLS_PER_MINUTE)


def _yes_no_in(entry: Entry) -> bool:
    if not isinstance(entry.found, bool):
        raise entry.refused("true or false", "Write it without quotes")
    return entry.found


def _dialect_in(entry: Entry) -> str:
    if entry.found not in DIALECTS:
        raise entry.refused(
            f"one of {', '.join(DIALECTS)}", "'standard' is the specification's own"
        )
    return str(entry.found)


def _templates_in(entry: Entry) -> Mapping[str, str]:
    if not isinstance(entry.found, dict):
        raise entry.refused("a table of key = query", "Write it as [clients.templates]")
    return {
        key: _template(Entry(entry.origin, f"{entry.key}.{key}", found))
        for key, found in entry.found.items()
    }


def _template(entry: Entry) -> str:
    key = entry.key.rpartition(".")[2]
    if key not in TEMPLATE_KEYS:
        raise entry.refused(f"one of the keys {', '.join(TEMPLATE_KEYS)}", "Correct the key's name")
    expected = f"a FHIR read or search of the patient that holds {_PATIENT_TOKEN}"
    text = _word_in(entry)
    bare = text.replace(_PATIENT_TOKEN, "1")
    if _PATIENT_TOKEN not in text or "{" in bare or not _TEMPLATE.fullmatch(bare):
        raise entry.refused(expected, f"Write it like 'Device?patient={_PATIENT_TOKEN}'")
    return text


def _roles_in(entry: Entry) -> Mapping[str, tuple[tuple[str, str], ...]]:
    expected = 'a table of "Practitioner/id" or "PractitionerRole/id" = ["system|code"]'
    if not isinstance(entry.found, dict) or not all(_USER.fullmatch(each) for each in entry.found):
        raise entry.refused(expected, "Write it as [clients.roles]")
    return {
        user: codes_in(Entry(entry.origin, f"{entry.key}.{user}", found))
        for user, found in entry.found.items()
    }


def _variable_in(entry: Entry) -> str:
    text = _word_in(entry)
    if not _VARIABLE.fullmatch(text):
        raise entry.refused("the name of an environment variable", "Never write the token itself")
    return text


_READERS: dict[str, Callable[[Entry], object]] = {
    "name": _word_in,
    "iss": _word_in,
    "jwks": _file_in,
    "jku": _jku_in,
    "algorithms": _algorithms_in,
    "audiences": _audiences_in,
    "tenant": _word_in,
    "sub": _word_in,
    "leeway_seconds": _leeway_in,
    "fhir_servers": _fhir_servers_in,
    "allow_private_network": _yes_no_in,
    "reads_worklist": _yes_no_in,
    "ca_file": _file_in,
    "dialect": _dialect_in,
    "time_zone": time_zone_in,
    "prefetch": prefetch_in,
    "templates": _templates_in,
    "plans": plan_uses_in,
    "roles": _roles_in,
    "calls_per_minute": _calls_per_minute_in,
    "smart_issuer": _word_in,
    "access_token_file": _file_in,
    "access_token_variable": _variable_in,
}
