"""Everything the HL7 validator looks at: what must be sound, and what must be found wrong."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from cds_service import CANONICAL_BASE
from cds_service.app.wiring import wire
from cds_service.demo_clinic.roster import PATIENTS
from cds_service.fhir.package import implementation_guide
from cds_service.settings import Settings
from cds_service.web import create_app
from tests.cases.golden_case import GoldenCase, golden_cases
from tests.conformance import us_core
from tests.conformance.constraints import Constraint, constraints, violation
from tests.conformance.extension_hosts import EXTENSIONS, sound_extension
from tests.conformance.typed import audited, typed
from tests.web.apply_body import apply_as_hook, encoded
from tests.web.work_stories import app_of, work_in_every_state

Json = dict[str, Any]
PUBLIC = "https://cds.example.org"
_RECORDS = {
    "Device": "itb-pump",
    "MedicationAdministration": "itb-refill",
    "Procedure": "itb-procedure",
    "Appointment": "itb-visit-appointment",
}
_BROKEN = "No pump, broken data"
_PROFILES = {"ServiceRequest": "itb-service-request", "CarePlan": "itb-care-plan"}


@dataclass(frozen=True, slots=True)
class Specimen:
    """A resource to validate, the profiles it claims, and what must be found wrong if anything."""

    name: str
    resource: Json
    profiles: tuple[str, ...] = ()
    must_fail: tuple[str, str] | None = None


def specimens() -> Iterator[Specimen]:
    """All of them, group by group."""
    yield from _published()
    yield from _from_cases()
    yield from _demo_clinic()
    yield from _work()
    yield from _typed()
    yield from _by_us_core()
    yield from _sound_extensions()
    yield from _violations()


def _typed() -> Iterator[Specimen]:
    for name, record, profile in typed():
        yield Specimen(name, record, (_canonical(profile),) if profile else ())
    for name, event in audited():
        yield Specimen(name, event)


def definitions() -> list[Json]:
    """What the validator must know to judge: everything published."""
    service = wire(Settings(stated_public_url=PUBLIC))
    guide = implementation_guide(service.artefacts)
    published = (dict(found.resource) for found in service.artefacts.published)
    return [*published, guide, us_core.implantable_device()]


def _published() -> Iterator[Specimen]:
    service = wire(Settings(stated_public_url=PUBLIC))
    client = create_app(service).test_client()
    for found in service.artefacts.published:
        yield Specimen(f"published/{found.kind}-{found.id}", dict(found.resource))
    for found in service.artefacts.examples:
        yield Specimen(f"example/{found.kind}-{found.id}", dict(found.resource))
    yield Specimen("published/guide", implementation_guide(service.artefacts))
    for name, path in (
        ("metadata", "/fhir/metadata"),
        ("search", "/fhir/ActivityDefinition"),
        ("outcome", "/fhir/PlanDefinition/none"),
    ):
        yield Specimen(f"served/{name}", json.loads(client.get(path).data))


def _from_cases() -> Iterator[Specimen]:
    """Of every golden case: the resources its cards suggest, and each plan applied to its data."""
    wired = wire(Settings(stated_public_url=PUBLIC, max_cards=50), "2026-11-22")
    said_nothing: set[tuple[str, ...]] = set()
    for case in golden_cases():
        service = replace(wired, clock=partial(_now, case))
        client = create_app(service).test_client()
        yield from _suggested(client, case)
        for found in _applied(client, case, [plan.id for plan in wired.rulebook.plans]):
            nothing = _nothing(found.resource)
            if nothing not in said_nothing:
                said_nothing |= {nothing} if nothing else set()
                yield found


def _now(case: GoldenCase) -> datetime:
    return case.now


def _suggested(client: Any, case: GoldenCase) -> Iterator[Specimen]:
    hook = json.loads(case.body)["hook"]
    answer = client.post(
        f"/cds-services/itb-{hook}", data=case.body, content_type="application/json"
    )
    resources = [
        action["resource"]
        for card in json.loads(answer.data)["cards"]
        for suggestion in card.get("suggestions", ())
        for action in suggestion["actions"]
        if "resource" in action
    ]
    for number, resource in enumerate(resources):
        profile = _PROFILES.get(resource["resourceType"])
        yield Specimen(
            f"card/{case.id}-{number}", resource, (_canonical(profile),) if profile else ()
        )


def _applied(client: Any, case: GoldenCase, plans: list[str]) -> Iterator[Specimen]:
    # At chart open each plan is applied as the hook that it answers first.
    hook = "" if case.hook == "patient-view" else case.hook
    body = encoded(apply_as_hook(json.loads(case.body), hook))
    for plan in plans:
        answer = client.post(
            f"/fhir/PlanDefinition/{plan}/$apply", data=body, content_type="application/fhir+json"
        )
        yield Specimen(f"apply/{case.id}-{plan}", json.loads(answer.data))


def _nothing(care_plan: Json) -> tuple[str, ...]:
    """Of an answer without actions, the plan and the notes' codes: one of each is enough."""
    if "action" in care_plan["contained"][0]:
        return ()
    notes = [found for found in care_plan["contained"] if found["id"].startswith("note-")]
    codes = [issue["code"] for note in notes for issue in note["issue"]]
    return (care_plan["title"], *codes)


def _demo_clinic() -> Iterator[Specimen]:
    """Every synthetic patient's chart; the records that are sound conform to our profiles too."""
    today = wire(Settings(), "2026-11-22").clock().date()
    for name, patient in PATIENTS.items():
        chart = patient.chart(today)
        is_sound = patient.group != _BROKEN
        for number, resource in enumerate((chart.patient, *chart.resources)):
            profile = _RECORDS.get(resource["resourceType"]) if is_sound else None
            yield Specimen(
                f"demo/{name}-{number}", resource, (_canonical(profile),) if profile else ()
            )


def _work() -> Iterator[Specimen]:
    """The coordinator's tasks in every state, and the care plans, as they are served."""
    wired = wire(Settings(stated_public_url=PUBLIC), "2026-11-22")
    client = app_of(replace(wired, store=work_in_every_state())).test_client()
    found = json.loads(client.get("/fhir/Task").data)
    yield Specimen("work/tasks", found)
    for number, entry in enumerate(found["entry"]):
        yield Specimen(f"work/task-{number}", entry["resource"], (_canonical("itb-task"),))
    plans = json.loads(client.get("/fhir/CarePlan?subject=p1,p2,p3").data)
    yield Specimen("work/care-plans", plans)


def _by_us_core() -> Iterator[Specimen]:
    """Our example devices and those of the demo's sound charts, as US Core wants them."""
    claim = (us_core.IMPLANTABLE_DEVICE,)
    examples = wire(Settings()).artefacts.examples
    devices = [dict(found.resource) for found in examples if found.kind == "Device"]
    today = wire(Settings(), "2026-11-22").clock().date()
    charts = [each.chart(today) for each in PATIENTS.values() if each.group != _BROKEN]
    demo = [dict(found) for chart in charts for found in chart.resources]
    devices += [found for found in demo if found["resourceType"] == "Device"]
    for number, device in enumerate(devices):
        yield Specimen(f"us-core/device-{number}", device, claim)
    (pump,) = [device for device in devices if device.get("id") == "example-pump"]
    for name, device, says in us_core.wrong_devices(pump):
        yield Specimen(f"violating/us-core-{name}", device, claim, ("ERROR", says))


def _sound_extensions() -> Iterator[Specimen]:
    for name in EXTENSIONS:
        yield Specimen(f"extension/{name}", sound_extension(name))


def _violations() -> Iterator[Specimen]:
    for constraint in constraints():
        found = violation(constraint)
        profiles = () if _is_extension(constraint) else (_canonical(constraint.profile),)
        yield Specimen(
            f"violating/{constraint.id}", found.resource, profiles, (found.severity, found.says)
        )


def _is_extension(constraint: Constraint) -> bool:
    return constraint.profile in EXTENSIONS


def _canonical(profile: str) -> str:
    return f"{CANONICAL_BASE}/StructureDefinition/{profile}"
