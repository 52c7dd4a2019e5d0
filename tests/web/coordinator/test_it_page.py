"""Hospital IT sees whether the service is asked and answers, and who looked at what."""

import json
from dataclasses import replace
from uuid import uuid4

from cds_service.demo_clinic.prefetch import Faults, prefetch
from cds_service.demo_clinic.roster import PATIENTS
from cds_service.store.counts_ledger import Counted
from cds_service.web import create_app
from cds_service.web.tally import Tally
from tests.coordination.builders import REFILL_DUE, a_status
from tests.web.coordinator.site import (
    CASEY,
    IRA,
    KIM,
    NOW,
    Browser,
    a_browser,
    a_service,
    a_store,
    visible_text,
)

HOUR = int(NOW.timestamp() // 3600)


def test_what_was_called_and_fired_stands_on_the_page():
    store = a_store()
    store.counts.add(
        {
            Counted(HOUR, "", "call", "itb-patient-view"): 200,
            Counted(HOUR, "", "fired", "itb-refill"): 5,
            Counted(HOUR, "", "unchecked", "itb-patient-view"): 3,
            Counted(HOUR, "", "ms", "10"): 200,
        }
    )

    said = visible_text(a_browser(store, IRA).get("/it"))

    assert "Hook calls 200" in said
    assert "With something that could not be checked 3 (1.5 %)" in said
    assert "Half were answered within (median) 10 ms" in said
    # 5 of 200 calls are 25 of 1000.
    assert "live 5 25.0 0" in said


def test_a_call_is_counted_and_kept():
    store = a_store()
    tally = Tally(lambda: NOW)
    service = replace(a_service(store), tally=tally)
    chart = PATIENTS["demo-004"].chart(NOW.date())
    call = {
        "hook": "patient-view",
        "hookInstance": str(uuid4()),
        "context": {"patientId": "demo-004", "userId": "Practitioner/x"},
        "prefetch": prefetch(chart, NOW.date(), Faults()),
    }
    answer = create_app(service).test_client().post("/cds-services/itb-patient-view", json=call)
    assert json.loads(answer.data)["cards"]

    store.counts.add(tally.take())

    assert store.counts.by_name("call", 0) == {"itb-patient-view": {HOUR: 1}}
    assert store.counts.by_name("fired", 0)["itb-refill"] == {HOUR: 1}


def test_an_alarm_stands_first():
    store = a_store()
    store.alerts.raise_alert("no-hook-calls", "No EHR called in the hour from 08:00.", NOW)

    said = visible_text(a_browser(store, IRA).get("/it"))

    assert "No EHR called in the hour from 08:00. Nobody could be told yet." in said


def test_the_audit_is_searched_without_a_name_in_an_address():
    store = a_store()
    a_browser(store, KIM).get("/worklist")
    ira = a_browser(store, IRA)

    answer = ira.post("/it/audit", person="idp/kim", check="yes")

    said = visible_text(answer.text)
    assert "Kim Coordinator" in said
    assert "The chain is whole" in said
    assert any("audit searched" in row.content for row in store.audit.rows())


def test_a_search_for_a_patient_finds_the_lists_on_which_the_patient_stood():
    store = a_store(a_status("p1", advice=(REFILL_DUE,), read_at=NOW), a_status("p2", read_at=NOW))
    kim = a_browser(store, KIM)
    kim.get("/worklist?lane=book")
    kim.get("/worklist/export?lane=all")

    said = visible_text(a_browser(store, IRA).post("/it/audit", patient_id="p2").text)

    assert "viewed: worklist exported as CSV: lane=all; 2 patients: p1, p2" in said
    assert "lane=book" not in said


def test_a_search_for_a_patient_stands_among_those_who_looked_at_that_patient():
    store = a_store()

    answer = a_browser(store, IRA).post("/it/audit", patient_id="demo-004")
    a_browser(store, IRA).post("/it/audit", patient_id="Patient/x y")

    (kept,) = store.audit.rows(patient="demo-004")
    event = json.loads(kept.content)
    assert event["outcomeDesc"] == "audit searched"
    assert event["entity"][0]["what"]["reference"] == "Patient/demo-004"
    assert "audit searched demo-004" in visible_text(answer.text)
    newest = json.loads(store.audit.rows()[0].content)
    assert newest["outcomeDesc"] == "audit searched for what is no patient's id"
    assert "entity" not in newest


def test_the_demos_patients_are_said_to_be_the_demo_clinics():
    store = a_store()
    demo = create_app(replace(a_service(store), is_demo=True))
    page = Browser(demo, store, IRA).get("/it")

    assert "population.source demo clinic" in visible_text(page)
    assert "population.source not set" in visible_text(a_browser(a_store(), IRA).get("/it"))


def test_configuration_is_shown_without_secrets():
    said = visible_text(a_browser(a_store(), IRA).get("/it"))

    assert "time_zone America/New_York" in said
    assert "store.password_file not set" in said


def test_only_hospital_it_sees_the_page():
    store = a_store()

    assert a_browser(store, KIM).client.get("/it").status_code == 403
    assert a_browser(store, CASEY).client.get("/it").status_code == 403
