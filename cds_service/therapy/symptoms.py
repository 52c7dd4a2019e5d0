"""Signs, symptoms and vital signs of the last days: what was found, asked and absent, not asked.

Withdrawal and overdose share them. The newest reading of a sign decides; a diagnosis counts as one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from cds_service.therapy.calendar import When
from cds_service.therapy.cycle import Thresholds
from cds_service.therapy.fact import Fact, known, unknown
from cds_service.therapy.record import Evidence, Reading, TherapyRecord
from cds_service.therapy.signs import Sign, SignReading, Vital, VitalReading
from cds_service.therapy.wounds import supersedes

SOURCES = ("observations", "conditions")


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a symptom list: present True, asked and absent False, not assessed None."""

    name: str
    present: bool | None
    evidence: tuple[Evidence, ...] = ()
    told: str = ""

    @property
    def words(self) -> str:
        """The item as a card tells it, with the date."""
        when = max(
            (found.when for found in self.evidence if found.when),
            key=lambda found: found.last,
            default=None,
        )
        told = f"{self.name}, {self.told}" if self.told else self.name
        return f"{told} ({when})" if when else told


@dataclass(frozen=True, slots=True)
class Symptoms:
    """Everything read of the last days; `unread` tells why more may be there."""

    signs: dict[Sign, SignReading]
    vitals: dict[Vital, VitalReading]
    temperatures: tuple[Reading[Decimal], ...]
    unread: str

    def sign(self, sign: Sign) -> bool | None:
        """Whether the sign is present; None when nobody assessed it."""
        reading = self.signs.get(sign)
        return reading.present if reading else None

    def proofs(self, *signs: Sign) -> tuple[Evidence, ...]:
        """The records of those signs."""
        return tuple(self.signs[sign].evidence for sign in signs if sign in self.signs)


def happened_within(when: When, now: datetime, hours: int) -> bool:
    """True when it can have happened in the last hours, counted in UTC; the limit is inside.

    Of a record without a time of day the whole day counts: nothing recent is taken for old.
    """
    earliest = now.astimezone(UTC) - timedelta(hours=hours)
    if when.instant is not None:
        return when.instant >= earliest
    return when.last >= earliest.astimezone(now.tzinfo).date()


def symptoms(record: TherapyRecord, thresholds: Thresholds, now: datetime) -> Symptoms:
    """The newest reading of each sign and vital sign, and all temperatures, of the look-back."""
    hours = int(thresholds["symptomLookBackHours"])
    signs: dict[Sign, SignReading] = {}
    for reading in record.signs:
        if happened_within(reading.when, now, hours):
            known_already = signs.get(reading.sign)
            if known_already is None or supersedes(reading, known_already):
                signs[reading.sign] = reading
    vitals: dict[Vital, VitalReading] = {}
    for vital in record.vitals:
        if happened_within(vital.when, now, hours):
            known_vital = vitals.get(vital.vital)
            if known_vital is None or _order(vital) > _order(known_vital):
                vitals[vital.vital] = vital
    temperatures = tuple(
        found
        for found in record.temperatures
        if found.value is not None and happened_within(found.when, now, hours)
    )
    unread = next((key for key in SOURCES if key in record.unread), "")
    return Symptoms(signs, vitals, temperatures, f"{unread} could not be read" if unread else "")


def earlier_vitals(
    record: TherapyRecord, newest: VitalReading, now: datetime, hours: int
) -> list[Decimal]:
    """What the newest is compared with: all earlier in the look-back, and the last before it."""
    others = [found for found in record.vitals if found.vital is newest.vital]
    earlier = sorted((found for found in others if _order(found) < _order(newest)), key=_order)
    within = [found for found in earlier if happened_within(found.when, now, hours)]
    before = [found for found in earlier if not happened_within(found.when, now, hours)]
    return [found.value for found in (*before[-1:], *within)]


def _order(reading: VitalReading) -> tuple[object, ...]:
    """Later is greater; where the order is not told, the value of more concern comes last."""
    instant = reading.when.instant
    moment = instant.timestamp() if instant else float("inf")
    concern = reading.value if reading.vital is Vital.PAIN_SCORE else -reading.value
    return reading.when.last, moment, concern, reading.evidence.reference


def highest(found: Symptoms) -> Reading[Decimal] | None:
    """The highest temperature of the look-back."""
    return max(found.temperatures, key=_warmth, default=None)


def newest_temperature(found: Symptoms) -> Reading[Decimal] | None:
    """The newest temperature of the look-back; of two at one time the lower."""
    return max(
        found.temperatures,
        key=lambda reading: (
            reading.when.last,
            reading.when.instant.timestamp() if reading.when.instant else float("inf"),
            -(reading.value or 0),
            reading.evidence.reference,
        ),
        default=None,
    )


def _warmth(reading: Reading[Decimal]) -> tuple[Decimal, object, str]:
    return reading.value or Decimal(0), reading.when.first, reading.evidence.reference


def from_signs(found: Symptoms, name: str, *signs: Sign) -> Item:
    """An item told by any of these signs."""
    told = [found.sign(sign) for sign in signs]
    present = True if True in told else False if False in told else None
    return Item(name, present, found.proofs(*(s for s in signs if found.sign(s) is present)))


def measured(name: str, is_sign: bool, proof: Evidence, figure: str) -> Item:
    """An item told by a measurement; `figure` is what it showed, with its unit."""
    return Item(name, is_sign, (proof,), figure)


def any_of(name: str, *items: Item | None) -> Item:
    """One item told in several ways: present if any way says so, absent if one was looked at."""
    told = [item for item in items if item is not None]
    for wanted in (True, False):
        chosen = [item for item in told if item.present is wanted]
        if chosen:
            evidence = tuple(proof for item in chosen for proof in item.evidence)
            figures = ", ".join(item.told for item in chosen if item.told)
            return Item(name, wanted, evidence, figures)
    return Item(name, None)


def finding(present: bool, unread: str, evidence: Iterable[Evidence] = ()) -> Fact:
    """A finding; unknown instead of false when something that could show it was not read."""
    return unknown(unread) if unread and not present else known(present, *evidence)


def present_words(items: Iterable[Item]) -> str:
    """The items found, each with its date."""
    return "; ".join(item.words for item in items if item.present)


def absent_words(items: Iterable[Item]) -> str:
    """The items that somebody asked about or measured, and that were not there."""
    return "; ".join(item.words for item in items if item.present is False)


def not_assessed_words(items: Iterable[Item]) -> str:
    """The items nobody assessed."""
    return ", ".join(item.name for item in items if item.present is None)


def proofs(items: Iterable[Item]) -> tuple[Evidence, ...]:
    """The records of the items found."""
    return tuple(proof for item in items if item.present for proof in item.evidence)
