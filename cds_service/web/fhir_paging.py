"""The pages of a FHIR search: `_count`, `_offset`, and the links from one page to the next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from flask import request

from cds_service.errors import RequestError

_PAGE = 50
_LARGEST_PAGE = 200
_CONTROLS = ("_count", "_offset", "_format")
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of the matches is asked for, and the search criteria without that."""

    count: int
    offset: int
    criteria: tuple[tuple[str, str], ...]

    def part(self, matches: Sequence[_Found]) -> Sequence[_Found]:
        """The matches of this page."""
        return matches[self.offset : self.offset + self.count]

    def links(self, address: str, total: int) -> Mapping[str, str]:
        """This page and its neighbours, by relation. `address` is that of the search."""

        def link(start: int) -> str:
            query = urlencode([*self.criteria, ("_count", self.count), ("_offset", start)])
            return f"{address}?{query}"

        links = {"self": link(self.offset)}
        if self.count and self.offset + self.count < total:
            links["next"] = link(self.offset + self.count)
        if self.count and self.offset:
            links["previous"] = link(max(0, self.offset - self.count))
        return links


def paging() -> Paging:
    """What the running request asks for. Raises RequestError."""
    given = [*request.args.items(multi=True), *request.form.items(multi=True)]
    criteria = tuple(pair for pair in given if pair[0] not in _CONTROLS)
    return Paging(min(_number("_count", _PAGE), _LARGEST_PAGE), _number("_offset", 0), criteria)


def _number(name: str, otherwise: int) -> int:
    text = request.values.get(name, str(otherwise))
    if not (text.isascii() and text.isdigit() and len(text) < len("1000000000")):
        raise RequestError(f"Search: {name} is not a whole number; expected one. Correct it.")
    return int(text)
