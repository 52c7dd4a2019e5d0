"""A Bundle of one patient, sorted into prefetch keys."""

import json
from typing import Any

import pytest

from cds_service.errors import InputError
from cds_service.fhir.bundle import prefetch_of
from cds_service.fhir.decoding import KEYS, read_source
from tests.fhir.builders import Json, a_device, a_patient, an_administration, an_observation


def a_bundle(*entries: Json, kind: str = "collection") -> bytes:
    return json.dumps({"resourceType": "Bundle", "type": kind, "entry": list(entries)}).encode()


def sorted_out(body: bytes) -> tuple[str, dict[str, list[str]]]:
    """The patient's id, and the kinds of resource under each key that has any."""
    patient_id, prefetch = prefetch_of(body)
    found: dict[str, list[str]] = {}
    for key, value in prefetch.items():
        entries = json.loads(bytes(value)).get("entry", [])
        if entries:
            found[key] = [entry["resource"]["resourceType"] for entry in entries]
    return patient_id, found


@pytest.mark.parametrize("kind", ["collection", "searchset", "transaction"])
def test_every_kind_of_bundle_is_sorted(kind: str):
    body = a_bundle(
        {"resource": a_patient()},
        {"resource": a_device()},
        {"resource": an_administration()},
        {"resource": {"resourceType": "Medication", "id": "m"}},
        {"resource": {"resourceType": "Provenance", "id": "x"}},
        kind=kind,
    )
    patient_id, found = sorted_out(body)
    assert patient_id == "p1"
    assert found == {
        "patient": ["Patient"],
        "devices": ["Device"],
        "medicationAdministrations": ["MedicationAdministration", "Medication"],
        "medicationRequests": ["Medication"],
    }


def test_every_key_is_given_so_that_nothing_counts_as_unread():
    assert set(prefetch_of(a_bundle({"resource": a_patient()}))[1]) == set(KEYS)


def test_temporary_names_become_the_patients():
    patient: Json = {"fullUrl": "urn:uuid:1", "resource": a_patient(id="p1")}
    device = {"resource": a_device(patient={"reference": "urn:uuid:1"})}
    _, prefetch = prefetch_of(a_bundle(patient, device))
    assert b'"Patient/p1"' in bytes(prefetch["devices"])


def test_a_patient_without_id_keeps_the_temporary_name():
    patient: Json = {"fullUrl": "urn:uuid:abc", "resource": a_patient(id=None)}
    assert prefetch_of(a_bundle(patient))[0] == "abc"


def unread(bundle: Json, key: str) -> Any:
    _, prefetch = prefetch_of(json.dumps(bundle).encode())
    source = read_source(key, prefetch[key])
    return source.unread or [issue.problem for issue in source.issues]


PATIENT: Json = {"resource": a_patient()}
WHOLE: Json = {"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": [PATIENT]}
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}
INCOMPLETE = {
    "more pages": {**WHOLE, "link": [{"relation": "next", "url": "https://ehr.test/2"}]},
    "a larger total": {**WHOLE, "total": 2},
    "an error": {**WHOLE, "entry": [PATIENT, {"resource": OUTCOME}]},
    "an entry without a kind": {**WHOLE, "entry": [PATIENT, {"resource": {"resourceType": 7}}]},
    "a device with a number as id": {**WHOLE, "entry": [PATIENT, {"resource": a_device(id=7)}]},
}


@pytest.mark.parametrize("bundle", INCOMPLETE.values(), ids=INCOMPLETE.keys())
def test_what_the_bundle_lacks_is_not_taken_for_nothing(bundle: Json):
    assert unread(bundle, "devices")


def test_a_whole_bundle_is_read_whole():
    assert not unread(WHOLE, "devices")


def test_the_patient_is_read_though_more_pages_exist():
    assert not unread(INCOMPLETE["more pages"], "patient")


BROKEN: dict[str, tuple[Any, str]] = {
    "no patient": (a_bundle({"resource": a_device()}), "no Patient resource"),
    "two patients": (
        a_bundle({"resource": a_patient()}, {"resource": a_patient(id="p2")}),
        "2 Patient resources",
    ),
    "no name": (a_bundle({"resource": a_patient(id=None)}), "neither an id nor a fullUrl"),
    "another resource": (b'{"resourceType": "Patient"}', "holds Patient"),
    "no kind": (b"{}", "no resourceType"),
    "not JSON": (b"{", "not a FHIR Bundle in JSON"),
    "nothing": (b"", "not a FHIR Bundle in JSON"),
    "deeply nested": (b"[" * 20_000, "not a FHIR Bundle in JSON"),
}


@pytest.mark.parametrize(("body", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_bundle_of_one_patient_is_refused(body: bytes, message: str):
    with pytest.raises(InputError, match=message):
        prefetch_of(body)


def test_a_bad_resource_does_not_hide_the_others():
    bad = {"resource": {"resourceType": 7}}
    body = a_bundle({"resource": a_patient()}, bad, {"resource": an_observation("x")})
    _, prefetch = prefetch_of(body)
    assert [found.id for found in read_source("patient", prefetch["patient"]).resources] == ["p1"]
    readings = read_source("observations", prefetch["observations"]).resources
    assert [found.id for found in readings] == ["reading"]
