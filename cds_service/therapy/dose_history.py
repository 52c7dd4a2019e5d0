"""The daily dose as it was stated over time: each change, and how much of a change it was."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cds_service.therapy.dosing import DoseEntry
from cds_service.therapy.quantities import MicrogramsPerDay
from cds_service.therapy.record import Evidence


@dataclass(frozen=True, slots=True)
class DoseLine:
    """A dose from the day on which it was first stated; None where what was stated was refused.

    `before` is the last known dose that was another one; None when there was none. `restated` are
    the later records that state the same dose, oldest first.
    """

    start: date
    dose: MicrogramsPerDay | None
    evidence: Evidence
    before: MicrogramsPerDay | None = None
    restated: tuple[Evidence, ...] = ()

    @property
    def change(self) -> Decimal | None:
        """The difference to the dose before, in mcg/day; None where one of them is not known."""
        return self.dose.value - self.before.value if self.dose and self.before else None

    @property
    def percent(self) -> Decimal | None:
        """The same in percent of the dose before, to a whole one."""
        change = self.change
        if change is None or self.before is None:
            return None
        return (change * 100 / self.before.value).quantize(Decimal(1))


def dose_history(entries: Iterable[DoseEntry]) -> tuple[DoseLine, ...]:
    """The doses, oldest first; one stated again is one line, a refused one a line of its own.

    `entries` are those of a dose timeline, oldest first.
    """
    lines: list[DoseLine] = []
    known: MicrogramsPerDay | None = None
    for day_entry in entries:
        for entry in (day_entry.earlier, day_entry):
            if entry is None:
                continue
            last = lines[-1] if lines else None
            if last is not None and last.dose is not None and entry.dose == last.dose:
                lines[-1] = DoseLine(
                    last.start,
                    last.dose,
                    last.evidence,
                    last.before,
                    (*last.restated, entry.evidence),
                )
                continue
            lines.append(DoseLine(entry.start, entry.dose, entry.evidence, known))
            known = entry.dose or known
    return tuple(lines)
