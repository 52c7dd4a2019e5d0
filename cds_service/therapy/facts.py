"""All named facts of a patient, each with its evidence or the reason why it is unknown."""

from datetime import date, datetime

from cds_service.therapy.battery import battery_facts
from cds_service.therapy.candidates import candidate_facts
from cds_service.therapy.cycle import Thresholds
from cds_service.therapy.delivery import delivery_facts
from cds_service.therapy.fact import Fact, Findings, absent, known, unknown
from cds_service.therapy.fill_check import bridge_facts, residual_facts
from cds_service.therapy.follow_up import follow_up_facts
from cds_service.therapy.implants import (
    explanted_on,
    pump_in_place,
    removal_contradicted,
    several_pumps,
    shows_pump,
    since_implant,
)
from cds_service.therapy.orders import order_facts
from cds_service.therapy.overdose import overdose_facts, weakness_facts
from cds_service.therapy.pump_drug import pump_drug_facts
from cds_service.therapy.record import TherapyRecord
from cds_service.therapy.recovery import NamedFacts, recovery_facts
from cds_service.therapy.refill import RefillStatus, refill_status
from cds_service.therapy.refill_facts import refill_facts
from cds_service.therapy.screening import screening_facts
from cds_service.therapy.symptoms import Symptoms, symptoms
from cds_service.therapy.withdrawal import withdrawal_facts
from cds_service.therapy.wounds import infection_facts


def findings(
    record: TherapyRecord, thresholds: Thresholds, now: datetime, emergency_number: str
) -> Findings:
    """Every fact of `vocabulary.FACTS` but those of `data.*`, and the record's contradictions.

    `now` is aware, in the site's zone: its date is today.
    """
    today = now.date()
    present = since_implant(record)
    status = refill_status(present, thresholds, today)
    facts: dict[str, Fact] = {"site.emergencyNumber": known(emergency_number)}
    facts.update(_pump_facts(record, today))
    facts.update(delivery_facts(present, status, thresholds, now))
    facts.update(residual_facts(present, status, thresholds, today))
    facts.update(bridge_facts(present, status, thresholds, today))
    facts.update(pump_drug_facts(present, thresholds, today))
    facts.update(refill_facts(present, status, thresholds, today))
    facts.update(battery_facts(present, thresholds, today))
    facts.update(infection_facts(present, thresholds, today, now))
    facts.update(recovery_facts(record, thresholds, today))
    facts.update(follow_up_facts(record, thresholds, today))
    found = symptoms(record, thresholds, now)
    facts.update(_symptom_facts(present, found, facts, status, thresholds, now))
    facts.update(order_facts(present, status.cycle, thresholds, now))
    facts.update(candidate_facts(record, thresholds, today))
    facts.update(screening_facts(record, thresholds, now))
    conflicts = status.conflicts if pump_in_place(record) else ()
    others = (removal_contradicted(record), several_pumps(record))
    return Findings(facts, (*conflicts, *(found for found in others if found)))


def _pump_facts(record: TherapyRecord, today: date) -> NamedFacts:
    pumps = tuple(pump.evidence for pump in record.pumps)
    yield "pump.inPlace", known(shows_pump(record) and pump_in_place(record), *pumps)
    names = {f"{pump.model.name} {pump.model.number}" for pump in record.pumps if pump.model}
    model = known(" and ".join(sorted(names)), *pumps) if names else unknown("no model is recorded")
    yield "pump.model", model
    explant = explanted_on(record)
    yield "therapy.stopped", known(explant is not None)
    if explant is None:
        yield "therapy.daysSinceStopped", absent("the pump was not removed")
        yield "therapy.stoppedDate", absent("the pump was not removed")
    else:
        on = explant.when.capped(today).last
        yield "therapy.daysSinceStopped", known((today - on).days, *explant.evidence)
        yield "therapy.stoppedDate", known(on, *explant.evidence)


def _symptom_facts(
    record: TherapyRecord,
    found: Symptoms,
    facts: dict[str, Fact],
    status: RefillStatus,
    thresholds: Thresholds,
    now: datetime,
) -> NamedFacts:
    """Every fact of withdrawal, overdose and weakness; `facts` holds all others.

    What was `found` in the patient counts whichever pump was in place at the time.
    """
    yield from withdrawal_facts(record, found, facts, status, thresholds, now)
    yield from overdose_facts(record, found, status.doses, thresholds, now)
    yield from weakness_facts(status.doses, thresholds, now)
