"""Where the coordinator's patients come from."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from cds_service.fhir.decoding import Sent


class PatientSource(Protocol):
    """A FHIR server, a folder of exported records, or the demo clinic."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def mrn_system(self) -> str:
        """The system of the identifier that people know a patient by; '' for the usual one."""

    def cohort(self) -> Sequence[str]:
        """The ids of all patients to look after. Raises NotObtainedError."""

    def remarks(self) -> Sequence[str]:
        """What was doubtful about the newest cohort and the rights to read; nobody is named."""

    def as_of(self) -> datetime | None:
        """The moment that the records are of, where that is not the moment of reading."""

    def chart(self, patient_id: str) -> Mapping[str, Sent]:
        """What was read under each prefetch key; a key that gave nothing says why.

        Raises NotObtainedError when nothing at all could be read.
        """
