"""What the plans propose, held against what the record has arranged already."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from cds_service.app.wiring import wire
from cds_service.assessment import WORKLIST, Assessment, Occasion, assess
from cds_service.assessment.care_review import KINDS, CareReview, PlanReview, care_review
from cds_service.demo_clinic.prefetch import Faults, prefetch
from cds_service.demo_clinic.roster import PATIENTS
from cds_service.settings import Settings

TEMPLATES = Path(__file__).parents[2] / "cds_service/web/templates/coordinator"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
RULEBOOK = wire(Settings(time_zone=ZoneInfo("UTC"))).rulebook
COMES_UP, BOOKED_LATE, NO_RECOVERY_PLAN, STEP_LATE = "demo-002", "demo-007", "demo-017", "demo-019"


def assess_demo(patient_id: str, unplugged: frozenset[str] = frozenset()) -> Assessment:
    today = NOW.date()
    sent = prefetch(PATIENTS[patient_id].chart(today), today, Faults(unplugged))
    raw = {key: msgspec.Raw(msgspec.json.encode(value)) for key, value in sent.items()}
    return assess(patient_id, raw, RULEBOOK, NOW, Occasion(WORKLIST))


def review_of(patient_id: str, unplugged: frozenset[str] = frozenset()) -> CareReview:
    return care_review(assess_demo(patient_id, unplugged), RULEBOOK, patient_id, NOW)


def the_plan(review: CareReview, plan_id: str) -> PlanReview:
    return next(each for each in review.plans if each.plan.id == plan_id)


def test_a_proposed_visit_with_nothing_arranged_says_so():
    (proposed,) = the_plan(review_of(COMES_UP), "itb-refill").proposes

    assert (proposed.title, proposed.by) == ("Order a refill visit", date(2026, 12, 5))
    assert proposed.arranged == ()


def test_a_visit_booked_stands_beside_what_is_proposed():
    """The visit lies after the alarm: an earlier one is proposed, and the booked one is named."""
    review = review_of(BOOKED_LATE)
    (proposed,) = the_plan(review, "itb-refill").proposes

    assert [(each.what, each.state, each.on) for each in proposed.arranged] == [
        ("refill-visit", "booked", date(2026, 12, 16))
    ]
    assert review.arranged == proposed.arranged


def test_a_recovery_plan_is_proposed_where_the_record_has_none():
    (proposed,) = the_plan(review_of(NO_RECOVERY_PLAN), "itb-recovery").proposes

    assert (proposed.title, proposed.by, proposed.arranged) == ("Add the recovery plan", None, ())


def test_a_recovery_plan_of_the_record_is_arranged():
    assert ("recovery-plan", "open") in [
        (each.what, each.state) for each in review_of(STEP_LATE).arranged
    ]


def test_arrangements_that_were_not_read_are_named():
    review = review_of(COMES_UP, frozenset({"appointments", "carePlans"}))

    assert review.unread == ("appointments", "carePlans")


def test_plans_that_answer_orders_are_not_said_to_have_been_asked():
    review = review_of(COMES_UP)

    assert [plan.id for plan in review.not_asked] == ["itb-order-safety"]
    assert "itb-handout" not in [each.plan.id for each in review.plans]


def test_every_kind_of_arrangement_has_its_words_on_the_page():
    words = (TEMPLATES / "patient" / "_care_plan.html").read_text(encoding="utf-8")

    assert [kind for kind in sorted(KINDS) if f"'{kind}':" not in words] == []
