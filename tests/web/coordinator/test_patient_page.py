"""The page of one patient: what is known is shown with its records, what is not is said first."""

import re
from datetime import timedelta
from threading import Event
from time import monotonic

import pytest

from cds_service.coordination.changes import Assign
from cds_service.demo_clinic.roster import PATIENTS
from cds_service.store.open_store import Store, open_store
from cds_service.web.coordinator.desk import Desk
from cds_service.web.coordinator.patient_seen import Patients
from cds_service.web.coordinator.timed_reading import TimedReading
from tests.web.coordinator.clinic import (
    BROKEN,
    COMES_UP,
    DOSE_RAISED,
    DUE,
    FULL,
    NO_PLAN_YET,
    NO_PUMP,
    OVERDUE,
    REMOVED,
    STEP_LATE,
    Clinic,
    browser,
    read_into,
)
from tests.web.coordinator.site import CASEY, IRA, KIM, NOW, WIRED, audited, the_task, visible_text

ORDER_LATE = "demo-013"
HOSTILE = '<script>alert("1")</script><b onmouseover="x()">&amp; \' " `${7*7}` {{7*7}} \u202e'


@pytest.fixture
def store() -> Store:
    return open_store(None, lambda: NOW)


def section(page: str, anchor: str) -> str:
    """What the section with this heading says."""
    found = re.search(rf'<section[^>]*aria-labelledby="{anchor}".*?</section>', page, re.DOTALL)
    assert found, f"no section {anchor}"
    return visible_text(found[0])


def has_section(page: str, anchor: str) -> bool:
    return f'aria-labelledby="{anchor}"' in page


def test_the_next_step_is_one_sentence_with_day_and_owner(store: Store):
    kim = browser(store, Clinic())
    kim.get(f"/patients/{COMES_UP}")
    store.work.change(the_task(store, COMES_UP).id, 1, Assign(KIM.id), KIM.id, NOW)

    said = section(kim.get(f"/patients/{COMES_UP}"), "next-step")

    assert (
        "Refill needed by 5 Dec 2026 (low-reservoir alarm 12 Dec 2026): act by Sat 5 Dec 2026 "
        "(in 13 days); owner: Kim Coordinator" in said
    )


def test_the_banner_names_the_patient_with_two_identifiers(store: Store):
    page = browser(store, Clinic()).get(f"/patients/{COMES_UP}")

    found = re.findall(r'<section class="patient-banner".*?</ul>', page, re.DOTALL)
    banner = visible_text(found[0])
    assert banner == (
        "Testpatient-Birch, Ben Born 14 Sep 1971 (55 years) MRN DEMO-002 Sex male "
        "Intrathecal pump SynchroMed II 8637-20"
    )


def test_every_patient_of_the_clinic_has_a_page_that_was_written_down(store: Store):
    kim = browser(store, Clinic())
    for patient_id in PATIENTS:
        kim.get(f"/patients/{patient_id}")

    shown = [patient for patient, what in audited(store) if what == "patient page"]
    assert shown == list(PATIENTS)


def test_a_cards_link_finds_the_place_of_its_plan(store: Store):
    kim = browser(store, Clinic())
    for patient_id in PATIENTS:
        page = kim.get(f"/patients/{patient_id}")

        for plan in WIRED.worklist_rulebook.plans:
            assert page.count(f'id="{plan.id}"') == 1, (patient_id, plan.id)


def test_the_reservoirs_table_holds_the_drawings_days(store: Store):
    """Filled 13 Sep with 20 mL of 500 mcg/mL at 100 mcg/day: 0.2 mL a day, 70 days, 6 mL left."""
    page = browser(store, Clinic()).get(f"/patients/{COMES_UP}")
    said = section(page, "reservoir")

    assert "Filled 13 Sep 2026 70 days ago 20 mL" in said
    assert "Today Sun 22 Nov 2026 6 mL" in said
    assert "Low-reservoir alarm 12 Dec 2026 in 20 days 2 mL" in said
    drawing = re.search(r'<svg class="plot".*?</svg>', page, re.DOTALL)
    assert drawing
    for label in ("Filled 13 Sep", "Today 22 Nov", "Refill by 5 Dec", "Alarm 12 Dec"):
        assert label in drawing[0]
    assert 'role="img"' in drawing[0]
    assert "no range is drawn" in said


WHAT_IF = {"volume": "20", "concentration": "500", "daily_dose": "120", "on": "2026-11-22"}


def test_what_if_is_calculated_and_nothing_of_it_is_kept(store: Store):
    """18 x 500 / 120 = 75 days after 22 Nov: alarm 5 Feb; 83 days: empty 13 Feb; 7 days before."""
    kim = browser(store, Clinic())
    first = kim.get(f"/patients/{COMES_UP}")
    page = kim.post(f"/patients/{COMES_UP}/what-if", **WHAT_IF).text
    said = section(page, "reservoir")

    assert [
        f'name="{name}" autocomplete="off" value="{value}"' in first
        for name, value in (("volume", "6.0"), ("concentration", "500"), ("daily_dose", "100"))
    ] == [True] * 3
    assert "at 120 mcg/day from then on. Not stored, not an order." in said
    assert "Refill by 29 Jan 2027" in said
    assert "Low-reservoir alarm, at 2 mL 5 Feb 2027" in said
    assert "Empty 13 Feb 2027" in said
    assert store.readings.of_patient(COMES_UP) == []
    assert "29 Jan 2027" not in kim.get(f"/patients/{COMES_UP}")
    assert (COMES_UP, "patient page, what if") in audited(store)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"volume": "x"}, "Volume in the reservoir: write a number"),
        ({"volume": "20.1"}, "Volume in the reservoir: expected 0 to 20"),
        ({"concentration": "1,234"}, "Drug concentration: three digits"),
        ({"concentration": "49"}, "Drug concentration: expected 50 to 2000"),
        ({"daily_dose": "2501"}, "Daily dose: expected 5 to 2500"),
        ({"on": "11/22/2026"}, "From: choose a day"),
        ({"on": "9999-12-31"}, "From: choose a day"),
    ],
)
def test_what_cannot_be_supposed_is_named_by_its_label(store: Store, wrong, says: str):
    page = browser(store, Clinic()).post(f"/patients/{COMES_UP}/what-if", **WHAT_IF | wrong).text

    assert f"Not calculated: {says}" in section(page, "reservoir")
    assert "Not stored, not an order." not in page


def test_what_if_without_a_record_is_not_answered_as_if_there_were_one(store: Store):
    read_into(store, Clinic(), OVERDUE, NOW - timedelta(hours=2))
    answer = browser(store, Clinic(down="is down")).post(f"/patients/{OVERDUE}/what-if", **WHAT_IF)

    assert answer.status_code == 503
    assert "The record could not be read now" in visible_text(answer.text)


def test_the_batterys_table_holds_the_drawings_days(store: Store):
    page = browser(store, Clinic()).get(f"/patients/{COMES_UP}")
    said = section(page, "battery")

    for day in ("15 Jun 2031", "13 Sep 2031", "15 Mar 2031"):
        assert said.count(day) >= 2, "once in the drawing, once in the table"


def test_a_recovery_without_a_care_plan_is_not_called_done(store: Store):
    said = section(browser(store, Clinic()).get(f"/patients/{NO_PLAN_YET}"), "recovery")

    assert "No care plan for this operation is in the record" in said
    assert "Wound check, both wounds" in said


def test_a_late_step_of_the_care_plan_is_named(store: Store):
    said = section(browser(store, Clinic()).get(f"/patients/{STEP_LATE}"), "recovery")

    assert "Day 44 after the implant of" in said
    assert "past its time, still open" in said


def test_proposed_activities_are_held_against_the_record(store: Store):
    said = section(browser(store, Clinic()).get(f"/patients/{COMES_UP}"), "care-plan")

    assert "Order a refill visit" in said
    assert "Sat 5 Dec 2026 in 13 days nothing" in said
    assert "No visit ahead, order or recovery plan." in said


def test_a_goals_aim_stands_beside_the_newest_record_or_what_is_missing(store: Store):
    """Nothing drawn out is recorded; without observations it is not known whether it is."""
    said = section(browser(store, Clinic()).get(f"/patients/{COMES_UP}"), "care-plan")
    clinic = Clinic(unread={"observations": "timed out"})
    unread = section(browser(store, clinic).get(f"/patients/{COMES_UP}"), "care-plan")

    assert (
        "The reservoir is refilled before its low-reservoir alarm. the next one by 5 Dec 2026, "
        "before the low-reservoir alarm of 12 Dec 2026 Last refill: 13 Sep 2026" in said
    )
    assert "Volume drawn out at the last refill: not recorded" in said
    assert "Volume drawn out at the last refill: ? could not be read: Readings" in unread


def test_the_table_of_daily_doses_says_what_changed_and_what_may_be_missing(store: Store):
    """Raised from 400 to 480 mcg/day, a fifth."""
    said = section(browser(store, Clinic()).get(f"/patients/{DOSE_RAISED}"), "refills")
    clinic = Clinic(unread={"observations": "timed out"})
    unread = section(browser(store, clinic).get(f"/patients/{DOSE_RAISED}"), "refills")

    assert "480 mcg/day +80 mcg/day (+20 %) Observation/demo-009-observation-4" in said
    assert "could not be read in full" not in said
    assert "Readings and signs could not be read in full: there may be other doses." in unread


def test_a_removed_pump_has_no_goals_no_battery_day_and_no_other_last_operation(store: Store):
    page = browser(store, Clinic()).get(f"/patients/{REMOVED}")

    assert "The pump was removed on 15 Nov 2026" in section(page, "pump")
    assert "Replacement due (ERI)" not in section(page, "pump")
    recovery = section(page, "recovery")
    assert "The last operation was the removal of the pump on 15 Nov 2026." in recovery
    assert "2023" not in recovery
    goals = section(page, "care-plan")
    assert "the goals of a pump in place are not followed any more" in goals
    assert "Goals that can be followed" not in goals
    assert "None of its own advice applies now. See the advice above." in goals


def test_what_was_read_is_listed_with_its_date_and_rung(store: Store):
    said = section(browser(store, Clinic()).get(f"/patients/{COMES_UP}"), "basis")

    assert "Refills 1 yes" in said
    assert "MedicationAdministration/demo-002-medicationadministration-1" in said
    assert "refill: 20 mL, 500 mcg/mL, 13 Sep 2026" in said
    assert "fallback: model number or name" in said
    assert "itb-refill" not in said
    assert "refillLeadDays 7 d" in said


def test_what_could_not_be_read_stands_on_top_and_no_section_calls_it_nothing(store: Store):
    clinic = Clinic(unread={"appointments": "the EHR did not answer", "carePlans": "timed out"})
    page = browser(store, clinic).get(f"/patients/{FULL}")

    told = section(page, "unchecked")
    assert "the EHR did not answer" in told
    assert page.index('id="unchecked"') < page.index('id="advice"')
    assert "Nothing is due" not in section(page, "next-step")
    assert "next-step unknown" in page
    assert "Visits, Care plans could not be read in full" in section(page, "care-plan")


def test_a_record_all_read_with_nothing_due_has_no_such_box(store: Store):
    page = browser(store, Clinic()).get(f"/patients/{FULL}")

    assert not has_section(page, "unchecked")
    assert "Nothing is due, and everything needed was read." in section(page, "next-step")


def test_a_plan_left_open_is_not_said_to_have_nothing_to_say(store: Store):
    """The dose was refused: whether a refill is due cannot be told, and no plan is complete."""
    page = browser(store, Clinic()).get(f"/patients/{BROKEN}")
    said = section(page, "care-plan")

    assert "None of its own advice applies now." not in said
    assert "Not everything it needs could be checked." in said
    assert "Find out what could not be checked (3 things, listed below)" in section(
        page, "next-step"
    )


def test_broken_records_are_named_as_refused(store: Store):
    page = browser(store, Clinic()).get(f"/patients/{BROKEN}")

    assert "not used" in section(page, "unchecked")
    assert "What was refused" in section(page, "basis")
    assert "Refill history" in page


@pytest.mark.parametrize(
    ("patient_id", "says"),
    [(NO_PUMP, "No sign of an intrathecal pump"), (REMOVED, "Pump removed 15 Nov 2026")],
)
def test_the_tags_say_in_words_where_the_pump_is(store: Store, patient_id: str, says: str):
    assert says in visible_text(browser(store, Clinic()).get(f"/patients/{patient_id}"))


@pytest.mark.parametrize(
    ("hours", "says", "shows_advice"),
    [
        (2, "As last read on", True),
        (30, "more than 24 hours ago, and may no longer hold", True),
        (73, "Not known: the record was last read on", False),
    ],
)
def test_an_ehr_that_is_down_leaves_what_was_last_known_for_72_hours(
    store: Store, hours: int, says: str, shows_advice: bool
):
    read_into(store, Clinic(), OVERDUE, NOW - timedelta(hours=hours))
    page = browser(store, Clinic(down="is down")).get(f"/patients/{OVERDUE}")

    assert says in section(page, "next-step")
    assert "The record could not be read now: The EHR is down" in section(page, "unchecked")
    assert ("withdrawal danger" in section(page, "advice")) is shows_advice
    assert "Record not read now" in page


def test_what_was_last_known_to_be_urgent_is_named_however_old(store: Store):
    read_into(store, Clinic(), OVERDUE, NOW - timedelta(hours=80))
    page = browser(store, Clinic(down="is down")).get(f"/patients/{OVERDUE}")

    assert "last known: Refill overdue: refill now" in section(page, "next-step")


def test_a_patient_never_read_is_not_said_to_need_nothing(store: Store):
    page = browser(store, Clinic(down="is down")).get(f"/patients/{OVERDUE}")

    assert "Not known: the record has never been read" in section(page, "next-step")
    assert "No reading of this record ever succeeded." in section(page, "unchecked")
    assert "Name not recorded" in page


def test_an_ehr_that_hangs_is_waited_for_a_moment_only(store: Store):
    let_go = Event()
    read_into(store, Clinic(), OVERDUE, NOW - timedelta(hours=2))
    desk = Desk(WIRED.settings, store, WIRED.rulebook, lambda: NOW, Clinic(let_go=let_go))
    began = monotonic()

    seen = Patients(desk, TimedReading(0.05)).see(OVERDUE, NOW, is_launched=False)

    assert monotonic() - began < 2
    let_go.set()
    assert seen is not None
    assert seen.failure == "The EHR did not answer within 0.05 seconds"
    assert seen.shown is not None
    assert not seen.is_live


def test_what_was_read_is_kept_for_the_worklist(store: Store):
    browser(store, Clinic()).get(f"/patients/{DUE}")

    kept = store.work.status(DUE)
    assert kept is not None
    assert kept.status is not None
    assert the_task(store, DUE).kind == "refill"


def test_a_note_is_kept_with_its_author(store: Store):
    kim = browser(store, Clinic())

    page = kim.done(f"/patients/{FULL}/notes", says="Family asks for mornings.")

    assert "Your note was kept." in page
    assert "Kim Coordinator Family asks for mornings." in section(page, "tasks")
    assert (FULL, "note") in audited(store)


def test_what_was_done_from_the_page_is_said_on_it(store: Store):
    page = browser(store, Clinic())

    assert "Task added." in visible_text(page.get(f"/patients/{FULL}?said=added"))
    assert 'role="status"' not in page.get(f"/patients/{FULL}?said=%3Cb%3Ecanary")


def test_an_empty_note_is_refused_in_words(store: Store):
    answer = browser(store, Clinic()).post(f"/patients/{FULL}/notes", says="  ")

    assert answer.status_code == 400
    assert "The note is empty. Write one." in answer.text
    assert store.work.notes(FULL) == []


@pytest.mark.parametrize(
    "address",
    [
        "/patients/nobody",
        "/patients/demo-999",
        "/patients/%3Cscript%3Ealert(1)",
        "/patients/..%5C..%5Cetc",
        "/patients/" + "a" * 300,
        "/patients/demo-001%00",
        "/patients/demo-001'%20or%20'1'='1",
        "/patients/nobody/handout",
    ],
)
def test_an_id_of_nobody_is_answered_without_an_echo(store: Store, address: str):
    clinic = Clinic()
    page = browser(store, clinic).get(address, 404)

    assert "nothing is known of what was asked for" in visible_text(page)
    assert "<script>alert" not in page
    assert "demo-999" not in visible_text(page)
    assert clinic.asked == []


def test_a_list_that_cannot_be_read_is_not_an_unknown_patient(store: Store):
    page = browser(store, Clinic(cohort_down="failed")).get(f"/patients/{FULL}", 503)

    assert "Whether this patient is looked after here could not be found out" in page


def test_a_session_of_one_patient_shows_no_other(store: Store):
    clinic = Clinic()
    casey = browser(store, clinic, CASEY, patient=COMES_UP)

    assert "Testpatient-Birch" in casey.get(f"/patients/{COMES_UP}")
    for path in (f"/patients/{OVERDUE}", f"/patients/{OVERDUE}/handout"):
        assert "another patient" in casey.get(path, 403)
    assert clinic.asked == [COMES_UP]
    assert audited(store)[-1][1].startswith("refused")


def test_hospital_it_sees_no_patient(store: Store):
    clinic = Clinic()
    browser(store, clinic, IRA).get(f"/patients/{COMES_UP}", 403)

    assert clinic.asked == []


def hostile(patient_id: str) -> Clinic:
    """A chart whose every free text is an attack."""
    coded = {"coding": [{"system": HOSTILE, "code": HOSTILE, "display": HOSTILE}], "text": HOSTILE}
    subject = {"reference": f"Patient/{patient_id}"}
    return Clinic(
        person={
            "name": [{"family": HOSTILE, "given": [HOSTILE]}],
            "gender": HOSTILE,
            "birthDate": HOSTILE,
            "identifier": [{"system": HOSTILE, "value": HOSTILE}],
        },
        unread={"carePlans": HOSTILE},
        added={
            patient_id: (
                {
                    "resourceType": "Device",
                    "id": HOSTILE,
                    "status": "active",
                    "patient": subject,
                    "type": {"text": f"intrathecal baclofen pump {HOSTILE}"},
                    "deviceName": [{"name": HOSTILE, "type": "user-friendly-name"}],
                    "modelNumber": HOSTILE,
                },
                {
                    "resourceType": "Observation",
                    "id": HOSTILE,
                    "status": HOSTILE,
                    "subject": subject,
                    "code": coded,
                    "effectiveDateTime": HOSTILE,
                    "valueString": HOSTILE,
                },
                {
                    "resourceType": "Appointment",
                    "id": "visit",
                    "status": "booked",
                    "start": "2026-12-01T09:00:00Z",
                    "serviceType": [coded],
                    "description": f"pump refill {HOSTILE}",
                    "participant": [{"actor": subject, "status": "accepted"}],
                },
            )
        },
    )


@pytest.mark.parametrize("patient_id", [COMES_UP, STEP_LATE, OVERDUE])
@pytest.mark.parametrize("path", ["", "/handout"])
def test_whatever_a_record_says_is_text(store: Store, patient_id: str, path: str):
    kim = browser(store, hostile(patient_id))
    store.work.add_note(patient_id, HOSTILE, KIM.id, NOW)
    store.work.add_task(patient_id, HOSTILE, None, KIM.id, NOW)

    page = kim.get(f"/patients/{patient_id}{path}")

    assert "<script>alert" not in page
    assert "<b onmouseover" not in page
    assert "\u202e" not in page
    assert "49" not in re.findall(r"\$\{.*?\}", page)
    assert "&lt;script&gt;alert" in page


def test_the_care_plan_tells_the_day_to_order_a_replacement_from_the_day_of_the_operation(
    store: Store,
):
    """ERI 21 Jan 2027, ordered 3 months before: 21 Oct 2026, 32 days before 22 Nov."""
    said = section(browser(store, Clinic()).get(f"/patients/{ORDER_LATE}"), "care-plan")

    assert "Order by 21 Oct 2026 ▲ late: 32 days ago" in said
    assert "Operation by 21 Jan 2027 in 60 days" in said


def test_the_page_says_why_a_little_is_left_on_the_day_of_empty(store: Store):
    said = section(browser(store, Clinic()).get(f"/patients/{COMES_UP}"), "reservoir")

    assert "rounded down to whole days, so a little may be left on the day itself" in said


def test_every_drawing_is_led_by_the_hint_for_narrow_screens(store: Store):
    page = browser(store, Clinic()).get(f"/patients/{DOSE_RAISED}")

    assert page.count('class="plot-frame"') == page.count("scroll it sideways") > 0
