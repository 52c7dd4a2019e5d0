"""The settings of the store: `[store]`, where it is kept and for how long."""

from dataclasses import dataclass
from pathlib import Path

from cds_service.settings.entry import Entry

MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where cards and feedback are kept; without a folder in memory, lost at the end.

    `comment_days`: how long users' comments are kept; they are free text and may name anybody.
    `ledger_days`: how long issued cards and their feedback are kept.
    """

    folder: Path | None = None
    comment_days: int = 90
    ledger_days: int = 730


def store_in(entry: Entry) -> StoreSettings:
    """The table `[store]`. Raises SettingsError."""
    keys = ("folder", "comment_days", "ledger_days")
    if not isinstance(entry.found, dict) or not set(entry.found) <= set(keys):
        raise entry.refused(f"a table with {', '.join(keys)}", "Write it as [store]")
    given = {key: Entry(entry.origin, f"store.{key}", found) for key, found in entry.found.items()}
    default = StoreSettings()
    days = {
        key: given[key].whole_number(1, MOST_DAYS) if key in given else getattr(default, key)
        for key in keys[1:]
    }
    return StoreSettings(_folder(given["folder"]) if "folder" in given else None, **days)


def _folder(entry: Entry) -> Path:
    named = entry.text("a folder's path", 'Write it like "/var/lib/itb-cds"')
    return Path(entry.origin).parent / named
