"""The worklist: every patient as a row, in order; which rows a filter shows; how many stand where.

What could not be checked is never filtered away by a day, a booking or a figure that nobody knows.
"""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from cds_service.coordination.heads import StatusHead
from cds_service.coordination.lanes import Item, Standing, standing
from cds_service.coordination.status import Figures, Lane
from cds_service.coordination.tasks import WorkTask
from cds_service.fhir.identity import Identity
from cds_service.guidance.plan import Urgency
from cds_service.therapy.calendar import add_days

OFF_LIST = "off-list"
"""The lane, as far as filters go, of those who are not on the list."""

NOBODY = "nobody"
"""The owner, as far as filters go, of work that nobody has taken."""

_NO_FIGURES = Figures()


class Booked(StrEnum):
    """Whether a refill visit is booked; NO includes that nobody knows."""

    YES = "yes"
    NO = "no"


class Sort(StrEnum):
    """What the rows are sorted by; urgency breaks every tie."""

    URGENCY = "urgency"
    NAME = "name"
    ACT_BY = "act-by"
    BOOKED = "booked"
    ERI = "eri"
    DUE = "due"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows to show; the empty filter shows everybody who is on the list.

    `lane` is a Lane or OFF_LIST; `owner` a person's id or NOBODY; `within` a number of days, 0 for
    what is late or for today; `is_undated` asks for what no window of days can show, because it is
    for no day. `is_unchecked` asks for those of whom something could not be checked,
    `is_unread` for those whose record could not be read (lately enough), on the list or not.
    """

    lane: str = ""
    owner: str = ""
    within: int | None = None
    is_undated: bool = False
    booked: Booked | None = None
    is_unchecked: bool = False
    is_unread: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A patient on the worklist. `is_like` says who could be taken for somebody else."""

    head: StatusHead
    standing: Standing
    is_like: str = ""

    @property
    def identity(self) -> Identity:
        """Who the patient is."""
        return self.head.identity

    @property
    def figures(self) -> Figures:
        """The figures last read; all unknown where nothing was."""
        return self.head.reading.figures if self.head.reading else _NO_FIGURES

    @property
    def first(self) -> Item | None:
        """The most urgent thing; None when there is nothing."""
        return self.standing.items[0] if self.standing.items else None

    @property
    def others(self) -> tuple[Item, ...]:
        """What else stands open, the most urgent first."""
        return self.standing.items[1:]

    @property
    def task(self) -> WorkTask | None:
        """The task to work on first: the most urgent thing's, else the first there is."""
        return next((each.task for each in self.standing.items if each.task), None)

    @property
    def is_unread(self) -> bool:
        """Whether the record could not be read the last time, or not lately enough."""
        return not self.head.gone and (
            bool(self.head.failure) or not self.standing.freshness.is_known
        )

    def matches(self, asked: Filter, today: date) -> bool:
        """Whether the filter shows this row."""
        return self.is_in(asked) and self.fits(asked, today)

    def is_in(self, asked: Filter) -> bool:
        """Whether the row stands in the lane asked for; what is looked for is in all of them."""
        if not asked.lane:
            return self.standing.off_list is None or asked.is_unread or bool(asked.text)
        if self.standing.off_list is not None:
            return asked.lane == OFF_LIST
        return asked.lane == self.standing.lane

    def fits(self, asked: Filter, today: date) -> bool:
        """Whether the rest of the filter shows this row, in whatever lane."""
        return (
            (not asked.owner or self._is_of(asked.owner))
            and (asked.within is None or self._is_within(add_days(today, asked.within)))
            and (not asked.is_undated or self.is_undated)
            and (asked.booked is None or (asked.booked is Booked.YES) == self._is_booked())
            and (not asked.is_unchecked or self.standing.is_incomplete)
            and (not asked.is_unread or self.is_unread)
            and (not asked.text or self._is_found(asked.text))
        )

    def _is_of(self, owner: str) -> bool:
        if owner == NOBODY:
            return any(not task.owner for task in self.head.tasks)
        return any(task.owner == owner for task in self.head.tasks)

    @property
    def is_undated(self) -> bool:
        """Whether something open is for no day: information, or work, for which none is set."""
        return any(
            item.urgency == Urgency.INFO and not _days(item)
            for item in self.standing.items
            if item.lane in (Lane.BOOK, Lane.REVIEW)
        )

    def _is_within(self, last: date) -> bool:
        """What could not be checked may be due any day; so may urgent advice that names no day."""
        if self.standing.is_incomplete or self.standing.lane is Lane.CANNOT_CHECK:
            return True
        return any(
            item.lane is not Lane.SNOOZED and _is_due_by(item, last) for item in self.standing.items
        )

    def _is_booked(self) -> bool:
        return self.figures.booked is not None and not self.standing.is_outrun

    def _is_found(self, text: str) -> bool:
        told = plain(f"{self.identity.name} {self.identity.mrn}")
        return all(word in told for word in plain(text).replace(",", " ").split())


def worklist(heads: Iterable[StatusHead], now: datetime) -> list[Row]:
    """A row for everybody who is known, the most urgent first. `now` is in the site's zone."""
    rows = [Row(head, standing(head, now)) for head in heads]
    return sorted(rows, key=lambda row: row.standing.sort_key)


def sorted_by(rows: Sequence[Row], sort: Sort) -> list[Row]:
    """The rows of `worklist` in another order; those with nothing to sort by come last.

    Of days, those that could not be checked stand before those that have none.
    """
    key = _KEYS.get(sort)
    return sorted(rows, key=key) if key else list(rows)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many stand where, of those who are on the list, and how many are off it.

    `partly` counts those of whom not everything could be checked, in other lanes than that for it.
    """

    lanes: Mapping[Lane, int]
    off_list: int
    partly: int

    @property
    def on_list(self) -> int:
        """Everybody in a lane."""
        return sum(self.lanes.values())


def counted(rows: Iterable[Row]) -> Counts:
    """How many of the rows stand in each lane, none left out."""
    rows = list(rows)
    found = Counter(OFF_LIST if row.standing.off_list else row.standing.lane.value for row in rows)
    partly = sum(
        row.standing.is_incomplete
        and row.standing.off_list is None
        and row.standing.lane is not Lane.CANNOT_CHECK
        for row in rows
    )
    return Counts({lane: found[lane.value] for lane in Lane}, found[OFF_LIST], partly)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the rows that are shown: the `number`th of `pages`, its first row the `start`th."""

    rows: tuple[Row, ...]
    number: int
    pages: int
    start: int
    total: int


def page_of(rows: Sequence[Row], number: int, size: int) -> Page:
    """A page of rows, counted from 1; a number outside is the nearest page there is."""
    pages = max(1, -(-len(rows) // size))
    number = min(max(number, 1), pages)
    start = (number - 1) * size
    return Page(tuple(rows[start : start + size]), number, pages, start + 1, len(rows))


SAME_NAME = "same-name"
SAME_SURNAME = "same-surname"


def marked(shown: Sequence[Row], everybody: Iterable[Row]) -> list[Row]:
    """The rows shown, marked where one could be taken for another.

    SAME_NAME: somebody known has the very same name. SAME_SURNAME: somebody shown beside has the
    same surname; over a whole hospital that would mark everyone.
    """
    names = Counter(_words(row.identity.name) for row in everybody)
    surnames = Counter(_surname(row.identity.name) for row in shown)
    return [Row(row.head, row.standing, _likeness(row, names, surnames)) for row in shown]


def _likeness(row: Row, names: Counter[frozenset[str]], surnames: Counter[str]) -> str:
    name = row.identity.name
    if not name:
        return ""
    if names[_words(name)] > 1:
        return SAME_NAME
    return SAME_SURNAME if surnames[_surname(name)] > 1 else ""


def plain(text: str) -> str:
    """The text without accents and capitals, so that Zoe finds Zoë."""
    if text.isascii():
        return text.casefold()
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(mark for mark in split if not unicodedata.combining(mark))


def _words(name: str) -> frozenset[str]:
    """The parts of a name, in whatever order they were written."""
    return frozenset(name.casefold().replace(",", " ").split())


def _surname(name: str) -> str:
    """The part before a comma, else the last word."""
    before, comma, _ = name.partition(",")
    words = before.casefold().split()
    return " ".join(words) if comma else (words[-1] if words else "")


def _is_due_by(item: Item, last: date) -> bool:
    if item.act_by is None and item.urgency != Urgency.INFO:
        # A day that a person set for a task makes urgent advice no less urgent.
        return True
    return any(day <= last for day in _days(item))


def _days(item: Item) -> list[date]:
    return [day for day in (item.act_by, item.task.due if item.task else None) if day]


def _day_key(day: date | None, row: Row) -> tuple[int, date]:
    if day is not None:
        return (0, day)
    return (1 if row.standing.is_incomplete else 2, date.max)


def _due(row: Row) -> date | None:
    return min((task.due for task in row.head.tasks if task.due), default=None)


def _act_by_key(row: Row) -> tuple[int, date]:
    first, act_by = row.first, row.standing.act_by
    is_for_now = first is not None and first.urgency != Urgency.INFO and first.act_by is None
    if act_by is None and is_for_now and row.standing.lane is not Lane.SNOOZED:
        return (0, date.min)
    return _day_key(act_by, row)


def _read_key(row: Row) -> float:
    """Never read comes first: it is the oldest news."""
    return row.head.reading.read_at.timestamp() if row.head.reading else 0.0


_KEYS: Mapping[Sort, Callable[[Row], tuple[object, ...] | float]] = {
    Sort.NAME: lambda row: (plain(row.identity.name), row.identity.patient_id),
    Sort.ACT_BY: _act_by_key,
    Sort.BOOKED: lambda row: _day_key(row.figures.booked, row),
    Sort.ERI: lambda row: _day_key(row.figures.battery_eri, row),
    Sort.DUE: lambda row: _day_key(_due(row), row),
    Sort.READ: _read_key,
}
