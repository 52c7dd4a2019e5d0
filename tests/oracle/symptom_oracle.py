"""Withdrawal, overdose and weakness, from the reference text; the service never uses it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

WITHDRAWAL, WITHDRAWAL_RISK = "itbWithdrawalSuspected", "itbWithdrawalRisk"
OVERDOSE, OVERDOSE_POSSIBLE = "itbOverdoseSuspected", "itbOverdosePossible"
WEAKNESS = "itbWeakness"
HOURS = timedelta(hours=72)
CHILD_BELOW, INCREASE_DAYS, REMOVED_DAYS = 18, 14, 14
SEEN_IN_WITHDRAWAL = ("sweating", "dizziness", "nausea", "seizure", "altered-mental-state")
SEEN_IN_OVERDOSE = ("drowsiness", "difficulty-standing", "seizure", "altered-mental-state")
CAN_STOP_DELIVERY = {
    "low-reservoir",
    "empty-reservoir",
    "eos",
    "motor-stall",
    "stopped-pump",
    "memory-error",
    "missed visit",
}
CAN_RAISE_DOSE = {"refill", "62368", "mri", "dose"}

Moment = datetime | date


@dataclass(frozen=True)
class Finding:
    """Something found, measured or done at a moment; a date where no time is recorded."""

    name: str
    at: Moment
    value: float = 1


@dataclass(frozen=True)
class SymptomStory:
    """A patient with a pump: its dates, what was done to it, and what was found."""

    now: datetime
    born: date | None
    filled: Moment
    alarm: date
    empty: date
    hindrances: frozenset[str] = frozenset()
    done: tuple[Finding, ...] = ()
    found: tuple[Finding, ...] = ()
    dose_was: int = 100
    dose_is: int = 100
    dose_day: date | None = None


def symptom_topics(story: SymptomStory) -> dict[str, str]:
    """Each topic that must be shown, with its indicator."""
    answers = (_withdrawal(story), _overdose(story), _weakness(story))
    return dict(answer for answer in answers if answer)


def is_recent(at: Moment, now: datetime) -> bool:
    """Seventy-two hours ago or later; of a bare date the whole day counts."""
    if isinstance(at, datetime):
        return now - at <= HOURS
    return at >= (now - HOURS).date()


def _newest(story: SymptomStory, name: str) -> Finding | None:
    told = [f for f in story.found if f.name == name and is_recent(f.at, story.now)]
    return max(told, key=lambda f: _instant(f.at), default=None)


def _instant(at: Moment) -> datetime:
    if isinstance(at, datetime):
        return at
    raise AssertionError("findings of a story have a time")


def _has(story: SymptomStory, *names: str) -> bool:
    newest = [_newest(story, name) for name in names]
    return any(f is not None and f.value > 0 for f in newest)


def _measured(story: SymptomStory, name: str) -> float | None:
    newest = _newest(story, name)
    return newest.value if newest else None


def _highest_temperature(story: SymptomStory) -> float:
    taken = [f.value for f in story.found if f.name == "temperature" and is_recent(f.at, story.now)]
    return max(taken, default=0)


def _withdrawal(story: SymptomStory) -> tuple[str, str] | None:
    stiff = _has(story, "spasticity-increased", "rigidity")
    itch = _has(story, "itching") and not _has(story, "rash")
    pain = _has(story, "severe-discomfort") or (_measured(story, "pain") or 0) >= 7
    fever = _has(story, "fever") or _highest_temperature(story) >= 37.5
    items = sum([stiff, itch, pain, fever, *(_has(story, s) for s in SEEN_IN_WITHDRAWAL)])
    risk = _delivery_at_risk(story)
    depleted = story.now.date() >= story.empty or "empty-reservoir" in story.hindrances
    if (
        (risk and items)
        or (items >= 3 and (stiff or itch))
        or _has(story, "seizure")
        or (_highest_temperature(story) >= 38.5 and stiff)
    ):
        return WITHDRAWAL, "critical"
    return (WITHDRAWAL_RISK, "warning") if depleted or items >= 2 else None


def _delivery_at_risk(story: SymptomStory) -> bool:
    if story.now.date() >= story.alarm or story.hindrances & CAN_STOP_DELIVERY:
        return True
    recent = [f for f in story.done if is_recent(f.at, story.now)]
    if any(f.name == "puncture" for f in recent):
        return True
    return any(f.name == "mri" and not _checked_after(story, f.at) for f in recent)


def _checked_after(story: SymptomStory, scan: Moment) -> bool:
    checks = [f.at for f in story.done if f.name in ("62367", "62368")]
    return any(_is_later(check, scan) for check in checks)


def _is_later(left: Moment, right: Moment) -> bool:
    if isinstance(left, datetime) and isinstance(right, datetime):
        return left > right
    return _day(left) > _day(right)


def _day(at: Moment) -> date:
    return at.date() if isinstance(at, datetime) else at


def _is_child(story: SymptomStory) -> bool:
    if story.born is None:
        return False
    today, birthday = story.now.date(), (story.born.month, story.born.day)
    years = today.year - story.born.year - ((today.month, today.day) < birthday)
    return years < CHILD_BELOW


def _is_below(story: SymptomStory, name: str, limit: float) -> bool:
    value = _measured(story, name)
    return value is not None and value < limit


def _score_fell(story: SymptomStory) -> bool:
    newest = _newest(story, "coma")
    if newest is None or newest.value >= 15:
        return False
    earlier = [f for f in story.found if f.name == "coma" and _instant(f.at) < _instant(newest.at)]
    compared = [f.value for f in earlier if is_recent(f.at, story.now)]
    old = [f for f in earlier if not is_recent(f.at, story.now)]
    if old:
        compared.append(max(old, key=lambda f: _instant(f.at)).value)
    return not compared or newest.value < max(compared)


def _overdose_signs(story: SymptomStory) -> tuple[int, bool]:
    """How many there are besides weakness, and whether one of them is grave."""
    adult = not _is_child(story)
    grave = [
        _has(story, "low pressure") or (adult and _is_below(story, "pressure", 90)),
        _has(story, "hypothermia") or _is_below(story, "temperature", 35),
        _has(story, "breathing-difficulty")
        or _is_below(story, "saturation", 92)
        or (adult and _is_below(story, "breaths", 10)),
        _has(story, "loss-of-consciousness"),
        _score_fell(story),
    ]
    return sum(grave) + sum(_has(story, s) for s in SEEN_IN_OVERDOSE), any(grave)


def _event_recent(story: SymptomStory) -> bool:
    moments: list[Moment] = [story.filled]
    moments += [f.at for f in story.done if f.name in CAN_RAISE_DOSE]
    if story.dose_day and story.dose_is != story.dose_was:
        moments.append(story.dose_day)
    return any(is_recent(at, story.now) for at in moments)


def _overdose(story: SymptomStory) -> tuple[str, str] | None:
    others, grave = _overdose_signs(story)
    weak, event = _has(story, "muscle-weakness"), _event_recent(story)
    together = others + weak
    if (event and others) or (together >= 2 and grave):
        return OVERDOSE, "critical"
    possible = (event and weak) or together >= 2 or grave
    return (OVERDOSE_POSSIBLE, "warning") if possible else None


def _weakness(story: SymptomStory) -> tuple[str, str] | None:
    others, _ = _overdose_signs(story)
    if others or _event_recent(story) or not _has(story, "muscle-weakness"):
        return None
    raised = story.dose_day is not None and story.dose_is > story.dose_was
    is_new = raised and (story.now.date() - (story.dose_day or date.min)).days <= INCREASE_DAYS
    return WEAKNESS, "warning" if is_new else "info"
