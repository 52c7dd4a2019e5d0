"""A whole chart as an EHR sends it: an ordinary patient, but for what a test states."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Raw

from cds_service.app.plans import plans, plans_folder
from cds_service.assessment import Assessment, Occasion, Rulebook, assess
from cds_service.fhir.decoding import KEYS
from tests.fhir.builders import (
    CPT,
    Json,
    a_device,
    a_patient,
    a_procedure,
    an_administration,
    an_observation,
    coded,
    quantity,
    raw,
    searchset,
)

PLANS = plans(plans_folder(), {})
ALARM_VOLUME = an_observation(
    "low-reservoir-alarm-volume",
    id="alarm-volume",
    effectiveDateTime="2026-01-05",
    valueQuantity=quantity(2, "mL", "mL"),
)


def a_chart(**stated: list[Json]) -> dict[str, list[Json]]:
    """The resources under each prefetch key: the patient of worked case R1."""
    ordinary: dict[str, list[Json]] = {
        **{key: [] for key in KEYS},
        "patient": [a_patient()],
        "devices": [a_device()],
        "procedures": [a_procedure(coded(CPT, "62362"), "2025-01-15")],
        "medicationAdministrations": [an_administration()],
        "observations": [ALARM_VOLUME],
    }
    return {**ordinary, **stated}


def prefetch(chart: dict[str, list[Json]]) -> dict[str, Raw]:
    """Each list as a searchset; the patient as the resource itself."""
    return {
        key: raw(found[0]) if key == "patient" and found else raw(searchset(*found))
        for key, found in chart.items()
    }


def assessed(sent: dict[str, Raw], today: str = "2026-02-01", zone: str = "UTC") -> Assessment:
    """The assessment at noon of that day in that zone, or at the moment given (with offset)."""
    if "T" in today:
        now = datetime.fromisoformat(today)
    else:
        now = datetime.fromisoformat(f"{today}T12:00:00").replace(tzinfo=ZoneInfo(zone))
    rulebook = Rulebook(plans=PLANS, time_zone=ZoneInfo(zone), emergency_number="112")
    return assess("p1", sent, rulebook, now.astimezone(UTC), Occasion("patient-view"))


def topics(sent: dict[str, Raw], today: str = "2026-02-01", zone: str = "UTC") -> list[str]:
    return [each.action.topic for each in assessed(sent, today, zone).evaluation.recommended]


def said(sent: dict[str, Raw], today: str = "2026-02-01", zone: str = "UTC") -> Any:
    """All that reaches a reader: texts, urgency, the facts they rest on, and what is undecided."""
    found = assessed(sent, today, zone).evaluation
    recommended = [
        (each.action.id, each.action.urgency, each.summary, each.detail, _rested(each.basis))
        for each in found.recommended
    ]
    undecided = [(each.action.id, each.missing) for each in found.undecided]
    return recommended, undecided


def _rested(basis: Any) -> list[Any]:
    """The facts with their records in order, each once, as a reader is shown them."""
    return [(name, fact.value, list(dict.fromkeys(fact.evidence))) for name, fact in basis]
