"""The pump's own resources: Device, fills, doses, readings and alarms, in many shapes."""

from datetime import date
from fractions import Fraction

from tests.oracle.fhir_shapes import (
    CPT,
    LOCAL,
    RXNORM,
    SNOMED,
    Json,
    Shapes,
    coded,
    plain_quantity,
    quantity,
)
from tests.oracle.patient_story import Story
from tests.oracle.pump_record import DoseStatement, Fill, PumpAlarm

Keyed = tuple[str, Json]
ROUTE = coded(SNOMED, "72607000", "Intrathecal route")
BACLOFEN = coded(RXNORM, "1292", "baclofen")
REFILL_CODES = ("95990", "62370", "62369", "95991")
NAMES = {"8637": "SynchroMed II", "8667": "SynchroMed III"}


def pump_device(shapes: Shapes, model: str | None, is_gone: bool) -> Json:
    """The pump; its model stands in modelNumber, in the name, or nowhere."""
    rng = shapes.rng
    body: Json = {
        "status": rng.choice(["active", "inactive"]) if is_gone else "active",
        "type": coded(SNOMED, "360041000", "Implanted drug delivery system"),
    }
    body["type"]["text"] = "Implanted intrathecal baclofen pump"
    body["expirationDate"] = f"{shapes.now.date().replace(day=1)}"
    if model:
        name = f"{NAMES[model[:4]]} {model}"
        if rng.random() < 0.7:
            body["modelNumber"] = model
        else:
            body["deviceName"] = [{"name": name, "type": "model-name"}]
    return shapes.resource("Device", body, subject="patient")


def reading(shapes: Shapes, code: str, day: date, value: Json) -> Json:
    """An Observation of the pump, with its value[x]."""
    body = {
        "status": shapes.rng.choice(["final", "final", "amended", "corrected"]),
        "code": coded(LOCAL, code),
        "effectiveDateTime": shapes.when(day),
        **value,
    }
    return shapes.resource("Observation", body)


def alarm_observation(shapes: Shapes, alarm: PumpAlarm) -> Json:
    """An Observation of a pump alarm; a time only if the story has one."""
    when = shapes.when(alarm.day, alarm.hour) if alarm.hour is not None else alarm.day.isoformat()
    value = {"valueCodeableConcept": coded(LOCAL, alarm.kind)}
    return {**reading(shapes, "pump-alarm", alarm.day, value), "effectiveDateTime": when}


def fill_resources(shapes: Shapes, story: Story) -> list[Keyed]:
    """All resources that record the fills, each with its prefetch key."""
    rates = {d.day: d for d in story.doses if d.source == "administration"}
    listed: list[Keyed] = []
    for fill in story.fills:
        if fill.dose_ml is None and fill.observed_ml is None and fill.concentration is None:
            listed.append(("procedures", _refill_procedure(shapes, fill)))
        else:
            listed += _administration(shapes, fill, rates.get(fill.first))
    return listed


def dose_resources(shapes: Shapes, story: Story) -> list[Keyed]:
    """Daily doses stated apart from a fill, each with its prefetch key."""
    listed: list[Keyed] = []
    for stated in story.doses:
        if stated.source == "observation":
            value = {"valueQuantity": _dose_quantity(shapes, stated)}
            listed.append(("observations", reading(shapes, "daily-dose", stated.day, value)))
        elif stated.source == "request":
            listed.append(("medicationRequests", _order(shapes, stated)))
    return listed


def _fill_moment(shapes: Shapes, fill: Fill) -> str:
    if fill.first != fill.last:
        return f"{fill.first:%Y-%m}"
    if fill.hour is None:
        return fill.first.isoformat()
    return shapes.instant(fill.first, fill.hour)


def _refill_procedure(shapes: Shapes, fill: Fill) -> Json:
    body = {
        "status": "completed",
        "code": coded(CPT, shapes.rng.choice(REFILL_CODES)),
        "performedDateTime": _fill_moment(shapes, fill),
    }
    return shapes.resource("Procedure", body)


def _administration(shapes: Shapes, fill: Fill, rate: DoseStatement | None) -> list[Keyed]:
    rng, moment = shapes.rng, _fill_moment(shapes, fill)
    body: Json = {"status": "completed"}
    listed: list[Keyed] = []
    strength = fill.concentration
    if strength is None or (rng.random() < 0.25 and fill.first == fill.last):
        body["medicationCodeableConcept"] = BACLOFEN
        if strength is not None:
            value = {"valueQuantity": quantity(strength, "ug/mL")}
            observed = reading(shapes, "drug-concentration", fill.first, value)
            listed.append(("observations", observed))
    else:
        medication = _medication(shapes, strength)
        if rng.random() < 0.5:
            body["contained"] = [{**medication, "id": "med"}]
            body["medicationReference"] = {"reference": "#med"}
        else:
            body["medicationReference"] = {"reference": f"Medication/{medication['id']}"}
            listed.append(("medicationAdministrations", medication))
    if fill.hour is not None and rng.random() < 0.3:
        body["effectivePeriod"] = {"start": moment, "end": shapes.instant(fill.first, fill.hour)}
    else:
        body["effectiveDateTime"] = moment
    body["dosage"] = _dosage(shapes, fill, rate)
    if fill.observed_ml is not None:
        value = {"valueQuantity": quantity(fill.observed_ml, "mL")}
        volume = reading(shapes, "reservoir-fill-volume", fill.first, value)
        if fill.first != fill.last:
            volume["effectiveDateTime"] = moment
        listed.append(("observations", volume))
    listed.append(("medicationAdministrations", shapes.resource("MedicationAdministration", body)))
    return listed


def _dosage(shapes: Shapes, fill: Fill, rate: DoseStatement | None) -> Json:
    dosage: Json = {"route": ROUTE}
    if fill.dose_ml is not None:
        by_mass = fill.concentration is not None and shapes.rng.random() < 0.3
        if by_mass and fill.concentration is not None:
            dosage["dose"] = quantity(fill.dose_ml * fill.concentration / 1000, "mg")
        else:
            dosage["dose"] = quantity(fill.dose_ml, "mL")
    if rate is not None and rate.mcg_per_day is not None:
        if shapes.rng.random() < 0.3:
            per = shapes.rng.choice([quantity(1, "d"), quantity(24, "h")])
            numerator = quantity(rate.mcg_per_day, "ug")
            dosage["rateRatio"] = {"numerator": numerator, "denominator": per}
        else:
            dosage["rateQuantity"] = _dose_quantity(shapes, rate)
    return dosage


def _medication(shapes: Shapes, strength: Fraction) -> Json:
    millilitres = shapes.rng.choice([1, 1, 5, 20])
    numerator = quantity(strength * millilitres, "ug")
    if shapes.rng.random() < 0.5:
        numerator = quantity(strength * millilitres / 1000, "mg")
    ratio = {"numerator": numerator, "denominator": quantity(millilitres, "mL")}
    body = {
        "code": BACLOFEN,
        "ingredient": [{"itemCodeableConcept": BACLOFEN, "isActive": True, "strength": ratio}],
    }
    return shapes.resource("Medication", body, subject=None)


def _dose_quantity(shapes: Shapes, stated: DoseStatement) -> Json:
    dose = stated.mcg_per_day
    if dose is None:
        return quantity(100, "mg/d") if stated.over_limit else quantity(1, "mL/d")
    return shapes.rng.choice(
        [
            quantity(dose, "ug/d"),
            quantity(dose / 24, "ug/h"),
            quantity(dose / 1000, "mg/d"),
            plain_quantity(dose, "mcg/day"),
        ]
    )


def _order(shapes: Shapes, stated: DoseStatement) -> Json:
    rate = {"rateQuantity": _dose_quantity(shapes, stated)}
    body = {
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": coded(RXNORM, "1292", "baclofen, intrathecal"),
        "authoredOn": shapes.when(stated.day),
        "dosageInstruction": [{"route": ROUTE, "doseAndRate": [rate]}],
    }
    return shapes.resource("MedicationRequest", body)
