"""The worklist: who stands where, which of them a view shows, and in which order."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from cds_service.coordination.heads import StatusHead
from cds_service.coordination.lanes import Freshness, Standing, standing
from cds_service.coordination.status import Lane
from cds_service.coordination.tasks import WorkTask

PAGE_SIZES = (25, 50, 100)
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Entry:
    """One patient on the list. `shares_name`: another patient has the same family name."""

    head: StatusHead
    standing: Standing
    shares_name: bool = False

    @property
    def tasks(self) -> tuple[WorkTask, ...]:
        """The open tasks, the one of the most urgent advice first."""
        by_item = [item.task for item in self.standing.items if item.task is not None]
        return (*by_item, *(task for task in self.head.tasks if task not in by_item))

    @property
    def owners(self) -> tuple[str, ...]:
        """The ids of those who own open tasks, each once."""
        return tuple(dict.fromkeys(task.owner for task in self.tasks if task.owner))


@dataclass(frozen=True, slots=True)
class View:
    """What to show: '' or None wherever everything is shown.

    `owner` is a person's id or `nobody`; `within` the days in which to act; `marked`: only patients
    of whom not everything could be checked; `off`: those who are not on the list, and why.
    `find` is part of a name or an MRN.
    """

    lane: Lane | None = None
    owner: str = ""
    within: int | None = None
    booked: Literal["", "yes", "no"] = ""
    marked: bool = False
    off: bool = False
    find: str = ""


@dataclass(frozen=True, slots=True)
class Worklist:
    """A view of the list: `entries` in order, the most urgent first.

    `counts` has every lane, whatever the view shows; `unread` counts patients without a status that
    may be shown as one of today, of `patients` on the list.
    """

    entries: Sequence[Entry]
    counts: Mapping[Lane, int]
    patients: int
    off_list: int
    unread: int
    stale: int
    newest: datetime | None


def worklist(heads: Iterable[StatusHead], view: View, now: datetime) -> Worklist:
    """The list as of now; `now` is aware, in the site's zone."""
    all_entries = [Entry(head, standing(head, now)) for head in heads]
    on_list = [entry for entry in all_entries if entry.standing.off_list is None]
    shown = [entry for entry in all_entries if entry.standing.off_list] if view.off else on_list
    families = Counter(_family(entry) for entry in on_list)
    entries = sorted(
        (
            Entry(each.head, each.standing, families[_family(each)] > 1 and bool(_family(each)))
            for each in shown
            if _is_in(view, each, now.date())
        ),
        key=lambda entry: entry.standing.sort_key,
    )
    lanes = Counter(entry.standing.lane for entry in on_list)
    fresh = Counter(entry.standing.freshness for entry in on_list)
    read = [entry.head.reading.read_at for entry in on_list if entry.head.reading]
    return Worklist(
        entries=entries,
        counts={lane: lanes[lane] for lane in Lane},
        patients=len(on_list),
        off_list=len(all_entries) - len(on_list),
        unread=sum(_is_unread(entry) for entry in on_list),
        stale=fresh[Freshness.STALE],
        newest=max(read, default=None),
    )


def page_of(entries: Sequence[Entry], number: int, size: int) -> tuple[Sequence[Entry], int, int]:
    """The entries of a page, its number and the last page's; a page beyond the last is the last."""
    last = max(1, -(-len(entries) // size))
    number = min(max(1, number), last)
    return entries[(number - 1) * size : number * size], number, last


def _is_in(view: View, entry: Entry, today: date) -> bool:
    found = entry.standing
    tests = (
        view.lane is None or found.lane is view.lane,
        not view.marked or found.is_incomplete,
        _is_owned(view.owner, entry),
        _is_within(view.within, found, today),
        _is_booked(view.booked, entry),
        _is_found(view.find, entry),
    )
    return all(tests)


def _is_owned(owner: str, entry: Entry) -> bool:
    if not owner:
        return True
    if owner == NOBODY:
        return any(not task.owner for task in entry.tasks)
    return owner in entry.owners


def _is_within(days: int | None, found: Standing, today: date) -> bool:
    """Whether something is to be done in time. What cannot be checked has no day, and is shown."""
    if days is None:
        return True
    if found.lane is Lane.CANNOT_CHECK or found.is_incomplete:
        return True
    return found.act_by is not None and found.act_by <= today + timedelta(days=days)


def _is_booked(booked: str, entry: Entry) -> bool:
    if not booked:
        return True
    reading = entry.head.reading
    has_visit = reading is not None and reading.figures.booked is not None
    return has_visit is (booked == "yes")


def _is_found(text: str, entry: Entry) -> bool:
    wanted = text.casefold().split()
    identity = entry.head.identity
    told = f"{identity.name} {identity.mrn}".casefold()
    return all(word in told for word in wanted)


def _family(entry: Entry) -> str:
    return entry.head.identity.name.partition(",")[0].strip().casefold()


def _is_unread(entry: Entry) -> bool:
    return bool(entry.head.failure) or not entry.standing.freshness.is_known
