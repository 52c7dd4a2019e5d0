"""The pages of a search put together to one Bundle."""

from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import msgspec
from msgspec import Raw, Struct

from cds_service.errors import NotObtainedError

_FAULTS = (msgspec.MsgspecError, RecursionError, ValueError)
_DEFAULT_PORTS = {"http": 80, "https": 443}


class _Link(Struct):
    relation: str | None = None
    url: str | None = None


class _Bundle(Struct):
    resourceType: str = ""
    total: int | None = None
    link: list[_Link] | None = None
    entry: list[Raw] | None = None


class _Meta(Struct):
    versionId: str | None = None


class _Named(Struct):
    resourceType: str | None = None
    id: str | None = None
    meta: _Meta | None = None


class _Entry(Struct):
    resource: _Named | None = None


class Pages:
    """The pages of one search, as they come."""

    def __init__(self, origin: str, most_entries: int) -> None:
        self._origin = _origin(urlsplit(origin))
        self._most_entries = most_entries
        self._only: bytes | None = None
        self._total: int | None = None
        self._entries: dict[object, tuple[Raw, str]] = {}
        self._visited: set[str] = set()
        self.number = 0

    def add(self, url: str, body: bytes) -> str | None:
        """Keeps one page; the address of the next, None when there is none.

        Raises NotObtainedError when the page is broken, or leads where it may not.
        """
        self._visited.add(url)
        bundle = _bundle(body)
        if self.number and bundle.resourceType != "Bundle":
            raise NotObtainedError(
                "not-fhir", "answered with something that is no page of a search"
            )
        self.number += 1
        self._only = body if self.number == 1 else None
        if bundle.resourceType != "Bundle":
            # A single resource, or an OperationOutcome: its reader sees what it is.
            return None
        if self._total is None:
            self._total = bundle.total
        for entry in bundle.entry or ():
            self._keep(entry)
        return self._next(url, bundle.link or [])

    def together(self) -> Raw | None:
        """All that was kept, as one resource; None when there was no page."""
        if self.number <= 1:
            return Raw(self._only) if self._only is not None else None
        bundle: dict[str, Any] = {
            "resourceType": "Bundle",
            "type": "searchset",
            "entry": [entry for entry, _ in self._entries.values()],
        }
        if self._total is not None:
            bundle["total"] = self._total
        return Raw(msgspec.json.encode(bundle))

    def _keep(self, entry: Raw) -> None:
        """Pages overlap when records change meanwhile: of two, the newer version is kept."""
        try:
            found = msgspec.json.decode(entry, type=_Entry).resource or _Named()
        except _FAULTS:
            found = _Named()
        name: object = (found.resourceType, found.id) if found.id else len(self._entries)
        version = (found.meta.versionId if found.meta else None) or ""
        kept = self._entries.get(name)
        if kept is None or (len(version), version) >= (len(kept[1]), kept[1]):
            self._entries[name] = (entry, version)
        if len(self._entries) > self._most_entries:
            self._only, self.number = None, 0
            self._entries.clear()
            raise NotObtainedError("too-large", f"has more than {self._most_entries} records")

    def _next(self, url: str, links: list[_Link]) -> str | None:
        named = next((link.url for link in links if link.relation == "next"), None)
        if named is None:
            return None
        try:
            following = urljoin(url, named)
            same_origin = _origin(urlsplit(following)) == self._origin
        except ValueError:
            same_origin = False
        if not same_origin:
            raise NotObtainedError("foreign-link", "names a next page on another server")
        if following in self._visited:
            raise NotObtainedError("cyclic-link", "names a next page that was read already")
        return following


def _bundle(body: bytes) -> _Bundle:
    try:
        return msgspec.json.decode(body, type=_Bundle)
    except _FAULTS:
        raise NotObtainedError("not-fhir", "answered with broken JSON") from None


def _origin(parts: SplitResult) -> tuple[object, ...]:
    if parts.username or parts.password:
        raise ValueError("a name or password in an address")
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)
