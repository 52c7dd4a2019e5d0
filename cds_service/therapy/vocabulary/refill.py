"""The reservoir: last fill, alarm, target and empty dates, and refill visits."""

from cds_service.therapy.vocabulary.terms import day, number, text, yes_no

FACTS = (
    yes_no("refill.filledToday", "the reservoir was filled today"),
    yes_no("refill.fillKnown", "a fill is known, or the implant counts as one"),
    yes_no("refill.fillAssumed", "no fill is recorded: the implant counts as the first fill"),
    day("refill.fillDate", "the day of the last fill"),
    number("refill.daysSinceFill", "d", "days since the last fill"),
    yes_no("refill.alarmDateKnown", "the low-reservoir alarm date is computed or reported"),
    yes_no("refill.isComputed", "the ruling alarm date is computed, not reported by the pump"),
    day("refill.alarmDate", "the day the reservoir reaches its alarm volume"),
    number("refill.daysToAlarm", "d", "days to the alarm date"),
    number("refill.daysToAlarmAtLatest", "d", "days to the alarm date, at the latest"),
    day(
        "refill.targetDate", "the day by which to refill: alarm less lead, or the longest interval"
    ),
    number("refill.daysToTarget", "d", "days to the target date"),
    number("refill.daysToTargetAtLatest", "d", "days to the target date, at the latest"),
    yes_no("refill.emptyDateKnown", "the day the reservoir runs empty is known"),
    day("refill.emptyDate", "the day the reservoir runs empty"),
    number("refill.daysToEmpty", "d", "days to the empty date"),
    number("refill.daysToEmptyAtLatest", "d", "days to the empty date, at the latest"),
    number("refill.reserveDays", "d", "days from the alarm to the empty reservoir"),
    yes_no("refill.administrationsUnread", "the medication administrations could not be read"),
    text("refill.formula", "the arithmetic behind the dates, with its figures"),
    text("refill.volumeFilled", "the volume filled", "123.45 mL"),
    text("refill.concentration", "the drug concentration", "1234.5 mcg/mL"),
    text("refill.dailyDose", "the daily dose now", "1234.5 mcg/day"),
    text("refill.assumptions", "what was assumed, in sentences; empty when nothing was"),
    text(
        "refill.missing",
        "what is missing for a calculation, as a list in words",
        "volume filled, drug concentration, daily dose",
    ),
    yes_no("refill.emptyReservoirAlarm", "an empty-reservoir alarm since the last fill"),
    yes_no("refill.lowReservoirAlarm", "a low-reservoir alarm since the last fill"),
    day("refill.pumpAlarmDate", "the day of the newest of these two alarms"),
    yes_no("refill.booked", "a refill visit is booked for today or later"),
    day("refill.bookedDate", "the earliest refill visit booked"),
    number("refill.bookedDaysAfterAlarm", "d", "days from the alarm date to the booked visit"),
    number("refill.bookedDaysAfterAlarmAtLatest", "d", "the same, from the latest alarm date"),
    number("refill.bookedDaysAfterTarget", "d", "days from the target date to the booked visit"),
    yes_no("refill.requested", "a refill visit is requested or proposed, not booked"),
    yes_no("refill.visitMissed", "a refill visit was missed or cancelled and none is booked"),
    day("refill.missedVisitDate", "the day of that visit"),
    number("refill.daysPastShortestInterval", "d", "days past the shortest usual interval"),
    number("refill.daysPastLongestInterval", "d", "days past the longest usual interval"),
    number(
        "refill.daysPastLongestIntervalAtLatest", "d", "the same, at the latest day of the fill"
    ),
    day("refill.longestIntervalDate", "the day the longest usual interval ends"),
    yes_no("refill.bookedWithinLongestInterval", "a visit is booked before that interval ends"),
)

THRESHOLDS = (
    "refillLeadDays",
    "longestRefillDays",
    "shortestIntervalMonths",
    "longestIntervalMonths",
    "assumedAlarmVolume",
    "lowestConcentration",
    "highestConcentration",
    "lowestDailyDose",
    "highestDailyDose",
    "alarmConflictDays",
    "missedVisitDays",
    "sameFillDays",
)
