"""A running service with a trusted client whose FHIR server is given, and calls of that client."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import requests

from cds_service.app.wiring import wire
from cds_service.settings import Client, Settings, SignInSettings
from cds_service.store.open_store import open_store
from cds_service.web import Service, create_app
from tests.cds_hooks.hook_body import a_body, a_context, as_json
from tests.ehr.tokens import ISS, NOW, Signer, claims, ec_key, key_file
from tests.web.served import Caller, served

PUBLIC = "https://cds.example.org"
PATH = "/cds-services/itb-patient-view"
SIGNER = Signer(ec_key("ec-1"))
NOBODY_SIGNS_IN = SignInSettings()
ACCESS_TOKEN = "access-token-canary"  # noqa: S105


@dataclass(frozen=True)
class TrustedSite:
    """Where the service answers, and the FHIR server of its client."""

    caller: Caller
    fhir_server: str
    public: str = PUBLIC

    def hook(
        self, prefetch: Mapping[str, object] | None = None, patient_id: str = "p1", **other: object
    ) -> requests.Response:
        """Calls patient-view as the client does; `other` replaces members of the body."""
        said = {
            "prefetch": dict(prefetch or {}),
            "context": a_context(patientId=patient_id),
            "fhirServer": self.fhir_server,
            "fhirAuthorization": {
                "access_token": ACCESS_TOKEN,
                "token_type": "Bearer",
                "expires_in": 300,
                "scope": "patient/*.read",
                "subject": "itb",
            },
        } | other
        body = as_json(a_body(**{name: each for name, each in said.items() if each is not None}))
        token = SIGNER.token(claims(self.public + PATH))
        return self.caller.post(body, PATH, Authorization=f"Bearer {token}")

    def cards(self, *sent: Any, **other: Any) -> list[dict[str, Any]]:
        """The cards of a call that is answered 200."""
        answer = self.hook(*sent, **other)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["cards"]
        return found


@cache
def _wired() -> Service:
    """The plans are read once for all tests."""
    return wire(Settings(), NOW.isoformat())


@contextmanager
def trusted_site(
    folder: Path,
    fhir_server: str,
    seconds: float = 1.5,
    origins: tuple[str, ...] = (),
    sign_in: SignInSettings = NOBODY_SIGNS_IN,
    **client: Any,
) -> Iterator[TrustedSite]:
    """The whole service, its clock at NOW; `seconds` for reading the EHR, pages that may call."""
    trusted = Client(
        "north",
        ISS,
        jwks=key_file(folder, SIGNER.key),
        fhir_servers=(fhir_server,),
        allow_private_network=True,
    )
    settings = Settings(
        stated_public_url=PUBLIC,
        clients=(replace(trusted, **client),),
        ehr_deadline_seconds=seconds,
        allowed_origins=origins,
        sign_in=sign_in,
    )
    store = open_store(None, lambda: NOW)
    wired = replace(_wired(), settings=settings, store=store, machine_clock=lambda: NOW)
    with served(create_app(wired)) as address:
        caller = Caller(address)
        yield TrustedSite(caller, fhir_server)
        caller.session.close()
    store.close()
