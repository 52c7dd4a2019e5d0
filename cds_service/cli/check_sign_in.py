"""`itb-cds check` for the people's side: does each issuer answer, and are its keys usable."""

from collections.abc import Iterator

from cds_service.errors import NotObtainedError, SettingsError
from cds_service.settings import Settings
from cds_service.web.access.issuers import KnownIssuer, known_issuers


def sign_in_lines(settings: Settings) -> Iterator[tuple[bool, str]]:
    """For each issuer whether people could sign in by it, in words."""
    if not settings.sign_in.issuers:
        yield True, "sign-in: not configured, there are no pages for people"
        return
    try:
        issuers = known_issuers(settings.sign_in)
    except SettingsError as fault:
        yield False, f"sign-in: {fault}"
        return
    yield True, f"sign-in: to be registered as redirect address: {settings.public_url}/callback"
    for known in issuers.values():
        yield _line(known)


def _line(known: KnownIssuer) -> tuple[bool, str]:
    name = f"sign-in: {known.issuer.name} ({known.issuer.kind}, {known.issuer.authentication})"
    try:
        endpoints = known.server.endpoints()
        keys = known.keys.look()
    except NotObtainedError as fault:
        return False, f"{name}: the server {fault}"
    scopes = ", in the words of SMART 1" if endpoints.only_old_scopes else ""
    usable = "1 key" if keys == 1 else f"{keys} keys"
    return True, f"{name}: answers as {endpoints.issuer}, {usable} can be used{scopes}"
