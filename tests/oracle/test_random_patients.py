"""The generator: repeatable, about one patient only, and wide enough to reach every topic."""

import json
from collections import Counter
from datetime import UTC, datetime
from random import Random
from typing import Any

from tests.oracle.patient_story import COMPARED_TOPICS, expected
from tests.oracle.random_patients import random_patient, random_story

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SEEDS = range(1, 1501)


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["reference"]] if isinstance(value.get("reference"), str) else []
        return own + [found for item in value.values() for found in references(item)]
    if isinstance(value, list):
        return [found for item in value for found in references(item)]
    return []


def test_the_same_seed_gives_the_same_request() -> None:
    seed = Random(4).randrange(1000)
    assert random_patient(seed, NOW) == random_patient(seed, NOW)


def test_every_resource_names_the_patient() -> None:
    for seed in range(1, 101):
        _, request = random_patient(seed, NOW)
        for key, given in request["prefetch"].items():
            resources = [e["resource"] for e in given.get("entry", [])] if key != "patient" else []
            for resource in resources:
                named = references(resource)
                assert resource["resourceType"] == "Medication" or f"Patient/pt-{seed}" in named
        assert json.loads(json.dumps(request)) == request


def test_every_topic_and_silence_are_reached_often() -> None:
    seen: Counter[str] = Counter()
    for seed in SEEDS:
        topics = expected(random_story(seed, NOW)).topics
        seen.update(topics or {"silence"})
    rare = {topic: seen[topic] for topic in {*COMPARED_TOPICS, "silence"} if seen[topic] < 8}
    assert not rare


def test_a_conflict_and_a_gap_are_asked_for_and_forbidden_often() -> None:
    gaps: Counter[bool | None] = Counter()
    conflicts: Counter[bool | None] = Counter()
    for seed in SEEDS:
        answer = expected(random_story(seed, NOW))
        gaps[answer.could_not_check] += 1
        conflicts[answer.data_conflict] += 1
    assert min(gaps[True], gaps[False], conflicts[True], conflicts[False]) >= 20
