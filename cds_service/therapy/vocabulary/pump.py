"""The pump, whether it is in place, and the site."""

from cds_service.therapy.vocabulary.terms import day, number, text, yes_no

FACTS = (
    yes_no("pump.inPlace", "a pump is implanted and was not removed"),
    text("pump.model", "the pump's model", "SynchroMed III 8667-20"),
    text("site.emergencyNumber", "the local emergency number, from the settings", "911 or local"),
    yes_no("therapy.stopped", "the pump was removed and none put in the same day"),
    number("therapy.daysSinceStopped", "d", "days since the pump was removed"),
    day("therapy.stoppedDate", "the day the pump was removed"),
)
