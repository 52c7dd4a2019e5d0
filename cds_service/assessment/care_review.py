"""The care plan: what `$apply` of every plan proposes, held against what the record has already."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cds_service.assessment.application import SiteUse, applied, occasion_of
from cds_service.assessment.assess import Assessment, Rulebook
from cds_service.assessment.goals import GoalStanding, goal_standings
from cds_service.assessment.occasion import WORKLIST, Occasion
from cds_service.fhir.request_group import Asked
from cds_service.guidance.plan import Plan
from cds_service.therapy.evidence import Evidence
from cds_service.therapy.record import TherapyRecord, Visit, VisitKind, VisitState

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Arranged:
    """Something the record holds: `state` is a visit's state, or open or closed of a care plan."""

    what: str
    state: str
    on: date | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Proposed:
    """An activity that a plan proposes, and what the record holds of its kind already.

    `by` is the last day of the activity itself, not of asking for it.
    """

    what: str
    title: str
    by: date | None
    arranged: tuple[Arranged, ...]


@dataclass(frozen=True, slots=True)
class Open:
    """An action that could not be decided, and what is missing for it."""

    title: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanReview:
    """One plan applied: what it says, what it proposes, what it left open.

    All empty: it was decided, and nothing of it applies. `goal` is '' where the plan states none,
    `aims` are its targets beside what is known of them.
    """

    plan: Plan
    goal: str
    aims: tuple[GoalStanding, ...]
    says: tuple[str, ...]
    proposes: tuple[Proposed, ...]
    open: tuple[Open, ...]


@dataclass(frozen=True, slots=True)
class CareReview:
    """All plans asked about this patient, what the record has arranged, and plans not asked.

    `unread` names what of the arrangements could not be read.
    """

    plans: tuple[PlanReview, ...]
    arranged: tuple[Arranged, ...]
    not_asked: tuple[Plan, ...]
    unread: tuple[str, ...]


_ARRANGEMENTS = ("appointments", "serviceRequests", "carePlans")


def care_review(
    found: Assessment, rulebook: Rulebook, patient_id: str, now: datetime
) -> CareReview:
    """Every plan applied to an assessed record; `now` is in the site's zone."""
    asked, not_asked = [], []
    arranged = tuple(sorted(_arranged(found.record, now.date()), key=_order))
    for plan in rulebook.clinical:
        if not plan.ladders:
            continue
        if occasion_of(plan) not in ("patient-view", WORKLIST):
            not_asked.append(plan)
        else:
            group = _applied(plan, found, patient_id, now)
            asked.append(_review(plan, goal_standings(plan, found), group, arranged))
    unread = tuple(key for key in _ARRANGEMENTS if key in found.record.unread)
    return CareReview(tuple(asked), arranged, tuple(not_asked), unread)


def _applied(plan: Plan, found: Assessment, patient_id: str, now: datetime) -> Json:
    asked = Asked(f"Patient/{patient_id}", now)
    return applied(plan, found, asked, Occasion(WORKLIST), SiteUse())


def _review(
    plan: Plan, aims: tuple[GoalStanding, ...], care_plan: Json, arranged: tuple[Arranged, ...]
) -> PlanReview:
    contained = {each["id"]: each for each in care_plan["contained"]}
    says, proposes, left_open = [], [], []
    for action in contained["request-group"].get("action", []):
        resource = contained.get(_local(action), {})
        if resource.get("resourceType") == "OperationOutcome":
            missing = tuple(issue["details"]["text"] for issue in resource["issue"])
            left_open.append(Open(action["title"], missing))
            continue
        says.append(action["title"])
        for offer in action.get("action", []):
            request = contained[_local(offer)]
            proposes.append(_proposed(offer["title"], request, arranged))
    return PlanReview(plan, plan.goal, aims, tuple(says), tuple(proposes), tuple(left_open))


def _local(element: Json) -> str:
    return str(element.get("resource", {}).get("reference", "")).removeprefix("#")


def _proposed(title: str, request: Json, arranged: tuple[Arranged, ...]) -> Proposed:
    if request["resourceType"] == "CarePlan":
        held = tuple(each for each in arranged if each.what == _CARE_PLAN)
        return Proposed(_CARE_PLAN, title, None, held)
    code = request["code"]["coding"][0]["code"]
    by = date.fromisoformat(request["occurrencePeriod"]["end"])
    return Proposed(code, title, by, tuple(each for each in arranged if each.what == code))


_CARE_PLAN = "recovery-plan"
_LASTING = (VisitState.BOOKED, VisitState.REQUESTED, VisitState.ORDERED)


def _arranged(record: TherapyRecord, today: date) -> Iterator[Arranged]:
    """Visits that lie ahead or were asked for, and recovery plans."""
    for visit in record.visits:
        if _stands(visit, today):
            on = visit.when.first
            yield Arranged(visit.kind.value, visit.state.value, on, visit.evidence)
    for plan in record.recovery_plans:
        state = "open" if plan.is_open else "closed"
        yield Arranged(_CARE_PLAN, state, plan.start.first if plan.start else None, plan.evidence)


def _stands(visit: Visit, today: date) -> bool:
    if visit.state is VisitState.BOOKED:
        return visit.when.first >= today
    return visit.state in _LASTING


def _order(found: Arranged) -> tuple[str, date, str]:
    return found.what, found.on or date.max, found.evidence.reference


KINDS = frozenset({*(kind.value for kind in VisitKind), _CARE_PLAN})
"""Every `what` there is."""
