"""What stands for one patient at one moment: advice, gaps, and the figures of the worklist."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from cds_service.coordination.kinds import kind_of
from cds_service.fhir.identity import Identity


class Lane(StrEnum):
    """Where a patient stands on the worklist, by what has to happen next."""

    ACT_NOW = "act-now"
    BOOK = "book"
    REVIEW = "review"
    CANNOT_CHECK = "cannot-check"
    SNOOZED = "snoozed"
    NO_ACTION = "no-action"


class OffList(StrEnum):
    """Why a patient is not on the list: what the record says, or the cohort."""

    DECEASED = "deceased"
    NO_PUMP = "no-pump"
    MERGED = "merged"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Advice:
    """One recommendation as it is kept: texts filled in, and the day by which to act.

    `cause` is a hash of what the advice rests on; it changes when the cause does. `urgency` is an
    indicator of CDS Hooks; `offers` holds the labels of what the plan suggests to order or book.
    `is_arranged`: what it asks for is booked already, and nothing is left to do.
    """

    plan: str
    version: str
    action: str
    topic: str
    title: str
    urgency: str
    summary: str
    detail: str
    cause: str
    act_by: date | None = None
    offers: tuple[str, ...] = ()
    is_arranged: bool = False

    @property
    def kind(self) -> str:
        """The family of advice it belongs to, see `kinds.Kind`."""
        return kind_of(self.plan, self.topic)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the columns of the worklist show; None where it is not known.

    `removed` is the day the pump was taken out with none put in; `replacement` is booked or
    ordered. `assumptions` says what the refill's days rest on that no record states.
    """

    volume_ml: Decimal | None = None
    last_fill: date | None = None
    refill_by: date | None = None
    alarm: date | None = None
    empty: date | None = None
    booked: date | None = None
    battery_eri: date | None = None
    battery_eos: date | None = None
    implanted: date | None = None
    replacement: date | None = None
    removed: date | None = None
    assumptions: str = ""


@dataclass(frozen=True, slots=True)
class PatientStatus:
    """All that is kept of one reading of a patient's record.

    `unchecked` says line by line what could not be read or decided; `failure` why the record could
    not be read at all, and then nothing else is known. `plans` maps plan ids to versions.
    `open_plans` names the plans whose answer is not complete: that they say nothing proves nothing.
    """

    identity: Identity
    read_at: datetime
    has_pump: bool = False
    advice: tuple[Advice, ...] = ()
    unchecked: tuple[str, ...] = ()
    figures: Figures = Figures()
    plans: tuple[tuple[str, str], ...] = ()
    failure: str = ""
    open_plans: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptStatus:
    """The last good reading of a patient, and how the newest try went.

    `status` is None when no try ever succeeded; `failure` is '' when the newest did. `gone` says
    why the cohort has the patient no more, '' while it has.
    """

    identity: Identity
    status: PatientStatus | None
    tried_at: datetime
    failure: str = ""
    gone: str = ""
