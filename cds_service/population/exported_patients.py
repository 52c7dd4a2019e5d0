"""Patients of a folder of exported records: NDJSON of a FHIR Bulk Data export."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import Lock

from cds_service.fhir.decoding import Sent
from cds_service.fhir.translation import SiteCodes
from cds_service.population.export_files import OUTCOME, Export, export_in
from cds_service.population.export_index import ExportIndex
from cds_service.population.fhir_patients import patients_listed_in
from cds_service.population.pump_search import Found, Tell, pump_patients
from cds_service.settings import PopulationSettings


class ExportedPatients:
    """Everybody in the export with a sign of a pump, or whom the site's list names.

    The files are gone through when the folder has changed, and not otherwise.
    """

    def __init__(self, site: PopulationSettings, site_codes: SiteCodes, tell: Tell) -> None:
        self.name = site.name
        self.mrn_system = site.mrn_system
        self._site = site
        self._site_codes = site_codes
        self._tell = tell
        self._lock = Lock()
        self._index: ExportIndex | None = None
        self._export: Export | None = None

    def cohort(self) -> Sequence[str]:
        """The ids of all patients to look after. Raises NotObtainedError."""
        return self._newest().patients

    def remarks(self) -> Sequence[str]:
        """What was doubtful about the newest cohort, in words; nobody is named."""
        return tuple(self._index.remarks) if self._index else ()

    def as_of(self) -> datetime | None:
        """When the records were exported; None before any was read."""
        return self._index.moment if self._index else None

    def chart(self, patient_id: str) -> Mapping[str, Sent]:
        """The ten prefetch keys. Raises NotObtainedError for somebody who is not in the export."""
        return (self._index or self._newest()).chart(patient_id)

    def _newest(self) -> ExportIndex:
        assert self._site.folder  # noqa: S101
        with self._lock:
            export = export_in(self._site.folder)
            if self._index is None or export != self._export or self._site.cohort_file:
                self._index, self._export = self._indexed(export), export
            return self._index

    def _indexed(self, export: Export) -> ExportIndex:
        file = self._site.cohort_file
        found = Found() if file else pump_patients(export, self._site_codes, self._tell)
        index = ExportIndex(export, patients_listed_in(file) if file else list(found.patients))
        index.read(export, self._tell, is_searched=file is None)
        if found.ownerless:
            index.remarks.append(
                f"{found.ownerless} records that show a pump name no patient: somebody with a pump "
                "may not be on the list."
            )
        if export.of(OUTCOME):
            index.remarks.append(
                "The server reported errors of its own while it exported (OperationOutcome)."
            )
        return index
