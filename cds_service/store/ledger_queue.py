"""What hooks leave to be kept: into a local journal at once, into the database soon after.

A hook waits for no other process and no disk. What it left outlives its process: a kill loses
nothing, a loss of power at most what came in the last moments.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Condition, Lock, Thread
from typing import NamedTuple

import msgspec
from sqlalchemy import Engine, delete, insert, select

from cds_service.errors import RefusedRecordError, StoreError
from cds_service.store.audit_ledger import AuditLedger
from cds_service.store.card_ledger import AnsweredCall, CardLedger
from cds_service.store.database import reading, writing
from cds_service.store.journal import Journal, left_behind, new_journal
from cds_service.store.tables import store_keys

SECONDS_BETWEEN_WRITINGS = 0.25
MOST_WAITING = 10_000
_LONGEST_PAUSE = 30.0
_LARGEST_JOURNAL = 4 * 1024 * 1024


class AuditNote(msgspec.Struct, tag="audit", frozen=True):
    """One entry of the audit that no person made; `content` is an AuditEvent as JSON."""

    patient: str
    content: str
    at: datetime


class _KeptCall(msgspec.Struct, tag="call", frozen=True):
    call: AnsweredCall


_Record = AuditNote | _KeptCall
_ENCODER = msgspec.msgpack.Encoder()
_DECODER: msgspec.msgpack.Decoder[_Record] = msgspec.msgpack.Decoder(_Record)


class _Waiting(NamedTuple):
    """A record, the journal that holds it (None: memory alone), and where it ends in there."""

    record: _Record
    journal: Journal | None
    end: int


class LedgerQueue:
    """Takes records from many threads, and writes them in their order from one.

    Without a folder they wait in memory. `tell` hears why something could not be written.
    `taken_over` counts what was left by processes that died, `unreadable` what nobody can read.
    """

    def __init__(
        self, engine: Engine, cards: CardLedger, audit: AuditLedger, folder: Path | None
    ) -> None:
        self._engine = engine
        self._cards = cards
        self._audit = audit
        self._folder = folder
        self._journal: Journal | None = None
        self._removed: list[str] = []
        self._waiting: deque[_Waiting] = deque()
        self._changed = Condition()
        self._writing = Lock()
        self._thread: Thread | None = None
        self._is_closed = False
        self.tell: Callable[[StoreError], None] = lambda _: None
        self.taken_over = 0
        self.unreadable = 0

    def keep_call(self, call: AnsweredCall) -> None:
        """Takes an answered call. Raises StoreError when it cannot even be put aside."""
        self._take(_KeptCall(call))

    def keep_note(self, note: AuditNote) -> None:
        """Takes an entry of the audit. Raises StoreError when it cannot even be put aside."""
        self._take(note)

    def flush(self) -> None:
        """Writes all that waits, now. Raises StoreError."""
        with self._writing:
            while batch := self._batch():
                for written in self._write(batch):
                    self._forget(written)

    def take_over(self) -> None:
        """Writes what processes that died have left. Raises StoreError.

        `taken_over` and `unreadable` then count the records.
        """
        if self._folder is None:
            return
        try:
            for journal in left_behind(self._folder):
                left = list(self._left_in(journal))
                self.taken_over += sum(len(written) for written in self._write(left))
                self._remove(journal)
        except OSError as fault:
            raise StoreError(f"store: a journal cannot be read ({fault.strerror}).") from None

    def close(self) -> None:
        """Writes what waits, if the database lets it; what does not get there stays on the disk."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()
        with suppress(StoreError):
            self.flush()
            if self._journal is not None:
                self._remove(self._journal)
                self._journal = None
                self._commit([])

    def _left_in(self, journal: Journal) -> Iterator[_Waiting]:
        for end, record in journal.records(self._written_of(journal)):
            try:
                yield _Waiting(_DECODER.decode(record), journal, end)
            except msgspec.MsgspecError:
                self.unreadable += 1

    def _take(self, record: _Record) -> None:
        with self._changed:
            if len(self._waiting) >= MOST_WAITING:
                raise StoreError("store: too much waits to be written; the database takes nothing.")
            self._waiting.append(self._put_aside(record))
            if self._thread is None and not self._is_closed:
                self._thread = Thread(target=self._run, name="ledger", daemon=True)
                self._thread.start()
            if len(self._waiting) == 1:
                self._changed.notify_all()

    def _put_aside(self, record: _Record) -> _Waiting:
        if self._folder is None:
            return _Waiting(record, None, 0)
        try:
            if self._journal is None or self._journal.size > _LARGEST_JOURNAL:
                self._journal = new_journal(self._folder)
            return _Waiting(record, self._journal, self._journal.append(_ENCODER.encode(record)))
        except OSError as fault:
            raise StoreError(
                f"store: the journal cannot be written ({fault.strerror or fault}). "
                "Look at the free space and the rights of the store's folder."
            ) from None

    def _batch(self) -> list[_Waiting]:
        with self._changed:
            return list(self._waiting)

    def _run(self) -> None:
        pause = SECONDS_BETWEEN_WRITINGS
        while not self._is_closed:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_closed)
                # So that one transaction holds what comes in the meantime.
                self._changed.wait_for(lambda: self._is_closed, pause)
            try:
                self.flush()
                pause = SECONDS_BETWEEN_WRITINGS
            except StoreError as fault:
                pause = min(2 * pause, _LONGEST_PAUSE)
                self.tell(fault)

    def _write(self, batch: Sequence[_Waiting]) -> Iterator[Sequence[_Waiting]]:
        """Writes these together; one by one where the database never takes one of them.

        What is written, or never will be, comes back at once: if the next fails, it is not tried
        again.
        """
        try:
            self._commit(batch)
        except RefusedRecordError:
            for each in batch:
                try:
                    self._commit([each])
                except RefusedRecordError as fault:
                    self.tell(fault)
                yield [each]
        else:
            yield batch

    def _commit(self, batch: Sequence[_Waiting]) -> None:
        """Writes all or none, and with them how far each journal was written."""
        removed = list(self._removed)
        with writing(self._engine) as connection:
            calls = [each.record.call for each in batch if isinstance(each.record, _KeptCall)]
            self._cards.keep_all(connection, calls)
            for note in (each.record for each in batch if isinstance(each.record, AuditNote)):
                self._audit.append_in(connection, "", note.patient, note.content, note.at)
            ends = {each.journal.name: each.end for each in batch if each.journal is not None}
            gone = [*removed, *ends]
            if gone:
                connection.execute(delete(store_keys).where(store_keys.c.name.in_(gone)))
            for name, end in ends.items():
                connection.execute(insert(store_keys).values(name=name, value=str(end)))
        del self._removed[: len(removed)]

    def _forget(self, batch: Sequence[_Waiting]) -> None:
        """Takes what was written out of the queue, and the journals that hold nothing else."""
        with self._changed:
            for _ in batch:
                self._waiting.popleft()
            used = {self._journal, *(each.journal for each in self._waiting)}
        for journal in {each.journal for each in batch} - used:
            if journal is not None:
                self._remove(journal)

    def _remove(self, journal: Journal) -> None:
        journal.remove()
        self._removed.append(journal.name)

    def _written_of(self, journal: Journal) -> int:
        wanted = select(store_keys.c.value).where(store_keys.c.name == journal.name)
        with reading(self._engine) as connection:
            return int(connection.execute(wanted).scalar_one_or_none() or 0)
