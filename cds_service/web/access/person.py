"""Who uses the pages, and as what."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may do: work the list, decide on a patient, or run the service."""

    COORDINATOR = "coordinator"
    CLINICIAN = "clinician"
    IT = "it"


ROLE_NAMES = {
    Role.COORDINATOR: "Care coordinator",
    Role.CLINICIAN: "Clinician",
    Role.IT: "Hospital IT",
}


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in person. `id` is unique over all issuers; `name` is how others know the person."""

    id: str
    name: str
    role: Role
