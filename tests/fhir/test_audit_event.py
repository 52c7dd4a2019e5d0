"""What is written down of people's acts is a valid AuditEvent, whoever they are."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent

from cds_service.fhir.audit_event import Act, audit_event

VIEWED = Act(
    action="R",
    says="patient page",
    person_id="hospital:kim",
    person_name="Kim Lee",
    role="coordinator",
    at=datetime(2026, 11, 23, 9, tzinfo=UTC),
    patient_id="p1",
)


def test_it_says_who_did_what_about_whom_and_when():
    event: Any = AuditEvent.model_validate(audit_event(VIEWED, "https://cds.example.org"))

    agent = event.agent[0]
    assert (agent.who.identifier.value, agent.name) == ("hospital:kim", "Kim Lee")
    assert (agent.role[0].text, agent.requestor) == ("coordinator", True)
    assert (event.action, event.outcome, event.outcomeDesc) == ("R", "0", "patient page")
    assert event.recorded == VIEWED.at
    assert [entity.what.reference for entity in event.entity] == ["Patient/p1"]
    assert event.source.observer.identifier.value == "https://cds.example.org"


def test_a_list_names_everybody_on_it():
    act = replace(VIEWED, says="worklist", patient_id="", listed=("p1", "p2"))

    event: Any = AuditEvent.model_validate(audit_event(act, "https://cds.example.org"))

    assert [entity.what.reference for entity in event.entity] == ["Patient/p1", "Patient/p2"]
    assert event.type.code == "110110"


@pytest.mark.parametrize(
    ("outcome", "code"), [("done", "0"), ("refused", "4"), ("failed", "8")], ids=str
)
def test_it_says_how_it_ended(outcome, code):
    event = audit_event(replace(VIEWED, outcome=outcome), "https://cds.example.org")

    assert event["outcome"] == code


@pytest.mark.parametrize("action", "CRUDE")
def test_nobody_in_particular_and_no_patient_are_valid_too(action):
    nobody = replace(VIEWED, action=action, person_id="", person_name="", role="", patient_id="")

    event: Any = AuditEvent.model_validate(audit_event(nobody, ""))

    assert event.entity is None
    assert event.agent[0].name == "nobody signed in"
    assert event.source.observer.display == "ITB Pump CDS"
