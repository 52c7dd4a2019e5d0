"""How [[sign_in.issuers]] of the site's file are read."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cds_service.errors import SettingsError
from cds_service.settings.entry import Entry
from cds_service.settings.issuer import Issuer
from cds_service.settings.loopback import is_loopback

KINDS = ("smart", "oidc")
AUTHENTICATIONS = ("private_key_jwt", "client_secret_basic", "client_secret_post", "public")
ROLES = ("coordinator", "clinician", "it")
LONGEST_TEXT = 2000

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_CLAIM = re.compile(r"[A-Za-z_][A-Za-z0-9_:./-]*", re.ASCII)
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+", re.ASCII)
_ANYBODY = ("Practitioner/*", "PractitionerRole/*")


def issuers_in(entry: Entry) -> tuple[Issuer, ...]:
    """The issuers, each with its own name and its own iss. Raises SettingsError."""
    found = entry.found
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise entry.refused("a list of tables", f"Write each issuer under [[{entry.key}]]")
    issuers = tuple(
        _issuer(Entry(entry.origin, f"{entry.key}[{number}]", table))
        for number, table in enumerate(found, start=1)
    )
    for key in ("name", "iss"):
        values = [getattr(issuer, key) for issuer in issuers]
        twice = next((value for value in values if values.count(value) > 1), None)
        if twice:
            raise Entry(entry.origin, f"{entry.key}: {key}", twice).refused(
                f"a {key} of its own for each issuer", "Correct one of them"
            )
    return issuers


def _issuer(entry: Entry) -> Issuer:
    values: dict[str, Any] = {}
    for key, found in entry.found.items():
        named = _READERS.get(key)
        if named is None:
            raise SettingsError(
                f"{entry.origin}: {entry.key}.{key}: found an unknown key, expected one of "
                f"{', '.join(sorted(_READERS))}. Remove it or correct its name."
            )
        field_name, read = named
        values[field_name] = read(Entry(entry.origin, f"{entry.key}.{key}", found))
    for key in ("name", "kind", "iss", "client_id", "roles"):
        if key not in values:
            raise Entry(entry.origin, f"{entry.key}.{key}", None).refused("a value", "Add it")
    issuer = Issuer(**values)
    _check_whole(entry, issuer)
    return issuer


def _check_whole(entry: Entry, issuer: Issuer) -> None:
    """What no single key shows: the proof fits its file, and the address is a safe one."""
    has_key, has_secret = bool(issuer.key_file), bool(issuer.secret_file)
    wanted = {"private_key_jwt": (True, False), "public": (False, False)}
    if (has_key, has_secret) != wanted.get(issuer.authentication, (False, True)):
        raise Entry(entry.origin, f"{entry.key}.authentication", issuer.authentication).refused(
            "key_file beside private_key_jwt, secret_file beside client_secret_basic or "
            "client_secret_post, and neither beside public",
            "Name the file that the authentication needs, and no other",
        )
    if issuer.kind == "oidc" and (issuer.id_token_iss or issuer.same_patients):
        raise Entry(entry.origin, f"{entry.key}.kind", issuer.kind).refused(
            "neither id_token_iss nor same_patients beside it", "They are for kind 'smart'"
        )
    parts = urlsplit(issuer.iss)
    if parts.scheme != "https" and not is_loopback(parts.hostname):
        raise Entry(entry.origin, f"{entry.key}.iss", issuer.iss).refused(
            "an https address", "Codes and tokens are never sent in the clear"
        )


def _word_in(entry: Entry) -> str:
    expected, remedy = f"one line of at most {LONGEST_TEXT} characters", "Correct it"
    text = entry.text(expected, remedy)
    if len(text) > LONGEST_TEXT or not text.isprintable():
        raise entry.refused(expected, remedy)
    return text


def _name_in(entry: Entry) -> str:
    expected = "a name of lower-case letters, digits and '-', at most 40"
    text = entry.text(expected, "It stands before the ids of its people; write it like 'ehr'")
    if not _NAME.fullmatch(text):
        raise entry.refused(expected, "Write it like 'ehr'")
    return text


def _one_of(words: tuple[str, ...]) -> Callable[[Entry], str]:
    def read(entry: Entry) -> str:
        if entry.found not in words:
            raise entry.refused(f"one of {', '.join(words)}", "Write one of them")
        return str(entry.found)

    return read


def _address_in(entry: Entry) -> str:
    expected = "an https address without query, exactly as the issuer states it"
    text = _word_in(entry)
    try:
        parts = urlsplit(text)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise entry.refused(expected, "Write it like 'https://ehr.example.org/fhir'") from None
    extra = parts.username or parts.password or parts.query or parts.fragment or " " in text
    if parts.scheme not in ("http", "https") or not is_whole or extra:
        raise entry.refused(expected, "Write it like 'https://ehr.example.org/fhir'")
    return text


def _file_in(entry: Entry) -> Path:
    file = Path(entry.origin).parent / _word_in(entry)
    if not file.is_file():
        raise entry.refused("an existing file", "Correct the path")
    return file


def _yes_no_in(entry: Entry) -> bool:
    if not isinstance(entry.found, bool):
        raise entry.refused("true or false", "Write it without quotes")
    return entry.found


def _texts(entry: Entry, expected: str) -> tuple[Entry, ...]:
    if not isinstance(entry.found, list) or not entry.found:
        raise entry.refused(expected, 'Write it like ["..."]')
    return tuple(Entry(entry.origin, entry.key, each) for each in entry.found)


def _scopes_in(entry: Entry) -> tuple[str, ...]:
    scopes = tuple(_word_in(each) for each in _texts(entry, "a list of scopes"))
    if not all(_SCOPE.fullmatch(scope) for scope in scopes) or "openid" not in scopes:
        raise entry.refused(
            "a list of scopes with 'openid' among them", "Without it nobody says who signs in"
        )
    return scopes


def _roles_in(entry: Entry) -> Mapping[str, tuple[tuple[str, str], ...]]:
    if not isinstance(entry.found, dict) or not set(entry.found) <= set(ROLES) or not entry.found:
        raise entry.refused(
            f"a table with {', '.join(ROLES)}", f"Write it as [{entry.key}], under its issuer"
        )
    return {
        role: tuple(
            _claim(each)
            for each in _texts(Entry(entry.origin, f"{entry.key}.{role}", found), _EXPECTED)
        )
        for role, found in entry.found.items()
    }


_EXPECTED = 'a list of "claim=value"'


def _claim(entry: Entry) -> tuple[str, str]:
    """What a claim must hold. Only practitioners may be let in without naming each."""
    remedy = "Write it like 'groups=itb-coordinators' or 'fhirUser=Practitioner/*'"
    claim, _, value = _word_in(entry).partition("=")
    if not _CLAIM.fullmatch(claim) or not value or value != value.strip():
        raise entry.refused(_EXPECTED, remedy)
    if claim == "fhirUser":
        kind, _, id_ = value.partition("/")
        if kind not in ("Practitioner", "PractitionerRole") or not id_ or "/" in id_:
            raise entry.refused("fhirUser=Practitioner/id or fhirUser=PractitionerRole/id", remedy)
    if "*" in value and (claim != "fhirUser" or value not in _ANYBODY):
        raise entry.refused("no '*' but in fhirUser=Practitioner/*", "Name a group, or each person")
    return claim, value


_READERS: dict[str, tuple[str, Callable[[Entry], object]]] = {
    "name": ("name", _name_in),
    "kind": ("kind", _one_of(KINDS)),
    "iss": ("iss", _address_in),
    "client_id": ("client_id", _word_in),
    "authentication": ("authentication", _one_of(AUTHENTICATIONS)),
    "key_file": ("key_file", _file_in),
    "secret_file": ("secret_file", _file_in),
    "id_token_iss": ("id_token_iss", _address_in),
    "scopes": ("stated_scopes", _scopes_in),
    "roles": ("roles", _roles_in),
    "same_patients": ("same_patients", _yes_no_in),
    "allow_private_network": ("allow_private_network", _yes_no_in),
    "ca_file": ("ca_file", _file_in),
}
"""How each key of an issuer is read, and the field it fills."""
