"""The coordinator's work as FHIR: /fhir/Task and /fhir/CarePlan, read and searched, never written.

It speaks of every patient: `work_readers` says who may read it, and each reading is written down.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any, Literal

import structlog
from flask import Blueprint, Response
from werkzeug.exceptions import Forbidden, NotFound, ServiceUnavailable

from cds_service.coordination.tasks import TaskState, WorkTask
from cds_service.coordination.work_resources import fhir_care_plan, fhir_task, state_on
from cds_service.errors import RequestError, StoreError
from cds_service.fhir.work_task import searchset
from cds_service.store.open_store import Store
from cds_service.store.work_ledger import WantedTasks
from cds_service.web.fhir_answer import check_format, fhir_answer, tagged_answer
from cds_service.web.fhir_paging import Paging, paging
from cds_service.web.json_answer import encoded
from cds_service.web.service import Service
from cds_service.web.work_readers import WorkReader, work_reader, write_down

SECONDS_TO_RETRY_AFTER = 10
MOST_VALUES = 100

_TASK_CRITERIA = ("patient", "subject", "owner", "status", "_id")
_CARE_PLAN_CRITERIA = ("patient", "subject", "_id")

_log = structlog.get_logger("itb_cds")

Criteria = Mapping[str, tuple[str, ...]]


def work_blueprint(service: Service) -> Blueprint:
    """GET /fhir/Task, /fhir/CarePlan, each with /{id}, and POST .../_search."""
    blueprint = Blueprint("fhir_work", __name__, url_prefix="/fhir")
    tasks, care_plans = _Tasks(service), _CarePlans(service)
    for kind, found in (("Task", tasks), ("CarePlan", care_plans)):
        rules: tuple[tuple[str, str, Callable[..., Response], str], ...] = (
            (f"/{kind}", "search", found.search, "GET"),
            (f"/{kind}/_search", "post", found.search, "POST"),
            (f"/{kind}/<logical_id>", "read", found.read, "GET"),
        )
        for rule, name, view, method in rules:
            blueprint.add_url_rule(rule, f"{kind}-{name}", view, methods=[method])
    return blueprint


class _Work:
    """What both kinds share: who may read, the store, the plans, the day."""

    kind = ""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._address = f"{service.settings.public_url}/fhir"
        self._plans = {plan.id: plan.url for plan in service.rulebook.plans}

    def read(self, logical_id: str) -> Response:
        """One resource, with its ETag."""
        store, reader = self._opened(), _kept(work_reader)
        found = _kept(lambda: self._one(store, logical_id))
        if found is None:
            raise NotFound(f"No such {self.kind}. See GET /fhir/{self.kind}.")
        self._check_own(store, reader, [_patient_of(found)])
        self._note(store, reader, [_patient_of(found)])
        body = encoded(found)
        return tagged_answer(body, sha256(body).hexdigest()[:32])

    def search(self) -> Response:
        """One page of those that meet the criteria, and that the caller may see."""
        store, reader, page = self._opened(), _kept(work_reader), paging()
        if reader.patient:
            self._check_own(store, reader, _kept(lambda: self._named(page)))
        found, total = _kept(lambda: self._some(store, page, reader.patient))
        self._note(store, reader, [_patient_of(each) for each in found])
        links = page.links(f"{self._address}/{self.kind}", total)
        return fhir_answer(searchset(found, total, links, self._address))

    def _opened(self) -> Store:
        check_format()
        if self._service.store is None:
            raise NotFound("This service keeps nothing.")
        return self._service.store

    def _note(
        self,
        store: Store,
        reader: WorkReader,
        patients: Sequence[str],
        outcome: Literal["done", "refused"] = "done",
    ) -> None:
        """Writes down who read of whom; what cannot be written down is not sent."""
        # An entry for each patient: who looks for a patient in the audit finds every reading.
        for patient_id in sorted(set(patients)) or [""]:
            act = reader.act(f"{self.kind} as FHIR", self._service.clock(), patient_id, outcome)
            _kept(partial(write_down, store.audit, self._service.settings.public_url, act))
        _log.info("work read as FHIR", kind=self.kind, role=reader.role, found=len(patients))

    def _check_own(self, store: Store, reader: WorkReader, patients: Sequence[str]) -> None:
        """Raises Forbidden when a session that one chart opened asks for another's."""
        others = [each for each in patients if reader.patient not in ("", each)]
        if others:
            self._note(store, reader, others, "refused")
            raise Forbidden("This session was opened from another patient's chart.")

    def _now(self) -> datetime:
        return self._service.clock().astimezone(self._service.settings.time_zone)

    def _named(self, page: Paging) -> Sequence[str]:
        """The patients whom the criteria name, by themselves or by an id of theirs."""
        raise NotImplementedError

    def _one(self, store: Store, logical_id: str) -> dict[str, Any] | None:
        raise NotImplementedError

    def _some(self, store: Store, page: Paging, only: str) -> tuple[Sequence[dict[str, Any]], int]:
        raise NotImplementedError


class _Tasks(_Work):
    kind = "Task"

    def _named(self, page: Paging) -> Sequence[str]:
        asked = _criteria(page, _TASK_CRITERIA)
        ids = asked.get("_id", ())
        named = self._opened().work.found(WantedTasks(ids=ids)) if ids else []
        return [*_patients(asked), *(task.patient_id for task in named)]

    def _one(self, store: Store, logical_id: str) -> dict[str, Any] | None:
        task = store.work.task(logical_id)
        return self._told(store, [task])[0] if task is not None else None

    def _some(self, store: Store, page: Paging, only: str) -> tuple[Sequence[dict[str, Any]], int]:
        asked = _criteria(page, _TASK_CRITERIA)
        wanted = WantedTasks(_patients(asked), asked.get("owner", ()), asked.get("_id", ()))
        states, today = _states(asked.get("status", ())), self._now().date()
        found = store.work.found(wanted)
        matches = [
            task
            for task in found
            if only in ("", task.patient_id) and (not states or state_on(task, today) in states)
        ]
        return self._told(store, page.part(matches)), len(matches)

    def _told(self, store: Store, tasks: Sequence[WorkTask]) -> list[dict[str, Any]]:
        histories = store.work.histories([task.id for task in tasks])
        today = self._now().date()
        return [fhir_task(task, histories[task.id], self._plans, today) for task in tasks]


class _CarePlans(_Work):
    kind = "CarePlan"

    def _named(self, page: Paging) -> Sequence[str]:
        asked = _criteria(page, _CARE_PLAN_CRITERIA)
        return [*_patients(asked), *asked.get("_id", ())]

    def _one(self, store: Store, logical_id: str) -> dict[str, Any] | None:
        kept = store.work.status(logical_id)
        if kept is None:
            return None
        return fhir_care_plan(kept, store.work.tasks(logical_id), self._plans, self._now())

    def _some(self, store: Store, page: Paging, only: str) -> tuple[Sequence[dict[str, Any]], int]:
        asked = _criteria(page, _CARE_PLAN_CRITERIA)
        named = _patients(asked) or asked.get("_id", ())
        if not named:
            raise RequestError("Search: a CarePlan is asked for by subject. Name the patient.")
        ids = asked.get("_id", named)
        seen = [each for each in dict.fromkeys(named) if each in ids and only in ("", each)]
        plans = [self._one(store, each) for each in seen]
        known = [plan for plan in plans if plan is not None]
        return page.part(known), len(known)


def _criteria(page: Paging, known: Sequence[str]) -> Criteria:
    """The values of each parameter; one of them must fit. Raises RequestError for another one."""
    asked: dict[str, tuple[str, ...]] = {}
    for name, text in page.criteria:
        values = tuple(part for part in text.split(",") if part)
        is_lawful = name in known and name not in asked and 0 < len(values) <= MOST_VALUES
        if not is_lawful:
            raise RequestError(
                f"Search: expected {', '.join(known)}, each once and with at most {MOST_VALUES} "
                "values; and _count, _offset, _format. Take away what is not among them."
            )
        asked[name] = values
    return asked


def _patients(asked: Criteria) -> tuple[str, ...]:
    if "patient" in asked and "subject" in asked:
        raise RequestError("Search: patient and subject mean the same. Send one of them.")
    named = asked.get("patient") or asked.get("subject") or ()
    return tuple(each.removeprefix("Patient/") for each in named)


def _states(named: Sequence[str]) -> frozenset[TaskState]:
    try:
        return frozenset(TaskState(each) for each in named)
    except ValueError:
        known = ", ".join(TaskState)
        raise RequestError(f"Search: status is one of {known}. Correct it.") from None


def _kept(ask: Callable[[], Any]) -> Any:
    """What the store gives; 503 in words when it gives nothing."""
    try:
        return ask()
    except StoreError as fault:
        _log.error("work could not be read", why=str(fault))
        raise ServiceUnavailable(
            "The store cannot be read now: what there is to do is not known. Try again.",
            retry_after=SECONDS_TO_RETRY_AFTER,
        ) from None


def _patient_of(resource: Mapping[str, Any]) -> str:
    """Of whom a Task or a CarePlan speaks."""
    subject = resource.get("for") or resource["subject"]
    return str(subject["reference"]).removeprefix("Patient/")
