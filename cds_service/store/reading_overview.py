"""How the reading of all patients stands, counted without opening a single status."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, case, func, select

from cds_service.store.database import reading
from cds_service.store.work_rows import milliseconds, moment_in
from cds_service.store.work_tables import statuses


@dataclass(frozen=True, slots=True)
class Overview:
    """Of `total` patients of the cohort, `unread` could not be read, or not lately enough.

    `oldest` and `newest` are when the others were read; None when there are none.
    """

    total: int
    unread: int
    oldest: datetime | None = None
    newest: datetime | None = None


def overview_of(engine: Engine, too_old: datetime) -> Overview:
    """The overview; a reading from before `too_old` counts as none. Raises StoreError.

    Patients whom the cohort has no more do not count.
    """
    is_good = (statuses.c.failure == "") & (statuses.c.read_at >= milliseconds(too_old))
    good_at = case((is_good, statuses.c.read_at))
    wanted = select(func.count(), func.count(good_at), func.min(good_at), func.max(good_at))
    with reading(engine) as connection:
        total, good, oldest, newest = connection.execute(wanted.where(statuses.c.gone == "")).one()
    if not good:
        return Overview(total, total)
    return Overview(total, total - good, moment_in(oldest), moment_in(newest))
