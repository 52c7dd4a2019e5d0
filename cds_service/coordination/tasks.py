"""The coordinator's tasks: what is to be done for a patient, by whom, by when, and its history."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class TaskState(StrEnum):
    """Where a task stands, in the words of FHIR's Task.status."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    ON_HOLD = "on-hold"
    COMPLETED = "completed"
    CANCELLED = "cancelled"

    @property
    def is_open(self) -> bool:
        """True while there is still something to do."""
        return self not in (TaskState.COMPLETED, TaskState.CANCELLED)


class PutAway(StrEnum):
    """Why a task waits: somebody moved it, set the advice aside, or said that it is done."""

    SNOOZED = "snoozed"
    OVERRIDDEN = "overridden"
    SAID_DONE = "said-done"


class Event(StrEnum):
    """What can happen to a task."""

    MADE = "made"
    ESCALATED = "escalated"
    EASED = "eased"
    ACT_BY_MOVED = "act-by-moved"
    HELD_OPEN = "held-open"
    PLAN_OFF = "plan-off"
    CAME_BACK = "came-back"
    OWNED = "owned"
    DUE_MOVED = "due-moved"
    SNOOZED = "snoozed"
    OVERRIDDEN = "overridden"
    SAID_DONE = "said-done"
    COMMENTED = "commented"
    REFILLED = "refilled"
    BOOKED = "booked"
    REPLACED = "replaced"
    NOT_ADVISED = "not-advised"
    DECEASED = "deceased"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Away:
    """Until when a task waits (it is back on that day), and why: a coded reason and a comment.

    `until_read`: it is back as soon as the record was read after `since`, if that is earlier.
    `who` is the id of the person who said so, '' where that was not kept; `on` the day of the
    refill or the visit that the person named.
    """

    how: PutAway
    until: date
    since: datetime
    reason: str
    comment: str = ""
    until_read: bool = False
    who: str = ""
    on: date | None = None

    @property
    def is_mark(self) -> bool:
        """Whether it never made the task wait, and only says what somebody decided."""
        return self.until <= self.since.date()


@dataclass(frozen=True, slots=True)
class WorkTask:
    """One task. Its texts are the advice's; `kind` is the family of advice it comes from.

    `due` is the day a person set, `act_by` the day the advice names. `cause` is the hash of what
    the advice rests on. `baseline` is the fill or implant known when the task was made: a later one
    is the evidence that ends it. `stated_on` is the day of a refill that somebody only told of, and
    `told_by` that somebody, '' who told of it on a card.
    `is_held`: the advice is gone or milder, but the record could not be read well enough to trust
    that, or its plan is switched off (`is_unasked`); what stands here is what was last sure.
    `gaps` are marks of what could not be checked when the advice was found.
    `owner` and the `who` of events are ids of people, '' for nobody and for the service itself.
    """

    id: str
    patient_id: str
    kind: str
    title: str
    summary: str
    urgency: str
    made_at: datetime
    changed_at: datetime
    state: TaskState = TaskState.REQUESTED
    plan: str = ""
    topic: str = ""
    cause: str = ""
    owner: str = ""
    due: date | None = None
    act_by: date | None = None
    away: Away | None = None
    baseline: date | None = None
    stated_on: date | None = None
    is_held: bool = False
    closed_at: datetime | None = None
    version: int = 1
    told_by: str = ""
    is_unasked: bool = False
    gaps: tuple[str, ...] = ()

    def is_away(self, today: date) -> bool:
        """True while the task waits."""
        return self.away is not None and today < self.away.until

    @property
    def mark(self) -> Away | None:
        """What somebody decided and could not take the task off the list; None where nobody did."""
        return self.away if self.away is not None and self.away.is_mark else None


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """Something that happened to a task: `says` are a person's words or an id, `on` a day."""

    at: datetime
    what: Event
    who: str = ""
    says: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A task as it is after something happened to it, and what happened."""

    task: WorkTask
    events: tuple[TaskEvent, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """What a person wrote about a patient."""

    at: datetime
    who: str
    says: str
