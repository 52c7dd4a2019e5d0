"""`itb-cds feedback` and `itb-cds replay`, with a real store."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cds_service.app.plans import plans_folder
from cds_service.app.wiring import wire, with_store
from cds_service.cli import main
from cds_service.settings import read_settings
from cds_service.web import create_app
from tests.cases.golden_case import golden_cases
from tests.web.served import Caller, served

CASE = next(case for case in golden_cases() if case.id == "itb-refill/on-alarm-day")
PATIENT = msgspec.json.decode(CASE.body)["context"]["patientId"]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text('time_zone = "America/New_York"\n[store]\nfolder = "data"\n')
    return path


@pytest.fixture
def card(site: Path) -> dict[str, Any]:
    """A card that was shown and commented on."""
    service = with_store(wire(read_settings(site)))
    assert service.store is not None
    with served(create_app(replace(service, clock=lambda: CASE.now))) as address:
        caller = Caller(address)
        shown: dict[str, Any] = caller.post(CASE.body).json()["cards"][0]
        said = {
            "card": shown["uuid"],
            "outcome": "overridden",
            "overrideReason": {"userComment": "on it"},
            "outcomeTimestamp": "2026-11-22T09:00:00Z",
        }
        caller.post(
            msgspec.json.encode({"feedback": [said]}),
            path="/cds-services/itb-patient-view/feedback",
        )
    service.store.close()
    return shown


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], site: Path) -> Run:
    def command(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main([*arguments, "--config", str(site)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return command


def test_a_card_is_made_again_byte_for_byte(run: Run, card: dict[str, Any]):
    status, printed, said = run("replay", card["uuid"].upper(), "--patient", PATIENT)

    assert status == 0
    assert "the same as then, byte for byte" in said
    assert msgspec.json.decode(printed) == card


def test_plans_changed_since_then_are_named(run: Run, card: dict[str, Any], tmp_path: Path):
    changed = tmp_path / "plans"
    for file in plans_folder().glob("*/*.json"):
        copy = changed / file.parent.name / file.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text()
        copy.write_text(text.replace("Suggested today", "Proposed today"))
    arguments = ("replay", card["uuid"], "--patient", PATIENT, "--plans", str(changed))

    status, _, said = run(*arguments)
    assert status == 1
    assert "differs from the one shown then" in said

    file = changed / "itb-refill" / "PlanDefinition-itb-refill.json"
    version = card["extension"]["org.itb-pump-cds.evidence"]["planCanonical"].partition("|")[2]
    file.write_text(file.read_text().replace(f'"version": "{version}"', '"version": "99.0.0"'))
    status, _, said = run(*arguments)
    assert status == 2
    assert "expected version" in said


@pytest.mark.parametrize(
    ("uuid", "patient", "told"),
    [("no-such", PATIENT, "no card with this uuid"), ("", "another", "about another patient")],
)
def test_a_wrong_card_or_patient_is_refused(
    run: Run, card: dict[str, Any], uuid: str, patient: str, told: str
):
    status, printed, said = run("replay", uuid or card["uuid"], "--patient", patient)

    assert (status, printed) == (2, "")
    assert told in said


def test_the_report_shows_comments_only_when_asked(run: Run, card: dict[str, Any]):
    topic = card["source"]["topic"]["code"]

    status, printed, _ = run("feedback", "--days", "3650")
    assert status == 0
    assert f"{topic}: shown 1, accepted 0, overridden 1" in printed
    assert "because no reason was given: 1" in printed
    assert "on it" not in printed

    assert "comment: on it" in run("feedback", "--days", "3650", "--comments")[1]
    told = msgspec.json.decode(run("feedback", "--days", "3650", "--json")[1])
    assert {each["topic"]: each["shown"] for each in told["topics"]}[topic] == 1


@pytest.mark.usefixtures("card")
def test_the_report_says_when_there_is_nothing(run: Run, tmp_path: Path):
    for file in (tmp_path / "data").iterdir():
        file.unlink()

    status, _, said = run("feedback")

    assert status == 2
    assert "found no itb-cds.sqlite3 in" in said
