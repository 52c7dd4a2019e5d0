"""From an assessed record to the status that is kept of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from itertools import pairwise

from cds_service.coordination.status import Advice, Figures, PatientStatus
from cds_service.fhir.identity import Identity
from cds_service.guidance.cause import act_by, cause_of
from cds_service.guidance.evaluation import Evaluation, Recommendation, by_urgency
from cds_service.guidance.plan import COULD_NOT_CHECK, Plan, Urgency
from cds_service.guidance.wording import plain_lines
from cds_service.therapy.cycle import refill_history
from cds_service.therapy.fact import Facts
from cds_service.therapy.implants import since_implant
from cds_service.therapy.record import TherapyRecord
from cds_service.therapy.reservoir import left_on

_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Assessed:
    """What an assessment found in a patient's record."""

    has_pump: bool
    evaluation: Evaluation
    facts: Facts
    record: TherapyRecord


def status_of(
    identity: Identity,
    assessed: Assessed,
    plans: Iterable[Plan],
    thresholds: Mapping[str, Decimal],
    read_at: datetime,
) -> PatientStatus:
    """The status to keep. `read_at` is aware, in the site's zone: its date is today.

    `plans` are all that were asked, `thresholds` those in force.
    """
    versions = tuple((plan.id, plan.version) for plan in plans)
    recommended = assessed.evaluation.recommended
    return PatientStatus(
        identity=replace(identity, is_deceased=identity.is_deceased or assessed.record.is_deceased),
        read_at=read_at,
        has_pump=assessed.has_pump,
        advice=tuple(
            _advice(each, assessed.facts)
            for each in by_urgency(recommended)
            if each.action.topic != COULD_NOT_CHECK
        ),
        unchecked=_unchecked(assessed),
        figures=_figures(assessed, thresholds, read_at.date()),
        plans=versions,
        open_plans=_open_plans(assessed, [name for name, _ in versions]),
    )


def _advice(found: Recommendation, facts: Facts) -> Advice:
    action = found.action
    return Advice(
        plan=found.plan.id,
        version=found.plan.version,
        action=action.id,
        topic=action.topic,
        title=action.topic_display,
        urgency=action.urgency.value,
        summary=found.summary,
        detail=found.detail,
        cause=sha256(cause_of(found).encode("utf-8", "replace")).hexdigest(),
        act_by=act_by(found, facts),
        offers=tuple(suggestion.label for suggestion in action.suggestions),
        is_arranged=_is_arranged(found, facts),
    )


_BATTERY = "itb-battery"
_BOOKINGS = {"itb-refill": "refill.booked", _BATTERY: "battery.replacementDated"}


def _is_arranged(found: Recommendation, facts: Facts) -> bool:
    """Advice that only informs, of what is booked: it is booked in time.

    Of a refill it offers nothing either. A replacement dated too late is more than information, so
    there an offer is only for those who want another day.
    """
    booking = facts.get(_BOOKINGS.get(found.plan.id, ""))
    offers = bool(found.action.suggestions) and found.plan.id != _BATTERY
    only_informs = found.action.urgency is Urgency.INFO and not offers
    return only_informs and booking is not None and booking.value is True


def _unchecked(assessed: Assessed) -> tuple[str, ...]:
    told = assessed.facts.get("data.uncheckedList")
    if told is not None:
        return plain_lines(str(told.value or ""))
    record = assessed.record
    unread = [f"{key}: {why}" for key, why in record.unread.items()]
    return (*unread, *(f"{each.reference}: {each.problem}" for each in record.issues))


def _open_plans(assessed: Assessed, plans: list[str]) -> tuple[str, ...]:
    """The plans that something unread or undecided leaves open; a gap in the record leaves all."""
    if assessed.record.unread or assessed.record.issues:
        return tuple(plans)
    evaluation = assessed.evaluation
    undecided = {each.plan.id for each in evaluation.undecided}
    undecided |= {
        each.plan.id for each in evaluation.recommended if each.action.topic == COULD_NOT_CHECK
    }
    return tuple(plan for plan in plans if plan in undecided)


def _figures(assessed: Assessed, thresholds: Mapping[str, Decimal], today: date) -> Figures:
    """The figures; of a pump that was taken out only what has been."""
    facts = assessed.facts
    found = Figures(
        volume_ml=_volume(assessed, thresholds, today),
        last_fill=_day(facts, "refill.fillDate"),
        refill_by=_day(facts, "refill.targetDate"),
        alarm=_day(facts, "refill.alarmDate"),
        empty=_day(facts, "refill.emptyDate"),
        booked=_day(facts, "refill.bookedDate"),
        battery_eri=_day(facts, "battery.eriDate"),
        battery_eos=_day(facts, "battery.eosDate"),
        implanted=_day(facts, "battery.implantDate"),
        replacement=_day(facts, "battery.replacementDate"),
        removed=_day(facts, "therapy.stoppedDate"),
        assumptions=_assumptions(facts),
    )
    if found.removed is None:
        return found
    ahead = dict.fromkeys(("refill_by", "alarm", "empty", "battery_eri", "battery_eos"))
    return replace(found, **ahead, assumptions="")


def _assumptions(facts: Facts) -> str:
    found = facts.get("refill.assumptions")
    return str(found.value or "") if found else ""


def _volume(assessed: Assessed, thresholds: Mapping[str, Decimal], today: date) -> Decimal | None:
    """The volume left today, to a tenth; None where it is not known.

    Where the pump's own alarm date rules, it runs straight from the fill to the alarm volume, and
    from there to empty.
    """
    facts = assessed.facts
    if _day(facts, "therapy.stoppedDate") or _day(facts, "refill.alarmDate") is None:
        return None
    history = refill_history(since_implant(assessed.record), thresholds, today)
    filling = history.cycle.filling if history.cycle else None
    if filling is None:
        return None
    if facts["refill.isComputed"].value:
        ml = left_on(filling, today).over(filling.concentration).value
    else:
        ends = (
            (_day(facts, "refill.fillDate"), filling.volume.value),
            (_day(facts, "refill.alarmDate"), history.alarm_volume.volume.value),
            (_day(facts, "refill.emptyDate"), Decimal(0)),
        )
        found = _between([(day, ml) for day, ml in ends if day is not None], today)
        if found is None:
            return None
        ml = found
    return ml.quantize(_TENTH, ROUND_HALF_UP)


def _between(ends: list[tuple[date, Decimal]], today: date) -> Decimal | None:
    """The volume on the straight lines between the ends; 0 after the last if that is empty."""
    for (start, before), (end, after) in pairwise(ends):
        if start <= today <= end:
            days = (end - start).days
            share = Decimal((today - start).days) / days if days else Decimal(1)
            return before + share * (after - before)
    day, ml = ends[-1]
    return Decimal(0) if today > day and ml == 0 else None


def _day(facts: Facts, name: str) -> date | None:
    fact = facts.get(name)
    return fact.value if fact is not None and isinstance(fact.value, date) else None
