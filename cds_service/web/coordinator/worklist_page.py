"""What the worklist shows of everything that is known, for one person and one query."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from cds_service.coordination.worklist import (
    Counts,
    Filter,
    Page,
    Row,
    counted,
    marked,
    page_of,
    sorted_by,
    worklist,
)
from cds_service.web.coordinator.desk import Desk
from cds_service.web.coordinator.worklist_query import ListQuery


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of a query, all pages of them, and how many there are besides.

    `counts` are of everybody; `narrowed` of those whom the filters leave, whatever the lane.
    `hidden_unchecked` is how many of whom something could not be checked the filters leave out
    (but for the lane: its own tab says that); `hidden_undated` how many of the lane a window of
    days leaves out although something of theirs is for no day. `text` is what is looked for;
    `is_forgotten`: the address names a search that is not kept.
    """

    query: ListQuery
    rows: list[Row]
    everybody: list[Row]
    counts: Counts
    narrowed: Counts
    hidden_unchecked: int
    hidden_undated: int
    text: str = ""
    is_forgotten: bool = False

    @property
    def page(self) -> Page:
        """The page asked for, its rows marked where one could be taken for another."""
        page = page_of(self.rows, self.query.page, self.query.size)
        rows = tuple(marked(page.rows, self.everybody))
        return Page(rows, page.number, page.pages, page.start, page.total)

    def row_of(self, task_id: str) -> Row | None:
        """The row of the patient whom an open task is about."""
        is_there = (row for row in self.everybody if any(t.id == task_id for t in row.head.tasks))
        return next(is_there, None)


def listing(desk: Desk, query: ListQuery, me: str, now: datetime) -> Listing:
    """The listing as of now. Raises StoreError."""
    text = desk.store.views.search(me, query.search, now) if query.search else ""
    asked = query.filter(me, text or "")
    everybody = worklist(desk.store.work.heads(), now)
    narrowed = [row for row in everybody if row.fits(asked, now.date())]
    left = {row.identity.patient_id for row in narrowed}
    return Listing(
        query=query,
        rows=sorted_by([row for row in narrowed if row.is_in(asked)], query.sort),
        everybody=everybody,
        counts=counted(everybody),
        narrowed=counted(narrowed),
        hidden_unchecked=sum(
            row.standing.is_incomplete
            and row.standing.off_list is None
            and row.identity.patient_id not in left
            for row in everybody
        ),
        hidden_undated=_hidden_undated(everybody, left, asked, now.date()),
        text=text or "",
        is_forgotten=text is None,
    )


def _hidden_undated(rows: list[Row], left: set[str], asked: Filter, today: date) -> int:
    if asked.within is None:
        return 0
    any_day = replace(asked, within=None)
    return sum(
        row.is_undated and row.identity.patient_id not in left and row.matches(any_day, today)
        for row in rows
    )
