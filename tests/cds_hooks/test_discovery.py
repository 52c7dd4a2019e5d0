import json

import pytest

from cds_service.cds_hooks.discovery import (
    GATE_KEYS,
    PREFETCH_TEMPLATES,
    SERVICES,
    PrefetchSet,
    services,
)
from tests.cds_hooks.wire_schema import checked_discovery

TEN_KEYS = {
    "patient",
    "devices",
    "medicationAdministrations",
    "procedures",
    "observations",
    "conditions",
    "medicationRequests",
    "appointments",
    "serviceRequests",
    "carePlans",
}


@pytest.mark.parametrize(
    ("prefetch", "keys"),
    [
        ("gate", {"patient", "devices", "medicationAdministrations", "procedures"}),
        ("full", TEN_KEYS),
    ],
)
def test_discovery_advertises_the_chosen_prefetch_keys(prefetch: PrefetchSet, keys: set[str]):
    document = checked_discovery(json.dumps(services(prefetch)).encode())

    assert [set(service["prefetch"]) for service in document["services"]] == [keys] * 6


def test_each_service_answers_one_hook_under_one_id():
    document = services("full")["services"]

    assert [(service["id"], service["hook"]) for service in document] == [
        ("itb-patient-view", "patient-view"),
        ("itb-encounter-start", "encounter-start"),
        ("itb-encounter-discharge", "encounter-discharge"),
        ("itb-appointment-book", "appointment-book"),
        ("itb-order-select", "order-select"),
        ("itb-order-sign", "order-sign"),
    ]
    assert all(SERVICES[service["id"]].hook == service["hook"] for service in document)


def test_every_template_names_its_own_resource_of_the_patient_in_context():
    resources = {
        key: template.split("?")[0].split("/")[0] for key, template in PREFETCH_TEMPLATES.items()
    }

    assert resources == {
        "patient": "Patient",
        "devices": "Device",
        "medicationAdministrations": "MedicationAdministration",
        "procedures": "Procedure",
        "observations": "Observation",
        "conditions": "Condition",
        "medicationRequests": "MedicationRequest",
        "appointments": "Appointment",
        "serviceRequests": "ServiceRequest",
        "carePlans": "CarePlan",
    }
    assert set(GATE_KEYS) < set(PREFETCH_TEMPLATES)
