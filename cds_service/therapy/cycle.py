"""The running refill cycle: the last fill with its volume, concentration and doses.

First choice, then the fallbacks; where two records disagree, the one that empties the reservoir
earlier is used and the contradiction is reported.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cds_service.therapy.calendar import When, add_days, add_months, day_text
from cds_service.therapy.dosing import DoseEntry, Timeline, dose_steps, timeline
from cds_service.therapy.evidence import Value
from cds_service.therapy.implants import implanted_on, pump_in_place
from cds_service.therapy.quantities import (
    MicrogramsPerDay,
    MicrogramsPerMillilitre,
    Millilitres,
)
from cds_service.therapy.record import (
    DataIssue,
    DoseSource,
    DoseStatement,
    Evidence,
    Fill,
    Reading,
    TherapyRecord,
)
from cds_service.therapy.reservoir import Filling, reaches

Thresholds = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class AlarmVolume:
    """The programmed low-reservoir alarm volume, or the assumed one."""

    volume: Millilitres
    evidence: Evidence | None

    @property
    def is_assumed(self) -> bool:
        """True when the programmed volume is not recorded."""
        return self.evidence is None


@dataclass(frozen=True, slots=True)
class Cycle:
    """The last fill and what is known of it; `filling` is None when something is `missing`.

    `latest_filling` is the same fill on the latest day a partial date can mean. `known_until` is
    the day from which the dose is not known any more: only what came before it can be computed.
    """

    fill: Fill
    is_assumed: bool
    concentration: MicrogramsPerMillilitre | None
    concentration_is_assumed: bool
    dose_now: MicrogramsPerDay | None
    filling: Filling | None
    latest_filling: Filling | None
    known_until: date | None
    missing: tuple[str, ...]
    assumptions: tuple[str, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class RefillHistory:
    """What the record says about filling and dosing since the implant."""

    cycle: Cycle | None
    dosing: Timeline
    alarm_volume: AlarmVolume
    conflicts: tuple[DataIssue, ...]


def refill_history(record: TherapyRecord, thresholds: Thresholds, today: date) -> RefillHistory:
    """The cycle that runs today; `cycle` None when no fill is known."""
    fills = _last_day(_without_late_charges(record.fills, int(thresholds["sameFillDays"])))
    is_assumed = not fills
    if is_assumed:
        fills = _implant_as_fill(record, thresholds, today)
    statements = [*record.dose_statements, *_rates(record.fills)]
    lowest = MicrogramsPerDay(thresholds["lowestDailyDose"])
    dosing = timeline(statements, lowest, MicrogramsPerDay(thresholds["highestDailyDose"]))
    alarm_volume = _alarm_volume(record, thresholds)
    resolver = _Resolver(record, thresholds, dosing, today)
    cycles = [resolver.cycle(fill, is_assumed) for fill in fills]
    conflicts = list(dict.fromkeys([*dosing.conflicts, *resolver.conflicts]))
    cycle = cycles[0] if cycles else None
    if len(cycles) > 1:
        cycle = min(cycles, key=lambda found: _alarm_day(found, alarm_volume))
        conflicts.append(_several_fills(fills))
    return RefillHistory(cycle, dosing, alarm_volume, tuple(conflicts))


def fill_before(
    record: TherapyRecord, thresholds: Thresholds, dosing: Timeline, day: date
) -> Cycle | None:
    """The last fill before a day, with what was known of it before that day; None without one."""
    told = _without_late_charges(record.fills, int(thresholds["sameFillDays"]))
    earlier = _last_day(tuple(fill for fill in told if fill.when.last < day))
    if not earlier:
        return None
    resolver = _Resolver(record, thresholds, dosing, add_days(day, -1))
    cycles = [resolver.cycle(fill, is_assumed=False) for fill in earlier]
    alarm_volume = _alarm_volume(record, thresholds)
    return min(cycles, key=lambda found: _alarm_day(found, alarm_volume))


class _Resolver:
    """Finds volume, concentration and doses of a fill; collects contradictions.

    What was read after the day `until` belongs to a later fill.
    """

    def __init__(
        self, record: TherapyRecord, thresholds: Thresholds, dosing: Timeline, until: date
    ) -> None:
        self.record, self.thresholds, self.dosing, self.until = record, thresholds, dosing, until
        self.conflicts: list[DataIssue] = []

    def cycle(self, fill: Fill, is_assumed: bool) -> Cycle:
        concentration, strength, is_last_known = self._concentration(fill)
        volume, measured = self._volume(fill, concentration)
        dosing = dose_steps(self.dosing.entries, fill.when.first)
        late = dose_steps(self.dosing.entries, fill.when.capped(self.until).last)
        dose_now = dosing.steps[-1].dose if dosing.steps and not dosing.refused_on else None
        names = {
            "volume filled": volume,
            "drug concentration": concentration,
            "daily dose": dose_now,
        }
        filling = latest = None
        if volume and concentration and dosing.steps and late.steps:
            filling = Filling(volume, concentration, dosing.steps)
            latest = Filling(volume, concentration, late.steps)
        evidence = [fill.evidence, *measured, *strength]
        return Cycle(
            fill,
            is_assumed,
            concentration,
            is_last_known,
            dose_now,
            filling,
            latest,
            dosing.refused_on,
            tuple(name for name, value in names.items() if not value),
            (*_strength_assumed(strength, is_last_known), *_dose_assumed(dosing.entries, fill)),
            tuple(dict.fromkeys([*evidence, *(entry.evidence for entry in dosing.entries)])),
        )

    def _concentration(
        self, fill: Fill
    ) -> tuple[MicrogramsPerMillilitre | None, tuple[Evidence, ...], bool]:
        """The strength administered, else the newest read in this cycle, else the last known.

        The last is True for the last known: it was read before this fill, and the drug may have
        been changed since.
        """
        if fill.concentration and self._is_plausible(fill.concentration, fill.evidence):
            return fill.concentration, (), False
        for reading in _newest_first(self.record.concentrations):
            if reading.when.last < fill.when.first:
                break
            if reading.when.first > max(self.until, fill.when.last):
                continue
            if reading.value is not None and self._is_plausible(reading.value, reading.evidence):
                return reading.value, (reading.evidence,), False
            return None, (reading.evidence,), False
        if fill.concentration:
            return None, (), False
        return self._last_known(fill)

    def _last_known(
        self, fill: Fill
    ) -> tuple[MicrogramsPerMillilitre | None, tuple[Evidence, ...], bool]:
        """The concentration before this fill, unless a bridge bolus shows that it was changed."""
        if any(
            bolus.value and _not_before(bolus.when, fill) for bolus in self.record.bridge_boluses
        ):
            return None, (), False
        told = [(found.when, found.value, found.evidence) for found in self.record.concentrations]
        told += [(found.when, found.concentration, found.evidence) for found in self.record.fills]
        known = [(when, value, proof) for when, value, proof in told if value is not None]
        earlier = [entry for entry in known if entry[0].last < fill.when.first]
        newest = max((entry[0].last for entry in earlier), default=None)
        last = [(value, proof) for when, value, proof in earlier if when.last == newest]
        if len({value for value, _ in last}) != 1 or not self._is_plausible(*last[0]):
            return None, (), False
        value, proof = last[0]
        rung = "last known, from before this fill"
        assumed = Evidence(proof.reference, f"drug concentration {value}", proof.when, rung)
        return value, (assumed,), True

    def _is_plausible(self, found: MicrogramsPerMillilitre, evidence: Evidence) -> bool:
        lowest = MicrogramsPerMillilitre(self.thresholds["lowestConcentration"])
        highest = MicrogramsPerMillilitre(self.thresholds["highestConcentration"])
        if lowest <= found <= highest:
            return True
        problem = f"a concentration of {found} is outside {lowest} to {highest} and is not used"
        self._report(evidence, problem)
        return False

    def _volume(
        self, fill: Fill, concentration: MicrogramsPerMillilitre | None
    ) -> tuple[Millilitres | None, list[Evidence]]:
        volume = fill.volume
        if volume is None and fill.amount is not None and concentration is not None:
            volume = fill.amount.over(concentration)
        evidence: list[Evidence] = []
        observed = self._observed_volume(fill)
        if observed is not None and observed.value is not None:
            evidence.append(observed.evidence)
            if volume is not None and volume != observed.value:
                problem = (
                    f"the fill of {fill.when} is recorded as {volume} and as {observed.value}; "
                    "the smaller is used"
                )
                self._report(fill.evidence, problem)
                volume = min(volume, observed.value)
            volume = volume or observed.value
        if volume is None or not self._can_be(volume, fill):
            return None, evidence
        return volume, evidence

    def _observed_volume(self, fill: Fill) -> Reading[Millilitres] | None:
        """The fill-volume reading of the fill day, else the first one after it."""
        later = [
            (found.when.first, found.value, found)
            for found in self.record.fill_volumes
            if found.value is not None
            and _not_before(found.when, fill)
            and found.when.first <= max(self.until, fill.when.last)
        ]
        return min(later, key=lambda found: found[:2])[2] if later else None

    def _can_be(self, volume: Millilitres, fill: Fill) -> bool:
        """False for no volume; one above the reservoir's size is used, and reported."""
        capacity = capacity_of(self.record)
        if volume.value <= 0:
            self._report(fill.evidence, f"a fill of {volume} cannot be and is not used")
            return False
        if capacity is not None and volume > capacity:
            problem = f"a fill of {volume} is recorded for a reservoir of {capacity}: check both"
            self._report(fill.evidence, problem)
        return True

    def _report(self, evidence: Evidence, problem: str) -> None:
        self.conflicts.append(DataIssue("medicationAdministrations", evidence.reference, problem))


def capacity_of(record: TherapyRecord) -> Millilitres | None:
    """The nominal reservoir: as recorded, else that of the only pump's model, else None."""
    for reading in _newest_first(record.capacities):
        if reading.value is not None:
            return reading.value
    sizes = {pump.model.reservoir for pump in record.pumps if pump.model}
    return sizes.pop() if len(sizes) == 1 and len(record.pumps) == 1 else None


def _without_late_charges(fills: tuple[Fill, ...], days: int) -> tuple[Fill, ...]:
    """The fills without procedures that only repeat, a few days later, a fill with figures."""
    told = [fill.when.first for fill in fills if _has_figures(fill)]
    return tuple(
        fill
        for fill in fills
        if _has_figures(fill) or not any(0 < (fill.when.first - day).days <= days for day in told)
    )


def _has_figures(fill: Fill) -> bool:
    return any((fill.volume, fill.amount, fill.concentration, fill.rate))


def _last_day(fills: tuple[Fill, ...]) -> list[Fill]:
    """The different fills recorded for the newest fill day; exact duplicates are one.

    A refilling procedure that says no more than the day joins the administration of that day.
    """
    if not fills:
        return []
    newest = max((fill.when.first, fill.when.last) for fill in fills)
    same_day = [fill for fill in fills if (fill.when.first, fill.when.last) == newest]
    distinct: dict[tuple[object, ...], Fill] = {}
    for fill in sorted(same_day, key=lambda found: found.evidence.reference):
        key = (fill.volume, fill.amount, fill.concentration, fill.rate)
        distinct.setdefault(key, fill)
    told = [fill for key, fill in distinct.items() if any(part is not None for part in key)]
    return told or list(distinct.values())[:1]


def _implant_as_fill(record: TherapyRecord, thresholds: Thresholds, today: date) -> list[Fill]:
    """The implant counts as first fill within the longest interval, if administrations were read.

    Source: Cleveland Clinic Health Library, Baclofen Pump (the pump is filled during surgery).
    """
    implant = implanted_on(record)
    if implant is None or "medicationAdministrations" in record.unread:
        return []
    if not pump_in_place(record):
        return []
    if today > add_months(implant.when.first, int(thresholds["longestIntervalMonths"])):
        return []
    proof = implant.evidence[0]
    return [
        Fill(implant.when, Evidence(proof.reference, proof.says, proof.when, "assumed first fill"))
    ]


def _rates(fills: tuple[Fill, ...]) -> list[DoseStatement]:
    return [
        DoseStatement(fill.rate, fill.when, DoseSource.REFILL, fill.evidence)
        for fill in fills
        if fill.rate is not None
    ]


def _alarm_volume(record: TherapyRecord, thresholds: Thresholds) -> AlarmVolume:
    for reading in _newest_first(record.alarm_volumes):
        if reading.value is not None:
            return AlarmVolume(reading.value, reading.evidence)
    return AlarmVolume(Millilitres(thresholds["assumedAlarmVolume"]), None)


def _alarm_day(cycle: Cycle, alarm_volume: AlarmVolume) -> tuple[date, str]:
    if cycle.filling is None:
        return date.max, cycle.fill.evidence.reference
    return reaches(cycle.filling, alarm_volume.volume), cycle.fill.evidence.reference


def _several_fills(fills: list[Fill]) -> DataIssue:
    return DataIssue(
        "medicationAdministrations",
        fills[0].evidence.reference,
        f"different fills are recorded for {fills[0].when} "
        f"({'; '.join(fill.evidence.says for fill in fills)}); the one that reaches the alarm "
        "first is used",
    )


def _not_before(when: When, fill: Fill) -> bool:
    return when.last >= fill.when.first


def _strength_assumed(strength: tuple[Evidence, ...], is_last_known: bool) -> list[str]:
    if not is_last_known:
        return []
    return [
        f"The drug concentration of this fill is not recorded: the last known, "
        f"{strength[0].says.removeprefix('drug concentration ')} of {strength[0].when}, is assumed."
    ]


def _dose_assumed(entries: tuple[DoseEntry, ...], fill: Fill) -> list[str]:
    if entries and entries[0].dose and entries[0].start > fill.when.last:
        return [
            f"The dose stated on {day_text(entries[0].start)} is taken to hold from the fill on."
        ]
    return []


def _newest_first(readings: tuple[Reading[Value], ...]) -> list[Reading[Value]]:
    return sorted(
        readings, key=lambda found: (found.when.first, found.evidence.reference), reverse=True
    )
