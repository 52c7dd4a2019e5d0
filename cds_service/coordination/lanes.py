"""In which lane a patient stands, and before whom.

A status is stale after 24 hours and none at all after 72: an old "nothing due" must never be read
as one of today. What could not be checked ranks below what is known to be urgent, and above peace.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from cds_service.coordination.heads import AdviceHead, StatusHead
from cds_service.coordination.kinds import OPENED_BY_PEOPLE, Kind
from cds_service.coordination.status import Lane, OffList
from cds_service.coordination.tasks import WorkTask
from cds_service.guidance.plan import URGENCIES, Urgency

STALE_AFTER = timedelta(hours=24)
TOO_OLD_AFTER = timedelta(hours=72)

LARGEST_SKEW = timedelta(hours=1)
"""By how much the clocks of two machines may differ; a reading further ahead is not believed."""

LANES = tuple(Lane)
"""The lanes, the most urgent first."""


class Freshness(StrEnum):
    """How far the last good reading can be believed."""

    CURRENT = "current"
    STALE = "stale"
    TOO_OLD = "too-old"
    NEVER_READ = "never-read"
    AHEAD = "ahead"

    @property
    def is_known(self) -> bool:
        """Whether there is a status that may be shown as one of today."""
        return self in (Freshness.CURRENT, Freshness.STALE)


@dataclass(frozen=True, slots=True)
class Item:
    """One open thing: advice with its task, or either alone, and where it stands."""

    lane: Lane
    urgency: str
    act_by: date | None
    advice: AdviceHead | None = None
    task: WorkTask | None = None

    @property
    def summary(self) -> str:
        """What it says, '' where only its kind does."""
        if self.advice is not None:
            return self.advice.summary
        return self.task.summary if self.task is not None else ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a patient stands now.

    `items`: the most urgent first; of a status too old they are what was last known. `act_by` is
    the earliest day of those that do not wait. `is_incomplete`: not everything could be checked,
    whatever the lane. `is_outrun`: the visit or the alarm day has passed since the record was
    read, so what it said then proves nothing now. `comes_back` is the day on which the first thing
    that waits is back.
    """

    lane: Lane
    freshness: Freshness
    items: tuple[Item, ...]
    act_by: date | None
    is_incomplete: bool
    is_outrun: bool
    comes_back: date | None
    off_list: OffList | None
    sort_key: tuple[int, int, date, date, str, str]


def standing(head: StatusHead, now: datetime) -> Standing:
    """Where the patient stands. `now` is aware, in the site's zone: its date is today."""
    today = now.date()
    freshness = freshness_of(head.reading.read_at if head.reading else None, now)
    items = tuple(sorted(_items(head, today), key=_item_key))
    off_list = _off_list(head)
    is_outrun = _is_outrun(head, today)
    is_incomplete = bool(head.failure) or not freshness.is_known or _gaps(head) > 0 or is_outrun
    lane = _lane(items, freshness, is_incomplete=is_incomplete)
    act_by = min((item.act_by for item in items if item.act_by and not _waits(item)), default=None)
    return Standing(
        lane=lane,
        freshness=freshness,
        items=items,
        act_by=act_by,
        is_incomplete=is_incomplete,
        is_outrun=is_outrun,
        comes_back=min(_returns(items), default=None),
        off_list=off_list,
        sort_key=_sort_key(head, lane, items, act_by),
    )


def lane_of(item_lanes: Iterator[Lane]) -> Lane:
    """The most urgent of several lanes; no action where there is none."""
    return min(item_lanes, key=LANES.index, default=Lane.NO_ACTION)


def freshness_of(read_at: datetime | None, now: datetime) -> Freshness:
    """How far a reading of that moment can be believed now; None: there was none."""
    if read_at is None:
        return Freshness.NEVER_READ
    age = now - read_at
    if age < -LARGEST_SKEW:
        return Freshness.AHEAD
    if age > TOO_OLD_AFTER:
        return Freshness.TOO_OLD
    return Freshness.STALE if age > STALE_AFTER else Freshness.CURRENT


def _lane(items: tuple[Item, ...], freshness: Freshness, *, is_incomplete: bool) -> Lane:
    if not freshness.is_known:
        return Lane.CANNOT_CHECK
    found = lane_of(item.lane for item in items)
    if is_incomplete and LANES.index(found) > LANES.index(Lane.CANNOT_CHECK):
        return Lane.CANNOT_CHECK
    return found


def _items(head: StatusHead, today: date) -> Iterator[Item]:
    tasks = {task.kind: task for task in head.tasks if task.kind not in OPENED_BY_PEOPLE}
    advice = head.reading.advice if head.reading else ()
    advised = set()
    for each in advice:
        if not each.is_arranged:
            kind = each.kind
            advised.add(kind)
            task = tasks.get(kind)
            if task is not None and task.is_held:
                yield _held_item(task, each, today)
                continue
            lane = _advice_lane(each, task, today)
            yield Item(lane, each.urgency, each.act_by, each, task)
    for task in head.tasks:
        if task.kind not in advised:
            act_by = _earlier(task.act_by, task.due) if _is_own(task) else task.act_by
            if task.kind == Kind.CONFIRM_REFILL:
                # Until it is confirmed, the refill is as urgent as before somebody told of it.
                act_by = _earlier(act_by, _refill_act_by(head))
            yield Item(_task_lane(task, act_by, today), task.urgency, act_by, None, task)


def _refill_act_by(head: StatusHead) -> date | None:
    advice = head.reading.advice if head.reading else ()
    days = [each.act_by for each in advice if each.kind == Kind.REFILL]
    days += [task.act_by for task in head.tasks if task.kind == Kind.REFILL]
    return min((day for day in days if day), default=None)


def _advice_lane(advice: AdviceHead, task: WorkTask | None, today: date) -> Lane:
    is_late = advice.act_by is not None and today >= advice.act_by
    if advice.urgency == Urgency.CRITICAL or is_late:
        return Lane.ACT_NOW
    if task is not None and task.is_away(today):
        return Lane.SNOOZED
    return Lane.BOOK if advice.books and advice.kind != Kind.DATA_CONFLICT else Lane.REVIEW


def _held_item(task: WorkTask, milder: AdviceHead, today: date) -> Item:
    """What was last sure, where a reading with gaps says something milder."""
    act_by = _earlier(task.act_by, milder.act_by)
    lane = _task_lane(task, act_by, today)
    if lane is Lane.REVIEW and milder.books:
        lane = Lane.BOOK
    return Item(lane, task.urgency, act_by, None, task)


def _task_lane(task: WorkTask, act_by: date | None, today: date) -> Lane:
    """Of a task without advice: opened by people, or held because its advice may still stand."""
    if task.kind == Kind.UNCHECKED:
        return Lane.CANNOT_CHECK
    if task.urgency == Urgency.CRITICAL or (act_by is not None and today >= act_by):
        return Lane.ACT_NOW
    return Lane.SNOOZED if task.is_away(today) else Lane.REVIEW


def _is_own(task: WorkTask) -> bool:
    return task.kind in OPENED_BY_PEOPLE


def _earlier(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day), default=None)


def _gaps(head: StatusHead) -> int:
    return head.reading.gaps if head.reading else 0


def _is_outrun(head: StatusHead, today: date) -> bool:
    if head.reading is None or head.reading.figures.removed is not None:
        return False
    figures, read_on = head.reading.figures, head.reading.read_at.date()
    missed = figures.booked is not None and read_on <= figures.booked < today
    alarmed = figures.alarm is not None and read_on < figures.alarm <= today
    return missed or alarmed


def _off_list(head: StatusHead) -> OffList | None:
    """Why the patient is not on the list. Nobody with open work or gaps leaves it as "no pump"."""
    if head.identity.is_deceased:
        return OffList.DECEASED
    if head.identity.is_merged:
        return OffList.MERGED
    if head.gone:
        return OffList.GONE
    reading = head.reading
    if reading is None or head.failure or reading.advice or reading.gaps or head.tasks:
        return None
    has_pump = reading.has_pump and reading.figures.removed is None
    return None if has_pump else OffList.NO_PUMP


def _returns(items: tuple[Item, ...]) -> Iterator[date]:
    """The days on which the things that wait are back."""
    for item in items:
        if _waits(item) and item.task is not None and item.task.away is not None:
            yield item.task.away.until


def _waits(item: Item) -> bool:
    return item.lane is Lane.SNOOZED


_URGENCY_RANKS = {each.value: rank for rank, each in enumerate(URGENCIES)}
_LANE_RANKS = {lane: rank for rank, lane in enumerate(LANES)}


def _day_key(urgency: str, act_by: date | None) -> date:
    """A warning that names no day is for now; mere information without one comes last."""
    if act_by is not None:
        return act_by
    return date.max if urgency == Urgency.INFO else date.min


def _item_key(item: Item) -> tuple[int, int, date]:
    day = _day_key(item.urgency, item.act_by)
    return (_LANE_RANKS[item.lane], _URGENCY_RANKS[item.urgency], day)


def _sort_key(
    head: StatusHead, lane: Lane, items: tuple[Item, ...], act_by: date | None
) -> tuple[int, int, date, date, str, str]:
    """Lane, urgency, act-by day, battery day, name, id: the same list in the same order always.

    Of a status too old, what was last known to be urgent comes first.
    """
    first = items[0] if items else None
    urgency = first.urgency if first else Urgency.INFO
    day = _day_key(urgency, act_by)
    eri = head.reading.figures.battery_eri if head.reading else None
    return (
        _LANE_RANKS[lane],
        _URGENCY_RANKS[urgency],
        day,
        eri or date.max,
        head.identity.name.casefold(),
        head.identity.patient_id,
    )
