"""One entry of [[sign_in.issuers]]: who vouches for the people who use the pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

IssuerKind = Literal["smart", "oidc"]
Authentication = Literal["private_key_jwt", "client_secret_basic", "client_secret_post", "public"]

SMART_SCOPES = (
    "launch",
    "openid",
    "fhirUser",
    *("patient/Patient.r", "patient/Device.rs", "patient/MedicationAdministration.rs"),
    *("patient/Procedure.rs", "patient/Observation.rs", "patient/Condition.rs"),
    *("patient/MedicationRequest.rs", "patient/Appointment.rs", "patient/ServiceRequest.rs"),
    "patient/CarePlan.rs",
)
"""The least that a launch from a chart is asked for, in the words of SMART 2."""

OIDC_SCOPES = ("openid", "profile")


@dataclass(frozen=True, slots=True)
class Issuer:
    """An EHR that launches the app from a chart (smart), or the hospital's own sign-in (oidc).

    `iss` is the FHIR base address of the EHR, or the issuer of the sign-in. `client_id` is ours
    there, and `authentication` how we prove it: by `key_file`, by `secret_file`, or not at all.
    `id_token_iss`, where given, is who signs a launch's id_token. `same_patients`: its patients
    have the ids that the population's have. `roles` maps each of our roles to what a claim must
    hold, as (claim, value). `allow_private_network` and `ca_file` are as for clients.
    """

    name: str
    kind: IssuerKind
    iss: str
    client_id: str
    authentication: Authentication = "private_key_jwt"
    key_file: Path | None = None
    secret_file: Path | None = None
    id_token_iss: str = ""
    stated_scopes: tuple[str, ...] = ()
    roles: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    same_patients: bool = False
    allow_private_network: bool = False
    ca_file: Path | None = None

    @property
    def scopes(self) -> tuple[str, ...]:
        """What is asked for."""
        return self.stated_scopes or (SMART_SCOPES if self.kind == "smart" else OIDC_SCOPES)
