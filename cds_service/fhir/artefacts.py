"""The FHIR artefacts that are published: profiles, terminology, plans, the library of facts.

They are read and searched as any FHIR server's are; none of them is about a patient.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from cds_service.errors import RequestError

Json = Mapping[str, Any]
KINDS = (
    "PlanDefinition",
    "ActivityDefinition",
    "Library",
    "StructureDefinition",
    "ValueSet",
    "CodeSystem",
    "OperationDefinition",
)
"""The kinds that can be read and searched."""

SEARCH_PARAMETERS = ("_id", "url", "version", "name", "title", "status")
"""What artefacts can be searched by; `name` and `title` by their beginning, in either case."""

_EXACT = {"_id": "id", "url": "url", "version": "version", "status": "status"}
_WORDS = ("name", "title")
_MODIFIERS = ("", "exact", "contains")
_ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True)
class Artefact:
    """One published resource, with the bytes that are sent for it."""

    resource: Json

    @property
    def kind(self) -> str:
        """Its resource type."""
        return str(self.resource["resourceType"])

    @property
    def id(self) -> str:
        """Its logical id."""
        return str(self.resource["id"])

    @cached_property
    def body(self) -> bytes:
        """The resource as JSON."""
        return _ENCODER.encode(self.resource)

    @cached_property
    def etag(self) -> str:
        """Changes when a byte of the resource changes."""
        return hashlib.sha256(self.body).hexdigest()[:32]


@dataclass(frozen=True)
class Artefacts:
    """All that is published, and the examples that only travel in the package."""

    published: tuple[Artefact, ...] = ()
    examples: tuple[Artefact, ...] = ()

    def read(self, kind: str, logical_id: str) -> Artefact | None:
        """The artefact of this kind and id."""
        return self._by_name.get((kind, logical_id))

    def found(self, kind: str, criteria: Sequence[tuple[str, str]]) -> list[Artefact]:
        """The artefacts of a kind that meet every criterion, by id.

        A criterion is a search parameter, perhaps with a modifier, and a value, or several with
        commas, of which one must fit. Raises RequestError for a parameter that is not supported.
        """
        tests = [_test(parameter, value) for parameter, value in criteria]
        return [each for each in self._of(kind) if all(test(each.resource) for test in tests)]

    def _of(self, kind: str) -> Iterator[Artefact]:
        return (each for each in self.published if each.kind == kind)

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str], Artefact]:
        return {(each.kind, each.id): each for each in self.published}


NO_ARTEFACTS = Artefacts()


def artefacts(resources: Sequence[Json]) -> Artefacts:
    """The resources, by kind and id: those with a canonical URL are published, others examples."""
    ordered = sorted(resources, key=lambda found: (found["resourceType"], found["id"]))
    return Artefacts(
        tuple(Artefact(found) for found in ordered if "url" in found),
        tuple(Artefact(found) for found in ordered if "url" not in found),
    )


def searchset(
    found: Sequence[Artefact], total: int, links: Mapping[str, str], address: str
) -> dict[str, Any]:
    """One page of a search as a Bundle; `address` is the FHIR API's, without a slash at its end."""
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": total,
        "link": [{"relation": relation, "url": url} for relation, url in links.items()],
        "entry": [
            {
                "fullUrl": f"{address}/{each.kind}/{each.id}",
                "resource": each.resource,
                "search": {"mode": "match"},
            }
            for each in found
        ],
    }


def _test(parameter: str, value: str) -> Any:
    name, _, modifier = parameter.partition(":")
    values = [part for part in value.split(",") if part]
    if name in _EXACT and not modifier and values:
        return lambda resource: str(resource.get(_EXACT[name], "")) in values
    if name in _WORDS and modifier in _MODIFIERS and values:
        return lambda resource: _fits(str(resource.get(name, "")), values, modifier)
    known = ", ".join(SEARCH_PARAMETERS)
    raise RequestError(
        f"Search: found '{parameter[:40]}', expected {known} (name and title also with :exact or "
        ":contains), each with a value; and _count, _offset, _format. Take it away, or correct it."
    )


def _fits(text: str, values: Sequence[str], modifier: str) -> bool:
    if modifier == "exact":
        return text in values
    folded = text.lower()
    if modifier == "contains":
        return any(value.lower() in folded for value in values)
    return any(folded.startswith(value.lower()) for value in values)
