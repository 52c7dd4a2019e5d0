"""The committed profiles speak of the same codes and addresses as the service and its plans."""

import json
from collections.abc import Iterator
from itertools import chain
from typing import Any

import pytest

from cds_service import CANONICAL_BASE, __version__
from cds_service.app.conformance import problems_of
from cds_service.app.plans import plan_resources, plans, plans_folder
from cds_service.fhir.override_reasons import (
    HL7_REASONS,
    override_reasons,
    snooze_reasons,
    worklist_reasons,
)
from cds_service.fhir.terminology.devices import DECOY_DEVICES, PUMP_DEVICES
from cds_service.fhir.terminology.drugs import INTRATHECAL_ROUTES, ORAL_BACLOFEN
from cds_service.fhir.terminology.findings import SIGN_CODES
from cds_service.fhir.terminology.operations import (
    CATHETER_INSERTIONS,
    PUMP_INSERTIONS,
    PUMP_REMOVALS,
    PUMP_REPLACEMENTS,
)
from cds_service.fhir.terminology.systems import PUMP_OBSERVATION
from cds_service.guidance.plan import Action
from cds_service.therapy.record import Alarm, VisitKind
from tests.conformance.profiles import COMMITTED

RESOURCES = {path.name: json.loads(path.read_text()) for path in sorted(COMMITTED.glob("*.json"))}
ADD_IT = "add it to fhir_profiles/input/fsh/codesystems.fsh, then `make profiles`"
PUBLISHED = {name: found for name, found in RESOURCES.items() if "url" in found}
ACTIONS = [
    action
    for plan in plans(plans_folder(), {})
    for ladder in plan.ladders
    for action in ladder.actions
]


def concepts(system: str) -> dict[str, str]:
    """Code and display of every concept of a code system of ours."""
    return dict(_flat(RESOURCES[f"CodeSystem-{system}.json"]["concept"]))


def _flat(found: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for concept in found:
        yield concept["code"], concept["display"]
        yield from _flat(concept.get("concept", []))


def listed(value_set: str) -> set[tuple[str, str]]:
    """The codes a value set lists one by one."""
    included = RESOURCES[f"ValueSet-{value_set}.json"]["compose"]["include"]
    return {
        (part["system"], concept["code"])
        for part in included
        for concept in part.get("concept", ())
    }


@pytest.mark.parametrize("name", RESOURCES)
def test_a_committed_resource_is_fhir_r4(name: str):
    assert problems_of(RESOURCES[name]) == []


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_resource_has_our_address_version_and_name(name: str):
    found = PUBLISHED[name]
    assert found["url"] == f"{CANONICAL_BASE}/{found['resourceType']}/{found['id']}"
    assert name == f"{found['resourceType']}-{found['id']}.json"
    assert found["version"] == __version__
    assert (found["status"], found["experimental"]) == ("draft", True)
    assert found["name"].isidentifier()


def test_every_sign_alarm_and_visit_the_service_knows_has_its_code():
    readings = concepts("itb-pump-observation")
    local = {code for system, code in SIGN_CODES if system == PUMP_OBSERVATION}
    assert local <= readings.keys(), ADD_IT
    assert {alarm.value for alarm in Alarm} <= readings.keys(), ADD_IT
    assert {kind.value for kind in VisitKind} <= concepts("itb-visit").keys(), ADD_IT


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_topic_and_override_reason_of_a_card_is_a_code_of_its_system(action: Action):
    assert action.topic in concepts("itb-card-topic"), ADD_IT
    offered = {(found["system"], found["code"]): found for found in override_reasons(action)}
    hl7 = {pair for pair in offered if pair[0] == HL7_REASONS}
    local = offered.keys() - hl7
    assert hl7 <= listed("itb-override-reasons")
    for pair in local:
        assert concepts("itb-override-reason")[pair[1]] == offered[pair]["display"]


def test_every_reason_that_the_worklist_offers_is_a_code_of_its_system():
    offered = [*worklist_reasons("itbRefillDue", has_offers=True), *snooze_reasons()]
    pairs = {(found["system"], found["code"]) for found in offered}
    assert {pair for pair in pairs if pair[0] == HL7_REASONS} <= listed("itb-override-reasons")
    local = {found["code"]: found["display"] for found in offered if found["system"] != HL7_REASONS}
    assert local == dict(concepts("itb-override-reason"))


@pytest.mark.parametrize(
    "resource",
    [found for _, found in plan_resources(plans_folder())],
    ids=lambda resource: resource["id"],
)
def test_the_extensions_and_codes_a_plan_uses_are_published(resource: dict[str, Any]):
    ours = {url for url in _values(resource, "url") if url.startswith(CANONICAL_BASE)}
    known = {found["url"] for found in PUBLISHED.values()} | {resource["url"]}
    assert ours - known == set()
    for system, code in _codings(resource):
        if system.startswith(CANONICAL_BASE):
            assert code in concepts(system.rsplit("/", 1)[-1]), ADD_IT


def _values(found: Any, key: str) -> Iterator[str]:
    if isinstance(found, dict):
        if isinstance(found.get(key), str):
            yield found[key]
        yield from chain.from_iterable(_values(part, key) for part in found.values())
    elif isinstance(found, list):
        yield from chain.from_iterable(_values(part, key) for part in found)


def _codings(found: Any) -> Iterator[tuple[str, str]]:
    if isinstance(found, dict):
        if "system" in found and "code" in found:
            yield found["system"], found["code"]
        for part in found.values():
            yield from _codings(part)
    elif isinstance(found, list):
        for part in found:
            yield from _codings(part)


def test_the_value_sets_hold_the_codes_that_are_read_with_certainty():
    operations = PUMP_INSERTIONS | PUMP_REMOVALS | PUMP_REPLACEMENTS | CATHETER_INSERTIONS
    assert operations <= listed("itb-procedures")
    assert listed("itb-pump-devices") == PUMP_DEVICES
    assert listed("intrathecal-routes") == INTRATHECAL_ROUTES


def test_no_value_set_holds_a_decoy():
    every = set(
        chain.from_iterable(listed(name[9:-5]) for name in RESOURCES if "ValueSet-" in name)
    )
    assert not every & (DECOY_DEVICES | ORAL_BACLOFEN)
    assert ("http://hl7.org/fhir/sid/icd-10-cm", "T85.72XA") not in every


def test_every_profile_has_an_example_that_names_it():
    profiles = {
        found["url"]
        for found in PUBLISHED.values()
        if found["resourceType"] == "StructureDefinition" and found["type"] != "Extension"
    }
    named = {
        url for found in RESOURCES.values() for url in found.get("meta", {}).get("profile", ())
    }
    assert len(profiles) == 9
    assert profiles == named
