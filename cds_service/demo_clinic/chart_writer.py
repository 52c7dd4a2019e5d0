"""Writes a synthetic chart: each method adds what one event leaves in a record.

Days count from the day the clinic is built for: `-20` is twenty days ago. A method's figures
carry their unit in the name; codes come from the published value sets only.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from cds_service.demo_clinic.chart import Chart
from cds_service.demo_clinic.coding import (
    MRN_SYSTEM,
    RECOVERY_PLAN,
    TERMINOLOGY,
    Resource,
    concept,
    quantity,
)
from cds_service.demo_clinic.visits import appointment
from cds_service.fhir.terminology.systems import CPT, ICD10PCS, LOINC, PUMP_OBSERVATION, SNOMED

_OPERATIONS = {
    "implant": (CPT, "62362", "Implantation of programmable intrathecal infusion pump"),
    "insertion": (ICD10PCS, "0JH80VZ", "Insertion of infusion pump into abdomen, open approach"),
    "removal": (ICD10PCS, "0JPT0VZ", "Removal of infusion pump from trunk, open approach"),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Who a synthetic patient is; `number` makes the id and the MRN."""

    number: int
    family: str
    given: str
    gender: str
    born: date

    @property
    def id(self) -> str:
        """The Patient resource's id."""
        return f"demo-{self.number:03}"

    @property
    def mrn(self) -> str:
        """The medical record number."""
        return f"DEMO-{self.number:03}"


@dataclass(slots=True)
class ChartWriter:
    """Collects one patient's resources; `chart` gives them as they stand."""

    person: Person
    today: date
    resources: list[Resource] = field(default_factory=list)
    malformed: dict[str, tuple[Resource, ...]] = field(default_factory=dict)

    def chart(self) -> Chart:
        """The finished chart."""
        return Chart(_patient(self.person), tuple(self.resources), self.malformed)

    def day(self, offset: int) -> date:
        """The day `offset` days from today."""
        return self.today + timedelta(days=offset)

    def device(self, type_: Resource, name: str, model: str = "") -> None:
        """A device of the patient, active."""
        self._add(
            "Device",
            status="active",
            type=type_,
            deviceName=[{"name": name, "type": "model-name"}],
            **({"modelNumber": model} if model else {}),
            patient={"reference": f"Patient/{self.person.id}"},
        )

    def pump(self, model: str, implanted: int) -> None:
        """A SynchroMed pump and the operation that implanted it; the suffix is its size in mL."""
        type_ = concept(
            SNOMED, "360041000", "Implanted drug delivery system", "Intrathecal infusion pump"
        )
        self.device(type_, "SynchroMed II" if model.startswith("8637") else "SynchroMed III", model)
        self.operation("implant", implanted)
        self.reading("reservoir-capacity", implanted, quantity(int(model[-2:]), "mL"))

    def operation(self, kind: str, on: int) -> None:
        """A completed operation: `implant`, `insertion` or `removal` of the pump."""
        self._event(
            "Procedure",
            status="completed",
            code=concept(*_OPERATIONS[kind]),
            performedDateTime=self.day(on).isoformat(),
        )

    def fill(self, on: int, ml: int, mcg_per_ml: int, mcg_per_day: int) -> None:
        """A refill with its drug, and the daily dose and alarm volume programmed at that visit."""
        self._event(
            "MedicationAdministration",
            contained=[_drug(mcg_per_ml)],
            status="completed",
            medicationReference={"reference": "#drug"},
            effectiveDateTime=self.day(on).isoformat(),
            dosage={
                "text": f"Reservoir filled to {ml} mL, baclofen {mcg_per_ml} mcg/mL",
                "route": concept(SNOMED, "72607000", "Intrathecal route"),
                "dose": quantity(ml, "mL"),
            },
        )
        self.daily_dose(on, mcg_per_day)
        self.reading("low-reservoir-alarm-volume", on, quantity(2, "mL"))

    def refilled_again(self, on: int, expected: float, drawn_out: float) -> None:
        """The ordinary refill once more, with the volume (mL) expected and the one drawn out."""
        self.reading("residual-volume-expected", on, quantity(expected, "mL"))
        self.reading("residual-volume-aspirated", on, quantity(drawn_out, "mL"))
        self.fill(on, ml=20, mcg_per_ml=500, mcg_per_day=100)

    def daily_dose(self, on: int, mcg_per_day: int) -> None:
        """The daily dose programmed from that day on."""
        self.reading("daily-dose", on, quantity(mcg_per_day, "mcg/day", "ug/d"))

    def reading(self, code: str, on: int, value: Resource | str | bool) -> None:
        """What was read from the pump or seen on the patient: a Quantity, a date or yes and no."""
        match value:
            case bool():
                element: Resource = {"valueBoolean": value}
            case str():
                element = {"valueDateTime": value}
            case _:
                element = {"valueQuantity": value}
        self._observe(PUMP_OBSERVATION, code, self.day(on).isoformat(), element)

    def pump_alarm(self, on: int, alarm: str, display: str) -> None:
        """An alarm from the pump's event log."""
        heard = {"valueCodeableConcept": concept(PUMP_OBSERVATION, alarm, display)}
        self._observe(PUMP_OBSERVATION, "pump-alarm", self.day(on).isoformat(), heard)

    def temperature(self, on: int, celsius: float) -> None:
        """A body temperature; taken at 06:00 UTC, so that it lies in the past in every zone."""
        taken = f"{self.day(on).isoformat()}T06:00:00Z"
        value = {"valueQuantity": quantity(celsius, "°C", "Cel")}
        self._observe(LOINC, "8310-5", taken, value, "Body temperature")

    def condition(self, code: str, display: str, recorded: int = -400) -> None:
        """A diagnosis on the problem list, coded in SNOMED CT."""
        self._event(
            "Condition",
            clinicalStatus=concept(f"{TERMINOLOGY}/condition-clinical", "active", "Active"),
            verificationStatus=concept(
                f"{TERMINOLOGY}/condition-ver-status", "confirmed", "Confirmed"
            ),
            category=[
                concept(
                    f"{TERMINOLOGY}/condition-category", "problem-list-item", "Problem List Item"
                )
            ],
            code=concept(SNOMED, code, display),
            recordedDate=self.day(recorded).isoformat(),
        )

    def oral_baclofen(self) -> None:
        """A prescription of oral baclofen: not a pump drug."""
        self._event(
            "MedicationRequest",
            status="active",
            intent="order",
            medicationCodeableConcept={"text": "Baclofen 10 mg oral tablet"},
            authoredOn=self.day(-60).isoformat(),
            dosageInstruction=[{"text": "10 mg by mouth three times daily"}],
        )

    def visit(self, kind: str, on: int, status: str = "booked", made: int = -30) -> None:
        """A visit of a kind of CodeSystem itb-visit; `made` is the day it was entered."""
        resource = appointment(
            self.person.id, kind, self.day(on), made=self.day(made), status=status
        )
        self._add("Appointment", **resource)

    def recovery_plan(self, start: int, steps: Iterable[tuple[str, int, str]]) -> None:
        """A recovery CarePlan from the day of surgery: each step is title, last day, status."""
        first = self.day(start)
        self._event(
            "CarePlan",
            instantiatesCanonical=[RECOVERY_PLAN],
            status="active",
            intent="plan",
            title="Recovery after pump surgery",
            period={"start": first.isoformat(), "end": self.day(start + 90).isoformat()},
            created=first.isoformat(),
            activity=[
                {
                    "detail": {
                        "status": status,
                        "description": title,
                        "scheduledPeriod": {
                            "start": first.isoformat(),
                            "end": (first + timedelta(days=last_day)).isoformat(),
                        },
                    }
                }
                for title, last_day, status in steps
            ],
        )

    def broken_entry(self, key: str, entry: Resource) -> None:
        """An entry that is not valid FHIR, sent under that prefetch key."""
        self.malformed[key] = (*self.malformed.get(key, ()), entry)

    def _observe(
        self, system: str, code: str, taken: str, value: Resource, display: str = ""
    ) -> None:
        name = display or code.replace("-", " ").capitalize()
        self._event(
            "Observation",
            status="final",
            code=concept(system, code, name),
            effectiveDateTime=taken,
            **value,
        )

    def _event(self, resource_type: str, **elements: object) -> None:
        self._add(resource_type, subject={"reference": f"Patient/{self.person.id}"}, **elements)

    def _add(self, resource_type: str, **elements: object) -> None:
        number = sum(r["resourceType"] == resource_type for r in self.resources) + 1
        id_ = f"{self.person.id}-{resource_type.lower()}-{number}"
        head: Resource = {"resourceType": resource_type, "id": id_}
        self.resources.append(head | {k: v for k, v in elements.items() if k not in head})


def _patient(person: Person) -> Resource:
    kind = concept(f"{TERMINOLOGY}/v2-0203", "MR", "Medical record number")
    return {
        "resourceType": "Patient",
        "id": person.id,
        "identifier": [{"type": kind, "system": MRN_SYSTEM, "value": person.mrn}],
        "active": True,
        "name": [{"use": "official", "family": person.family, "given": [person.given]}],
        "gender": person.gender,
        "birthDate": person.born.isoformat(),
    }


def _drug(mcg_per_ml: int) -> Resource:
    return {
        "resourceType": "Medication",
        "id": "drug",
        "code": {"text": f"Baclofen intrathecal solution {mcg_per_ml} mcg/mL"},
        "ingredient": [
            {
                "itemCodeableConcept": {"text": "Baclofen"},
                "isActive": True,
                "strength": {
                    "numerator": quantity(mcg_per_ml, "mcg", "ug"),
                    "denominator": quantity(1, "mL"),
                },
            }
        ],
    }
