"""What the page of one patient shows, section by section; its words stand in the templates."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import Any

from cds_service.assessment import Assessment, Rulebook
from cds_service.assessment.battery_timeline import BatteryTimeline, battery_timeline
from cds_service.assessment.care_review import CareReview, care_review
from cds_service.assessment.depletion import Depletion, depletion
from cds_service.assessment.recovery_timeline import RecoveryTimeline, recovery_timeline
from cds_service.fhir.read_records import ReadRecord, read_records
from cds_service.guidance.wording import value_text
from cds_service.population.reading import PatientReading
from cds_service.therapy.cycle import AlarmVolume, Cycle, capacity_of, refill_history
from cds_service.therapy.dose_history import DoseLine, dose_history
from cds_service.therapy.evidence import Evidence
from cds_service.therapy.fact import Fact
from cds_service.therapy.implants import since_implant
from cds_service.therapy.past_fills import PastFill, past_fills
from cds_service.therapy.quantities import Millilitres
from cds_service.therapy.vocabulary import FACTS
from cds_service.web.plots.battery import BatteryPlot, battery_plot
from cds_service.web.plots.doses import DosePlot, dose_plot
from cds_service.web.plots.recovery import RecoveryPlot, recovery_plot
from cds_service.web.plots.reservoir import Plot, plot
from cds_service.web.plots.residuals import ResidualPlot, residual_plot

_RECOVERY = "itb-recovery"


@dataclass(frozen=True, slots=True)
class UsedRecord:
    """A record, and everything that was made of it; `evidence` empty: nothing was."""

    record: ReadRecord
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class KnownFact:
    """A named fact in words: its meaning, its value or why it is not known."""

    name: str
    meaning: str
    unit: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class Chart:
    """The sections that are drawn from the record as just read.

    `depletion` and `battery` are a text where they cannot be drawn: it says why. `recovery` is None
    outside its window. `counts` maps prefetch keys to the records read under them, `unread` to why
    not all were read.
    """

    found: Assessment
    today: date
    capacity: Millilitres | None
    alarm_volume: AlarmVolume
    cycle: Cycle | None
    depletion: Depletion | str
    fills: tuple[PastFill, ...]
    doses: tuple[DoseLine, ...]
    battery: BatteryTimeline | str
    recovery: RecoveryTimeline | None
    care: CareReview
    records: tuple[UsedRecord, ...]
    facts: tuple[KnownFact, ...]

    def fact(self, name: str) -> Fact | None:
        """A fact by its name; None where the record gave no facts at all."""
        return self.found.findings.facts.get(name)

    def says(self, name: str) -> str:
        """A fact's value in words, '' where it is not known or empty."""
        fact = self.fact(name)
        return "" if fact is None or fact.value is None else value_text(fact.value)

    @property
    def reservoir_plot(self) -> Plot | None:
        """The drawing of the reservoir; None when there is none."""
        return None if isinstance(self.depletion, str) else plot(self.depletion, self.today)

    @property
    def battery_plot(self) -> BatteryPlot | None:
        """The drawing of the battery; None when there is none."""
        return None if isinstance(self.battery, str) else battery_plot(self.battery)

    @property
    def recovery_plot(self) -> RecoveryPlot | None:
        """The drawing of the recovery; None outside its window."""
        return recovery_plot(self.recovery) if self.recovery else None

    @property
    def residual_plot(self) -> ResidualPlot | None:
        """The drawing of the volumes drawn out; None when none are recorded."""
        return residual_plot(self.fills)

    @property
    def dose_plot(self) -> DosePlot | None:
        """The drawing of the daily dose; None when none is known."""
        return dose_plot(self.doses, self.today)


def chart(reading: PatientReading, rulebook: Rulebook, now: datetime) -> Chart | None:
    """The sections of a record just read; None when it could not be assessed."""
    found = reading.assessment
    if found is None:
        return None
    today = now.date()
    present = since_implant(found.record)
    facts = found.findings.facts
    history = refill_history(present, rulebook.thresholds, today)
    recovery = next(plan for plan in rulebook.plans if plan.id == _RECOVERY)
    return Chart(
        found=found,
        today=today,
        capacity=capacity_of(present),
        alarm_volume=history.alarm_volume,
        cycle=history.cycle,
        depletion=depletion(found, rulebook, today) if facts else _NO_FACTS,
        fills=past_fills(present, rulebook.thresholds, today),
        doses=dose_history(history.dosing.entries),
        battery=battery_timeline(facts, today) if facts else _NO_FACTS,
        recovery=recovery_timeline(found.record, facts, recovery, today),
        care=care_review(found, rulebook, reading.status.identity.patient_id, now),
        records=tuple(_used(reading, found)),
        facts=tuple(_known(found)),
    )


_NO_FACTS = "No figures were worked out: there is no pump, or the patient has died."


def _used(reading: PatientReading, found: Assessment) -> Iterator[UsedRecord]:
    """Every record read, and what was made of it; then what rests on a part of another record."""
    evidence: dict[str, list[Evidence]] = {}
    for each in dict.fromkeys(_evidence_in(found.record)):
        evidence.setdefault(each.reference, []).append(each)
    for record in read_records(reading.prefetch):
        yield UsedRecord(record, tuple(evidence.pop(record.reference, ())))
    for reference, rest in evidence.items():
        yield UsedRecord(ReadRecord("", reference), tuple(rest))


def _evidence_in(part: Any) -> Iterator[Evidence]:
    """All evidence inside a therapy record."""
    if isinstance(part, Evidence):
        yield part
    elif isinstance(part, tuple):
        for each in part:
            yield from _evidence_in(each)
    elif is_dataclass(part) and not isinstance(part, type):
        for field in fields(part):
            yield from _evidence_in(getattr(part, field.name))


def _known(found: Assessment) -> Iterator[KnownFact]:
    """The facts of the therapy; those of the data are lists that the page shows elsewhere."""
    for name, fact in found.findings.facts.items():
        definition = FACTS.get(name)
        if definition is not None and not name.startswith(("data.", "order.")):
            yield KnownFact(name, definition.meaning, definition.unit, fact)
