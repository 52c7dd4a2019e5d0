"""The morning digest as plain text: first what could not be checked, then the lanes."""

from collections.abc import Sequence
from datetime import datetime

from jinja2 import Environment, PackageLoader

from cds_service.coordination.lanes import Freshness
from cds_service.coordination.status import Lane
from cds_service.coordination.worklist import Row, counted
from cds_service.store.alert_ledger import Alert
from cds_service.therapy.calendar import day_text
from cds_service.web.coordinator.dates import distance, long_day
from cds_service.web.coordinator.safe_text import visible

_NAMED = (Lane.ACT_NOW, Lane.CANNOT_CHECK, Lane.BOOK)
# Plain text: escaping for HTML would spoil it, and no mail program reads it as HTML.
_TEMPLATES = Environment(
    loader=PackageLoader("cds_service.web"),
    autoescape=False,  # noqa: S701
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_TEMPLATES.filters["visible"] = visible


def digest(
    rows: Sequence[Row],
    alarms: Sequence[Alert],
    now: datetime,
    link: str,
    *,
    with_names: bool,
    silent: frozenset[str] = frozenset(),
) -> tuple[str, str]:
    """Subject and text. `now` is in the site's zone; names stand in it `with_names` only.

    `rows` are those of the worklist, in its order; `silent` the plans that no card speaks of.
    """
    on_list = [row for row in rows if row.standing.off_list is None]
    read = [row.head.reading.read_at for row in on_list if row.head.reading]
    template = _TEMPLATES.get_template("coordinator/digest.txt")
    today = now.date()
    subject, _, body = template.render(
        counts={lane.value: number for lane, number in counted(rows).lanes.items()},
        patients=len(on_list),
        unread=sum(row.is_unread for row in on_list),
        stale=sum(row.standing.freshness is Freshness.STALE for row in on_list),
        alarms=alarms,
        today=day_text(today),
        read=_moment(max(read), now) if read else "",
        link=link,
        silent=silent,
        named=[(lane.value, _of(on_list, lane)) for lane in _NAMED] if with_names else [],
        day=lambda day: long_day(day, today),
        distance=lambda day: distance(day, today),
    ).partition("\n")
    return subject.strip(), body.lstrip("\n")


def _of(rows: Sequence[Row], lane: Lane) -> list[Row]:
    return [row for row in rows if row.standing.lane is lane]


def _moment(moment: datetime, now: datetime) -> str:
    here = moment.astimezone(now.tzinfo)
    return f"{day_text(here.date())}, {here:%H:%M %Z}"
