"""The pump, whether it is in place, and the site."""

from cds_service.therapy.vocabulary.terms import day, number, text, yes_no

FACTS = (
    yes_no("pump.inPlace", "a pump is implanted and was not removed"),
    text("pump.model", "the pump's model", "SynchroMed III 8667-20"),
    yes_no("pump.holdsOtherDrug", "the pump was filled with another drug, or flushed"),
    text("pump.drug", "what the pump holds", "saline or hydromorphone, as recorded"),
    text("pump.mixedWith", "a drug mixed with the baclofen; empty when there is none"),
    yes_no("otherDrug.replacedBaclofen", "the pump held baclofen before that drug"),
    number("otherDrug.daysSinceReplaced", "d", "days since the pump holds no baclofen"),
    day("otherDrug.replacedDate", "the day from which it holds none"),
    yes_no("otherDrug.noBaclofenLeft", "no baclofen on record, or the watch after it is over"),
    day("otherDrug.lastBaclofenDate", "the last fill with baclofen"),
    yes_no("otherDrug.alarmKnown", "the pump reported an alarm date since that filling"),
    day("otherDrug.alarmDate", "that date"),
    number("otherDrug.daysToAlarm", "d", "days to that date"),
    yes_no("otherDrug.booked", "a refill visit is booked for today or later"),
    yes_no("otherDrug.reservoirAlarm", "a low- or empty-reservoir alarm since that filling"),
    day("otherDrug.bookedDate", "the earliest refill visit booked"),
    number("otherDrug.bookedDaysAfterAlarm", "d", "days from that date to the booked visit"),
    text("site.emergencyNumber", "the local emergency number, from the settings", "911 or local"),
    yes_no("therapy.stopped", "the pump was removed and none put in the same day"),
    number("therapy.daysSinceStopped", "d", "days since the pump was removed"),
    day("therapy.stoppedDate", "the day the pump was removed"),
)
