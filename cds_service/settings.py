"""Every setting of a site: one TOML file, and three names in the environment.

A setting that is unknown or wrong stops the start, with the file, the key and the remedy.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cds_service.errors import SettingsError

CONFIG_VARIABLE = "ITB_CDS_CONFIG"
HOST_VARIABLE = "ITB_CDS_HOST"
PORT_VARIABLE = "ITB_CDS_PORT"

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
MOST_CARDS = 10
LARGEST_PORT = 65535
LONGEST_EMERGENCY_NUMBER = 60


@dataclass(frozen=True, slots=True)
class Settings:
    """What a site decides. `origin` says where it was read from, for messages.

    `thresholds` maps names of the plans' thresholds to the site's values; `read_plans` checks them.
    `client_authentication` "off" is the site's word that callers need not prove who they are.
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
    plans_folder: Path | None = None
    origin: str = "the defaults"

    @property
    def public_url(self) -> str:
        """The address at which users' browsers reach the service, without a slash at its end."""
        return self.stated_public_url or f"http://{DEFAULT_HOST}:{self.port}"

    @property
    def is_local(self) -> bool:
        """True when only this machine can reach the service."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


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
        settings = replace(settings, host=_host(_Entry("the environment", HOST_VARIABLE, host)))
    if port:
        number = int(port) if port.isascii() and port.isdigit() else port
        settings = replace(settings, port=_port(_Entry("the environment", PORT_VARIABLE, number)))
    return settings


def with_address(settings: Settings, host: str | None, port: int | None) -> Settings:
    """The settings with the command line's host and port, where given."""
    if host is not None:
        settings = replace(settings, host=_host(_Entry("the command line", "--host", host)))
    if port is not None:
        settings = replace(settings, port=_port(_Entry("the command line", "--port", port)))
    return settings


def check_exposure(settings: Settings) -> None:
    """Refuses to serve other machines while nobody checks who is calling.

    Raises SettingsError, unless the site said that client authentication is off.
    """
    if settings.is_local or settings.client_authentication == "off":
        return
    raise SettingsError(
        f"{settings.origin}: host: found '{settings.host}', which other machines can reach, and "
        "no client authentication; expected a loopback address such as 127.0.0.1. Keep the "
        "service behind a proxy on this machine, or, where the network itself admits only the "
        'EHR, say so: client_authentication = "off" or --no-client-authentication.'
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """One setting as it was found."""

    origin: str
    key: str
    found: Any

    def refused(self, expected: str, remedy: str) -> SettingsError:
        return SettingsError(
            f"{self.origin}: {self.key}: found {self.found!r}, expected {expected}. {remedy}."
        )

    def text(self, expected: str, remedy: str) -> str:
        """The setting as text without blanks around it."""
        if not isinstance(self.found, str) or not self.found.strip():
            raise self.refused(expected, remedy)
        return self.found.strip()

    def whole_number(self, lowest: int, highest: int) -> int:
        """The setting as a whole number within bounds."""
        found = self.found
        if type(found) is not int or not lowest <= found <= highest:
            raise self.refused(
                f"a whole number from {lowest} to {highest}", "Set it within these bounds"
            )
        return found


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
        values[field_name] = read(_Entry(origin, key, found))
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


def _time_zone(entry: _Entry) -> ZoneInfo:
    expected, remedy = "an IANA time zone", "Write it like 'Europe/Zurich' or 'America/New_York'"
    try:
        return ZoneInfo(entry.text(expected, remedy))
    except (KeyError, ValueError, OSError):
        raise entry.refused(expected, remedy) from None


def _host(entry: _Entry) -> str:
    return entry.text("a host name or address", "Write it like '127.0.0.1'")


def _port(entry: _Entry) -> int:
    return entry.whole_number(1, LARGEST_PORT)


def _public_url(entry: _Entry) -> str:
    expected = "an http or https address without query"
    remedy = "Write it like 'https://cds.example.org'"
    text = entry.text(expected, remedy)
    try:
        parts = urlsplit(text)
    except ValueError:
        raise entry.refused(expected, remedy) from None
    is_plain = not (parts.query or parts.fragment or parts.username or parts.password)
    if parts.scheme not in ("http", "https") or not parts.hostname or not is_plain:
        raise entry.refused(expected, remedy)
    return text.rstrip("/")


def _emergency_number(entry: _Entry) -> str:
    expected = f"one line of at most {LONGEST_EMERGENCY_NUMBER} characters"
    text = entry.text(expected, "Write it as patients dial it")
    if len(text) > LONGEST_EMERGENCY_NUMBER or not text.isprintable():
        raise entry.refused(expected, "Write it as patients dial it")
    return text


def _max_cards(entry: _Entry) -> int:
    return entry.whole_number(1, MOST_CARDS)


def _prefetch(entry: _Entry) -> str:
    if entry.found not in ("gate", "full"):
        raise entry.refused("'gate' or 'full'", "'full' is safe without FHIR access")
    return str(entry.found)


def _client_authentication(entry: _Entry) -> str:
    if entry.found != "off":
        raise entry.refused("'off'", "Remove the key, or write 'off' and mean it")
    return "off"


def _thresholds(entry: _Entry) -> Mapping[str, Decimal]:
    if not isinstance(entry.found, dict):
        raise entry.refused("a table of name = number", "Write it as [thresholds]")
    return {
        name: _threshold(_Entry(entry.origin, f"thresholds.{name}", found))
        for name, found in entry.found.items()
    }


def _threshold(entry: _Entry) -> Decimal:
    found = entry.found
    if isinstance(found, bool) or not isinstance(found, int | Decimal):
        raise entry.refused("a number", "Write it without quotes or unit")
    number = Decimal(found)
    if not number.is_finite():
        raise entry.refused("a number", "Write it without quotes or unit")
    return number


def _plans_folder(entry: _Entry) -> Path:
    expected, remedy = "folder = a path", 'Write [plans] and folder = "/etc/itb-cds/plans"'
    if not isinstance(entry.found, dict) or set(entry.found) != {"folder"}:
        raise entry.refused(expected, remedy)
    named = _Entry(entry.origin, "plans.folder", entry.found["folder"])
    folder = Path(entry.origin).parent / named.text(expected, remedy)
    if not folder.is_dir():
        raise named.refused("an existing folder", "Correct the path")
    return folder


_READERS: dict[str, tuple[str, Callable[[_Entry], object]]] = {
    "time_zone": ("time_zone", _time_zone),
    "host": ("host", _host),
    "port": ("port", _port),
    "public_url": ("stated_public_url", _public_url),
    "emergency_number": ("emergency_number", _emergency_number),
    "max_cards": ("max_cards", _max_cards),
    "prefetch": ("prefetch", _prefetch),
    "client_authentication": ("client_authentication", _client_authentication),
    "thresholds": ("thresholds", _thresholds),
    "plans": ("plans_folder", _plans_folder),
}
"""How each key of the file is read, and the setting it fills."""
