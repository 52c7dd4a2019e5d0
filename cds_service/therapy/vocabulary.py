"""The facts that plans may use: each with its type, unit and meaning.

Names read `area.fact`. A fact that counts days is positive in the future (`daysToAlarm` 3: in three
days; 0: today; negative: past). `AtLatest` is the same for the latest day a partial date can mean;
critical advice needs it, so that half a date never alarms on its own.
"""

from datetime import date
from decimal import Decimal

from cds_service.therapy.fact import FactDefinition, FactType

_LATE = date(2026, 9, 30)
_LONG = "a long text that stands for whatever the record says about it"


def _yes_no(name: str, meaning: str) -> FactDefinition:
    return FactDefinition(name, FactType.BOOLEAN, meaning, example=True)


def _number(name: str, unit: str, meaning: str) -> FactDefinition:
    return FactDefinition(name, FactType.NUMBER, meaning, unit, Decimal("-1234.5"))


def _date(name: str, meaning: str) -> FactDefinition:
    return FactDefinition(name, FactType.DATE, meaning, example=_LATE)


def _text(name: str, meaning: str, example: str = _LONG) -> FactDefinition:
    return FactDefinition(name, FactType.TEXT, meaning, example=example)


_PUMP = (
    _yes_no("pump.inPlace", "a pump is implanted and was not removed"),
    _text("pump.model", "the pump's model", "SynchroMed III 8667-20"),
    _text("site.emergencyNumber", "the local emergency number, from the settings", "911 or local"),
    _yes_no("therapy.stopped", "the pump was removed and none put in the same day"),
    _number("therapy.daysSinceStopped", "d", "days since the pump was removed"),
    _date("therapy.stoppedDate", "the day the pump was removed"),
    _yes_no("delivery.motorStall", "a motor-stall alarm, recent or since the last fill"),
    _yes_no("delivery.pumpStopped", "a stopped-pump alarm, recent or since the last fill"),
    _date("delivery.alarmDate", "the day of the newest of these alarms"),
)
_REFILL = (
    _yes_no("refill.filledToday", "the reservoir was filled today"),
    _yes_no("refill.fillKnown", "a fill is known, or the implant counts as one"),
    _yes_no("refill.fillAssumed", "no fill is recorded: the implant counts as the first fill"),
    _date("refill.fillDate", "the day of the last fill"),
    _number("refill.daysSinceFill", "d", "days since the last fill"),
    _yes_no("refill.alarmDateKnown", "the low-reservoir alarm date is computed or reported"),
    _yes_no("refill.isComputed", "the ruling alarm date is computed, not reported by the pump"),
    _date("refill.alarmDate", "the day the reservoir reaches its alarm volume"),
    _number("refill.daysToAlarm", "d", "days to the alarm date"),
    _number("refill.daysToAlarmAtLatest", "d", "days to the alarm date, at the latest"),
    _date(
        "refill.targetDate", "the day by which to refill: alarm less lead, or the longest interval"
    ),
    _number("refill.daysToTarget", "d", "days to the target date"),
    _number("refill.daysToTargetAtLatest", "d", "days to the target date, at the latest"),
    _yes_no("refill.emptyDateKnown", "the day the reservoir runs empty is known"),
    _date("refill.emptyDate", "the day the reservoir runs empty"),
    _number("refill.daysToEmpty", "d", "days to the empty date"),
    _number("refill.daysToEmptyAtLatest", "d", "days to the empty date, at the latest"),
    _number("refill.reserveDays", "d", "days from the alarm to the empty reservoir"),
    _yes_no("refill.administrationsUnread", "the medication administrations could not be read"),
    _text("refill.formula", "the arithmetic behind the dates, with its figures", _LONG),
    _text("refill.volumeFilled", "the volume filled", "123.45 mL"),
    _text("refill.concentration", "the drug concentration", "1234.5 mcg/mL"),
    _text("refill.dailyDose", "the daily dose now", "1234.5 mcg/day"),
    _text("refill.assumptions", "what was assumed, in sentences; empty when nothing was", _LONG),
    _text(
        "refill.missing",
        "what is missing for a calculation, as a list in words",
        "volume filled, drug concentration, daily dose",
    ),
    _yes_no("refill.emptyReservoirAlarm", "an empty-reservoir alarm since the last fill"),
    _yes_no("refill.lowReservoirAlarm", "a low-reservoir alarm since the last fill"),
    _date("refill.pumpAlarmDate", "the day of the newest of these two alarms"),
    _yes_no("refill.booked", "a refill visit is booked for today or later"),
    _date("refill.bookedDate", "the earliest refill visit booked"),
    _number("refill.bookedDaysAfterAlarm", "d", "days from the alarm date to the booked visit"),
    _number("refill.bookedDaysAfterAlarmAtLatest", "d", "the same, from the latest alarm date"),
    _number("refill.bookedDaysAfterTarget", "d", "days from the target date to the booked visit"),
    _yes_no("refill.requested", "a refill visit is requested or proposed, not booked"),
    _yes_no("refill.visitMissed", "a refill visit was missed or cancelled and none is booked"),
    _date("refill.missedVisitDate", "the day of that visit"),
    _number("refill.daysPastShortestInterval", "d", "days past the shortest usual interval"),
    _number("refill.daysPastLongestInterval", "d", "days past the longest usual interval"),
    _number(
        "refill.daysPastLongestIntervalAtLatest", "d", "the same, at the latest day of the fill"
    ),
    _date("refill.longestIntervalDate", "the day the longest usual interval ends"),
    _yes_no("refill.bookedWithinLongestInterval", "a visit is booked before that interval ends"),
)
_BATTERY = (
    _yes_no("battery.implantDateKnown", "the implant or replacement date is known"),
    _date("battery.implantDate", "the day of the latest implant or replacement"),
    _number("battery.ageMonths", "mo", "completed months since then"),
    _number("battery.ageMonthsAtLeast", "mo", "the same, at the latest day of a partial date"),
    _yes_no("battery.lifeKnown", "the model's battery life is known"),
    _yes_no("battery.eriKnown", "the pump reported ERI: a date, an alarm or an estimate"),
    _yes_no("battery.dated", "an end of service (EOS) can be given"),
    _date("battery.eriDate", "elective replacement indicator (ERI): the day replacement is due"),
    _number("battery.daysToEri", "d", "days to ERI"),
    _number("battery.daysToEriAtLatest", "d", "days to ERI, at the latest"),
    _date("battery.eosDate", "end of service (EOS): the day the pump stops"),
    _number("battery.daysToEos", "d", "days to EOS"),
    _number("battery.daysToEosAtLatest", "d", "days to EOS, at the latest"),
    _date("battery.orderByDate", "the day by which the replacement should be ordered"),
    _number("battery.daysToOrderBy", "d", "days to that day"),
    _date("battery.planFromDate", "the day from which to plan the replacement"),
    _number("battery.daysToPlanFrom", "d", "days to that day"),
    _yes_no("battery.eosAlarm", "an end-of-service alarm since the implant"),
    _yes_no("battery.replacementDated", "a replacement is booked or ordered with a date"),
    _date("battery.replacementDate", "that date"),
    _number("battery.replacementDaysAfterEos", "d", "days from EOS to that date"),
    _number("battery.replacementDaysAfterEosAtLatest", "d", "the same, from the latest EOS"),
    _number("battery.daysToReplacement", "d", "days to that date"),
    _yes_no("battery.estimateIsOld", "the newest estimate is older than its staleness limit"),
    _text("battery.basis", "how ERI and EOS were worked out, with the figures", _LONG),
    _text("battery.disagreement", "reported estimate and model life, where they disagree", _LONG),
    _text("battery.assumptions", "what was assumed, in sentences; empty when nothing was", _LONG),
)
_INFECTION = (
    _yes_no("surgery.known", "an operation on pump or catheter is on record"),
    _text("surgery.kind", "implant, replacement, revision or explant", "replacement"),
    _date("surgery.date", "the day of the latest operation"),
    _number(
        "surgery.postoperativeDay", "d", "days since the latest operation (day 0: the day itself)"
    ),
    _yes_no("infection.drainage", "drainage from an incision"),
    _yes_no("infection.discoloration", "skin discoloration over pump or back"),
    _yes_no("infection.swelling", "swelling over pump or back"),
    _yes_no("infection.pain", "pain at incision or pump site"),
    _yes_no("infection.painIncreasing", "that pain is recorded as increasing"),
    _yes_no("infection.dehiscence", "the wound has opened"),
    _yes_no("infection.exposedHardware", "pump or catheter is exposed"),
    _yes_no("infection.temperatureTaken", "a temperature was taken within its look-back"),
    _number("infection.highestTemperature", "Cel", "the highest temperature within its look-back"),
    _yes_no("infection.feverNoted", "fever is recorded as a finding"),
    _yes_no("infection.neckStiffness", "neck stiffness"),
    _yes_no("infection.photophobia", "photophobia"),
    _yes_no("infection.alteredMentalState", "altered mental state"),
    _yes_no("infection.severeHeadache", "new severe headache"),
    _yes_no("infection.seizure", "seizure"),
    _yes_no("infection.positiveWoundCulture", "positive wound culture"),
    _yes_no("infection.positiveCsfCulture", "positive CSF culture"),
    _yes_no("infection.deviceInfection", "a diagnosis of device infection is active"),
    _text("infection.signsFound", "the signs found, each with its date, as a list in words", _LONG),
    _yes_no("infection.woundCheckDone", "the wound was checked since the first due day"),
    _yes_no("infection.woundCheckBooked", "a wound check is booked in time and still ahead"),
    _date("infection.woundCheckBookedDate", "the day of that visit"),
    _date("infection.windowEnd", "the last day of the infection window"),
    _date("infection.woundCheckFrom", "the first day on which a wound check counts"),
)
_RECOVERY = (
    _yes_no("recovery.surgeryKnown", "an implant, replacement or revision is on record"),
    _text("recovery.surgeryKind", "implant, replacement or revision", "replacement"),
    _date("recovery.surgeryDate", "the day of that operation"),
    _number("recovery.surgeryDay", "d", "days since that operation"),
    _yes_no("recovery.planExists", "a recovery plan for that operation is on record"),
    _yes_no("recovery.planOpen", "that plan is neither completed nor revoked"),
    _number("recovery.milestonesDue", "", "activities whose time has passed and are not closed"),
    _text("recovery.milestones", "those activities, each with its date, as a list in words", _LONG),
    _date("recovery.earliestEnd", "the day restrictions may be reviewed"),
    _date("recovery.expectedEnd", "the day recovery is expected to end"),
)
_DATA = (
    _number("data.conflicts", "", "contradictions found in the record"),
    _text("data.conflictList", "those contradictions, as a Markdown list", _LONG),
    _number("data.unchecked", "", "things that could not be read or decided"),
    _text("data.uncheckedAreas", "what they concern, in a few words", "refill, battery, wound"),
    _text("data.uncheckedList", "each with its reason, as a Markdown list", _LONG),
)

FACTS = {
    definition.name: definition
    for definition in (*_PUMP, *_REFILL, *_BATTERY, *_INFECTION, *_RECOVERY, *_DATA)
}
"""Every fact, by name."""

THRESHOLDS = (
    "refillLeadDays",
    "longestRefillDays",
    "shortestIntervalMonths",
    "longestIntervalMonths",
    "assumedAlarmVolume",
    "lowestConcentration",
    "highestConcentration",
    "highestDailyDose",
    "alarmConflictDays",
    "missedVisitDays",
    "replacementOrderMonths",
    "replacementPlanMonths",
    "estimateStaleMonths",
    "signLookBackDays",
    "temperatureLookBackHours",
    "infectionWindowDays",
    "woundCheckFirstDay",
    "woundCheckLastDay",
    "earliestRecoveryDays",
    "recoveryDays",
    "planBeforeSurgeryDays",
    "stallLookBackDays",
    "sameFillDays",
)
"""Thresholds of the plans that the arithmetic needs; the start is refused when a plan lacks one."""
