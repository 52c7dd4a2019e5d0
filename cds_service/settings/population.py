"""Where the worklist's patients come from: `[population]`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from cds_service.errors import SettingsError
from cds_service.settings.client import Client
from cds_service.settings.entry import Entry

MOST_AT_ONCE = 16
MOST_MINUTES = 24 * 60
LONGEST_TEXT = 2000
LONGEST_NAME = 60

_KINDS = (
    *("Patient", "Device", "MedicationAdministration", "Medication", "Procedure", "Observation"),
    *("Condition", "MedicationRequest", "Appointment", "ServiceRequest", "CarePlan"),
)
READ_SCOPES = tuple(f"system/{kind}.rs" for kind in _KINDS)
"""SMART 2: read and search, nothing else."""

_GROUP = re.compile(r"Group/[A-Za-z0-9.-]{1,64}", re.ASCII)
_SEARCH = re.compile(r"[A-Z][A-Za-z]{1,40}\?[\w.:=&,|%/+~-]+", re.ASCII)
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class PopulationSettings:
    """Where the patients come from; without a `source` there is no worklist.

    `cohort` are FHIR searches or Groups that name the patients, `cohort_file` a file with an id a
    line. The first of `key_files` signs; further ones are published, and tried when the first is
    refused. `client` is the EHR whose patients these are: its hooks and users' feedback join in.
    """

    name: str = ""
    source: Literal["", "fhir", "ndjson"] = ""
    fhir_server: str = ""
    token_endpoint: str = ""
    client_id: str = ""
    key_files: tuple[Path, ...] = ()
    stated_scopes: tuple[str, ...] = ()
    cohort: tuple[str, ...] = ()
    cohort_file: Path | None = None
    folder: Path | None = None
    at_once: int = 4
    refresh_minutes: int = 60
    client: str = ""
    mrn_system: str = ""
    write_tasks: bool = False
    write_readings: bool = False
    allow_private_network: bool = False
    ca_file: Path | None = None

    @property
    def fhir_servers(self) -> tuple[str, ...]:
        """The only address that is read."""
        return (self.fhir_server,) if self.fhir_server else ()

    @property
    def scopes(self) -> tuple[str, ...]:
        """What is asked of the authorization server; the site's own words go first."""
        if self.stated_scopes:
            return self.stated_scopes
        group = ("system/Group.r",) if any(_GROUP.fullmatch(each) for each in self.cohort) else ()
        writes = ("system/Task.cruds",) if self.write_tasks else ()
        typed = ("system/Observation.cruds", "system/MedicationAdministration.cruds")
        readings = typed if self.write_readings else ()
        return (*READ_SCOPES, *group, *writes, *readings)


def population_in(entry: Entry) -> PopulationSettings:
    """The table `[population]`. Raises SettingsError."""
    if not isinstance(entry.found, dict):
        raise entry.refused("a table", "Write it as [population]")
    values: dict[str, Any] = {}
    for key, found in entry.found.items():
        named = _READERS.get(key)
        if named is None:
            raise SettingsError(
                f"{entry.origin}: population.{key}: found an unknown key, expected one of "
                f"{', '.join(sorted(_READERS))}. Remove it or correct its name."
            )
        field_name, read = named
        values[field_name] = read(Entry(entry.origin, f"population.{key}", found))
    population = PopulationSettings(**values)
    _check_whole(entry.origin, population)
    return population


def check_population(
    population: PopulationSettings, clients: tuple[Client, ...], origin: str
) -> None:
    """Looks whether `client` names an EHR that may call. Raises SettingsError."""
    names = [client.name for client in clients]
    if population.client and population.client not in names:
        raise Entry(origin, "population.client", population.client).refused(
            f"the name of one of the clients: {', '.join(names) or 'there are none'}",
            "Correct the name, or describe the EHR under [[clients]]",
        )


def _check_whole(origin: str, population: PopulationSettings) -> None:
    """What no single key shows: each source has what it needs, and nothing of the other."""
    for key in ("name", "source"):
        if not getattr(population, key):
            raise _lacks(origin, key, "a value")
    if population.source == "ndjson":
        _check_folder(origin, population)
    else:
        _check_server(origin, population)


def _check_folder(origin: str, population: PopulationSettings) -> None:
    if population.folder is None:
        raise _lacks(origin, "folder", "the folder of a Bulk Data export beside source 'ndjson'")
    elsewhere = ("fhir_server", "token_endpoint", "client_id", "key_files", "cohort")
    for key in (*elsewhere, "write_tasks", "write_readings"):
        if getattr(population, key):
            raise Entry(origin, f"population.{key}", "a value").refused(
                "nothing beside source 'ndjson'", 'Remove it, or write source = "fhir"'
            )


def _check_server(origin: str, population: PopulationSettings) -> None:
    if population.folder is not None:
        raise Entry(origin, "population.folder", str(population.folder)).refused(
            "nothing beside source 'fhir'", 'Remove it, or write source = "ndjson"'
        )
    if not population.fhir_server:
        raise _lacks(origin, "fhir_server", "a FHIR server beside source 'fhir'")
    if bool(population.cohort) == bool(population.cohort_file):
        found = "both" if population.cohort else "neither"
        raise Entry(origin, "population.cohort and cohort_file", found).refused(
            "exactly one of them", "Say which patients there are: by searches, Groups, or a file"
        )
    if bool(population.client_id) != bool(population.key_files):
        raise Entry(origin, "population.client_id and key_files", "one of them").refused(
            "both, or neither", "Name the client id, and the key by which it proves itself"
        )
    _check_addresses(origin, population)


def _check_addresses(origin: str, population: PopulationSettings) -> None:
    if population.allow_private_network:
        return
    if not population.client_id:
        raise _lacks(origin, "client_id", "a client id and key_files: nobody reads without proof")
    for key in ("fhir_server", "token_endpoint"):
        address = getattr(population, key)
        if address and urlsplit(address).scheme != "https":
            raise Entry(origin, f"population.{key}", address).refused(
                "an https address",
                "Where it is on your own network, say allow_private_network = true",
            )


def _lacks(origin: str, key: str, expected: str) -> SettingsError:
    return Entry(origin, f"population.{key}", None).refused(expected, "Add it")


def _line(longest: int) -> Callable[[Entry], str]:
    def read(entry: Entry) -> str:
        expected = f"one line of at most {longest} characters"
        text = entry.text(expected, "Correct it")
        if len(text) > longest or not text.isprintable():
            raise entry.refused(expected, "Correct it")
        return text

    return read


_word_in = _line(LONGEST_TEXT)


def _source_in(entry: Entry) -> str:
    if entry.found not in ("fhir", "ndjson"):
        raise entry.refused(
            "'fhir' or 'ndjson'", "A FHIR server, or a folder of a Bulk Data export"
        )
    return str(entry.found)


def _address_in(entry: Entry) -> str:
    expected, remedy = "a web address without query", "Write it like 'https://ehr.example.org/fhir'"
    text = _word_in(entry)
    try:
        parts = urlsplit(text)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise entry.refused(expected, remedy) from None
    extra = parts.username or parts.password or parts.query or parts.fragment or " " in text
    if parts.scheme not in ("http", "https") or not is_whole or extra:
        raise entry.refused(expected, remedy)
    return text.rstrip("/")


def _file_in(entry: Entry) -> Path:
    file = Path(entry.origin).parent / _word_in(entry)
    if not file.is_file():
        raise entry.refused("an existing file", "Correct the path")
    return file


def _folder_in(entry: Entry) -> Path:
    folder = Path(entry.origin).parent / _word_in(entry)
    if not folder.is_dir():
        raise entry.refused("an existing folder", "Correct the path")
    return folder


def _listed(entry: Entry) -> list[Entry]:
    found = entry.found if isinstance(entry.found, list) else [entry.found]
    if not found:
        raise entry.refused("at least one", "Write it, or remove the key")
    return [Entry(entry.origin, entry.key, each) for each in found]


def _files_in(entry: Entry) -> tuple[Path, ...]:
    return tuple(_file_in(each) for each in _listed(entry))


def _scopes_in(entry: Entry) -> tuple[str, ...]:
    scopes = tuple(_word_in(each) for each in _listed(entry))
    if not all(_SCOPE.fullmatch(scope) for scope in scopes):
        raise entry.refused("a list of scopes", "Write each like 'system/Device.rs'")
    return scopes


def _cohort_in(entry: Entry) -> tuple[str, ...]:
    queries = tuple(_word_in(each) for each in _listed(entry))
    if not all(_GROUP.fullmatch(each) or _SEARCH.fullmatch(each) for each in queries):
        raise entry.refused(
            "FHIR searches whose results name patients, or Groups",
            "Write each like 'Device?type=...' or 'Group/123'; blanks as %20",
        )
    return queries


def _yes_no_in(entry: Entry) -> bool:
    if not isinstance(entry.found, bool):
        raise entry.refused("true or false", "Write it without quotes")
    return entry.found


_READERS: dict[str, tuple[str, Callable[[Entry], object]]] = {
    "name": ("name", _line(LONGEST_NAME)),
    "source": ("source", _source_in),
    "fhir_server": ("fhir_server", _address_in),
    "token_endpoint": ("token_endpoint", _address_in),
    "client_id": ("client_id", _word_in),
    "key_files": ("key_files", _files_in),
    "scopes": ("stated_scopes", _scopes_in),
    "cohort": ("cohort", _cohort_in),
    "cohort_file": ("cohort_file", _file_in),
    "folder": ("folder", _folder_in),
    "at_once": ("at_once", lambda entry: entry.whole_number(1, MOST_AT_ONCE)),
    "refresh_minutes": ("refresh_minutes", lambda entry: entry.whole_number(5, MOST_MINUTES)),
    "client": ("client", _word_in),
    "mrn_system": ("mrn_system", _word_in),
    "write_tasks": ("write_tasks", _yes_no_in),
    "write_readings": ("write_readings", _yes_no_in),
    "allow_private_network": ("allow_private_network", _yes_no_in),
    "ca_file": ("ca_file", _file_in),
}
"""How each key is read, and the field it fills."""
