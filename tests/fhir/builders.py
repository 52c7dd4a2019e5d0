"""FHIR R4 resources as an EHR sends them: ordinary but for what a test states.

Patient p1 with a SynchroMed II of 20 mL, filled 5 Jan 2026. A stated element replaces the ordinary
one; None takes it away.
"""

import json
from datetime import UTC as NO_OFFSET
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Raw

from cds_service import CANONICAL_BASE
from cds_service.fhir.chart import Chart
from cds_service.fhir.decoding import KEYS, Source, read_source
from cds_service.fhir.record import open_gate, read_record
from cds_service.therapy.record import TherapyRecord

Json = dict[str, Any]
UTC = ZoneInfo("UTC")
TODAY = date(2026, 2, 1)
SNOMED = "http://snomed.info/sct"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
NDC = "http://hl7.org/fhir/sid/ndc"
CPT = "http://www.ama-assn.org/go/cpt"
PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
LOINC = "http://loinc.org"
PUMP = f"{CANONICAL_BASE}/CodeSystem/itb-pump-observation"
VISIT = f"{CANONICAL_BASE}/CodeSystem/itb-visit"
OF_P1 = {"reference": "Patient/p1"}


def coded(system: str, code: str, display: str = "") -> Json:
    coding = {"system": system, "code": code, **({"display": display} if display else {})}
    return {"coding": [coding]}


def text(words: str) -> Json:
    return {"text": words}


def quantity(value: float, unit: str, code: str | None = None) -> Json:
    coding = {"system": "http://unitsofmeasure.org", "code": code} if code else {}
    return {"value": value, "unit": unit, **coding}


INTRATHECAL = coded(SNOMED, "72607000", "Intrathecal route")
BACLOFEN = text("Baclofen 500 mcg/mL intrathecal solution")


def resource(kind: str, ordinary: Json, stated: Json) -> Json:
    """The resource; `of_`-free element names as FHIR writes them."""
    body = {"resourceType": kind, **ordinary, **stated}
    return {name: value for name, value in body.items() if value is not None}


def a_patient(**stated: Any) -> Json:
    return resource("Patient", {"id": "p1", "birthDate": "1980-05-01"}, stated)


def a_device(**stated: Any) -> Json:
    ordinary = {
        "id": "pump",
        "status": "active",
        "type": coded(SNOMED, "360041000", "Implanted drug delivery system"),
        "modelNumber": "8637-20",
        "patient": OF_P1,
    }
    return resource("Device", ordinary, stated)


def an_administration(**stated: Any) -> Json:
    ordinary = {
        "id": "fill",
        "status": "completed",
        "medicationCodeableConcept": BACLOFEN,
        "subject": OF_P1,
        "effectiveDateTime": "2026-01-05",
        "dosage": {
            "route": INTRATHECAL,
            "dose": quantity(20, "mL", "mL"),
            "rateQuantity": quantity(100, "mcg/day", "ug/d"),
        },
    }
    return resource("MedicationAdministration", ordinary, stated)


def a_procedure(code: Json, when: str = "2025-01-15", **stated: Any) -> Json:
    ordinary = {
        "id": "operation",
        "status": "completed",
        "code": code,
        "subject": OF_P1,
        "performedDateTime": when,
    }
    return resource("Procedure", ordinary, stated)


def an_observation(code: str | Json, **stated: Any) -> Json:
    """An Observation; a bare code is one of our own code system."""
    ordinary = {
        "id": "reading",
        "status": "final",
        "code": coded(PUMP, code) if isinstance(code, str) else code,
        "subject": OF_P1,
        "effectiveDateTime": "2026-01-20",
    }
    return resource("Observation", ordinary, stated)


def a_condition(code: Json, **stated: Any) -> Json:
    ordinary = {
        "id": "problem",
        "clinicalStatus": coded(
            "http://terminology.hl7.org/CodeSystem/condition-clinical", "active"
        ),
        "code": code,
        "subject": OF_P1,
        "recordedDate": "2026-01-20",
    }
    return resource("Condition", ordinary, stated)


def an_appointment(start: str | None = "2026-03-20T10:00:00Z", **stated: Any) -> Json:
    ordinary = {
        "id": "visit",
        "status": "booked",
        "serviceType": [coded(VISIT, "refill-visit")],
        "start": start,
        "participant": [{"actor": OF_P1, "status": "accepted"}],
    }
    return resource("Appointment", ordinary, stated)


def an_order(**stated: Any) -> Json:
    ordinary = {
        "id": "order",
        "status": "active",
        "intent": "order",
        "code": coded(VISIT, "replacement-surgery"),
        "subject": OF_P1,
        "occurrenceDateTime": "2026-03-20",
    }
    return resource("ServiceRequest", ordinary, stated)


def a_prescription(**stated: Any) -> Json:
    ordinary = {
        "id": "order",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": BACLOFEN,
        "subject": OF_P1,
        "authoredOn": "2026-01-05",
        "dosageInstruction": [
            {
                "route": INTRATHECAL,
                "doseAndRate": [{"rateQuantity": quantity(100, "mcg/day", "ug/d")}],
            }
        ],
    }
    return resource("MedicationRequest", ordinary, stated)


def a_care_plan(**stated: Any) -> Json:
    ordinary = {
        "id": "plan",
        "status": "active",
        "intent": "plan",
        "instantiatesCanonical": [f"{CANONICAL_BASE}/PlanDefinition/itb-recovery|0.1.0"],
        "subject": OF_P1,
        "period": {"start": "2026-01-20"},
    }
    return resource("CarePlan", ordinary, stated)


def searchset(*resources: Json, **stated: Any) -> Json:
    entries = [{"resource": found} for found in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries, **stated}


def raw(value: Any) -> Raw:
    return Raw(json.dumps(value).encode())


def source(key: str, *resources: Json) -> Source[Any]:
    """What is read of these resources, sent as a searchset."""
    return read_source(key, raw(searchset(*resources)))


def a_chart(zone: str = "UTC", today: date = TODAY) -> Chart:
    return Chart("p1", ZoneInfo(zone), today)


def problems(chart: Chart) -> list[str]:
    return [f"{issue.reference}: {issue.problem}" for issue in chart.issues]


def record_of(key: str, *resources: Json) -> TherapyRecord:
    """The therapy record of a chart that holds these resources and nothing else."""
    sent = {**dict.fromkeys(KEYS, raw(None)), key: raw(searchset(*resources))}
    now = datetime(2026, 2, 1, 12, 0, tzinfo=NO_OFFSET)
    return read_record(open_gate(sent), sent, "p1", now, UTC, for_evaluation=True)
