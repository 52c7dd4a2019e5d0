"""While the store fails, hooks are answered, and no page shows a patient without saying to whom."""

import json
from datetime import timedelta
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest

from cds_service.demo_clinic.prefetch import Faults, prefetch
from cds_service.demo_clinic.roster import PATIENTS
from cds_service.store import database
from cds_service.store.open_store import Store, open_store
from tests.coordination.builders import REFILL_DUE, a_status
from tests.store.faults import FAULTS, Fault
from tests.web.coordinator.site import NOW, Browser, a_browser, the_task, visible_text

CANARY = "Ada Testpatient"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of record that waits for others less long than in service."""
    monkeypatch.setattr(database, "SECONDS_TO_WAIT", 0.05)
    store = open_store(tmp_path, lambda: NOW)
    store.work.keep(a_status("p1", advice=(REFILL_DUE,)), NOW.date())
    return store


@cache
def a_call() -> dict[str, object]:
    chart = PATIENTS["demo-004"].chart(NOW.date())
    return {
        "hook": "patient-view",
        "hookInstance": str(uuid4()),
        "context": {"patientId": "demo-004", "userId": "Practitioner/x"},
        "prefetch": prefetch(chart, NOW.date(), Faults()),
    }


def cards_of(browser: Browser) -> list[str]:
    """The uuids of the cards of a call that is answered."""
    answer = browser.client.post("/cds-services/itb-patient-view", json=a_call())
    assert answer.status_code == 200
    return [card["uuid"] for card in json.loads(answer.data)["cards"]]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_hooks_are_answered_and_no_patient_is_shown(store: Store, fault: Fault):
    browser = a_browser(store)
    task = the_task(store, "p1")
    assert browser.token

    with fault(store):
        (uuid,) = cards_of(browser)
        ready = browser.client.get("/health/ready")
        pages = [
            browser.client.get("/worklist"),
            browser.client.get("/patients/p1"),
            browser.post(f"/tasks/{task.id}/comment", version=1, comment="Rings back"),
        ]

    assert (ready.status_code, ready.json["status"]) == (503, "degraded")  # type: ignore[index]
    for page in pages:
        assert page.status_code == 503
        assert CANARY not in page.text
        assert "Call hospital IT" in visible_text(page.text)
    store.queue.flush()
    assert len(store.cards.entries(uuid)) == 1
    assert the_task(store, "p1") == task
    assert CANARY in browser.get("/worklist")
    assert store.audit.first_broken() is None
    store.close()


def test_a_session_that_stands_is_found_again_after_the_fault(store: Store):
    browser = a_browser(store, now=NOW + timedelta(minutes=5))
    with FAULTS[0](store):
        assert browser.client.get("/worklist").status_code == 503

    assert CANARY in browser.get("/worklist")
