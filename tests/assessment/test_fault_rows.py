"""Rows F11, F13 to F18 of the list of hostile input, each with the behaviour that is right.

Right is: what is sound rules as before, what is not sound is not used, and a card names it. The
patient (R1): filled 5 Jan 2026, alarm volume reached 5 Apr, reservoir empty 15 Apr 2026.
"""

import copy
from typing import Any

import pytest

from tests.assessment.builders import ALARM_VOLUME, a_chart, assessed, prefetch, said
from tests.fhir.builders import (
    CPT,
    Json,
    a_condition,
    a_device,
    a_prescription,
    a_procedure,
    an_administration,
    an_appointment,
    an_observation,
    an_order,
    coded,
    quantity,
    text,
)

OVERDUE = "2026-04-06"
"""The day after the alarm date."""
Chart = dict[str, list[Json]]


def found_on(chart: Chart, today: str = OVERDUE) -> tuple[list[str], str]:
    """The topics, and everything the cards and the reports say."""
    found = assessed(prefetch(chart), today)
    recommended = found.evaluation.recommended
    told = [
        found.findings.facts[name].value for name in ("data.uncheckedList", "data.conflictList")
    ]
    basis = [
        proof.says for each in recommended for _, fact in each.basis for proof in fact.evidence
    ]
    words = [each.detail for each in recommended]
    return [each.action.topic for each in recommended], " ".join(map(str, [*told, *basis, *words]))


FILL_TODAY = {"2026-04-06T11:55:00Z": "5 minutes ago", "2026-04-06T12:05:00Z": "in 5 minutes"}


@pytest.mark.parametrize("when", FILL_TODAY, ids=FILL_TODAY.values())
def test_a_clock_that_differs_by_minutes_does_not_lose_a_refill(when: str):
    chart = a_chart(
        medicationAdministrations=[
            an_administration(id="old"),
            an_administration(effectiveDateTime=when),
        ]
    )
    topics, _ = found_on(chart)
    assert topics == []


@pytest.mark.parametrize(
    ("when", "counts"),
    [("2026-04-05", True), ("2026-04-07", False), ("2025-04-06", True), ("2027-04-06", False)],
    ids=["1 day ago", "in 1 day", "1 year ago", "in 1 year"],
)
def test_a_record_of_the_future_is_named_and_never_used(when: str, counts: bool):
    chart = a_chart(medicationAdministrations=[an_administration(effectiveDateTime=when)])
    chart["medicationAdministrations"].append(an_administration(id="old"))
    topics, told = found_on(chart)
    is_newest = when == "2026-04-05"
    assert ("itbRefillOverdue" in topics) is not is_newest
    assert ("in the future" in told) is not counts


@pytest.mark.parametrize(
    "chart",
    [
        pytest.param(
            a_chart(procedures=[a_procedure(coded(CPT, "62365"), "2026-05-01")]), id="operation"
        ),
        pytest.param(
            a_chart(
                observations=[
                    ALARM_VOLUME,
                    an_observation(
                        "daily-dose",
                        effectiveDateTime="2026-05-01",
                        valueQuantity=quantity(10, "mcg/day"),
                    ),
                ]
            ),
            id="reading",
        ),
        pytest.param(
            a_chart(medicationRequests=[a_prescription(authoredOn="2026-05-01")]), id="order"
        ),
    ],
)
def test_nothing_of_the_future_changes_the_dates(chart: Chart):
    topics, told = found_on(chart)
    assert "itbRefillOverdue" in topics
    assert "in the future" in told


def in_two_versions(**second: Any) -> list[Json]:
    first = an_administration(meta={"versionId": "1", "lastUpdated": "2026-01-05T10:00:00Z"})
    newer = {"versionId": "2", "lastUpdated": "2026-01-06T09:00:00Z"}
    return [first, {**copy.deepcopy(first), **second, "meta": newer}]


@pytest.mark.parametrize("turned", [False, True], ids=["oldest first", "newest first"])
def test_of_two_versions_of_a_record_the_newest_is_read(turned: bool):
    dosage = {**an_administration()["dosage"], "dose": quantity(18, "mL", "mL")}
    sent = in_two_versions(dosage=dosage)
    chart = a_chart(medicationAdministrations=sent[::-1] if turned else sent)
    alone = a_chart(medicationAdministrations=[sent[1]])
    assert said(prefetch(chart), OVERDUE) == said(prefetch(alone), OVERDUE)


def test_a_refill_whose_newest_version_is_an_error_does_not_count():
    chart = a_chart(medicationAdministrations=in_two_versions(status="entered-in-error"))
    topics, _ = found_on(chart)
    assert "itbRefillOverdue" not in topics
    assert topics != []


@pytest.mark.parametrize(
    ("first", "second", "newest"),
    [
        ({"versionId": "9"}, {"versionId": "10"}, 1),
        ({"versionId": "2"}, {"versionId": "1"}, 0),
        (
            {"lastUpdated": "2026-01-06T09:00:00+02:00"},
            {"lastUpdated": "2026-01-06T08:00:00Z"},
            1,
        ),
    ],
    ids=["numbers, not text", "turned", "moments, not text"],
)
def test_the_version_is_compared_as_what_it_is(first: Json, second: Json, newest: int):
    smaller = {**an_administration()["dosage"], "dose": quantity(18, "mL", "mL")}
    sent = [an_administration(meta=first), an_administration(meta=second, dosage=smaller)]
    chart, alone = (a_chart(medicationAdministrations=each) for each in (sent, [sent[newest]]))
    assert said(prefetch(chart), OVERDUE) == said(prefetch(alone), OVERDUE)


def test_two_contents_of_one_id_without_version_are_both_weighed_and_named():
    smaller = {**an_administration()["dosage"], "dose": quantity(18, "mL", "mL")}
    chart = a_chart(
        medicationAdministrations=[an_administration(), an_administration(dosage=smaller)]
    )
    topics, _ = found_on(chart)
    assert "itbDataConflict" in topics


def test_one_refill_under_two_ids_is_one_refill():
    chart = a_chart(medicationAdministrations=[an_administration(), an_administration(id="again")])
    assert found_on(chart)[0] == found_on(a_chart())[0]


def test_two_refills_on_one_day_take_the_earlier_date_and_say_so():
    smaller = {**an_administration()["dosage"], "dose": quantity(12, "mL", "mL")}
    chart = a_chart(
        medicationAdministrations=[an_administration(), an_administration(id="b", dosage=smaller)]
    )
    topics, _ = found_on(chart, "2026-03-06")
    assert topics == ["itbReservoirEmpty", "itbDataConflict"] or "itbDataConflict" in topics
    assert "itbRefillOverdue" in topics or "itbReservoirEmpty" in topics


def test_pages_that_overlap_change_nothing():
    chart = a_chart()
    twice = {key: [*found, *copy.deepcopy(found[-1:])] for key, found in chart.items()}
    assert said(prefetch(twice), OVERDUE) == said(prefetch(chart), OVERDUE)


NO_READING = ["registered", "preliminary", "cancelled", "entered-in-error", "unknown"]
NO_OPERATION = ["preparation", "in-progress", "not-done", "on-hold", "stopped", "entered-in-error"]
NO_REFILL = ["not-done", "on-hold", "stopped", "unknown", "entered-in-error"]
NO_BOOKING = ["proposed", "pending", "waitlist", "cancelled", "entered-in-error"]
NO_ORDER = ["draft", "on-hold", "revoked", "completed", "entered-in-error", "unknown"]
NO_PRESCRIPTION = ["draft", "on-hold", "cancelled", "completed", "entered-in-error", "stopped"]


@pytest.mark.parametrize("status", NO_READING)
def test_a_reading_that_is_not_final_is_not_used(status: str):
    low = an_observation(
        "daily-dose",
        id="x",
        status=status,
        effectiveDateTime="2026-02-01",
        valueQuantity=quantity(10, "mcg/day"),
    )
    chart = a_chart(observations=[ALARM_VOLUME, low])
    assert said(prefetch(chart), OVERDUE) == said(prefetch(a_chart()), OVERDUE)


@pytest.mark.parametrize("status", [*NO_OPERATION, "unknown"])
def test_an_operation_that_was_not_completed_is_not_used(status: str):
    removal = a_procedure(coded(CPT, "62365"), "2026-03-01", id="x", status=status)
    chart = a_chart(procedures=[*a_chart()["procedures"], removal])
    topics, told = found_on(chart)
    assert "itbRefillOverdue" in topics
    assert ("status is unknown" in told) is (status == "unknown")


@pytest.mark.parametrize(
    "status", ["not-done", "on-hold", "stopped", "unknown", "entered-in-error"]
)
def test_a_newer_refill_that_was_not_completed_is_named_in_the_basis(status: str):
    newer = an_administration(id="x", status=status, effectiveDateTime="2026-04-01")
    topics, told = found_on(a_chart(medicationAdministrations=[an_administration(), newer]))
    assert "itbRefillOverdue" in topics
    assert f"refill recorded as {status}" in told


@pytest.mark.parametrize("status", ["inactive", "entered-in-error"])
def test_a_device_that_is_not_in_place_is_no_pump(status: str):
    chart: Chart = {key: [] for key in a_chart()}
    chart |= {"patient": a_chart()["patient"], "devices": [a_device(status=status)]}
    assert not assessed(prefetch(chart)).has_pump


@pytest.mark.parametrize("status", NO_PRESCRIPTION)
def test_a_prescription_that_is_not_active_states_no_dose(status: str):
    chart = a_chart(medicationRequests=[a_prescription(id="x", status=status)])
    assert said(prefetch(chart), OVERDUE) == said(prefetch(a_chart()), OVERDUE)


@pytest.mark.parametrize("intent", ["proposal", "plan", "option"])
def test_an_order_that_is_only_a_proposal_states_nothing(intent: str):
    """SynchroMed II of 14 Feb 2019: 84 months end 14 Feb 2026, 90 days earlier it is critical."""
    old = [a_procedure(coded(CPT, "62362"), "2019-05-01")]
    proposal = an_order(id="x", intent=intent, occurrenceDateTime="2026-04-20")
    ordered = {**proposal, "intent": "order"}
    topics_with, topics_ordered, topics_without = (
        found_on(a_chart(procedures=old, serviceRequests=orders))[0]
        for orders in ([proposal], [ordered], [])
    )
    assert topics_with == topics_without
    assert topics_ordered != topics_without


@pytest.mark.parametrize("status", NO_ORDER)
def test_an_order_that_is_not_active_silences_nothing(status: str):
    old = [a_procedure(coded(CPT, "62362"), "2019-05-01")]
    order = an_order(id="x", status=status, occurrenceDateTime="2026-04-20")
    assert (
        found_on(a_chart(procedures=old, serviceRequests=[order]))[0]
        == found_on(a_chart(procedures=old))[0]
    )


@pytest.mark.parametrize(
    "status", ["proposed", "pending", "waitlist", "cancelled", "entered-in-error"]
)
def test_a_visit_that_is_not_booked_silences_nothing(status: str):
    visit = an_appointment("2026-04-02T10:00:00Z", id="x", status=status)
    assert "itbRefillDue" in found_on(a_chart(appointments=[visit]), "2026-03-31")[0]
    booked = an_appointment("2026-04-02T10:00:00Z", id="x")
    assert "itbRefillDue" not in found_on(a_chart(appointments=[booked]), "2026-03-31")[0]


@pytest.mark.parametrize("status", ["refuted", "entered-in-error"])
def test_a_diagnosis_that_was_refuted_is_not_used(status: str):
    system = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    code = coded("http://hl7.org/fhir/sid/icd-10-cm", "T85.735A")
    condition = a_condition(code, id="x", verificationStatus=coded(system, status))
    assert said(prefetch(a_chart(conditions=[condition]))) == said(prefetch(a_chart()))


ABSENT = {
    "extension": [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
            "valueCode": "unknown",
        }
    ]
}
GIVEN, DONE, READ, BOOKED = (
    "medicationAdministrations",
    "procedures",
    "observations",
    "appointments",
)
MISSING: dict[str, tuple[str, str, Any, str]] = {
    "date of the refill": (GIVEN, "effectiveDateTime", None, "no date"),
    "date of the refill, extension only": (GIVEN, "_effectiveDateTime", ABSENT, "no date"),
    "volume": (GIVEN, "dosage.dose", None, "volume"),
    "volume absent with a reason": (GIVEN, "dosage.dose", ABSENT, "volume"),
    "rate": (GIVEN, "dosage.rateQuantity", None, "daily dose"),
    "rate absent with a reason": (GIVEN, "dosage.rateQuantity", ABSENT, "daily dose"),
    "concentration": (
        GIVEN,
        "medicationCodeableConcept",
        text("Baclofen intrathecal"),
        "concentration",
    ),
    "status of the refill": (GIVEN, "status", None, "status"),
    "whose refill": (GIVEN, "subject", None, "whose"),
    "alarm volume": (READ, "valueQuantity", None, "alarm volume"),
    "alarm volume absent with a reason": (READ, "valueQuantity", ABSENT, "alarm volume"),
    "date of a reading": (READ, "effectiveDateTime", None, "no date"),
    "status of a reading": (READ, "status", None, "no status"),
    "whose reading": (READ, "subject", None, "whose"),
    "date of the implant": (DONE, "performedDateTime", None, "no date"),
    "date of the implant, extension only": (DONE, "_performedDateTime", ABSENT, "no date"),
    "status of the implant": (DONE, "status", None, "status"),
    "whose implant": (DONE, "subject", None, "whose"),
    "whose pump": ("devices", "patient", None, "whose"),
    "date of a booking": (BOOKED, "start", None, "without a date"),
    "status of a booking": (BOOKED, "status", None, "status"),
    "whose booking": (BOOKED, "participant", None, "patient"),
}


def lacking(key: str, path: str, value: Any) -> Chart:
    booked = [an_appointment("2026-05-04T10:00:00Z")] if key == BOOKED else []
    chart = copy.deepcopy(a_chart(appointments=booked))
    part = chart[key][0]
    *way, name = path.split(".")
    for step in way:
        part = part[step]
    part.pop(name.removeprefix("_"), None)
    if value is not None:
        part[name] = value
    return chart


@pytest.mark.parametrize("missing", MISSING)
def test_a_missing_piece_is_named_and_the_other_rules_still_run(missing: str):
    key, path, value, named = MISSING[missing]
    chart = lacking(key, path, value)
    drain = an_observation(
        "incision-drainage", id="sign", effectiveDateTime="2026-04-04", valueBoolean=True
    )
    chart["observations"].append(drain)
    topics, told = found_on(chart)
    assert named in told, told
    assert "itbInfectionSigns" in topics
    assert len(topics) >= 2


@pytest.mark.parametrize(
    "stated",
    [
        {"birthDate": None, "_birthDate": ABSENT},
        {"birthDate": None},
        {"birthDate": "1980"},
        {"name": None, "gender": None},
    ],
    ids=["birth date absent with a reason", "no birth date", "a year of birth", "no name"],
)
def test_what_the_rules_of_the_day_do_not_need_may_be_missing(stated: Json):
    patient = a_chart()["patient"][0] | stated
    patient = {name: value for name, value in patient.items() if value is not None}
    assert found_on(a_chart(patient=[patient]))[0] == found_on(a_chart())[0]


@pytest.mark.parametrize(
    ("key", "resource"),
    [
        ("medicationAdministrations", an_administration(effectiveDateTime="2026")),
        ("procedures", a_procedure(coded(CPT, "62362"), "2025")),
        ("observations", {**ALARM_VOLUME, "effectiveDateTime": "2026"}),
    ],
    ids=["refill", "implant", "reading"],
)
def test_a_year_alone_is_no_date_and_is_named(key: str, resource: Json):
    topics, told = found_on(a_chart(**{key: [resource]}))
    assert "gives only a year" in told
    assert topics


@pytest.mark.parametrize(
    ("today", "topic"),
    [
        ("2026-03-24", "itbRefillUpcoming"),
        ("2026-03-25", "itbRefillDue"),
        ("2026-04-27", "itbRefillDue"),
        ("2026-05-01", "itbRefillOverdue"),
    ],
    ids=["a day before the earliest target", "the earliest target", "maybe past", "certainly past"],
)
def test_a_month_counts_from_its_first_day_and_is_critical_only_by_its_last(today: str, topic: str):
    """Filled in January: 90 days to the alarm are 1 Apr to 1 May, the target a week earlier."""
    chart = a_chart(medicationAdministrations=[an_administration(effectiveDateTime="2026-01")])
    topics, told = found_on(chart, today)
    assert topic in topics
    assert "2026" in told
