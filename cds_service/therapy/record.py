"""The therapy record: what a patient's chart says about the pump, in clinicians' words.

Every entry keeps its evidence. Built by `fhir`, read by the arithmetic of this room.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from cds_service.therapy.ashworth import AshworthGrade
from cds_service.therapy.calendar import When
from cds_service.therapy.devices import PumpModel
from cds_service.therapy.evidence import DataIssue as DataIssue  # noqa: PLC0414 - part of the record
from cds_service.therapy.evidence import Evidence as Evidence  # noqa: PLC0414 - part of the record
from cds_service.therapy.evidence import Reading as Reading  # noqa: PLC0414 - part of the record
from cds_service.therapy.quantities import (
    Micrograms,
    MicrogramsPerDay,
    MicrogramsPerMillilitre,
    Millilitres,
)
from cds_service.therapy.signs import SignReading, VitalReading


@dataclass(frozen=True, slots=True)
class Pump:
    """An implanted pump device. `made` is its day of manufacture: it was implanted no earlier.

    `is_faulty`: its record says that it does not work.
    """

    evidence: Evidence
    model: PumpModel | None = None
    made: When | None = None
    is_faulty: bool = False


class SurgeryKind(StrEnum):
    """What was done to the pump system."""

    IMPLANT = "implant"
    REPLACEMENT = "replacement"
    REVISION = "revision"
    EXPLANT = "explant"


@dataclass(frozen=True, slots=True)
class Surgery:
    """A completed operation on the pump or its catheter."""

    kind: SurgeryKind
    when: When
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Fill:
    """One filling of the reservoir as it was recorded; what is None was not recorded.

    `at_home` is True where the record says so; what it does not say was done elsewhere.
    `also_holds` names a drug mixed with the baclofen; `names_drug` is False for a procedure.
    """

    when: When
    evidence: Evidence
    volume: Millilitres | None = None
    amount: Micrograms | None = None
    concentration: MicrogramsPerMillilitre | None = None
    rate: MicrogramsPerDay | None = None
    at_home: bool = False
    also_holds: str = ""
    names_drug: bool = True


@dataclass(frozen=True, slots=True)
class OtherDrug:
    """A filling of the pump without baclofen, or a prescription of another drug for it.

    `is_flush` for saline: the pump runs on, and gives no drug.
    """

    name: str
    when: When
    evidence: Evidence
    is_flush: bool = False
    is_filling: bool = True


class DoseSource(StrEnum):
    """Where a daily dose was stated, the most trusted first."""

    OBSERVATION = "daily-dose observation"
    REFILL = "rate of the refill"
    PRESCRIPTION = "intrathecal prescription"


@dataclass(frozen=True, slots=True)
class DoseStatement:
    """A programmed daily dose from a date on; `dose` is None when it was recorded but refused."""

    dose: MicrogramsPerDay | None
    when: When
    source: DoseSource
    evidence: Evidence


class Alarm(StrEnum):
    """Pump alarms (Gillette Children's ITB discharge sheet; medtronic.com Pump Management)."""

    LOW_RESERVOIR = "low-reservoir"
    EMPTY_RESERVOIR = "empty-reservoir"
    ERI = "eri"
    EOS = "eos"
    MOTOR_STALL = "motor-stall"
    STOPPED_PUMP = "stopped-pump"
    MEMORY_ERROR = "memory-error"


class VisitKind(StrEnum):
    """Visits of ITB therapy (CodeSystem itb-visit)."""

    REFILL = "refill-visit"
    PUMP_CHECK = "pump-check"
    REPLACEMENT = "replacement-surgery"
    WOUND_CHECK = "wound-check"
    FOLLOW_UP = "follow-up-visit"
    SCREENING_TEST = "screening-test"
    EVALUATION = "itb-evaluation"


class VisitState(StrEnum):
    """Where a visit stands; `REQUESTED` silences nothing."""

    BOOKED = "booked"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NO_SHOW = "noshow"
    REQUESTED = "requested"
    ORDERED = "ordered"


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit booked, kept, missed or asked for. `ORDERED` is an active order that names a date."""

    kind: VisitKind
    state: VisitState
    when: When
    evidence: Evidence


class PumpEventKind(StrEnum):
    """What is done to pump or patient without an operation on the pump."""

    REPROGRAMMING = "reprogramming"
    INTERROGATION = "interrogation"
    MRI = "MRI scan"
    CSF_PROCEDURE = "procedure on the spinal fluid"


@dataclass(frozen=True, slots=True)
class PumpEvent:
    """Something done on a date that can change or interrupt delivery, or that checks it."""

    kind: PumpEventKind
    when: When
    evidence: Evidence


class ComplicationKind(StrEnum):
    """Diagnosed complications of pump, catheter and therapy."""

    PUMP_FAULT = "fault of the pump"
    CATHETER_FAULT = "fault of the catheter"
    SKIN_BREAKDOWN = "skin breakdown over pump or catheter"
    CSF_LEAK = "leak of spinal fluid"
    UNDERDOSING = "underdosing"
    POISONING = "overdose"


@dataclass(frozen=True, slots=True)
class Complication:
    """An active diagnosis of a complication; `when` is None when the record gives no date."""

    kind: ComplicationKind
    when: When | None
    evidence: Evidence


class DrugClass(StrEnum):
    """Drugs outside the pump that change what is safe."""

    ORAL_BACLOFEN = "oral baclofen"
    ORAL_ANTISPASTIC = "oral drug against spasticity"
    CNS_DEPRESSANT = "CNS depressant"


@dataclass(frozen=True, slots=True)
class DrugUse:
    """A drug outside the pump as prescribed or given; `stopped` None while it is taken.

    `was_given` for a dose that was administered, whoever prescribed it.
    """

    drug_class: DrugClass
    name: str
    started: When | None
    stopped: When | None
    evidence: Evidence
    was_given: bool = False


class Origin(StrEnum):
    """Where the spasticity comes from: it selects the dose steps of the label."""

    SPINAL = "spinal"
    CEREBRAL = "cerebral"


@dataclass(frozen=True, slots=True)
class Cause:
    """A diagnosis that causes spasticity; `since` is its onset where that is recorded."""

    origin: Origin
    name: str
    since: When | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class PlannedActivity:
    """One activity of a recovery plan: what, from when to when, and whether it was closed."""

    title: str
    window_end: date | None
    is_closed: bool
    window_start: date | None = None


@dataclass(frozen=True, slots=True)
class RecoveryPlan:
    """A CarePlan made from the recovery plan. `is_open` until completed or revoked."""

    start: When | None
    is_open: bool
    activities: tuple[PlannedActivity, ...]
    evidence: Evidence


class OrderKind(StrEnum):
    """What a draft order does to the therapy, or what the therapy means for it."""

    MRI = "MRI scan"
    CNS_DEPRESSANT = "CNS depressant"
    THERAPY_STOP = "stop of intrathecal baclofen"
    ORAL_BACLOFEN_STOP = "stop of oral baclofen"
    INTRATHECAL_DRUG = "intrathecal baclofen"
    OTHER_INTRATHECAL_DRUG = "another drug by the intrathecal route"
    SCREENING_TEST = "screening test"


@dataclass(frozen=True, slots=True)
class ProposedOrder:
    """An order about to be given, not given yet; `planned` is the moment it asks for.

    `dose` is the daily dose of an intrathecal drug, `amount` the mass of a single dose.
    """

    kind: OrderKind
    name: str
    evidence: Evidence
    planned: When | None = None
    dose: MicrogramsPerDay | None = None
    amount: Micrograms | None = None
    concentration: MicrogramsPerMillilitre | None = None


@dataclass(frozen=True, slots=True)
class TherapyRecord:
    """All that the chart says about a patient's ITB therapy, each list in no particular order.

    `minor_alarms` are memory errors recorded as not critical.
    `fills_set_aside` are newer than every fill and were not completed, or entered in error.
    `unread` maps what could not be read (a prefetch key) to the reason. Readings of the future
    are not in here: they are `issues`. What is `proposed` is about to be ordered or booked.
    """

    is_deceased: bool = False
    birth_date: When | None = None
    pumps: tuple[Pump, ...] = ()
    surgeries: tuple[Surgery, ...] = ()
    fills: tuple[Fill, ...] = ()
    fills_set_aside: tuple[Evidence, ...] = ()
    dose_statements: tuple[DoseStatement, ...] = ()
    concentrations: tuple[Reading[MicrogramsPerMillilitre], ...] = ()
    other_drugs: tuple[OtherDrug, ...] = ()
    fill_volumes: tuple[Reading[Millilitres], ...] = ()
    residuals_aspirated: tuple[Reading[Millilitres], ...] = ()
    residuals_expected: tuple[Reading[Millilitres], ...] = ()
    bridge_boluses: tuple[Reading[bool], ...] = ()
    capacities: tuple[Reading[Millilitres], ...] = ()
    alarm_volumes: tuple[Reading[Millilitres], ...] = ()
    reported_alarm_dates: tuple[Reading[When], ...] = ()
    months_to_eri: tuple[Reading[Decimal], ...] = ()
    eri_dates: tuple[Reading[When], ...] = ()
    eos_dates: tuple[Reading[When], ...] = ()
    alarms: tuple[Reading[Alarm], ...] = ()
    minor_alarms: tuple[Reading[Alarm], ...] = ()
    visits: tuple[Visit, ...] = ()
    signs: tuple[SignReading, ...] = ()
    temperatures: tuple[Reading[Decimal], ...] = ()
    device_infections: tuple[Evidence, ...] = ()
    vitals: tuple[VitalReading, ...] = ()
    events: tuple[PumpEvent, ...] = ()
    complications: tuple[Complication, ...] = ()
    drug_uses: tuple[DrugUse, ...] = ()
    causes: tuple[Cause, ...] = ()
    ashworth_grades: tuple[Reading[AshworthGrade], ...] = ()
    severe_spasticity: tuple[Evidence, ...] = ()
    unrated_spasticity: tuple[Evidence, ...] = ()
    brain_injuries: tuple[Evidence, ...] = ()
    hindrances: tuple[Evidence, ...] = ()
    test_doses: tuple[Reading[Micrograms], ...] = ()
    recovery_plans: tuple[RecoveryPlan, ...] = ()
    proposed_orders: tuple[ProposedOrder, ...] = ()
    proposed_visits: tuple[Visit, ...] = ()
    issues: tuple[DataIssue, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)
