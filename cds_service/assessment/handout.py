"""What a patient is handed: the texts that apply, the next refill, the visit; or why not.

Nothing is handed out that rests on something unread, undecided or already an emergency.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256

from cds_service.assessment.assess import Assessment, Rulebook
from cds_service.fhir.identity import Identity
from cds_service.guidance.plan import HANDOUT, PatientText, Plan, Urgency
from cds_service.guidance.wording import render
from cds_service.therapy.fact import Facts

NEEDED = frozenset(
    {
        "patient",
        "devices",
        "medicationAdministrations",
        "medicationRequests",
        "procedures",
        "observations",
        "appointments",
    }
)
"""The data behind the page: pump, last refill, dose, operation, alarms, booked visit."""

_REFILL = "itb-refill"


class Hindrance(StrEnum):
    """Why there is no page to hand out."""

    SWITCHED_OFF = "switched-off"
    DECEASED = "deceased"
    MERGED = "merged"
    NO_PUMP = "no-pump"
    PUMP_REMOVED = "pump-removed"
    OTHER_DRUG = "other-drug"
    NOT_READ = "not-read"
    REFUSED_RECORD = "refused-record"
    UNDECIDED = "undecided"
    NO_REFILL_DATE = "no-refill-date"
    ACT_FIRST = "act-first"
    VISIT_TOO_LATE = "visit-too-late"
    NO_IDENTITY = "no-identity"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason against the page; `what` is what it is about, '' where the reason says it all."""

    why: Hindrance
    what: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """Whom patients call, as the site says it; `hours` may be ''."""

    clinic: str
    phone: str
    hours: str
    emergency_number: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the page: heading, and Markdown with the facts filled in."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Handout:
    """The page. `refill_by` is the day the refill plan names; it may be today or past.

    `texts` is the plan with its version; `reviewed_on` '' while no clinician has reviewed it.
    """

    parts: tuple[Part, ...]
    refill_by: date
    visit: date | None
    texts: str
    reviewed_on: str

    def part(self, *names: str) -> Part | None:
        """The first part with one of these ids; None when none of them applies."""
        return next((part for part in self.parts if part.id in names), None)


def handout(
    found: Assessment, identity: Identity, rulebook: Rulebook
) -> Handout | tuple[Obstacle, ...]:
    """The page for the patient of an assessed record, or everything that stands against it."""
    plan = next((each for each in rulebook.clinical if each.id == HANDOUT), None)
    if plan is None:
        return (Obstacle(Hindrance.SWITCHED_OFF),)
    facts = found.findings.facts
    against = tuple(dict.fromkeys([*_of_patient(found, identity), *_of_data(found)]))
    if against:
        return against
    refill_by = _day(facts, "refill.targetDate")
    if refill_by is None:
        return (Obstacle(Hindrance.NO_REFILL_DATE, _because(facts, "refill.targetDate")),)
    undecided = tuple(_undecided(plan, facts))
    if undecided:
        return undecided
    chosen = [each for each in plan.patient_texts if _applies(each, facts)]
    return Handout(
        parts=tuple(Part(each.id, each.title, render(each.text, facts)[0]) for each in chosen),
        refill_by=refill_by,
        visit=_day(facts, "refill.bookedDate"),
        texts=plan.canonical,
        reviewed_on=plan.reviewed_on,
    )


def fingerprint(page: Handout, identity: Identity, site: Site) -> str:
    """A hash of all that the page says, but for who released it; other facts give another one."""
    said = {
        "parts": [asdict(part) for part in page.parts],
        "refill": page.refill_by.isoformat(),
        "visit": page.visit.isoformat() if page.visit else "",
        "texts": page.texts,
        "patient": [identity.patient_id, identity.name, identity.birth_date, identity.mrn],
        "site": asdict(site),
    }
    return sha256(json.dumps(said, sort_keys=True).encode("utf-8", "replace")).hexdigest()


def _of_patient(found: Assessment, identity: Identity) -> Iterator[Obstacle]:
    facts = found.findings.facts
    if found.record.is_deceased or identity.is_deceased:
        yield Obstacle(Hindrance.DECEASED)
        return
    if identity.is_merged:
        yield Obstacle(Hindrance.MERGED)
    if not identity.name or not identity.birth_date:
        yield Obstacle(Hindrance.NO_IDENTITY)
    if not found.has_pump:
        yield Obstacle(Hindrance.NO_PUMP)
        return
    if _is_true(facts, "therapy.stopped"):
        yield Obstacle(Hindrance.PUMP_REMOVED)
    elif _is_true(facts, "pump.holdsOtherDrug"):
        yield Obstacle(Hindrance.OTHER_DRUG)
    for advice in found.evaluation.recommended:
        if advice.action.urgency is Urgency.CRITICAL:
            yield Obstacle(Hindrance.ACT_FIRST, advice.summary)
    if _is_not_before(facts, "refill.bookedDaysAfterAlarm"):
        yield Obstacle(Hindrance.VISIT_TOO_LATE)


def _of_data(found: Assessment) -> Iterator[Obstacle]:
    for key, why in found.record.unread.items():
        if key in NEEDED:
            yield Obstacle(Hindrance.NOT_READ, f"{key}: {why}")
    for issue in found.record.issues:
        if issue.source in NEEDED:
            yield Obstacle(Hindrance.REFUSED_RECORD, f"{issue.reference}: {issue.problem}")
    for open_rung in found.evaluation.undecided:
        if open_rung.plan.id == _REFILL:
            for name, because in open_rung.missing:
                yield Obstacle(Hindrance.UNDECIDED, because or name)


def _undecided(plan: Plan, facts: Facts) -> Iterator[Obstacle]:
    """The texts of which cannot be told whether they belong on the page."""
    for each in plan.patient_texts:
        if each.condition is not None and each.condition.decide(facts) is None:
            missing = (_because(facts, name) for name in sorted(each.condition.facts))
            yield Obstacle(Hindrance.UNDECIDED, next((why for why in missing if why), each.title))


def _applies(text: PatientText, facts: Facts) -> bool:
    return text.condition is None or text.condition.decide(facts) is True


def _is_true(facts: Facts, name: str) -> bool:
    fact = facts.get(name)
    return fact is not None and fact.value is True


def _is_not_before(facts: Facts, name: str) -> bool:
    fact = facts.get(name)
    return fact is not None and isinstance(fact.value, int) and fact.value >= 0


def _because(facts: Facts, name: str) -> str:
    fact = facts.get(name)
    return fact.unknown_because if fact is not None else ""


def _day(facts: Facts, name: str) -> date | None:
    fact = facts.get(name)
    return fact.value if fact is not None and isinstance(fact.value, date) else None
