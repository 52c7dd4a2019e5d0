"""The service against the symptom oracle on seeded patients; the oracle on worked cases."""

import json
import os
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cds_service.app.wiring import wire
from cds_service.settings import Settings
from cds_service.web import create_app
from tests.oracle.random_symptoms import random_symptoms, request_of
from tests.oracle.symptom_oracle import Finding, SymptomStory, symptom_topics

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
MOMENTS = ("2026-11-22T09:00:00+00:00", "2028-03-01T12:00:00+00:00", "2027-01-01T00:00:00+00:00")
CASES = int(os.environ.get("ITB_RANDOM_CASES", "200"))
FIRST_SEED = int(os.environ.get("ITB_RANDOM_FIRST_SEED", "1"))
TOPICS = {
    "itbWithdrawalSuspected",
    "itbWithdrawalRisk",
    "itbOverdoseSuspected",
    "itbOverdosePossible",
    "itbWeakness",
}


def hours_ago(hours: int) -> datetime:
    return NOW - timedelta(hours=hours)


def a_story(*found: str | Finding, **stated: Any) -> SymptomStory:
    """A patient without risk or event; a bare name was seen an hour ago."""
    ordinary: dict[str, Any] = {
        "now": NOW,
        "born": date(1980, 5, 17),
        "filled": date(2026, 11, 2),
        "alarm": date(2027, 1, 31),
        "empty": date(2027, 2, 10),
        "found": tuple(f if isinstance(f, Finding) else Finding(f, hours_ago(1)) for f in found),
    }
    return SymptomStory(**{**ordinary, **stated})


def measured(name: str, value: float) -> Finding:
    return Finding(name, hours_ago(1), value)


@pytest.mark.parametrize(
    ("story", "topics"),
    [
        pytest.param(
            a_story("itching", "spasticity-increased", alarm=date(2026, 11, 20)),
            {"itbWithdrawalSuspected": "critical"},
            id="W1",
        ),
        pytest.param(a_story("itching", "rash"), {}, id="W2"),
        pytest.param(
            a_story("rigidity", measured("temperature", 38.7)),
            {"itbWithdrawalSuspected": "critical"},
            id="W3",
        ),
        pytest.param(a_story(alarm=date(2026, 11, 20)), {}, id="W4"),
        pytest.param(
            a_story("drowsiness", measured("breaths", 9), done=(Finding("62368", hours_ago(20)),)),
            {"itbOverdoseSuspected": "critical"},
            id="O1",
        ),
        pytest.param(
            a_story("drowsiness", measured("pressure", 84), measured("temperature", 34.8)),
            {"itbOverdoseSuspected": "critical"},
            id="O2",
        ),
        pytest.param(a_story("drowsiness", filled=hours_ago(73)), {}, id="O3 73 h"),
        pytest.param(
            a_story("drowsiness", filled=hours_ago(72)),
            {"itbOverdoseSuspected": "critical"},
            id="O3 72 h",
        ),
        pytest.param(
            a_story("seizure", filled=hours_ago(10)),
            {"itbWithdrawalSuspected": "critical", "itbOverdoseSuspected": "critical"},
            id="O4",
        ),
        pytest.param(
            a_story("muscle-weakness", filled=hours_ago(20)),
            {"itbOverdosePossible": "warning"},
            id="O5",
        ),
        pytest.param(
            a_story("muscle-weakness", dose_is=115, dose_day=date(2026, 11, 16)),
            {"itbWeakness": "warning"},
            id="K1",
        ),
        pytest.param(
            a_story("muscle-weakness", "drowsiness"), {"itbOverdosePossible": "warning"}, id="K2"
        ),
    ],
)
def test_the_oracle_knows_the_worked_cases(story: SymptomStory, topics: dict[str, str]):
    assert symptom_topics(story) == topics


def test_every_topic_and_silence_are_reached_often():
    seen: Counter[str] = Counter()
    for seed in range(1, 1001):
        told = symptom_topics(random_symptoms(seed, NOW))
        seen.update(list(told) or ["silence"])
    assert {name: seen[name] for name in {*TOPICS, "silence"} if seen[name] < 20} == {}


@pytest.mark.parametrize("moment", MOMENTS)
def test_topics_and_indicators_are_those_of_the_oracle(moment: str):
    now = datetime.fromisoformat(moment)
    browser = create_app(wire(Settings(), moment)).test_client()
    first = FIRST_SEED + MOMENTS.index(moment) * 1_000_000
    different = []
    for seed in range(first, first + CASES):
        story = random_symptoms(seed, now)
        answer = browser.post("/cds-services/itb-patient-view", json=request_of(seed, story))
        told = _told(json.loads(answer.data)["cards"])
        wanted = symptom_topics(story)
        if told.keys() != wanted.keys() or any(told[t] not in ("", wanted[t]) for t in told):
            different.append(f"seed {seed}: found {told}, expected {wanted}\n  {story}")
    assert not different, f"{len(different)} differ\n" + "\n".join(different[:5])


def _told(cards: list[dict[str, Any]]) -> dict[str, str]:
    """Each symptom topic with its indicator; a folded one without."""
    extension = "org.itb-pump-cds.evidence"
    folded = [t for card in cards for t in card["extension"][extension].get("alsoDue", ())]
    told = dict.fromkeys((topic for topic in folded if topic in TOPICS), "")
    shown = {card["source"]["topic"]["code"]: card["indicator"] for card in cards}
    return {**told, **{topic: level for topic, level in shown.items() if topic in TOPICS}}
