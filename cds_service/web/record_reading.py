"""Assesses a patient by what a call carries, and by what the EHR gives where that lacks something.

First what the call carries is assessed. What the assessment says it did not get is asked of the
EHR, all at once; where only that shows a pump, the rest is asked as well. One deadline holds for
all of it.
"""

import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import urlsplit

import structlog

from cds_service.assessment import Assessment, Rulebook
from cds_service.cds_hooks.queries import query, templates
from cds_service.cds_hooks.request import HookRequest
from cds_service.ehr.reader import AT_ONCE, Answer, EhrReader
from cds_service.errors import RequiredDataMissingError
from cds_service.fhir.decoding import Reading, Sent
from cds_service.fhir.record import open_gate
from cds_service.settings import Client, Settings

Assess = Callable[[Mapping[str, Sent]], Assessment]
"""Assesses the patient of one call by the values of the prefetch keys."""

_SAFE_ID = re.compile(r"[A-Za-z0-9._-]{1,1024}", re.ASCII)
_LEAST_SECONDS = 0.1
_log = structlog.get_logger("itb_cds")


@dataclass(slots=True)
class Completed:
    """The values of the prefetch keys once the EHR was read, and what became of each reading."""

    prefetch: dict[str, Sent]
    answers: dict[str, Answer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Access:
    """The way to one patient's record; `why_not` says why there is none, although one was named."""

    reader: EhrReader | None = None
    server: str = ""
    token: str | None = field(default=None, repr=False)
    why_not: str = ""


class RecordReading:
    """Reads, for each trusted client, its own FHIR servers."""

    def __init__(self, settings: Settings, rulebook: Rulebook) -> None:
        self._seconds = settings.ehr_deadline_seconds
        self._site_codes = rulebook.site_codes
        pool = ThreadPoolExecutor(AT_ONCE, "ehr")
        self._readers = {
            client.name: EhrReader(client, pool, settings.most_entries)
            for client in settings.clients
            if client.fhir_servers
        }

    def assessed(
        self, hook: HookRequest, client: Client | None, assess: Assess
    ) -> tuple[Assessment, Completed]:
        """What was found for a patient, and how the record was completed.

        Raises RequiredDataMissingError when the EHR does not give either what nothing can be said
        without.
        """
        completed = Completed(dict(hook.prefetch))
        access = self._access(hook, client)
        if access is None or client is None:
            return assess(hook.prefetch), completed
        ends_at = monotonic() + self._seconds
        while True:
            found, lacking = self._attempt(completed.prefetch, assess)
            asked = {key: why for key, why in lacking.items() if key not in completed.answers}
            if not asked or access.why_not:
                break
            self._read(asked, access, client, hook.patient_id, completed, ends_at)
        if lacking and access.why_not:
            _note_not_read(hook, client, access.why_not)
            _say_why_not(completed.prefetch, lacking, access.why_not)
            found, _ = self._attempt(completed.prefetch, assess)
        return (found or assess(completed.prefetch)), completed

    def answers(
        self, hook: HookRequest, client: Client | None, queries: Mapping[str, str], ends_at: float
    ) -> dict[str, Answer]:
        """What the EHR of a call answers to other queries before `ends_at`.

        Empty where there is no access to it, or no time.
        """
        access = self._access(hook, client)
        seconds = ends_at - monotonic()
        # A server that is given no time must not count as one that failed.
        if access is None or access.reader is None or seconds < _LEAST_SECONDS:
            return {}
        return access.reader.read(access.server, access.token, queries, seconds)

    def _attempt(
        self, prefetch: Mapping[str, Sent], assess: Assess
    ) -> tuple[Assessment | None, Mapping[str, str]]:
        """What is found by now, and the keys that were not read, or not fully, each with why."""
        try:
            found = assess(prefetch)
        except RequiredDataMissingError:
            return None, open_gate(prefetch, self._site_codes).unread
        return found, {} if found.record.is_deceased else found.record.unread

    def _access(self, hook: HookRequest, client: Client | None) -> _Access | None:
        """How to read more; None when the call offers no way, as most calls do not."""
        reader = self._readers.get(client.name) if client else None
        if hook.fhir_server is None or client is None:
            return None
        server = reader.server(hook.fhir_server) if reader else None
        if reader is None or server is None:
            return _Access(why_not="this service may not read the FHIR server of the call")
        if not _SAFE_ID.fullmatch(hook.patient_id) or not hook.patient_id.strip("."):
            return _Access(why_not="the EHR cannot be asked for a patient with such an id")
        return _Access(reader, server, hook.access_token)

    def _read(
        self,
        asked: Mapping[str, str],
        access: _Access,
        client: Client,
        patient_id: str,
        completed: Completed,
        ends_at: float,
    ) -> None:
        queries = templates(client.dialect, client.templates)
        wanted = {key: query(queries[key], patient_id) for key in asked}
        assert access.reader  # noqa: S101
        seconds = max(0.0, ends_at - monotonic())
        answers = access.reader.read(access.server, access.token, wanted, seconds)
        completed.answers.update(answers)
        for key, answer in answers.items():
            completed.prefetch[key] = _better(completed.prefetch.get(key), answer.reading)


def _better(sent: Sent | None, read: Reading) -> Reading:
    """What was read; what was sent instead, when the EHR gave nothing at all."""
    if read.found is None and sent is not None and not isinstance(sent, Reading):
        return Reading(sent, f"not sent whole, and {read.unread}")
    return read


def _say_why_not(prefetch: dict[str, Sent], lacking: Mapping[str, str], why_not: str) -> None:
    for key, why in lacking.items():
        sent = prefetch.get(key)
        found = sent.found if isinstance(sent, Reading) else sent
        prefetch[key] = Reading(found, f"{why}, and {why_not}")


def _note_not_read(hook: HookRequest, client: Client, why: str) -> None:
    """Tells IT why a record was not completed."""
    try:
        host = urlsplit(hook.fhir_server or "").hostname
    except ValueError:
        host = None
    _log.warning(
        "EHR not read",
        hookInstance=hook.hook_instance,
        client=client.name,
        why=why,
        host=(host or "")[:200],
    )
