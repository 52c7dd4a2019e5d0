"""Goals: the aim beside the newest record; nothing is judged, nothing unread is called nothing."""

from cds_service.assessment import WORKLIST, Occasion
from cds_service.assessment.application import SiteUse, applied
from cds_service.assessment.goals import GoalStanding
from cds_service.fhir.request_group import Asked
from tests.assessment.test_care_review import (
    COMES_UP,
    NOW,
    RULEBOOK,
    assess_demo,
    review_of,
    the_plan,
)

NO_PUMP, BOOKED = "demo-021", "demo-006"


def the_aim(patient_id: str, plan_id: str, *unplugged: str) -> GoalStanding:
    (found,) = the_plan(review_of(patient_id, frozenset(unplugged)), plan_id).aims
    return found


def test_the_aim_of_the_refill_stands_beside_the_last_fill():
    """Filled 13 Sep with 20 mL at 0.2 mL a day: 90 days to 2 mL, less 7 days of lead."""
    found = the_aim(COMES_UP, "itb-refill")

    assert found.aim == (
        "the next one by 5 Dec 2026, before the low-reservoir alarm of 12 Dec 2026"
    )
    assert str(found.latest.value) == "2026-09-13"
    assert [each.says for each in found.latest.evidence] == ["refill: 20 mL, 500 mcg/mL"]
    assert found.unread == ()


def test_a_value_that_is_not_recorded_is_not_unread():
    found = the_aim(COMES_UP, "itb-delivery-problem")

    assert (found.latest.value, found.latest.is_missing, found.unread) == (None, False, ())
    assert found.aim == ""


def test_a_source_that_was_not_read_is_named():
    found = the_aim(COMES_UP, "itb-delivery-problem", "observations")

    assert (found.latest.value, found.unread) == (None, ("observations",))


def test_a_newer_fill_may_stand_in_what_was_not_read():
    found = the_aim(COMES_UP, "itb-refill", "procedures")

    assert str(found.latest.value) == "2026-09-13"
    assert found.unread == ("procedures",)


def test_without_a_pump_nothing_is_aimed_at():
    assert the_plan(review_of(NO_PUMP), "itb-refill").aims == ()


def test_the_aim_is_in_the_care_plan_of_apply():
    plan = next(each for each in RULEBOOK.plans if each.id == "itb-refill")
    asked = Asked(f"Patient/{COMES_UP}", NOW)
    made = applied(plan, assess_demo(COMES_UP), asked, Occasion(WORKLIST), SiteUse())

    (goal,) = [each for each in made["contained"] if each["resourceType"] == "Goal"]
    assert goal["target"] == [
        {
            "measure": {"text": "Last refill"},
            "detailString": "the next one by 5 Dec 2026, before the low-reservoir alarm of "
            "12 Dec 2026",
        }
    ]


def test_the_volume_drawn_out_at_the_last_refill_is_told_however_long_ago():
    """Refilled 11 Sep, 72 days before; the refill history of the page has the same volume."""
    found = the_aim(BOOKED, "itb-delivery-problem")

    assert found.latest.value == "3.5 mL"
    assert "as expected, or less than" in found.aim
