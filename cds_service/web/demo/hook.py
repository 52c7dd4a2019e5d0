"""The demo EHR's call of the hook: the same HTTP request that a hospital's EHR sends."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import requests

from cds_service.demo_clinic.coding import Resource
from cds_service.web.demo.clock import AS_OF_HEADER

PATH = "/cds-services/itb-patient-view"
_SECONDS = 10


@dataclass(frozen=True, slots=True)
class HookCall:
    """What was sent, what came back and how long it took.

    `status` 0: no answer; `failure` says why. `answer` is None when the body is not a JSON object.
    """

    url: str
    sent: Mapping[str, Any]
    status: int
    milliseconds: float
    answer: Mapping[str, Any] | None
    failure: str = ""

    @property
    def cards(self) -> list[dict[str, Any]] | None:
        """The cards that came back; None when the service gave no list of cards."""
        found = self.answer.get("cards") if self.answer is not None else None
        return found if self.status == requests.codes.ok and isinstance(found, list) else None

    @property
    def diagnostics(self) -> list[str]:
        """What an OperationOutcome says, one line an issue."""
        issues = self.answer.get("issue", []) if self.answer is not None else []
        return [_issue_text(issue) for issue in issues]


@dataclass(frozen=True, slots=True)
class ChartOpened:
    """Whose chart is opened, and by whom."""

    patient_id: str
    user_id: str


def call_hook(
    base_url: str, case: ChartOpened, prefetch: Mapping[str, Resource], as_of: datetime
) -> HookCall:
    """Sends patient-view for one patient as of an instant; no answer is an answer too."""
    sent = {
        "hook": "patient-view",
        "hookInstance": str(uuid4()),
        "context": {"userId": case.user_id, "patientId": case.patient_id},
        "prefetch": prefetch,
    }
    url = base_url.rstrip("/") + PATH
    started = time.perf_counter()
    try:
        with requests.Session() as session:
            # A proxy from the environment would take the call away from this machine.
            session.trust_env = False
            headers = {AS_OF_HEADER: as_of.isoformat()}
            response = session.post(url, json=sent, headers=headers, timeout=_SECONDS)
    except requests.RequestException as fault:
        return HookCall(url, sent, 0, _since(started), None, type(fault).__name__)
    return HookCall(url, sent, response.status_code, _since(started), _object(response))


def send_feedback(base_url: str, feedback: Mapping[str, Any], as_of: datetime) -> bool:
    """Sends one item of feedback as of an instant; False when the service did not take it."""
    item = {**feedback, "outcomeTimestamp": as_of.isoformat()}
    url = f"{base_url.rstrip('/')}{PATH}/feedback"
    try:
        with requests.Session() as session:
            session.trust_env = False
            headers = {AS_OF_HEADER: as_of.isoformat()}
            sent = {"feedback": [item]}
            response = session.post(url, json=sent, headers=headers, timeout=_SECONDS)
    except requests.RequestException:
        return False
    return bool(response.status_code == requests.codes.ok)


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000


def _object(response: requests.Response) -> Mapping[str, Any] | None:
    try:
        body = json.loads(response.content)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _issue_text(issue: Mapping[str, Any]) -> str:
    said = issue.get("details", {}).get("text") or issue.get("diagnostics") or issue.get("code")
    return str(said)
