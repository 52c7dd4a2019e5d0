"""`itb-cds store`: the site's database looked through, copied, or moved to another version."""

import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path

from cds_service.errors import InputError, SettingsError
from cds_service.settings import read_settings
from cds_service.settings.store import StoreSettings
from cds_service.store.backup import back_up
from cds_service.store.journal import left_in
from cds_service.store.open_store import DATABASE_FILE, KEY_FILE, SiteDatabase
from cds_service.store.pseudonyms import key_in
from cds_service.store.schema import HEAD, VERSIONS
from cds_service.store.soundness import Soundness, soundness

BASE = "base"
_FOUND_PROBLEMS = 1


def store(options: Namespace) -> int:
    """Does one act; 0 when done, 1 when the database is not as it should be."""
    settings = read_settings(options.config)
    folder = settings.store.folder
    if folder is None:
        raise SettingsError(
            f"{settings.origin}: store.folder: found none, expected the folder of the store. There "
            "is no database to speak of without it."
        )
    return _ACTS[options.act](folder, settings.store, options)


def _current(folder: Path, settings: StoreSettings, _: Namespace) -> int:
    return _say_version(SiteDatabase.of(folder, settings))


def _upgrade(folder: Path, settings: StoreSettings, _: Namespace) -> int:
    database = SiteDatabase.of(folder, settings)
    database.upgrade()
    return _say_version(database)


def _downgrade(folder: Path, settings: StoreSettings, options: Namespace) -> int:
    version = options.to
    if version not in (*VERSIONS, BASE):
        raise InputError(f"--to: expected one of {', '.join((*VERSIONS, BASE))}.")
    if not options.yes:
        raise InputError(
            "A downgrade deletes the tables that the older version does not have, with all that is "
            "in them. Stop the service, make a backup, and say --yes."
        )
    database = SiteDatabase.of(folder, settings)
    database.downgrade(version)
    print(f"moved down to {version}; do not start this version of the service", file=sys.stderr)
    return _say_version(database)


def _check(folder: Path, settings: StoreSettings, _: Namespace) -> int:
    _expect(folder, KEY_FILE)
    if not settings.url:
        _expect(folder, DATABASE_FILE)
    database = SiteDatabase.of(folder, settings)
    found = soundness(database.engine, key_in(folder / KEY_FILE))
    for problem in found.problems:
        print(f"problem: {problem}", file=sys.stderr)
    if found.problems:
        return _FOUND_PROBLEMS
    print(f"whole, version {HEAD}, made with the key of this folder")
    print(_in_words(found))
    if waiting := len(list(left_in(folder))):
        print(f"journals {waiting}: of a service that runs, or to be taken over at the next start")
    return 0


def _backup(folder: Path, settings: StoreSettings, options: Namespace) -> int:
    if settings.url:
        raise InputError(
            "The database is on a PostgreSQL server: copy it with pg_dump, and the key from "
            f"{folder / KEY_FILE}."
        )
    if not options.to:
        raise InputError("--to: expected the file that the copy is to be, not there yet.")
    _expect(folder, DATABASE_FILE)
    back_up(folder / DATABASE_FILE, Path(options.to))
    print(f"{options.to} is a whole copy. It holds names: keep it as you keep records.")
    print(f"The key is not in it: {folder / KEY_FILE}. Keep it apart; without it the copy is lost.")
    return 0


_ACTS: Mapping[str, Callable[[Path, StoreSettings, Namespace], int]] = {
    "current": _current,
    "check": _check,
    "backup": _backup,
    "upgrade": _upgrade,
    "downgrade": _downgrade,
}


def _expect(folder: Path, name: str) -> None:
    if not (folder / name).is_file():
        raise InputError(f"{folder}: found no {name}. Put it there; nothing was made in its place.")


def _say_version(database: SiteDatabase) -> int:
    print(f"database {database.version() or 'empty'}; this service works with {HEAD}")
    return 0


def _in_words(found: Soundness) -> str:
    first, last = found.audited or (None, None)
    span = f", {first:%-d %b %Y} to {last:%-d %b %Y}" if first and last else ""
    return (
        f"patients {found.patients}, tasks {found.tasks}, calls with cards {found.calls}, "
        f"entries of the audit {found.entries}{span}"
    )
