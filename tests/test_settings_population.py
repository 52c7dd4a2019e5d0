"""[population]: what it takes, what stops the start, and in which words."""

from pathlib import Path

import pytest

from cds_service.errors import SettingsError
from cds_service.settings import Client, PopulationSettings, read_settings
from cds_service.settings.population import READ_SCOPES, check_population

FHIR = """
[population]
name = "North"
source = "fhir"
fhir_server = "https://ehr.example.org/fhir/"
client_id = "itb"
key_files = ["key.pem"]
cohort = "Device?type=http://snomed.info/sct%7C1"
"""


def read(folder: Path, text: str) -> PopulationSettings:
    for name in ("key.pem", "ids.txt"):
        (folder / name).write_text("x")
    (folder / "export").mkdir(exist_ok=True)
    file = folder / "site.toml"
    file.write_text(text)
    return read_settings(file, {}).population


def test_without_a_table_there_is_no_worklist():
    assert read_settings(None, {}).population == PopulationSettings()


def test_a_fhir_server_is_read_hourly_by_four_and_for_reading_only(tmp_path: Path):
    found = read(tmp_path, FHIR)

    assert found.fhir_servers == ("https://ehr.example.org/fhir",)
    assert (found.at_once, found.refresh_minutes, found.scopes) == (4, 60, READ_SCOPES)
    assert found.key_files == (tmp_path / "key.pem",)


def test_a_group_and_the_writing_of_tasks_ask_for_their_scopes(tmp_path: Path):
    text = FHIR.replace("Device?type=http://snomed.info/sct%7C1", "Group/7") + "write_tasks = true"

    assert read(tmp_path, text).scopes == (*READ_SCOPES, "system/Group.r", "system/Task.cruds")


def test_a_folder_needs_nothing_else(tmp_path: Path):
    text = '[population]\nname = "N"\nsource = "ndjson"\nfolder = "export"\n'

    assert read(tmp_path, text).folder == tmp_path / "export"


REFUSED = {
    "a word nobody knows": ("interval = 5", "population.interval: found an unknown key"),
    "no name": ('name = ""', "population.name"),
    "another source": ('source = "csv"', "population.source: found 'csv'"),
    "an address with a query": ('fhir_server = "https://x/?a"', "population.fhir_server"),
    "an address with a password": ('fhir_server = "https://u:p@x"', "population.fhir_server"),
    "an address in the clear": ('fhir_server = "http://x/fhir"', "an https address"),
    "a token endpoint in the clear": ('token_endpoint = "http://x/t"', "an https address"),
    "a key file that is not there": ('key_files = ["none.pem"]', "an existing file"),
    "a client id without a key": ("key_files =", "population.client_id and key_files"),
    "nobody's patients": ("cohort =", "exactly one of them"),
    "two lists of patients": ('cohort_file = "ids.txt"', "exactly one of them"),
    "a cohort that is no search": ('cohort = ["../x"]', "Write each like 'Device?type=...'"),
    "a cohort on another server": ('cohort = "https://x/Device?a=b"', "population.cohort"),
    "a cohort with a line break": ('cohort = "Device?a=b\\nX"', "population.cohort"),
    "a folder beside a server": ('folder = "export"', "nothing beside source 'fhir'"),
    "too many at once": ("at_once = 17", "a whole number from 1 to 16"),
    "too often": ("refresh_minutes = 4", "a whole number from 5 to 1440"),
    "scopes with quotes": ("scopes = ['a\"b']", "population.scopes"),
    "yes in quotes": ('write_tasks = "yes"', "true or false"),
    "no proof on the public network": ("client_id =|key_files =", "population.client_id"),
}


@pytest.mark.parametrize(("change", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_used_stops_the_start_with_the_key_and_the_remedy(
    tmp_path: Path, change: str, words: str
):
    """A change that ends in `=` takes the line away."""
    lines = FHIR.splitlines()
    for each in change.split("|"):
        key = each.partition("=")[0].strip()
        lines = [line for line in lines if line.partition("=")[0].strip() != key]
        lines += [each] if each.partition("=")[2].strip() else []

    with pytest.raises(SettingsError) as told:
        read(tmp_path, "\n".join(lines))

    assert words in str(told.value)


def test_a_folder_takes_nothing_of_a_server(tmp_path: Path):
    text = '[population]\nname = "N"\nsource = "ndjson"\nfolder = "export"\nclient_id = "itb"\n'

    with pytest.raises(SettingsError, match="nothing beside source 'ndjson'"):
        read(tmp_path, text)


def test_the_client_must_be_one_that_may_call():
    north = PopulationSettings(client="north")
    check_population(north, (Client("north", "https://x"),), "site.toml")

    with pytest.raises(SettingsError, match=r"population\.client: found 'north'.*there are none"):
        check_population(north, (), "site.toml")
