"""Opens the store: in a folder of the site, or in memory when the site names none."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import Engine, delete, insert, select

from cds_service.errors import SettingsError, StoreError
from cds_service.settings import StoreSettings
from cds_service.store.alert_ledger import AlertLedger
from cds_service.store.audit_ledger import AuditLedger
from cds_service.store.card_ledger import CardLedger
from cds_service.store.counts_ledger import CountsLedger
from cds_service.store.database import (
    POSTGRESQL,
    file_engine,
    memory_engine,
    reading,
    server_engine,
    writing,
)
from cds_service.store.feedback_ledger import FeedbackLedger
from cds_service.store.form_ledger import FormLedger
from cds_service.store.handout_ledger import HandoutLedger
from cds_service.store.ledger_queue import LedgerQueue
from cds_service.store.pseudonyms import FINGERPRINT, Pseudonyms, key_in, new_key
from cds_service.store.readings_ledger import ReadingsLedger
from cds_service.store.refresh_ledger import RefreshLedger
from cds_service.store.replay import ReplayLedger
from cds_service.store.retention import Retention
from cds_service.store.saved_views import SavedViews
from cds_service.store.schema import check_known, move, prepare, version_of
from cds_service.store.session_ledger import SessionLedger
from cds_service.store.tables import store_keys
from cds_service.store.told_refills import ToldRefills
from cds_service.store.work_ledger import WorkLedger

DATABASE_FILE = "itb-cds.sqlite3"
KEY_FILE = "itb-cds.key"

_DEFAULT = StoreSettings()
_TRIAL = "trial"
_MOST_TRIES = 20


@dataclass(frozen=True, slots=True)
class Store:
    """What is kept, and where: `file` is None in memory and on a server."""

    engine: Engine
    pseudonyms: Pseudonyms
    replay: ReplayLedger
    cards: CardLedger
    feedback: FeedbackLedger
    retention: Retention
    work: WorkLedger
    views: SavedViews
    counts: CountsLedger
    alerts: AlertLedger
    sessions: SessionLedger
    audit: AuditLedger
    readings: ReadingsLedger
    told_refills: ToldRefills
    refreshes: RefreshLedger
    forms: FormLedger
    queue: LedgerQueue
    handouts: HandoutLedger
    file: Path | None = None

    @property
    def kept_in(self) -> Literal["file", "server", "memory"]:
        """Where it is kept; what is in memory is lost at the end."""
        if self.file:
            return "file"
        return "server" if self.engine.dialect.name == POSTGRESQL else "memory"

    def problem(self) -> str:
        """Why nothing can be kept now; empty when all is well."""
        try:
            with writing(self.engine) as connection:
                # To begin is not enough: a full disk is found out by the write alone.
                connection.execute(delete(store_keys).where(store_keys.c.name == _TRIAL))
                connection.execute(insert(store_keys).values(name=_TRIAL, value=""))
            return ""
        except StoreError as fault:
            return str(fault)

    def close(self) -> None:
        """Writes what still waits, and lets go of the database."""
        self.queue.close()
        self.engine.dispose()


def open_store(
    folder: Path | None, clock: Callable[[], datetime], settings: StoreSettings = _DEFAULT
) -> Store:
    """The store in the folder, which is made when missing; in memory without one.

    `settings` say for how long things are kept.
    Raises SettingsError when the folder cannot be used, or holds another key than its database.
    """
    if folder is None:
        engine = _prepared(memory_engine(), key := Pseudonyms(new_key()))
        return _store(engine, key, clock, settings, None)
    engine, file = site_engine(folder, settings)
    pseudonyms = Pseudonyms(key_in(folder / KEY_FILE))
    try:
        store = _store(_prepared(engine, pseudonyms), pseudonyms, clock, settings, folder)
        store.queue.take_over()
        return replace(store, file=file)
    except StoreError as fault:
        named = f"store.folder: {file}" if file else "store.url: the database"
        raise SettingsError(f"{named} cannot be used. {fault}") from None


def site_engine(folder: Path, settings: StoreSettings) -> tuple[Engine, Path | None]:
    """The site's database as it stands, and its file where it is one. Raises SettingsError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if settings.url:
            return server_engine(settings.url, settings.password()), None
        file = folder / DATABASE_FILE
        file.touch(mode=0o600)
        return file_engine(file), file
    except OSError as fault:
        raise SettingsError(
            f"store.folder: {folder} cannot be made or written ({fault.strerror}), expected a "
            "folder that this service may write. Make it, or correct its rights."
        ) from None


@dataclass(frozen=True, slots=True)
class SiteDatabase:
    """The site's database as it stands, to be moved to another version. Methods: StoreError."""

    engine: Engine

    @classmethod
    def of(cls, folder: Path, settings: StoreSettings) -> "SiteDatabase":
        """The database that the settings name. Raises SettingsError."""
        return cls(site_engine(folder, settings)[0])

    def version(self) -> str | None:
        """Its version; None when it is empty."""
        with reading(self.engine) as connection:
            return version_of(connection)

    def upgrade(self) -> None:
        """Brings it to what this service works with."""
        with writing(self.engine) as connection:
            prepare(connection)

    def downgrade(self, version: str) -> None:
        """Takes it back to an older version, `base` for none; newer tables are lost."""
        with writing(self.engine) as connection:
            found = version_of(connection)
            if found is not None:
                check_known(found)
                move(connection, version)


def _prepared(engine: Engine, pseudonyms: Pseudonyms) -> Engine:
    """The engine, its tables made, and its hashes known to be of this key."""
    for _ in range(_MOST_TRIES - 1):
        # Another process may be making the tables right now: each try waits a while for it.
        with suppress(StoreError):
            return _with_tables(engine, pseudonyms)
    return _with_tables(engine, pseudonyms)


def _with_tables(engine: Engine, pseudonyms: Pseudonyms) -> Engine:
    with writing(engine) as connection:
        prepare(connection)
        found = select(store_keys.c.value).where(store_keys.c.name == FINGERPRINT)
        kept = connection.execute(found).scalar_one_or_none()
        if kept is None:
            connection.execute(
                insert(store_keys).values(name=FINGERPRINT, value=pseudonyms.fingerprint)
            )
    if kept not in (None, pseudonyms.fingerprint):
        raise SettingsError(
            f"store.folder: {KEY_FILE} is not the key that {DATABASE_FILE} was made with. Put the "
            "right key back from the backup, or move the database away and start a new one."
        )
    return engine


def _store(
    engine: Engine,
    pseudonyms: Pseudonyms,
    clock: Callable[[], datetime],
    settings: StoreSettings,
    folder: Path | None,
) -> Store:
    cards, audit = CardLedger(engine), AuditLedger(engine, pseudonyms.key)
    return Store(
        engine=engine,
        pseudonyms=pseudonyms,
        replay=ReplayLedger(engine, clock),
        cards=cards,
        feedback=FeedbackLedger(engine),
        retention=Retention(engine, settings),
        work=WorkLedger(engine, pseudonyms),
        views=SavedViews(engine),
        counts=CountsLedger(engine),
        alerts=AlertLedger(engine),
        sessions=SessionLedger(engine, pseudonyms.key),
        audit=audit,
        readings=ReadingsLedger(engine),
        told_refills=ToldRefills(engine),
        refreshes=RefreshLedger(engine),
        forms=FormLedger(engine, pseudonyms.key),
        queue=LedgerQueue(engine, cards, audit, folder),
        handouts=HandoutLedger(engine),
    )
