"""A plan: thresholds, and ladders of actions of which the first that applies is recommended."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from cds_service.guidance.condition import Condition
from cds_service.therapy.quantities import plain

COULD_NOT_CHECK = "itbCouldNotCheck"
"""Topic of the card that says what could not be read or decided; it is never folded away."""

CANDIDATE = "itb-candidate"
"""The plan that speaks of patients without a pump, too."""

DATA_QUALITY = "itb-data-quality"
"""The plan that speaks of contradictions and of what could not be checked; it is evaluated last."""

HANDOUT = "itb-handout"
"""The plan that holds what patients are handed; it answers no hook."""

HOOKS = frozenset(
    {
        "patient-view",
        "encounter-start",
        "encounter-discharge",
        "appointment-book",
        "order-select",
        "order-sign",
    }
)
"""The hooks that a plan may answer."""

WORKLIST = "worklist"
"""Not a hook: the coordinator's list and $apply, which ask about everyone, with or without pump."""


class Urgency(StrEnum):
    """How soon to act; the indicators of CDS Hooks, the most urgent first."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


URGENCIES = tuple(Urgency)
"""The most urgent first."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number a clinician may argue about: value in force, bounds, reason and source.

    `source` is a citation or the word `policy`; `shipped`: what the plan came with, where the site
    set another value.
    """

    name: str
    value: Decimal
    unit: str
    minimum: Decimal
    maximum: Decimal
    rationale: str
    source: str
    shipped: Decimal | None = None

    @property
    def is_overridden(self) -> bool:
        """True when the site set the value."""
        return self.shipped is not None

    def __str__(self) -> str:
        return f"{plain(self.value)} {self.unit}".strip()


@dataclass(frozen=True, slots=True)
class Citation:
    """A source of a plan or an action, as people cite it."""

    label: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something the user can accept with one click: the activity it creates.

    `activity` is a canonical URL; `due` names the fact that holds the date by which, if any;
    `priority` is a FHIR request priority.
    """

    id: str
    label: str
    activity: str
    due: str = ""
    priority: str = "routine"


@dataclass(frozen=True, slots=True)
class Action:
    """One rung: when its condition holds, what is said, how urgently, and on whose authority.

    `due` names the fact that holds the day by which to act, where that is not the day by which what
    it suggests is to be done: an operation has to be ordered long before its own day.
    """

    id: str
    topic: str
    topic_display: str
    summary: str
    detail: str
    urgency: Urgency
    condition: Condition
    citations: tuple[Citation, ...]
    suggestions: tuple[Suggestion, ...] = ()
    due: str = ""


@dataclass(frozen=True, slots=True)
class Ladder:
    """Actions tried in order: the first that applies wins. `condition` guards them all.

    `least` names the hooks on which less urgent actions are decided as ever, and not shown.
    """

    id: str
    title: str
    hooks: frozenset[str]
    actions: tuple[Action, ...]
    condition: Condition | None = None
    least: Mapping[str, Urgency] = field(default_factory=dict)

    def answers(self, hook: str) -> bool:
        """True when the ladder is tried on the hook; the worklist tries what chart open tries."""
        return hook in self.hooks or (hook == WORKLIST and "patient-view" in self.hooks)

    def shows(self, action: Action, hook: str) -> bool:
        """True when the action is urgent enough for the hook."""
        return URGENCIES.index(action.urgency) <= URGENCIES.index(
            self.least.get(hook, Urgency.INFO)
        )


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that can be ordered or planned: what an accepted suggestion creates.

    `code` is (system, code, display).
    """

    id: str
    kind: str
    title: str
    description: str
    code: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One activity of a care plan, with the days after surgery it spans (`last_day` None: open).

    `thresholds` set these days, a threshold of another plan among them perhaps.
    """

    id: str
    title: str
    description: str
    first_day: int
    last_day: int | None
    condition: Condition | None
    citations: tuple[Citation, ...]
    is_restriction: bool = False
    thresholds: tuple[Threshold, ...] = ()


@dataclass(frozen=True, slots=True)
class PatientText:
    """A part of what is handed to patients: heading, Markdown, and when it belongs on the sheet.

    `condition` None: always.
    """

    id: str
    title: str
    text: str
    condition: Condition | None
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class GoalTarget:
    """What a goal aims at: `measure` in words, `says` the aim as a template of facts.

    `fact` says where the patient stands, read from the prefetch keys `sources`.
    """

    measure: str
    says: str
    fact: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DataUse:
    """Whether a plan uses a kind of patient data, and how; `used` None: the plan does not say."""

    element: str
    name: str
    used: bool | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class SourceAttributes:
    """Who stands behind a plan, and which data it uses; what is empty is not stated."""

    developer: str = ""
    funding: str = ""
    released_on: str = ""
    approved_on: str = ""
    data_uses: tuple[DataUse, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """A PlanDefinition as the service uses it.

    `reviewed_on` is the date of its last clinical review, empty when there was none.
    """

    id: str
    url: str
    version: str
    title: str
    description: str
    ladders: tuple[Ladder, ...]
    thresholds: Mapping[str, Threshold]
    citations: tuple[Citation, ...]
    activities: Mapping[str, Activity]
    steps: tuple[PlannedStep, ...] = ()
    limits: str = ""
    reviewed_on: str = ""
    goal: str = ""
    targets: tuple[GoalTarget, ...] = ()
    attributes: SourceAttributes = SourceAttributes()
    patient_texts: tuple[PatientText, ...] = ()

    @property
    def canonical(self) -> str:
        """The plan's canonical URL with its version."""
        return f"{self.url}|{self.version}"


def topic_names(plans: Iterable[Plan]) -> dict[str, str]:
    """What each topic of these plans is called, by its code."""
    return {
        action.topic: action.topic_display
        for plan in plans
        for ladder in plan.ladders
        for action in ladder.actions
    }
