"""Reads a FHIR server: several queries at once, one deadline for all of them."""

from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from random import uniform
from threading import Lock
from time import monotonic
from typing import Protocol
from urllib.parse import urlsplit

from cds_service.ehr.answers import checked
from cds_service.ehr.breaker import Breaker
from cds_service.ehr.call import NOT_IN_TIME, Call
from cds_service.ehr.web_client import Reply, WebClient
from cds_service.errors import NotObtainedError
from cds_service.fhir.decoding import Reading
from cds_service.fhir.pages import Pages

LARGEST_ANSWER = 20 * 1024 * 1024
LARGEST_TOTAL = 50 * 1024 * 1024
AT_ONCE = 48
"""Readings under way in the whole process; further ones wait, and their time runs."""

_SECONDS_TO_TIDY_UP = 0.05
_SECONDS_TO_LOOK = 0.1
_TRIED_AGAIN = ("429", "502", "503", "504", "unreachable", "broken-off")
_NOT_ITS_FAULT = ("400", "401", "403", "404", "410", "422", "too-large", "foreign-link")


class FhirServers(Protocol):
    """The FHIR servers of one EHR, and where on the network they may be."""

    @property
    def fhir_servers(self) -> tuple[str, ...]:
        """Their base addresses; no other is ever read."""

    @property
    def allow_private_network(self) -> bool:
        """Whether they may be on the site's own network."""

    @property
    def ca_file(self) -> Path | None:
        """The site's own certificate authority."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient a reading is.

    A server that is overloaded and does not say for how long is given a pause where it
    `backs_off`, a longer one each time; elsewhere it is not asked again.
    """

    seconds_a_call: float = 1.0
    tries: int = 2
    backs_off: bool = False
    first_pause: float = 0.4
    most_pages: int = 50


IN_A_HOOK = Pace()
IN_BACKGROUND = Pace(seconds_a_call=5.0, tries=5, backs_off=True)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one query: the reading, and the word it is counted under."""

    reading: Reading
    status: str
    seconds: float


@dataclass(slots=True)
class _Budget:
    """What all queries of one hook call share."""

    ends_at: float
    bytes_left: int = LARGEST_TOTAL
    lock: Lock = field(default_factory=Lock)

    def take(self, size: int) -> None:
        with self.lock:
            self.bytes_left -= size
            if self.bytes_left < 0:
                raise NotObtainedError("too-large", "answered with more than can be read")


class EhrReader:
    """Reads the FHIR servers of one client."""

    def __init__(
        self,
        ehr: FhirServers,
        pool: ThreadPoolExecutor,
        most_entries: int,
        pace: Pace = IN_A_HOOK,
    ) -> None:
        self._pool = pool
        self._most_entries = most_entries
        self._pace = pace
        self._web = WebClient(ehr.allow_private_network, ehr.ca_file)
        self._breakers = {server: Breaker() for server in ehr.fhir_servers}

    def server(self, named: str) -> str | None:
        """The registered FHIR server that a request names; None when it is not registered."""
        return next((each for each in self._breakers if _same(each, named)), None)

    def read(
        self, server: str, token: str | None, queries: Mapping[str, str], seconds: float
    ) -> dict[str, Answer]:
        """The answer to each query, by key; it takes no longer than `seconds`.

        `server` is one of the client's; `token` goes to no other, and is not kept.
        """
        budget = _Budget(monotonic() + seconds)
        calls = {key: Call(budget.ends_at) for key in queries}
        tasks = {
            key: self._pool.submit(self._answer, server, query, token, calls[key], budget)
            for key, query in queries.items()
        }
        _await(tasks, calls, budget.ends_at)
        return {key: _result(tasks[key], seconds) for key in queries}

    def reachable(self, server: str, token: str | None, seconds: float) -> str:
        """How the server answers a question for its capabilities, in words."""
        answer = self.read(server, token, {"metadata": "metadata"}, seconds)["metadata"]
        return answer.reading.unread or "answers"

    def _answer(
        self, server: str, query: str, token: str | None, call: Call, budget: _Budget
    ) -> Answer:
        started = monotonic()
        breaker = self._breakers[server]
        pages = Pages(server, self._most_entries)
        status, unread = "200", ""
        try:
            if breaker.is_open:
                raise NotObtainedError("left-alone", "failed again and again, and is left alone")
            _Reading(self._web, token, call, budget, self._pace).pages(
                f"{server}/{query}", query.partition("?")[0].partition("/")[0], pages
            )
        except NotObtainedError as fault:
            in_time = not call.is_cut.is_set()
            status, unread = (fault.status, str(fault)) if in_time else ("timeout", NOT_IN_TIME)
        if status != "left-alone":
            breaker.note(status != "200" and status not in _NOT_ITS_FAULT)
        told = f"the EHR {unread}" if unread else ""
        if unread and pages.number:
            read = "page was" if pages.number == 1 else f"{pages.number} pages were"
            told = f"only the first {read} read, then {told}"
        return Answer(Reading(pages.together(), told), status, monotonic() - started)


class _Reading:
    """One query's way through its pages, with few second chances for all of them together."""

    def __init__(
        self, web: WebClient, token: str | None, call: Call, budget: _Budget, pace: Pace
    ) -> None:
        self._web = web
        self._call = call
        self._budget = budget
        self._pace = pace
        self._tried_again = 0
        self._headers = {"Accept": "application/fhir+json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def pages(self, url: str, kind: str, pages: Pages) -> None:
        following: str | None = url
        while following:
            if pages.number >= self._pace.most_pages:
                raise NotObtainedError("too-large", f"has more than {self._pace.most_pages} pages")
            body = self._page(following, kind)
            self._budget.take(len(body))
            following = pages.add(following, body)

    def _page(self, url: str, kind: str) -> bytes:
        while True:
            reply: Reply | None = None
            try:
                reply = self._get(url)
                return checked(reply, kind)
            except NotObtainedError as fault:
                if not self._is_worth_another_try(fault.status, reply):
                    raise

    def _get(self, url: str) -> Reply:
        self._call.begin(self._pace.seconds_a_call)
        try:
            return self._web.get(url, self._headers, self._pace.seconds_a_call, LARGEST_ANSWER)
        finally:
            self._call.end()

    def _is_worth_another_try(self, status: str, reply: Reply | None) -> bool:
        """Whether to ask once more; waits as long as the server wishes, when that is in time."""
        if status not in _TRIED_AGAIN or self._tried_again >= self._pace.tries - 1:
            return False
        self._tried_again += 1
        seconds = _retry_after(reply)
        if self._pace.backs_off:
            pause = self._pace.first_pause * 2.0 ** (self._tried_again - 1)
            # Never the same for all who were refused at one moment.
            seconds = max(seconds or 0.0, pause * uniform(0.5, 1.0))  # noqa: S311
        if seconds is None or monotonic() + seconds >= self._budget.ends_at:
            return False
        return not self._call.is_cut.wait(seconds)


def _retry_after(reply: Reply | None) -> float | None:
    """The seconds to wait; None when the server wants a wait and does not say how long."""
    stated = reply.headers.get("retry-after", "") if reply else ""
    if stated.isascii() and stated.isdigit():
        return float(stated[:9])
    if stated and reply:
        try:
            wanted = parsedate_to_datetime(stated)
            return max(0.0, (wanted - parsedate_to_datetime(reply.headers["date"])).total_seconds())
        except (ValueError, TypeError, KeyError, OverflowError):
            return None
    is_overloaded = reply is not None and reply.status in (429, 503)
    return None if is_overloaded else 0.0


def _await(tasks: Mapping[str, Future[Answer]], calls: Mapping[str, Call], ends_at: float) -> None:
    """Waits for all; a call whose own time is over is ended, and all of them at the deadline."""
    call_of = {task: calls[key] for key, task in tasks.items()}
    pending = set(call_of)
    while pending and (now := monotonic()) < ends_at:
        under_way = [call_of[task] for task in pending if not call_of[task].is_cut.is_set()]
        for call in under_way:
            if call.ends_at <= now:
                call.cut()
        next_end = min((call.ends_at for call in under_way if call.ends_at > now), default=ends_at)
        # A short while at most: a call that begins meanwhile ends sooner than was known before.
        _, pending = wait(pending, min(next_end - now, _SECONDS_TO_LOOK), FIRST_COMPLETED)
    for task in pending:
        task.cancel()
        call_of[task].cut()
    wait(pending, _SECONDS_TO_TIDY_UP)


def _result(task: Future[Answer], seconds: float) -> Answer:
    if task.done() and not task.cancelled():
        return task.result()
    return Answer(Reading(None, f"the EHR {NOT_IN_TIME}"), "timeout", seconds)


def _same(registered: str, named: str) -> bool:
    """Whether two base addresses are the same but for case of the host and a slash at the end."""
    try:
        one, other = urlsplit(registered), urlsplit(named.rstrip("/"))
        return (one.scheme, one.netloc.lower(), one.path, "", "") == (
            other.scheme,
            other.netloc.lower(),
            other.path,
            other.query,
            other.fragment,
        )
    except ValueError:
        return False
