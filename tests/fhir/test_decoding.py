"""Prefetch values, tolerantly: nothing bad hides what is good, nothing is dropped in silence."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from cds_service.fhir.decoding import KEYS, Source, read_source
from tests.fhir.builders import Json, a_device, an_administration, raw, searchset

ERROR = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]}


def is_complete(source: Source[Any]) -> bool:
    return not source.unread and not source.issues


def outcome(severity: str) -> Json:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "x"}]}


STATES: dict[str, tuple[Raw | None, int, str]] = {
    "not sent": (None, 0, "not sent"),
    "null: searched, nothing found": (raw(None), 0, ""),
    "a resource": (raw(a_device()), 1, ""),
    "a Bundle": (raw(searchset(a_device(), a_device(id="other"))), 2, ""),
    "an empty Bundle": (raw({"resourceType": "Bundle", "type": "searchset"}), 0, ""),
    "an OperationOutcome": (raw(ERROR), 0, "the EHR sent an error in its place"),
}


@pytest.mark.parametrize(("sent", "count", "unread"), STATES.values(), ids=STATES.keys())
def test_each_state_of_a_prefetch_key_is_told_apart(sent: Raw | None, count: int, unread: str):
    found = read_source("devices", sent)
    assert len(found.resources) == count
    assert found.unread == unread
    assert is_complete(found) is (unread == "")


@pytest.mark.parametrize("key", KEYS)
def test_every_key_can_be_missing_or_empty(key: str):
    assert read_source(key, None).unread == "not sent"
    assert is_complete(read_source(key, raw(None)))


@pytest.mark.parametrize(
    ("severity", "is_read"),
    [("fatal", False), ("error", False), ("warning", True), ("information", True)],
)
def test_an_outcome_beside_the_results_is_an_error_only_when_it_says_so(
    severity: str, is_read: bool
):
    found = read_source("devices", raw(searchset(a_device(), outcome(severity))))
    assert len(found.resources) == 1
    assert (found.unread == "") is is_read


def test_an_outcome_is_no_match_of_the_search():
    sent = searchset(a_device(), outcome("information"), total=1)
    assert is_complete(read_source("devices", raw(sent)))


@pytest.mark.parametrize(
    ("more", "unread"),
    [
        pytest.param({"link": [{"relation": "next", "url": "x"}]}, "first page", id="next page"),
        pytest.param({"link": [{"relation": "self", "url": "x"}]}, "", id="self link"),
        pytest.param({"total": 3}, "only 1 of 3 records", id="more than were sent"),
        pytest.param({"total": 1}, "", id="all were sent"),
    ],
)
def test_a_page_that_is_not_all_is_not_taken_for_all(more: Json, unread: str):
    found = read_source("devices", raw(searchset(a_device(), **more)))
    assert len(found.resources) == 1
    assert unread in found.unread
    assert bool(found.unread) is bool(unread)


def test_a_page_that_is_not_all_is_noticed_beside_a_bad_entry_too():
    sent = searchset(a_device(), a_device(id="b", status=7), total=3)
    assert "only 2 of 3" in read_source("devices", raw(sent)).unread


def test_included_resources_are_no_matches():
    sent = searchset(an_administration(), total=1)
    medication = {"resourceType": "Medication", "id": "m"}
    sent["entry"].append({"resource": medication, "search": {"mode": "include"}})
    found = read_source("medicationAdministrations", raw(sent))
    assert is_complete(found)
    assert len(found.resources) == 2


BAD_FIELDS: dict[str, Any] = {
    "a number for a text": 7,
    "an object for a text": {"a": 1},
    "a list for a text": ["active"],
    "a truth for a text": True,
}


@pytest.mark.parametrize("value", BAD_FIELDS.values(), ids=BAD_FIELDS.keys())
def test_one_bad_field_never_loses_the_resource(value: Any):
    found = read_source("devices", raw(searchset(a_device(status=value))))
    assert found.resources[0].modelNumber == "8637-20"
    assert found.resources[0].unreadable == ("status",)
    assert "status cannot be read as FHIR R4" in found.issues[0].problem


BAD_ENTRIES: dict[str, Any] = {
    "a text": "Device",
    "a number": 7,
    "null": None,
    "a resource that is a text": {"resource": "Device"},
    "a resource without a kind": {"resource": {"id": "x"}},
    "a kind that is a number": {"resource": {"resourceType": 7}},
}


@pytest.mark.parametrize("entry", BAD_ENTRIES.values(), ids=BAD_ENTRIES.keys())
def test_one_bad_entry_never_loses_the_others_and_is_reported(entry: Any):
    sent = searchset(a_device(id="a"), a_device(id="b"))
    sent["entry"].insert(1, entry)
    found = read_source("devices", raw(sent))
    assert [each.id for each in found.resources] == ["a", "b"]
    assert len(found.issues) == 1


def test_a_resource_of_another_kind_is_passed_over():
    other = {"resourceType": "Provenance", "id": "x", "recorded": 7}
    found = read_source("devices", raw(searchset(a_device(), other)))
    assert is_complete(found)
    assert len(found.resources) == 1


def test_a_search_that_brought_only_another_kind_was_not_read():
    other = {"resourceType": "Procedure", "id": "x", "status": "completed"}
    found = read_source("devices", raw(searchset(other)))
    assert found.unread == "what was sent is not the FHIR resource asked for"


NOT_FHIR: dict[str, bytes] = {
    "a text": b'"devices"',
    "a list": b"[]",
    "half a Bundle": b'{"resourceType": "Bundle", "entry": [',
    "another kind": b'{"resourceType": "Patient", "id": "p1"}',
    "no kind": b'{"id": "x"}',
    "deeply nested": b"[" * 20_000 + b"]" * 20_000,
    "entries that are an object": b'{"resourceType": "Bundle", "entry": {}}',
}


@pytest.mark.parametrize("sent", NOT_FHIR.values(), ids=NOT_FHIR.keys())
def test_what_is_not_the_fhir_asked_for_counts_as_unread(sent: bytes):
    found = read_source("devices", Raw(sent))
    assert found.resources == []
    assert found.unread


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity"], ids=["NaN", "infinity", "minus infinity"]
)
def test_numbers_that_json_does_not_know_do_not_end_the_reading(number: str):
    sent = json.dumps(searchset(an_administration())).replace('"value": 20', f'"value": {number}')
    found = read_source("medicationAdministrations", Raw(sent.encode()))
    assert found.unread or found.issues or found.resources[0].unreadable


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from(sorted(KEYS)), values)
def test_nothing_sent_ever_ends_the_reading(key: str, value: Any):
    found = read_source(key, raw(value))
    assert value is None or found.unread or not found.resources


@given(st.sampled_from(sorted(an_administration())), values)
def test_no_field_ever_loses_the_resource(field: str, value: Any):
    body = {**an_administration(), field: value, "resourceType": "MedicationAdministration"}
    found = read_source("medicationAdministrations", raw(searchset(body)))
    assert len(found.resources) == 1
