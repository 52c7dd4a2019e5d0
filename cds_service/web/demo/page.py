"""What the chart-open page shows: the patient, the cards of a real hook call, and the reservoir."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from cds_service.assessment.assess import Rulebook
from cds_service.demo_clinic.chart import PREFETCH_KEYS, Chart
from cds_service.demo_clinic.coding import VISIT_NAMES
from cds_service.demo_clinic.prefetch import Failure, Faults, prefetch
from cds_service.demo_clinic.roster import PATIENTS, DemoPatient
from cds_service.demo_clinic.visits import weekday_by
from cds_service.therapy.calendar import day_text, whole_months_between
from cds_service.web.demo.cards import CardView, card_views, suggested_resources
from cds_service.web.demo.chart import DemoCharts
from cds_service.web.demo.hook import ChartOpened, HookCall, call_hook
from cds_service.web.demo.opening import FIRST_DAY, LAST_DAY, Opening
from cds_service.web.demo.reservoir import ReservoirView, in_days, reservoir_view

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_A_YEAR = 12
_BOOKING_AHEAD = 7


@dataclass(frozen=True, slots=True)
class Days:
    """The day the chart is opened on, beside today, and how far it can be moved."""

    today_iso: str
    today: str
    iso: str
    text: str
    distance: str
    offset: int
    booking: str
    first: int = FIRST_DAY
    last: int = LAST_DAY


@dataclass(frozen=True, slots=True)
class Switch:
    """A data source that can be unplugged."""

    key: str
    name: str
    is_off: bool


@dataclass(frozen=True, slots=True)
class Switches:
    """Everything that can go wrong with the data on this page."""

    sources: list[Switch]
    is_error: bool
    is_dose_in_ml: bool

    @property
    def off(self) -> int:
        """How many faults are switched on."""
        return sum(source.is_off for source in self.sources) + self.is_dose_in_ml


@dataclass(frozen=True, slots=True)
class Answer:
    """The hook call as the page shows it: cards, what was set aside before, and both bodies."""

    call: HookCall
    cards: list[CardView]
    aside: list[tuple[str, str]]
    sent: str
    received: str

    @property
    def is_quiet(self) -> bool:
        """True when the service sent no cards, and none was set aside before."""
        return self.call.cards == [] and not self.aside


@dataclass(frozen=True, slots=True)
class Page:
    """All that the template draws."""

    patient: DemoPatient
    groups: list[tuple[str, list[DemoPatient]]]
    age: str
    born: str
    days: Days
    switches: Switches
    opening: Opening
    notice: str
    answer: Answer
    reservoir: ReservoirView
    booked: list[str]
    can_refill: bool
    visits: Mapping[str, str]


def page(
    patient_id: str,
    opening: Opening,
    charts: DemoCharts,
    rulebook: Rulebook,
    base_url: str,
    now: datetime,
) -> Page:
    """Opens a chart: sends the hook, keeps its suggestions, and works out the drawing.

    `now` is in the clinic's zone. The cards come from the HTTP answer alone.
    """
    today, day, instant = now.date(), opening.day(now), opening.instant(now)
    chart = charts.chart(patient_id, today)
    sent = prefetch(chart, day, opening.faults)
    opened = ChartOpened(patient_id, charts.user_id)
    call = call_hook(base_url, opened, sent, instant)
    charts.remember(suggested_resources(call.cards or []))
    patient = PATIENTS[patient_id]
    return Page(
        patient=patient,
        groups=[
            (name, list(found)) for name, found in groupby(PATIENTS.values(), lambda p: p.group)
        ],
        age=f"{whole_months_between(patient.person.born, day) // _MONTHS_A_YEAR} years",
        born=day_text(patient.person.born),
        days=_days(today, day),
        switches=_switches(opening.faults),
        opening=opening,
        notice=charts.notice(patient_id),
        answer=_answer(call, charts.aside(patient_id)),
        reservoir=reservoir_view(patient_id, sent, rulebook, instant, today),
        booked=_booked(chart, day),
        can_refill=bool(chart.as_known_on(day).of_type("MedicationAdministration")),
        visits=VISIT_NAMES,
    )


def _days(today: date, day: date) -> Days:
    return Days(
        today_iso=today.isoformat(),
        today=day_text(today),
        iso=day.isoformat(),
        text=f"{_WEEKDAYS[day.weekday()]} {day_text(day)}",
        distance=in_days((day - today).days),
        offset=(day - today).days,
        booking=max(day, weekday_by(day + timedelta(days=_BOOKING_AHEAD))).isoformat(),
    )


def _switches(faults: Faults) -> Switches:
    return Switches(
        [Switch(key, name, key in faults.unplugged) for key, name in PREFETCH_KEYS.items()],
        faults.failure is Failure.ERROR,
        faults.is_dose_in_ml,
    )


def _answer(call: HookCall, aside: Mapping[str, tuple[str, str]]) -> Answer:
    views = card_views(call.cards or [])
    shown = {view.topic for view in views}
    return Answer(
        call=call,
        cards=views,
        aside=[told for topic, told in aside.items() if topic not in shown],
        sent=_pretty(call.sent),
        received=call.failure if call.answer is None else _pretty(call.answer),
    )


def _booked(chart: Chart, day: date) -> list[str]:
    """Visits booked for that day or later, the next one first."""
    booked = sorted(
        (str(visit["start"])[:10], str(visit["description"]))
        for visit in chart.as_known_on(day).of_type("Appointment")
        if visit["status"] == "booked" and str(visit["start"])[:10] >= day.isoformat()
    )
    return [f"{name} on {day_text(date.fromisoformat(on))}" for on, name in booked]


def _pretty(body: Mapping[str, object]) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False)
