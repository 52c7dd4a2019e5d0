"""Each person's own views of the worklist, and what each looked for by name."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, insert, select, update

from cds_service.errors import ChangeRefusedError
from cds_service.store.database import reading, writing
from cds_service.store.work_rows import seconds
from cds_service.store.work_tables import saved_views, searches

LONGEST_NAME = 100
MOST_VIEWS = 50
SEARCH_KEPT = timedelta(hours=12)
MOST_SEARCHES = 100
"""Of one person at a time; the oldest go first."""

_BYTES = 24


@dataclass(frozen=True, slots=True)
class SavedView:
    """Filters under a name, as the query of an address; the default is what the list opens with."""

    name: str
    query: str
    is_default: bool = False


class SavedViews:
    """Keeps views and searches. Nobody gets to see another person's. Raises StoreError."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, owner: str) -> list[SavedView]:
        """A person's views, by name."""
        wanted = select(saved_views).where(saved_views.c.owner == owner)
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.order_by(saved_views.c.name)).all()
        return [SavedView(row.name, row.query, bool(row.is_default)) for row in rows]

    def save(self, owner: str, view: SavedView) -> None:
        """Keeps a view; one of the same name is replaced, another default is one no more.

        Raises ChangeRefusedError for a name that is empty or too long, and for too many views.
        """
        if not 0 < len(view.name) <= LONGEST_NAME:
            raise ChangeRefusedError("name", f"Give the view a name of 1 to {LONGEST_NAME} signs.")
        mine = saved_views.c.owner == owner
        with writing(self._engine) as connection:
            connection.execute(delete(saved_views).where(mine, saved_views.c.name == view.name))
            if view.is_default:
                connection.execute(update(saved_views).where(mine).values(is_default=0))
            names = connection.execute(select(saved_views.c.name).where(mine)).all()
            if len(names) >= MOST_VIEWS:
                raise ChangeRefusedError("many", f"You have {MOST_VIEWS} views. Delete one first.")
            row = {"owner": owner, "name": view.name, "query": view.query}
            connection.execute(insert(saved_views).values(**row, is_default=int(view.is_default)))

    def delete(self, owner: str, name: str) -> None:
        """Forgets a view, if there is one."""
        with writing(self._engine) as connection:
            is_this = (saved_views.c.owner == owner) & (saved_views.c.name == name)
            connection.execute(delete(saved_views).where(is_this))

    def keep_search(self, owner: str, text: str, at: datetime) -> str:
        """Keeps what somebody looks for; the id under which the same person finds it again."""
        search_id = secrets.token_urlsafe(_BYTES)
        mine = searches.c.owner == owner
        newest = select(searches.c.id).where(mine).order_by(searches.c.at.desc())
        with writing(self._engine) as connection:
            over = searches.c.at < seconds(at - SEARCH_KEPT)
            connection.execute(delete(searches).where(over))
            rest = connection.execute(newest.offset(MOST_SEARCHES - 1)).scalars().all()
            connection.execute(delete(searches).where(searches.c.id.in_(rest)))
            row = {"id": search_id, "owner": owner, "at": seconds(at), "text": text}
            connection.execute(insert(searches).values(row))
        return search_id

    def search(self, owner: str, search_id: str, now: datetime) -> str | None:
        """What was looked for; None when it was somebody else's, or is forgotten."""
        is_this = (searches.c.id == search_id) & (searches.c.owner == owner)
        lasts = searches.c.at >= seconds(now - SEARCH_KEPT)
        with reading(self._engine) as connection:
            found = select(searches.c.text).where(is_this, lasts)
            text: str | None = connection.execute(found).scalar_one_or_none()
            return text
