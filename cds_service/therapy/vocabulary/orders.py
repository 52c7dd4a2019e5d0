"""What is about to be ordered, against the therapy."""

from cds_service.therapy.vocabulary.terms import day, number, text, yes_no

_ORDER_NAME = "an order whose name is as long as that"
_DOSE = "1234.5 mcg/day"

FACTS = (
    yes_no("order.mri", "an MRI is about to be ordered"),
    text("order.mriName", "that order, as it names itself", _ORDER_NAME),
    yes_no("order.pumpIsPrometra", "a pump of the make Prometra is in place"),
    yes_no("order.pumpIsSynchromedTwo", "a SynchroMed II is in place"),
    yes_no("order.pumpIsSynchromedThree", "a SynchroMed III is in place"),
    yes_no("order.pumpAlarming", "an alarm of the pump is recorded since the last fill"),
    day("order.pumpAlarmDate", "the day of the newest such alarm"),
    yes_no("order.depressant", "a new drug that depresses the CNS is about to be ordered"),
    text("order.depressants", "the names of these drugs", "hydromorphone, chlordiazepoxide"),
    yes_no("order.stopsTherapy", "intrathecal baclofen, or the pump, is about to be stopped"),
    text("order.stopName", "that order, as it names itself", _ORDER_NAME),
    yes_no("order.stopsOralBaclofen", "oral baclofen is about to be stopped"),
    yes_no("order.otherDrug", "another drug than baclofen is ordered for the intrathecal route"),
    text("order.otherDrugName", "that order, as it names itself", _ORDER_NAME),
    yes_no("order.intrathecal", "intrathecal baclofen is about to be ordered"),
    text("order.newDose", "the daily dose ordered", _DOSE),
    yes_no("order.doseImplausible", "that dose is more than any pump patient gets"),
    text("order.currentDose", "the daily dose as programmed now", _DOSE),
    number("order.stepPercent", "%", "the increase from the present to the new dose"),
    number("order.stepLimit", "%", "the largest increase that applies"),
    yes_no("order.stepTooLarge", "the increase is larger than that limit"),
    text("order.origin", "the origin of the spasticity, and what was assumed of it"),
    text("order.phase", "the phase of therapy, and what was assumed of it"),
    yes_no("order.raisedTooSoon", "the dose is raised again within a day, in titration"),
    day("order.lastRaised", "the day it was last raised, or the therapy started"),
    text("order.newConcentration", "the concentration ordered", "1234.5 mcg/mL"),
    yes_no("order.concentrationImplausible", "no drug for pumps has that concentration"),
    yes_no("order.concentrationDiffers", "it is another one than that in the pump"),
)

THRESHOLDS = (
    "spinalTitrationStep",
    "cerebralTitrationStep",
    "spinalRefillStep",
    "cerebralRefillStep",
    "titrationDays",
    "titrationGapHours",
)
