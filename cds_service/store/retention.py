"""How long things are kept: comments, which may name anybody, less long than the rest."""

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Engine, and_, delete, select, update

from cds_service.settings import StoreSettings
from cds_service.store.database import reading, writing
from cds_service.store.tables import calls, feedback
from cds_service.store.work_rows import seconds
from cds_service.store.work_tables import handout_releases, notes, readings, statuses, tasks

_OF_A_PATIENT = (tasks, notes, readings, handout_releases, statuses)
"""What is kept of somebody by name or id; a task takes its history along."""


class Retention:
    """Forgets what has been kept long enough."""

    def __init__(self, engine: Engine, settings: StoreSettings) -> None:
        self._engine = engine
        self._settings = settings
        self._done_on: date | None = None

    def apply(self, now: datetime) -> None:
        """Forgets cards, feedback and comments, unless it was done today. Raises StoreError."""
        if self._done_on == now.date():
            return
        comments = int((now - timedelta(days=self._settings.comment_days)).timestamp())
        everything = int((now - timedelta(days=self._settings.ledger_days)).timestamp())
        with writing(self._engine) as connection:
            old = feedback.c.received_at < comments
            connection.execute(update(feedback).where(old).values(comment=""))
            connection.execute(delete(feedback).where(feedback.c.received_at < everything))
            connection.execute(delete(calls).where(calls.c.answered_at < everything))
        self._done_on = now.date()

    def left_long_ago(self, now: datetime) -> list[str]:
        """The patients who left the cohort longer ago than the site keeps; none where it keeps all.

        For those who had left before the moment was written down, the days count from now.
        Raises StoreError.
        """
        if self._settings.left_days is None:
            return []
        is_undated = (statuses.c.gone != "") & (statuses.c.gone_at == 0)
        wanted = select(statuses.c.patient).order_by(statuses.c.patient)
        with reading(self._engine) as connection:
            undated = connection.execute(wanted.where(is_undated)).first()
        if undated:
            with writing(self._engine) as connection:
                dated = {"gone_at": seconds(now)}
                connection.execute(update(statuses).where(is_undated).values(dated))
        with reading(self._engine) as connection:
            found = connection.execute(wanted.where(self._is_over(now)))
            return [row.patient for row in found]

    def forget_patient(self, patient_id: str, now: datetime) -> bool:
        """Deletes what is kept of a patient who left long ago; False for one who has come back.

        The audit stays, and so do cards and feedback, which know the patient as a hash: they have
        days of their own. Raises StoreError.
        """
        is_this = (statuses.c.patient == patient_id) & self._is_over(now)
        with writing(self._engine) as connection:
            if connection.execute(select(statuses.c.patient).where(is_this)).first() is None:
                return False
            for table in _OF_A_PATIENT:
                connection.execute(delete(table).where(table.c.patient == patient_id))
        return True

    def _is_over(self, now: datetime) -> ColumnElement[bool]:
        days = timedelta(days=self._settings.left_days or 0)
        return and_(statuses.c.gone != "", statuses.c.gone_at <= seconds(now - days))
