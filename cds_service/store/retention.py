"""How long things are kept: comments, which may name anybody, less long than the rest."""

from datetime import date, datetime, timedelta

from sqlalchemy import Engine, delete, update

from cds_service.store.database import writing
from cds_service.store.tables import calls, feedback


class Retention:
    """Forgets what has been kept long enough, once a day."""

    def __init__(self, engine: Engine, comment_days: int, ledger_days: int) -> None:
        self._engine = engine
        self._comment_days = comment_days
        self._ledger_days = ledger_days
        self._done_on: date | None = None

    def apply(self, now: datetime) -> None:
        """Forgets, unless it was done today already. Raises StoreError."""
        if self._done_on == now.date():
            return
        comments = int((now - timedelta(days=self._comment_days)).timestamp())
        everything = int((now - timedelta(days=self._ledger_days)).timestamp())
        with writing(self._engine) as connection:
            old = feedback.c.received_at < comments
            connection.execute(update(feedback).where(old).values(comment=""))
            connection.execute(delete(feedback).where(feedback.c.received_at < everything))
            connection.execute(delete(calls).where(calls.c.answered_at < everything))
        self._done_on = now.date()
