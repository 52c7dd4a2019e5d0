"""Recovery after surgery and its plan."""

from cds_service.therapy.vocabulary.terms import day, number, text, yes_no

FACTS = (
    yes_no("recovery.surgeryKnown", "an implant, replacement or revision is on record"),
    text("recovery.surgeryKind", "implant, replacement or revision", "replacement"),
    yes_no("recovery.running", "that operation is no longer ago than recovery usually takes"),
    day("recovery.surgeryDate", "the day of that operation"),
    number("recovery.surgeryDay", "d", "days since that operation"),
    yes_no("recovery.planExists", "a recovery plan for that operation is on record"),
    yes_no("recovery.planOpen", "that plan is neither completed nor revoked"),
    number("recovery.milestonesDue", "", "activities whose time has passed and are not closed"),
    text("recovery.milestones", "those activities, each with its date, as a list in words"),
    day("recovery.earliestEnd", "the day restrictions may be reviewed"),
    day("recovery.expectedEnd", "the day recovery is expected to end"),
)

THRESHOLDS = (
    "earliestRecoveryDays",
    "recoveryDays",
    "planBeforeSurgeryDays",
)
