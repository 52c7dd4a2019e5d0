"""What an export holds of the patients who matter.

Their lines are put one after the other into a file without a name, which is gone when the process
ends, however it ends: an export that is replaced meanwhile mixes nothing, and memory holds places
alone.
"""

import os
import re
from array import array
from collections.abc import Mapping, Sequence
from tempfile import TemporaryFile
from typing import IO
from weakref import finalize

from cds_service.errors import NotObtainedError
from cds_service.fhir.cohort import Named, bundle_of, drug_id, named_in
from cds_service.fhir.decoding import Reading
from cds_service.population.export_files import KEYS_OF, MEDICATION, Export, ExportFile
from cds_service.population.pump_search import SHOWING_A_PUMP, Tell

_KEYS = tuple(KEYS_OF.values())
_WITH_DRUG = ("MedicationAdministration", "MedicationRequest")
_NAMED_IN_TEXT = re.compile(rb'"(?:[^"\s]*/)?Patient/([A-Za-z0-9.-]{1,64})"')
_PER_PLACE = 3


class ExportIndex:
    """The lines of some patients. `remarks` say what may keep somebody off the list."""

    def __init__(self, export: Export, patients: Sequence[str]) -> None:
        self.patients = tuple(dict.fromkeys(patients))
        self.moment = export.moment
        self.remarks: list[str] = []
        self._kinds = export.kinds
        self._file: IO[bytes] = TemporaryFile(prefix="itb-cds-")  # noqa: SIM115
        finalize(self, self._file.close)
        self._size = 0
        self._places: dict[str, array[int]] = {each: array("Q") for each in self.patients}
        self._drugs: dict[str, tuple[int, int]] = {}
        self._wanted_drugs: dict[str, set[tuple[int, str]]] = {}
        self._broken: dict[str, dict[str, list[str]]] = {}
        self._broken_for_all: dict[str, list[str]] = {}

    def read(self, export: Export, tell: Tell, *, is_searched: bool) -> None:
        """Takes in the lines of all files; `is_searched`: patients are known by these files alone.

        Raises NotObtainedError when a file cannot be read to its end.
        """
        for kind in (*KEYS_OF, MEDICATION):
            number = sum(self._read_file(file, tell, is_searched) for file in export.of(kind))
            stated = export.counts.get(kind, 0)
            if number < stated and kind in KEYS_OF:
                self._note_for_all(kind, f"only {number} of {stated} exported records are there")
        self._file.flush()

    def chart(self, patient_id: str) -> Mapping[str, Reading]:
        """The ten prefetch keys of a patient. Raises NotObtainedError for one who is not in it."""
        places = self._places.get(patient_id)
        if places is None:
            raise NotObtainedError("404", "has no such patient in its export")
        found: dict[str, list[bytes]] = {key: [] for key in _KEYS}
        for at in range(0, len(places), _PER_PLACE):
            key, start, size = places[at : at + _PER_PLACE]
            found[_KEYS[key]].append(os.pread(self._file.fileno(), size, start))
        lacking = self._add_drugs(patient_id, found)
        return {
            key: self._reading(patient_id, kind, found[key], lacking.get(key, 0))
            for kind, key in KEYS_OF.items()
        }

    def _reading(self, patient_id: str, kind: str, lines: list[bytes], lacking: int) -> Reading:
        why = []
        if kind not in self._kinds:
            why.append(f"the export holds no {kind}")
        elif kind == "Patient" and not lines:
            why.append("the export holds no Patient with this id")
        why += self._broken_for_all.get(kind, [])
        why += _counted(self._broken.get(patient_id, {}).get(kind, []))
        if lacking:
            why.append(f"{lacking} of the drugs that it refers to are not in the export")
        return Reading(bundle_of(lines) if lines or kind in self._kinds else None, "; ".join(why))

    def _add_drugs(self, patient_id: str, found: dict[str, list[bytes]]) -> dict[str, int]:
        """Puts the Medications beside the records that refer to them; how many are not there."""
        lacking: dict[str, int] = {}
        for key, id_ in self._wanted_drugs.get(patient_id, ()):
            place = self._drugs.get(id_)
            if place is None:
                lacking[_KEYS[key]] = lacking.get(_KEYS[key], 0) + 1
            else:
                start, size = place
                found[_KEYS[key]].append(os.pread(self._file.fileno(), size, start))
        return lacking

    def _read_file(self, file: ExportFile, tell: Tell, is_searched: bool) -> int:
        """How many lines it has that hold something."""
        tell(f"reading {file.path.name}")
        wanted = {id_ for drugs in self._wanted_drugs.values() for _, id_ in drugs}
        number = broken = unclear = 0
        for line in file.lines():
            number += 1
            named = named_in(line) if line is not None else None
            if line is None or named is None or named.kind != file.kind:
                broken += not self._is_somebodys(file, line)
                unclear += 1
            elif file.kind == MEDICATION:
                if named.id in wanted:
                    self._drugs[named.id] = self._put(line)
            elif named.is_unclear:
                broken += 1
                unclear += 1
            else:
                self._take(file.kind, line, named)
        self._note_broken(file, broken, unclear if is_searched else 0)
        return number

    def _take(self, kind: str, line: bytes, named: Named) -> None:
        ours = [each for each in named.patients if each in self._places]
        if not ours:
            return
        key = _KEYS.index(KEYS_OF[kind])
        start, size = self._put(line)
        drug = drug_id(line) if kind in _WITH_DRUG else ""
        for each in ours:
            self._places[each].extend((key, start, size))
            if drug:
                self._wanted_drugs.setdefault(each, set()).add((key, drug))

    def _put(self, line: bytes) -> tuple[int, int]:
        start = self._size
        self._file.write(line)
        self._size += len(line)
        return start, len(line)

    def _is_somebodys(self, file: ExportFile, line: bytes | None) -> bool:
        """Whether a broken line names one patient; then it is that patient's alone."""
        named = set(_NAMED_IN_TEXT.findall(line)) if line else set()
        # Two records in one line: the first may have lost the name of its patient.
        if not line or len(named) != 1 or line.count(b'"resourceType"') > 1:
            return False
        (patient,) = (each.decode() for each in named)
        if patient in self._places:
            of_patient = self._broken.setdefault(patient, {})
            of_patient.setdefault(file.kind, []).append(file.path.name)
        return True

    def _note_broken(self, file: ExportFile, number: int, unclear: int) -> None:
        if number and file.kind in KEYS_OF:
            self._note_for_all(file.kind, _lines(number, file.path.name))
        if unclear and file.kind in (*SHOWING_A_PUMP, MEDICATION):
            self.remarks.append(
                f"{_lines(unclear, file.path.name)}: somebody with a pump may not be on the list."
            )

    def _note_for_all(self, kind: str, why: str) -> None:
        self._broken_for_all.setdefault(kind, []).append(why)


def _counted(files: list[str]) -> list[str]:
    return [_lines(files.count(name), name) for name in dict.fromkeys(files)]


def _lines(number: int, name: str) -> str:
    return f"{number} {'line' if number == 1 else 'lines'} of {name} could not be read"
