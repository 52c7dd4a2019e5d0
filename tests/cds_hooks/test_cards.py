from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from cds_service.cds_hooks import cards as cards_module
from cds_service.cds_hooks.cards import CardContext, cards, response_body
from cds_service.guidance.evaluation import Recommendation
from cds_service.guidance.plan import COULD_NOT_CHECK, Urgency
from cds_service.therapy.calendar import When
from cds_service.therapy.fact import known, unknown
from tests.cds_hooks.advice import CALL, FILL, ORDER_VISIT, advice, basis, evaluation
from tests.cds_hooks.wire_schema import checked_response

CRITICAL, WARNING, INFO = Urgency.CRITICAL, Urgency.WARNING, Urgency.INFO
NOT_CHECKED = advice(COULD_NOT_CHECK, INFO)


@pytest.fixture(autouse=True)
def _suggested_resources(monkeypatch: pytest.MonkeyPatch):
    def a_service_request(*_: object) -> dict[str, Any]:
        return {"resourceType": "ServiceRequest", "status": "draft", "intent": "proposal"}

    monkeypatch.setattr(cards_module, "suggested_resource", a_service_request)


def cards_for(*recommended: Recommendation, call: CardContext = CALL) -> list[dict[str, Any]]:
    return checked_response(response_body(cards(evaluation(*recommended), {}, call)))


def topics(shown: list[dict[str, Any]]) -> list[str]:
    return [card["source"]["topic"]["code"] for card in shown]


def evidence(card: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = card["extension"]["org.itb-pump-cds.evidence"]
    return found


def test_nothing_to_say_is_an_empty_list_of_cards():
    assert response_body(cards(evaluation(), {}, CALL)) == b'{"cards":[]}'


def test_a_card_names_its_advice_its_source_and_the_page_that_explains_it():
    (card,) = cards_for(advice("itbRefillDue", WARNING))

    assert card["summary"] == "Summary of itbRefillDue"
    assert card["indicator"] == "warning"
    assert card["source"] == {
        "label": "ITB Pump CDS",
        "url": "https://cds.example.org/plans/itb-refill",
        "topic": {
            "system": "https://example.org/itb-pump-cds/fhir/CodeSystem/itb-card-topic",
            "code": "itbRefillDue",
            "display": "Topic itbRefillDue",
        },
    }
    assert card["links"] == [
        {
            "label": "How this was worked out: ITB pump refill",
            "url": "https://cds.example.org/plans/itb-refill",
            "type": "absolute",
        }
    ]


def test_cards_come_by_urgency_then_in_the_order_of_the_plans():
    shown = cards_for(
        advice("itbA", INFO), advice("itbB", CRITICAL), advice("itbC", INFO), call=CALL
    )

    assert topics(shown) == ["itbB", "itbA", "itbC"]


def test_what_could_not_be_checked_comes_last_and_takes_one_of_the_places():
    shown = cards_for(NOT_CHECKED, advice("itbA", INFO), advice("itbB", INFO), advice("itbC", INFO))

    assert topics(shown) == ["itbA", "itbB", COULD_NOT_CHECK]
    assert evidence(shown[1])["alsoDue"] == ["itbC"]


def test_what_does_not_fit_is_named_on_the_last_card_that_gives_advice():
    shown = cards_for(
        NOT_CHECKED,
        advice("itbA", INFO),
        advice("itbB", WARNING),
        advice("itbC", INFO),
        call=replace(CALL, max_cards=1),
    )

    assert topics(shown) == ["itbB", COULD_NOT_CHECK]
    assert "**Also due**\n\n- info: Summary of itbA\n- info: Summary of itbC" in shown[0]["detail"]
    assert evidence(shown[0])["alsoDue"] == ["itbA", "itbC"]
    assert "alsoDue" not in evidence(shown[1])


def test_every_critical_is_shown_however_few_cards_are_allowed():
    shown = cards_for(
        advice("itbA", CRITICAL),
        advice("itbB", INFO),
        advice("itbC", CRITICAL),
        call=replace(CALL, max_cards=1),
    )

    assert topics(shown) == ["itbA", "itbC"]
    assert evidence(shown[1])["alsoDue"] == ["itbB"]


@given(
    st.lists(st.sampled_from([*Urgency, None]), max_size=12),
    st.integers(min_value=1, max_value=10),
)
def test_no_advice_is_ever_lost(urgencies: list[Urgency | None], max_cards: int):
    recommended = [
        advice(f"itbTopic{number}", urgency) if urgency else NOT_CHECKED
        for number, urgency in enumerate(urgencies)
    ]

    shown = cards_for(*recommended, call=replace(CALL, max_cards=max_cards))

    folded = [topic for card in shown for topic in evidence(card).get("alsoDue", [])]
    assert sorted(topics(shown) + folded) == sorted(each.action.topic for each in recommended)
    criticals = sum(urgency is CRITICAL for urgency in urgencies)
    told = [topic for topic in topics(shown) if topic != COULD_NOT_CHECK]
    assert len(told) <= max(max_cards, criticals)
    assert [card["indicator"] for card in shown].count("critical") == criticals
    assert COULD_NOT_CHECK not in folded


@pytest.mark.parametrize("length", [139, 140, 141, 500])
def test_a_summary_is_shorter_than_140_characters_and_nothing_of_it_is_lost(length: int):
    summary = ("Refill " * 100)[: length - 1] + "!"

    (card,) = cards_for(advice(summary=summary))

    assert len(card["summary"]) < 140
    assert card["summary"] == summary or "!" in card["detail"]


def test_a_summary_is_one_line():
    (card,) = cards_for(advice(summary="Refill\ndue\t now"))

    assert card["summary"] == "Refill due now"


def test_the_same_call_gives_the_same_ids_and_another_call_others():
    again = replace(CALL, hook_instance="11111111-2222-4333-8444-555555555555")
    recommended = advice(suggestions=(ORDER_VISIT,))

    first, second = cards_for(recommended)[0], cards_for(recommended)[0]
    other = cards_for(recommended, call=again)[0]

    assert first == second
    assert first["uuid"] != other["uuid"]
    assert first["suggestions"][0]["uuid"] != other["suggestions"][0]["uuid"]


def test_ids_do_not_depend_on_the_patient():
    other_patient = replace(CALL, patient_id="p2")

    assert cards_for(advice())[0]["uuid"] == cards_for(advice(), call=other_patient)[0]["uuid"]


def test_no_patient_id_stands_in_links_or_source():
    (card,) = cards_for(advice(), call=replace(CALL, patient_id="patient-4711"))

    assert "4711" not in str(card)


def test_a_suggestion_creates_one_resource():
    (card,) = cards_for(advice(suggestions=(ORDER_VISIT,)))

    assert card["selectionBehavior"] == "any"
    (suggestion,) = card["suggestions"]
    assert suggestion["label"] == "Order a refill visit"
    assert suggestion["actions"] == [
        {
            "type": "create",
            "description": "Refill visit",
            "resource": {"resourceType": "ServiceRequest", "status": "draft", "intent": "proposal"},
        }
    ]


def test_a_suggestion_that_cannot_be_made_is_left_out(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cards_module, "suggested_resource", lambda *_: None)

    (card,) = cards_for(advice(suggestions=(ORDER_VISIT,)))

    assert "suggestions" not in card
    assert "selectionBehavior" not in card


def test_refill_advice_can_be_set_aside_as_refilled_or_booked_elsewhere():
    (card,) = cards_for(advice("itbRefillOverdue", CRITICAL))

    codes = [reason["code"] for reason in card["overrideReasons"]]
    assert codes[:2] == ["refilled-elsewhere", "booked-elsewhere"]
    assert "action-completed" in codes


def test_other_advice_is_not_set_aside_by_a_refill():
    (card,) = cards_for(advice("itbInfectionSigns", WARNING))

    assert "refilled-elsewhere" not in [reason["code"] for reason in card["overrideReasons"]]


def test_the_extension_lets_a_machine_check_the_card():
    facts = basis(
        refill_fillDate=known(date(2026, 9, 2), FILL),
        refill_reserveDays=known(Decimal("4.50")),
        refill_booked=known(False),
        refill_assumptions=known(""),
        refill_alarmDate=unknown("the daily dose is missing"),
    )

    (card,) = cards_for(advice(basis=facts))

    assert evidence(card) == {
        "planCanonical": "https://example.org/itb-pump-cds/fhir/PlanDefinition/itb-refill|0.1.0",
        "action": "act-itbRefillDue",
        "topic": "itbRefillDue",
        "facts": {
            "refill.fillDate": "2026-09-02",
            "refill.reserveDays": 4.5,
            "refill.booked": False,
        },
        "evidence": [
            {
                "reference": "MedicationAdministration/fill-1",
                "date": "2026-09-02",
                "says": "Baclofen 18 mL",
                "rung": "first choice",
            }
        ],
        "asOf": "2026-11-22T09:00:00+00:00",
        "timeZone": "UTC",
    }


def test_decimals_keep_their_digits_on_the_wire():
    recommended = advice(basis=basis(refill_reserveDays=known(Decimal("4.50"))))

    body = response_body(cards(evaluation(recommended), {}, CALL))

    assert b'"refill.reserveDays":4.50' in body


@pytest.mark.parametrize(
    ("when", "written"),
    [
        (When(date(2026, 9, 1), date(2026, 9, 30)), "2026-09"),
        (When(date(2026, 1, 1), date(2026, 12, 31)), "2026"),
    ],
)
def test_a_partial_date_stays_partial(when: When, written: str):
    record = structs.replace(FILL, when=when)

    (card,) = cards_for(advice(basis=basis(refill_fillDate=known(date(2026, 9, 1), record))))

    assert evidence(card)["evidence"][0]["date"] == written


def test_advice_without_facts_has_no_empty_members():
    (card,) = cards_for(advice(basis=()))

    assert "facts" not in evidence(card)
    assert "evidence" not in evidence(card)
