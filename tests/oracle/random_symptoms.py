"""Seeded patients with symptoms around every limit, told as patient-view requests."""

from datetime import date, datetime, timedelta
from random import Random

from tests.oracle.fhir_shapes import (
    CPT,
    ICD10CM,
    LOCAL,
    SNOMED,
    VISIT,
    Json,
    Shapes,
    coded,
    quantity,
)
from tests.oracle.symptom_oracle import Finding, Moment, SymptomStory

LOINC = "http://loinc.org"
MODEL = "8637-40"
ALARMS = ("low-reservoir", "empty-reservoir", "eos", "motor-stall", "stopped-pump", "memory-error")
OWN = (
    "itching",
    "sweating",
    "spasticity-increased",
    "dizziness",
    "nausea",
    "severe-discomfort",
    "drowsiness",
    "muscle-weakness",
    "muscle-weakness",
    "difficulty-standing",
    "breathing-difficulty",
    "loss-of-consciousness",
    "seizure",
    "altered-mental-state",
)
AS_CONDITION = {
    "rash": (SNOMED, "271807003"),
    "rigidity": (SNOMED, "16046003"),
    "fever": (SNOMED, "386661006"),
    "low pressure": (SNOMED, "45007003"),
    "hypothermia": (SNOMED, "386689009"),
    "muscle-weakness": (ICD10CM, "M62.81"),
    "drowsiness": (ICD10CM, "R40.0"),
    "loss-of-consciousness": (SNOMED, "371632003"),
}
MEASURED = {
    "pressure": ("8480-6", "mm[Hg]", (84, 89, 90, 91, 118)),
    "breaths": ("9279-1", "/min", (8, 9, 10, 11, 16)),
    "saturation": ("59408-5", "%", (88, 91, 92, 93, 98)),
    "coma": ("9269-2", "{score}", (8, 12, 14, 15)),
    "pain": ("72514-3", "{score}", (2, 6, 7, 8)),
    "temperature": ("8310-5", "Cel", (34.8, 34.9, 35, 36.6, 37.4, 37.5, 38.4, 38.5, 39)),
}
HOURS_AGO = (1, 2, 5, 20, 40, 71, 72, 73, 100)


def random_symptoms(seed: int, now: datetime) -> SymptomStory:
    """The same seed and moment give the same story. `now` is in UTC, on a full hour."""
    rng, today = Random(seed), now.date()
    days = rng.choice([3, 4, 4, 20, 20, 40, 89, 90, 91, 99, 100])
    filled: Moment = today - timedelta(days=days)
    if rng.random() < 0.25:
        filled = now - timedelta(hours=rng.choice(HOURS_AGO))
    fill_day = filled.date() if isinstance(filled, datetime) else filled
    change = min(today, fill_day + timedelta(days=rng.randrange(0, 30)))
    step = rng.choice([0, 0, 0, 15, -10]) if change > fill_day else 0
    alarm, empty = _dates(fill_day, change, 100 + step)
    return SymptomStory(
        now=now,
        born=_birth(rng, today),
        filled=filled,
        alarm=alarm,
        empty=empty,
        hindrances=_hindrances(rng, fill_day, today),
        done=_done(rng, now),
        found=_found(rng, now),
        dose_is=100 + step,
        dose_day=change if step else None,
    )


def _dates(fill_day: date, change: date, dose: int) -> tuple[date, date]:
    """20 mL of 500 mcg/mL: 9000 mcg to the alarm at 2 mL and 10000 to the end."""
    before = (change - fill_day).days
    alarm, empty = (
        change + timedelta(days=(amount - 100 * before) // dose) for amount in (9000, 10000)
    )
    return alarm, empty


def _birth(rng: Random, today: date) -> date | None:
    day = date(today.year - 18, today.month, min(today.day, 28))
    return rng.choice([None, date(1980, 5, 17), date(2015, 6, 1), day, day + timedelta(days=1)])


def _hindrances(rng: Random, fill_day: date, today: date) -> frozenset[str]:
    if rng.random() < 0.8 or (today - fill_day).days < 2:
        return frozenset()
    return frozenset({rng.choice([*ALARMS, "missed visit"])})


def _done(rng: Random, now: datetime) -> tuple[Finding, ...]:
    done = []
    for name in ("mri", "62367", "62368", "puncture"):
        if rng.random() < 0.12:
            at = now - timedelta(hours=rng.choice(HOURS_AGO))
            done.append(Finding(name, at if rng.random() < 0.6 else at.date()))
    return tuple(done)


def _found(rng: Random, now: datetime) -> tuple[Finding, ...]:
    found: dict[tuple[str, Moment], Finding] = {}
    for _ in range(rng.choice([0, 1, 1, 2, 2, 3, 4])):
        at = now - timedelta(hours=rng.choice(HOURS_AGO))
        draw = rng.random()
        if draw < 0.6:
            name = rng.choice(OWN)
            found[name, at] = Finding(name, at, rng.choice([1, 1, 1, 0]))
        elif draw < 0.75:
            name = rng.choice(list(AS_CONDITION))
            found[name, at] = Finding(name, at)
        else:
            name = rng.choice(list(MEASURED))
            found[name, at] = Finding(name, at, rng.choice(MEASURED[name][2]))
    return tuple(found.values())


def request_of(seed: int, story: SymptomStory) -> Json:
    """The story as a request; every search is given, empty or not."""
    shapes = Shapes(Random(seed * 31 + 7), f"pt-{seed}", story.now)
    since = story.now.date() - timedelta(days=600)
    patient: Json = {"resourceType": "Patient", "id": shapes.patient_id}
    if story.born:
        patient["birthDate"] = story.born.isoformat()
    device = {"status": "active", "type": coded(SNOMED, "360041000"), "modelNumber": MODEL}
    implant = _done_resource(shapes, coded(CPT, "62362"), since)
    found: dict[str, list[Json]] = {
        "devices": [shapes.resource("Device", device, subject="patient")],
        "medicationAdministrations": [_fill(shapes, story)],
        "procedures": [implant, *(_procedure(shapes, f) for f in story.done)],
        "observations": [*_doses(shapes, story), *_alarms(shapes, story)],
        "conditions": [],
        "appointments": _visits(shapes, story),
        **{key: [] for key in ("medicationRequests", "serviceRequests", "carePlans")},
    }
    for finding in story.found:
        key, resource = _finding(shapes, finding)
        found[key].append(resource)
    bundles: Json = {}
    for key, resources in found.items():
        shapes.rng.shuffle(resources)
        entries = [{"resource": resource} for resource in resources]
        bundles[key] = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    return {
        "hook": "patient-view",
        "hookInstance": f"00000000-0000-4000-8000-{seed:012d}",
        "context": {"userId": "Practitioner/dr-1", "patientId": shapes.patient_id},
        "prefetch": {"patient": patient, **bundles},
    }


def _fill(shapes: Shapes, story: SymptomStory) -> Json:
    body = {
        "status": "completed",
        "medicationCodeableConcept": {"text": "baclofen 500 mcg/mL intrathecal"},
        "effectiveDateTime": story.filled.isoformat(),
        "dosage": {
            "route": coded(SNOMED, "72607000"),
            "dose": quantity(20, "mL"),
            "rateQuantity": quantity(story.dose_was, "ug/d"),
        },
    }
    return shapes.resource("MedicationAdministration", body)


def _done_resource(shapes: Shapes, code: Json, at: Moment) -> Json:
    body = {"status": "completed", "code": code, "performedDateTime": at.isoformat()}
    return shapes.resource("Procedure", body)


def _procedure(shapes: Shapes, finding: Finding) -> Json:
    told = {"mri": {"text": "MRI of the spine"}, "puncture": coded(SNOMED, "277762005")}
    return _done_resource(shapes, told.get(finding.name) or coded(CPT, finding.name), finding.at)


def _observation(shapes: Shapes, code: Json, at: Moment, value: Json) -> Json:
    body = {"status": "final", "code": code, "effectiveDateTime": at.isoformat(), **value}
    return shapes.resource("Observation", body)


def _doses(shapes: Shapes, story: SymptomStory) -> list[Json]:
    level = {"valueQuantity": quantity(2, "mL")}
    day = story.filled if not isinstance(story.filled, datetime) else story.filled.date()
    code = coded(LOCAL, "low-reservoir-alarm-volume")
    listed = [_observation(shapes, code, day, level)]
    strength = {"valueQuantity": quantity(500, "ug/mL")}
    listed.append(_observation(shapes, coded(LOCAL, "drug-concentration"), day, strength))
    if story.dose_day:
        value = {"valueQuantity": quantity(story.dose_is, "ug/d")}
        listed.append(_observation(shapes, coded(LOCAL, "daily-dose"), story.dose_day, value))
    return listed


def _alarms(shapes: Shapes, story: SymptomStory) -> list[Json]:
    code, today = coded(LOCAL, "pump-alarm"), story.now.date()
    return [
        _observation(shapes, code, today, {"valueCodeableConcept": coded(LOCAL, name)})
        for name in story.hindrances
        if name in ALARMS
    ]


def _visits(shapes: Shapes, story: SymptomStory) -> list[Json]:
    if "missed visit" not in story.hindrances:
        return []
    body = {
        "status": "noshow",
        "serviceType": [coded(VISIT, "refill-visit")],
        "start": shapes.instant(story.now.date() - timedelta(days=1), 10),
        "participant": [{"actor": {"reference": f"Patient/{shapes.patient_id}"}}],
    }
    return [shapes.resource("Appointment", body, subject=None)]


def _finding(shapes: Shapes, finding: Finding) -> tuple[str, Json]:
    name, at = finding.name, finding.at
    if name in MEASURED:
        code, unit, _ = MEASURED[name]
        number = {**quantity(1, unit), "value": finding.value}
        told = _observation(shapes, coded(LOINC, code), at, {"valueQuantity": number})
        return "observations", told
    if name in AS_CONDITION and (name not in OWN or (finding.value and shapes.rng.random() < 0.4)):
        body = {
            "clinicalStatus": coded(
                "http://terminology.hl7.org/CodeSystem/condition-clinical", "active"
            ),
            "code": coded(*AS_CONDITION[name]),
            "recordedDate": at.isoformat(),
        }
        return "conditions", shapes.resource("Condition", body)
    value = {"valueBoolean": finding.value > 0}
    return "observations", _observation(shapes, coded(LOCAL, name), at, value)
