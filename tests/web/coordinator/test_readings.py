"""A printout typed once changes worklist and cards; what is doubtful is asked about first."""

import json
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from cds_service.coordination.changes import Override
from cds_service.demo_clinic.population import DemoPatients
from cds_service.demo_clinic.prefetch import Faults, prefetch
from cds_service.demo_clinic.roster import PATIENTS
from cds_service.fhir.override_reasons import REFILLED_ELSEWHERE
from cds_service.fhir.typed_records import Typist, typed_records
from cds_service.population.refresh import refresh
from cds_service.store.open_store import Store, open_store
from cds_service.therapy.quantities import (
    MicrogramsPerDay,
    MicrogramsPerMillilitre,
    Millilitres,
)
from cds_service.therapy.record import Alarm
from cds_service.therapy.typed_reading import TypedReading
from cds_service.web import Service, create_app
from tests.web.coordinator.site import (
    CASEY,
    IRA,
    KIM,
    NOW,
    WIRED,
    Browser,
    audited,
    row_of,
    the_task,
    visible_text,
)

TEMPLATES = Path(__file__).parents[3] / "cds_service/web/templates/coordinator"
PATIENT = "demo-004"
"""Dan Delta: 20 mL pump, alarm date passed, 100 mcg/day at 500 mcg/mL."""
ADDRESS = f"/patients/{PATIENT}/readings"


@pytest.fixture
def store() -> Store:
    store = open_store(None, lambda: NOW)
    refresh(the_patients(), store, WIRED.rulebook, lambda: NOW)
    return store


def the_patients() -> DemoPatients:
    return DemoPatients(lambda patient_id, day: PATIENTS[patient_id].chart(day), NOW.date)


def site(store: Store) -> Service:
    return replace(
        WIRED,
        store=store,
        clock=lambda: NOW,
        machine_clock=lambda: NOW,
        population=the_patients(),
        population_client="",
    )


def browser(store: Store, person=KIM, patient: str = "") -> Browser:
    return Browser(create_app(site(store)), store, person, patient)


def a_refill(**changes: str) -> dict[str, str]:
    """What the printout of Dan's refill on 21 Nov 2026 says."""
    return {
        "reading_id": str(uuid4()),
        "patient": PATIENT,
        "taken_on": "2026-11-21",
        "is_refill": "yes",
        "filled": "20",
        "concentration": "500",
        "daily_dose": "100",
        **changes,
    }


def test_a_refill_typed_in_starts_the_cycle_anew(store):
    kim = browser(store)
    assert "Act now" in row_of(kim.get("/worklist"), PATIENT)

    page = kim.done(ADDRESS, **a_refill())

    assert "The reading is kept." in visible_text(page)
    # (20 - 2) mL x 500 / 100 = 90 days after 21 Nov 2026: alarm on 19 Feb 2027, nothing due now.
    assert "No action" in row_of(kim.get("/worklist"), PATIENT)
    assert ("demo-004", "pump reading typed in") in audited(store)


def test_a_card_uses_what_was_typed(store):
    chart = PATIENTS[PATIENT].chart(NOW.date())
    call = {
        "hook": "patient-view",
        "hookInstance": str(uuid4()),
        "context": {"patientId": PATIENT, "userId": "Practitioner/x"},
        "prefetch": prefetch(chart, NOW.date(), Faults()),
    }
    client = create_app(site(store)).test_client()

    def topics() -> list[str]:
        answer = client.post("/cds-services/itb-patient-view", json=call)
        return [card["source"]["topic"]["code"] for card in json.loads(answer.data)["cards"]]

    assert "itbRefillOverdue" in topics()
    browser(store).done(ADDRESS, **a_refill())
    assert topics() == []


def test_what_cannot_be_right_is_not_kept_and_nothing_typed_is_lost(store):
    answer = browser(store).post(ADDRESS, **a_refill(filled="40", model="8637-20"))

    assert answer.status_code == 422
    said = visible_text(answer.text)
    assert "Nothing was kept: something cannot be right" in said
    assert "40 mL is more than the reservoir holds, 20 mL" in said
    assert 'value="40"' in answer.text
    assert 'value="8637-20"' in answer.text
    assert store.readings.of_patient(PATIENT) == []


def test_a_difference_is_kept_only_once_it_was_looked_at(store):
    kim = browser(store)
    form = a_refill(daily_dose="150")
    asked = kim.post(ADDRESS, **form)

    assert asked.status_code == 422
    assert "150 mcg/day is typed; the record has 100 mcg/day" in visible_text(asked.text)
    (seal,) = re.findall(r'name="confirm" value="(\w+)"', asked.text)

    other = kim.post(ADDRESS, **form | {"daily_dose": "151", "confirm": seal})
    assert other.status_code == 422

    kim.done(ADDRESS, **form, confirm=seal)
    assert len(store.readings.of_patient(PATIENT)) == 1


def test_an_alarm_date_far_from_the_fill_on_record_is_asked_about(store):
    kim, address = browser(store), "/patients/demo-001/readings"
    form = {"reading_id": str(uuid4()), "taken_on": "2026-11-21", "alarm_date": "2028-05-01"}

    asked = kim.post(address, **form)

    assert asked.status_code == 422
    assert "1 May 2028 is typed; volume, concentration and dose give" in visible_text(asked.text)
    assert store.readings.of_patient("demo-001") == []
    (seal,) = re.findall(r'name="confirm" value="(\w+)"', asked.text)
    kim.done(address, **form, confirm=seal)
    assert len(store.readings.of_patient("demo-001")) == 1


def test_a_fault_names_the_label_of_its_field_and_leads_to_it(store):
    answer = browser(store).post(ADDRESS, **a_refill(months_to_eri="soon", alarm_date="1/2/2026"))

    said = visible_text(answer.text)
    assert "Time to the replacement indicator (ERI) was not read: write a number" in said
    assert "Low-reservoir alarm date was not read: choose a day" in said
    assert '<a href="#months_to_eri">Time to the replacement indicator (ERI)</a>' in answer.text
    assert answer.text.count('aria-invalid="true"') == 2


def test_a_kept_reading_is_told_in_the_words_of_the_form(store):
    kim = browser(store)
    said = visible_text(
        kim.done(ADDRESS, **a_refill(months_to_eri="60", alarms="memory-error", bridge_bolus="no"))
    )

    for words in (
        "Time to the replacement indicator (ERI): 60 months",
        "Alarm: Memory error",
        "Bridge bolus programmed: no",
        "Daily dose: 100 mcg/day",
    ):
        assert words in said
    assert "months to eri" not in said


def test_every_code_and_alarm_has_its_words():
    words = (TEMPLATES / "readings.html").read_text(encoding="utf-8")

    one = Decimal(1)
    whole = TypedReading(
        NOW,
        daily_dose=MicrogramsPerDay(one),
        concentration=MicrogramsPerMillilitre(one),
        filled=Millilitres(one),
        residual_expected=Millilitres(one),
        residual_aspirated=Millilitres(one),
        alarm_volume=Millilitres(one),
        alarm_date=NOW.date(),
        months_to_eri=one,
        bridge_bolus=True,
        alarms=frozenset({Alarm.ERI}),
    )
    records = typed_records(whole, PATIENT, Typist("Kim", NOW, str(uuid4())))
    codes = [each["code"]["coding"][0]["code"] for each in records]

    assert len(codes) == 10
    assert [each for each in (*Alarm, *codes) if f'"{each}": ' not in words] == []


def test_a_second_click_keeps_nothing_twice(store):
    kim, form = browser(store), a_refill()

    kim.done(ADDRESS, **form)
    kim.done(ADDRESS, **form)

    assert len(store.readings.of_patient(PATIENT)) == 1


def test_a_withdrawn_reading_counts_no_more_and_stays_to_be_seen(store):
    kim = browser(store)
    kim.done(ADDRESS, **a_refill())
    (kept,) = store.readings.of_patient(PATIENT)

    assert kim.post(f"{ADDRESS}/{kept.id}/withdraw", patient=PATIENT).status_code == 400
    page = kim.done(
        f"{ADDRESS}/{kept.id}/withdraw", patient=PATIENT, because="<b>other</b> patient"
    )

    assert "withdrawn" in visible_text(page)
    assert "&lt;b&gt;other&lt;/b&gt; patient" in page
    assert "Act now" in row_of(kim.get("/worklist"), PATIENT)


def told_refill(store: Store, on: date) -> str:
    task = the_task(store, PATIENT)
    change = Override(REFILLED_ELSEWHERE, WIRED.rulebook.thresholds, "Rehab West", on)
    store.work.change(task.id, task.version, change, "idp/casey", NOW)
    return the_task(store, PATIENT, "confirm-refill").id


def test_a_refill_told_of_waits_to_be_confirmed(store):
    task_id = told_refill(store, date(2026, 11, 18))
    kim = browser(store)

    page = kim.get(ADDRESS)
    assert "To be confirmed: refilled elsewhere on Wed 18 Nov 2026" in visible_text(page)
    assert "Act now" in row_of(kim.get("/worklist"), PATIENT)

    kim.done(
        f"/patients/{PATIENT}/refills-elsewhere/{task_id}",
        patient=PATIENT, answer="confirm", on="2026-11-18", filled="20", version="1",
    )  # fmt: skip

    (kept,) = store.readings.of_patient(PATIENT)
    assert (kept.kind, kept.taken_at) == ("refill-elsewhere", "2026-11-18")
    assert "Act now" not in row_of(kim.get("/worklist"), PATIENT)
    task = store.work.task(task_id)
    assert task is not None
    assert not task.state.is_open


@pytest.mark.parametrize(
    "told", [{"on": "2026-11-18", "filled": "400"}, {"on": "0001-01-01"}, {"on": "2026-11-23"}]
)
def test_a_refill_told_of_that_cannot_be_right_is_refused(store, told):
    task_id = told_refill(store, date(2026, 11, 18))
    kim = browser(store)

    answer = kim.post(
        f"/patients/{PATIENT}/refills-elsewhere/{task_id}",
        patient=PATIENT, answer="confirm", version="1", **told,
    )  # fmt: skip

    assert answer.status_code == 400
    assert store.readings.of_patient(PATIENT) == []
    task = store.work.task(task_id)
    assert task is not None
    assert task.state.is_open


def test_a_refill_confirmed_without_its_volume_says_that_it_is_not_known(store):
    task_id = told_refill(store, date(2026, 11, 18))
    kim, address = browser(store), f"/patients/{PATIENT}/refills-elsewhere/{task_id}"

    kim.done(address, patient=PATIENT, answer="confirm", on="2026-11-18", version="1")

    assert "Refill, volume not known" in visible_text(kim.get(ADDRESS))
    row = row_of(kim.get("/worklist"), PATIENT)
    assert "No action" not in row


def test_a_calm_row_and_page_say_what_the_refill_day_rests_on(store):
    task_id = told_refill(store, date(2026, 10, 20))
    kim, address = browser(store), f"/patients/{PATIENT}/refills-elsewhere/{task_id}"

    # 20 mL of an unstated strength, 33 days ago.
    kim.done(address, patient=PATIENT, answer="confirm", on="2026-10-20", filled="20", version="1")

    says = (
        "The drug concentration of this fill is not recorded: the last known, 500 mcg/mL of "
        "21 Aug 2026, is assumed."
    )
    row = row_of(kim.get("/worklist"), PATIENT)
    assert "Nothing is due; everything needed was read." in row
    assert says in row
    assert says in visible_text(kim.get(f"/patients/{PATIENT}")).partition("Advice")[0]


def test_a_refill_confirmed_twice_ends_well_and_a_correction_is_not_dropped(store):
    task_id = told_refill(store, date(2026, 11, 18))
    kim, address = browser(store), f"/patients/{PATIENT}/refills-elsewhere/{task_id}"
    form = {"patient": PATIENT, "answer": "confirm", "version": "1", "on": "2026-11-18"}

    for _ in range(2):
        assert "The refill elsewhere is confirmed." in kim.done(address, **form, filled="20")
    answers = [
        kim.post(address, **form, filled="18").status_code,
        kim.post(address, **form | {"answer": "reject", "comment": "no"}).status_code,
    ]

    assert answers == [409, 409]
    (kept,) = store.readings.of_patient(PATIENT)
    assert kept.resources[0]["dosage"]["dose"]["value"] == 20


def test_a_refill_rejected_twice_ends_well(store):
    task_id = told_refill(store, date(2026, 11, 18))
    kim, address = browser(store), f"/patients/{PATIENT}/refills-elsewhere/{task_id}"
    form = {"patient": PATIENT, "answer": "reject", "version": "1", "comment": "never was there"}

    for _ in range(2):
        assert "The refill elsewhere is rejected." in kim.done(address, **form)

    assert kim.post(address, **form | {"answer": "confirm"}).status_code == 409


def test_a_form_corrected_after_it_was_kept_is_not_dropped_in_silence(store):
    kim, form = browser(store), a_refill()
    kim.done(ADDRESS, **form)

    assert kim.post(ADDRESS, **form | {"filled": "15"}).status_code in (409, 422)


def test_a_refill_told_of_can_be_rejected_with_a_reason(store):
    task_id = told_refill(store, date(2026, 11, 18))
    kim = browser(store)
    address = f"/patients/{PATIENT}/refills-elsewhere/{task_id}"

    assert kim.post(address, patient=PATIENT, answer="reject", version="1").status_code == 409
    assert kim.post(address, patient=PATIENT, answer="reject", comment="x").status_code == 409
    kim.done(address, patient=PATIENT, answer="reject", version="1", comment="never was there")

    assert store.readings.of_patient(PATIENT) == []
    assert "Act now" in row_of(kim.get("/worklist"), PATIENT)


@pytest.mark.parametrize(
    ("person", "bound_to", "status"),
    [
        (KIM, "", 200),
        (CASEY, "", 200),
        (CASEY, PATIENT, 200),
        (CASEY, "demo-001", 403),
        (IRA, "", 403),
    ],
)
def test_only_those_who_care_for_the_patient_see_the_form(store, person, bound_to, status):
    assert browser(store, person, bound_to).client.get(ADDRESS).status_code == status


def test_a_form_of_another_patient_is_refused(store):
    casey = browser(store, CASEY, PATIENT)
    (token,) = set(re.findall(r'name="csrf_token" value="(\w+)"', casey.get(ADDRESS)))

    def sent(**changes: str) -> int:
        return casey.client.post(ADDRESS, data=a_refill(**changes)).status_code

    assert sent(csrf_token=token, patient="demo-001") == 403
    assert sent() == 400
    assert sent(csrf_token="0" * 64) == 400
    assert store.readings.of_patient(PATIENT) == []


def test_a_patient_nobody_knows_is_not_found(store):
    assert browser(store).client.get("/patients/nobody/readings").status_code == 404
