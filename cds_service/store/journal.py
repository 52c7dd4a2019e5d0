"""A local file that outlives its process: what must be kept, until the database has it.

Each process has a file of its own, held by a lock for as long as it lives. A file whose lock is
free was left by a process that died: whoever opens the store next takes over what is in it.
"""

import os
import secrets
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

_PATTERN = "journal-*.log"
_HEAD = struct.Struct(">II")
"""Length and checksum of what follows."""


class Journal:
    """Records one behind the other; `name` is the file's own, and never used again."""

    def __init__(self, file: Path) -> None:
        # Only where the store has a folder: systems without locks of this kind keep it in memory.
        import fcntl  # noqa: PLC0415

        self._file = file
        self._handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._handle)
            raise
        self.size = os.fstat(self._handle).st_size

    @property
    def name(self) -> str:
        """The file's name."""
        return self._file.name

    def append(self, record: bytes) -> int:
        """Writes one record; where it ends. Raises OSError, and then the record is not there."""
        framed = _HEAD.pack(len(record), zlib.crc32(record)) + record
        try:
            written = os.write(self._handle, framed)
            if written < len(framed):
                raise OSError("the disk is full")
        except OSError:
            # Half a record would hide every later one.
            os.ftruncate(self._handle, self.size)
            raise
        self.size += written
        return self.size

    def records(self, start: int) -> Iterator[tuple[int, bytes]]:
        """The whole records from `start` on, each with where it ends; half a last one is none."""
        content = os.pread(self._handle, self.size, 0)
        while len(content) - start >= _HEAD.size:
            length, checksum = _HEAD.unpack_from(content, start)
            record = content[start + _HEAD.size : start + _HEAD.size + length]
            if len(record) < length or zlib.crc32(record) != checksum:
                return
            start += _HEAD.size + length
            yield start, record

    def remove(self) -> None:
        """Deletes the file: the database has all of it."""
        self._file.unlink(missing_ok=True)
        os.close(self._handle)


def new_journal(folder: Path) -> Journal:
    """A new, empty journal in the folder. Raises OSError."""
    return Journal(folder / _PATTERN.replace("*", secrets.token_hex(8)))


def left_in(folder: Path) -> Iterator[Path]:
    """The files of all journals of the folder, whether their processes live or not."""
    return folder.glob(_PATTERN)


def left_behind(folder: Path) -> Iterator[Journal]:
    """The journals of processes that died. Raises OSError."""
    for file in sorted(left_in(folder)):
        try:
            yield Journal(file)
        except BlockingIOError:
            continue
