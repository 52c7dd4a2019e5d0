"""A hospital that knows nothing but its own codes gets the cards of one that uses ours.

The same patient twice, over HTTP and through the command: once in standard codes, once in a
site's charge codes, flowsheet rows and visit types, translated by `[value_sets]`.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cds_service.app.wiring import wire
from cds_service.errors import SettingsError
from cds_service.settings import read_settings
from cds_service.web import create_app
from tests.cds_hooks.wire_schema import checked_response
from tests.fhir.builders import (
    CPT,
    Json,
    a_device,
    a_patient,
    a_procedure,
    an_administration,
    an_appointment,
    an_observation,
    coded,
    quantity,
    searchset,
    text,
)
from tests.web.served import Caller, served

SITE = "http://hospital.example/codes"
ROW = "urn:oid:1.2.840.114350.1.13.0.1.7.2.707679"
AS_OF = "2026-03-25T09:00:00+00:00"
MAPPED = f"""
[value_sets]
"pump-model-8637-20" = ["modelNumber|SM2-A"]
"pump-insertions" = ["{SITE}|OP-7"]
"refill-procedures" = ["{SITE}|REF01", "{SITE}|REF02"]
"intrathecal-baclofen" = ["{SITE}|FORM-12"]
"intrathecal-routes" = ["{SITE}|R9"]
"daily-dose" = ["{ROW}|3041"]
"low-reservoir-alarm-volume" = ["{ROW}|3042"]
"incision-drainage" = ["{ROW}|3050"]
"pump-alarm" = ["{ROW}|3060"]
"alarm-motor-stall" = ["{ROW}|A4"]
"refill-visit" = ["{SITE}|V-REFILL"]
"""


def in_our_codes() -> dict[str, list[Json]]:
    return {
        "devices": [a_device()],
        "procedures": [
            a_procedure(coded(CPT, "62362"), "2025-01-15", id="op"),
            a_procedure(coded(CPT, "95990"), "2026-01-05", id="charge"),
        ],
        "medicationAdministrations": [an_administration()],
        "observations": [
            an_observation("daily-dose", id="o1", valueQuantity=quantity(120, "mcg/day")),
            an_observation("low-reservoir-alarm-volume", id="o2", valueQuantity=quantity(3, "mL")),
            an_observation(
                "incision-drainage", id="o3", effectiveDateTime="2026-03-22", valueBoolean=True
            ),
            an_observation(
                "pump-alarm",
                id="o4",
                effectiveDateTime="2026-03-23",
                valueCodeableConcept=text("motor stall"),
            ),
        ],
        "appointments": [an_appointment("2026-04-20T10:00:00Z")],
    }


def in_the_sites_codes() -> dict[str, list[Json]]:
    chart = in_our_codes()
    chart["devices"] = [a_device(type=text("Implant"), modelNumber="SM2-A")]
    for resource, code in zip(chart["procedures"], ("OP-7", "REF01"), strict=True):
        resource["code"] = coded(SITE, code)
    dosage = {**an_administration()["dosage"], "route": coded(SITE, "R9")}
    drug = coded(SITE, "FORM-12", "BCLF 500 mcg/mL")
    chart["medicationAdministrations"] = [
        an_administration(medicationCodeableConcept=drug, dosage=dosage)
    ]
    for resource, row in zip(chart["observations"], ("3041", "3042", "3050", "3060"), strict=True):
        resource["code"] = coded(ROW, row)
    chart["observations"][3]["valueCodeableConcept"] = coded(ROW, "A4")
    chart["appointments"][0]["serviceType"] = [coded(SITE, "V-REFILL")]
    return chart


@pytest.fixture
def mapped(tmp_path: Path) -> Path:
    path = tmp_path / "site.toml"
    path.write_text(MAPPED)
    return path


def cards_over_http(chart: dict[str, list[Json]], config: Path | None) -> list[Json]:
    service = wire(read_settings(config, environment={}), AS_OF)
    keys = ("conditions", "medicationRequests", "serviceRequests", "carePlans")
    sent = {key: searchset() for key in keys} | {
        key: searchset(*found) for key, found in chart.items()
    }
    body = {
        "hook": "patient-view",
        "hookInstance": "7c8d3c1e-4f0b-4d5e-9a57-0d1f6a2b3c4d",
        "context": {"userId": "Practitioner/1", "patientId": "p1"},
        "prefetch": {"patient": a_patient(), **sent},
    }
    with served(create_app(service)) as address:
        caller = Caller(address)
        answer = caller.post(json.dumps(body).encode())
        caller.session.close()
    assert answer.status_code == 200, answer.text
    return checked_response(answer.content)


def cards_from_the_command(chart: dict[str, list[Json]], config: Path | None) -> list[Json]:
    entries = [a_patient(), *(resource for found in chart.values() for resource in found)]
    bundle = searchset(*entries) | {"type": "collection"}
    options = ["--config", str(config)] if config else []
    found = subprocess.run(
        [sys.executable, "-m", "cds_service", "evaluate", "-", "--as-of", AS_OF, *options],
        input=json.dumps(bundle).encode(),
        capture_output=True,
        timeout=60,
        check=True,
    )
    return checked_response(found.stdout)


def topics(cards: list[Json]) -> list[str]:
    return [card["source"]["topic"]["code"] for card in cards]


def words(cards: list[Any]) -> list[str]:
    """What is advised, without the basis: the site's own codes are named there as such."""
    return [card["summary"] for card in cards]


@pytest.mark.parametrize("cards_of", [cards_over_http, cards_from_the_command])
def test_a_sites_own_codes_give_the_cards_of_the_standard_ones(cards_of: Any, mapped: Path):
    expected = cards_of(in_our_codes(), None)
    found = cards_of(in_the_sites_codes(), mapped)

    assert "itbDeliveryProblem" in topics(expected)
    assert "itbRefillOverdue" in topics(expected)
    assert (topics(found), words(found)) == (topics(expected), words(expected))
    assert any("site's own" in card["detail"].replace("\\", "") for card in found)


def test_unmapped_they_say_nothing_of_a_pump():
    assert cards_over_http(in_the_sites_codes(), None) == []


def test_standard_codes_are_read_as_before_beside_the_sites(mapped: Path):
    assert cards_over_http(in_our_codes(), mapped) == cards_over_http(in_our_codes(), None)


WRONG = [
    ('"refills" = ["a|b"]', "value_sets.refills: found an unknown value set"),
    ('"daily-dose" = "a|b"', "value_sets.daily-dose: found 'a|b', expected a list"),
    ('"daily-dose" = ["REF01"]', "value_sets.daily-dose: found 'REF01', expected system|code"),
    ('"daily-dose" = ["|REF01"]', "found '|REF01', expected system|code"),
    ('"daily-dose" = ["a|b|c"]', "found 'a|b|c', expected system|code"),
    ('"daily-dose" = ["a |b"]', "found 'a |b', expected system|code"),
    ('"daily-dose" = [7]', "found 7, expected system|code"),
    ('"daily-dose" = []', "found [], expected a list"),
    ('"pump-devices" = ["http://snomed.info/sct|69805005"]', "stands for an insulin pump"),
]


@pytest.mark.parametrize(("table", "found"), WRONG)
def test_a_wrong_table_stops_the_start(tmp_path: Path, table: str, found: str):
    path = tmp_path / "site.toml"
    path.write_text(f"[value_sets]\n{table}\n")
    with pytest.raises(SettingsError) as refused:
        wire(read_settings(path, environment={}))
    assert str(path) in str(refused.value)
    assert found in str(refused.value)


def test_a_list_where_a_table_belongs_is_refused(tmp_path: Path):
    path = tmp_path / "site.toml"
    path.write_text('value_sets = ["a|b"]')
    with pytest.raises(SettingsError, match=r"value_sets: found .* expected a table of name"):
        read_settings(path, environment={})


@pytest.mark.parametrize("command", ["check", "serve"])
def test_the_commands_say_so_on_standard_error(tmp_path: Path, command: str):
    path = tmp_path / "site.toml"
    path.write_text(f"[value_sets]\n{WRONG[0][0]}\n")
    result = subprocess.run(
        [sys.executable, "-m", "cds_service", command, "--config", str(path)],
        capture_output=True,
        timeout=60,
        check=False,
        text=True,
    )
    assert result.returncode != 0
    assert WRONG[0][1] in result.stderr
    assert "Traceback" not in result.stderr
