"""Whether the drug reaches the spinal fluid; the skin over the pump; leaks of spinal fluid."""

from cds_service.therapy.vocabulary.terms import day, number, text, yes_no

_FACTS_OF_LEAK_AND_SKIN = (
    yes_no("skin.exposed", "exposed pump or catheter, at the newest look inside its look-back"),
    yes_no("skin.breakdown", "skin breakdown over pump or catheter, seen or diagnosed"),
    text("skin.findings", "these findings with their dates"),
    yes_no("leak.diagnosed", "an active diagnosis of a leak of spinal fluid"),
    yes_no("leak.suspected", "clear drainage, or a headache that comes on sitting or standing up"),
    text("leak.findings", "these findings with their dates"),
)

FACTS = (
    yes_no("delivery.motorStall", "a motor-stall alarm, recent or since the last fill"),
    yes_no("delivery.pumpStopped", "a stopped-pump alarm, recent or since the last fill"),
    yes_no("delivery.memoryError", "a memory-error alarm, not recorded as non-critical"),
    yes_no("delivery.minorMemoryError", "a memory-error alarm recorded as non-critical"),
    day("delivery.alarmDate", "the day of the newest of these alarms"),
    yes_no("delivery.pumpFault", "a fault of the pump diagnosed, and no operation since"),
    yes_no("delivery.catheterFault", "a fault of the catheter diagnosed, and no operation since"),
    text("delivery.faults", "these faults with their dates"),
    yes_no("delivery.residualMore", "more was left in the reservoir than expected"),
    yes_no("delivery.residualLess", "less was left in the reservoir than expected"),
    day("delivery.residualDate", "the day the volume was drawn out"),
    text("delivery.residualAspirated", "the volume drawn out", "12.345 mL"),
    text("delivery.residualExpected", "the volume expected", "12.345 mL"),
    text("delivery.residualLimit", "the difference from which on it counts", "1.234 mL"),
    text("delivery.residualBasis", "how the volume expected was worked out, with the figures"),
    yes_no("delivery.concentrationChanged", "the last fill has another concentration"),
    yes_no("delivery.bridgeBolus", "a bridge bolus is recorded for the last fill"),
    text("delivery.concentrationBefore", "the concentration of the fill before", "1234.5 mcg/mL"),
    text("delivery.concentrationNow", "the concentration of the last fill", "1234.5 mcg/mL"),
    day("delivery.concentrationChangeDate", "the day of the last fill"),
    yes_no("delivery.doseEscalated", "the dose was raised repeatedly by more than a label step"),
    text("delivery.doseBefore", "the dose before these increases", "1234.5 mcg/day"),
    text("delivery.doseNow", "the dose now", "1234.5 mcg/day"),
    number("delivery.doseRisePercent", "%", "the increase in all"),
    number("delivery.doseRises", "", "how many increases"),
    text("delivery.doseStep", "the label step they are held against, and why that one"),
    yes_no("delivery.mriUnchecked", "an MRI scan, and no pump check within a day or since"),
    day("delivery.mriDate", "the day of that scan"),
    *_FACTS_OF_LEAK_AND_SKIN,
)

THRESHOLDS = (
    "stallLookBackDays",
    "stoppedWatchDays",
    "complicationLookBackDays",
    "skinLookBackDays",
    "leakLookBackDays",
    "mriLookBackDays",
    "residualLookBackDays",
    "residualLimitVolume",
    "residualLimitShare",
    "residualLeastLimit",
    "bridgeLookBackDays",
    "escalationDays",
    "escalationAfterImplantDays",
    "spinalRefillStep",
    "cerebralRefillStep",
)
