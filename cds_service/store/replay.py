"""Tokens that were accepted once are refused the second time, in every process of the site."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Engine, delete, insert
from sqlalchemy.exc import IntegrityError

from cds_service.store.database import writing
from cds_service.store.tables import seen_tokens

_KEPT_AFTER = timedelta(days=1)
"""How long a token is remembered after it expired: more than any leeway for clocks that differ."""


class ReplayLedger:
    """The tokens seen. `clock` only decides which of them are forgotten."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock

    def remember(self, iss: str, jti: str, expires_at: datetime) -> bool:
        """Keeps a token; False when it was there already. Raises StoreError: then refuse it."""
        long_expired = (self._clock() - _KEPT_AFTER).timestamp()
        token = sha256(f"{len(iss)}:{iss}{jti}".encode("utf-8", "surrogatepass")).hexdigest()
        row = {"token": token, "expires_at": int(expires_at.timestamp())}
        with writing(self._engine) as connection:
            connection.execute(delete(seen_tokens).where(seen_tokens.c.expires_at < long_expired))
            try:
                connection.execute(insert(seen_tokens).values(row))
            except IntegrityError:
                return False
        return True
