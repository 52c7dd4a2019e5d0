"""One running service with a trusted client and its FHIR server, for all numbered requirements."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import pytest
import requests

from cds_service.demo_clinic.prefetch import Faults, prefetch
from cds_service.demo_clinic.roster import PATIENTS
from tests.ehr.fhir_double import FhirDouble, fhir_double
from tests.ehr.tokens import claims
from tests.web.trusted_site import PUBLIC, SIGNER, TrustedSite, trusted_site

TODAY = date(2026, 11, 22)
OVERDUE = "demo-004"
ORIGIN = "https://sandbox.cds-hooks.org"
KINDS = {
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
"""The prefetch keys that are searches, and what each asks for."""


def everything(patient_id: str = OVERDUE) -> dict[str, Any]:
    """The ten prefetch keys of a patient of the demo clinic."""
    return dict(prefetch(PATIENTS[patient_id].chart(TODAY), TODAY, Faults()))


def get(site: TrustedSite, path: str = "/cds-services", **said: Any) -> requests.Response:
    """GET with a token of its own."""
    token = SIGNER.token(claims(PUBLIC + path, **said))
    return site.caller.get(path, headers={"Authorization": f"Bearer {token}"})


def post(site: TrustedSite, body: object, path: str, **said: Any) -> requests.Response:
    """POST with a token of its own."""
    token = SIGNER.token(claims(PUBLIC + path, **said))
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return site.caller.post(content, path, Authorization=f"Bearer {token}")


def topics(cards: list[dict[str, Any]]) -> set[str]:
    return {card["source"]["topic"]["code"] for card in cards}


def values_in(document: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Every value inside a JSON document, with the name of the member that holds it."""
    yield name, document
    inner = document.items() if isinstance(document, Mapping) else ()
    for key, value in inner:
        yield from values_in(value, key)
    for value in document if isinstance(document, list) else ():
        yield from values_in(value, name)


@pytest.fixture(scope="session")
def double() -> Iterator[FhirDouble]:
    """Holds the whole record of a patient whose refill is overdue."""
    with fhir_double() as running:
        record(running)
        yield running


def record(double: FhirDouble) -> None:
    """Gives the double its record back."""
    sent = everything()
    double.behaviours["Patient"] = lambda exchange: exchange.answer(sent["patient"])
    for key, kind in KINDS.items():
        double.behaviours[kind] = _answering(sent[key])


def _answering(body: object) -> Any:
    return lambda exchange: exchange.answer(body)


@pytest.fixture(scope="session")
def shared_site(
    double: FhirDouble, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TrustedSite]:
    folder = tmp_path_factory.mktemp("site")
    with trusted_site(folder, double.address, origins=(ORIGIN,)) as running:
        yield running


@pytest.fixture
def site(shared_site: TrustedSite, double: FhirDouble) -> TrustedSite:
    """The service; its EHR is whole, and was asked nothing yet."""
    record(double)
    double.asked.clear()
    return shared_site


@pytest.fixture(scope="session")
def answers(shared_site: TrustedSite) -> dict[str, bytes]:
    """What every patient of the demo clinic is answered, on the wire."""
    return {
        patient_id: shared_site.hook(everything(patient_id), patient_id).content
        for patient_id in PATIENTS
    }


@pytest.fixture(scope="session")
def cards(answers: dict[str, bytes]) -> list[dict[str, Any]]:
    """All cards of all patients of the demo clinic."""
    found = [card for body in answers.values() for card in json.loads(body)["cards"]]
    indicators = {card["indicator"] for card in found}
    assert indicators == {"info", "warning", "critical"}
    return found


@pytest.fixture(scope="session")
def suggestions(cards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = [each for card in cards for each in card.get("suggestions", ())]
    assert found
    return found


@pytest.fixture(scope="session")
def actions(suggestions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [action for each in suggestions for action in each["actions"]]


@pytest.fixture(scope="session")
def links(cards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [link for card in cards for link in card["links"]]
