"""Recommendations made by hand, ordinary but for what a test states."""

from dataclasses import replace
from datetime import UTC, date, datetime

from cds_service.cds_hooks.cards import CardContext
from cds_service.guidance.condition import Condition
from cds_service.guidance.evaluation import Evaluation, Recommendation
from cds_service.guidance.plan import Action, Activity, Citation, Plan, Suggestion, Urgency
from cds_service.therapy.calendar import day
from cds_service.therapy.fact import Fact, known
from cds_service.therapy.record import Evidence
from tests.cds_hooks.hook_body import HOOK_INSTANCE

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FILL = Evidence("MedicationAdministration/fill-1", "Baclofen 18 mL", day(date(2026, 9, 2)))
ORDER_VISIT = Suggestion("order-refill", "Order a refill visit", "refill-visit")
PLAN = Plan(
    id="itb-refill",
    url="https://example.org/itb-pump-cds/fhir/PlanDefinition/itb-refill",
    version="0.1.0",
    title="ITB pump refill",
    description="When to refill.",
    ladders=(),
    thresholds={},
    citations=(Citation("CC", "Cleveland Clinic, Baclofen Pump", "https://example.org/cc"),),
    activities={
        "refill-visit": Activity(
            "refill-visit",
            "ServiceRequest",
            "Refill visit",
            "Refill the pump",
            ("https://example.org/visit", "refill-visit", "Refill visit"),
        )
    },
)
CALL = CardContext(
    hook_instance=HOOK_INSTANCE,
    patient_id="p1",
    service_id="itb-patient-view",
    public_url="https://cds.example.org",
    as_of=NOW,
)


def advice(
    topic: str = "itbRefillDue",
    urgency: Urgency = Urgency.WARNING,
    *,
    suggestions: tuple[Suggestion, ...] = (),
    **recommendation: object,
) -> Recommendation:
    """A recommendation; further names are fields of Recommendation."""
    action = Action(
        id=f"act-{topic}",
        topic=topic,
        topic_display=f"Topic {topic}",
        summary="",
        detail="",
        urgency=urgency,
        condition=Condition("true", frozenset(), lambda _: True),
        citations=(),
        suggestions=suggestions,
    )
    made = Recommendation(
        plan=PLAN,
        action=action,
        summary=f"Summary of {topic}",
        detail=f"What to do about {topic}.",
        basis=(("refill.fillDate", known(date(2026, 9, 2), FILL)),),
    )
    return replace(made, **recommendation)  # type: ignore[arg-type]


def evaluation(*recommended: Recommendation) -> Evaluation:
    """An evaluation that recommends these."""
    return Evaluation(recommended, ())


def basis(**facts: Fact) -> tuple[tuple[str, Fact], ...]:
    """The basis of a recommendation; `refill_fillDate` stands for `refill.fillDate`."""
    return tuple((name.replace("_", "."), fact) for name, fact in facts.items())
