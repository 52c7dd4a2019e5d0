"""`itb-cds check` and `itb-cds refresh` for the patients of the worklist, as processes."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cds_service.app.wiring import wire
from cds_service.cli.check_population import population_lines
from cds_service.demo_clinic.roster import PATIENTS
from cds_service.settings import read_settings
from tests.ehr.fhir_double import FhirDouble, fhir_double, searchset
from tests.ehr.tokens import ec_key
from tests.population.exports import append, demo_resources, write_export

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
PUMPS = list(PATIENTS)[:2]
FOLDER = """
[store]
folder = "store"

[population]
name = "North"
source = "ndjson"
folder = "export"
"""
SERVER = """
[population]
name = "North"
source = "fhir"
fhir_server = "{server}"
token_endpoint = "{server}/token"
client_id = "itb"
key_files = ["key.pem"]
cohort = "Device?type=x"
allow_private_network = true
"""


@pytest.fixture
def double() -> Iterator[FhirDouble]:
    with fhir_double() as running:
        yield running


def run(folder: Path, site: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    file = folder / "site.toml"
    file.write_text(site)
    command, *others = arguments
    return subprocess.run(
        [sys.executable, "-m", "cds_service", command, "--config", str(file), *others],
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
        text=True,
    )


@pytest.fixture
def export(tmp_path: Path) -> Path:
    (tmp_path / "export").mkdir()
    write_export(tmp_path / "export", demo_resources(PUMPS))
    return tmp_path / "export"


def lines(folder: Path, site: str) -> list[tuple[bool, str]]:
    """What `check` says of the patients."""
    file = folder / "site.toml"
    file.write_text(site)
    return list(population_lines(wire(read_settings(file, {}))))


@pytest.mark.usefixtures("export")
def test_a_folder_is_read_and_nobody_is_named(tmp_path: Path):
    read = run(tmp_path, FOLDER, "refresh")

    assert read.returncode == 0, read.stderr
    assert read.stdout == "done: 2 of 2 records read.\n"
    assert (tmp_path / "store").is_dir()
    assert not any(word in read.stdout + read.stderr for word in (*PUMPS, "Testpatient"))


def test_without_patients_there_is_nothing_to_read(tmp_path: Path):
    read = run(tmp_path, 'time_zone = "UTC"', "refresh")

    assert read.returncode == 2
    assert "expected [population]" in read.stderr


def test_check_looks_through_a_folder_and_keeps_nothing(tmp_path: Path, export: Path):
    (patients, first, moment) = lines(tmp_path, FOLDER)

    assert patients == (True, "population North: 2 patients")
    assert first == (True, "population North: the first record: read in full")
    assert moment[1].startswith("population North: exported ")
    assert not (tmp_path / "store").exists()

    append(export, "Device", b"{")
    assert [line for is_good, line in lines(tmp_path, FOLDER) if not is_good] == [
        "population North: 1 line of Device.ndjson could not be read: somebody with a pump may "
        "not be on the list.",
        "population North: the first record: devices: 1 line of Device.ndjson could not be read",
    ]


def test_check_asks_a_server_for_a_token_its_patients_and_one_record(
    tmp_path: Path, double: FhirDouble
):
    (tmp_path / "key.pem").write_bytes(ec_key("k").as_pem(private=True))
    given = {"access_token": "token-canary", "token_type": "bearer", "scope": "system/Device.rs"}
    double.behaviours["token"] = lambda exchange: exchange.answer(given)
    device: Json = {"resourceType": "Device", "patient": {"reference": "Patient/canary-1"}}
    double.otherwise = lambda exchange: exchange.answer(searchset(device))
    double.behaviours["Appointment"] = lambda exchange: exchange.answer({}, 403)

    told = lines(tmp_path, SERVER.format(server=double.address))

    assert told[0] == (True, "population North: access token given")
    assert told[1] == (True, "population North: 1 patient")
    assert told[2][1].startswith("population North: The EHR did not grant system/Patient.rs,")
    assert "appointments: the EHR does not permit the reading of Appointment (403)" in told[3][1]
    assert "devices" not in told[3][1]
    right = "procedures: the EHR granted no right to read every Procedure (scope)"
    assert right in told[3][1]
    assert [is_good for is_good, _ in told] == [True, True, False, False]
    assert "canary" not in str(told)


def test_check_says_why_a_server_gives_nothing(tmp_path: Path, double: FhirDouble):
    (tmp_path / "key.pem").write_bytes(ec_key("k").as_pem(private=True))
    double.otherwise = lambda exchange: exchange.answer({"error": "invalid_client"}, 401)

    ((is_good, line),) = lines(tmp_path, SERVER.format(server=double.address))

    assert not is_good
    assert line.startswith("population North gave no access token: it does not know this service")
