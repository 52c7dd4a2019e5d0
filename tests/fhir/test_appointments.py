"""Visits from appointments and orders."""

from typing import Any, cast

import pytest

from cds_service.fhir.appointments import read_appointments, read_orders
from cds_service.therapy.record import VisitKind
from tests.fhir.builders import (
    CPT,
    HCPCS,
    VISIT,
    Json,
    a_chart,
    an_appointment,
    an_order,
    coded,
    problems,
    source,
    text,
)


def visits(*appointments: Json, zone: str = "UTC") -> list[tuple[str, str, str]]:
    found = read_appointments(a_chart(zone), source("appointments", *appointments))
    return [(each.kind.value, each.state.value, each.when.first.isoformat()) for each in found]


def orders(*requests: Json) -> list[tuple[str, str]]:
    found = read_orders(a_chart(), source("serviceRequests", *requests))
    return [(each.kind.value, each.state.value) for each in found]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("booked", "booked"),
        ("arrived", "booked"),
        ("checked-in", "booked"),
        ("fulfilled", "fulfilled"),
        ("cancelled", "cancelled"),
        ("noshow", "noshow"),
        ("proposed", "requested"),
        ("pending", "requested"),
        ("waitlist", "requested"),
    ],
)
def test_the_status_says_where_a_visit_stands(status: str, state: str):
    assert visits(an_appointment(status=status)) == [("refill-visit", state, "2026-03-20")]


def test_a_visit_entered_in_error_is_none_and_needs_no_word():
    chart = a_chart()
    sent = source("appointments", an_appointment(status="entered-in-error"))
    assert read_appointments(chart, sent) == ()
    assert problems(chart) == []


@pytest.mark.parametrize("kind", [kind.value for kind in VisitKind])
@pytest.mark.parametrize("element", ["serviceType", "reasonCode"])
def test_the_kind_is_known_by_its_code(kind: str, element: str):
    appointment = an_appointment(**cast(Any, {"serviceType": None, element: [coded(VISIT, kind)]}))
    assert [found[0] for found in visits(appointment)] == [kind]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Baclofen pump refill", "refill-visit"),
        ("ITB pump interrogation", "pump-check"),
        ("Replacement of intrathecal baclofen pump", "replacement-surgery"),
        ("Wound check", "wound-check"),
        ("Baclofen pump follow-up", "follow-up-visit"),
        ("Intrathecal baclofen screening trial", "screening-test"),
        ("Insulin prescription refill", None),
        ("Hip replacement", None),
        ("Follow-up", None),
    ],
)
def test_the_kind_is_known_by_words_only_when_they_name_the_therapy(words: str, kind: str | None):
    found = visits(an_appointment(serviceType=None, description=words))
    assert [each[0] for each in found] == ([kind] if kind else [])


def test_a_visit_falls_on_the_day_of_the_site():
    late = an_appointment("2026-03-20T02:00:00Z")
    assert visits(late, zone="America/New_York")[0][2] == "2026-03-19"


@pytest.mark.parametrize(
    ("appointment", "problem"),
    [
        pytest.param(an_appointment(None), "booked without a date", id="no start"),
        pytest.param(an_appointment("2026"), "only a year", id="year only"),
        pytest.param(an_appointment(status=7), "has no status", id="status"),
        pytest.param(
            an_appointment(participant=[{"actor": {"reference": "Patient/p2"}}]),
            "does not name this patient",
            id="another patient",
        ),
        pytest.param(
            an_appointment(serviceType="refill"), "what it is for cannot be read", id="kind"
        ),
    ],
)
def test_a_visit_that_cannot_be_used_is_reported(appointment: Json, problem: str):
    chart = a_chart()
    assert read_appointments(chart, source("appointments", appointment)) == ()
    assert problem in " ".join(problems(chart))


@pytest.mark.parametrize(
    ("stated", "found"),
    [
        pytest.param({}, [("replacement-surgery", "ordered")], id="active, with a date"),
        pytest.param(
            {"occurrenceDateTime": None}, [("replacement-surgery", "requested")], id="no date"
        ),
        pytest.param(
            {"occurrenceDateTime": None, "occurrencePeriod": {"end": "2026-03-20"}},
            [("replacement-surgery", "ordered")],
            id="a period",
        ),
        pytest.param({"status": "draft"}, [], id="draft"),
        pytest.param({"status": "revoked"}, [], id="revoked"),
        pytest.param({"status": "completed"}, [], id="completed"),
        pytest.param({"doNotPerform": True}, [], id="do not perform"),
        pytest.param({"code": coded(CPT, "62362")}, [("replacement-surgery", "ordered")], id="CPT"),
        pytest.param(
            {"code": coded(HCPCS, "E0786")}, [("replacement-surgery", "ordered")], id="HCPCS"
        ),
        pytest.param({"code": text("Hip replacement")}, [], id="another operation"),
    ],
)
def test_an_active_order_is_a_visit_ordered_or_requested(stated: Any, found: Any):
    assert orders(an_order(**stated)) == found


def test_an_order_for_a_period_counts_at_its_end_the_latest_it_may_take_place():
    order = an_order(
        occurrenceDateTime=None, occurrencePeriod={"start": "2026-03-01", "end": "2026-03-20"}
    )
    (visit,) = read_orders(a_chart(), source("serviceRequests", order))
    assert visit.when.first.isoformat() == "2026-03-20"
