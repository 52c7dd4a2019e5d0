"""Who in an export has a pump, or may have one: by devices, operations and drugs given."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from cds_service.fhir.cohort import Named, bundle_of, drug_id, giving_of, named_in
from cds_service.fhir.record import open_gate
from cds_service.fhir.translation import SiteCodes
from cds_service.population.export_files import KEYS_OF, MEDICATION, Export, ExportFile

Tell = Callable[[str], None]

LINES_AT_ONCE = 200
"""Most lines show no pump: that of many together is told at once."""

SHOWING_A_PUMP = ("Device", "Procedure", "MedicationAdministration")


@dataclass(slots=True)
class Found:
    """Patients with a sign of a pump; `ownerless` counts pumps that name no patient."""

    patients: dict[str, None] = field(default_factory=dict)
    ownerless: int = 0


def pump_patients(export: Export, site_codes: SiteCodes, tell: Tell) -> Found:
    """Everybody with a sign of a pump. Raises NotObtainedError when a file cannot be read."""
    search = _Search(site_codes)
    for file in export.of(MEDICATION):
        tell(f"looking for pumps in {file.path.name}")
        for lines in _batches(file):
            search.note_drugs(lines)
    for file in export.of(*SHOWING_A_PUMP):
        tell(f"looking for pumps in {file.path.name}")
        for lines in _batches(file):
            search.note_patients(file.kind, lines)
    return search.found


class _Search:
    def __init__(self, site_codes: SiteCodes) -> None:
        self._site_codes = site_codes
        self._pump_drugs: dict[str, bytes] = {}
        self.found = Found()

    def note_drugs(self, lines: Sequence[tuple[bytes, Named]]) -> None:
        """Remembers the Medications that are made for a pump."""
        for line, named in self._shown(lines, self._shows_drug):
            self._pump_drugs[named.id] = line

    def note_patients(self, kind: str, lines: Sequence[tuple[bytes, Named]]) -> None:
        """Remembers whose records show a pump."""
        for _, named in self._shown(lines, lambda some: self._shows_pump(kind, some)):
            self.found.patients |= dict.fromkeys(named.patients)
            self.found.ownerless += not named.patients

    def _shown(
        self,
        lines: Sequence[tuple[bytes, Named]],
        shows: Callable[[Sequence[tuple[bytes, Named]]], bool],
    ) -> Iterator[tuple[bytes, Named]]:
        """The lines that show it, found by halves."""
        if not lines or not shows(lines):
            return
        if len(lines) == 1:
            yield lines[0]
            return
        middle = len(lines) // 2
        for half in (lines[:middle], lines[middle:]):
            yield from self._shown(half, shows)

    def _shows_drug(self, lines: Sequence[tuple[bytes, Named]]) -> bool:
        given = [giving_of(named.id) for _, named in lines]
        return self._gate("medicationAdministrations", [*given, *(line for line, _ in lines)])

    def _shows_pump(self, kind: str, lines: Sequence[tuple[bytes, Named]]) -> bool:
        sent = [line for line, _ in lines]
        if kind == "MedicationAdministration" and self._pump_drugs:
            named = {drug_id(line) for line in sent}
            sent += [drug for id_, drug in self._pump_drugs.items() if id_ in named]
        return self._gate(KEYS_OF[kind], sent)

    def _gate(self, key: str, resources: Iterable[bytes]) -> bool:
        return open_gate({key: bundle_of(resources)}, self._site_codes).may_have_pump


def _batches(file: ExportFile) -> Iterator[list[tuple[bytes, Named]]]:
    """The readable lines with whom they are about, some at a time; the others are told later."""
    named = ((line, named_in(line)) for line in file.lines() if line is not None)
    usable = ((line, found) for line, found in named if found and found.kind == file.kind)
    while some := list(islice(usable, LINES_AT_ONCE)):
        yield some
