"""`PlanDefinition/$apply`: one plan applied to a patient, by the assessment that hooks share."""

from collections.abc import Iterator
from typing import Any

from cds_service.assessment.assess import Assessment
from cds_service.assessment.occasion import WORKLIST
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


def occasion_of(plan: Plan) -> str:
    """The hook as whose answer a plan is applied: chart open, where the plan answers it."""
    answered = {hook for ladder in plan.ladders for hook in ladder.hooks}
    return next((hook for hook in _OCCASIONS if hook in answered), WORKLIST)


def applied(plan: Plan, found: Assessment, asked: Asked) -> dict[str, Any]:
    """The CarePlan that `$apply` gives: what the plan recommends, what it could not decide.

    Texts and requests are those of the hook's cards. What could not be read or decided is said
    whatever plan is applied.
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
    notes = [*_not_checked(plan, found), *_nothing(plan, found, bool(proposals or questions))]
    return care_plan(plan, asked, proposals, questions, notes)


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


def _nothing(plan: Plan, found: Assessment, has_actions: bool) -> Iterator[Note]:
    """An answer without actions says that somebody looked, and at what."""
    if found.record.is_deceased:
        yield Note("information", "informational", "The patient is recorded as deceased.")
    elif not found.has_pump:
        yield Note("information", "informational", "No sign of an intrathecal pump was found.")
    elif not has_actions:
        yield Note("information", "informational", _nothing_in_words(plan))


def _nothing_in_words(plan: Plan) -> str:
    """A plan for what is about to be ordered or booked has not been asked anything here."""
    occasion = occasion_of(plan)
    if occasion in ("patient-view", WORKLIST):
        return "Nothing of this plan applies now."
    return f"Nothing of this plan applies: it answers {occasion}, and $apply is given no proposal."
