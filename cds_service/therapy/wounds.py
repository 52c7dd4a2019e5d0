"""Surgical wounds: the infection window, signs found, temperature, and wound checks."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from cds_service.therapy.calendar import add_days
from cds_service.therapy.cycle import Thresholds
from cds_service.therapy.fact import Fact, absent, known, unknown
from cds_service.therapy.implants import latest_surgery
from cds_service.therapy.quantities import plain
from cds_service.therapy.record import (
    Evidence,
    Reading,
    Surgery,
    TherapyRecord,
    Visit,
    VisitKind,
    VisitState,
)
from cds_service.therapy.signs import Sign, SignReading

NamedFacts = Iterator[tuple[str, Fact]]
_NO_SURGERY = "no operation on the pump system is recorded"

_SIGN_FACTS = {
    "drainage": (Sign.DRAINAGE, "drainage from an incision"),
    "discoloration": (Sign.DISCOLORATION, "skin discoloration over pump or back"),
    "swelling": (Sign.SWELLING, "swelling over pump or back"),
    "pain": (Sign.PAIN, "pain at incision or pump site"),
    "dehiscence": (Sign.DEHISCENCE, "wound dehiscence"),
    "exposedHardware": (Sign.EXPOSED_HARDWARE, "exposed pump or catheter"),
    "feverNoted": (Sign.FEVER, "fever"),
    "neckStiffness": (Sign.NECK_STIFFNESS, "neck stiffness"),
    "photophobia": (Sign.PHOTOPHOBIA, "photophobia"),
    "alteredMentalState": (Sign.ALTERED_MENTAL_STATE, "altered mental state"),
    "severeHeadache": (Sign.SEVERE_HEADACHE, "new severe headache"),
    "seizure": (Sign.SEIZURE, "seizure"),
    "positiveWoundCulture": (Sign.POSITIVE_WOUND_CULTURE, "positive wound culture"),
    "positiveCsfCulture": (Sign.POSITIVE_CSF_CULTURE, "positive CSF culture"),
}
_ASSESSED = frozenset(
    sign
    for sign, _ in _SIGN_FACTS.values()
    if sign not in (Sign.POSITIVE_WOUND_CULTURE, Sign.POSITIVE_CSF_CULTURE)
)
"""What a look at the patient tells; a culture is taken for a reason."""
_INCISION = (Sign.DISCOLORATION, Sign.SWELLING, Sign.DRAINAGE, Sign.PAIN)


def infection_facts(
    record: TherapyRecord, thresholds: Thresholds, today: date, now: datetime
) -> NamedFacts:
    """Every `surgery.*` and `infection.*` fact."""
    surgery = latest_surgery(record)
    yield from _surgery_facts(surgery, today)
    newest = newest_signs(record, thresholds, today)
    highest = highest_temperature(record, thresholds, now, today)
    yield from _sign_facts(record, newest)
    yield from _temperature_facts(record, highest)
    infections = record.device_infections
    yield "infection.deviceInfection", _read(record, "conditions", bool(infections), infections)
    words = [
        _words(name, newest[sign])
        for name, (sign, _) in _SIGN_FACTS.items()
        if _present(newest, sign)
    ]
    if highest is not None and highest.value is not None:
        words.append(f"temperature {plain(highest.value)} °C ({highest.when})")
    words += [f"diagnosis of device infection ({found.says})" for found in infections]
    yield "infection.signsFound", known(", ".join(words))
    yield "infection.signsNotAssessed", _not_assessed(record, newest, highest is not None)
    yield from _wound_check_facts(record, surgery, thresholds, today)


def _not_assessed(
    record: TherapyRecord, newest: dict[Sign, SignReading], has_temperature: bool
) -> Fact:
    """What nobody looked at or asked about: absent from the record is not absent."""
    for key in ("observations", "conditions"):
        if key in record.unread:
            return unknown(f"{key} could not be read")
    names = [
        words
        for sign, words in _SIGN_FACTS.values()
        if sign in _ASSESSED and sign not in newest and not (sign is Sign.FEVER and has_temperature)
    ]
    return known(", ".join(names))


def newest_signs(
    record: TherapyRecord, thresholds: Thresholds, today: date
) -> dict[Sign, SignReading]:
    """The newest reading of each sign in the look-back; of two on one day, the one present."""
    earliest = add_days(today, -int(thresholds["signLookBackDays"]))
    newest: dict[Sign, SignReading] = {}
    for reading in record.signs:
        if reading.when.last < earliest:
            continue
        known_already = newest.get(reading.sign)
        if known_already is None or supersedes(reading, known_already):
            newest[reading.sign] = reading
    return newest


def highest_temperature(
    record: TherapyRecord, thresholds: Thresholds, now: datetime, today: date
) -> Reading[Decimal] | None:
    """The highest temperature (degrees Celsius) in the look-back, or None when none was taken."""
    window = timedelta(hours=int(thresholds["temperatureLookBackHours"]))
    # Hours are counted in UTC: on the day the clocks change, local time counts one too many.
    earliest = now.astimezone(UTC) - window
    recent = [
        found
        for found in record.temperatures
        if found.value is not None
        and (
            found.when.instant >= earliest
            if found.when.instant is not None
            else found.when.last >= today - window
        )
    ]
    return max(
        recent,
        key=lambda found: (found.value, found.when.first, found.evidence.reference),
        default=None,
    )


def supersedes(reading: SignReading, other: SignReading) -> bool:
    """Whether the reading counts rather than the other.

    A later day wins, then a later time; where the order of a day is not told, presence wins.
    """
    if reading.when.last != other.when.last:
        return reading.when.last > other.when.last
    at, other_at = reading.when.instant, other.when.instant
    if at is not None and other_at is not None and at != other_at:
        return at > other_at
    if reading.present != other.present:
        return reading.present
    return reading.evidence.reference < other.evidence.reference


def _present(newest: dict[Sign, SignReading], sign: Sign) -> bool:
    return sign in newest and newest[sign].present


def _words(name: str, reading: SignReading) -> str:
    more = ", increasing" if reading.increasing else ""
    return f"{_SIGN_FACTS[name][1]} ({reading.when}{more})"


def _surgery_facts(surgery: Surgery | None, today: date) -> NamedFacts:
    yield "surgery.known", known(surgery is not None)
    if surgery is None:
        for name in ("kind", "date", "postoperativeDay", "postoperativeDayAtMost"):
            yield f"surgery.{name}", absent(_NO_SURGERY)
        return
    on = surgery.when.capped(today).last
    yield "surgery.kind", known(surgery.kind.value, *surgery.evidence)
    yield "surgery.date", known(on, *surgery.evidence)
    yield "surgery.postoperativeDay", known((today - on).days, *surgery.evidence)
    longest = (today - surgery.when.first).days
    yield "surgery.postoperativeDayAtMost", known(longest, *surgery.evidence)


def _sign_facts(record: TherapyRecord, newest: dict[Sign, SignReading]) -> NamedFacts:
    for name, (sign, _) in _SIGN_FACTS.items():
        reading = newest.get(sign)
        evidence = (reading.evidence,) if reading else ()
        yield f"infection.{name}", _read(record, "observations", _present(newest, sign), evidence)
    pain = newest.get(Sign.PAIN)
    increasing = pain is not None and pain.present and pain.increasing
    yield "infection.painIncreasing", _read(record, "observations", increasing, ())


def _temperature_facts(record: TherapyRecord, highest: Reading[Decimal] | None) -> NamedFacts:
    evidence = (highest.evidence,) if highest else ()
    yield "infection.temperatureTaken", _read(record, "observations", highest is not None, evidence)
    if highest is None or highest.value is None:
        yield "infection.highestTemperature", absent("no temperature was taken")
    else:
        yield "infection.highestTemperature", known(highest.value, highest.evidence)


def _read(record: TherapyRecord, key: str, found: bool, evidence: tuple[Evidence, ...]) -> Fact:
    """A finding; unknown instead of absent when its source could not be read."""
    if not found and key in record.unread:
        return unknown(f"{key} could not be read")
    return known(found, *evidence)


def _wound_check_facts(
    record: TherapyRecord, surgery: Surgery | None, thresholds: Thresholds, today: date
) -> NamedFacts:
    names = ("woundCheckDone", "woundCheckBooked", "woundCheckBookedDate", "windowEnd")
    if surgery is None:
        for name in (*names, "woundCheckFrom"):
            yield f"infection.{name}", absent(_NO_SURGERY)
        return
    on = surgery.when.capped(today).last
    first = add_days(on, int(thresholds["woundCheckFirstDay"]))
    last = add_days(on, int(thresholds["woundCheckLastDay"]))
    done = [*_visits(record, VisitState.FULFILLED, first, today), *_looks(record, first)]
    yield "infection.woundCheckDone", _read(record, "observations", bool(done), tuple(done))
    ahead = sorted(_visits(record, VisitState.BOOKED, today, last), key=_first_day)
    yield "infection.woundCheckBooked", known(bool(ahead), *ahead)
    if ahead and ahead[0].when:
        yield "infection.woundCheckBookedDate", known(ahead[0].when.first, ahead[0])
    else:
        yield "infection.woundCheckBookedDate", absent("no wound check is booked in time")
    end = add_days(on, int(thresholds["infectionWindowDays"]))
    yield "infection.windowEnd", known(end, *surgery.evidence)
    yield "infection.woundCheckFrom", known(first, *surgery.evidence)


def _first_day(found: Evidence) -> date:
    return found.when.first if found.when else date.max


def _visits(record: TherapyRecord, state: VisitState, first: date, last: date) -> list[Evidence]:
    return [
        visit.evidence
        for visit in record.visits
        if visit.kind is VisitKind.WOUND_CHECK and _is_within(visit, state, first, last)
    ]


def _is_within(visit: Visit, state: VisitState, first: date, last: date) -> bool:
    return visit.state is state and first <= visit.when.first <= last


def _looks(record: TherapyRecord, first: date) -> list[Evidence]:
    """Observations of an incision from that day on, present or absent: it was looked at."""
    return [
        reading.evidence
        for reading in record.signs
        if reading.was_examined and reading.sign in _INCISION and reading.when.last >= first
    ]
