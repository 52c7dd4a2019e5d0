"""Patients of FHIR servers: one of ours that misbehaves, and one written by others with tokens."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Raw

from cds_service.cds_hooks.queries import templates
from cds_service.coordination.lanes import standing
from cds_service.coordination.status import Lane
from cds_service.ehr.backend_services import BackendServices, keys_of
from cds_service.ehr.reader import IN_BACKGROUND
from cds_service.errors import NotObtainedError
from cds_service.fhir.decoding import Reading
from cds_service.population.fhir_patients import FhirPatients
from cds_service.population.reading import read_patient
from cds_service.population.refresh import refresh
from cds_service.settings import PopulationSettings
from cds_service.store.refresh_ledger import RefreshState
from tests.ehr.fhir_double import (
    EMPTY,
    Exchange,
    FhirDouble,
    device,
    fhir_double,
    refused_port,
    searchset,
    stopwatch,
)
from tests.ehr.sekmet_server import SekmetServer, sekmet_server
from tests.ehr.tokens import ec_key
from tests.population.clinics import DEMO, NOW, RULEBOOK, a_store

Json = dict[str, Any]
COHORT = "Device?type=http://snomed.info/sct%7C1"


@pytest.fixture
def double() -> Iterator[FhirDouble]:
    with fhir_double() as running:
        yield running


def site(address: str, **other: Any) -> PopulationSettings:
    usual = PopulationSettings(
        name="North",
        source="fhir",
        fhir_server=address,
        cohort=(COHORT,),
        allow_private_network=True,
    )
    return replace(usual, **other)


def patients(here: PopulationSettings) -> FhirPatients:
    # Tokens are for servers that know what time it is.
    tokens = BackendServices(here, keys_of(here), lambda: datetime.now(UTC))
    return FhirPatients(here, tokens, templates(), 1000, replace(IN_BACKGROUND, first_pause=0.01))


def of(patient: str, number: int = 1) -> Json:
    return device(number, patient={"reference": f"Patient/{patient}"})


def test_the_cohort_is_whoever_a_search_names_on_all_its_pages(double: FhirDouble):
    def pages(exchange: Exchange) -> None:
        if "page=2" in exchange.path:
            exchange.answer(searchset(of("p2", 2), of("p3", 3), total=4))
            return
        link = [{"relation": "next", "url": f"{double.address}/Device?page=2"}]
        exchange.answer(searchset(of("p1"), of("p2", 9), total=4, link=link))

    double.otherwise = pages

    assert list(patients(site(double.address)).cohort()) == ["p1", "p2", "p3"]
    assert double.paths()[0] == f"/fhir/{COHORT}"


def test_several_searches_and_groups_make_one_cohort_without_who_left(double: FhirDouble):
    members = [
        {"entity": {"reference": "Patient/p1"}},
        {"entity": {"reference": f"{double.address}/Patient/p2"}},
        {"entity": {"reference": "Patient/p3"}, "inactive": True},
        {"entity": {"reference": "Practitioner/p4"}},
    ]
    double.behaviours["Group"] = lambda exchange: exchange.answer(
        {"resourceType": "Group", "id": "7", "type": "person", "member": members}
    )
    double.behaviours["Patient"] = lambda exchange: exchange.answer(
        searchset({"resourceType": "Patient", "id": "p5"})
    )

    source = patients(site(double.address, cohort=("Group/7", "Patient?active=true")))

    assert list(source.cohort()) == ["p1", "p2", "p5"]
    assert source.remarks() == ()


def test_a_record_that_names_nobody_is_told_beside_the_cohort(double: FhirDouble):
    lost = device(2, patient={"identifier": {"value": "0815"}})
    stock: Json = {"resourceType": "Device", "id": "d3"}
    double.otherwise = lambda exchange: exchange.answer(searchset(of("p1"), lost, stock))
    source = patients(site(double.address))

    assert list(source.cohort()) == ["p1"]
    assert source.remarks() == (
        "Of 1 records that name the patients it cannot be told whose they are.",
    )


def outcome(severity: str) -> Json:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "x"}]}


UNKNOWN = {
    "a failing server": (lambda e: e.answer({}, 500), r"failed \(500\)"),
    "no permission": (lambda e: e.answer({}, 403), "does not permit the reading of Device"),
    "a page of HTML": (lambda e: e.answer(b"<html>", media_type="text/html"), "not FHIR JSON"),
    "fewer than it says": (lambda e: e.answer(searchset(of("p1"), total=9)), "only 1 of 9"),
    "an error among the entries": (
        lambda e: e.answer(searchset(of("p1"), outcome("error"), total=1)),
        "is an error, or is not FHIR",
    ),
    "an error in its place": (lambda e: e.answer(outcome("error")), "neither a search's answer"),
    "a next page that was read": (
        lambda e: e.answer(
            searchset(of("p1"), link=[{"relation": "next", "url": f"?{e.path.split('?')[1]}"}])
        ),
        "read already",
    ),
    "a next page elsewhere": (
        lambda e: e.answer(
            searchset(of("p1"), link=[{"relation": "next", "url": "http://127.0.0.2/fhir/x"}])
        ),
        "on another server",
    ),
    "JSON that breaks off": (lambda e: e.answer(b'{"resourceType":"Bundle"'), "broken JSON"),
}


@pytest.mark.parametrize(("behaviour", "words"), UNKNOWN.values(), ids=UNKNOWN)
def test_a_cohort_that_is_not_whole_is_none(double: FhirDouble, behaviour: Any, words: str):
    double.otherwise = behaviour

    with pytest.raises(NotObtainedError, match=words):
        patients(site(double.address)).cohort()


def test_a_server_that_asks_for_patience_gets_it(double: FhirDouble):
    left = [429, 503, 429]

    def busy(exchange: Exchange) -> None:
        if left:
            exchange.answer({}, left.pop())
        else:
            exchange.answer(searchset(of("p1")))

    double.otherwise = busy

    assert list(patients(site(double.address)).cohort()) == ["p1"]


def test_ids_in_a_file_are_the_cohort_and_anything_else_in_it_stops_the_reading(tmp_path: Path):
    file = tmp_path / "ids"
    source = patients(site("http://127.0.0.1:9", cohort=(), cohort_file=file))

    file.write_text("p1  # Monday\n\n# all:\np2\np1\n")
    assert list(source.cohort()) == ["p1", "p2"]
    file.write_text("p1\n../p2\n")
    with pytest.raises(NotObtainedError, match="line 2"):
        source.cohort()
    file.unlink()
    with pytest.raises(NotObtainedError, match="cannot be read"):
        source.cohort()


def test_what_one_query_does_not_give_is_named_under_its_key(double: FhirDouble):
    double.behaviours["Patient"] = lambda e: e.answer({"resourceType": "Patient", "id": "p1"})
    double.behaviours["Appointment"] = lambda e: e.answer({}, 403)

    chart = patients(site(double.address)).chart("p1")

    unread = {key: each.unread for key, each in chart.items() if isinstance(each, Reading)}
    assert unread.pop("appointments") == "the EHR does not permit the reading of Appointment (403)"
    assert set(unread.values()) == {""}
    assert len(unread) == 9


@pytest.mark.parametrize("id_", ["", "..", "a/b", "a?b", "x" * 65, "p\n1"], ids=repr)
def test_an_odd_id_is_never_asked_for(double: FhirDouble, id_: str):
    with pytest.raises(NotObtainedError, match="such an id"):
        patients(site(double.address)).chart(id_)

    assert double.asked == []


def test_a_server_that_is_not_there_gives_one_reason_for_the_whole_record():
    here = site(f"http://127.0.0.1:{refused_port()}/fhir")
    waited = stopwatch()

    read = read_patient(patients(here), "p1", RULEBOOK, NOW)

    assert read.status.failure == "North could not be reached"
    assert waited() < 12


def test_a_token_that_ended_meanwhile_is_replaced_once(double: FhirDouble, tmp_path: Path):
    given = iter(["old", "new", "newer"])
    file = tmp_path / "key.json"
    file.write_text(json.dumps(ec_key("k").as_dict(private=True)))

    def guarded(exchange: Exchange) -> None:
        is_new = exchange.headers["Authorization"] == "Bearer new"
        exchange.answer(EMPTY if is_new else {}, 200 if is_new else 401)

    double.otherwise = guarded
    double.behaviours["token"] = lambda e: e.answer(
        {"access_token": next(given), "token_type": "Bearer", "expires_in": 900}
    )
    here = site(
        double.address,
        client_id="itb",
        key_files=(file,),
        token_endpoint=f"{double.address}/token",
    )

    chart = patients(here).chart("p1")

    assert all(isinstance(each, Reading) and not each.unread for each in chart.values())
    assert len(double.posted) == 2


def granting(double: FhirDouble, folder: Path, scope: str) -> PopulationSettings:
    file = folder / "key.json"
    file.write_text(json.dumps(ec_key("k").as_dict(private=True)))
    given = {"access_token": "t", "token_type": "Bearer", "expires_in": 900, "scope": scope}
    double.behaviours["token"] = lambda exchange: exchange.answer(given)
    return site(
        double.address,
        client_id="itb",
        key_files=(file,),
        token_endpoint=f"{double.address}/token",
    )


def test_an_empty_answer_without_the_right_to_search_is_not_read_as_none(
    double: FhirDouble, tmp_path: Path
):
    everything_else = " ".join(
        f"system/{kind}.rs"
        for kind in (
            *("Patient", "Device", "MedicationAdministration", "Medication", "Procedure"),
            *("Observation", "Condition", "MedicationRequest", "ServiceRequest", "CarePlan"),
        )
    )
    found = patients(granting(double, tmp_path, everything_else))

    chart = found.chart("p1")

    why = "the EHR granted no right to read every Appointment (scope)"
    unread = {key: each.unread for key, each in chart.items() if isinstance(each, Reading)}
    assert {key: each for key, each in unread.items() if each} == {"appointments": why}
    assert found.remarks() == ("The EHR did not grant system/Appointment.rs: ask for it there.",)


def test_a_cohort_that_may_not_be_searched_ends_the_reading(double: FhirDouble, tmp_path: Path):
    narrowed = "system/*.r system/Device.rs?type=http://example.org|1"
    here = granting(double, tmp_path, narrowed)

    done = refresh(patients(here), a_store(), RULEBOOK, lambda: NOW)

    assert done.state is RefreshState.FAILED
    assert done.says == (
        "North granted no right to read every Device (scope) when it was asked who the patients are"
    )


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("keys") / "key.json"
    file.write_text(json.dumps(ec_key("itb-2026").as_dict(private=True)))
    return file


@pytest.fixture(scope="module")
def sekmet(tmp_path_factory: pytest.TempPathFactory, key_file: Path) -> Iterator[SekmetServer]:
    jwk = json.loads(key_file.read_text())
    public = {name: found for name, found in jwk.items() if name != "d"} | {"alg": "ES384"}
    client = {
        "client_id": "itb",
        "jwks": {"keys": [public]},
        "scopes": "system/*.rs",
    }
    with sekmet_server(tmp_path_factory.mktemp("sekmet"), [client]) as running:
        yield running


NAMES = ("Delta", "Fjord", "Umber")


def demo_ids() -> dict[str, str]:
    """The patients of these names, by id."""
    found = {}
    for patient_id in DEMO.cohort():
        family = charted(patient_id)["patient"]["name"][0]["family"]
        found[patient_id] = family.removeprefix("Testpatient-")
    return {patient_id: name for patient_id, name in found.items() if name in NAMES}


def charted(patient_id: str) -> dict[str, Json]:
    sent = DEMO.chart(patient_id)
    return {key: msgspec.json.decode(each) for key, each in sent.items() if isinstance(each, Raw)}


def resources_of(patient_id: str) -> list[Json]:
    found = []
    for value in charted(patient_id).values():
        entries = (
            value.get("entry", []) if value["resourceType"] == "Bundle" else [{"resource": value}]
        )
        found += [entry["resource"] for entry in entries]
    return found


def test_a_clinic_of_a_server_written_by_others_is_read_with_tokens_by_our_key(
    sekmet: SekmetServer, key_file: Path
):
    ids = demo_ids()
    for patient_id in ids:
        sekmet.keep(resources_of(patient_id))
    members = [{"entity": {"reference": f"Patient/{patient_id}"}} for patient_id in ids]
    group = {"resourceType": "Group", "id": "pumps", "type": "person", "actual": True}
    sekmet.keep([group | {"member": members}])
    here = site(
        sekmet.address,
        cohort=("Group/pumps",),
        client_id="itb",
        key_files=(key_file,),
        stated_scopes=("system/*.rs",),
    )
    store = a_store()

    done = refresh(patients(here), store, RULEBOOK, lambda: NOW)

    assert (done.state, done.good, done.failed) == (RefreshState.DONE, 3, 0), done
    lanes = {ids[head.identity.patient_id]: standing(head, NOW).lane for head in store.work.heads()}
    assert lanes["Delta"] is Lane.ACT_NOW  # alarm date passed
    assert lanes["Fjord"] is Lane.NO_ACTION  # booked in time


def test_a_server_that_does_not_know_our_key_reads_nobody_and_says_what_to_do(
    sekmet: SekmetServer, tmp_path: Path
):
    file = tmp_path / "other.json"
    file.write_text(json.dumps(ec_key("other").as_dict(private=True)))
    here = site(sekmet.address, client_id="itb", key_files=(file,))

    done = refresh(patients(here), a_store(), RULEBOOK, lambda: NOW)

    assert done.state is RefreshState.FAILED
    assert done.says.startswith("North gave no access token: it does not know this service")
