import socket
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

from cds_service.web.application import LARGEST_BODY
from tests.cds_hooks.hook_body import MALFORMED, SOUND, a_body, a_context, as_json
from tests.cds_hooks.wire_schema import checked_outcome
from tests.web.conftest import FakeAssessment
from tests.web.served import Caller


@pytest.mark.parametrize(("body", "words"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_body_is_400_in_words(caller: Caller, body: bytes, words: str):
    answer = caller.post(body)

    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/json"
    assert words in checked_outcome(answer.content)


@pytest.mark.parametrize("path", ["/cds-services/itb-unknown", "/nothing-here", "/"])
def test_an_unknown_address_is_404(caller: Caller, path: str):
    answer = caller.post(SOUND, path)

    assert answer.status_code == 404
    assert checked_outcome(answer.content)


def test_an_unknown_service_is_told_which_there_are(caller: Caller):
    text = checked_outcome(caller.post(SOUND, "/cds-services/itb-unknown").content)

    assert "itb-patient-view" in text


def test_another_method_is_405_and_names_the_lawful_ones(caller: Caller):
    answer = caller.get("/cds-services/itb-patient-view")

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert "POST" in checked_outcome(answer.content)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/xml"},
        {"Content_Type": "application/json; charset=iso-8859-1"},
        {"Content_Encoding": "gzip"},
    ],
    ids=str,
)
def test_another_media_type_or_encoding_is_415(caller: Caller, headers: dict[str, str]):
    answer = caller.post(SOUND, **headers)

    assert answer.status_code == 415
    assert checked_outcome(answer.content).startswith("Found ")


def test_a_body_over_16_megabytes_is_413(caller: Caller):
    answer = caller.post(SOUND + b" " * LARGEST_BODY)

    assert answer.status_code == 413
    assert "16 MB" in checked_outcome(answer.content)


def test_a_body_of_16_megabytes_is_read(caller: Caller):
    body = as_json(a_body(extension={"padding": ""}))
    padded = body.replace(
        b'"padding": ""', b'"padding": "' + b"x" * (LARGEST_BODY - len(body)) + b'"'
    )
    assert len(padded) == LARGEST_BODY

    assert caller.post(padded).status_code == 200


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (
            b"POST /cds-services/itb-patient-view HTTP/1.1\r\nHost: x\r\n"
            b"Content-Length: 99999999999\r\n\r\n",
            413,
        ),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    ],
    ids=["100 GB", "negative length", "blank before a colon", "transfer encoding"],
)
def test_what_the_server_refuses_by_itself_has_the_same_form(
    address: str, request_bytes: bytes, status: int
):
    target = urlsplit(address)
    with socket.create_connection((target.hostname, target.port), timeout=10) as connection:
        connection.sendall(request_bytes)
        head, _, body = read_all(connection).partition(b"\r\n\r\n")

    assert head.split(b" ", 2)[1] == str(status).encode()
    assert b"Cache-Control: no-store" in head
    assert checked_outcome(body)


def read_all(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def test_a_failure_is_500_without_any_detail_and_never_an_empty_answer(
    caller: Caller, assessment: FakeAssessment
):
    def fail():
        raise ValueError("Jane Doe, born 1970")

    assessment.answer = fail
    with capture_logs() as lines:
        answer = caller.post(as_json(a_body(context=a_context(patientId="patient-4711"))))

    assert answer.status_code == 500
    assert "cards" not in answer.json()
    assert "not checked" in checked_outcome(answer.content)
    (line,) = lines
    assert line["error"] == "ValueError"
    assert line["correlation"] in answer.text
    for text in (answer.text, str(line)):
        assert "Jane" not in text
        assert "4711" not in text


def test_deep_nesting_that_only_the_assessment_meets_is_400(
    caller: Caller, assessment: FakeAssessment
):
    def nested():
        raise RecursionError

    assessment.answer = nested

    assert caller.post(SOUND).status_code == 400


def test_nesting_500_deep_is_read_or_refused_but_never_a_failure(caller: Caller):
    body = SOUND.replace(b'"total": 0', b'"x": ' + b"[" * 500 + b"]" * 500)

    assert caller.post(body).status_code in (200, 400)


def test_the_service_still_answers_after_every_malformed_body(caller: Caller):
    for body, _ in MALFORMED.values():
        caller.post(body)

    assert caller.post(SOUND).status_code == 200
