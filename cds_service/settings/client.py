"""A trusted client: an EHR that may call, how it proves who it is, and what it can do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from cds_service.settings.plan_use import PlanUse

Dialect = Literal["standard", "epic", "oracle"]
PrefetchSet = Literal["gate", "full"]

DEFAULT_ALGORITHMS = ("ES384", "RS384")
DEFAULT_LEEWAY_SECONDS = 60
DEFAULT_CALLS_PER_MINUTE = 6000


@dataclass(frozen=True, slots=True)
class Client:
    """One entry of [[clients]]: a hospital's EHR, or one tenant of a hosted one.

    Its keys come from the file `jwks`, or from the address `jku`; exactly one of them is given.
    `audiences` are accepted beside the address that was called. `tenant` and `sub`, where given,
    must stand in the token. `fhir_servers` are the only addresses that are ever read for it; those
    on a private network only with `allow_private_network`. `ca_file` holds the site's own
    certificate authority, where the EHR's certificate is not from a public one. `templates`
    replace prefetch queries by key; `plans` say how it uses them, over the site's own word.
    `roles` are those of users, by their `Type/id`, where the site states them. Beyond
    `calls_per_minute` the client is told to wait. Only with `reads_worklist` it may read the
    coordinator's tasks and care plans.
    `smart_issuer` names the entry of [[sign_in.issuers]] that is this EHR, where its address is not
    one of `fhir_servers`.
    `time_zone` and `prefetch` are None where the site's own hold. `access_token_file` and
    `access_token_variable` are for `itb-cds check --patient` alone.
    """

    name: str
    iss: str
    jwks: Path | None = None
    jku: str = ""
    algorithms: tuple[str, ...] = DEFAULT_ALGORITHMS
    audiences: tuple[str, ...] = ()
    tenant: str = ""
    sub: str = ""
    leeway_seconds: int = DEFAULT_LEEWAY_SECONDS
    fhir_servers: tuple[str, ...] = ()
    allow_private_network: bool = False
    ca_file: Path | None = None
    dialect: Dialect = "standard"
    time_zone: ZoneInfo | None = None
    prefetch: PrefetchSet | None = None
    templates: Mapping[str, str] = field(default_factory=dict)
    plans: Mapping[str, PlanUse] = field(default_factory=dict)
    roles: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    calls_per_minute: int = DEFAULT_CALLS_PER_MINUTE
    reads_worklist: bool = False
    smart_issuer: str = ""
    access_token_file: Path | None = None
    access_token_variable: str = ""
