"""Who comes to the demo clinic, and what each of them shows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from cds_service.demo_clinic import refill_stories as refill
from cds_service.demo_clinic import surgery_stories as surgery
from cds_service.demo_clinic.chart import Chart
from cds_service.demo_clinic.chart_writer import ChartWriter, Person

Story = Callable[[ChartWriter], None]


@dataclass(frozen=True, slots=True)
class DemoPatient:
    """A synthetic patient: the group in the list, the line beside the name, the chart's events."""

    person: Person
    group: str
    line: str
    story: Story

    def chart(self, today: date) -> Chart:
        """The patient's chart for a clinic that opens on that day."""
        writer = ChartWriter(self.person, today)
        self.story(writer)
        return writer.chart()


_REFILL, _BATTERY, _SURGERY, _OTHER = (
    "Refill",
    "Battery",
    "Surgery and wound",
    "No pump, broken data",
)
_PEOPLE: tuple[tuple[str, str, str, str, str, Story, str], ...] = (
    ("Amber", "Ada", "female", "1984-05-02", _REFILL, refill.full_reservoir,
     "Reservoir full: move the day and watch"),
    ("Birch", "Ben", "male", "1971-09-14", _REFILL, refill.refill_upcoming,
     "Refill comes up, nothing booked"),
    ("Cedar", "Cora", "female", "1990-01-23", _REFILL, refill.refill_due,
     "Refill due this week"),
    ("Delta", "Dan", "male", "1966-11-30", _REFILL, refill.refill_overdue,
     "Alarm date passed"),
    ("Ember", "Eve", "female", "1979-07-08", _REFILL, refill.reservoir_empty,
     "Reservoir computed empty"),
    ("Fjord", "Finn", "male", "2001-03-17", _REFILL, refill.booked_in_time,
     "Visit booked in time: quiet"),
    ("Grove", "Gia", "female", "1958-12-05", _REFILL, refill.booked_too_late,
     "Visit booked after the alarm"),
    ("Haven", "Hugo", "male", "1993-06-21", _REFILL, refill.visit_missed,
     "Missed the refill visit"),
    ("Indigo", "Iris", "female", "1982-10-11", _REFILL, refill.dose_raised,
     "Dose raised mid-cycle: true date is earlier"),
    ("Juniper", "Jack", "male", "1975-02-27", _REFILL, refill.short_reserve,
     "High flow: two days from alarm to empty"),
    ("Kelp", "Kira", "female", "1988-08-19", _REFILL, refill.dates_disagree,
     "Pump and arithmetic disagree"),
    ("Linden", "Leo", "male", "1997-04-04", _BATTERY, surgery.battery_plan,
     "Time to plan the replacement"),
    ("Maple", "Mia", "female", "1969-09-29", _BATTERY, surgery.battery_order,
     "Time to order the replacement"),
    ("North", "Noah", "male", "1986-01-15", _BATTERY, surgery.battery_critical,
     "Replacement alarm has sounded"),
    ("Ocean", "Olga", "female", "1963-05-26", _BATTERY, surgery.battery_replaced,
     "Pump replaced, all in order: quiet"),
    ("Pebble", "Paul", "male", "1991-12-12", _SURGERY, surgery.wound_not_checked,
     "Day 10, wound not checked"),
    ("Quartz", "Quinn", "female", "1999-07-31", _SURGERY, surgery.no_recovery_plan,
     "Implanted today, no recovery plan"),
    ("River", "Rosa", "female", "1974-03-09", _SURGERY, surgery.wound_with_fever,
     "Day 9, drainage and fever"),
    ("Stone", "Sam", "male", "1980-11-18", _SURGERY, surgery.milestone_due,
     "Day 44, milestone still open"),
    ("Tulip", "Tess", "female", "1995-10-02", _SURGERY, surgery.pump_removed,
     "Pump removed last week"),
    ("Umber", "Uma", "female", "1955-06-06", _OTHER, surgery.no_pump,
     "No pump: nothing to say"),
    ("Violet", "Vic", "male", "1978-08-25", _OTHER, surgery.intravenous_pump,
     "IV pump only: not an intrathecal pump"),
    ("Willow", "Will", "male", "1987-02-13", _OTHER, refill.broken_record,
     "Wrong unit and a broken entry"),
)  # fmt: skip

PATIENTS = {
    patient.person.id: patient
    for patient in (
        DemoPatient(
            Person(number, f"Testpatient-{name}", given, gender, date.fromisoformat(born)),
            group,
            line,
            story,
        )
        for number, (name, given, gender, born, group, story, line) in enumerate(_PEOPLE, start=1)
    )
}
"""Every synthetic patient by the id of the Patient resource, in the order of the list."""
