"""A chart: one synthetic patient's FHIR R4 resources, grouped as a hook's prefetch groups them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from cds_service.demo_clinic.coding import Resource

PREFETCH_KEYS = {
    "devices": "Devices",
    "medicationAdministrations": "Medication administrations",
    "procedures": "Procedures",
    "observations": "Observations",
    "conditions": "Conditions",
    "medicationRequests": "Medication requests",
    "appointments": "Appointments",
    "serviceRequests": "Service requests",
    "carePlans": "Care plans",
}
"""Every prefetch key that holds a search, with its name for people; `patient` is a read."""

_KEY_OF_TYPE = {
    "Device": "devices",
    "MedicationAdministration": "medicationAdministrations",
    "Procedure": "procedures",
    "Observation": "observations",
    "Condition": "conditions",
    "MedicationRequest": "medicationRequests",
    "Appointment": "appointments",
    "ServiceRequest": "serviceRequests",
    "CarePlan": "carePlans",
}
_RECORDED = {
    "MedicationAdministration": "effectiveDateTime",
    "Procedure": "performedDateTime",
    "Observation": "effectiveDateTime",
    "Condition": "recordedDate",
    "MedicationRequest": "authoredOn",
    "Appointment": "created",
    "ServiceRequest": "authoredOn",
    "CarePlan": "created",
}


@dataclass(frozen=True, slots=True)
class Chart:
    """A patient and their resources, in the order in which they were added.

    `malformed` are entries no FHIR server should send, by prefetch key; they are sent too.
    """

    patient: Resource
    resources: tuple[Resource, ...] = ()
    malformed: Mapping[str, tuple[Resource, ...]] = field(default_factory=dict)

    @property
    def patient_id(self) -> str:
        """The id of the Patient resource."""
        return str(self.patient["id"])

    def of_type(self, resource_type: str) -> tuple[Resource, ...]:
        """The resources of one type, in their order."""
        return tuple(r for r in self.resources if r["resourceType"] == resource_type)

    def with_added(self, *added: Resource) -> "Chart":
        """The same chart with more resources."""
        return Chart(self.patient, (*self.resources, *added), self.malformed)

    def as_known_on(self, day: date) -> "Chart":
        """The chart as it stood on that day: what was recorded later is not in it yet."""
        known = tuple(r for r in self.resources if recorded_on(r) <= day.isoformat())
        return Chart(self.patient, known, self.malformed)


def recorded_on(resource: Resource) -> str:
    """The ISO day a resource was written; empty when it carries none, as a Device does."""
    return str(resource.get(_RECORDED.get(resource["resourceType"], ""), ""))[:10]


def prefetch_key(resource: Resource) -> str:
    """The prefetch key under which a resource is sent. Raises KeyError for an unknown type."""
    return _KEY_OF_TYPE[resource["resourceType"]]
