"""Who a patient is, from records of many shapes, and never from another patient's."""

import msgspec
import pytest

from cds_service.fhir.decoding import Reading
from cds_service.fhir.identity import Identity, identity_of


def sent(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def patient(**fields: object) -> dict[str, object]:
    return {"resourceType": "Patient", "id": "p1", **fields}


MR = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}


def test_a_whole_patient():
    found = identity_of(
        "p1",
        sent(
            patient(
                name=[
                    {"use": "nickname", "text": "Addie"},
                    {"use": "official", "family": "Test", "given": ["Ada", "B"]},
                ],
                birthDate="1984-05-02",
                gender="female",
                identifier=[{"value": "other"}, {"type": MR, "value": "0001"}],
            )
        ),
    )

    assert found == Identity("p1", "Test, Ada B", "1984-05-02", "0001", "female")


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        pytest.param({"name": [{"text": "Ada Test"}]}, "Ada Test", id="text alone"),
        pytest.param({"name": [{"family": "Test"}]}, "Test", id="family alone"),
        pytest.param({"name": "Ada"}, "", id="not a list"),
        pytest.param({"name": [None, {"given": "x", "family": 3}]}, "", id="wrong types"),
        pytest.param({"name": [{"family": "Te\u0000st\nA"}]}, "Te st A", id="control characters"),
        pytest.param({}, "", id="none"),
    ],
)
def test_a_name_of_any_shape(fields, name):
    assert identity_of("p1", sent(patient(**fields))).name == name


def test_the_sites_own_number_comes_before_others():
    numbers = [{"type": MR, "value": "0001"}, {"system": "urn:site", "value": "S-7"}]
    raw = sent(patient(identifier=numbers))

    assert identity_of("p1", raw).mrn == "0001"
    assert identity_of("p1", raw, "urn:site").mrn == "S-7"


@pytest.mark.parametrize("fields", [{"deceasedBoolean": True}, {"deceasedDateTime": "2026-01-02"}])
def test_a_patient_who_died(fields):
    assert identity_of("p1", sent(patient(**fields))).is_deceased


def test_a_record_that_was_replaced():
    link = [{"type": "replaced-by", "other": {"reference": "Patient/p2"}}]

    assert identity_of("p1", sent(patient(link=link))).is_merged


def test_a_patient_in_a_searchset_that_was_read():
    bundle = {"resourceType": "Bundle", "entry": [{"resource": patient(gender="male")}]}

    assert identity_of("p1", Reading(sent(bundle))).gender == "male"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="not sent"),
        pytest.param(msgspec.Raw(b"{"), id="broken"),
        pytest.param(msgspec.Raw(b"null"), id="null"),
        pytest.param(sent(patient(id="p2", name=[{"text": "Other"}])), id="another patient"),
        pytest.param(Reading(None, "timed out"), id="not read"),
    ],
)
def test_without_this_patients_record_nothing_is_known(value):
    assert identity_of("p1", value) == Identity("p1", "")
