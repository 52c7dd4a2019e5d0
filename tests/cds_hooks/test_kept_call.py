"""Every card can be made again from what the ledger holds, byte for byte."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec
import pytest

from cds_service.app.plans import plan_resources, plans_folder
from cds_service.app.wiring import wire
from cds_service.assessment import Assessment, Occasion, assess
from cds_service.cds_hooks.cards import CardContext, cards, response_body
from cds_service.cds_hooks.dialects import DIALECTS
from cds_service.cds_hooks.discovery import SERVICES
from cds_service.cds_hooks.kept_call import KeptCall, cards_again, kept_call, read_kept_call
from cds_service.cds_hooks.request import HookRequest, read_request
from cds_service.errors import ReplayError
from cds_service.fhir.plan_definition import read_plans
from cds_service.guidance.plan import Plan
from cds_service.settings import Settings
from cds_service.web import Service
from tests.cases.golden_case import GoldenCase, golden_cases

CASES = [case for case in golden_cases() if case.expected]
ZONE = ZoneInfo("America/New_York")
RESOURCES = plan_resources(plans_folder())
THRESHOLDS = {
    threshold.name: threshold.value
    for plan in read_plans(RESOURCES, {})
    for threshold in plan.thresholds.values()
}


@pytest.fixture(scope="module")
def service() -> Service:
    return wire(Settings(time_zone=ZONE))


@lru_cache(maxsize=4)
def rules(thresholds: frozenset[tuple[str, Decimal]]) -> tuple[Plan, ...]:
    return read_plans(RESOURCES, dict(thresholds))


def rules_of(kept: KeptCall) -> tuple[Plan, ...]:
    every = THRESHOLDS | kept.thresholds
    return rules(frozenset(every.items()))


def hook_of(case: GoldenCase) -> HookRequest:
    hook = msgspec.json.decode(case.body)["hook"]
    return read_request(case.body, hook)


def assessed(case: GoldenCase, service: Service) -> tuple[HookRequest, Assessment, CardContext]:
    hook = hook_of(case)
    rulebook = service.rulebook
    occasion = Occasion(hook.occasion, hook.context.proposed, hook.context.selections)
    found = assess(hook.patient_id, hook.prefetch, rulebook, case.now, occasion)
    service_id = next(each.id for each in SERVICES.values() if each.hook == hook.hook)
    call = CardContext(
        hook_instance=hook.hook_instance,
        patient_id=hook.patient_id,
        service_id=service_id,
        public_url="https://cds.example.org",
        as_of=case.now.astimezone(ZONE),
        time_zone=ZONE.key,
    )
    return hook, found, call


def dialects_of(call: CardContext) -> Iterator[CardContext]:
    for dialect in DIALECTS:
        yield replace(call, dialect=dialect)
    yield replace(call, max_cards=1)
    yield replace(call, launch_url="https://cds.example.org/launch")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_ledger_alone_gives_the_same_cards_byte_for_byte(case: GoldenCase, service: Service):
    hook, found, standard = assessed(case, service)
    assert found.evaluation.recommended
    for call in dialects_of(standard):
        facts = found.findings.facts
        sent = response_body(cards(found.evaluation, facts, call))
        content = kept_call(found.evaluation.recommended, facts, call)

        kept = read_kept_call(content)

        assert response_body(cards_again(kept, rules_of(kept), hook.patient_id)) == sent
        assert not re.search(rb'["/]' + re.escape(hook.patient_id.encode()) + rb'["?|]', content)


def test_thresholds_in_force_then_are_in_force_again():
    case = next(case for case in CASES if case.id == "itb-refill/on-target-day")
    longer = wire(Settings(time_zone=ZONE, thresholds={"refillLeadDays": msgspec.json.decode("9")}))
    hook, found, call = assessed(case, longer)
    sent = response_body(cards(found.evaluation, found.findings.facts, call))

    kept = read_kept_call(kept_call(found.evaluation.recommended, found.findings.facts, call))

    assert kept.thresholds["refillLeadDays"] == 9
    again = cards_again(kept, rules_of(kept), hook.patient_id)
    assert response_body(again) == sent


def test_days_that_another_plans_threshold_sets_are_in_force_again():
    """The wound check's last day is a number of the infection plan; operation on 1 Jun 2026."""
    case = next(case for case in CASES if case.id == "itb-recovery/day-0")
    later = {"woundCheckLastDay": Decimal(20), "binderWeeks": Decimal(12)}
    hook, found, call = assessed(case, wire(Settings(time_zone=ZONE, thresholds=later)))
    sent = response_body(cards(found.evaluation, found.findings.facts, call))

    kept = read_kept_call(kept_call(found.evaluation.recommended, found.findings.facts, call))

    assert b"2026-06-21" in sent
    assert kept.thresholds["woundCheckLastDay"] == 20
    assert response_body(cards_again(kept, rules_of(kept), hook.patient_id)) == sent


def test_another_version_of_a_plan_is_no_replay(service: Service):
    _, found, call = assessed(CASES[0], service)
    kept = read_kept_call(kept_call(found.evaluation.recommended, found.findings.facts, call))
    newer = [replace(plan, version="99.0.0") for plan in service.rulebook.plans]

    with pytest.raises(ReplayError, match=r"found version 99\.0\.0, expected version"):
        cards_again(kept, newer, "p1")
    with pytest.raises(ReplayError, match="found no such plan"):
        cards_again(kept, [], "p1")


def test_a_rule_changed_without_a_new_version_is_no_replay(service: Service):
    _, found, call = assessed(CASES[0], service)
    kept = read_kept_call(kept_call(found.evaluation.recommended, found.findings.facts, call))
    emptied = [replace(plan, ladders=()) for plan in service.rulebook.plans]

    with pytest.raises(ReplayError, match="changed without a new version"):
        cards_again(kept, emptied, "p1")


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"software":1}'])
def test_an_entry_that_cannot_be_read_is_no_replay(content: bytes):
    with pytest.raises(ReplayError, match="cannot be read"):
        read_kept_call(content)
