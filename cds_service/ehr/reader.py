"""Reads a FHIR server: several queries at once, one deadline for all of them."""

from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from threading import Lock
from time import monotonic
from urllib.parse import urlsplit

from cds_service.ehr.answers import checked
from cds_service.ehr.breaker import Breaker
from cds_service.ehr.call import NOT_IN_TIME, Call
from cds_service.ehr.web_client import Reply, WebClient
from cds_service.errors import NotObtainedError
from cds_service.fhir.decoding import Reading
from cds_service.fhir.pages import Pages
from cds_service.settings import Client

SECONDS_A_CALL = 1.0
MOST_PAGES = 50
LARGEST_ANSWER = 20 * 1024 * 1024
LARGEST_TOTAL = 50 * 1024 * 1024
AT_ONCE = 48
"""Readings under way in the whole process; further ones wait, and their time runs."""

_SECONDS_TO_TIDY_UP = 0.05
_SECONDS_TO_LOOK = 0.1
_TRIED_AGAIN = ("429", "502", "503", "504", "unreachable", "broken-off")
_NOT_ITS_FAULT = ("400", "401", "403", "404", "410", "422", "too-large", "foreign-link")


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

    def __init__(self, client: Client, pool: ThreadPoolExecutor, most_entries: int) -> None:
        self._pool = pool
        self._most_entries = most_entries
        self._web = WebClient(client.allow_private_network, client.ca_file)
        self._breakers = {server: Breaker() for server in client.fhir_servers}

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
            _Reading(self._web, token, call, budget).pages(
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
    """One query's way through its pages, with one second chance."""

    def __init__(self, web: WebClient, token: str | None, call: Call, budget: _Budget) -> None:
        self._web = web
        self._call = call
        self._budget = budget
        self._may_try_again = True
        self._headers = {"Accept": "application/fhir+json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def pages(self, url: str, kind: str, pages: Pages) -> None:
        following: str | None = url
        while following:
            if pages.number >= MOST_PAGES:
                raise NotObtainedError("too-large", f"has more than {MOST_PAGES} pages")
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
        self._call.begin(SECONDS_A_CALL)
        try:
            return self._web.get(url, self._headers, SECONDS_A_CALL, LARGEST_ANSWER)
        finally:
            self._call.end()

    def _is_worth_another_try(self, status: str, reply: Reply | None) -> bool:
        """Whether to ask once more; waits as long as the server wishes, when that is in time."""
        if status not in _TRIED_AGAIN or not self._may_try_again:
            return False
        self._may_try_again = False
        seconds = _retry_after(reply)
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
