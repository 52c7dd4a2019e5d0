"""Random screening tests against the oracle: intervals and responses."""

import json
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from msgspec import Raw

from cds_service.app.wiring import wire
from cds_service.assessment import Occasion, assess
from cds_service.settings import Settings
from tests.oracle.screening_oracle import (
    ORDINALS,
    Grading,
    Screening,
    change,
    is_too_early,
    response_action,
)

SEEDS = range(1, 301)
GIVEN = datetime(2026, 9, 1, 9, tzinfo=UTC)
MUSCLES = ("left elbow flexors", "right knee flexors", "left ankle")
RULEBOOK = wire(Settings()).rulebook
BASE = "https://example.org/itb-pump-cds/fhir/CodeSystem/itb-pump-observation"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
ROUTE = {"coding": [{"system": "http://snomed.info/sct", "code": "72607000"}]}
DRUG = {"coding": [{"system": HCPCS, "code": "J0476"}]}
OWNER = {"reference": "Patient/p1"}


def a_screening(seed: int) -> Screening:
    rng = Random(seed)
    now = GIVEN + timedelta(minutes=rng.choice([180, 479, 480, 1200, 1439, 1440, 1500]))
    before = None
    if rng.random() < 0.85:
        before = _grading(rng, GIVEN - timedelta(minutes=rng.choice([0, 10, 600])))
    minutes = [m for m in (1, 120, 240, 270, 480, 481) if GIVEN + timedelta(minutes=m) <= now]
    picked = rng.sample(minutes, rng.randrange(len(minutes) + 1))
    after = tuple(_grading(rng, GIVEN + timedelta(minutes=m)) for m in picked)
    planned = rng.choice([None, GIVEN + timedelta(minutes=rng.choice([1380, 1439, 1440, 1500]))])
    return Screening(now, GIVEN, rng.choice([50, 75, 100]), before, after, planned)


def _grading(rng: Random, at: datetime) -> Grading:
    muscles = rng.sample(MUSCLES, rng.randrange(1, 4))
    return Grading(at, {name: rng.choice(sorted(ORDINALS)) for name in muscles})


def searchset(*resources: Any) -> dict[str, Any]:
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries}


def observations(gradings: list[Grading]) -> list[dict[str, Any]]:
    return [
        {
            "resourceType": "Observation",
            "id": f"mas-{at}-{number}",
            "status": "final",
            "code": {"coding": [{"system": BASE, "code": "modified-ashworth-scale"}]},
            "subject": OWNER,
            "effectiveDateTime": grading.at.isoformat(),
            "bodySite": {"text": name},
            **({"valueString": "1+"} if grade == "1+" else {"valueInteger": int(grade)}),
        }
        for at, grading in enumerate(gradings)
        for number, (name, grade) in enumerate(grading.grades.items())
    ]


def answered(test: Screening) -> tuple[set[str], Any]:
    """The actions recommended at signing of the next dose, and the change as told."""
    dose = {
        "resourceType": "MedicationAdministration",
        "id": "test-1",
        "status": "completed",
        "medicationCodeableConcept": DRUG,
        "subject": OWNER,
        "effectiveDateTime": test.given.isoformat(),
        "dosage": {"route": ROUTE, "dose": {"value": test.mcg, "unit": "ug", "code": "ug"}},
    }
    timing = {"timing": {"event": [test.planned.isoformat()]}} if test.planned else {}
    order = {
        "resourceType": "MedicationRequest",
        "id": "order-1",
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": DRUG,
        "subject": OWNER,
        "dosageInstruction": [{"route": ROUTE, **timing}],
    }
    empty = ("devices", "procedures", "conditions", "medicationRequests", "appointments")
    sent: dict[str, Any] = {key: searchset() for key in (*empty, "serviceRequests", "carePlans")}
    sent["patient"] = {"resourceType": "Patient", "id": "p1", "birthDate": "1980-01-01"}
    sent["medicationAdministrations"] = searchset(dose)
    gradings = [*([test.before] if test.before else []), *test.after]
    sent["observations"] = searchset(*observations(gradings))
    prefetch = {key: Raw(json.dumps(value).encode()) for key, value in sent.items()}
    occasion = Occasion("order-sign", {"draftOrders": Raw(json.dumps(searchset(order)).encode())})
    found = assess("p1", prefetch, RULEBOOK, test.now, occasion)
    actions = {each.action.id for each in found.evaluation.recommended}
    return actions, found.findings.facts["screening.change"].value


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_screening_is_told_as_the_oracle_says(seed: int):
    test = a_screening(seed)
    actions, told = answered(test)

    wanted = {"screening-preparation"} | ({"screening-too-early"} if is_too_early(test) else set())
    wanted |= {action for action in (response_action(test),) if action}
    assert actions == wanted
    expected = change(test)
    if expected is None:
        assert told is None
    else:
        assert float(told) == pytest.approx(float(expected), abs=0.011)
