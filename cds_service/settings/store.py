"""The settings of the store: `[store]`, where it is kept and for how long."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cds_service.errors import SettingsError
from cds_service.settings.entry import Entry

MOST_DAYS = 3650
SERVER_SCHEME = "postgresql"

_DAYS = ("comment_days", "ledger_days", "audit_days", "left_days")


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where cards, feedback and work are kept; without a folder in memory, lost at the end.

    `url` names a PostgreSQL database, without a password; the folder then holds the key alone. The
    password stands in `password_file`, or in the variable of the environment that is named.
    `comment_days`: how long users' comments are kept; they are free text and may name anybody.
    `ledger_days`: how long issued cards and their feedback are kept; `audit_days`: the audit, six
    years where the site does not say otherwise. `left_days`: how long the work on a patient is kept
    after the patient left the cohort; None: for as long as the store stands.
    """

    folder: Path | None = None
    url: str = ""
    password_file: Path | None = None
    password_variable: str = ""
    comment_days: int = 90
    ledger_days: int = 730
    audit_days: int = 2192
    left_days: int | None = None

    def password(self, environment: Mapping[str, str] = os.environ) -> str:
        """The password of the database; '' when none is named. Raises SettingsError."""
        if self.password_variable:
            if not environment.get(self.password_variable):
                raise SettingsError(
                    f"store.password_variable: {self.password_variable} is not set, expected the "
                    "password in it. Set it where the service is started."
                )
            return environment[self.password_variable]
        if self.password_file is None:
            return ""
        try:
            return self.password_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise SettingsError(
                "store.password_file: found no file that can be read, expected one line with the "
                "password. Correct the file or its rights."
            ) from None


def store_in(entry: Entry) -> StoreSettings:
    """The table `[store]`. Raises SettingsError."""
    keys = (
        *("folder", "url", "password_file", "password_variable"),
        *_DAYS,
    )
    if not isinstance(entry.found, dict) or not set(entry.found) <= set(keys):
        raise entry.refused(f"a table with {', '.join(keys)}", "Write it as [store]")
    given = {key: Entry(entry.origin, f"store.{key}", found) for key, found in entry.found.items()}
    values: dict[str, Any] = {}
    for key in ("folder", "password_file"):
        if key in given:
            values[key] = _path(given[key])
    for key in _DAYS:
        if key in given:
            values[key] = given[key].whole_number(1, MOST_DAYS)
    if "url" in given:
        values["url"] = _url(given["url"])
    if "password_variable" in given:
        values["password_variable"] = given["password_variable"].text(
            "a variable's name", "Write it like 'ITB_CDS_STORE_PASSWORD'"
        )
    settings = StoreSettings(**values)
    if settings.url and settings.folder is None:
        raise Entry(entry.origin, "store.folder", None).refused(
            "a folder beside the url", "The key that hashes are made with is kept there"
        )
    return settings


def _path(entry: Entry) -> Path:
    named = entry.text("a path", 'Write it like "/var/lib/itb-cds"')
    return Path(entry.origin).parent / named


def _url(entry: Entry) -> str:
    expected = "the address of a PostgreSQL database without a password"
    remedy = "Write it like 'postgresql://itb_cds@db.example.org:5432/itb_cds'"
    text = entry.text(expected, remedy)
    try:
        parts = urlsplit(text)
        # A driver would take it from the query too.
        has_password = parts.password is not None or "password" in parse_qs(parts.query)
    except ValueError:
        raise Entry(entry.origin, entry.key, "something else").refused(expected, remedy) from None
    is_whole = parts.scheme == SERVER_SCHEME and parts.hostname and parts.path.strip("/")
    if not is_whole or has_password:
        # What was found may hold a password: it is not repeated.
        raise Entry(entry.origin, entry.key, "something else").refused(expected, remedy)
    return text
