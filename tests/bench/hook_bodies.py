"""Two hook calls of exactly 200 000 bytes and 128 resources, as an EHR's FHIR server sends them.

Both patients are equally ill and equally long in care; only one has a pump. Every resource carries
what a vendor's server adds: narrative, meta, identifiers, extensions, the vendor's codings first.
"""

import json
from datetime import date, timedelta
from uuid import UUID, uuid5

from cds_service.demo_clinic.chart import PREFETCH_KEYS, prefetch_key
from cds_service.demo_clinic.chart_writer import ChartWriter, Person
from cds_service.demo_clinic.coding import Resource, concept, quantity
from cds_service.fhir.terminology.systems import ICD10PCS, LOINC, RXNORM, SNOMED
from cds_service.therapy.calendar import add_months
from tests.bench.vendor_elements import dressed

BYTES = 200_000
COUNTS = {
    "Patient": 1,
    "Device": 2,
    "MedicationAdministration": 40,
    "Observation": 60,
    "Procedure": 10,
    "Condition": 15,
}
PUMP_TOPICS = ["itbWithdrawalSuspected", "itbRefillOverdue", "itbInfectionEmergency"]
"""The criticals, in the order of the plans."""
PUMP_ALSO_DUE = ["itbBatteryOrder", "itbRecoveryPlan"]

_CALLS = UUID("0d5c1d52-2d7e-4a0f-8c3c-9b1f3d1c7a60")
_SENTENCE = "Reviewed with the patient; no change to the plan of care. "
_WARDS_DRUGS = (
    ("161", "acetaminophen 325 mg tablet"),
    ("7052", "morphine 2 mg/mL injection"),
    ("2193", "ceftriaxone 1 g injection"),
    ("67108", "enoxaparin 40 mg/0.4 mL syringe"),
    ("6470", "lorazepam 1 mg tablet"),
    ("1292", "baclofen 10 mg oral tablet"),
    ("38404", "tizanidine 4 mg tablet"),
    ("36567", "simvastatin 20 mg tablet"),
)
_MEASURED = (
    ("8867-4", "Heart rate", 72, "/min"),
    ("9279-1", "Respiratory rate", 14, "/min"),
    ("59408-5", "Oxygen saturation", 97, "%"),
    ("29463-7", "Body weight", 68.4, "kg"),
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", 0.82, "mg/dL"),
    ("718-7", "Hemoglobin [Mass/volume] in Blood", 13.1, "g/dL"),
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", 139, "mmol/L"),
)
_ILLS = (
    ("221360009", "Spasticity"),
    ("90584004", "Spinal cord injury"),
    ("38341003", "Hypertensive disorder"),
    ("14760008", "Constipation"),
    ("397732007", "Neurogenic bladder"),
)
_DONE = (
    ("229070002", "Stretching exercises"),
    ("410158009", "Assessment of musculoskeletal status"),
    ("268400002", "12 lead electrocardiogram"),
    ("418714002", "Chest imaging"),
)


def calls(prefetch: dict[str, Resource], how_many: int) -> list[bytes]:
    """The same call under several hookInstances, so that none is a repetition."""
    return [_body(prefetch, str(uuid5(_CALLS, str(number)))) for number in range(how_many)]


def with_pump(today: date) -> dict[str, Resource]:
    """18 refills, alarm date three days ago, 150 days of battery, fever nine days after surgery."""
    chart = _chart(1, "Pump", today)
    service_ends = today + timedelta(days=150)
    chart.pump("8637-20", (add_months(service_ends, -84) - today).days)
    for number in range(18):
        chart.fill(-93 - 90 * number, ml=20, mcg_per_ml=500, mcg_per_day=100)
    _procedure(chart, -9, ICD10PCS, "0JWT0VZ", "Revision of infusion pump in trunk, open approach")
    chart.reading("incision-drainage", -1, True)
    chart.reading("incision-discoloration", -1, True)
    chart.temperature(-1, 38.4)
    return _prefetch(chart)


def without_pump(today: date) -> dict[str, Resource]:
    """Spasticity treated by mouth, and an infusion pump that is not an intrathecal one."""
    chart = _chart(2, "Plain", today)
    chart.device(concept(SNOMED, "433296005", "Infusion pump for intravenous fluids"), "Bedside")
    return _prefetch(chart)


def _chart(number: int, name: str, today: date) -> ChartWriter:
    born = date(1979, 7, 8)
    chart = ChartWriter(Person(number, f"Testpatient-{name}", "Benno", "male", born), today)
    chart.device(concept(SNOMED, "58938008", "Wheelchair"), "Quickie 2")
    return chart


def _prefetch(chart: ChartWriter) -> dict[str, Resource]:
    """Ten keys; the ordinary care of any patient fills each resource type up to its count."""
    number = 0
    while _count(chart, "MedicationAdministration") < COUNTS["MedicationAdministration"]:
        _administration(chart, -2 - number, *_WARDS_DRUGS[number % len(_WARDS_DRUGS)])
        number += 1
    while _count(chart, "Observation") < COUNTS["Observation"]:
        _observation(chart, -2 - number, *_MEASURED[number % len(_MEASURED)])
        number += 1
    while _count(chart, "Procedure") < COUNTS["Procedure"]:
        _procedure(chart, -20 * number, SNOMED, *_DONE[number % len(_DONE)])
        number += 1
    while _count(chart, "Condition") < COUNTS["Condition"]:
        chart.condition(*_ILLS[number % len(_ILLS)], recorded=-30 * number)
        number += 1
    finished = chart.chart()
    resources = [dressed(found) for found in (finished.patient, *finished.resources)]
    missing = BYTES - len(_body(_by_key(resources), str(_CALLS)))
    _lengthen_narratives(resources, missing)
    return _by_key(resources)


def _count(chart: ChartWriter, kind: str) -> int:
    return sum(resource["resourceType"] == kind for resource in chart.resources)


def _procedure(chart: ChartWriter, on: int, system: str, code: str, display: str) -> None:
    _add(
        chart,
        "Procedure",
        status="completed",
        code=concept(system, code, display),
        performedDateTime=chart.day(on).isoformat(),
    )


def _administration(chart: ChartWriter, on: int, code: str, drug: str) -> None:
    _add(
        chart,
        "MedicationAdministration",
        status="completed",
        medicationCodeableConcept=concept(RXNORM, code, drug),
        effectiveDateTime=f"{chart.day(on).isoformat()}T08:12:00Z",
        dosage={
            "text": f"{drug}, 1 unit as ordered",
            "route": concept(SNOMED, "26643006", "Oral route"),
            "dose": quantity(1, "{unit}"),
        },
    )


def _observation(
    chart: ChartWriter, on: int, code: str, name: str, value: float, unit: str
) -> None:
    _add(
        chart,
        "Observation",
        status="final",
        code=concept(LOINC, code, name),
        effectiveDateTime=f"{chart.day(on).isoformat()}T05:41:00Z",
        valueQuantity=quantity(value, unit),
    )


def _add(chart: ChartWriter, kind: str, **elements: object) -> None:
    id_ = f"{chart.person.id}-{kind.lower()}-{_count(chart, kind) + 1}"
    subject = {"reference": f"Patient/{chart.person.id}"}
    chart.resources.append({"resourceType": kind, "id": id_, "subject": subject, **elements})


def _by_key(resources: list[Resource]) -> dict[str, Resource]:
    """The prefetch; the patient comes first among the resources."""
    keys: dict[str, list[Resource]] = {key: [] for key in PREFETCH_KEYS}
    for resource in resources[1:]:
        keys[prefetch_key(resource)].append(resource)
    return {"patient": resources[0]} | {key: _searchset(found) for key, found in keys.items()}


def _searchset(resources: list[Resource]) -> Resource:
    server = "https://ehr.example.org/fhir/R4"
    entries = [
        {
            "fullUrl": f"{server}/{resource['resourceType']}/{resource['id']}",
            "resource": resource,
            "search": {"mode": "match"},
        }
        for resource in resources
    ]
    bundle: Resource = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return bundle | ({"entry": entries} if entries else {})


def _lengthen_narratives(resources: list[Resource], missing: int) -> None:
    """Makes the narratives so many bytes longer in all."""
    assert missing > 0, f"the resources are {-missing} bytes too long"
    each, rest = divmod(missing, len(resources))
    for number, resource in enumerate(resources):
        length = each + (rest if number == 0 else 0)
        more = (_SENTENCE * (length // len(_SENTENCE) + 1))[:length]
        resource["text"]["div"] = resource["text"]["div"].replace("</div>", f"{more}</div>")


def _body(prefetch: dict[str, Resource], hook_instance: str) -> bytes:
    body = {
        "hook": "patient-view",
        "hookInstance": hook_instance,
        "context": {
            "userId": "Practitioner/eXJ7",
            "patientId": prefetch["patient"]["id"],
            "encounterId": "eEnc1",
        },
        "prefetch": prefetch,
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
