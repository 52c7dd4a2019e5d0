"""FHIR R4 as far as it is read: partial resources, decoded straight from JSON bytes.

Only elements the service reads are declared; everything else in a resource is skipped unread.
`unreadable` names the elements that had a wrong JSON type (see `decoding`), `site_coded` says that
a code of the site's own was translated (see `translation`).
"""

import msgspec
from msgspec import Struct, field

UNREADABLE_KEY = "~unreadable~"
SITE_CODED_KEY = "~siteCoded~"


class Coding(Struct, gc=False):
    """FHIR Coding."""

    system: str | None = None
    code: str | None = None
    display: str | None = None


class CodeableConcept(Struct):
    """FHIR CodeableConcept."""

    coding: list[Coding] = []
    text: str | None = None


class Quantity(Struct, gc=False):
    """FHIR Quantity; `value` is a JSON number, a number in quotes is not read as one."""

    value: int | float | None = None
    unit: str | None = None
    code: str | None = None
    comparator: str | None = None


class Ratio(Struct, gc=False):
    """FHIR Ratio."""

    numerator: Quantity | None = None
    denominator: Quantity | None = None


class Reference(Struct, gc=False):
    """FHIR Reference."""

    reference: str | None = None
    display: str | None = None


class Period(Struct, gc=False):
    """FHIR Period."""

    start: str | None = None
    end: str | None = None


class Annotation(Struct, gc=False):
    """FHIR Annotation."""

    text: str | None = None


class Resource(Struct, tag_field="resourceType"):
    """What every resource has."""

    id: str | None = None
    meta: msgspec.Raw = msgspec.Raw()
    unreadable: tuple[str, ...] = field(default=(), name=UNREADABLE_KEY)
    site_coded: bool = field(default=False, name=SITE_CODED_KEY)


class OperationOutcomeIssue(Struct, gc=False):
    """One issue of an OperationOutcome."""

    severity: str | None = None


class OperationOutcome(Resource, tag="OperationOutcome"):
    """An OperationOutcome sent in place of data."""

    issue: list[OperationOutcomeIssue] = []


class Patient(Resource, tag="Patient"):
    """The patient: only what decides whether cards may be shown, and which limits hold."""

    deceasedBoolean: bool | None = None
    deceasedDateTime: str | None = None
    birthDate: str | None = None


class DeviceName(Struct, gc=False):
    """Device.deviceName."""

    name: str | None = None


class UdiCarrier(Struct, gc=False):
    """Device.udiCarrier."""

    deviceIdentifier: str | None = None
    carrierHRF: str | None = None


class CodedExtension(Struct, gc=False):
    """An extension whose value is a concept; others decode as empty."""

    url: str | None = None
    valueCodeableConcept: CodeableConcept | None = None


class FocalDevice(Struct, gc=False):
    """Procedure.focalDevice."""

    manipulated: Reference | None = None


class Device(Resource, tag="Device"):
    """An implanted or other device. `model` and `udi` are of STU3 and only betray it."""

    status: str | None = None
    type: CodeableConcept | None = None
    deviceName: list[DeviceName] = []
    modelNumber: str | None = None
    manufacturer: str | None = None
    udiCarrier: list[UdiCarrier] = []
    manufactureDate: str | None = None
    extension: msgspec.Raw = msgspec.Raw()
    patient: Reference | None = None
    model: msgspec.Raw = msgspec.Raw()
    udi: msgspec.Raw = msgspec.Raw()


class Ingredient(Struct):
    """Medication.ingredient."""

    itemCodeableConcept: CodeableConcept | None = None
    strength: Ratio | None = None


class Medication(Resource, tag="Medication"):
    """A drug product with its strength."""

    code: CodeableConcept | None = None
    ingredient: list[Ingredient] = []


class Contained(Struct):
    """A contained resource: a Medication, or the Encounter at which something was done."""

    resourceType: str | None = None
    id: str | None = None
    code: CodeableConcept | None = None
    ingredient: list[Ingredient] = []
    encounter_class: Coding | None = field(default=None, name="class")


class AdministrationDosage(Struct):
    """MedicationAdministration.dosage."""

    route: CodeableConcept | None = None
    dose: Quantity | None = None
    rateQuantity: Quantity | None = None
    rateRatio: Ratio | None = None


class Performer(Struct, gc=False):
    """MedicationAdministration.performer."""

    actor: Reference | None = None


class MedicationAdministration(Resource, tag="MedicationAdministration"):
    """A drug given. `medication`, `occurence...` (R5) and `notGiven` (STU3) only betray it."""

    status: str | None = None
    medicationCodeableConcept: CodeableConcept | None = None
    medicationReference: Reference | None = None
    subject: Reference | None = None
    effectiveDateTime: str | None = None
    effectivePeriod: Period | None = None
    dosage: AdministrationDosage | None = None
    category: CodeableConcept | None = None
    context: Reference | None = None
    performer: list[Performer] = []
    contained: list[Contained] = []
    medication: msgspec.Raw = msgspec.Raw()
    occurenceDateTime: msgspec.Raw = msgspec.Raw()
    occurencePeriod: msgspec.Raw = msgspec.Raw()
    notGiven: msgspec.Raw = msgspec.Raw()


class Procedure(Resource, tag="Procedure"):
    """Something done. `occurrence...` are of R5, `notDone` is of STU3: they only betray it."""

    status: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    performedDateTime: str | None = None
    performedPeriod: Period | None = None
    bodySite: list[CodeableConcept] = []
    focalDevice: list[FocalDevice] = []
    occurrenceDateTime: msgspec.Raw = msgspec.Raw()
    occurrencePeriod: msgspec.Raw = msgspec.Raw()
    notDone: msgspec.Raw = msgspec.Raw()


class ObservationComponent(Struct):
    """Observation.component."""

    code: CodeableConcept | None = None
    valueQuantity: Quantity | None = None


class Observation(Resource, tag="Observation"):
    """A reading, sign or alarm."""

    status: str | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    device: Reference | None = None
    effectiveDateTime: str | None = None
    effectivePeriod: Period | None = None
    effectiveInstant: str | None = None
    valueQuantity: Quantity | None = None
    valueDateTime: str | None = None
    valueString: str | None = None
    valueBoolean: bool | None = None
    valueInteger: int | None = None
    valueCodeableConcept: CodeableConcept | None = None
    interpretation: list[CodeableConcept] = []
    bodySite: CodeableConcept | None = None
    note: list[Annotation] = []
    component: list[ObservationComponent] = []


class Condition(Resource, tag="Condition"):
    """A diagnosis or problem."""

    clinicalStatus: CodeableConcept | None = None
    verificationStatus: CodeableConcept | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    severity: CodeableConcept | None = None
    bodySite: list[CodeableConcept] = []
    onsetDateTime: str | None = None
    recordedDate: str | None = None


class DoseAndRate(Struct):
    """Dosage.doseAndRate."""

    doseQuantity: Quantity | None = None
    rateQuantity: Quantity | None = None
    rateRatio: Ratio | None = None


class TimingRepeat(Struct):
    """Timing.repeat."""

    boundsPeriod: Period | None = None
    duration: int | float | None = None
    durationMax: int | float | None = None
    durationUnit: str | None = None
    frequency: int | float | None = None
    period: int | float | None = None
    periodUnit: str | None = None


class Timing(Struct):
    """FHIR Timing."""

    event: list[str] = []
    repeat: TimingRepeat | None = None


class Dosage(Struct):
    """FHIR Dosage."""

    route: CodeableConcept | None = None
    text: str | None = None
    timing: Timing | None = None
    doseAndRate: list[DoseAndRate] = []


class MedicationRequest(Resource, tag="MedicationRequest"):
    """A prescription."""

    status: str | None = None
    intent: str | None = None
    doNotPerform: bool | None = None
    medicationCodeableConcept: CodeableConcept | None = None
    medicationReference: Reference | None = None
    subject: Reference | None = None
    authoredOn: str | None = None
    dosageInstruction: list[Dosage] = []
    contained: list[Contained] = []
    medication: msgspec.Raw = msgspec.Raw()


class Participant(Struct):
    """Appointment.participant."""

    actor: Reference | None = None


class CodeableReference(CodeableConcept):
    """A CodeableConcept, or what R5 has in its place: `concept` only betrays it."""

    concept: msgspec.Raw = msgspec.Raw()


class Appointment(Resource, tag="Appointment"):
    """A visit. `reason` is of STU3 and of R5 and only betrays it."""

    status: str | None = None
    serviceType: list[CodeableReference] = []
    reasonCode: list[CodeableConcept] = []
    appointmentType: CodeableConcept | None = None
    description: str | None = None
    start: str | None = None
    participant: list[Participant] = []
    reason: msgspec.Raw = msgspec.Raw()


class ServiceRequest(Resource, tag="ServiceRequest"):
    """An order or proposal."""

    status: str | None = None
    intent: str | None = None
    doNotPerform: bool | None = None
    category: list[CodeableConcept] = []
    code: CodeableReference | None = None
    reasonCode: list[CodeableConcept] = []
    subject: Reference | None = None
    occurrenceDateTime: str | None = None
    occurrencePeriod: Period | None = None


class ActivityDetail(Struct):
    """CarePlan.activity.detail."""

    code: CodeableConcept | None = None
    status: str | None = None
    scheduledPeriod: Period | None = None
    scheduledTiming: Timing | None = None
    scheduledString: str | None = None
    description: str | None = None


class CarePlanActivity(Struct):
    """CarePlan.activity."""

    detail: ActivityDetail | None = None


class CarePlan(Resource, tag="CarePlan"):
    """A care plan."""

    status: str | None = None
    instantiatesCanonical: list[str] = []
    subject: Reference | None = None
    period: Period | None = None
    created: str | None = None
    activity: list[CarePlanActivity] = []
