"""`PlanDefinition/$apply`: one plan applied to a patient, by the assessment that hooks share."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cds_service.assessment.assess import Assessment
from cds_service.assessment.goals import goal_standings
from cds_service.assessment.occasion import WORKLIST, Occasion
from cds_service.cds_hooks.card_detail import detail, summary
from cds_service.fhir.request_group import Asked, Note, OpenQuestion, Proposal, care_plan
from cds_service.fhir.requests import suggested_resource
from cds_service.guidance.evaluation import Recommendation, Undecided
from cds_service.guidance.plan import COULD_NOT_CHECK, DATA_QUALITY, Plan

_OCCASIONS = (
    "patient-view",
    WORKLIST,
    "encounter-start",
    "encounter-discharge",
    "appointment-book",
    "order-select",
    "order-sign",
)


_ABOUT_PROPOSALS = ("appointment-book", "order-select", "order-sign")


@dataclass(frozen=True, slots=True)
class SiteUse:
    """How the site uses the plan: `says` in words, empty where it speaks to everyone."""

    is_off: bool = False
    says: str = ""


def occasion_of(plan: Plan) -> str:
    """The hook as whose answer a plan is applied unless the caller states one."""
    answered = _answered(plan)
    return next((hook for hook in _OCCASIONS if hook in answered), WORKLIST)


def applied(
    plan: Plan, found: Assessment, asked: Asked, occasion: Occasion, use: SiteUse
) -> dict[str, Any]:
    """The CarePlan that `$apply` gives: what the plan recommends, what it could not decide.

    Texts and requests are those of the hook's cards. What could not be read or decided is said
    whatever plan is applied, and so is that the site has switched the plan off.
    """
    patient_id = asked.subject.removeprefix("Patient/")
    proposals = [
        _proposal(each, found, patient_id, asked)
        for each in found.evaluation.recommended
        if each.plan.id == plan.id
    ]
    questions = [
        _open_question(each) for each in found.evaluation.undecided if each.plan.id == plan.id
    ]
    notes = [*_used(use), *_not_checked(plan, found)]
    if not use.is_off:
        notes += _nothing(plan, found, occasion, bool(proposals or questions))
    aims = [(each.measure, each.aim) for each in goal_standings(plan, found) if each.aim]
    return care_plan(plan, asked, proposals, questions, notes, aims)


def _proposal(
    recommended: Recommendation, found: Assessment, patient_id: str, asked: Asked
) -> Proposal:
    facts = found.findings.facts
    offers = (
        (
            offer.label,
            suggested_resource(recommended.plan, offer, facts, patient_id, asked.as_of),
        )
        for offer in recommended.action.suggestions
    )
    return Proposal(
        recommended.action,
        summary(recommended),
        detail(recommended),
        recommended.basis,
        [(label, resource) for label, resource in offers if resource is not None],
    )


def _open_question(undecided: Undecided) -> OpenQuestion:
    return OpenQuestion(
        undecided.action,
        [f"{name}: {because}" if because else name for name, because in undecided.missing],
    )


def _not_checked(plan: Plan, found: Assessment) -> Iterator[Note]:
    if plan.id == DATA_QUALITY:
        return
    for each in found.evaluation.recommended:
        if each.action.topic == COULD_NOT_CHECK:
            yield Note("warning", "incomplete", summary(each), detail(each))


def _used(use: SiteUse) -> Iterator[Note]:
    if use.is_off:
        yield Note("warning", "suppressed", f"At this site the plan is {use.says}.")
    elif use.says:
        yield Note("information", "informational", f"At this site the plan is {use.says}.")


def _nothing(
    plan: Plan, found: Assessment, occasion: Occasion, has_actions: bool
) -> Iterator[Note]:
    """An answer without actions says that somebody looked, and at what."""
    if not found.concerns_therapy:
        said = "What is proposed does not concern intrathecal therapy; nothing else was looked at."
        yield Note("information", "informational", said)
    elif found.record.is_deceased:
        yield Note("information", "informational", "The patient is recorded as deceased.")
    elif not found.has_pump:
        yield Note("information", "informational", "No sign of an intrathecal pump was found.")
    elif not has_actions:
        yield Note("information", "informational", _nothing_in_words(plan, occasion))


def _nothing_in_words(plan: Plan, occasion: Occasion) -> str:
    """A plan for what is about to be ordered or booked has to be told what that is."""
    answered = _answered(plan)
    if occasion.hook not in answered:
        hooks = ", ".join(hook for hook in _OCCASIONS if hook in answered)
        return f"Nothing of this plan applies: it does not answer {occasion.hook}, but {hooks}."
    if occasion.hook in _ABOUT_PROPOSALS and not occasion.proposed:
        return (
            f"Nothing of this plan applies: it answers {occasion.hook}, and $apply is given no "
            "proposal. Send draftOrders or appointments."
        )
    return "Nothing of this plan applies now."


def _answered(plan: Plan) -> set[str]:
    return {hook for ladder in plan.ladders for hook in ladder.hooks}
