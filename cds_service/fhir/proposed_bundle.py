"""The Bundle of what is about to be ordered or booked: which of its resources can be selected."""

from dataclasses import dataclass

import msgspec
from msgspec import Raw


class _Named(msgspec.Struct, rename="camel"):
    resource_type: str | None = None
    id: str | None = None


class _Entry(msgspec.Struct, rename="camel"):
    resource: _Named | None = None
    full_url: str | None = None


class _Bundle(msgspec.Struct, rename="camel"):
    resource_type: str
    entry: list[Raw] | None = None


@dataclass(frozen=True, slots=True)
class ProposedBundle:
    """What was sent as a Bundle: whether it is one, and the `Type/id` of each resource in it."""

    is_bundle: bool
    names: frozenset[str]

    def holds(self, selection: str) -> bool:
        """True when the selection, `Type/id` or an address that ends with it, names a resource."""
        return "/".join(selection.split("/")[-2:]) in self.names


def read_proposed_bundle(raw: Raw) -> ProposedBundle:
    """The Bundle. Raises msgspec.ValidationError or RecursionError when it is not formed as one."""
    bundle = msgspec.json.decode(raw, type=_Bundle)
    names = {name for each in bundle.entry or () for name in _names(each)}
    return ProposedBundle(bundle.resource_type == "Bundle", frozenset(names))


def _names(raw: Raw) -> list[str]:
    """The names under which an entry can be selected; none when it is not formed as FHIR says."""
    try:
        entry = msgspec.json.decode(raw, type=_Entry)
    except (msgspec.MsgspecError, RecursionError):
        return []
    found = entry.resource
    names = [f"{found.resource_type}/{found.id}"] if found and found.id else []
    return [*names, "/".join((entry.full_url or "").split("/")[-2:])]
