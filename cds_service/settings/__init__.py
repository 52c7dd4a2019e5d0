"""Every setting of a site: one TOML file, and three names in the environment.

A setting that is unknown or wrong stops the start, with the file, the key and the remedy.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from cds_service.errors import SettingsError
from cds_service.settings.client import Client
from cds_service.settings.client_readers import clients_in
from cds_service.settings.dead_man import DeadManSettings, dead_man_in
from cds_service.settings.digest import DigestSettings, digest_in
from cds_service.settings.entry import Entry
from cds_service.settings.handout import HandoutSettings, handout_in
from cds_service.settings.issuer import Issuer
from cds_service.settings.loopback import is_loopback
from cds_service.settings.plan_use import PlanSettings, PlanUse, plans_in
from cds_service.settings.population import PopulationSettings, population_in
from cds_service.settings.readers import (
    allowed_origins_in,
    client_authentication_in,
    ehr_deadline_seconds_in,
    emergency_number_in,
    host_in,
    max_cards_in,
    most_calls_in,
    most_entries_in,
    port_in,
    prefetch_in,
    public_url_in,
    thresholds_in,
    time_zone_in,
    value_sets_in,
)
from cds_service.settings.sign_in import SignInSettings, sign_in_in
from cds_service.settings.store import StoreSettings, store_in

__all__ = [
    "Client",
    "DeadManSettings",
    "DigestSettings",
    "HandoutSettings",
    "Issuer",
    "PlanSettings",
    "PlanUse",
    "PopulationSettings",
    "Settings",
    "SignInSettings",
    "StoreSettings",
    "access_token",
    "check_exposure",
    "read_settings",
    "with_address",
]

CONFIG_VARIABLE = "ITB_CDS_CONFIG"
HOST_VARIABLE = "ITB_CDS_HOST"
PORT_VARIABLE = "ITB_CDS_PORT"

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
MOST_CALLS = 64


@dataclass(frozen=True, slots=True)
class Settings:
    """What a site decides. `origin` says where it was read from, for messages.

    `thresholds` maps names of the plans' thresholds to the site's values; `read_plans` checks them.
    `value_sets` maps names of value sets to the site's own codes; `site_codes` checks them.
    `client_authentication` "off" is the site's word that callers need not prove who they are; it
    holds on this machine only, and without `clients`. `allowed_origins` are the web pages whose
    scripts may call. The EHR is read until `ehr_deadline_seconds` have passed. More than
    `most_entries` entries of a Bundle are not read, and more than `most_calls` calls not answered,
    at a time.
    """

    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    stated_public_url: str = ""
    emergency_number: str = "911 or your local emergency number"
    max_cards: int = 3
    prefetch: Literal["gate", "full"] = "full"
    client_authentication: Literal["", "off"] = ""
    thresholds: Mapping[str, Decimal] = field(default_factory=dict)
    value_sets: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    plans: PlanSettings = field(default_factory=PlanSettings)
    clients: tuple[Client, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    ehr_deadline_seconds: float = 1.5
    most_entries: int = 50_000
    most_calls: int = MOST_CALLS
    store: StoreSettings = field(default_factory=StoreSettings)
    digest: DigestSettings = field(default_factory=DigestSettings)
    dead_man: DeadManSettings = field(default_factory=DeadManSettings)
    handout: HandoutSettings = field(default_factory=HandoutSettings)
    sign_in: SignInSettings = field(default_factory=SignInSettings)
    population: PopulationSettings = field(default_factory=PopulationSettings)
    origin: str = "the defaults"

    @property
    def public_url(self) -> str:
        """The address at which users' browsers reach the service, without a slash at its end."""
        return self.stated_public_url or f"http://{DEFAULT_HOST}:{self.port}"

    def launching_issuer(self, client: Client) -> Issuer | None:
        """The issuer that is this client's EHR and launches our app; None where there is none."""
        named = self.sign_in.issuer(client.smart_issuer) if client.smart_issuer else None
        found = (self.sign_in.launching(server) for server in client.fhir_servers)
        return named or next((issuer for issuer in found if issuer), None)

    @property
    def is_local(self) -> bool:
        """True when only this machine can reach the service."""
        return is_loopback(self.host)


def read_settings(
    path: Path | None = None, environment: Mapping[str, str] = os.environ
) -> Settings:
    """The site's settings: the environment over the file over the defaults.

    The file is `path`, else the one ITB_CDS_CONFIG names, else there is none.
    Raises SettingsError.
    """
    named = path or _path_in(environment)
    settings = _from_file(named) if named else Settings()
    host, port = environment.get(HOST_VARIABLE), environment.get(PORT_VARIABLE)
    if host:
        settings = replace(settings, host=host_in(Entry("the environment", HOST_VARIABLE, host)))
    if port:
        number = int(port) if port.isascii() and port.isdigit() else port
        settings = replace(settings, port=port_in(Entry("the environment", PORT_VARIABLE, number)))
    return settings


def with_address(settings: Settings, host: str | None, port: int | None) -> Settings:
    """The settings with the command line's host and port, where given."""
    if host is not None:
        settings = replace(settings, host=host_in(Entry("the command line", "--host", host)))
    if port is not None:
        settings = replace(settings, port=port_in(Entry("the command line", "--port", port)))
    return settings


def access_token(client: Client, environment: Mapping[str, str] = os.environ) -> str | None:
    """The token with which the command line reads a client's EHR; None when there is none.

    Raises SettingsError when the file cannot be read.
    """
    if client.access_token_variable:
        return environment.get(client.access_token_variable) or None
    if client.access_token_file is None:
        return None
    try:
        return client.access_token_file.read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        raise SettingsError(
            f"clients.{client.name}.access_token_file: found no file that can be read as a token, "
            "expected one line of ASCII. Correct the file or its rights."
        ) from None


def check_exposure(settings: Settings) -> None:
    """Refuses to serve while nobody checks who is calling, unless the site said so.

    Without a check only this machine may reach the service, whatever the site says.
    Raises SettingsError.
    """
    is_off = settings.client_authentication == "off"
    if settings.clients and is_off:
        raise SettingsError(
            f"{settings.origin}: client_authentication: found 'off' beside [[clients]], expected "
            "one of them. Remove the clients, or the word that nobody checks them."
        )
    if settings.clients:
        return
    if not settings.is_local:
        raise SettingsError(
            f"{settings.origin}: host: found '{settings.host}', which other machines can reach, "
            "and no [[clients]]; expected clients, or a loopback address such as 127.0.0.1. "
            "Describe under [[clients]] who may call; without, the service stays on this machine."
        )
    if not is_off:
        raise SettingsError(
            f"{settings.origin}: clients: found none, expected [[clients]] that say who may call. "
            "To try the service on this machine alone without checking who calls, say so: "
            '--no-client-authentication or client_authentication = "off".'
        )


def _path_in(environment: Mapping[str, str]) -> Path | None:
    named = environment.get(CONFIG_VARIABLE)
    return Path(named) if named else None


def _from_file(path: Path) -> Settings:
    origin = str(path)
    values: dict[str, Any] = {}
    for key, found in _table(path).items():
        reader = _READERS.get(key)
        if reader is None:
            raise SettingsError(
                f"{origin}: {key}: found an unknown key, expected one of "
                f"{', '.join(sorted(_READERS))}. Remove it or correct its name."
            )
        field_name, read = reader
        values[field_name] = read(Entry(origin, key, found))
    return Settings(**values, origin=origin)


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as fault:
        raise SettingsError(
            f"{path}: found no file that can be read ({fault.strerror}), expected the site's "
            f"configuration. Correct --config or {CONFIG_VARIABLE}, or make the file readable."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise SettingsError(
            f"{path}: found something that is not TOML ({fault}), expected `key = value` lines. "
            "Correct the file."
        ) from None


_READERS: dict[str, tuple[str, Callable[[Entry], object]]] = {
    "time_zone": ("time_zone", time_zone_in),
    "host": ("host", host_in),
    "port": ("port", port_in),
    "public_url": ("stated_public_url", public_url_in),
    "emergency_number": ("emergency_number", emergency_number_in),
    "max_cards": ("max_cards", max_cards_in),
    "prefetch": ("prefetch", prefetch_in),
    "client_authentication": ("client_authentication", client_authentication_in),
    "thresholds": ("thresholds", thresholds_in),
    "value_sets": ("value_sets", value_sets_in),
    "plans": ("plans", plans_in),
    "clients": ("clients", clients_in),
    "allowed_origins": ("allowed_origins", allowed_origins_in),
    "ehr_deadline_seconds": ("ehr_deadline_seconds", ehr_deadline_seconds_in),
    "most_entries": ("most_entries", most_entries_in),
    "most_calls": ("most_calls", most_calls_in),
    "store": ("store", store_in),
    "digest": ("digest", digest_in),
    "dead_man": ("dead_man", dead_man_in),
    "sign_in": ("sign_in", sign_in_in),
    "handout": ("handout", handout_in),
    "population": ("population", population_in),
}
"""How each key of the file is read, and the setting it fills."""
