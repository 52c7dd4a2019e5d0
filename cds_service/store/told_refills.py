"""Refills that somebody told of, settled: the reading and its task are one transaction."""

from datetime import datetime

from sqlalchemy import Engine

from cds_service.coordination.changes import Cancel, Finish
from cds_service.coordination.tasks import WorkTask
from cds_service.store.database import writing
from cds_service.store.readings_ledger import KeptReading, keep_reading, withdraw_reading
from cds_service.store.work_ledger import change_task


class ToldRefills:
    """Settles what was told, kept whole or not at all.

    A task that was changed or settled meanwhile raises as `WorkLedger.change` does.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def confirm(self, task: WorkTask, told: KeptReading, change: Finish, at: datetime) -> None:
        """Keeps the refill, under the id of the task, and closes the task.

        Raises StoreError, and ChangeRefusedError where another refill stands under that id.
        """
        with writing(self._engine) as connection:
            keep_reading(connection, told)
            change_task(connection, (task.id, task.version), change, told.who, at)

    def reject(self, task: WorkTask, change: Cancel, who: str, at: datetime) -> None:
        """Closes the task; a refill that an older version kept for it counts no more."""
        with writing(self._engine) as connection:
            withdraw_reading(connection, task.id, task.patient_id, change.comment or "rejected")
            change_task(connection, (task.id, task.version), change, who, at)
