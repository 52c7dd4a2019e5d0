"""The same patient grafted into the shapes of other systems: the same cards as the plain record.

Metamorphic: only the shape is changed, never a date, a figure or a meaning. Readings rest on other
words, so topics, urgency, dates and figures are compared, and nothing may be reported as unread.
"""

import copy
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.assessment.builders import a_chart, assessed, prefetch
from tests.fhir.builders import (
    PUMP,
    Json,
    a_device,
    a_procedure,
    an_administration,
    an_appointment,
    an_observation,
    quantity,
    text,
)

Chart = dict[str, list[Json]]
ATC = "http://fhir.de/CodeSystem/bfarm/atc"
PZN = "http://fhir.de/CodeSystem/ifa/pzn"
OPS = "http://fhir.de/CodeSystem/bfarm/ops"
EPIC = "urn:oid:1.2.840.114350.1.13.0.1.7.2.698288"
CERNER = "https://fhir.cerner.com/ec2458f2-1e24-41c8-b71b-0e701af7583d/codeSet/72"
LONG_ID = "eAfx8q1VJ7mQ.Ls-0bM2Kd9yTz4wXh5.GgPcRnUoE3vW3"
DAYS = ["2026-02-01", "2026-03-10", "2026-03-29", "2026-04-06", "2026-04-20"]


def plain() -> Chart:
    """R1's patient with a later dose, a booking, a drain of the wound and a stalled motor."""
    return a_chart(
        procedures=[a_procedure(text("Implantation of baclofen pump"), "2025-01-15", id="op")],
        observations=[
            _observed("low-reservoir-alarm-volume", "2026-01-05", 2, "mL", "mL"),
            _observed("daily-dose", "2026-01-20", 120.5, "mcg/day", "ug/d"),
            an_observation(
                "incision-drainage", id="o3", effectiveDateTime="2026-01-25", valueBoolean=True
            ),
        ],
        appointments=[an_appointment("2026-04-02T10:00:00Z", serviceType=[text("Pump refill")])],
    )


def _observed(code: str, when: str, value: float, unit: str, ucum: str) -> Json:
    body = {"effectiveDateTime": when, "valueQuantity": quantity(value, unit, ucum)}
    return an_observation(code, id=code, **body)


def changed(key: str, **stated: Any) -> Chart:
    chart = plain()
    chart[key][0].update(stated)
    chart[key][0] = {name: value for name, value in chart[key][0].items() if value is not None}
    return chart


def dosage(**stated: Any) -> Json:
    return {**an_administration()["dosage"], **stated}


def without_rate() -> Json:
    return {name: part for name, part in dosage().items() if name != "rateQuantity"}


STRENGTH = {
    "itemCodeableConcept": text("Baclofen"),
    "strength": {"numerator": quantity(10, "mg", "mg"), "denominator": quantity(20, "mL", "mL")},
}
DRUG = {
    "resourceType": "Medication",
    "id": "drug",
    "code": text("Baclofen"),
    "ingredient": [STRENGTH],
}


def rate_ratio() -> Chart:
    ratio = {"numerator": quantity(0.1, "mg", "mg"), "denominator": quantity(24, "h", "h")}
    given = {**without_rate(), "rateRatio": ratio}
    return changed("medicationAdministrations", dosage=given)


def contained_drug() -> Chart:
    return changed(
        "medicationAdministrations",
        medicationCodeableConcept=None,
        medicationReference={"reference": "#drug"},
        contained=[DRUG],
    )


def referenced_drug() -> Chart:
    chart = changed(
        "medicationAdministrations",
        medicationCodeableConcept=None,
        medicationReference={"reference": "Medication/drug"},
    )
    chart["medicationAdministrations"].append(DRUG)
    return chart


def drug_by_absolute_address() -> Chart:
    chart = referenced_drug()
    given = chart["medicationAdministrations"][0]
    given["medicationReference"] = {"reference": "https://ehr.example/fhir/Medication/drug"}
    return chart


def absolute_references() -> Chart:
    return _everywhere({"reference": "https://ehr.example/fhir/r4/Patient/p1/_history/3"})


def references_with_more() -> Chart:
    more = {"reference": "Patient/p1", "type": "Patient", "display": "A. N.", "identifier": {}}
    return _everywhere(more)


def _everywhere(patient: Json) -> Chart:
    chart = plain()
    for resource in (each for found in chart.values() for each in found):
        for name in ("subject", "patient"):
            if name in resource:
                resource[name] = patient
        for part in resource.get("participant", ()):
            part["actor"] = patient
    return chart


def german_hospital() -> Chart:
    """Shaped like the modules of the German MII and KBV: their code systems, German words."""
    chart = plain()
    chart["devices"] = [
        a_device(
            meta={"profile": ["https://www.medizininformatik-initiative.de/fhir/ext/device"]},
            type={"coding": [{"system": "http://klinik.example/geraete", "code": "P-17"}]}
            | text("Intrathekale Baclofenpumpe"),
            deviceName=[{"name": "SynchroMed II", "type": "manufacturer-name"}],
        )
    ]
    chart["procedures"][0]["code"] = {
        "coding": [{"system": OPS, "display": "Implantation einer Medikamentenpumpe"}],
        "text": "Implantation einer intrathekalen Baclofenpumpe",
    }
    chart["procedures"][0]["performedPeriod"] = {"start": "2025-01-15", "end": "2025-01-15"}
    del chart["procedures"][0]["performedDateTime"]
    chart["medicationAdministrations"][0].update(
        medicationCodeableConcept={
            "coding": [{"system": ATC, "display": "Baclofen"}, {"system": PZN}],
            "text": "Baclofen intrathekal Infusionslösung 10 mg pro 20 ml",
        },
        dosage={
            "text": "0,1 mg/Tag kontinuierlich",
            "route": text("intrathekal"),
            "dose": quantity(20, "Milliliter", "mL"),
            "rateQuantity": quantity(100, "µg/Tag"),
        },
        effectivePeriod={"start": "2026-01-05T10:00:00+01:00"},
    )
    del chart["medicationAdministrations"][0]["effectiveDateTime"]
    _flowsheet(chart, ["2 ml", "120,5 µg/Tag"])
    chart["appointments"][0]["serviceType"] = [text("Nachfüllung Baclofenpumpe")]
    return chart


def in_words(pump: str, operation: str, drug: str, route: str, visit: str) -> Callable[[], Chart]:
    def chart() -> Chart:
        found = plain()
        found["devices"] = [a_device(type=text(pump))]
        found["procedures"][0]["code"] = text(operation)
        found["medicationAdministrations"][0].update(
            medicationCodeableConcept=text(drug), dosage=dosage(route=text(route))
        )
        found["appointments"][0]["serviceType"] = [text(visit)]
        return found

    return chart


def _flowsheet(chart: Chart, told: list[str]) -> None:
    for reading, words in zip(chart["observations"], told, strict=False):
        del reading["valueQuantity"]
        reading["valueString"] = words


def typed_flowsheet() -> Chart:
    chart = plain()
    _flowsheet(chart, ["2.0 mL", "120.5 mcg/day"])
    return chart


def epic() -> Chart:
    """Long ids with points and hyphens, absolute references, names only, no Medication sent."""
    chart = plain()
    for number, resource in enumerate(each for found in chart.values() for each in found):
        if resource["resourceType"] != "Patient":
            resource["id"] = f"{LONG_ID}{number}"
    given = chart["medicationAdministrations"][0]
    del given["medicationCodeableConcept"]
    given["medicationReference"] = {
        "reference": f"Medication/{LONG_ID}",
        "display": "baclofen 10 mg/20 mL (500 mcg/mL) intrathecal solution",
    }
    given["dosage"]["route"] = {
        "coding": [{"system": f"{EPIC}.798268.7025", "code": "40", "display": "Intrathecal"}],
        "text": "Intrathecal",
    }
    chart["devices"][0].update(
        type={"coding": [{"system": EPIC, "code": "3"}], "text": "Intrathecal pump"},
        udiCarrier=[{"deviceIdentifier": "00000000000017", "carrierHRF": "(01)00000000000017"}],
    )
    return chart


def oracle_health() -> Chart:
    """Proprietary codings with userSelected first, narrative, contained practitioners."""
    chart = plain()
    noise = {
        "meta": {"versionId": "7", "lastUpdated": "2026-01-30T10:00:00Z"},
        "text": {"status": "generated", "div": "<div>Insulin pump refill 2026-02-15</div>"},
        "extension": [{"url": "https://fhir-ehr.cerner.com/r4/x", "valueString": "not-done"}],
        "language": "en-US",
        "implicitRules": "https://example.org/rules",
    }
    for resource in (each for found in chart.values() for each in found):
        resource.update(noise)
        code = resource.get("code")
        if isinstance(code, dict):
            own = {"system": CERNER, "code": "2761094", "userSelected": True}
            code["coding"] = [own, *code.get("coding", [])]
    chart["procedures"][0]["contained"] = [{"resourceType": "Practitioner", "id": "x"}]
    return chart


def modifier_noise() -> Chart:
    """Extensions on primitives and empty lists everywhere."""
    chart = plain()
    for resource in (each for found in chart.values() for each in found):
        resource.update(_status={"id": "a"}, identifier=[], note=[], extension=[])
    return chart


def greek_mu() -> Chart:
    chart = plain()
    chart["observations"][1]["valueQuantity"] = quantity(120.5, "\N{GREEK SMALL LETTER MU}g/d")
    chart["medicationAdministrations"][0]["dosage"] = dosage(
        rateQuantity=quantity(100, "\N{MICRO SIGN}g/day")
    )
    return chart


def milligrams() -> Chart:
    chart = plain()
    chart["observations"][1]["valueQuantity"] = quantity(0.1205, "mg/24h")
    chart["medicationAdministrations"][0]["dosage"] = dosage(
        dose=quantity(10, "mg", "mg"), rateQuantity=quantity(0.1, "mg/d", "mg/d")
    )
    return chart


def own_codes_under_another_base() -> Chart:
    chart = plain()
    for reading in chart["observations"]:
        for coding in reading["code"]["coding"]:
            coding["system"] = coding["system"].replace(
                PUMP.rsplit("/", 1)[0], "https://itb.hospital.example/fhir/CodeSystem"
            )
    return chart


def shuffled_twice() -> Chart:
    chart = plain()
    for found in chart.values():
        found.extend(copy.deepcopy(found))
        random.Random(5).shuffle(found)
    return chart


SHAPES: dict[str, Callable[[], Chart]] = {
    "rateRatio, mg per 24 h": rate_ratio,
    "contained Medication": contained_drug,
    "referenced Medication": referenced_drug,
    "Medication by absolute address": drug_by_absolute_address,
    "absolute references with version": absolute_references,
    "references with type, display and identifier": references_with_more,
    "German hospital": german_hospital,
    "French": in_words(
        "Pompe à baclofène intrathécale",
        "Implantation d'une pompe à baclofène",
        "Baclofène intrathécal 500 µg/ml",
        "Voie intrathécale",
        "Remplissage de la pompe à baclofène",
    ),
    "Spanish": in_words(
        "Bomba de baclofeno intratecal",
        "Implante de bomba de baclofeno",
        "Baclofeno intratecal 0,5 mg/ml",
        "Vía intratecal",
        "Recarga de la bomba de baclofeno",
    ),
    "Italian": in_words(
        "Pompa per baclofen intratecale",
        "Impianto di pompa per baclofen",
        "Baclofen intratecale 0,5 mg/ml",
        "Via intratecale",
        "Ricarica della pompa al baclofen",
    ),
    "Dutch": in_words(
        "Intrathecale baclofenpomp",
        "Plaatsing van een baclofenpomp",
        "Baclofen intrathecaal 10 mg/20 ml",
        "Intrathecaal gebruik",
        "Vullen van de baclofenpomp",
    ),
    "typed flowsheet": typed_flowsheet,
    "Epic": epic,
    "Oracle Health": oracle_health,
    "extensions and empty lists": modifier_noise,
    "Greek mu and micro sign": greek_mu,
    "milligrams": milligrams,
    "own codes under another base": own_codes_under_another_base,
    "everything twice, shuffled": shuffled_twice,
}
TOLD = (
    "refill.alarmDate",
    "refill.emptyDate",
    "refill.targetDate",
    "refill.fillDate",
    "refill.dailyDose",
    "refill.concentration",
    "refill.bookedDate",
)


def essence(chart: Chart, today: str) -> Any:
    """Topics, urgency, summaries, the figures they rest on, and what could not be read."""
    found = assessed(prefetch(chart), today)
    advice = [
        (each.action.topic, each.action.urgency, each.summary)
        for each in found.evaluation.recommended
    ]
    facts = {
        name: found.findings.facts[name].value for name in TOLD if name in found.findings.facts
    }
    return advice, facts, [issue.problem for issue in found.record.issues]


def test_the_plain_patient_gives_cards_and_nothing_unread():
    seen = {topic for today in DAYS for topic, _, _ in essence(plain(), today)[0]}
    assert {"itbInfectionSigns", "itbRefillDue", "itbRefillOverdue"} <= seen
    assert all(essence(plain(), today)[2] == [] for today in DAYS)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("today", DAYS)
def test_a_foreign_shape_gives_the_same_cards(shape: str, today: str):
    assert essence(SHAPES[shape](), today) == essence(plain(), today)
