"""The coordinator's tasks, and the care plan they make up, as FHIR Task and CarePlan.

The tasks follow the profile `itb-task`. Whose texts these are, `coordination` knows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cds_service import CANONICAL_BASE
from cds_service.fhir.override_reasons import reason_display, reason_is_known, reason_system
from cds_service.guidance.wording import escape_markdown

Json = dict[str, Any]
TASK_PROFILE = f"{CANONICAL_BASE}/StructureDefinition/itb-task"
TOPICS = f"{CANONICAL_BASE}/CodeSystem/itb-card-topic"
URI_SYSTEM = "urn:ietf:rfc:3986"
PRIORITIES: Mapping[str, str] = {"critical": "stat", "warning": "urgent", "info": "routine"}
_OWNERS = ("Practitioner/", "PractitionerRole/", "Organization/", "CareTeam/")


@dataclass(frozen=True, slots=True)
class Said:
    """A person's words, or the service's own where nobody is named, and when."""

    text: str
    at: datetime
    who: str = ""


@dataclass(frozen=True, slots=True)
class TaskForm:
    """All that a Task says. `topic` is code and display, '' for work that no advice stands behind.

    `reason` is a code of an override reason, or words; `outcome` the words of what ended it, with
    its day.
    """

    id: str
    version: int
    patient_id: str
    status: str
    urgency: str
    description: str
    authored_on: datetime
    last_modified: datetime
    topic: tuple[str, str] = ("", "")
    words: str = ""
    plan_url: str = ""
    owner: str = ""
    until: date | None = None
    business_status: str = ""
    reason: str = ""
    notes: Sequence[Said] = ()
    outcome: tuple[str, date | None] = ("", None)


@dataclass(frozen=True, slots=True)
class PlanForm:
    """All that a CarePlan of the work says; `status` is that of FHIR."""

    patient_id: str
    status: str
    title: str
    description: str
    read_at: datetime | None
    plans: Sequence[str]
    task_ids: Sequence[str]
    notes: Sequence[Said]


def task_resource(form: TaskForm) -> Json:
    """The Task."""
    return _without_empty(
        {
            "resourceType": "Task",
            "id": form.id,
            "meta": {
                "versionId": str(form.version),
                "lastUpdated": _instant(form.last_modified),
                "profile": [TASK_PROFILE],
            },
            "identifier": [task_identifier(form.id)],
            "instantiatesCanonical": form.plan_url,
            "status": form.status,
            "statusReason": _reason(form.reason) if form.reason else None,
            "businessStatus": {"text": form.business_status} if form.business_status else None,
            "intent": "plan",
            "priority": PRIORITIES.get(form.urgency, "routine"),
            "code": _code(form),
            "description": form.description,
            "for": {"reference": f"Patient/{form.patient_id}"},
            "authoredOn": _instant(form.authored_on),
            "lastModified": _instant(form.last_modified),
            "owner": _owner(form.owner) if form.owner else None,
            "note": [_note(said) for said in form.notes],
            "restriction": {"period": {"end": form.until.isoformat()}} if form.until else None,
            "output": _output(*form.outcome),
        }
    )


def task_identifier(task_id: str) -> Json:
    """The business identifier of a task: the same wherever the task is copied to."""
    return {"system": URI_SYSTEM, "value": f"urn:uuid:{task_id}"}


def care_plan_resource(form: PlanForm) -> Json:
    """The CarePlan; one activity for each task, by reference."""
    return _without_empty(
        {
            "resourceType": "CarePlan",
            "id": form.patient_id,
            "instantiatesCanonical": list(form.plans),
            "status": form.status,
            "intent": "plan",
            "title": form.title,
            "description": form.description,
            "subject": {"reference": f"Patient/{form.patient_id}"},
            "created": _instant(form.read_at) if form.read_at else "",
            "activity": [
                {"reference": {"reference": f"Task/{task_id}"}} for task_id in form.task_ids
            ],
            "note": [_note(said) for said in form.notes],
        }
    )


def searchset(found: Sequence[Json], total: int, links: Mapping[str, str], address: str) -> Json:
    """One page of a search as a Bundle; `address` is the FHIR API's, without a slash at its end."""
    return _without_empty(
        {
            "resourceType": "Bundle",
            "type": "searchset",
            "total": total,
            "link": [{"relation": relation, "url": url} for relation, url in links.items()],
            "entry": [
                {
                    "fullUrl": f"{address}/{each['resourceType']}/{each['id']}",
                    "resource": each,
                    "search": {"mode": "match"},
                }
                for each in found
            ],
        }
    )


def _code(form: TaskForm) -> Json:
    code, display = form.topic
    coding = [_without_empty({"system": TOPICS, "code": code, "display": display})] if code else []
    return _without_empty({"coding": coding, "text": form.words or display})


def _reason(reason: str) -> Json:
    if not reason_is_known(reason):
        return {"text": reason}
    display = reason_display(reason)
    coding = {"system": reason_system(reason), "code": reason, "display": display}
    return {"coding": [coding], "text": display}


def _owner(owner: str) -> Json:
    """A reference where the person is known as a resource of the EHR, else what is known."""
    start = next((owner.find(kind) for kind in _OWNERS if kind in owner), -1)
    if start == 0 or (start > 0 and owner[start - 1] == "/"):
        return {"reference": owner}
    return {"type": "Practitioner", "identifier": {"value": owner}}


def _note(said: Said) -> Json:
    # The text of an Annotation is Markdown, and a person's words are not.
    text = escape_markdown(said.text, limit=len(said.text))
    return _without_empty({"authorString": said.who, "time": _instant(said.at), "text": text})


def _output(words: str, on: date | None) -> list[Json]:
    if not words or on is None:
        return []
    return [{"type": {"text": words}, "valueDate": on.isoformat()}]


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _without_empty(element: Json) -> Json:
    return {name: value for name, value in element.items() if value not in ("", [], None)}
