"""The infection window, its signs and its follow-up; the service never uses it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from tests.oracle.expected import Expected, of_topic
from tests.oracle.pump_record import Sign, Temperature, Visit, earliest_booked

EMERGENCY, SIGNS, FOLLOW_UP = "itbInfectionEmergency", "itbInfectionSigns", "itbInfectionFollowUp"
LAST_DAY, CHECK_DUE, CHECK_COUNTS, CHECK_BY = 90, 10, 7, 14
PAIN_FROM, FEVER_FROM = 3, 2
SIGN_DAYS, FEVER_HOURS, FEVER = 14, timedelta(hours=72), Fraction(38)
LOCAL = ("incision-discoloration", "incision-swelling", "incision-drainage", "incision-pain")
MENINGITIS = (
    "neck-stiffness",
    "photophobia",
    "altered-mental-state",
    "severe-headache",
    "seizure",
)
ALONE = ("exposed-hardware", "wound-dehiscence", "positive-wound-culture", "positive-csf-culture")


@dataclass(frozen=True)
class WoundRecord:
    """All that bears on the infection ladder; surgery is the latest of any kind."""

    now: datetime
    surgery: date | None
    signs: tuple[Sign, ...] = ()
    temperatures: tuple[Temperature, ...] = ()
    has_device_infection: bool = False
    visits: tuple[Visit, ...] = ()


def wound_expected(record: WoundRecord) -> Expected:
    """The infection topic of this record, by section 9 of the design."""
    today = record.now.date()
    gap: bool | None = None if record.surgery is None else False
    day = (today - record.surgery).days if record.surgery else None
    present = signs_present(record.signs, today)
    has_fever = highest_temperature(record) >= FEVER
    if _is_emergency(present, has_fever, record.has_device_infection):
        return of_topic(EMERGENCY, gap)
    if _has_local_sign(present, day) or (has_fever and _fever_counts(day)):
        return of_topic(SIGNS, gap)
    return of_topic(FOLLOW_UP if _check_is_due(record, today, day) else None, gap)


def signs_present(signs: tuple[Sign, ...], today: date) -> set[str]:
    """Signs whose newest record of the last 14 days says present."""
    newest: dict[str, Sign] = {}
    for sign in sorted(signs, key=lambda s: s.day):
        if 0 <= (today - sign.day).days <= SIGN_DAYS:
            newest[sign.name] = sign
    return {name for name, sign in newest.items() if sign.present}


def highest_temperature(record: WoundRecord) -> Fraction:
    """The highest temperature of the last 72 hours, Celsius; 0 if none was taken."""
    earliest = record.now - FEVER_HOURS
    taken = [t.celsius for t in record.temperatures if earliest <= t.taken <= record.now]
    return max(taken, default=Fraction(0))


def _is_emergency(present: set[str], has_fever: bool, has_device_infection: bool) -> bool:
    with_fever = present & {"incision-drainage", *MENINGITIS}
    return has_device_infection or bool(present & set(ALONE)) or (has_fever and bool(with_fever))


def _has_local_sign(present: set[str], day: int | None) -> bool:
    pain_counts = day is None or day >= PAIN_FROM
    return any(name != "incision-pain" or pain_counts for name in present & set(LOCAL))


def _fever_counts(day: int | None) -> bool:
    return day is not None and FEVER_FROM <= day <= LAST_DAY


def _check_is_due(record: WoundRecord, today: date, day: int | None) -> bool:
    if record.surgery is None or day is None or not CHECK_DUE <= day <= LAST_DAY:
        return False
    counts_from = record.surgery + timedelta(days=CHECK_COUNTS)
    checked = any(
        v.kind == "wound-check" and v.status == "fulfilled" and counts_from <= v.day <= today
        for v in record.visits
    ) or any(counts_from <= s.day <= today for s in record.signs if s.name in LOCAL)
    booked = earliest_booked(record.visits, "wound-check", today)
    in_time = booked is not None and booked <= record.surgery + timedelta(days=CHECK_BY)
    return not checked and not in_time
