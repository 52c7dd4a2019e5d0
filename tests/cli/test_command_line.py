"""The command as people use it: a process with arguments, output and an exit status."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from datetime import date
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest
import requests

from cds_service.app.plans import plans_folder
from cds_service.cli.command_line import main
from cds_service.demo_clinic.roster import PATIENTS
from tests.cds_hooks.hook_body import SOUND
from tests.cds_hooks.wire_schema import checked_response

ROOT = Path(__file__).parents[2]
NOON = "2026-11-22"
BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [{"resource": {"resourceType": "Patient", "id": "p1"}}],
}


def itb_cds(*arguments: str, typed: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "cds_service", *arguments],
        cwd=ROOT,
        input=typed,
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_help_names_every_command_and_the_exit_status():
    result = itb_cds("--help")

    assert result.returncode == 0
    for word in (b"serve", b"demo", b"evaluate", b"check", b"exit status"):
        assert word in result.stdout


@pytest.mark.parametrize("command", ["serve", "demo", "evaluate", "check"])
def test_every_command_explains_its_options(command: str):
    result = itb_cds(command, "--help")

    assert result.returncode == 0
    assert b"exit status" in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["fly"],
        ["serve", "--port", "eighty"],
        ["serve", "--port", "0"],
        ["serve"],
        ["serve", "--host", "10.0.0.5"],
        ["serve", "--host", "10.0.0.5", "--no-client-authentication"],
        ["serve", "--config", "nowhere.toml"],
        ["serve", "--as-of", "yesterday"],
        ["evaluate"],
        ["evaluate", "nowhere.json"],
        ["evaluate", "-", "--hook", "order-sign"],
    ],
    ids=" ".join,
)
def test_wrong_use_is_said_on_standard_error_with_status_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO()))
    try:
        status: int | str | None = main(arguments)
    except SystemExit as wrong_use:
        status = wrong_use.code

    said = capsys.readouterr()
    assert status == 2
    assert "error: " in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_wrong_use_ends_the_process_with_status_2():
    result = itb_cds("serve", "--port", "eighty")

    assert (result.returncode, result.stdout) == (2, b"")
    assert b"error: " in result.stderr


def test_a_patient_without_a_pump_evaluates_to_no_cards(tmp_path: Path):
    path = tmp_path / "patient.json"
    path.write_text(json.dumps(BUNDLE))

    result = itb_cds("evaluate", str(path))

    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == {"cards": []}


def test_standard_input_is_read_for_a_dash():
    result = itb_cds("evaluate", "-", typed=json.dumps(BUNDLE).encode())

    assert result.returncode == 0, result.stderr
    assert checked_response(result.stdout) == []


def test_explain_tells_facts_and_decisions_after_the_cards():
    result = itb_cds("evaluate", "-", "--explain", typed=json.dumps(BUNDLE).encode())

    assert result.returncode == 0, result.stderr
    assert result.stdout.index(b"cards") < result.stdout.index(b"Decisions")


def test_explain_tells_evidence_units_reasons_and_what_each_rule_decided():
    chart = next(iter(PATIENTS.values())).chart(date(2026, 11, 22))
    bundle = BUNDLE | {"entry": [{"resource": each} for each in [chart.patient, *chart.resources]]}

    result = itb_cds(
        "evaluate", "-", "--explain", "--as-of", "2026-11-22", typed=json.dumps(bundle).encode()
    )

    assert result.returncode == 0, result.stderr
    explained = result.stdout.decode().partition("As of 2026-11-22 12:00 (UTC)")[2]
    for words in (" d\n", "from MedicationAdministration/", "[first choice]", "not known, "):
        assert words in explained
    assert ": not met" in explained


def test_the_dead_get_no_cards_and_the_explanation_says_why():
    chart = next(iter(PATIENTS.values())).chart(date(2026, 11, 22))
    patient = chart.patient | {"deceasedBoolean": True}
    bundle = BUNDLE | {"entry": [{"resource": each} for each in [patient, *chart.resources]]}

    result = itb_cds("evaluate", "-", "--explain", typed=json.dumps(bundle).encode())

    assert result.returncode == 0, result.stderr
    assert b"has died" in result.stdout


@pytest.mark.parametrize("typed", [b"", b"{}", b"[]", b'{"resourceType": "Bundle"}'])
def test_what_is_no_patients_bundle_is_refused(typed: bytes):
    result = itb_cds("evaluate", "-", typed=typed)

    assert result.returncode == 2
    assert b"error: " in result.stderr
    assert b"Traceback" not in result.stderr


def test_check_says_what_was_checked():
    result = itb_cds("check")

    assert result.returncode == 0, result.stderr
    assert b"plans: " in result.stdout
    assert b"itb-refill" in result.stdout
    assert b"EHR reachability: not configured" in result.stdout


def test_check_finds_a_wrong_configuration(tmp_path: Path):
    path = tmp_path / "site.toml"
    path.write_text("max_card = 3")

    result = itb_cds("check", "--config", str(path))

    assert result.returncode == 1
    assert b"max_card" in result.stderr


def test_serve_answers_logs_json_and_stops_on_sigterm():
    port = free_port()
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "cds_service",
            "serve",
            "--no-client-authentication",
            "--as-of",
            NOON,
        ],
        cwd=ROOT,
        env=os.environ | {"ITB_CDS_PORT": str(port)},
        stderr=subprocess.PIPE,
    ) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            with requests.Session() as session:
                session.trust_env = False
                wait_until_live(session, address, process)
                answer = session.post(
                    f"{address}/cds-services/itb-patient-view",
                    data=SOUND,
                    headers={"Content-Type": "application/json"},
                    timeout=10,
                )
        finally:
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=10)

    assert answer.content == b'{"cards":[]}'
    assert process.returncode == 0
    events = [json.loads(line)["event"] for line in errors.splitlines()]
    assert events == [
        "NO CLIENT AUTHENTICATION: whoever reaches this address is answered; not for patient care",
        "FIXED CLOCK: not for patient care",
        "STORE IN MEMORY: cards issued, feedback and tokens seen are lost at the end",
        "serving",
        "hook answered",
        "stopped",
    ]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_live(
    session: requests.Session, address: str, process: subprocess.Popen[bytes]
) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            session.get(f"{address}/health/live", timeout=1)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the service did not start")


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (("urgent", "soon"), "PlanDefinition-itb-refill.json"),
        (
            ('"status": "draft"', '"status": "final"'),
            "status: found 'final', expected one of draft",
        ),
        (("%refill.alarmDateKnown", "%refill.alarmKnown"), "unknown fact"),
        (("text/fhirpath", "text/cql"), "only text/fhirpath is read"),
        (("PlanDefinition/itb-refill", "PlanDefinition/itb-battery"), "is used twice"),
    ],
    ids=["priority", "status", "unknown-fact", "language", "canonical-used-twice"],
)
def test_check_finds_what_is_wrong_with_a_sites_own_plans(
    tmp_path: Path, spoil: tuple[str, str], words: str
):
    folder = tmp_path / "plans"
    shutil.copytree(plans_folder(), folder)
    plan = folder / "itb-refill" / "PlanDefinition-itb-refill.json"
    plan.write_text(plan.read_text().replace(*spoil))
    config = tmp_path / "site.toml"
    config.write_text(f'[plans]\nfolder = "{folder}"\n')

    result = itb_cds("check", "--config", str(config))

    assert result.returncode == 1
    assert words in result.stderr.decode()
    assert "Traceback" not in result.stderr.decode()
