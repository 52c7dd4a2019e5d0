"""The demo clinic as a source of patients: the charts that the demo's EHR holds right now."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

import msgspec

from cds_service.demo_clinic.chart import Chart
from cds_service.demo_clinic.prefetch import Faults, prefetch
from cds_service.demo_clinic.roster import PATIENTS
from cds_service.errors import NotObtainedError
from cds_service.fhir.decoding import Sent


class DemoPatients:
    """All synthetic patients; `chart` gives a patient's chart on a day, `today` the day."""

    name = "Demo clinic"
    mrn_system = ""

    def __init__(self, chart: Callable[[str, date], Chart], today: Callable[[], date]) -> None:
        self._chart = chart
        self._today = today

    def cohort(self) -> Sequence[str]:
        """Everybody who comes to the demo clinic."""
        return list(PATIENTS)

    def remarks(self) -> Sequence[str]:
        """Nothing: everybody is known."""
        return ()

    def as_of(self) -> datetime | None:
        """None: records are read as they stand."""
        return None

    def chart(self, patient_id: str) -> Mapping[str, Sent]:
        """The ten prefetch keys as an EHR would send them. Raises NotObtainedError."""
        if patient_id not in PATIENTS:
            raise NotObtainedError("404", "has no patient with this id")
        today = self._today()
        sent = prefetch(self._chart(patient_id, today), today, Faults())
        return {key: msgspec.Raw(msgspec.json.encode(found)) for key, found in sent.items()}
