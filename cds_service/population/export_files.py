"""The files of a Bulk Data export: which kind of resource each holds, its lines, its manifest."""

import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from cds_service.errors import NotObtainedError

KEYS_OF = {
    "Patient": "patient",
    "Device": "devices",
    "MedicationAdministration": "medicationAdministrations",
    "Procedure": "procedures",
    "Observation": "observations",
    "Condition": "conditions",
    "MedicationRequest": "medicationRequests",
    "Appointment": "appointments",
    "ServiceRequest": "serviceRequests",
    "CarePlan": "carePlans",
}
"""The kinds of resource that are read, and the prefetch key each stands under."""

MEDICATION = "Medication"
OUTCOME = "OperationOutcome"
MANIFEST = "manifest.json"
LONGEST_LINE = 16 * 1024 * 1024

_KINDS = (*KEYS_OF, MEDICATION, OUTCOME)
_ENDINGS = (".ndjson", ".ndjson.gz")
_LARGEST_MANIFEST = 4 * 1024 * 1024
_BROKEN_OFF = (EOFError, OSError, zlib.error)


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file. `stamp` changes when it is written again."""

    path: Path
    kind: str
    stamp: tuple[int, int]

    def lines(self) -> Iterator[bytes | None]:
        """The lines that hold something, without their ends; None for one that is too long.

        Raises NotObtainedError when the file breaks off or was written meanwhile.
        """
        try:
            if _stamp(self.path) != self.stamp:
                raise _changed(self.path)
            opened = gzip.open if self.path.suffix == ".gz" else open
            with opened(self.path, "rb") as file:
                while line := file.readline(LONGEST_LINE):
                    if len(line) >= LONGEST_LINE:
                        _skip_to_end(file)
                        yield None
                    elif stripped := line.strip():
                        yield stripped
            if _stamp(self.path) != self.stamp:
                raise _changed(self.path)
        except _BROKEN_OFF:
            words = f"has a file that cannot be read to its end: {self.path.name}"
            raise NotObtainedError("broken-off", words) from None


@dataclass(frozen=True, slots=True)
class Export:
    """What a folder holds. `moment` is when its records were exported, as far as can be told.

    `kinds` are those that were exported, with or without any resource of them.
    """

    files: tuple[ExportFile, ...]
    kinds: frozenset[str]
    moment: datetime
    counts: dict[str, int] = field(default_factory=dict)

    def of(self, *kinds: str) -> list[ExportFile]:
        """The files of these kinds, in this order."""
        return [file for kind in kinds for file in self.files if file.kind == kind]


def export_in(folder: Path) -> Export:
    """What the folder holds now. Raises NotObtainedError when that is no export."""
    try:
        paths = sorted(each for each in folder.iterdir() if each.name.endswith(_ENDINGS))
        files = [ExportFile(path, kind, _stamp(path)) for path in paths if (kind := _kind(path))]
    except OSError:
        raise NotObtainedError("no-folder", "has an export folder that cannot be read") from None
    if not any(file.kind in KEYS_OF for file in files):
        raise NotObtainedError("no-export", "has no .ndjson file of patients in its export folder")
    manifest = _manifest(folder / MANIFEST)
    oldest = min(file.stamp[0] for file in files) / 1e9
    moment = _moment(manifest.get("transactionTime")) or datetime.fromtimestamp(oldest, UTC)
    kinds = {file.kind for file in files} | _asked_for(manifest)
    return Export(tuple(files), frozenset(kinds), moment, _counts(manifest))


def _kind(path: Path) -> str:
    """By a part of the file's name, as exports call them: `1.Patient.ndjson`, `Device-2.ndjson`."""
    parts = re.split(r"[._ -]", path.name)
    return next((part for part in parts if part in _KINDS), "")


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def _changed(path: Path) -> NotObtainedError:
    return NotObtainedError("changing", f"has a file that is being written just now: {path.name}")


def _skip_to_end(file: Any) -> None:
    while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
        continue


def _manifest(path: Path) -> dict[str, Any]:
    """What the server said of the export; nothing where it is not kept beside it."""
    try:
        if path.stat().st_size > _LARGEST_MANIFEST:
            return {}
        found = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _moment(text: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else None


def _asked_for(manifest: dict[str, Any]) -> set[str]:
    """The kinds that the export was to hold: those it named, or all when it named none."""
    asked = manifest.get("request")
    if not isinstance(asked, str):
        return set()
    try:
        named = parse_qs(urlsplit(asked).query).get("_type")
    except ValueError:
        return set()
    return set(",".join(named).split(",")) if named else set(_KINDS)


def _counts(manifest: dict[str, Any]) -> dict[str, int]:
    """How many resources of each kind the server says it gave, where it says so of every file."""
    counts: dict[str, int] = {}
    listed = manifest.get("output")
    for output in listed if isinstance(listed, list) else ():
        if not isinstance(output, dict) or not isinstance(output.get("type"), str):
            return {}
        if not isinstance(output.get("count"), int):
            return {}
        counts[output["type"]] = counts.get(output["type"], 0) + output["count"]
    return counts
