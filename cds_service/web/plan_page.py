"""A plan on one page: its rules as decision tables, its numbers, its sources."""

from dataclasses import dataclass

from flask import Blueprint, Response, abort, render_template

from cds_service.assessment.assess import Rulebook
from cds_service.guidance.plan import Action, DataUse, Ladder, PatientText, Plan, PlannedStep
from cds_service.web.plan_words import (
    Clause,
    act_by_in_words,
    bounds_in_words,
    condition_in_words,
    shipped_in_words,
    text_in_words,
    value_in_words,
)

NOT_STATED = "not stated"
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Rung:
    """A row of a decision table."""

    action: Action
    when: Clause
    card: str
    detail: str
    act_by: str


@dataclass(frozen=True, slots=True)
class Table:
    """A ladder as a decision table; `guard` holds for every row, None when there is none."""

    ladder: Ladder
    guard: Clause | None
    hooks: str
    rungs: list[Rung]


@dataclass(frozen=True, slots=True)
class StepRow:
    """One activity of a care plan, with its days and its condition in words."""

    step: PlannedStep
    days: str
    only_if: Clause | None


@dataclass(frozen=True, slots=True)
class TextRow:
    """A text for patients, with its placeholders and its condition in words."""

    text: PatientText
    says: str
    only_if: Clause | None


def plan_blueprint(rulebook: Rulebook) -> Blueprint:
    """GET /plans/{id}: every plan of the rulebook in words."""
    blueprint = Blueprint(
        "plans",
        __name__,
        template_folder="templates",
        static_folder="static",
        static_url_path="/plans/static",
    )
    plans = {plan.id: plan for plan in rulebook.plans}

    @blueprint.get("/plans/<plan_id>")
    def show(plan_id: str) -> str:
        plan = plans.get(plan_id)
        if plan is None:
            abort(404, f"No such plan; there are: {', '.join(plans)}.")
        return render_template(
            "plan_page.html",
            plan=plan,
            plans=plans.values(),
            tables=[_table(plan, ladder) for ladder in plan.ladders],
            thresholds=[
                (found, value_in_words(found), bounds_in_words(found), shipped_in_words(found))
                for found in plan.thresholds.values()
            ],
            steps=[_step(plan, step) for step in plan.steps],
            texts=[_text(plan, text) for text in plan.patient_texts],
            attributes=_attributes(plan),
            text_in_words=text_in_words,
        )

    @blueprint.after_request
    def with_policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return blueprint


def _table(plan: Plan, ladder: Ladder) -> Table:
    guard = ladder.condition
    return Table(
        ladder,
        condition_in_words(guard.text, plan.thresholds) if guard else None,
        ", ".join(sorted(ladder.hooks)),
        [
            Rung(
                action,
                condition_in_words(action.condition.text, plan.thresholds),
                text_in_words(action.summary),
                text_in_words(action.detail),
                act_by_in_words(action),
            )
            for action in ladder.actions
        ],
    )


def _attributes(plan: Plan) -> list[tuple[str, str]]:
    """The 13 source attributes in words, in the order of 45 CFR 170.315(b)(11)(iv)(A)."""
    stated = plan.attributes
    reviewed = plan.reviewed_on or "not yet"
    released = f"version {plan.version} of {stated.released_on or NOT_STATED}"
    return [
        ("Bibliographic citation", f"{len(plan.citations)} sources, listed below"),
        ("Developer", stated.developer or NOT_STATED),
        ("Funding source of the technical implementation", stated.funding or NOT_STATED),
        (
            "Release and revision dates",
            f"{released}; approved: {stated.approved_on or 'not yet'}; last review: {reviewed}",
        ),
        *((f"Uses: {use.name}", _use_in_words(use)) for use in stated.data_uses),
    ]


def _use_in_words(use: DataUse) -> str:
    if use.used is None:
        return NOT_STATED
    return f"yes. {use.note}" if use.used else "no"


def _step(plan: Plan, step: PlannedStep) -> StepRow:
    if step.last_day is None:
        days = f"from day {step.first_day}, until a clinician closes it"
    elif step.last_day == step.first_day:
        days = f"day {step.first_day}"
    else:
        days = f"day {step.first_day} to {step.last_day}"
    condition = step.condition
    only_if = condition_in_words(condition.text, plan.thresholds) if condition else None
    return StepRow(step, days, only_if)


def _text(plan: Plan, text: PatientText) -> TextRow:
    condition = text.condition
    only_if = condition_in_words(condition.text, plan.thresholds) if condition else None
    return TextRow(text, text_in_words(text.text), only_if)
