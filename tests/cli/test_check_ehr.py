"""`itb-cds check` against an EHR: keys, reachability, and what was found for one patient."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cds_service.demo_clinic.prefetch import Faults, prefetch
from cds_service.demo_clinic.roster import PATIENTS
from tests.ehr.fhir_double import FhirDouble, fhir_double
from tests.ehr.tokens import ec_key, key_file

ROOT = Path(__file__).parents[2]
KINDS = {
    "patient": "Patient",
    "devices": "Device",
    "medicationAdministrations": "MedicationAdministration",
    "procedures": "Procedure",
    "observations": "Observation",
}
SITE = """
[[clients]]
name = "north"
iss = "https://ehr.example"
jwks = "keys.json"
fhir_servers = ["{server}"]
allow_private_network = true
access_token_variable = "NORTH_TOKEN"
"""


@pytest.fixture
def double() -> Iterator[FhirDouble]:
    today = datetime.now(UTC).date()
    sent = prefetch(PATIENTS["demo-004"].chart(today), today, Faults())
    with fhir_double() as running:
        for key, kind in KINDS.items():
            body = json.dumps(sent[key]).encode()
            running.behaviours[kind] = lambda exchange, body=body: exchange.answer(body)  # type: ignore[misc]
        yield running


@pytest.fixture
def site(double: FhirDouble, tmp_path: Path) -> Path:
    key_file(tmp_path, ec_key("k"))
    path = tmp_path / "site.toml"
    path.write_text(SITE.format(server=double.address))
    return path


def check(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cds_service", "check", "--config", str(site), *arguments],
        cwd=ROOT,
        env=os.environ | {"NORTH_TOKEN": "token-canary"},
        capture_output=True,
        timeout=60,
        check=False,
        text=True,
    )


def test_keys_and_reachability_are_told_for_each_client(site: Path, double: FhirDouble):
    result = check(site)

    assert "client north: keys: usable" in result.stdout
    assert f"client north: {double.address}: answers" in result.stdout
    assert result.returncode == 0, result.stderr


def test_a_server_that_does_not_answer_and_keys_that_are_none_are_problems(
    site: Path, double: FhirDouble
):
    double.behaviours["metadata"] = lambda exchange: exchange.answer({}, 503)
    (site.parent / "keys.json").write_text("{}")

    result = check(site)

    assert result.returncode == 1
    assert "the EHR failed (503)" in result.stderr
    assert "not a JWKS" in result.stderr


def test_a_patients_facts_are_told_with_where_they_were_found(site: Path, double: FhirDouble):
    result = check(site, "--patient", "demo-004")

    assert "devices: read (200" in result.stdout
    assert "[first choice]" in result.stdout
    assert "refill.alarmDate" in result.stdout
    assert result.returncode == 0, result.stdout + result.stderr
    assert {headers["Authorization"] for _, headers in double.asked} == {"Bearer token-canary"}
    assert "token-canary" not in result.stdout + result.stderr


def test_what_was_not_read_is_told_and_status_1(site: Path, double: FhirDouble):
    double.behaviours["Observation"] = lambda exchange: exchange.answer({}, 403)

    result = check(site, "--patient", "demo-004", "--client", "north")

    assert result.returncode == 1
    assert "observations: the EHR does not permit the reading of Observation (403)" in result.stdout


def test_a_client_that_is_not_there_is_said(site: Path):
    result = check(site, "--patient", "demo-004", "--client", "south")

    assert result.returncode == 2
    assert "expected one of the clients with fhir_servers: north" in result.stderr
