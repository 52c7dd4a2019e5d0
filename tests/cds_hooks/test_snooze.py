"""When a card that was set aside comes back."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from cds_service.cds_hooks.snooze import SetAside, snoozed_until
from cds_service.fhir.override_reasons import override_reasons, snooze_threshold
from cds_service.guidance.cause import act_by, cause_of
from cds_service.guidance.plan import COULD_NOT_CHECK, Suggestion, Urgency
from cds_service.therapy.calendar import day
from cds_service.therapy.fact import Fact, known, unknown
from cds_service.therapy.record import Evidence
from tests.cds_hooks.advice import FILL, ORDER_VISIT, advice, basis

TODAY = date(2026, 11, 22)
THRESHOLDS = {
    "snoozeDoneDays": Decimal(7),
    "snoozeLaterDays": Decimal(3),
    "snoozeDeclinedDays": Decimal(14),
    "snoozeNotForUserDays": Decimal(30),
    "snoozeUnstatedDays": Decimal(1),
    "snoozeLongestWarningDays": Decimal(7),
    "snoozeUndatedWarningDays": Decimal(1),
}
ALARM = {"refill.alarmDate": known(date(2026, 11, 26))}
BY_ALARM = (replace(ORDER_VISIT, due="refill.alarmDate"),)


def aside(reason: str, topic: str = "itbRefillUpcoming", on: date = TODAY) -> SetAside:
    return SetAside(topic, "", reason, on)


@pytest.mark.parametrize(
    ("urgency", "reason", "days"),
    [
        (Urgency.INFO, "action-completed", 7),
        (Urgency.INFO, "refilled-elsewhere", 7),
        (Urgency.INFO, "need-more-info", 3),
        (Urgency.INFO, "patient-refuses", 14),
        (Urgency.INFO, "inappropriate-recipient", 30),
        (Urgency.INFO, "", 1),
        (Urgency.INFO, "a-reason-of-the-site", 1),
        (Urgency.WARNING, "inappropriate-recipient", 7),
        (Urgency.WARNING, "need-more-info", 3),
    ],
)
def test_each_reason_has_its_days_and_a_warning_at_most_a_week(
    urgency: Urgency, reason: str, days: int
):
    found = advice("itbRefillUpcoming", urgency, suggestions=BY_ALARM)
    far = {"refill.alarmDate": known(date(2027, 6, 1))}

    until = snoozed_until(found, far, [aside(reason)], THRESHOLDS)

    assert until == TODAY + timedelta(days=days)


def test_a_warning_that_names_no_day_to_act_by_is_back_the_next_day():
    signs = advice("itbInfectionSigns", Urgency.WARNING)
    said = [aside("inappropriate-recipient", "itbInfectionSigns")]

    assert snoozed_until(signs, {}, said, THRESHOLDS) == TODAY + timedelta(days=1)


def test_the_day_to_act_by_ends_every_snooze():
    found = advice("itbRefillUpcoming", Urgency.INFO, suggestions=BY_ALARM)

    until = snoozed_until(found, ALARM, [aside("inappropriate-recipient")], THRESHOLDS)

    assert until == date(2026, 11, 26)


def test_of_several_days_to_act_by_the_first_counts():
    second = Suggestion("x", "X", "refill-visit", due="refill.targetDate")
    found = advice(suggestions=(*BY_ALARM, second))
    facts: dict[str, Fact] = ALARM | {"refill.targetDate": known(date(2026, 11, 24))}

    assert act_by(found, facts) == date(2026, 11, 24)
    assert act_by(found, ALARM | {"refill.targetDate": unknown("no dose")}) == date(2026, 11, 26)
    assert act_by(advice(suggestions=(ORDER_VISIT,)), ALARM) is None


def test_the_day_that_the_advice_itself_names_comes_before_those_of_what_it_suggests():
    offered = advice(suggestions=BY_ALARM)
    found = replace(offered, action=replace(offered.action, due="refill.targetDate"))
    facts: dict[str, Fact] = ALARM | {"refill.targetDate": known(date(2026, 12, 1))}

    assert act_by(found, facts) == date(2026, 12, 1)
    assert act_by(found, ALARM | {"refill.targetDate": unknown("no dose")}) is None


def test_a_critical_and_what_could_not_be_checked_always_come_back():
    critical = advice("itbRefillOverdue", Urgency.CRITICAL)
    unchecked = advice(COULD_NOT_CHECK, Urgency.INFO)

    for found in (critical, unchecked):
        said = [aside("patient-refuses", topic=found.action.topic)]
        assert snoozed_until(found, {}, said, THRESHOLDS) is None


def test_another_topic_was_not_set_aside():
    found = advice("itbRefillDue", Urgency.WARNING)

    assert snoozed_until(found, {}, [aside("action-completed")], THRESHOLDS) is None
    assert snoozed_until(found, {}, [], THRESHOLDS) is None


def test_the_cause_stays_while_days_go_by_and_changes_with_the_record():
    def found(**facts: Fact) -> str:
        return cause_of(advice(basis=basis(**facts)))

    alarm = known(date(2026, 12, 1), FILL)
    before = found(refill_alarmDate=alarm, refill_daysToAlarm=known(9, FILL))
    newer = Evidence("MedicationAdministration/fill-2", FILL.says, FILL.when)
    corrected = Evidence(FILL.reference, "Baclofen 20 mL", FILL.when)
    redated = Evidence(FILL.reference, FILL.says, day(date(2026, 9, 3)))

    assert found(refill_alarmDate=alarm, refill_daysToAlarm=known(8, FILL)) == before
    for changed in (
        {"refill_alarmDate": known(date(2026, 12, 2), FILL)},
        {"refill_alarmDate": known(date(2026, 12, 1), newer)},
        {"refill_alarmDate": known(date(2026, 12, 1), corrected)},
        {"refill_alarmDate": known(date(2026, 12, 1), redated)},
        {"refill_alarmDate": alarm, "refill_booked": known(True)},
    ):
        assert found(**{"refill_daysToAlarm": known(9, FILL)} | changed) != before


@pytest.mark.parametrize("topic", ["itbRefillDue", "itbInfectionFollowUp", COULD_NOT_CHECK])
def test_every_reason_offered_has_its_days(topic: str):
    for reason in override_reasons(advice(topic, suggestions=(ORDER_VISIT,)).action):
        assert snooze_threshold(reason["code"]) in THRESHOLDS
        assert snooze_threshold(reason["code"]) != "snoozeUnstatedDays"
