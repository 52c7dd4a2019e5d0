"""A whole copy of the database in its file, made while the service goes on."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from cds_service.errors import StoreError


def back_up(file: Path, copy: Path) -> None:
    """Copies the database as it stands at one moment. Raises StoreError; then there is no copy.

    Copying the files by hand could take the database from one moment and its log from another.
    """
    draft = copy.with_name(f"{copy.name}.part")
    try:
        _make(copy)
        try:
            _make(draft)
            _copy(file, draft)
            draft.replace(copy)
        except BaseException:
            copy.unlink(missing_ok=True)
            draft.unlink(missing_ok=True)
            raise
    except (OSError, sqlite3.Error) as fault:
        why = fault.strerror if isinstance(fault, OSError) else str(fault)
        raise StoreError(
            f"store: no copy was made at {copy} ({why}). Name a file that is not there yet, in a "
            "folder with space that you may write."
        ) from None


def _make(file: Path) -> None:
    """A new, empty file for the service alone; never one that is there already."""
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _copy(file: Path, draft: Path) -> None:
    source = sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True)
    with closing(source), closing(sqlite3.connect(draft)) as target:
        source.backup(target)
        # The copy is one file: what is put back must not look for a log beside it.
        target.execute("PRAGMA journal_mode=DELETE")
        (found,) = target.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(f"the copy is not whole: {found}")
    handle = os.open(draft, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
