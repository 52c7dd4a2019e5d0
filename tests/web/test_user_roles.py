"""A plan that is meant for certain roles: who sees it, and that no doubt hides a card."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cds_service.settings import PlanUse
from tests.cds_hooks.hook_body import a_context
from tests.ehr.fhir_double import FhirDouble, fhir_double
from tests.ehr.tokens import claims
from tests.web.test_record_reading import OVERDUE, everything, topics
from tests.web.trusted_site import PUBLIC, SIGNER, TrustedSite, trusted_site

SYSTEM = "https://hospital.example/roles"
COORDINATOR, NURSE = (SYSTEM, "coordinator"), (SYSTEM, "nurse")
FOR_COORDINATORS = {"itb-refill": PlanUse(roles=(COORDINATOR,))}
REFILL = "itbRefillOverdue"


def a_role(role_id: str, *codes: tuple[str, str]) -> dict[str, Any]:
    codings = [{"system": system, "code": code} for system, code in codes]
    return {"resourceType": "PractitionerRole", "id": role_id, "code": [{"coding": codings}]}


@pytest.fixture
def double() -> Iterator[FhirDouble]:
    """Knows the role of r-nurse and of r-coordinator, and of nobody else."""
    known = {"r-nurse": NURSE, "r-coordinator": COORDINATOR}

    def tell(exchange: Any) -> None:
        role_id = exchange.path.rpartition("/")[2]
        if role_id in known:
            exchange.answer(a_role(role_id, known[role_id]))
        else:
            exchange.answer({"resourceType": "OperationOutcome"}, 403)

    with fhir_double() as running:
        running.behaviours["PractitionerRole"] = tell
        yield running


@contextmanager
def a_site(folder: Path, double: FhirDouble, **client: Any) -> Iterator[TrustedSite]:
    with trusted_site(folder, double.address, plans=FOR_COORDINATORS, **client) as site:
        yield site


def shown_to(site: TrustedSite, user: str, sent: Mapping[str, Any] | None = None, **other: Any):
    """The topics that a user sees of a patient whose refill is overdue."""
    context = a_context(patientId=OVERDUE, userId=user)
    prefetch = everything() | dict(sent or {})
    return topics(site.cards(prefetch, OVERDUE, context=context, **other))


def counted(site: TrustedSite, why: str) -> bool:
    series = f'itb_cds_user_roles_unknown_total{{why="{why}"}} 1.0'
    return series in site.caller.get("/metrics").text


def test_a_role_that_was_sent_decides(double: FhirDouble, tmp_path: Path):
    with a_site(tmp_path, double) as site:
        meant = shown_to(site, "PractitionerRole/x", {"practitionerRole": a_role("x", COORDINATOR)})
        other = shown_to(site, "PractitionerRole/x", {"practitionerRole": a_role("x", NURSE)})
        told = site.caller.get("/metrics").text

    assert REFILL in meant
    assert REFILL not in other
    assert f'itb_cds_cards_withheld_total{{topic="{REFILL}",why="audience"}} 1.0' in told
    assert double.paths() == []


def test_a_role_that_was_not_sent_is_read_from_the_ehr(double: FhirDouble, tmp_path: Path):
    with a_site(tmp_path, double) as site:
        assert REFILL in shown_to(site, "PractitionerRole/r-coordinator")
        assert REFILL not in shown_to(site, "PractitionerRole/r-nurse")

    assert double.paths() == [
        "/fhir/PractitionerRole/r-coordinator",
        "/fhir/PractitionerRole/r-nurse",
    ]


@pytest.mark.parametrize(
    ("user", "other", "why"),
    [
        ("Practitioner/1", {}, "user-names-no-role"),
        ("PractitionerRole/secret", {}, "403"),
        ("PractitionerRole/r-nurse", {"fhirServer": None, "fhirAuthorization": None}, "cannot"),
        ("PractitionerRole/x?y", {}, "403"),
    ],
)
def test_a_role_that_cannot_be_told_hides_nothing_and_is_counted(
    double: FhirDouble, tmp_path: Path, user: str, other: dict[str, Any], why: str
):
    why = "cannot-be-read" if why == "cannot" else why
    with a_site(tmp_path, double) as site:
        assert REFILL in shown_to(site, user, **other)
        assert counted(site, why)


def test_the_role_of_somebody_else_is_not_taken_for_the_users(double: FhirDouble, tmp_path: Path):
    with a_site(tmp_path, double) as site:
        sent = {"practitionerRole": a_role("other", NURSE)}
        assert REFILL in shown_to(site, "PractitionerRole/secret", sent)


def test_the_sites_own_word_on_a_user_comes_first(double: FhirDouble, tmp_path: Path):
    stated = {"Practitioner/1": (NURSE,), "Practitioner/2": (NURSE, COORDINATOR)}
    with a_site(tmp_path, double, roles=stated) as site:
        assert REFILL not in shown_to(site, "Practitioner/1")
        assert REFILL in shown_to(site, "Practitioner/2")
        assert REFILL in shown_to(site, "Practitioner/3")


def test_what_could_not_be_checked_is_told_to_every_role(double: FhirDouble, tmp_path: Path):
    stated = {"Practitioner/1": (NURSE,)}
    with a_site(tmp_path, double, roles=stated) as site:
        broken = {"observations": {"resourceType": "OperationOutcome", "issue": []}}
        seen = shown_to(site, "Practitioner/1", broken, fhirServer=None, fhirAuthorization=None)

    assert "itbCouldNotCheck" in seen


@pytest.mark.parametrize("asks", [True, False])
def test_the_role_is_asked_for_only_where_a_plan_goes_by_it(
    double: FhirDouble, tmp_path: Path, asks: bool
):
    plans = FOR_COORDINATORS if asks else {"itb-refill": PlanUse("silent")}
    with trusted_site(tmp_path, double.address, plans=plans) as site:
        token = SIGNER.token(claims(f"{PUBLIC}/cds-services"))
        told = site.caller.get("/cds-services", headers={"Authorization": f"Bearer {token}"})
        shown_to(site, "PractitionerRole/r-nurse")

    role = "PractitionerRole/{{userPractitionerRoleId}}"
    advertised = {each["prefetch"].get("practitionerRole") for each in told.json()["services"]}
    assert advertised == ({role} if asks else {None})
    assert bool(double.paths()) is asks


def test_no_user_and_no_role_stands_in_the_log(
    double: FhirDouble, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    stated = {"Practitioner/canary-7": (NURSE,)}
    with a_site(tmp_path, double, roles=stated) as site:
        shown_to(site, "Practitioner/canary-7")
        shown_to(site, "PractitionerRole/canary-8")
        told = site.caller.get("/metrics").text

    written = capsys.readouterr()
    assert "canary" not in told + written.out + written.err
    assert json.dumps(NURSE[1]) not in written.out + written.err


def test_a_plan_meant_for_a_type_and_a_role_asks_for_both():
    use = replace(PlanUse(), audiences=("Practitioner",), roles=(COORDINATOR,))

    assert use.speaks_to("Practitioner")
    assert not use.speaks_to("PractitionerRole")
    assert use.speaks_to_roles(frozenset({COORDINATOR, NURSE}))
    assert use.speaks_to_roles(None)
    assert not use.speaks_to_roles(frozenset({NURSE}))
