"""Stories of battery, operation and wound, and of patients whom the service has nothing to tell."""

from datetime import timedelta

from cds_service.demo_clinic.chart_writer import ChartWriter
from cds_service.demo_clinic.coding import concept
from cds_service.fhir.terminology.systems import SNOMED
from cds_service.therapy.calendar import add_months

_LIFE_MONTHS = 84
_PLAN = (
    ("Observation for at least 8 hours, pump settings documented", 1, "completed"),
    ("Rehabilitation assessment", 7, "completed"),
    ("Wound check of both incisions", 14, "scheduled"),
    ("Dose titration visit", 21, "scheduled"),
    ("Clinic visit with review of the alarm date", 35, "scheduled"),
    ("Review of activity restrictions and abdominal binder", 56, "not-started"),
)


def battery_plan(chart: ChartWriter) -> None:
    """Service ends in 225 days: time to plan."""
    _battery_that_ends(chart, in_days=225)


def battery_order(chart: ChartWriter) -> None:
    """Service ends in 150 days: time to order."""
    _battery_that_ends(chart, in_days=150)


def battery_critical(chart: ChartWriter) -> None:
    """The replacement alarm sounded 20 days ago: 70 days are left."""
    _battery_that_ends(chart, in_days=330)
    chart.pump_alarm(-20, "eri", "Elective replacement indicator")


def battery_replaced(chart: ChartWriter) -> None:
    """Pump replaced 20 days ago, wound checked, recovery plan under way."""
    chart.condition("230773005", "Spastic cerebral palsy")
    chart.pump("8637-20", -2540)
    chart.operation("removal", -20)
    chart.operation("insertion", -20)
    chart.fill(-20, ml=20, mcg_per_ml=500, mcg_per_day=100)
    chart.reading("incision-swelling", -8, False)
    chart.reading("incision-drainage", -8, False)
    chart.visit("wound-check", -8, status="fulfilled", made=-20)
    chart.recovery_plan(-20, _plan_closed_to(14))


def wound_not_checked(chart: ChartWriter) -> None:
    """Ten days after implantation no wound check is on record."""
    _fresh_implant(chart, on=-10)
    chart.recovery_plan(-10, _PLAN)


def no_recovery_plan(chart: ChartWriter) -> None:
    """Implanted today; nobody has started a recovery plan."""
    _fresh_implant(chart, on=0)


def wound_with_fever(chart: ChartWriter) -> None:
    """Day 9: drainage from the incision and 38.4 °C."""
    _fresh_implant(chart, on=-9)
    chart.recovery_plan(-9, _PLAN)
    chart.reading("incision-drainage", -1, True)
    chart.reading("incision-discoloration", -1, True)
    chart.temperature(-1, 38.4)


def milestone_due(chart: ChartWriter) -> None:
    """Day 44: the clinic visit of week 4 was never closed."""
    _fresh_implant(chart, on=-44)
    chart.reading("incision-drainage", -32, False)
    chart.visit("wound-check", -32, status="fulfilled", made=-44)
    chart.recovery_plan(-44, _plan_closed_to(21))


def pump_removed(chart: ChartWriter) -> None:
    """Pump removed a week ago, none put in."""
    chart.condition("128188000", "Cerebral palsy")
    chart.pump("8637-20", -1200)
    chart.fill(-50, ml=20, mcg_per_ml=500, mcg_per_day=100)
    chart.operation("removal", -7)


def no_pump(chart: ChartWriter) -> None:
    """Spasticity after a stroke, treated by mouth."""
    chart.condition("230690007", "Cerebrovascular accident")
    chart.oral_baclofen()


def intravenous_pump(chart: ChartWriter) -> None:
    """An infusion pump for intravenous fluids, which is not an intrathecal pump."""
    chart.condition("24700007", "Multiple sclerosis")
    type_ = concept(SNOMED, "433296005", "Infusion pump for intravenous fluids (physical object)")
    chart.device(type_, "Bedside infusion pump")


def _battery_that_ends(chart: ChartWriter, in_days: int) -> None:
    """A SynchroMed II whose 84 months end in that many days, freshly filled."""
    ends = chart.today + timedelta(days=in_days)
    chart.condition("230773005", "Spastic cerebral palsy")
    chart.pump("8637-20", (add_months(ends, -_LIFE_MONTHS) - chart.today).days)
    chart.fill(-20, ml=20, mcg_per_ml=500, mcg_per_day=100)


def _fresh_implant(chart: ChartWriter, on: int) -> None:
    chart.condition("90584004", "Spinal cord injury")
    chart.pump("8637-20", on)
    chart.fill(on, ml=20, mcg_per_ml=500, mcg_per_day=100)


def _plan_closed_to(last_closed: int) -> list[tuple[str, int, str]]:
    return [
        (title, last, "completed" if last <= last_closed else state) for title, last, state in _PLAN
    ]
