"""What a patient's record states, in plain values; the oracles read only this."""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

BOOKED_STATUSES = ("booked", "arrived", "checked-in")


@dataclass(frozen=True)
class Fill:
    """One recorded fill. `first` and `last` differ when only the month is recorded.

    hour: UTC hour if the record gives a time. Volumes mL, concentration mcg/mL; None is unrecorded.
    """

    first: date
    last: date
    hour: int | None = None
    dose_ml: Fraction | None = None
    observed_ml: Fraction | None = None
    concentration: Fraction | None = None


@dataclass(frozen=True)
class DoseStatement:
    """A daily dose as stated on a day; mcg/day is None when the statement must be refused."""

    day: date
    mcg_per_day: Fraction | None
    source: str
    over_limit: bool = False


@dataclass(frozen=True)
class ReportedAlarm:
    """The low-reservoir alarm date that the pump predicted, and the day it was recorded."""

    recorded: date
    alarm: date


@dataclass(frozen=True)
class PumpAlarm:
    """An alarm of the pump (low-reservoir, empty-reservoir, eri, eos, motor-stall ...)."""

    day: date
    kind: str
    hour: int | None = None


@dataclass(frozen=True)
class Visit:
    """An Appointment: its kind (code of itb-visit), its day and its status."""

    day: date
    kind: str
    status: str


@dataclass(frozen=True)
class ReplacementRequest:
    """A ServiceRequest for a replacement, its date and its status."""

    day: date
    status: str


@dataclass(frozen=True)
class BatteryEstimate:
    """A battery reading: months to ERI, or a date of ERI, as recorded on a day."""

    recorded: date
    months: int | None = None
    eri: date | None = None


@dataclass(frozen=True)
class Surgery:
    """An operation on the pump: implant, replacement, revision or explant."""

    first: date
    last: date
    kind: str


@dataclass(frozen=True)
class Sign:
    """A sign looked for on a day, found or not."""

    day: date
    name: str
    present: bool


@dataclass(frozen=True)
class Temperature:
    """A body temperature in Celsius and the moment it was taken."""

    taken: datetime
    celsius: Fraction


@dataclass(frozen=True)
class PlannedActivity:
    """An activity of a recovery plan: the last day of its window, and its status."""

    start: date
    end: date
    status: str


@dataclass(frozen=True)
class RecoveryCarePlan:
    """A CarePlan that instantiates the recovery plan. `start` is period.start, else created."""

    start: date
    status: str
    activities: tuple[PlannedActivity, ...] = ()


def earliest_booked(visits: tuple[Visit, ...], kind: str, today: date) -> date | None:
    """The earliest visit of this kind booked for today or later."""
    days = [v.day for v in visits if v.kind == kind and v.status in BOOKED_STATUSES]
    return min((day for day in days if day >= today), default=None)


def latest_surgery(surgeries: tuple[Surgery, ...], kinds: tuple[str, ...]) -> Surgery | None:
    """The latest operation among those kinds."""
    return max((s for s in surgeries if s.kind in kinds), key=lambda s: s.first, default=None)
