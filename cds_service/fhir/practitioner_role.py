"""The roles of a user, as a PractitionerRole says them."""

import msgspec
from msgspec import Raw, Struct

from cds_service.fhir.decoding import Reading, Sent
from cds_service.fhir.elements import CodeableConcept

Roles = frozenset[tuple[str, str]]
"""Codes as (system, code)."""

_FAULTS = (msgspec.MsgspecError, RecursionError, ValueError)


class _PractitionerRole(Struct, tag_field="resourceType", tag="PractitionerRole"):
    id: str | None = None
    code: list[CodeableConcept] = []


_DECODER = msgspec.json.Decoder(_PractitionerRole)


def roles_in(sent: Sent | None, role_id: str) -> Roles:
    """The codes of the PractitionerRole with this id; empty when it is not that, or has none."""
    raw: Raw | None = sent.found if isinstance(sent, Reading) else sent
    if raw is None:
        return frozenset()
    try:
        found = _DECODER.decode(raw)
    except _FAULTS:
        return frozenset()
    if found.id != role_id:
        return frozenset()
    codings = (coding for concept in found.code for coding in concept.coding)
    return frozenset((each.system, each.code) for each in codings if each.system and each.code)
