"""How each setting of the site's file is read."""

import re
from collections.abc import Mapping
from decimal import Decimal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cds_service.settings.entry import Entry

MOST_CARDS = 10
LARGEST_PORT = 65535
LONGEST_EMERGENCY_NUMBER = 60
SHORTEST_DEADLINE, LONGEST_DEADLINE = Decimal("0.1"), Decimal(60)

_HOST_AND_PORT = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", re.ASCII)


def time_zone_in(entry: Entry) -> ZoneInfo:
    """The IANA time zone. Raises SettingsError."""
    expected, remedy = "an IANA time zone", "Write it like 'Europe/Zurich' or 'America/New_York'"
    try:
        return ZoneInfo(entry.text(expected, remedy))
    except (KeyError, ValueError, OSError):
        raise entry.refused(expected, remedy) from None


def host_in(entry: Entry) -> str:
    """The address to listen on. Raises SettingsError."""
    return entry.text("a host name or address", "Write it like '127.0.0.1'")


def port_in(entry: Entry) -> int:
    """The port to listen on. Raises SettingsError."""
    return entry.whole_number(1, LARGEST_PORT)


def public_url_in(entry: Entry) -> str:
    """Where browsers reach the service, without a slash at its end. Raises SettingsError."""
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


def emergency_number_in(entry: Entry) -> str:
    """The local emergency number, in one line. Raises SettingsError."""
    expected = f"one line of at most {LONGEST_EMERGENCY_NUMBER} characters"
    text = entry.text(expected, "Write it as patients dial it")
    if len(text) > LONGEST_EMERGENCY_NUMBER or not text.isprintable():
        raise entry.refused(expected, "Write it as patients dial it")
    return text


def max_cards_in(entry: Entry) -> int:
    """How many cards a call shows, criticals aside. Raises SettingsError."""
    return entry.whole_number(1, MOST_CARDS)


def prefetch_in(entry: Entry) -> str:
    """Which prefetch keys discovery advertises. Raises SettingsError."""
    if entry.found not in ("gate", "full"):
        raise entry.refused("'gate' or 'full'", "'full' is safe without FHIR access")
    return str(entry.found)


def client_authentication_in(entry: Entry) -> str:
    """The word that callers need not prove who they are. Raises SettingsError."""
    if entry.found != "off":
        raise entry.refused("'off'", "Remove the key, or write 'off' and mean it")
    return "off"


def allowed_origins_in(entry: Entry) -> tuple[str, ...]:
    """The origins of web pages whose scripts may call. Raises SettingsError."""
    expected, remedy = "a list of origins", "Write each like 'https://sandbox.example.org'"
    if not isinstance(entry.found, list):
        raise entry.refused(expected, remedy)
    return tuple(
        _origin(Entry(entry.origin, f"{entry.key}[{number}]", found))
        for number, found in enumerate(entry.found, start=1)
    )


def _origin(entry: Entry) -> str:
    expected = "scheme, host and port of a web page, in lower case, with nothing behind them"
    remedy = "Write it like 'https://sandbox.example.org'"
    text = entry.text(expected, remedy)
    try:
        parts = urlsplit(text)
    except ValueError:
        raise entry.refused(expected, remedy) from None
    is_plain = text == f"{parts.scheme}://{parts.netloc}" == text.lower() and "@" not in text
    if parts.scheme not in ("http", "https") or not parts.hostname or not is_plain:
        raise entry.refused(expected, remedy)
    # Origins stand in headers, where a semicolon or a star would mean something else.
    if not _HOST_AND_PORT.fullmatch(parts.netloc):
        raise entry.refused(expected, remedy)
    return text


def ehr_deadline_seconds_in(entry: Entry) -> float:
    """For how long the EHR is read while a hook waits. Raises SettingsError."""
    found = entry.found
    is_number = type(found) is int or (isinstance(found, Decimal) and found.is_finite())
    if not is_number or not SHORTEST_DEADLINE <= found <= LONGEST_DEADLINE:
        expected = f"seconds from {SHORTEST_DEADLINE} to {LONGEST_DEADLINE}"
        raise entry.refused(expected, "1.5 is what clinicians hardly notice")
    return float(found)


def most_entries_in(entry: Entry) -> int:
    """How many entries of one Bundle are read. Raises SettingsError."""
    return entry.whole_number(100, 1_000_000)


def most_calls_in(entry: Entry) -> int:
    """How many calls wait or are worked on at a time. Raises SettingsError."""
    return entry.whole_number(1, 1000)


def thresholds_in(entry: Entry) -> Mapping[str, Decimal]:
    """Threshold values by name; the plans check names and bounds. Raises SettingsError."""
    if not isinstance(entry.found, dict):
        raise entry.refused("a table of name = number", "Write it as [thresholds]")
    return {
        name: _threshold(Entry(entry.origin, f"thresholds.{name}", found))
        for name, found in entry.found.items()
    }


def _threshold(entry: Entry) -> Decimal:
    found = entry.found
    if isinstance(found, bool) or not isinstance(found, int | Decimal):
        raise entry.refused("a number", "Write it without quotes or unit")
    number = Decimal(found)
    if not number.is_finite():
        raise entry.refused("a number", "Write it without quotes or unit")
    return number


def value_sets_in(entry: Entry) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """The site's own codes by value set, as (system, code); the terminology checks the names.

    Raises SettingsError.
    """
    if not isinstance(entry.found, dict):
        raise entry.refused('a table of name = ["system|code"]', "Write it as [value_sets]")
    return {
        name: codes_in(Entry(entry.origin, f"value_sets.{name}", found))
        for name, found in entry.found.items()
    }


def codes_in(entry: Entry) -> tuple[tuple[str, str], ...]:
    """Codes as (system, code). Raises SettingsError."""
    expected = 'a list of "system|code"'
    if not isinstance(entry.found, list) or not entry.found:
        raise entry.refused(expected, 'Write it like ["http://hospital.example/charges|REF01"]')
    return tuple(_code(Entry(entry.origin, entry.key, found)) for found in entry.found)


def _code(entry: Entry) -> tuple[str, str]:
    expected = "system|code without blanks around them"
    remedy = "Write it like 'http://hospital.example/charges|REF01'"
    system, _, code = entry.text(expected, remedy).partition("|")
    is_plain = system and code and "|" not in code and system.isprintable() and code.isprintable()
    if not is_plain or system != system.strip() or code != code.strip() or " " in system:
        raise entry.refused(expected, remedy)
    return system, code
