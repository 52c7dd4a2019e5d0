"""The pump's battery: ERI, EOS and the replacement."""

from cds_service.therapy.vocabulary.terms import day, number, text, yes_no

FACTS = (
    yes_no("battery.implantDateKnown", "the implant or replacement date is known"),
    day("battery.implantDate", "the day of the latest implant or replacement"),
    number("battery.ageMonths", "mo", "completed months since then"),
    number("battery.ageMonthsAtLeast", "mo", "the same, at the latest day of a partial date"),
    yes_no("battery.lifeKnown", "the model's battery life is known"),
    yes_no("battery.eriKnown", "the pump reported ERI: a date, an alarm or an estimate"),
    yes_no("battery.dated", "an end of service (EOS) can be given"),
    day("battery.eriDate", "elective replacement indicator (ERI): the day replacement is due"),
    number("battery.daysToEri", "d", "days to ERI"),
    number("battery.daysToEriAtLatest", "d", "days to ERI, at the latest"),
    day("battery.eosDate", "end of service (EOS): the day the pump stops"),
    number("battery.daysToEos", "d", "days to EOS"),
    number("battery.daysToEosAtLatest", "d", "days to EOS, at the latest"),
    day("battery.orderByDate", "the day by which the replacement should be ordered"),
    number("battery.daysToOrderBy", "d", "days to that day"),
    day("battery.planFromDate", "the day from which to plan the replacement"),
    number("battery.daysToPlanFrom", "d", "days to that day"),
    yes_no("battery.eosAlarm", "an end-of-service alarm since the implant"),
    yes_no("battery.replacementDated", "a replacement is booked or ordered with a date"),
    day("battery.replacementDate", "that date"),
    number("battery.replacementDaysAfterEos", "d", "days from EOS to that date"),
    number("battery.replacementDaysAfterEosAtLatest", "d", "the same, from the latest EOS"),
    number("battery.daysToReplacement", "d", "days to that date"),
    yes_no("battery.estimateIsOld", "the newest estimate is older than its staleness limit"),
    text("battery.basis", "how ERI and EOS were worked out, with the figures"),
    text("battery.disagreement", "reported estimate and model life, where they disagree"),
    text("battery.assumptions", "what was assumed, in sentences; empty when nothing was"),
)

THRESHOLDS = (
    "replacementOrderMonths",
    "replacementPlanMonths",
    "estimateStaleMonths",
)
