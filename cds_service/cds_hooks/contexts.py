"""The context of each hook: whose chart, which user, and what is about to be ordered or booked.

What a hook requires stands in the CDS Hooks library, one page a hook.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec import Raw

from cds_service.cds_hooks.refusals import nested_too_deeply, refused, wrong_member
from cds_service.fhir.proposed_bundle import ProposedBundle, read_proposed_bundle

CLINICIANS = ("Practitioner", "PractitionerRole")
PATIENTS = ("Patient", "RelatedPerson")
USER_TYPES: Mapping[str, tuple[str, ...]] = {
    "patient-view": (*CLINICIANS, *PATIENTS),
    "encounter-start": CLINICIANS,
    "encounter-discharge": CLINICIANS,
    "appointment-book": (*CLINICIANS, *PATIENTS),
    "order-select": CLINICIANS,
    "order-sign": CLINICIANS,
}
"""Who may be the user of each hook."""

_USER = re.compile(r"([A-Za-z]+)/[^/\s]+")
_SELECTION = re.compile(r"(?:https?://\S+/)?[A-Z][A-Za-z]+/[^/\s]+")


@dataclass(frozen=True, slots=True)
class HookContext:
    """A hook's context as it was sent.

    `proposed` maps `draftOrders` and `appointments`, where the hook has them, to their Bundle,
    undecoded; `selections` are the `Type/id` just picked among the draft orders.
    """

    patient_id: str
    user_id: str
    encounter_id: str | None = None
    proposed: Mapping[str, Raw] = field(default_factory=dict)
    selections: tuple[str, ...] = ()


class _View(msgspec.Struct, rename="camel"):
    patient_id: str
    user_id: str
    encounter_id: str | None = None


class _Encounter(msgspec.Struct, rename="camel"):
    patient_id: str
    user_id: str
    encounter_id: str


class _Booking(_View, rename="camel", kw_only=True):
    appointments: Raw


class _Signing(_View, rename="camel", kw_only=True):
    draft_orders: Raw


class _Selecting(_Signing, rename="camel", kw_only=True):
    selections: list[str]


_DECODERS: Mapping[str, msgspec.json.Decoder[Any]] = {
    "patient-view": msgspec.json.Decoder(_View),
    "appointment-book": msgspec.json.Decoder(_Booking),
    "encounter-start": msgspec.json.Decoder(_Encounter),
    "encounter-discharge": msgspec.json.Decoder(_Encounter),
    "order-select": msgspec.json.Decoder(_Selecting),
    "order-sign": msgspec.json.Decoder(_Signing),
}
_PROPOSED = {"appointments": "appointments", "draft_orders": "draftOrders"}


def read_context(hook: str, raw: Raw) -> HookContext:
    """The context of one of our hooks. Raises RequestError naming the member at fault."""
    try:
        sent = _DECODERS[hook].decode(raw)
    except msgspec.ValidationError as fault:
        raise wrong_member("context", fault) from None
    except RecursionError:
        raise nested_too_deeply() from None
    if not sent.patient_id.strip():
        raise refused("context.patientId", "an empty string", "the patient's FHIR id")
    _check_user(hook, sent.user_id)
    if isinstance(sent, _Encounter) and not sent.encounter_id.strip():
        raise refused("context.encounterId", "an empty string", "the encounter's FHIR id")
    proposed = {
        name: getattr(sent, member) for member, name in _PROPOSED.items() if hasattr(sent, member)
    }
    bundles = {name: _bundle(name, bundle) for name, bundle in proposed.items()}
    selections = tuple(sent.selections) if isinstance(sent, _Selecting) else ()
    _check_selections(selections, bundles.get("draftOrders"))
    return HookContext(sent.patient_id, sent.user_id, sent.encounter_id, proposed, selections)


def _check_user(hook: str, user_id: str) -> None:
    match = _USER.fullmatch(user_id)
    if match is None or match[1] not in USER_TYPES[hook]:
        expected = f"Type/id with Type one of {', '.join(USER_TYPES[hook])}"
        raise refused("context.userId", "something else", expected)


def _bundle(name: str, raw: Raw) -> ProposedBundle:
    try:
        bundle = read_proposed_bundle(raw)
    except msgspec.ValidationError as fault:
        raise wrong_member(f"context.{name}", fault) from None
    except RecursionError:
        raise nested_too_deeply() from None
    if not bundle.is_bundle:
        raise refused(f"context.{name}", "another kind of resource", "a FHIR Bundle")
    return bundle


def _check_selections(selections: tuple[str, ...], bundle: ProposedBundle | None) -> None:
    """Each selection names a draft: one that names none would go unchecked without a word."""
    if bundle is None:
        return
    for number, selection in enumerate(selections):
        element = f"context.selections[{number}]"
        if not _SELECTION.fullmatch(selection):
            raise refused(element, "something else", "Type/id of a resource in draftOrders")
        if not bundle.holds(selection):
            expected = "the Type/id of a resource in context.draftOrders"
            raise refused(element, "the name of a resource that is not there", expected)
