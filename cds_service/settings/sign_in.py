"""How people sign in to the pages: `[sign_in]`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from cds_service.errors import SettingsError
from cds_service.settings.client import Client
from cds_service.settings.entry import Entry
from cds_service.settings.issuer import Issuer
from cds_service.settings.issuer_readers import issuers_in
from cds_service.settings.readers import allowed_origins_in

MOST_IDLE_MINUTES = 120
MOST_HOURS = 24


@dataclass(frozen=True, slots=True)
class SignInSettings:
    """Who vouches for people, how long a session stands, and which pages may hold ours in a frame.

    `frame_ancestors` are origins of EHR pages. Without `issuers` nobody can sign in.
    """

    issuers: tuple[Issuer, ...] = ()
    idle_minutes: int = 15
    absolute_hours: int = 8
    frame_ancestors: tuple[str, ...] = ()

    @property
    def idle(self) -> timedelta:
        """How long a session stands while nothing is done."""
        return timedelta(minutes=self.idle_minutes)

    @property
    def absolute(self) -> timedelta:
        """How long a session stands, whatever is done."""
        return timedelta(hours=self.absolute_hours)

    def issuer(self, name: str) -> Issuer | None:
        """The issuer of this name; None when there is none."""
        return next((each for each in self.issuers if each.name == name), None)

    def launching(self, iss: str) -> Issuer | None:
        """The EHR with this FHIR base address; None for an address that the site does not name."""
        return next(
            (each for each in self.issuers if each.kind == "smart" and _same(each.iss, iss)), None
        )


def _same(registered: str, stated: str) -> bool:
    # A slash at the end is the one difference that vendors are known for.
    return registered.rstrip("/") == stated.rstrip("/")


def sign_in_in(entry: Entry) -> SignInSettings:
    """The table `[sign_in]`. Raises SettingsError."""
    readers = {
        "issuers": issuers_in,
        "idle_minutes": lambda inner: inner.whole_number(1, MOST_IDLE_MINUTES),
        "absolute_hours": lambda inner: inner.whole_number(1, MOST_HOURS),
        "frame_ancestors": allowed_origins_in,
    }
    if not isinstance(entry.found, dict) or not set(entry.found) <= set(readers):
        raise entry.refused(f"a table with {', '.join(readers)}", "Write it as [sign_in]")
    values: dict[str, Any] = {
        key: readers[key](Entry(entry.origin, f"sign_in.{key}", found))
        for key, found in entry.found.items()
    }
    return SignInSettings(**values)


def check_sign_in(
    sign_in: SignInSettings, clients: Iterable[Client], public_url: str, origin: str
) -> None:
    """Refuses codes and cookies in the clear, and clients of unknown issuers. SettingsError."""
    for client in clients:
        named = sign_in.issuer(client.smart_issuer) if client.smart_issuer else None
        if client.smart_issuer and (named is None or named.kind != "smart"):
            raise SettingsError(
                f"{origin}: clients.{client.name}.smart_issuer: found '{client.smart_issuer}', "
                "expected the name of an issuer of kind 'smart'. Correct the name."
            )
    if not sign_in.issuers:
        return
    parts = urlsplit(public_url)
    is_local = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if parts.scheme != "https" and not is_local:
        raise SettingsError(
            f"{origin}: public_url: found '{public_url}' beside [[sign_in.issuers]], expected an "
            "https address: people's sessions are never sent in the clear. State the address of "
            "the proxy in front of the service."
        )
    if parts.path:
        raise SettingsError(
            f"{origin}: public_url: found '{public_url}' beside [[sign_in.issuers]], expected a "
            "host without a path: the session's cookie belongs to the whole host. Give the service "
            "a host name of its own."
        )
