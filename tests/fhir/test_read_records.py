"""Every record that was read is listed, whatever it holds."""

import json

import pytest
from msgspec import Raw

from cds_service.fhir.decoding import Reading
from cds_service.fhir.read_records import ReadRecord, read_records


def raw(value: object) -> Raw:
    return Raw(json.dumps(value).encode())


def a_bundle(*resources: object) -> Raw:
    return raw({"resourceType": "Bundle", "entry": [{"resource": each} for each in resources]})


def test_records_stand_with_key_reference_date_and_status():
    found = read_records(
        {
            "patient": raw({"resourceType": "Patient", "id": "ben", "birthDate": "1971-09-14"}),
            "procedures": a_bundle(
                {
                    "resourceType": "Procedure",
                    "id": "p1",
                    "status": "completed",
                    "performedPeriod": {"start": "2026-06-01"},
                }
            ),
        }
    )

    assert found == (
        ReadRecord("patient", "Patient/ben", "1971-09-14"),
        ReadRecord("procedures", "Procedure/p1", "2026-06-01", "completed"),
    )


def test_what_reading_the_ehr_gave_is_listed_though_not_all_was_read():
    sent = Reading(a_bundle({"resourceType": "Device", "id": "d1"}), "page 2 timed out")

    assert [each.reference for each in read_records({"devices": sent})] == ["Device/d1"]


@pytest.mark.parametrize(
    ("sent", "references"),
    [
        (Raw(b"null"), []),
        (Raw(b"{"), []),
        (Raw(b"[1]"), []),
        (Raw(b"\xff"), []),
        (raw({"resourceType": "OperationOutcome", "issue": []}), []),
        (raw({"resourceType": "Bundle", "entry": "none"}), []),
        (
            a_bundle(None, 5, {"resourceType": 7, "id": ["x"]}),
            ["a record without a type/without an id"],
        ),
        (Reading(None, "timed out"), []),
    ],
)
def test_what_is_no_record_is_passed_over(sent: Raw | Reading, references: list[str]):
    assert [each.reference for each in read_records({"devices": sent})] == references
