"""The discovery document: which services there are, and which data each asks to be sent along."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

PrefetchSet = Literal["gate", "full"]

SPECIFICATION_VERSION = "2.0.1"
"""The version of CDS Hooks that the service speaks."""

_OF_THE_PATIENT = "patient={{context.patientId}}"

PREFETCH_TEMPLATES = {
    "patient": "Patient/{{context.patientId}}",
    "devices": f"Device?{_OF_THE_PATIENT}",
    "medicationAdministrations": f"MedicationAdministration?{_OF_THE_PATIENT}&status=completed",
    "procedures": f"Procedure?{_OF_THE_PATIENT}",
    # Thousands for some patients: a large page, newest first, so that what is left out is old.
    "observations": f"Observation?{_OF_THE_PATIENT}&_sort=-date&_count=1000",
    "conditions": f"Condition?{_OF_THE_PATIENT}",
    "medicationRequests": f"MedicationRequest?{_OF_THE_PATIENT}",
    "appointments": f"Appointment?{_OF_THE_PATIENT}",
    "serviceRequests": f"ServiceRequest?{_OF_THE_PATIENT}",
    "carePlans": f"CarePlan?{_OF_THE_PATIENT}",
}
"""The query for each prefetch key, in plain FHIR R4: every server answers these.

No modifier and no two-sided date: some clients merge repeated parameters into an OR. Codes are not
filtered on, because sites record with codes of their own; selecting and sorting is our work.
"""

ROLE_KEY = "practitionerRole"
ROLE_TEMPLATE = "PractitionerRole/{{userPractitionerRoleId}}"
"""Asked for only where a plan speaks to certain roles of users."""

GATE_KEYS = ("patient", "devices", "medicationAdministrations", "procedures")
"""The keys that show whether the patient has a pump."""


@dataclass(frozen=True, slots=True)
class HookService:
    """A service as it is offered: its id (the last part of its URL), and the hook it answers."""

    id: str
    hook: str
    title: str
    description: str


SERVICES = {
    service.id: service
    for service in (
        HookService(
            id="itb-patient-view",
            hook="patient-view",
            title="ITB pump: refill, battery, wound and recovery",
            description=(
                "For patients with an implanted intrathecal baclofen pump: when the reservoir "
                "must be refilled, when the battery ends, signs of infection after surgery, "
                "and the recovery plan. Says what it could not check. Answers no cards for "
                "patients without a pump."
            ),
        ),
        HookService(
            id="itb-encounter-start",
            hook="encounter-start",
            title="ITB pump: danger at the start of an encounter",
            description=(
                "When a patient with an implanted intrathecal baclofen pump is admitted or "
                "checked in: baclofen withdrawal and overdose, infection and delivery "
                "problems first; refill and battery when critical. Says what it could not "
                "check."
            ),
        ),
        HookService(
            id="itb-encounter-discharge",
            hook="encounter-discharge",
            title="ITB pump: before discharge",
            description=(
                "Before a patient with an implanted intrathecal baclofen pump goes home: the "
                "recovery plan after surgery, whether the next refill is booked, and signs of "
                "infection. Says what it could not check."
            ),
        ),
        HookService(
            id="itb-appointment-book",
            hook="appointment-book",
            title="ITB pump: does the visit come in time",
            description=(
                "While a pump refill or a pump replacement is being booked: whether the "
                "proposed date comes before the low-reservoir alarm, or before the battery "
                "ends. Answers no cards for visits that do not concern the pump."
            ),
        ),
        HookService(
            id="itb-order-select",
            hook="order-select",
            title="ITB pump: safety of the order just picked",
            description=(
                "For patients with an implanted intrathecal baclofen pump: MRI orders, new "
                "CNS depressants, stopping baclofen, intrathecal dose steps; and the "
                "screening test before a pump. Checks the selected draft orders; answers no "
                "cards for orders that do not concern the therapy."
            ),
        ),
        HookService(
            id="itb-order-sign",
            hook="order-sign",
            title="ITB pump: safety of the orders to be signed",
            description=(
                "The same checks as on selecting an order, over all orders about to be signed."
            ),
        ),
    )
}
"""Every service on offer, by its id."""


def services(
    prefetch: PrefetchSet,
    templates: Mapping[str, str] = PREFETCH_TEMPLATES,
    *,
    asks_for_role: bool = False,
) -> dict[str, Any]:
    """The discovery document, advertising the gate's prefetch keys only, or all of them.

    With `asks_for_role` the user's role too.
    """
    keys = GATE_KEYS if prefetch == "gate" else tuple(PREFETCH_TEMPLATES)
    asked = {key: templates[key] for key in keys}
    if asks_for_role:
        asked[ROLE_KEY] = ROLE_TEMPLATE
    return {"services": [_entry(service, asked) for service in SERVICES.values()]}


def _entry(service: HookService, prefetch: Mapping[str, str]) -> dict[str, Any]:
    return {
        "hook": service.hook,
        "title": service.title,
        "description": service.description,
        "id": service.id,
        "prefetch": dict(prefetch),
        "usageRequirements": _USAGE_REQUIREMENTS,
        "version": SPECIFICATION_VERSION,
    }


_USAGE_REQUIREMENTS = (
    "Send FHIR R4 under the prefetch keys "
    f"{', '.join(PREFETCH_TEMPLATES)}; keys sent are used whether advertised or not. "
    "Without devices, and without other signs of a pump, the answer is 412. Volumes in mL, "
    "concentrations in mcg/mL, doses in mcg/day; an unknown unit is reported, never guessed. "
    "The cards are written for clinicians: when the patient or a related person is the user, no "
    "cards are sent, which does not mean that nothing is due."
)
