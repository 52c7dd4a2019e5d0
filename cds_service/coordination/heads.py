"""The light form of a status that the worklist works with: no details, no lists of gaps."""

from dataclasses import dataclass
from datetime import date, datetime

from cds_service.coordination.kinds import kind_of
from cds_service.coordination.status import Figures, PatientStatus
from cds_service.coordination.tasks import WorkTask
from cds_service.fhir.identity import Identity


@dataclass(frozen=True, slots=True)
class AdviceHead:
    """One recommendation without its detail; `books`: something can be ordered or booked for it."""

    plan: str
    topic: str
    title: str
    urgency: str
    summary: str
    act_by: date | None = None
    books: bool = False
    is_arranged: bool = False

    @property
    def kind(self) -> str:
        """The family of advice it belongs to, see `kinds.Kind`."""
        return kind_of(self.plan, self.topic)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the list needs of one good reading; `gaps` counts what could not be checked."""

    read_at: datetime
    has_pump: bool
    advice: tuple[AdviceHead, ...]
    gaps: int
    figures: Figures


@dataclass(frozen=True, slots=True)
class StatusHead:
    """One patient as the worklist sees the patient, with the open tasks.

    `reading` is the last good one, None when no try ever succeeded; `failure` says why the newest
    try failed, '' when it did not; `gone` why the cohort has the patient no more.
    """

    identity: Identity
    reading: Reading | None
    tried_at: datetime
    failure: str = ""
    gone: str = ""
    tasks: tuple[WorkTask, ...] = ()


def reading_of(status: PatientStatus) -> Reading:
    """The light form of a good reading."""
    advice = tuple(
        AdviceHead(
            plan=each.plan,
            topic=each.topic,
            title=each.title,
            urgency=each.urgency,
            summary=each.summary,
            act_by=each.act_by,
            books=bool(each.offers),
            is_arranged=each.is_arranged,
        )
        for each in status.advice
    )
    return Reading(status.read_at, status.has_pump, advice, len(status.unchecked), status.figures)
