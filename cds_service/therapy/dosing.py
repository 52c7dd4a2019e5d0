"""The daily dose over time: which statement holds on which day, and what contradicts itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

from msgspec import Struct

from cds_service.therapy.quantities import MicrogramsPerDay
from cds_service.therapy.record import DataIssue, DoseSource, DoseStatement, Evidence
from cds_service.therapy.reservoir import DoseStep

_TRUST = list(DoseSource)


class DoseEntry(Struct, frozen=True):
    """The dose stated for a day on; None when what was stated is refused.

    `earlier` is another dose that was stated that day, before this one by the clock.
    """

    start: date
    dose: MicrogramsPerDay | None
    evidence: Evidence
    earlier: "DoseEntry | None" = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Dose entries, oldest first, and the contradictions met on the way."""

    entries: tuple[DoseEntry, ...]
    conflicts: tuple[DataIssue, ...]

    @property
    def last_change(self) -> date | None:
        """The day the stated dose last became another one; None when it never did."""
        changed = None
        for before, after in zip(self.entries, self.entries[1:], strict=False):
            if after.dose is None or (before.dose is not None and after.dose != before.dose):
                changed = after.start
        return changed


@dataclass(frozen=True, slots=True)
class Dosing:
    """The doses of a cycle and the entries behind them; from `refused_on` on it is not known."""

    steps: tuple[DoseStep, ...]
    entries: tuple[DoseEntry, ...]
    refused_on: date | None


def timeline(
    statements: Iterable[DoseStatement], lowest: MicrogramsPerDay, highest: MicrogramsPerDay
) -> Timeline:
    """One entry a day: the most trusted source rules; a dose out of these bounds is refused."""
    entries: list[DoseEntry] = []
    conflicts: list[DataIssue] = []
    ordered = sorted(statements, key=_order)
    for start, same_day in groupby(ordered, key=lambda statement: statement.when.first):
        stated = list(same_day)
        refused = [found for found in stated if found.dose and not lowest <= found.dose <= highest]
        conflicts.extend(_implausible(found, lowest, highest) for found in refused)
        accepted = [found for found in stated if found.dose and found not in refused]
        if not accepted:
            entries.append(DoseEntry(start, None, stated[0].evidence))
            continue
        ruling = _ruling(accepted, conflicts)
        earlier = _earlier(ruling, accepted)
        entries.append(DoseEntry(start, ruling.dose, ruling.evidence, earlier))
    return Timeline(tuple(entries), tuple(conflicts))


def dose_changes(entries: Iterable[DoseEntry]) -> list[tuple[DoseEntry, DoseEntry]]:
    """Each stated dose that differs from the one known before it, with that one, oldest first."""
    stated = [
        each
        for entry in entries
        for each in (entry.earlier, entry)
        if each is not None and each.dose is not None
    ]
    return [(before, after) for before, after in pairwise(stated) if before.dose != after.dose]


def dose_steps(entries: Iterable[DoseEntry], fill_day: date) -> Dosing:
    """The doses from the fill day on.

    An entry refused between two known ones counts as the higher of them, so that the reservoir is
    never taken to last longer than it can; from a refused newest entry on the dose is not known. A
    dose first stated after the fill counts from the fill.
    """
    relevant = _from_fill(list(entries), fill_day)
    known = list(relevant)
    while known and known[-1].dose is None:
        known.pop()
    steps: list[DoseStep] = []
    for index, entry in enumerate(known):
        dose = entry.dose or _higher_neighbour(known, index)
        start = max(entry.start, fill_day) if steps else fill_day
        if not steps or dose != steps[-1].dose:
            steps.append(DoseStep(start, dose))
    refused = relevant[len(known)].start if len(known) < len(relevant) else None
    if refused is not None and refused <= fill_day:
        steps = []
    return Dosing(tuple(steps), tuple(relevant), refused)


def _order(statement: DoseStatement) -> tuple[date, int, str]:
    return statement.when.first, _TRUST.index(statement.source), statement.evidence.reference


def _ruling(accepted: list[DoseStatement], conflicts: list[DataIssue]) -> DoseStatement:
    """The most trusted statement; of several from one source the latest, else the highest."""
    rivals = [found for found in accepted if found.source is accepted[0].source]
    timed = [found for found in rivals if found.when.instant is not None]
    if len(timed) == len(rivals):
        newest = max(found.when.instant for found in timed if found.when.instant is not None)
        rivals = [found for found in rivals if found.when.instant == newest]
    doses = sorted({found.dose for found in rivals if found.dose is not None})
    if len(doses) > 1:
        conflicts.append(
            DataIssue(
                "observations",
                rivals[0].evidence.reference,
                f"{rivals[0].when}: daily doses of {' and '.join(map(str, doses))} are recorded; "
                "the higher is used",
            )
        )
    return next(found for found in rivals if found.dose == doses[-1])


def _earlier(ruling: DoseStatement, accepted: list[DoseStatement]) -> DoseEntry | None:
    """The last other dose before the ruling one, where both have a time of day."""
    at = ruling.when.instant
    before = [
        (found.when.instant, found)
        for found in accepted
        if at is not None and found.when.instant is not None and found.when.instant < at
    ]
    if not before:
        return None
    _, last = max(before, key=lambda found: (found[0], found[1].dose))
    if last.dose == ruling.dose:
        return None
    return DoseEntry(last.when.first, last.dose, last.evidence)


def _implausible(
    statement: DoseStatement, lowest: MicrogramsPerDay, highest: MicrogramsPerDay
) -> DataIssue:
    return DataIssue(
        "observations",
        statement.evidence.reference,
        f"a daily dose of {statement.dose} ({statement.source.value}, {statement.when}) is outside "
        f"{lowest} to {highest} and is not used; check the unit (mg or mcg)",
    )


def _from_fill(entries: list[DoseEntry], fill_day: date) -> list[DoseEntry]:
    before = [entry for entry in entries if entry.start <= fill_day]
    return before[-1:] + [entry for entry in entries if entry.start > fill_day]


def _higher_neighbour(entries: list[DoseEntry], index: int) -> MicrogramsPerDay:
    """Called only when a later entry is known, so there is at least one neighbour."""
    before = [entry.dose for entry in entries[:index] if entry.dose is not None][-1:]
    after = [entry.dose for entry in entries[index:] if entry.dose is not None][:1]
    return max(before + after)
