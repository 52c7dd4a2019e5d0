"""Small FHIR R4 shapes: codes, quantities, moments, and the frame of a resource."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from fractions import Fraction
from itertools import count
from random import Random
from typing import Any

Json = dict[str, Any]

BASE = "https://example.org/itb-pump-cds/fhir/CodeSystem/"
LOCAL, VISIT = BASE + "itb-pump-observation", BASE + "itb-visit"
SNOMED, CPT = "http://snomed.info/sct", "http://www.ama-assn.org/go/cpt"
PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM = "http://unitsofmeasure.org"
OFFSETS = (timedelta(0), timedelta(hours=-5), timedelta(hours=5, minutes=30), timedelta(hours=-8))


def coded(system: str, code: str, text: str | None = None) -> Json:
    """A CodeableConcept of one coding."""
    concept: Json = {"coding": [{"system": system, "code": code}]}
    if text:
        concept["coding"][0]["display"] = text
        concept["text"] = text
    return concept


def decimal(value: Fraction | int) -> int | float:
    """The number as JSON writes it; at most four decimals."""
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else round(float(exact), 4)


def quantity(value: Fraction | int, unit: str) -> Json:
    """A Quantity in UCUM."""
    return {"value": decimal(value), "unit": unit, "system": UCUM, "code": unit}


def plain_quantity(value: Fraction | int, unit: str) -> Json:
    """A Quantity whose unit is only spelled, not coded."""
    return {"value": decimal(value), "unit": unit}


@dataclass
class Shapes:
    """Random but repeatable choices of shape for one patient; numbers the resources."""

    rng: Random
    patient_id: str
    now: datetime
    numbers: count = field(default_factory=lambda: count(1))

    @property
    def yesterday(self) -> str:
        """The day before now, as a FHIR date."""
        return (self.now.date() - timedelta(days=1)).isoformat()

    def resource(self, kind: str, body: Json, subject: str | None = "subject") -> Json:
        """The body framed as a resource of this patient."""
        frame: Json = {"resourceType": kind, "id": f"{kind.lower()}-{next(self.numbers)}"}
        if subject:
            frame[subject] = {"reference": f"Patient/{self.patient_id}"}
        return {**frame, **body}

    def instant(self, day: date, hour: int) -> str:
        """That UTC hour of that UTC day, written in a random offset."""
        moment = datetime.combine(day, time(hour), self.now.tzinfo)
        return moment.astimezone(timezone(self.rng.choice(OFFSETS))).isoformat()

    def when(self, day: date, hour: int | None = None, is_future: bool = False) -> str:
        """A FHIR dateTime of that day: the hour if given, else a date or a harmless hour."""
        if hour is not None:
            return self.instant(day, hour)
        if self.rng.random() < 0.5:
            return day.isoformat()
        return self.instant(day, 20 if is_future else self.rng.randrange(0, 8))
