"""What is asked of an EHR for each prefetch key: in discovery, and when the EHR is read."""

from collections.abc import Mapping
from urllib.parse import quote

from cds_service.cds_hooks.discovery import PREFETCH_TEMPLATES, ROLE_TEMPLATE

PATIENT_TOKEN = "{{context.patientId}}"  # noqa: S105
ROLE_TOKEN = "{{userPractitionerRoleId}}"  # noqa: S105

_OF_DIALECTS: dict[str, dict[str, str]] = {
    # Its searches take few parameters: no code and no _sort (Millennium R4 pages).
    "oracle": {"observations": f"Observation?patient={PATIENT_TOKEN}&_count=1000"},
}


def templates(
    dialect: str = "standard", replaced: Mapping[str, str] | None = None
) -> Mapping[str, str]:
    """The query for each prefetch key, as this client's servers understand it."""
    return {**PREFETCH_TEMPLATES, **_OF_DIALECTS.get(dialect, {}), **(replaced or {})}


def query(template: str, patient_id: str) -> str:
    """The query for one patient, its id made safe for an address."""
    return template.replace(PATIENT_TOKEN, quote(patient_id, safe=""))


def role_query(role_id: str) -> str:
    """The query for one user's role, its id made safe for an address."""
    return ROLE_TEMPLATE.replace(ROLE_TOKEN, quote(role_id, safe=""))
