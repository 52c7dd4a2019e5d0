"""Whether a provider saw the patient in time; the service never uses it."""

from dataclasses import dataclass
from datetime import date

from tests.oracle.expected import Expected, of_topic
from tests.oracle.pump_record import Fill, Surgery, Visit, earliest_booked

TOPIC = "itbFollowUpVisit"
REMIND_AFTER, WARN_AFTER = 183, 365
SEEN_AT = ("follow-up-visit", "pump-check", "refill-visit")
BOOKABLE = ("follow-up-visit", "pump-check")


@dataclass(frozen=True)
class FollowUpRecord:
    """`other_days`: whatever else of the pump is dated. All fills took place in the clinic."""

    today: date
    surgeries: tuple[Surgery, ...] = ()
    fills: tuple[Fill, ...] = ()
    visits: tuple[Visit, ...] = ()
    other_days: tuple[date, ...] = ()


def follow_up_expected(record: FollowUpRecord) -> Expected:
    """S-37: a reminder after half a year without a visit, a warning after a year."""
    seen = [s.first for s in record.surgeries] + [f.first for f in record.fills]
    seen += [v.day for v in record.visits if v.kind in SEEN_AT and v.status == "fulfilled"]
    seen = [day for day in seen if day <= record.today]
    start = max(seen) if seen else min(record.other_days, default=None)
    if start is None:
        return of_topic(None, could_not_check=True)
    days = (record.today - start).days
    if days <= REMIND_AFTER:
        return of_topic(None, could_not_check=not seen)
    if days <= WARN_AFTER and _is_booked_in_time(record, start):
        return of_topic(None)
    return of_topic(TOPIC)


def _is_booked_in_time(record: FollowUpRecord, start: date) -> bool:
    booked = [
        day
        for kind in BOOKABLE
        if (day := earliest_booked(record.visits, kind, record.today)) is not None
    ]
    return bool(booked) and (min(booked) - start).days <= WARN_AFTER
