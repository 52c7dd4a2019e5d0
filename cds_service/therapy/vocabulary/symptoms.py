"""Withdrawal, overdose, and weakness as a side effect."""

from cds_service.therapy.vocabulary.terms import day, number, text, yes_no

_LIST = "drowsiness (20 Nov 2026); difficulty breathing 8 breaths a minute (20 Nov 2026)"

FACTS = (
    yes_no("withdrawal.atRisk", "something on record can have interrupted delivery"),
    text("withdrawal.risks", "what it is, each with its date, as a list in words", _LIST),
    yes_no("withdrawal.depleted", "the reservoir is empty by date, or the pump gave that alarm"),
    yes_no("withdrawal.pumpRemoved", "the pump was removed a short time ago"),
    number("withdrawal.signs", "", "signs of withdrawal found within the look-back"),
    yes_no("withdrawal.anySign", "a sign of withdrawal is recorded"),
    yes_no(
        "withdrawal.someSigns", "as many signs as warn by themselves (withdrawal signs for warning)"
    ),
    yes_no(
        "withdrawal.manySigns",
        "as many signs as alarm by themselves (withdrawal signs without risk)",
    ),
    yes_no("withdrawal.keySign", "stiffness or spasms increased, or itching without rash"),
    yes_no("withdrawal.seizure", "a seizure within the look-back"),
    yes_no("withdrawal.rigidity", "stiffness or spasms increased, or rigidity"),
    yes_no("withdrawal.temperatureTaken", "a temperature was taken within the look-back"),
    number("withdrawal.highestTemperature", "Cel", "the highest temperature of the look-back"),
    yes_no("withdrawal.itchWithRash", "itching together with a rash, which does not count"),
    text("withdrawal.signsFound", "the signs found, each with its date", _LIST),
    text("withdrawal.signsAbsent", "signs asked about or measured, and absent", _LIST),
    text("withdrawal.signsNotAssessed", "the signs nobody assessed", _LIST),
    yes_no(
        "overdose.eventRecent",
        "a refill, reprogramming, dose change, implant, replacement, revision, MRI or new CNS "
        "depressant within the window",
    ),
    text("overdose.events", "these events, each with its date", _LIST),
    number("overdose.signs", "", "signs of overdose found within the look-back"),
    yes_no("overdose.someSigns", "as many signs together as the overdose rule asks for"),
    yes_no("overdose.weakness", "very loose or weak muscles"),
    yes_no("overdose.otherThanWeakness", "a sign of overdose other than weakness"),
    yes_no(
        "overdose.graveSign",
        "loss of consciousness, difficult breathing, or a vital sign beyond its limit",
    ),
    text("overdose.signsFound", "the signs found, each with its date", _LIST),
    text("overdose.signsAbsent", "signs asked about or measured, and absent", _LIST),
    text("overdose.signsNotAssessed", "the signs nobody assessed", _LIST),
    yes_no("overdose.isChild", "the patient is a child: adult limits of vital signs do not hold"),
    yes_no("overdose.ageUnknown", "it is not known whether the patient is a child"),
    text("overdose.depressants", "CNS depressants in use, as a list in words", _LIST),
    yes_no("weakness.doseIncreased", "the last dose change was a recent increase"),
    day("weakness.increaseDate", "the day of the last dose change, when it was an increase"),
    number("weakness.daysSinceIncrease", "d", "days since that increase"),
    number("weakness.increasePercent", "%", "how much that increase was"),
    text("weakness.doseStep", "the dose before and after it", "from 1234.5 to 1234.5 mcg/day"),
)

THRESHOLDS = (
    "symptomLookBackHours",
    "withdrawalEventHours",
    "withdrawalSignsWithoutRisk",
    "withdrawalSignsForWarning",
    "severePainScore",
    "lowGradeFeverCelsius",
    "stoppedWatchDays",
    "overdoseWindowHours",
    "overdoseSignsTogether",
    "lowSystolicPressure",
    "lowRespiratoryRate",
    "lowOxygenSaturation",
    "lowTemperatureCelsius",
    "adultFromAge",
    "doseIncreaseDays",
)
