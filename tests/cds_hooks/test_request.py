import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.cds_hooks.request import read_request
from cds_service.errors import RequestError
from tests.cds_hooks.hook_body import HOOK_INSTANCE, MALFORMED, a_body, a_context, as_json


def test_a_request_keeps_the_ids_and_leaves_prefetch_undecoded():
    request = read_request(as_json(a_body()), "patient-view")

    assert request.hook == "patient-view"
    assert request.hook_instance == HOOK_INSTANCE
    assert request.patient_id == "p1"
    assert request.context.user_id == "Practitioner/1"
    assert request.context.encounter_id is None
    assert bytes(request.prefetch["patient"]) == b'{"resourceType": "Patient", "id": "p1"}'


@pytest.mark.parametrize(
    "written", [HOOK_INSTANCE.upper(), f"urn:uuid:{HOOK_INSTANCE}", f"URN:UUID:{HOOK_INSTANCE}"]
)
def test_a_hook_instance_may_be_upper_case_or_a_urn(written: str):
    request = read_request(as_json(a_body(hookInstance=written)), "patient-view")

    assert request.hook_instance == HOOK_INSTANCE


@pytest.mark.parametrize("absent", [b"", b', "prefetch": null'])
def test_no_prefetch_is_empty_prefetch(absent: bytes):
    body = as_json(a_body(prefetch=None))

    assert read_request(body[:-1] + absent + b"}", "patient-view").prefetch == {}


def test_a_prefetch_value_may_be_anything_the_client_found():
    prefetch = {"devices": None, "procedures": "<html>", "conditions": {"resourceType": "Bundle"}}

    request = read_request(as_json(a_body(prefetch=prefetch)), "patient-view")

    assert bytes(request.prefetch["devices"]) == b"null"
    assert set(request.prefetch) == set(prefetch)


def test_unknown_members_and_extensions_are_tolerated():
    body = a_body(
        extension={"com.epic.cdshooks.request.bpa-trigger-action": "60"},
        context=a_context(encounterId="e1", somethingNew=[1, 2]),
        anything={"at": "all"},
    )

    assert read_request(as_json(body), "patient-view").context.encounter_id == "e1"


TWICE = {
    "the whole context": b'"context": {"patientId": "p2", "userId": "Practitioner/1"}, ',
    "an escaped name": b'"\\u0063ontext": 1, "context": {}, ',
    "the hook": b'"hook": "patient-view", ',
    "prefetch": b'"prefetch": {}, ',
}


@pytest.mark.parametrize("added", TWICE.values(), ids=TWICE.keys())
def test_a_member_that_is_there_twice_is_refused(added: bytes):
    compact = json.dumps(a_body(), separators=(",", ":")).encode()
    assert read_request(compact, "patient-view").patient_id == "p1"
    body = b"{" + added + compact[1:]

    with pytest.raises(RequestError, match="twice"):
        read_request(body, "patient-view")


@pytest.mark.parametrize("place", [b'"patientId"', b'"userId"'])
def test_a_context_of_two_patients_is_refused(place: bytes):
    body = as_json(a_body()).replace(place, b'"patientId": "p2", "userId": "x/1", ' + place, 1)

    with pytest.raises(RequestError, match="twice"):
        read_request(body, "patient-view")


def test_a_number_of_many_digits_in_an_unknown_member_is_tolerated():
    body = b'{"unknown": ' + b"1" * 5_000 + b", " + as_json(a_body())[1:]

    assert read_request(body, "patient-view").patient_id == "p1"


def test_an_id_may_be_longer_than_fhir_allows():
    body = a_body(
        context=a_context(patientId="e" * 200, userId="PractitionerRole/e.A-" + "3" * 200)
    )

    assert read_request(as_json(body), "patient-view").patient_id == "e" * 200


def test_a_token_for_the_same_patient_is_accepted_and_not_kept():
    body = a_body(
        fhirServer="https://ehr.example.org/r4",
        fhirAuthorization={"access_token": "secret-token", "patient": "p1"},
    )

    request = read_request(as_json(body), "patient-view")

    assert request.fhir_server == "https://ehr.example.org/r4"
    assert "secret-token" not in repr(request)


@pytest.mark.parametrize(("body", "words"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_body_is_refused_in_words(body: bytes, words: str):
    with pytest.raises(RequestError) as refusal:
        read_request(body, "patient-view")

    assert words in str(refusal.value)
    assert str(refusal.value).endswith(".")


def test_a_refusal_never_quotes_a_value():
    body = a_body(context=a_context(patientId="Jane-Doe-1970", userId="Jane Doe"))

    with pytest.raises(RequestError) as refusal:
        read_request(as_json(body), "patient-view")

    assert "Jane" not in str(refusal.value)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_request_or_a_refusal(body: bytes):
    with pytest.raises(RequestError):
        read_request(body, "patient-view")


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    ),
    st.sampled_from(["hook", "hookInstance", "context", "prefetch", "fhirServer", "extension"]),
)
def test_any_json_in_any_member_gives_a_request_or_a_refusal(value: object, member: str):
    body = as_json(a_body() | {member: value})
    with suppress(RequestError):
        read_request(body, "patient-view")
