"""Whether the drug reaches the spinal fluid."""

from cds_service.therapy.vocabulary.terms import day, yes_no

FACTS = (
    yes_no("delivery.motorStall", "a motor-stall alarm, recent or since the last fill"),
    yes_no("delivery.pumpStopped", "a stopped-pump alarm, recent or since the last fill"),
    day("delivery.alarmDate", "the day of the newest of these alarms"),
)

THRESHOLDS = ("stallLookBackDays",)
