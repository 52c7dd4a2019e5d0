"""The filters of the worklist in its address: what is not understood filters nothing.

A name or an MRN is never part of an address, for addresses are kept in histories and logs: what
somebody looks for is kept in the store, and the address names it by an id that says nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from cds_service.coordination.status import Lane
from cds_service.coordination.worklist import OFF_LIST, Booked, Filter, Sort

PAGE_SIZES = (25, 50, 100)
WINDOWS = (0, 7, 14, 30, 90)
ME = "me"
ALL = "all"
"""The lane that an address names to say that it wants no lane, and not the default view."""

_LONGEST_WINDOW = 366
_LONGEST_ID = 255
_MOST_PAGES = 100_000
_LANES = {lane.value for lane in Lane} | {OFF_LIST}
_SEARCH = "find"
NO_DAY = "none"
"""The window of days that an address names for what is for no day."""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a page of the worklist shows: filters, order and page.

    `asked.owner` may be ME, whoever that is; `search` is the id of what is looked for.
    """

    asked: Filter = field(default_factory=Filter)
    sort: Sort = Sort.URGENCY
    size: int = PAGE_SIZES[0]
    page: int = 1
    search: str = ""

    def filter(self, me: str, text: str) -> Filter:
        """The filter for the person who asks, with the text that was looked for."""
        owner = me if self.asked.owner == ME else self.asked.owner
        return replace(self.asked, owner=owner, text=text)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the lane leaves patients out."""
        return bool(self.search) or replace(self.asked, lane="") != Filter()

    def in_lane(self, lane: str) -> str:
        """The address' query for the same filters in another lane; '' is every lane."""
        return query_text(replace(self, asked=replace(self.asked, lane=lane), page=1))

    def by(self, sort: str) -> str:
        """The address' query for the same rows in another order."""
        return query_text(replace(self, sort=Sort(sort), page=1))

    @property
    def undated(self) -> str:
        """The address' query for what the same filters leave out because it is for no day."""
        asked = replace(self.asked, within=None, is_undated=True)
        return query_text(replace(self, asked=asked, page=1))

    def at(self, page: int) -> str:
        """The address' query for another page."""
        return query_text(replace(self, page=page))

    def without(self, *names: str) -> str:
        """The address' query without some of the filters."""
        kept = {name: value for name, value in _values(self).items() if name not in names}
        return query_text(list_query(kept))


def query_text(query: ListQuery) -> str:
    """The query of an address, without its question mark. It always says something."""
    return urlencode({name: value for name, value in _values(query).items() if value})


def view_text(query: ListQuery) -> str:
    """What is kept of a query under a name: without page and without what is looked for."""
    return query_text(replace(query, page=1, search=""))


def list_query(args: Mapping[str, str]) -> ListQuery:
    """The query that an address or a form asks for."""
    size = _number(args.get("size", ""), 1, max(PAGE_SIZES))
    lane, sort = args.get("lane", ""), args.get("sort", "")
    asked = Filter(
        lane=lane if lane in _LANES else "",
        owner=args.get("owner", "")[:_LONGEST_ID],
        within=_number(args.get("within", ""), 0, _LONGEST_WINDOW),
        is_undated=args.get("within") == NO_DAY,
        booked=_booked(args.get("booked", "")),
        is_unchecked=args.get("unchecked") == "yes",
        is_unread=args.get("unread") == "yes",
    )
    return ListQuery(
        asked=asked,
        sort=Sort(sort) if sort in set(Sort) else Sort.URGENCY,
        size=size if size in PAGE_SIZES else PAGE_SIZES[0],
        page=_number(args.get("page", ""), 1, _MOST_PAGES) or 1,
        search=args.get(_SEARCH, "")[:_LONGEST_ID],
    )


def _values(query: ListQuery) -> dict[str, str]:
    asked = query.asked
    return {
        "lane": asked.lane or ALL,
        "owner": asked.owner,
        "within": _window(asked),
        "booked": asked.booked.value if asked.booked else "",
        "unchecked": "yes" if asked.is_unchecked else "",
        "unread": "yes" if asked.is_unread else "",
        "sort": "" if query.sort is Sort.URGENCY else query.sort.value,
        "size": "" if query.size == PAGE_SIZES[0] else str(query.size),
        "page": "" if query.page == 1 else str(query.page),
        _SEARCH: query.search,
    }


def _window(asked: Filter) -> str:
    if asked.is_undated:
        return NO_DAY
    return "" if asked.within is None else str(asked.within)


def _booked(text: str) -> Booked | None:
    return Booked(text) if text in set(Booked) else None


def _number(text: str, least: int, most: int) -> int | None:
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(most)):
        return None
    return int(text) if least <= int(text) <= most else None
