"""What patients are handed: never more than is known, never in place of an emergency."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from cds_service.app.wiring import wire
from cds_service.assessment import WORKLIST, Occasion, assess
from cds_service.assessment.handout import (
    Handout,
    Hindrance,
    Obstacle,
    Site,
    fingerprint,
    handout,
)
from cds_service.demo_clinic.coding import Resource
from cds_service.demo_clinic.prefetch import Faults, prefetch
from cds_service.demo_clinic.roster import PATIENTS
from cds_service.fhir.decoding import Reading, Sent
from cds_service.fhir.identity import Identity
from cds_service.settings import Settings

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TODAY = NOW.date()
RULEBOOK = wire(Settings(time_zone=ZoneInfo("UTC"), emergency_number="112")).rulebook
WHO = Identity("demo-002", "Testpatient-Birch, Ben", "1971-09-14", "0002", "male")
SITE = Site("Rehab East", "555-0100", "Mon to Fri", "112")
NONE: Mapping[str, str] = {}
REFILL_COMES_UP, REFILL_DUE, OVERDUE = "demo-002", "demo-003", "demo-004"
BOOKED, BOOKED_LATE, REMOVED = "demo-006", "demo-007", "demo-020"
OPERATED, NO_PUMP, BROKEN = "demo-017", "demo-021", "demo-023"


def sent_for(patient_id: str) -> dict[str, Resource]:
    return dict(prefetch(PATIENTS[patient_id].chart(TODAY), TODAY, Faults()))


def page_of(
    patient_id: str, unread: Mapping[str, str] = NONE, who: Identity = WHO
) -> Handout | tuple[Obstacle, ...]:
    """The page of a demo patient; `unread` are keys that could not be read, with the reason."""
    found: dict[str, Sent] = {
        key: msgspec.Raw(msgspec.json.encode(value)) for key, value in sent_for(patient_id).items()
    }
    found |= {key: Reading(None, why) for key, why in unread.items()}
    return page(patient_id, found, who)


def page(
    patient_id: str, found: Mapping[str, Sent], who: Identity = WHO
) -> Handout | tuple[Obstacle, ...]:
    assessed = assess(patient_id, found, RULEBOOK, NOW, Occasion(WORKLIST))
    return handout(assessed, replace(who, patient_id=patient_id), RULEBOOK)


def handed(patient_id: str, unread: Mapping[str, str] = NONE) -> Handout:
    made = page_of(patient_id, unread)
    assert isinstance(made, Handout), made
    return made


def hindrances(patient_id: str, who: Identity = WHO) -> set[Hindrance]:
    made = page_of(patient_id, who=who)
    assert isinstance(made, tuple)
    return {each.why for each in made}


def test_the_next_refill_is_the_plans_target_date_and_never_the_alarm_date():
    """Filled on 13 Sep; the alarm is on 12 Dec, the refill is due seven days before."""
    made = handed(REFILL_COMES_UP)

    assert made.refill_by == date(2026, 12, 5)
    assert [part.id for part in made.parts] == [
        "handout-pump",
        "handout-refill",
        "handout-visit-none",
        "handout-alarms",
        "handout-emergency",
        "handout-withdrawal",
        "handout-overdose",
        "handout-infection",
        "handout-weakness",
    ]
    assert "12 Dec" not in " ".join(part.text for part in made.parts)


def test_a_refill_that_is_due_says_call_today():
    part = handed(REFILL_DUE).part("handout-refill", "handout-refill-now")

    assert part is not None
    assert part.text.startswith("Your pump needs a refill now. Call us today")


def test_a_booked_visit_stands_on_the_page():
    """Refill by 3 Dec 2026, and the visit is booked before."""
    made = handed(BOOKED)

    assert made.part("handout-visit-booked") is not None
    assert made.visit is not None
    assert made.visit <= made.refill_by


def test_recovery_instructions_are_handed_out_inside_the_window_only():
    part = handed(OPERATED).part("handout-recovery")

    assert part is not None
    assert "You had pump surgery on 22 Nov 2026." in part.text
    assert handed(REFILL_COMES_UP).part("handout-recovery") is None


def test_the_sites_emergency_number_stands_in_every_emergency():
    made = handed(REFILL_COMES_UP)

    for name in ("handout-emergency", "handout-infection"):
        part = made.part(name)
        assert part is not None
        assert "112" in part.text


@pytest.mark.parametrize(
    "key",
    [
        "patient",
        "medicationAdministrations",
        "medicationRequests",
        "procedures",
        "observations",
        "appointments",
        "devices",
    ],
)
def test_nothing_is_handed_out_while_something_it_needs_was_not_read(key: str):
    made = page_of(REFILL_COMES_UP, {key: "the EHR did not answer"})

    assert isinstance(made, tuple)
    assert Obstacle(Hindrance.NOT_READ, f"{key}: the EHR did not answer") in made


@pytest.mark.parametrize("key", ["conditions", "serviceRequests", "carePlans"])
def test_what_the_page_does_not_speak_of_need_not_have_been_read(key: str):
    assert handed(REFILL_COMES_UP, {key: "the EHR did not answer"}) == handed(REFILL_COMES_UP)


@pytest.mark.parametrize(
    ("patient_id", "why"),
    [
        pytest.param(OVERDUE, Hindrance.ACT_FIRST, id="alarm date passed"),
        pytest.param(BOOKED_LATE, Hindrance.VISIT_TOO_LATE, id="visit after the alarm"),
        pytest.param(REMOVED, Hindrance.PUMP_REMOVED, id="pump removed"),
        pytest.param(NO_PUMP, Hindrance.NO_PUMP, id="no pump"),
        pytest.param(BROKEN, Hindrance.REFUSED_RECORD, id="broken records"),
    ],
)
def test_a_page_that_would_mislead_is_refused(patient_id: str, why: Hindrance):
    assert why in hindrances(patient_id)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"is_deceased": True}, Hindrance.DECEASED),
        ({"is_merged": True}, Hindrance.MERGED),
        ({"name": ""}, Hindrance.NO_IDENTITY),
        ({"birth_date": ""}, Hindrance.NO_IDENTITY),
    ],
)
def test_a_page_for_nobody_certain_is_refused(changed: dict[str, Any], why: Hindrance):
    assert why in hindrances(REFILL_COMES_UP, replace(WHO, **changed))


def test_a_dose_that_is_not_known_leaves_no_day_for_the_refill():
    sent = sent_for(REFILL_COMES_UP)
    entries = sent["observations"]["entry"]
    kept = [each for each in entries if "daily-dose" not in str(each)]
    assert len(kept) < len(entries)
    sent["observations"] = {**sent["observations"], "entry": kept, "total": len(kept)}
    found = {key: msgspec.Raw(msgspec.json.encode(value)) for key, value in sent.items()}

    made = page(REFILL_COMES_UP, found)

    assert isinstance(made, tuple)
    assert {Hindrance.NO_REFILL_DATE, Hindrance.UNDECIDED} & {each.why for each in made}


def test_a_site_that_switches_the_plan_off_hands_nothing_out():
    found = {
        key: msgspec.Raw(msgspec.json.encode(value))
        for key, value in sent_for(REFILL_COMES_UP).items()
    }
    off = replace(RULEBOOK, off=frozenset({"itb-handout"}))
    assessed = assess(REFILL_COMES_UP, found, off, NOW, Occasion(WORKLIST))

    assert handout(assessed, WHO, off) == (Obstacle(Hindrance.SWITCHED_OFF),)


def test_the_same_page_has_the_same_fingerprint_and_other_facts_another():
    made = handed(REFILL_COMES_UP)
    seal = fingerprint(made, WHO, SITE)

    assert seal == fingerprint(handed(REFILL_COMES_UP), WHO, SITE)
    assert seal != fingerprint(handed(REFILL_DUE), WHO, SITE)
    assert seal != fingerprint(made, replace(WHO, name="Testpatient-Birch, Bea"), SITE)
    assert seal != fingerprint(made, WHO, replace(SITE, phone="555-0101"))
    assert seal != fingerprint(replace(made, texts="another|0.2.0"), WHO, SITE)
