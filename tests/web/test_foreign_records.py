"""Another patient's record in a call: not used, told, counted, and in the audit; nothing waits."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from structlog.testing import capture_logs

from cds_service.app.wiring import wire
from cds_service.settings import Settings
from cds_service.store import ledger_queue
from cds_service.store.open_store import Store, open_store
from cds_service.web import create_app
from tests.cds_hooks.hook_body import NO_PUMP, a_body, a_context, as_json
from tests.ehr.tokens import NOW
from tests.web.requirements.conftest import OVERDUE, everything, topics
from tests.web.served import Caller, served

STRANGER = "canary-of-another"
SERVICE = wire(Settings(), NOW.isoformat())


@contextmanager
def a_site(folder: Path) -> Iterator[tuple[Caller, Store]]:
    store = open_store(folder, lambda: NOW)
    with served(create_app(replace(SERVICE, store=store))) as address:
        caller = Caller(address)
        yield caller, store
        caller.session.close()
    store.close()


def asked(caller: Caller, prefetch: dict[str, Any], patient_id: str = OVERDUE) -> Any:
    body = a_body(context=a_context(patientId=patient_id), prefetch=prefetch)
    answer = caller.post(as_json(body))
    assert answer.status_code == 200
    return answer.json()["cards"]


def with_a_stranger(key: str = "conditions") -> dict[str, Any]:
    """A chart into which one record of somebody else has got."""
    sent = everything()
    record = {
        "resourceType": "Condition",
        "id": "c-stranger",
        "subject": {"reference": f"Patient/{STRANGER}"},
        "code": {"text": "Stroke"},
    }
    bundle = sent[key]
    entries = [*bundle.get("entry", ()), {"resource": record, "search": {"mode": "match"}}]
    return sent | {key: bundle | {"total": len(entries), "entry": entries}}


def test_it_is_told_counted_and_audited(tmp_path: Path):
    with a_site(tmp_path) as (caller, store), capture_logs() as lines:
        cards = asked(caller, with_a_stranger())
        store.queue.flush()
        (row,) = store.audit.rows()
        counted = caller.get("/metrics").text

    assert "itbCouldNotCheck" in topics(cards)
    assert 'itb_cds_foreign_records_total{key="conditions"} 1.0' in counted
    (told,) = [line for line in lines if line["event"] == "records of another patient"]
    assert told["keys"] == ["conditions"]
    event = AuditEvent.model_validate_json(row.content)
    assert (row.patient, event.outcome) == (OVERDUE, "4")
    assert "conditions" in str(event.outcomeDesc)
    for text in (row.content, json.dumps(lines, default=str), counted):
        assert STRANGER not in text


def test_a_call_without_strangers_leaves_no_entry(tmp_path: Path):
    with a_site(tmp_path) as (caller, store):
        asked(caller, everything())
        store.queue.flush()

        assert store.audit.rows() == []


@pytest.mark.parametrize("key", ["devices", "procedures"])
def test_a_stranger_in_the_chart_of_somebody_without_a_pump_is_audited_too(
    tmp_path: Path, key: str
):
    kind = {"devices": "Device", "procedures": "Procedure"}[key]
    subject = {"devices": "patient", "procedures": "subject"}[key]
    record = {
        "resourceType": kind,
        "id": "x",
        "status": "active" if key == "devices" else "completed",
        subject: {"reference": f"Patient/{STRANGER}"},
    }
    bundle = {"resourceType": "Bundle", "total": 1, "entry": [{"resource": record}]}
    with a_site(tmp_path) as (caller, store):
        asked(caller, NO_PUMP | {key: bundle}, "p1")
        store.queue.flush()

        assert len(store.audit.rows()) == 1


def test_a_visit_of_somebody_else_is_audited(tmp_path: Path):
    visit = {
        "resourceType": "Appointment",
        "id": "v",
        "status": "booked",
        "start": "2026-11-30T09:00:00Z",
        "description": "Pump refill",
        "participant": [{"actor": {"reference": f"Patient/{STRANGER}"}, "status": "accepted"}],
    }
    bundle = {"resourceType": "Bundle", "total": 1, "entry": [{"resource": visit}]}
    with a_site(tmp_path) as (caller, store):
        asked(caller, everything() | {"appointments": bundle})
        store.queue.flush()

        assert len(store.audit.rows()) == 1


def test_the_hook_is_answered_though_nothing_can_be_audited(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(ledger_queue, "MOST_WAITING", 0)
    with a_site(tmp_path) as (caller, _), capture_logs() as lines:
        cards = asked(caller, with_a_stranger())
        counted = caller.get("/metrics").text

    assert "itbRefillOverdue" in topics(cards)
    assert "audit failed" in {line["event"] for line in lines}
    # The audit, and the ledger of the cards.
    assert "itb_cds_store_failures_total 2.0" in counted
