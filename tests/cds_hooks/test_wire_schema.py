"""The schemas catch what they should: each fault is planted into an answer that keeps them."""

import copy
import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from tests.cds_hooks.wire_schema import checked_discovery, checked_response

UUID = "0e7ac5c6-2f5e-5a3c-9d1a-3f9f0a6f1b2c"
SOUND_CARD = {
    "uuid": UUID,
    "summary": "Refill due by 30 Nov 2026",
    "detail": "Book a refill visit.",
    "indicator": "warning",
    "source": {
        "label": "ITB Pump CDS",
        "url": "https://cds.example.org/plans/itb-refill",
        "topic": {"system": "https://example.org/topics", "code": "itbRefillDue"},
    },
    "suggestions": [
        {
            "label": "Order a refill visit",
            "uuid": UUID,
            "actions": [
                {
                    "type": "create",
                    "description": "Refill visit",
                    "resource": {"resourceType": "ServiceRequest", "status": "draft"},
                }
            ],
        }
    ],
    "selectionBehavior": "any",
    "overrideReasons": [
        {"system": "https://example.org/reasons", "code": "other", "display": "Other"}
    ],
    "links": [{"label": "How", "url": "https://cds.example.org/plans", "type": "absolute"}],
    "extension": {"org.itb-pump-cds.evidence": {"topic": "itbRefillDue"}},
}
SOUND_SERVICE = {
    "hook": "patient-view",
    "title": "Pump",
    "description": "Pump",
    "id": "itb-patient-view",
    "prefetch": {"devices": "Device?patient={{context.patientId}}"},
}

Fault = Callable[[dict[str, Any]], object]
CARD_FAULTS: dict[str, Fault] = {
    "no summary": lambda card: card.pop("summary"),
    "summary of 140 characters": lambda card: card.update(summary="x" * 140),
    "summary of two lines": lambda card: card.update(summary="one\ntwo"),
    "unknown indicator": lambda card: card.update(indicator="hard-stop"),
    "upper-case uuid": lambda card: card.update(uuid=UUID.upper()),
    "source without label": lambda card: card["source"].pop("label"),
    "topic with a hyphen": lambda card: card["source"]["topic"].update(code="itb-refill"),
    "suggestions without selectionBehavior": lambda card: card.pop("selectionBehavior"),
    "empty suggestions": lambda card: card.update(suggestions=[]),
    "two actions in a suggestion": lambda card: card["suggestions"][0]["actions"].append(
        card["suggestions"][0]["actions"][0]
    ),
    "upper-case action type": lambda card: card["suggestions"][0]["actions"][0].update(
        type="Create"
    ),
    "resource as a string": lambda card: card["suggestions"][0]["actions"][0].update(
        resource="ServiceRequest/1"
    ),
    "resource with an id": lambda card: card["suggestions"][0]["actions"][0]["resource"].update(
        id="1"
    ),
    "override reason without display": lambda card: card["overrideReasons"][0].pop("display"),
    "appContext on an absolute link": lambda card: card["links"][0].update(appContext="x"),
    "relative link": lambda card: card["links"][0].update(url="/plans"),
    "null": lambda card: card.update(detail=None),
    "null deep inside": lambda card: card["extension"].update(x={"y": [None]}),
    "empty extension": lambda card: card.update(extension={}),
    "empty string deep inside": lambda card: card["extension"].update(x={"y": ""}),
    "raw HTML": lambda card: card.update(detail="see <img src=x>"),
    "unknown member": lambda card: card.update(urgency="high"),
}
SERVICE_FAULTS: dict[str, Fault] = {
    "no description": lambda service: service.pop("description"),
    "empty prefetch": lambda service: service.update(prefetch={}),
    "null prefetch": lambda service: service.update(prefetch=None),
    "modifier in a template": lambda service: service["prefetch"].update(
        devices="Device?patient={{context.patientId}}&type:missing=true"
    ),
    "function in a template": lambda service: service["prefetch"].update(
        devices="Device?patient={{context.patientId}}&date=ge{{today()}}"
    ),
}


def test_a_sound_card_is_accepted():
    assert checked_response(json.dumps({"cards": [SOUND_CARD]}).encode()) == [SOUND_CARD]


@pytest.mark.parametrize("spoil", CARD_FAULTS.values(), ids=CARD_FAULTS.keys())
def test_a_faulty_card_is_refused(spoil: Fault):
    card = copy.deepcopy(SOUND_CARD)
    spoil(card)

    with pytest.raises(jsonschema.ValidationError):
        checked_response(json.dumps({"cards": [card]}).encode())


def test_a_sound_service_is_accepted():
    checked_discovery(json.dumps({"services": [SOUND_SERVICE]}).encode())


@pytest.mark.parametrize("spoil", SERVICE_FAULTS.values(), ids=SERVICE_FAULTS.keys())
def test_a_faulty_service_is_refused(spoil: Fault):
    service = copy.deepcopy(SOUND_SERVICE)
    spoil(service)

    with pytest.raises(jsonschema.ValidationError):
        checked_discovery(json.dumps({"services": [service]}).encode())
