"""Visits to a provider who looks after the pump."""

from cds_service.therapy.vocabulary.terms import day, number, text, yes_no

FACTS = (
    yes_no("followUp.visitOnRecord", "a visit to the provider is on record"),
    day("followUp.lastVisitDate", "the day of the newest such visit"),
    text("followUp.lastVisitKind", "what that visit was", "pump interrogation"),
    day("followUp.pumpKnownDate", "with no visit on record: the first day the pump is known"),
    number("followUp.daysSinceVisit", "d", "days since the last visit; with none, since that day"),
    day("followUp.dueDate", "the day the longest time between visits ends"),
    day("followUp.homeRefillDate", "the newest refill at home, which is no visit to a provider"),
    yes_no("followUp.booked", "a follow-up visit or pump check is booked for today or later"),
    day("followUp.bookedDate", "the earliest of these"),
    yes_no("followUp.bookedInTime", "it is booked before the longest time between visits ends"),
    yes_no("followUp.visitMissed", "a follow-up visit was missed or cancelled since the last"),
    day("followUp.missedVisitDate", "the day of that visit"),
)

THRESHOLDS = ("followUpDueDays", "followUpLongestDays")
