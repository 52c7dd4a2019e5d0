"""`itb-cds evaluate`: the cards for one patient's Bundle."""

import sys
from argparse import Namespace
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import msgspec

from cds_service import CANONICAL_BASE
from cds_service.app.wiring import wire
from cds_service.assessment import Assessment, Occasion, assess
from cds_service.cds_hooks.cards import CardContext, cards, response_body
from cds_service.cds_hooks.discovery import SERVICES
from cds_service.cli.explain import explanation
from cds_service.errors import InputError
from cds_service.fhir.bundle import prefetch_of, proposed_of
from cds_service.settings import read_settings
from cds_service.web import Service

# Not a call of an EHR: the same Bundle gives the same cards, ids included.
_HOOK_INSTANCE = str(uuid5(NAMESPACE_URL, f"{CANONICAL_BASE}/evaluate"))


def evaluate(options: Namespace) -> int:
    """Prints the CDS Hooks response, and with --explain how it came about."""
    service = wire(read_settings(options.config), options.as_of)
    bundle = _read(options.bundle)
    patient_id, prefetch = prefetch_of(bundle)
    now = service.clock()
    occasion = Occasion(options.hook, _proposed(options, bundle))
    found = assess(patient_id, prefetch, service.rulebook, now, occasion)
    call = CardContext(
        hook_instance=_HOOK_INSTANCE,
        patient_id=patient_id,
        service_id=_service_id(options.hook),
        public_url=service.settings.public_url,
        as_of=now,
        time_zone=service.settings.time_zone.key,
        max_cards=service.settings.max_cards,
    )
    body = response_body(cards(found.evaluation, found.findings.facts, call))
    print(msgspec.json.format(body, indent=2).decode())
    if options.explain:
        _print_explanation(found, service, options.hook)
    return 0


def _proposed(options: Namespace, bundle: bytes) -> dict[str, msgspec.Raw]:
    """What is about to be ordered or booked: from files of their own, else from the Bundle."""
    member = _PROPOSED_BY_HOOK.get(options.hook)
    if member is None:
        return {}
    name = options.draft_orders if member == "draftOrders" else options.appointments
    if name is None:
        return {member: proposed_of(bundle)[member]}
    sent = _read(name)
    proposed_of(sent)
    return {member: msgspec.Raw(sent)}


_PROPOSED_BY_HOOK = {
    "order-select": "draftOrders",
    "order-sign": "draftOrders",
    "appointment-book": "appointments",
}


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except OSError as fault:
        raise InputError(
            f"{name}: found no file that can be read ({fault.strerror}), expected a FHIR Bundle. "
            "Correct the path, or write - to read standard input."
        ) from None


def _service_id(hook: str) -> str:
    return next((service.id for service in SERVICES.values() if service.hook == hook), hook)


def _print_explanation(found: Assessment, service: Service, hook: str) -> None:
    now = service.clock()
    print(f"\nAs of {now:%Y-%m-%d %H:%M} ({service.settings.time_zone.key}), hook {hook}")
    for line in explanation(found, service.rulebook.plans, hook):
        print(line)
