"""The filters of the worklist in its address: what is not understood is left out.

A name or an MRN is never part of an address; addresses are kept in histories and logs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from cds_service.coordination.status import Lane
from cds_service.coordination.worklist import PAGE_SIZES, View

LONGEST_WINDOW = 366
LONGEST_FIND = 100
ME = "me"


@dataclass(frozen=True, slots=True)
class ListQuery:
    """A view and a page of it, as the address says it; `owner` may be the word `me`."""

    lane: Lane | None = None
    owner: str = ""
    within: int | None = None
    booked: Literal["", "yes", "no"] = ""
    marked: bool = False
    off: bool = False
    page: int = 1
    size: int = PAGE_SIZES[0]

    def view(self, me: str, find: str = "") -> View:
        """The view for the person who asks."""
        owner = me if self.owner == ME else self.owner
        within, booked = self.within, self.booked
        return View(self.lane, owner, within, booked, self.marked, self.off, find[:LONGEST_FIND])

    def address(self, **changes: object) -> str:
        """The query string of this view with changes; the first page unless a page is named."""
        values: dict[str, object] = {
            "lane": self.lane.value if self.lane else "",
            "owner": self.owner,
            "within": self.within,
            "booked": self.booked,
            "marked": "1" if self.marked else "",
            "off": "1" if self.off else "",
            "size": self.size if self.size != PAGE_SIZES[0] else "",
        }
        values |= changes
        return urlencode({name: value for name, value in values.items() if value not in ("", None)})


def list_query(args: Mapping[str, str]) -> ListQuery:
    """The view that an address asks for."""
    lane, size = args.get("lane", ""), _number(args.get("size", ""), 1, max(PAGE_SIZES))
    booked = args.get("booked", "")
    return ListQuery(
        lane=Lane(lane) if lane in set(Lane) else None,
        owner=args.get("owner", "")[:255],
        within=_number(args.get("within", ""), 0, LONGEST_WINDOW),
        booked="yes" if booked == "yes" else "no" if booked == "no" else "",
        marked=args.get("marked") == "1",
        off=args.get("off") == "1",
        page=_number(args.get("page", ""), 1, 100_000) or 1,
        size=size if size in PAGE_SIZES else PAGE_SIZES[0],
    )


def _number(text: str, least: int, most: int) -> int | None:
    if not text.isascii() or not text.isdigit() or len(text) > len(str(most)):
        return None
    return int(text) if least <= int(text) <= most else None
