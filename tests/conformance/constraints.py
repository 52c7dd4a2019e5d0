"""Every constraint that our profiles and extensions add, and a resource that breaks it.

A validator that has gone blind to one of them no longer finds its fixture wrong, and the
conformance check fails.
"""

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from cds_service import CANONICAL_BASE
from tests.conformance.extension_hosts import broken_extension
from tests.conformance.profiles import COMMITTED

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Constraint:
    """One thing a profile asks for: `kind` is min, max, type, binding, pattern or an invariant."""

    profile: str
    element: str
    kind: str

    @property
    def id(self) -> str:
        """A name that can be a file's."""
        return f"{self.profile}.{self.element}.{self.kind}".replace(":", "-").replace("[x]", "")


@dataclass(frozen=True, slots=True)
class Violation:
    """A resource that breaks one constraint; `severity` and `says` are what must be found."""

    constraint: Constraint
    resource: Json
    severity: str
    says: str


@cache
def definition(profile: str) -> Json:
    """The StructureDefinition of one of our profiles."""
    found: Json = json.loads((COMMITTED / f"StructureDefinition-{profile}.json").read_text())
    return found


def constraints() -> list[Constraint]:
    """All of them, profile by profile."""
    names = [path.stem for path in sorted(COMMITTED.glob("StructureDefinition-*.json"))]
    profiles = [name.removeprefix("StructureDefinition-") for name in names]
    return [found for profile in profiles for found in _of(profile)]


def _of(profile: str) -> Iterator[Constraint]:
    found = definition(profile)
    is_extension = found["type"] == "Extension"
    if is_extension:
        yield Constraint(profile, "Extension", "context")
    for element in found["differential"]["element"]:
        if is_extension and _is_form(element):
            continue
        for kind in _kinds(element):
            yield Constraint(profile, element["id"], kind)


def _is_form(element: Json) -> bool:
    """What only says that an extension is simple or complex: no choice of ours."""
    parts = element["id"].split(".")
    return element["id"] == "Extension.extension" or (
        len(parts) > 1
        and (parts[-1] in ("extension", "url") or element["id"] == "Extension.value[x]")
        and ("fixedUri" in element or element.get("max") == "0")
    )


def _kinds(element: Json) -> Iterator[str]:
    if element.get("min"):
        yield "min"
    if element.get("max", "*") != "*":
        yield "max"
    if "type" in element:
        yield "type"
    if "binding" in element:
        yield "binding"
    if any(name.startswith("pattern") for name in element):
        yield "pattern"
    for invariant in element.get("constraint", ()):
        yield invariant["key"]


def violation(constraint: Constraint) -> Violation:
    """The resource that breaks the constraint, made from the profile's example."""
    if definition(constraint.profile)["type"] == "Extension":
        resource = broken_extension(constraint.profile, constraint.element, constraint.kind)
    else:
        resource = _broken(constraint)
    is_warning = constraint.kind == "binding" and _strength(constraint) == "extensible"
    return Violation(constraint, resource, "WARNING" if is_warning else "ERROR", _says(constraint))


def _says(constraint: Constraint) -> str:
    """What the finding must say, as a regular expression over its message and message id."""
    element = re.escape(constraint.element)
    return {
        "min": f"{element}'?: (minimum required|a matching slice is required)",
        "max": f"{element}: max allowed",
        "type": r"_Type\b|_NoType\b|BadTargetType|WrongTarget",
        "binding": r"_NoValid_",
        "pattern": "_Fixed_Wrong",
        "context": "_Context_Wrong",
    }.get(constraint.kind, f"Constraint failed: {re.escape(constraint.kind)}:")


def _strength(constraint: Constraint) -> str:
    elements = definition(constraint.profile)["differential"]["element"]
    found = next(each for each in elements if each["id"] == constraint.element)
    return str(found["binding"]["strength"])


def _broken(constraint: Constraint) -> Json:
    name, change = _CHANGES.get(
        (constraint.profile, constraint.element, constraint.kind), ("", None)
    )
    resource = copy.deepcopy(_example(constraint.profile, name))
    if change is not None:
        change(resource)
    elif constraint.kind == "min":
        _take_away(resource, constraint.element.split(".")[1:])
    else:
        raise AssertionError(f"{constraint.id}: no fixture breaks it; add one to constraints.py")
    return resource


def _example(profile: str, name: str) -> Json:
    url = f"{CANONICAL_BASE}/StructureDefinition/{profile}"
    for path in sorted(COMMITTED.glob("*.json")):
        found: Json = json.loads(path.read_text())
        is_named = not name or found["id"] == name
        if url in found.get("meta", {}).get("profile", ()) and is_named:
            return found
    raise AssertionError(f"{profile}: no example {name}")


def _take_away(resource: Json, path: list[str]) -> None:
    """Removes an element; the first of a list stands for all."""
    *parents, last = path
    found: Any = resource
    for name in parents:
        found = found[_name(found, name)]
        found = found[0] if isinstance(found, list) else found
    del found[_name(found, last)]


def _name(found: Json, name: str) -> str:
    """The element's name in JSON: `occurrencePeriod` for `occurrence[x]`."""
    start = name.removesuffix("[x]")
    return name if name == start else next(each for each in found if each.startswith(start))


Change = Callable[[Json], Any]
OTHER = {"system": f"{CANONICAL_BASE}/CodeSystem/itb-dsi-data-element", "code": "race"}
_GROUP = {"resourceType": "Group", "id": "g", "type": "person", "actual": True}


def _set(**elements: Any) -> Change:
    return lambda resource: resource.update(elements)


def _of_a_group(name: str) -> Change:
    """Contained, so that the validator can see what is referred to."""

    def change(resource: Json) -> None:
        resource["contained"] = [*resource.get("contained", ()), _GROUP]
        resource[name] = {"reference": "#g"}

    return change


def _reading(**elements: Any) -> Change:
    def change(resource: Json) -> None:
        for name in [each for each in resource if each.startswith("value")]:
            del resource[name]
        resource.update(elements)

    return change


def _ml(value: float, code: str = "mL", unit: str | None = None) -> Json:
    return {
        "value": value,
        "unit": unit or code,
        "system": "http://unitsofmeasure.org",
        "code": code,
    }


def _in(path: str, **elements: Any) -> Change:
    def change(resource: Json) -> None:
        found: Any = resource
        for name in path.split("."):
            found = found[name]
            found = found[0] if isinstance(found, list) else found
        found.update(elements)

    return change


def _move(source: str, target: str, value: Any) -> Change:
    def change(resource: Json) -> None:
        del resource[source]
        resource[target] = value

    return change


def _activity(resource: Json) -> None:
    detail = resource["activity"][0]["detail"]
    del detail["scheduledPeriod"]
    detail["scheduledString"] = "next week"


def _without(*names: str) -> Change:
    def change(resource: Json) -> None:
        for name in names:
            del resource[name]

    return change


_ABSENT = {
    "extension": [
        {
            "url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
            "valueCode": "unknown",
        }
    ]
}
_UDI = {"deviceIdentifier": "(01)00000000000000"}
_DEVICE = {
    ("Device.udiCarrier", "max"): _set(udiCarrier=[_UDI, _UDI]),
    ("Device.udiCarrier.deviceIdentifier", "min"): _set(udiCarrier=[{"carrierHRF": "x"}]),
    ("Device.type", "binding"): _set(type={"coding": [OTHER]}),
    ("Device", "itb-device-1"): _set(type=_ABSENT),
    ("Device", "itb-pump-1"): _set(
        type={"coding": [{"system": "http://snomed.info/sct", "code": "433296005"}]}
    ),
}
_CHANGES: dict[tuple[str, str, str], tuple[str, Change | None]] = {
    **{("itb-pump", *where): ("", change) for where, change in _DEVICE.items()},
    **{("itb-catheter", *where): ("", change) for where, change in _DEVICE.items()},
    ("itb-care-plan", "CarePlan", "itb-care-plan-1"): (
        "",
        _set(instantiatesCanonical=["https://example.org/another"]),
    ),
    ("itb-care-plan", "CarePlan.instantiatesCanonical", "max"): (
        "",
        lambda plan: plan["instantiatesCanonical"].append("https://example.org/another"),
    ),
    ("itb-care-plan", "CarePlan.subject", "type"): ("", _of_a_group("subject")),
    ("itb-care-plan", "CarePlan.activity.detail", "min"): (
        "",
        _set(activity=[{"reference": {"reference": "Task/1"}}]),
    ),
    ("itb-care-plan", "CarePlan.activity.detail.scheduled[x]", "type"): ("", _activity),
    ("itb-procedure", "Procedure", "itb-procedure-1"): ("", _without("performedDateTime")),
    ("itb-procedure", "Procedure", "itb-procedure-2"): (
        "",
        _set(code=_ABSENT),
    ),
    ("itb-procedure", "Procedure.code", "binding"): ("", _set(code={"coding": [OTHER]})),
    ("itb-procedure", "Procedure.subject", "type"): ("", _of_a_group("subject")),
    ("itb-procedure", "Procedure.performed[x]", "type"): (
        "",
        _move("performedDateTime", "performedString", "in January"),
    ),
    ("itb-pump-reading", "Observation.code", "binding"): (
        "example-sign",
        _set(code={"coding": [OTHER]}),
    ),
    ("itb-pump-reading", "Observation.subject", "type"): ("", _of_a_group("subject")),
    ("itb-pump-reading", "Observation.effective[x]", "type"): (
        "",
        _move("effectiveDateTime", "effectiveInstant", "2026-01-05T09:00:00Z"),
    ),
    ("itb-pump-reading", "Observation", "itb-reading-volume"): (
        "example-fill-volume",
        _reading(valueQuantity=_ml(20, "L")),
    ),
    ("itb-pump-reading", "Observation", "itb-reading-concentration"): (
        "example-concentration",
        _reading(valueQuantity=_ml(2001, "ug/mL")),
    ),
    ("itb-pump-reading", "Observation", "itb-reading-dose"): (
        "example-daily-dose",
        _reading(valueQuantity=_ml(2501, "ug/d")),
    ),
    ("itb-pump-reading", "Observation", "itb-reading-months"): (
        "example-months-to-eri",
        _reading(valueQuantity=_ml(14, "d")),
    ),
    ("itb-pump-reading", "Observation", "itb-reading-date"): (
        "example-alarm-date",
        _reading(valueString="in April"),
    ),
    ("itb-pump-reading", "Observation", "itb-reading-alarm"): (
        "example-alarm",
        _reading(valueCodeableConcept={"coding": [OTHER]}),
    ),
    ("itb-pump-reading", "Observation", "itb-reading-sign"): (
        "example-sign",
        _reading(valueString="no"),
    ),
    ("itb-refill", "MedicationAdministration", "itb-refill-1"): (
        "",
        _in("dosage.dose", value=0),
    ),
    ("itb-refill", "MedicationAdministration", "itb-refill-2"): (
        "",
        _in("dosage.rateQuantity", value=2501),
    ),
    ("itb-refill", "MedicationAdministration.subject", "type"): ("", _of_a_group("subject")),
    ("itb-refill", "MedicationAdministration.dosage.route", "binding"): (
        "",
        _in("dosage", route={"coding": [OTHER]}),
    ),
    ("itb-service-request", "ServiceRequest.instantiatesCanonical", "max"): (
        "",
        lambda order: order["instantiatesCanonical"].append("https://example.org/another"),
    ),
    ("itb-service-request", "ServiceRequest.status", "pattern"): ("", _set(status="active")),
    ("itb-service-request", "ServiceRequest.intent", "pattern"): ("", _set(intent="order")),
    ("itb-service-request", "ServiceRequest.doNotPerform", "max"): ("", _set(doNotPerform=True)),
    ("itb-service-request", "ServiceRequest.code", "binding"): ("", _set(code={"coding": [OTHER]})),
    ("itb-service-request", "ServiceRequest.subject", "type"): ("", _of_a_group("subject")),
    ("itb-service-request", "ServiceRequest.occurrence[x]", "type"): (
        "",
        _move("occurrencePeriod", "occurrenceDateTime", "2026-03-29"),
    ),
    ("itb-task", "Task", "itb-task-1"): ("", _set(status="cancelled")),
    ("itb-task", "Task.code", "binding"): ("", _set(code={"coding": [OTHER]})),
    ("itb-task", "Task.for", "type"): ("", _of_a_group("for")),
    ("itb-visit-appointment", "Appointment", "itb-visit-1"): (
        "",
        _in("participant", actor={"reference": "Practitioner/1"}),
    ),
    ("itb-visit-appointment", "Appointment", "itb-visit-2"): (
        "",
        _without("start", "end"),
    ),
    ("itb-visit-appointment", "Appointment.serviceType", "binding"): (
        "",
        _set(serviceType=[{"coding": [OTHER]}]),
    ),
}
