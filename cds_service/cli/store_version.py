"""`itb-cds store`: which version the site's database has, and how it is moved to another."""

import sys
from argparse import Namespace

from cds_service.errors import InputError, SettingsError
from cds_service.settings import read_settings
from cds_service.store.open_store import SiteDatabase
from cds_service.store.schema import HEAD, VERSIONS

BASE = "base"


def store_version(options: Namespace) -> int:
    """Prints the version, or moves the database up or down; 0 when done."""
    settings = read_settings(options.config)
    if settings.store.folder is None:
        raise SettingsError(
            f"{settings.origin}: store.folder: found none, expected the folder of the store. There "
            "is no database to speak of without it."
        )
    database = SiteDatabase.of(settings.store.folder, settings.store)
    if options.act == "upgrade":
        database.upgrade()
    elif options.act == "downgrade":
        _downgrade(database, options.to, is_sure=options.yes)
    print(f"database {database.version() or 'empty'}; this service works with {HEAD}")
    return 0


def _downgrade(database: SiteDatabase, version: str | None, *, is_sure: bool) -> None:
    if version not in (*VERSIONS, BASE):
        raise InputError(f"--to: expected one of {', '.join((*VERSIONS, BASE))}.")
    if not is_sure:
        raise InputError(
            "A downgrade deletes the tables that the older version does not have, with all that is "
            "in them. Stop the service, make a backup, and say --yes."
        )
    database.downgrade(version)
    print(f"moved down to {version}; do not start this version of the service", file=sys.stderr)
