"""Therapy records made by hand: a safe, ordinary patient, but for what a test states.

The patient: SynchroMed II of 20 mL, implanted 15 Jan 2025, filled 5 Jan 2026 with 20 mL of
500 mcg/mL at 100 mcg/day. The reservoir reaches its alarm volume of 2 mL on 5 Apr 2026.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from cds_service.therapy.calendar import When, day
from cds_service.therapy.devices import MODELS
from cds_service.therapy.fact import Fact, Findings
from cds_service.therapy.facts import findings
from cds_service.therapy.quantities import (
    Micrograms,
    MicrogramsPerDay,
    MicrogramsPerMillilitre,
    Millilitres,
)
from cds_service.therapy.record import (
    Alarm,
    DoseSource,
    DoseStatement,
    Evidence,
    Fill,
    Pump,
    PumpEvent,
    PumpEventKind,
    Reading,
    Surgery,
    SurgeryKind,
    TherapyRecord,
    Visit,
    VisitKind,
    VisitState,
)
from cds_service.therapy.signs import Sign, SignReading, Vital, VitalReading

THRESHOLDS = {
    name: Decimal(value)
    for name, value in {
        "refillLeadDays": 7,
        "longestRefillDays": 180,
        "shortestIntervalMonths": 1,
        "longestIntervalMonths": 6,
        "assumedAlarmVolume": 2,
        "lowestConcentration": 50,
        "highestConcentration": 2000,
        "lowestDailyDose": 5,
        "highestDailyDose": 2500,
        "alarmConflictDays": 7,
        "missedVisitDays": 30,
        "replacementOrderMonths": 3,
        "replacementPlanMonths": 6,
        "estimateStaleMonths": 6,
        "signLookBackDays": 14,
        "temperatureLookBackHours": 72,
        "infectionWindowDays": 90,
        "woundCheckFirstDay": 7,
        "woundCheckLastDay": 14,
        "earliestRecoveryDays": 42,
        "recoveryDays": 56,
        "planBeforeSurgeryDays": 30,
        "stallLookBackDays": 30,
        "followUpDueDays": 183,
        "followUpLongestDays": 365,
        "complicationLookBackDays": 90,
        "skinLookBackDays": 30,
        "leakLookBackDays": 14,
        "mriLookBackDays": 14,
        "residualLookBackDays": 30,
        "residualLimitVolume": 2,
        "residualLimitShare": 20,
        "residualLeastLimit": 1,
        "bridgeLookBackDays": 14,
        "escalationDays": 30,
        "escalationAfterImplantDays": 60,
        "severeAshworthGrade": 3,
        "ashworthOnePlus": 1.5,
        "ashworthLookBackDays": 365,
        "youngestLabelAge": 4,
        "brainInjuryWaitMonths": 12,
        "screeningLookBackDays": 90,
        "screeningIntervalHours": 24,
        "screeningResponseHours": 8,
        "screeningBaselineDays": 7,
        "screeningProblemDays": 90,
        "payerExampleReduction": 2,
        "largestTestDose": 100,
        "sameFillDays": 3,
        "spinalTitrationStep": 30,
        "cerebralTitrationStep": 15,
        "spinalRefillStep": 40,
        "cerebralRefillStep": 20,
        "titrationDays": 60,
        "titrationGapHours": 24,
        "symptomLookBackHours": 72,
        "withdrawalEventHours": 72,
        "withdrawalSignsWithoutRisk": 3,
        "withdrawalSignsForWarning": 2,
        "severePainScore": 7,
        "lowGradeFeverCelsius": 37.5,
        "stoppedWatchDays": 14,
        "overdoseWindowHours": 72,
        "overdoseSignsTogether": 2,
        "lowSystolicPressure": 90,
        "lowRespiratoryRate": 10,
        "lowOxygenSaturation": 92,
        "lowTemperatureCelsius": 35,
        "adultFromAge": 18,
        "doseIncreaseDays": 14,
    }.items()
}


def ml(value: float | str) -> Millilitres:
    return Millilitres(Decimal(str(value)))


def mcg(value: float | str) -> Micrograms:
    return Micrograms(Fraction(str(value)))


def mcg_per_ml(value: float | str) -> MicrogramsPerMillilitre:
    return MicrogramsPerMillilitre(Decimal(str(value)))


def mcg_per_day(value: float | str) -> MicrogramsPerDay:
    return MicrogramsPerDay(Decimal(str(value)))


def on(text: str) -> When:
    """A day (`2026-01-05`), a month (`2026-01`), or a moment (`2026-01-05T10:00+00:00`)."""
    if len(text) == len("2026-01"):
        first = date.fromisoformat(f"{text}-01")
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return When(first, date.fromordinal(following.toordinal() - 1))
    if "T" not in text:
        return day(date.fromisoformat(text))
    moment = datetime.fromisoformat(text)
    return When(moment.date(), moment.date(), moment)


def proof(reference: str, when: When | None = None) -> Evidence:
    return Evidence(reference, "as recorded", when)


def a_pump(model: str | None = "8637-20", reference: str = "Device/pump") -> Pump:
    return Pump(proof(reference), MODELS[model] if model else None)


def a_surgery(
    when: str, kind: SurgeryKind = SurgeryKind.IMPLANT, reference: str = "Procedure/surgery"
) -> Surgery:
    return Surgery(kind, on(when), (proof(reference, on(when)),))


def a_fill(when: str = "2026-01-05", **known: Any) -> Fill:
    """A fill of 20 mL at 500 mcg/mL; `volume=None` and the like take a figure away."""
    reference = known.pop("reference", "MedicationAdministration/fill")
    filled = Fill(on(when), proof(reference, on(when)), ml(20), None, mcg_per_ml(500))
    return replace(filled, **known)


def a_dose(
    when: str = "2026-01-05",
    dose: float | str | None = 100,
    source: DoseSource = DoseSource.OBSERVATION,
    reference: str = "Observation/dose",
) -> DoseStatement:
    stated = None if dose is None else mcg_per_day(dose)
    return DoseStatement(stated, on(when), source, proof(reference, on(when)))


def a_reading(when: str, value: Any, reference: str = "Observation/reading") -> Reading[Any]:
    return Reading(value, on(when), proof(reference, on(when)))


def an_alarm(when: str, alarm: Alarm, reference: str = "Observation/alarm") -> Reading[Alarm]:
    return Reading(alarm, on(when), proof(reference, on(when)))


def a_visit(
    when: str,
    kind: VisitKind = VisitKind.REFILL,
    state: VisitState = VisitState.BOOKED,
    reference: str = "Appointment/visit",
) -> Visit:
    return Visit(kind, state, on(when), proof(reference, on(when)))


def a_sign(
    when: str, sign: Sign, present: bool = True, increasing: bool = False, reference: str = ""
) -> SignReading:
    name = reference or f"Observation/{sign.value}"
    return SignReading(sign, present, on(when), proof(name, on(when)), increasing)


def a_vital(when: str, vital: Vital, value: float | str, reference: str = "") -> VitalReading:
    name = reference or f"Observation/{vital.name.lower()}"
    return VitalReading(vital, Decimal(str(value)), on(when), proof(name, on(when)))


def an_event(when: str, kind: PumpEventKind) -> PumpEvent:
    return PumpEvent(kind, on(when), proof("Procedure/event", on(when)))


def a_temperature(when: str, celsius: float | str) -> Reading[Decimal]:
    return a_reading(when, Decimal(str(celsius)), "Observation/temperature")


def a_therapy_record(**stated: Any) -> TherapyRecord:
    """The ordinary patient's record; each name states one list of it anew."""
    ordinary: dict[str, Any] = {
        "pumps": (a_pump(),),
        "surgeries": (a_surgery("2025-01-15"),),
        "fills": (a_fill(),),
        "dose_statements": (a_dose(),),
        "alarm_volumes": (a_reading("2026-01-05", ml(2), "Observation/alarm-volume"),),
    }
    return TherapyRecord(**{**ordinary, **stated})


def found_on(today: str, record: TherapyRecord, **thresholds: int) -> Findings:
    """What is found at noon (UTC) of that day, or at the moment given."""
    now = datetime.fromisoformat(today if "T" in today else f"{today}T12:00:00+00:00")
    changed = {name: Decimal(value) for name, value in thresholds.items()}
    return findings(record, {**THRESHOLDS, **changed}, now, "112")


def facts_on(today: str, record: TherapyRecord) -> dict[str, Fact]:
    return dict(found_on(today, record).facts)


def values_on(today: str, record: TherapyRecord) -> dict[str, Any]:
    """The facts' values by name."""
    return {name: fact.value for name, fact in facts_on(today, record).items()}


NOON = datetime(2026, 2, 1, 12, 0, tzinfo=UTC)
