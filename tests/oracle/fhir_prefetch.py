"""Tells a story as the prefetch of a patient-view request, in the shapes EHRs really send."""

from datetime import date, datetime, time
from random import Random
from typing import Any

from tests.oracle.fhir_pump_resources import (
    alarm_observation,
    dose_resources,
    fill_resources,
    pump_device,
    reading,
)
from tests.oracle.fhir_shapes import (
    CPT,
    ICD10CM,
    LOCAL,
    PCS,
    SNOMED,
    VISIT,
    Json,
    Shapes,
    coded,
    quantity,
)
from tests.oracle.patient_story import Story
from tests.oracle.pump_record import (
    RecoveryCarePlan,
    ReplacementRequest,
    Sign,
    Surgery,
    Temperature,
    Visit,
)

RECOVERY_PLAN = "https://example.org/itb-pump-cds/fhir/PlanDefinition/itb-recovery"
KEYS = (
    "devices",
    "medicationAdministrations",
    "procedures",
    "observations",
    "conditions",
    "medicationRequests",
    "appointments",
    "serviceRequests",
    "carePlans",
)
INSERTION, REMOVAL = ((CPT, "62362"), (PCS, "0JH80VZ")), ((CPT, "62365"), (PCS, "0JPT0VZ"))
REVISION = (PCS, "0JWT0VZ")


def patient_view_request(story: Story, rng: Random) -> Json:
    """The whole CDS Hooks 2.0 request; every search of the prefetch is given, empty or not."""
    shapes = Shapes(rng, f"pt-{story.seed}", story.now)
    found: dict[str, list[Json]] = {key: [] for key in KEYS}
    _pump_side(found, story, shapes)
    _surgery_side(found, story, shapes)
    for visit in story.visits:
        found["appointments"].append(_appointment(shapes, visit))
    for request in story.requests:
        found["serviceRequests"].append(_replacement_request(shapes, request))
    found["carePlans"] += [_care_plan(shapes, plan) for plan in story.care_plans]
    _decoys(found, story, shapes)
    patient = {"resourceType": "Patient", "id": shapes.patient_id, "birthDate": "1979-04-02"}
    prefetch: dict[str, Any] = {"patient": patient}
    for key in KEYS:
        rng.shuffle(found[key])
        prefetch[key] = _searchset(found[key])
    return {
        "hook": "patient-view",
        "hookInstance": f"00000000-0000-4000-8000-{story.seed:012d}",
        "context": {"userId": "Practitioner/dr-1", "patientId": shapes.patient_id},
        "prefetch": prefetch,
    }


def _pump_side(found: dict[str, list[Json]], story: Story, shapes: Shapes) -> None:
    found["devices"].append(pump_device(shapes, story.model, is_gone=story.explant is not None))
    for key, resource in (*fill_resources(shapes, story), *dose_resources(shapes, story)):
        found[key].append(resource)
    since = story.implant.last if story.implant else story.today
    readings = found["observations"]
    value: Json
    if story.alarm_volume_ml is not None:
        day = min(story.today, max(since, min((f.last for f in story.fills), default=since)))
        value = {"valueQuantity": quantity(story.alarm_volume_ml, "mL")}
        readings.append(reading(shapes, "low-reservoir-alarm-volume", day, value))
    for told in story.reported:
        value = {"valueDateTime": told.alarm.isoformat()}
        readings.append(reading(shapes, "low-reservoir-alarm-date", told.recorded, value))
    for estimate in story.estimates:
        if estimate.eri:
            value = {"valueDateTime": estimate.eri.isoformat()}
            readings.append(reading(shapes, "eri-date", estimate.recorded, value))
        else:
            value = {"valueQuantity": quantity(estimate.months or 0, "mo")}
            readings.append(reading(shapes, "months-to-eri", estimate.recorded, value))
    readings += [alarm_observation(shapes, alarm) for alarm in story.alarms]


def _surgery_side(found: dict[str, list[Json]], story: Story, shapes: Shapes) -> None:
    for surgery in story.surgeries:
        found["procedures"] += _procedures(shapes, surgery)
    for sign in story.signs:
        key = "conditions" if sign.name == "wound-dehiscence" else "observations"
        found[key].append(_sign(shapes, sign))
    found["observations"] += [_temperature(shapes, taken) for taken in story.temperatures]
    if story.has_device_infection:
        code = shapes.rng.choice(["T85.735A", "T85.738A"])
        found["conditions"].append(_condition(shapes, coded(ICD10CM, code), story.today))


def _procedures(shapes: Shapes, surgery: Surgery) -> list[Json]:
    rng = shapes.rng
    insertion, removal = rng.choice(list(zip(INSERTION, REMOVAL, strict=True)))
    codes = {
        "implant": [insertion],
        "replacement": [insertion, removal] if rng.random() < 0.6 else [INSERTION[0]],
        "revision": [REVISION],
        "explant": [removal],
    }[surgery.kind]
    return [_procedure(shapes, code, surgery) for code in codes]


def _procedure(shapes: Shapes, code: tuple[str, str], surgery: Surgery) -> Json:
    if surgery.first != surgery.last:
        performed: Json = {"performedDateTime": f"{surgery.first:%Y-%m}"}
    elif surgery.first < shapes.now.date() and shapes.rng.random() < 0.3:
        start, end = (datetime.combine(surgery.first, time(h), shapes.now.tzinfo) for h in (8, 10))
        performed = {"performedPeriod": {"start": start.isoformat(), "end": end.isoformat()}}
    else:
        performed = {"performedDateTime": shapes.when(surgery.first)}
    body = {"status": "completed", "code": coded(*code), **performed}
    return shapes.resource("Procedure", body)


def _appointment(shapes: Shapes, visit: Visit) -> Json:
    start = shapes.instant(visit.day, shapes.rng.randrange(7, 18))
    kind = [coded(VISIT, visit.kind)]
    body: Json = {
        "status": visit.status,
        shapes.rng.choice(["serviceType", "reasonCode"]): kind,
        "participant": [
            {"actor": {"reference": f"Patient/{shapes.patient_id}"}, "status": "accepted"}
        ],
    }
    if visit.status in ("proposed", "pending") and shapes.rng.random() < 0.3:
        body["requestedPeriod"] = [{"start": start}]
    else:
        body["start"] = start
        body["end"] = shapes.instant(visit.day, 19)
    return shapes.resource("Appointment", body, subject=None)


def _replacement_request(shapes: Shapes, request: ReplacementRequest) -> Json:
    code = coded(VISIT, "replacement-surgery")
    if shapes.rng.random() < 0.4:
        code["coding"].insert(0, {"system": CPT, "code": "62362"})
    body = {
        "status": request.status,
        "intent": "order",
        "code": code,
        "occurrenceDateTime": shapes.when(request.day, is_future=True),
    }
    return shapes.resource("ServiceRequest", body)


def _sign(shapes: Shapes, sign: Sign) -> Json:
    if sign.name == "wound-dehiscence":
        code = coded(SNOMED, "225553008", "Wound dehiscence")
        condition = _condition(shapes, code, sign.day)
        return {**condition, "bodySite": [{"text": "abdomen incision over the pump pocket"}]}
    body = {
        "status": shapes.rng.choice(["final", "amended", "corrected"]),
        "code": coded(LOCAL, sign.name),
        "effectiveDateTime": shapes.when(sign.day),
        "valueBoolean": sign.present,
    }
    return shapes.resource("Observation", body)


def _temperature(shapes: Shapes, temperature: Temperature) -> Json:
    value = quantity(temperature.celsius, "Cel")
    if shapes.rng.random() < 0.3:
        value = quantity(temperature.celsius * 9 / 5 + 32, "[degF]")
    body = {
        "status": "final",
        "code": coded("http://loinc.org", "8310-5", "Body temperature"),
        "effectiveDateTime": temperature.taken.isoformat(),
        "valueQuantity": value,
    }
    return shapes.resource("Observation", body)


def _condition(shapes: Shapes, code: Json, day: date) -> Json:
    clinical = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    verification = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    body = {
        "clinicalStatus": coded(clinical, "active"),
        "verificationStatus": coded(verification, "confirmed"),
        "code": code,
        "onsetDateTime": day.isoformat(),
        "recordedDate": day.isoformat(),
    }
    return shapes.resource("Condition", body)


def _care_plan(shapes: Shapes, plan: RecoveryCarePlan) -> Json:
    body: Json = {
        "instantiatesCanonical": [RECOVERY_PLAN + shapes.rng.choice(["", "|1.0.0"])],
        "status": plan.status,
        "intent": "plan",
    }
    if shapes.rng.random() < 0.7:
        body["period"] = {"start": plan.start.isoformat()}
    else:
        body["created"] = plan.start.isoformat()
    if plan.activities:
        body["activity"] = [
            {
                "detail": {
                    "kind": "ServiceRequest",
                    "code": {"text": f"Recovery step {number}"},
                    "status": activity.status,
                    "scheduledPeriod": {
                        "start": activity.start.isoformat(),
                        "end": activity.end.isoformat(),
                    },
                }
            }
            for number, activity in enumerate(plan.activities, 1)
        ]
    return shapes.resource("CarePlan", body)


def _decoys(found: dict[str, list[Json]], story: Story, shapes: Shapes) -> None:
    """Records that must change nothing: wrong status, wrong pump, wrong route."""
    rng, yesterday = shapes.rng, shapes.yesterday
    if rng.random() < 0.2:
        body: Json = {"status": "active", "type": coded(SNOMED, "69805005", "Insulin pump")}
        found["devices"].append(shapes.resource("Device", body, subject="patient"))
    if rng.random() < 0.2:
        status = rng.choice(["not-done", "preparation", "entered-in-error"])
        body = {"status": status, "code": coded(CPT, "62362"), "performedDateTime": yesterday}
        found["procedures"].append(shapes.resource("Procedure", body))
    if rng.random() < 0.2:
        wrong = reading(shapes, "daily-dose", story.today, {"valueQuantity": quantity(5, "ug/d")})
        found["observations"].append({**wrong, "status": "entered-in-error"})
    if rng.random() < 0.2:
        body = {
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": {"text": "baclofen 10 mg oral tablet"},
            "authoredOn": yesterday,
            "dosageInstruction": [{"route": coded(SNOMED, "26643006", "Oral route")}],
        }
        found["medicationRequests"].append(shapes.resource("MedicationRequest", body))
    if rng.random() < 0.2:
        body = {"status": "active", "intent": "order", "code": coded(VISIT, "refill-visit")}
        body["occurrenceDateTime"] = shapes.when(story.today, is_future=True)
        found["serviceRequests"].append(shapes.resource("ServiceRequest", body))


def _searchset(resources: list[Json]) -> Json:
    entries: list[Json] = []
    for resource in resources:
        included = resource["resourceType"] == "Medication"
        entries.append(
            {
                "fullUrl": f"https://ehr.example.org/{resource['resourceType']}/{resource['id']}",
                "resource": resource,
                "search": {"mode": "include" if included else "match"},
            }
        )
    total = sum(entry["search"]["mode"] == "match" for entry in entries)
    bundle: Json = {"resourceType": "Bundle", "type": "searchset", "total": total}
    return {**bundle, "entry": entries} if entries else bundle
