"""The link from a card into the app: there where the EHR launches it, and nowhere else."""

from pathlib import Path
from typing import Any

import pytest

from cds_service.settings import Issuer, SignInSettings
from tests.web.trusted_site import trusted_site

FHIR = "https://ehr.north.example/fhir"
ROLES = {"clinician": (("fhirUser", "Practitioner/*"),)}
EHR = Issuer("ehr", "smart", FHIR, "app", authentication="public", roles=ROLES)
OTHER = Issuer("other", "smart", "https://other.example/r4", "app", authentication="public")
LOGIN = Issuer("login", "oidc", FHIR, "app", authentication="public")

PUMP = {
    "devices": {
        "resourceType": "Device",
        "id": "pump",
        "status": "active",
        "patient": {"reference": "Patient/p1"},
        "type": {"text": "SynchroMed II intrathecal baclofen pump"},
    },
    "medicationAdministrations": None,
    "procedures": None,
}

CASES: dict[str, tuple[tuple[Issuer, ...], dict[str, Any], bool]] = {
    "the client's FHIR server launches": ((EHR,), {}, True),
    "the client names the issuer": ((OTHER,), {"smart_issuer": "other"}, True),
    "another EHR launches": ((OTHER,), {}, False),
    "people sign in by themselves alone": ((LOGIN,), {}, False),
    "nobody signs in": ((), {}, False),
}


@pytest.mark.parametrize(("issuers", "client", "is_there"), CASES.values(), ids=CASES)
def test_a_card_leads_into_the_app_where_the_client_s_ehr_launches_it(
    tmp_path: Path, issuers: tuple[Issuer, ...], client: dict[str, Any], is_there: bool
):
    with trusted_site(tmp_path, FHIR, 0.1, sign_in=SignInSettings(issuers), **client) as site:
        cards = site.cards(PUMP)

    assert cards
    for card in cards:
        launches = [link for link in card["links"] if link["type"] == "smart"]
        assert bool(launches) is is_there
        for link in launches:
            assert link["url"] == "https://cds.example.org/launch"
            assert "p1" not in link["appContext"]
