"""Reads all patients of the source, some at a time, and keeps what stands for each.

A reading that is cut off goes on where it stopped. Whoever could not be read is tried once more at
the end, and is then kept as that: the last good status stays, and grows stale.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import islice
from threading import Event, Thread
from uuid import uuid4

import structlog

from cds_service.assessment import Rulebook
from cds_service.coordination.status import PatientStatus
from cds_service.errors import AlreadyUnderWayError, NotObtainedError, StoreError
from cds_service.fhir.identity import Identity
from cds_service.population.reading import read_patient
from cds_service.population.source import PatientSource
from cds_service.store.open_store import Store
from cds_service.store.refresh_ledger import LEASE, Refresh, RefreshState
from cds_service.store.work_ledger import NO_CLIENTS
from cds_service.therapy.calendar import day_text

SECONDS_BETWEEN_SIGNS_OF_LIFE = LEASE.total_seconds() / 4
LARGEST_LOSS = 0.5
"""The share of the known patients that a new cohort may leave out before people must look at it."""

SMALLEST_LOSS = 3
"""So few patients may leave, if anybody stays: a short list is none to compare by shares."""

PAUSES_WHILE_BUSY = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds before the store is asked again to keep what was read: hooks go first."""

_log = structlog.get_logger("itb_cds")


@dataclass(frozen=True, slots=True)
class Manner:
    """How a refresh is done. `clients` names the EHRs whose patient ids these are.

    `lets_go`: takes off the list whoever the cohort leaves out, however many. `tell` hears how far
    it is, `is_over` ends it early.
    """

    at_once: int = 4
    clients: Sequence[str] = NO_CLIENTS
    lets_go: bool = False
    tell: Callable[[str], None] = lambda _: None
    is_over: Event = field(default_factory=Event)


def refresh(
    source: PatientSource,
    store: Store,
    rulebook: Rulebook,
    clock: Callable[[], datetime],
    manner: Manner | None = None,
) -> Refresh:
    """Reads everybody; how it ended, or how far it got when it was ended early.

    Raises AlreadyUnderWayError, StoreError.
    """
    run = _Run(source, store, rulebook, clock, manner or Manner())
    if not store.refreshes.take_lease(run.holder, clock()):
        raise AlreadyUnderWayError("Another process is reading the patients now.")
    try:
        return run.through()
    finally:
        store.refreshes.drop_lease(run.holder)


def reread(
    source: PatientSource,
    store: Store,
    rulebook: Rulebook,
    patient_id: str,
    now: datetime,
) -> bool:
    """Reads one patient anew and keeps it; False when the record could not be read.

    Raises StoreError.
    """
    status = _read(source, store, rulebook, patient_id, now)
    store.work.keep(status, now.astimezone(rulebook.time_zone).date())
    return not status.failure


class _Run:
    def __init__(
        self,
        source: PatientSource,
        store: Store,
        rulebook: Rulebook,
        clock: Callable[[], datetime],
        manner: Manner,
    ) -> None:
        self._source = source
        self._store = store
        self._ledger = store.refreshes
        self._rulebook = rulebook
        self._clock = clock
        self._manner = manner
        self.holder = uuid4().hex
        self._alive_at = clock()

    def through(self) -> Refresh:
        run = self._ledger.open_run(self._source.name, self._clock())
        is_resumed = run.number is not None
        try:
            if not is_resumed:
                self._find_cohort(run)
        except NotObtainedError as fault:
            return self._ended(run, RefreshState.FAILED, f"{self._source.name} {fault}")
        number = len(self._ledger.cohort(run.id))
        _log.info("reading patients", run=run.id, patients=number, resumed=is_resumed)
        self._pass(run, self._ledger.unread(run.id), number)
        failed = self._ledger.not_obtained(run.id)
        if failed and len(failed) < number:
            self._pass(run, failed, number)
        if self._ledger.unread(run.id) or self._manner.is_over.is_set():
            return self._ledger.latest() or run
        self._let_go(run)
        failed = self._ledger.not_obtained(run.id)
        if failed and len(failed) == number:
            why = self._why_unread(failed[0])
            return self._ended(run, RefreshState.FAILED, f"No record could be read. {why}")
        return self._ended(run, RefreshState.DONE, " ".join(self._source.remarks()))

    def _find_cohort(self, run: Refresh) -> None:
        """Keeps whom to read. Raises NotObtainedError when that cannot be told, or believed."""
        self._say("asking who the patients are")
        asked = _aside(self._source.cohort)
        while not asked.done():
            wait([asked], SECONDS_BETWEEN_SIGNS_OF_LIFE)
            self._is_still_ours()
        patients = list(dict.fromkeys(asked.result()))
        listed = [each for each, gone in self._store.work.known().items() if not gone]
        lost = len(set(listed) - set(patients))
        is_large = lost > SMALLEST_LOSS and lost > LARGEST_LOSS * len(listed)
        # Nobody at all is what a wrong search finds, however short the list.
        is_emptied = bool(listed) and not patients
        if (is_large or is_emptied) and not self._manner.lets_go:
            raise NotObtainedError(
                "cohort-shrank",
                f"names {len(patients)} patients, and {lost} of the {len(listed)} on the list are "
                "not among them. Nobody was taken off the list. Look at the cohort; if it is "
                "right, run `itb-cds refresh --let-go`",
            )
        self._ledger.set_cohort(run.id, patients)
        for each, gone in self._store.work.known().items():
            if gone and each in set(patients):
                self._store.work.note_gone(each, "", self._clock())

    def _pass(self, run: Refresh, patients: Sequence[str], number: int) -> None:
        """Reads these, several at once; what was read is kept by this thread alone.

        Threads that write for themselves would keep each other, and hooks, waiting.
        """
        waiting = iter(patients)
        done = number - len(patients)
        with ThreadPoolExecutor(self._manner.at_once, "refresh") as pool:
            under_way = self._begun(pool, waiting, set())
            while under_way:
                ended, under_way = wait(under_way, SECONDS_BETWEEN_SIGNS_OF_LIFE, FIRST_COMPLETED)
                read = [each.result() for each in ended]
                self._keep(run, [status for status in read if status])
                done += len(ended)
                self._manner.tell(f"record {done} of {number}")
                if self._is_still_ours():
                    under_way = self._begun(pool, waiting, under_way)

    def _begun(
        self,
        pool: ThreadPoolExecutor,
        waiting: Iterator[str],
        under_way: set[Future[PatientStatus | None]],
    ) -> set[Future[PatientStatus | None]]:
        """The readings under way, with as many more as there is room for."""
        room = 2 * self._manner.at_once - len(under_way)
        return under_way | {pool.submit(self._one, each) for each in islice(waiting, room)}

    def _one(self, patient_id: str) -> PatientStatus | None:
        if self._manner.is_over.is_set():
            return None
        return _read(self._source, self._store, self._rulebook, patient_id, self._clock())

    def _keep(self, run: Refresh, read: Sequence[PatientStatus]) -> None:
        # An export's records are of an earlier day; what is due counts from this one.
        today = self._clock().astimezone(self._rulebook.time_zone).date()
        for status in read:
            self._patiently(partial(self._store.work.keep, status, today, self._manner.clients))
        found = {status.identity.patient_id: not status.failure for status in read}
        self._patiently(lambda: self._ledger.note(run.id, found))

    def _patiently(self, write: Callable[[], object]) -> None:
        """Writes; while the store is busy with others, again and again for a while.

        Raises StoreError.
        """
        for seconds in PAUSES_WHILE_BUSY:
            try:
                write()
            except StoreError:
                self._manner.is_over.wait(seconds)
            else:
                return
        write()

    def _is_still_ours(self) -> bool:
        """Says that we are at work; False when we were taken for dead, or are to stop."""
        now = self._clock()
        if (now - self._alive_at).total_seconds() >= SECONDS_BETWEEN_SIGNS_OF_LIFE:
            self._alive_at = now
            if not self._ledger.take_lease(self.holder, now):
                raise AlreadyUnderWayError("Another process has taken over the reading.")
        return not self._manner.is_over.is_set()

    def _let_go(self, run: Refresh) -> None:
        """Takes off the list, with the reason, whoever the cohort does not name any more."""
        cohort = set(self._ledger.cohort(run.id))
        day = day_text(self._clock().astimezone(self._rulebook.time_zone).date())
        for patient_id, gone in self._store.work.known().items():
            if not gone and patient_id not in cohort:
                why = f"Not among the patients of {self._source.name} since {day}."
                self._store.work.note_gone(patient_id, why, self._clock())

    def _why_unread(self, patient_id: str) -> str:
        kept = self._store.work.status(patient_id)
        return kept.failure if kept else ""

    def _say(self, step: str) -> None:
        self._ledger.note_step(step)
        self._manner.tell(step)

    def _ended(self, run: Refresh, state: RefreshState, says: str) -> Refresh:
        ended = self._ledger.end(run.id, state, says, self._clock())
        level = _log.info if state is RefreshState.DONE else _log.error
        level("patients read", run=run.id, state=state.value, good=ended.good, failed=ended.failed)
        return ended


def _aside(ask: Callable[[], Sequence[str]]) -> Future[Sequence[str]]:
    """What is asked in a thread of its own, which keeps no process from ending."""
    answer: Future[Sequence[str]] = Future()

    def run() -> None:
        try:
            answer.set_result(ask())
        except BaseException as fault:  # noqa: BLE001
            answer.set_exception(fault)

    Thread(target=run, name="cohort", daemon=True).start()
    return answer


def _read(
    source: PatientSource, store: Store, rulebook: Rulebook, patient_id: str, now: datetime
) -> PatientStatus:
    here = now.astimezone(rulebook.time_zone)
    try:
        typed = store.readings.resources(patient_id)
        return read_patient(source, patient_id, rulebook, here, typed).status
    except Exception as fault:  # noqa: BLE001
        # One record that nobody foresaw must hide neither itself nor the others. Type only: the
        # text may quote the record.
        _log.error("a record could not be assessed", why=type(fault).__name__)
        why = f"The record could not be assessed ({type(fault).__name__}): tell hospital IT."
        return PatientStatus(Identity(patient_id, ""), here, failure=why)
