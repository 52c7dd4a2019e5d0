"""Counts by the hour, kept over restarts and added up over processes; nothing of a patient."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, delete, func, insert, select, update

from cds_service.store.count_tables import hourly_counts
from cds_service.store.database import reading, writing


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted: `kind` (call, fired, shown, undecided, unread, read, ms), which, whose.

    `hour` counts hours since 1970 in UTC. `client` is the EHR's name, '' where nobody is asked.
    """

    hour: int
    client: str
    kind: str
    name: str


class CountsLedger:
    """Adds counts up by the hour."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, counts: Mapping[Counted, int]) -> None:
        """Adds to what stands, all of it or nothing. Raises StoreError."""
        if not counts:
            return
        with writing(self._engine) as connection:
            for each, amount in counts.items():
                values = {
                    "hour": each.hour,
                    "client": each.client,
                    "kind": each.kind,
                    "name": each.name,
                }
                this = [hourly_counts.c[name] == value for name, value in values.items()]
                added = update(hourly_counts).where(*this)
                more = added.values(amount=hourly_counts.c.amount + amount)
                if connection.execute(more).rowcount == 0:
                    connection.execute(insert(hourly_counts).values(**values, amount=amount))

    def by_hour(self, kind: str, since_hour: int) -> dict[int, int]:
        """How many of a kind in each hour that had any, over all clients. Raises StoreError."""
        columns = hourly_counts.c
        wanted = (
            select(columns.hour, func.sum(columns.amount))
            .where(columns.kind == kind, columns.hour >= since_hour)
            .group_by(columns.hour)
        )
        with reading(self._engine) as connection:
            return {hour: int(amount) for hour, amount in connection.execute(wanted)}

    def by_name(self, kind: str, since_hour: int) -> dict[str, dict[int, int]]:
        """How many of each name in each hour that had any. Raises StoreError."""
        columns = hourly_counts.c
        wanted = (
            select(columns.name, columns.hour, func.sum(columns.amount))
            .where(columns.kind == kind, columns.hour >= since_hour)
            .group_by(columns.name, columns.hour)
            .order_by(columns.name, columns.hour)
        )
        found: dict[str, dict[int, int]] = {}
        with reading(self._engine) as connection:
            for name, hour, amount in connection.execute(wanted):
                found.setdefault(name, {})[hour] = int(amount)
        return found

    def first_hour(self) -> int | None:
        """The first hour that has a count; None before the first. Raises StoreError."""
        with reading(self._engine) as connection:
            first: int | None = connection.execute(
                select(func.min(hourly_counts.c.hour))
            ).scalar_one()
        return first

    def forget_before(self, hour: int) -> None:
        """Deletes what is older. Raises StoreError."""
        with writing(self._engine) as connection:
            connection.execute(delete(hourly_counts).where(hourly_counts.c.hour < hour))
