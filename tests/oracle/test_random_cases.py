"""The running service against the oracle, on seeded patients at four fixed moments."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.oracle.expected import Expected
from tests.oracle.patient_story import COMPARED_TOPICS, Story, expected, in_words, pump_stands_still
from tests.oracle.random_patients import random_patient

ROOT = Path(__file__).resolve().parents[2]
CASES = int(os.environ.get("ITB_RANDOM_CASES", "120"))
FIRST_SEED = int(os.environ.get("ITB_RANDOM_FIRST_SEED", "1"))
MOMENTS = {
    "ordinary-day": "2026-11-22T09:00:00+00:00",
    "leap-day": "2028-02-29T12:00:00+00:00",
    "year-end": "2026-12-31T12:00:00+00:00",
    "clock-change": "2027-03-14T12:00:00+00:00",
}
EVIDENCE = "org.itb-pump-cds.evidence"
START_SECONDS, ANSWER_SECONDS, SHOWN_MISMATCHES = 30, 10, 5
NEVER_FOLDED = frozenset(
    {
        "itbRefillOverdue",
        "itbReservoirEmpty",
        "itbBatteryCritical",
        "itbInfectionEmergency",
        "itbCouldNotCheck",
    }
)
"""Topics that are critical whenever they are given, and the one that is never folded away."""


@dataclass(frozen=True)
class Answer:
    """The topics of one response: those with a card, and those folded into the last card."""

    shown: frozenset[str]
    folded: frozenset[str]

    @property
    def topics(self) -> frozenset[str]:
        """Shown and folded topics together."""
        return self.shown | self.folded


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """One running service for each moment: moment -> base URL."""
    with ExitStack() as services:
        started = {
            moment: services.enter_context(a_service(as_of, tmp_path_factory.mktemp(moment)))
            for moment, as_of in MOMENTS.items()
        }
        for moment, (address, process, log) in started.items():
            wait_until_live(moment, address, process, log)
        yield {moment: address for moment, (address, _, _) in started.items()}


@contextmanager
def a_service(as_of: str, folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes], Path]]:
    """A demo service of its own on a free loopback port, ended afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "cds_service", "demo", "--port", str(port), "--as-of", as_of]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    log = folder / "service.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            yield f"http://127.0.0.1:{port}", process, log
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_until_live(moment: str, address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Waits for /health/live; fails with the service's own words if it ends or never answers."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            if requests.get(f"{address}/health/live", timeout=1).ok:
                return
        except (requests.ConnectionError, requests.Timeout):
            time.sleep(0.05)
    said = log.read_text(errors="replace")[-2000:]
    pytest.fail(f"the service for {moment} did not start (exit {process.poll()}):\n{said}")


def ask(session: requests.Session, address: str, request: dict[str, Any]) -> Answer | str:
    """The service's answer, or what is wrong with it."""
    url = f"{address}/cds-services/itb-patient-view"
    response = session.post(url, json=request, timeout=ANSWER_SECONDS)
    if response.status_code != requests.codes.ok:
        return f"HTTP {response.status_code}: {response.text[:400]}"
    cards = response.json()["cards"]
    folded = [also for card in cards for also in evidence(card).get("alsoDue") or []]
    return Answer(frozenset(topic(card) for card in cards), frozenset(folded))


def topic(card: dict[str, Any]) -> str:
    """The topic code of a card."""
    code: str = card["source"].get("topic", {}).get("code", "(no topic)")
    return code


def evidence(card: dict[str, Any]) -> dict[str, Any]:
    """The evidence extension of a card; empty if it has none."""
    found: dict[str, Any] = card.get("extension", {}).get(EVIDENCE, {})
    return found


def complaints(
    wanted: Expected, answer: Answer | str, never_folded: frozenset[str] = NEVER_FOLDED
) -> list[str]:
    """Everything in which the answer departs from the expectation."""
    if isinstance(answer, str):
        return [answer]
    actual = answer.topics & COMPARED_TOPICS
    found = []
    if actual != wanted.topics:
        missing, extra = sorted(wanted.topics - actual), sorted(actual - wanted.topics)
        found.append(f"missing {missing or 'nothing'}, not expected {extra or 'nothing'}")
    for code, claim in (
        ("itbCouldNotCheck", wanted.could_not_check),
        ("itbDataConflict", wanted.data_conflict),
    ):
        if claim is not None and (code in answer.topics) is not claim:
            found.append(f"{code} must {'be shown' if claim else 'not be shown'}")
    # A topic can have two cards: the critical one shown, the other folded.
    hidden = (answer.folded - answer.shown) & never_folded
    if hidden:
        found.append(f"folded away: {sorted(hidden)}")
    return found


def report(story: Story, wanted: Expected, answer: Answer | str, found: list[str]) -> str:
    """One mismatch in words, with what is needed to repeat it."""
    actual = answer if isinstance(answer, str) else sorted(answer.topics)
    return (
        f"{in_words(story)}\n  expected {sorted(wanted.topics)}, "
        f"could not check {wanted.could_not_check}, data conflict {wanted.data_conflict}\n"
        f"  actual   {actual}\n  => {'; '.join(found)}\n"
        f"  repeat: python -m tests.oracle.random_patients {story.seed} {story.now.isoformat()}"
    )


@pytest.mark.parametrize("moment", MOMENTS)
def test_topics_are_those_of_the_oracle(addresses: dict[str, str], moment: str) -> None:
    now = datetime.fromisoformat(MOMENTS[moment])
    offset = FIRST_SEED + list(MOMENTS).index(moment) * 1_000_000
    mismatches: list[tuple[int, str]] = []

    with requests.Session() as session:
        for seed in range(offset, offset + CASES):
            story, request = random_patient(seed, now)
            wanted, answer = expected(story), ask(session, addresses[moment], request)
            critical = {"itbDeliveryProblem"} if pump_stands_still(story) else set()
            if found := complaints(wanted, answer, NEVER_FOLDED | critical):
                mismatches.append((seed, report(story, wanted, answer, found)))
    seeds = [seed for seed, _ in mismatches]
    shown = "\n\n".join(text for _, text in mismatches[:SHOWN_MISMATCHES])
    assert not mismatches, f"{len(seeds)} of {CASES} differ, seeds {seeds}\n\n{shown}"
