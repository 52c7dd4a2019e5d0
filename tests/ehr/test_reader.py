"""The reader against a FHIR server that is slow, lying or dying (F1 to F8 of the fault table)."""

import gzip
import json
import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from cds_service.ehr.reader import Answer, EhrReader
from cds_service.fhir.decoding import read_source
from cds_service.settings import Client
from tests.ehr.fhir_double import (
    EMPTY,
    Behaviour,
    Exchange,
    FhirDouble,
    device,
    fhir_double,
    refused_port,
    searchset,
    stopwatch,
)

DEADLINE = 1.5
LATE = DEADLINE + 1.0
MEGABYTE = 1024 * 1024
QUERY = {"devices": "Device?patient=p1"}


@pytest.fixture
def double() -> Iterator[FhirDouble]:
    with fhir_double() as running:
        yield running


@pytest.fixture(scope="module")
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(48) as running:
        yield running


def client(*servers: str, private: bool = True) -> Client:
    return Client("north", "https://x", fhir_servers=servers, allow_private_network=private)


def read(double: FhirDouble, pool: ThreadPoolExecutor, **queries: str) -> dict[str, Answer]:
    reader = EhrReader(client(double.address), pool, most_entries=20_000)
    return reader.read(double.address, "secret-token", queries or QUERY, DEADLINE)


def unread(answer: Answer) -> str:
    """What the could-not-check card would say of the devices."""
    return read_source("devices", answer.reading).unread


def test_a_sound_answer_is_passed_on_with_the_token_sent_to_that_server(
    double: FhirDouble, pool: ThreadPoolExecutor
):
    double.otherwise = lambda exchange: exchange.answer(searchset(device(1)))

    answer = read(double, pool)["devices"]

    assert (answer.status, unread(answer)) == ("200", "")
    assert [each.id for each in read_source("devices", answer.reading).resources] == ["d1"]
    [(path, headers)] = double.asked
    assert path == "/fhir/Device?patient=p1"
    assert headers["Authorization"] == "Bearer secret-token"
    assert headers["Accept"] == "application/fhir+json"


def test_all_queries_run_at_once(double: FhirDouble, pool: ThreadPoolExecutor):
    kinds = ("Device", "Procedure", "Observation", "Condition", "Appointment", "CarePlan")
    # Nobody is answered before everybody has asked: one after another they would all be too late.
    all_asked = Barrier(len(kinds))

    def meeting(exchange: Exchange) -> None:
        all_asked.wait(DEADLINE)
        exchange.answer(EMPTY)

    double.otherwise = meeting

    answers = read(double, pool, **{kind: f"{kind}?patient=p1" for kind in kinds})

    assert {answer.status for answer in answers.values()} == {"200"}
    assert not all_asked.broken


def sends(*pieces: bytes | float, status: str = "200 OK") -> Behaviour:
    """Sends raw bytes over the connection; numbers are seconds to wait."""

    def behave(exchange: Exchange) -> None:
        exchange.wfile.write(f"HTTP/1.1 {status}\r\n".encode())
        for piece in pieces:
            if isinstance(piece, float):
                exchange.wfile.flush()
                exchange.pause(piece)
            else:
                exchange.wfile.write(piece)
        exchange.wfile.flush()
        exchange.close_connection = True

    return behave


def answers(body: object, status: int = 200, media_type: str = "application/fhir+json", **headers):
    return lambda exchange: exchange.answer(body, status, media_type, **headers)


def after(seconds: float, then: Behaviour) -> Behaviour:
    def behave(exchange: Exchange) -> None:
        exchange.pause(seconds)
        then(exchange)

    return behave


def drips_body(exchange: Exchange) -> None:
    exchange.start(200, "application/fhir+json", 100_000)
    exchange.drip(b"{" + b" " * 60, 0.1)


def drips_headers(exchange: Exchange) -> None:
    exchange.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 100, 0.1)


def breaks_off(exchange: Exchange) -> None:
    exchange.start(200, "application/fhir+json", 1000)
    exchange.wfile.write(b'{"resourceType": "Bundle", "entry": [')
    exchange.wfile.flush()
    exchange.close_connection = True


def endless(exchange: Exchange) -> None:
    exchange.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n\r\n")
    while not exchange.server.double.over.is_set():
        exchange.wfile.write(b" " * 65536)


OUTCOME: dict[str, object] = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "exception"}],
}
JSON_HEAD = b"Content-Type: application/fhir+json\r\n"
BOMB = gzip.compress(b" " * (64 * MEGABYTE))
GZIP: dict[str, Any] = {"Content_Encoding": "gzip"}
FAULTS: dict[str, tuple[Behaviour, str]] = {
    # F2
    "10 s before an answer": (after(10, answers(EMPTY)), "did not answer in time"),
    "2 s before an answer": (after(2, answers(EMPTY)), "did not answer in time"),
    "the body byte by byte": (drips_body, "did not answer in time"),
    "the headers byte by byte": (drips_headers, "did not answer in time"),
    "never ends": (endless, "more than can be read"),
    "nothing at all": (after(30, answers(EMPTY)), "did not answer in time"),
    # F3
    "401": (answers({}, 401), "did not accept the access token (401)"),
    "403": (answers(OUTCOME, 403), "does not permit the reading of Device (403)"),
    "404": (answers({}, 404), "does not know it (404)"),
    "410": (answers({}, 410), "says that it was deleted (410)"),
    "400": (answers(OUTCOME, 400), "refused the reading of Device (400)"),
    # F4
    "429": (answers({}, 429), "is asked too often (429)"),
    "429, try again in an hour": (answers({}, 429, Retry_After="3600"), "too often (429)"),
    "429, try again whenever": (answers({}, 429, Retry_After="soon"), "too often (429)"),
    "503, try again in a minute": (answers({}, 503, Retry_After="60"), "failed (503)"),
    # F5
    "500": (answers(OUTCOME, 500), "failed (500)"),
    "502 in HTML": (answers(b"<html>", 502, "text/html"), "failed (502)"),
    "an OperationOutcome with 200": (answers(OUTCOME), "an error in its place"),
    "HTML with 200": (answers(b"<html>Login</html>", 200, "text/html"), "is not FHIR JSON"),
    "HTML labelled FHIR": (answers(b"<html>Login</html>"), "broken JSON"),
    "XML": (answers(b"<Bundle/>", 200, "application/fhir+xml"), "is not FHIR JSON"),
    "no content type": (sends(b"Content-Length: 2\r\n\r\n{}"), "is not FHIR JSON"),
    "an empty body": (answers(b""), "broken JSON"),
    "a byte order mark": (answers(b"\xef\xbb\xbf" + json.dumps(EMPTY).encode()), "byte order mark"),
    "UTF-16": (answers(json.dumps(EMPTY).encode("utf-16")), "not UTF-8"),
    "invalid UTF-8": (answers(b'{"resourceType":"Bundle","x":"\xff\xfe"}'), "not UTF-8"),
    "an array": (answers([]), "broken JSON"),
    "another resource": (answers({"resourceType": "Binary"}), "not the FHIR resource asked for"),
    "no resource": (answers({}), "not the FHIR resource asked for"),
    "a gzip bomb": (answers(BOMB, **GZIP), "more than can be read"),
    "gzip that is none": (answers(b"{}", **GZIP), "is not gzip"),
    "gzip cut off": (answers(gzip.compress(b'{"a": 1}' * 99)[:-9], **GZIP), "broke off"),
    "brotli": (answers(b"\x00", Content_Encoding="br"), "a compression that was not asked for"),
    "a redirect elsewhere": (answers({}, 302, Location="http://10.0.0.1/"), "a redirect (302)"),
    "a redirect for ever": (answers({}, 308, Location="/fhir/Device"), "a redirect (308)"),
    "a status out of range": (sends(b"\r\n", status="999 Strange"), "refused the reading"),
    "no HTTP": (sends(b"", status="\r\n\x00\x01\x02"), "could not be reached"),
    "hangs up": (sends(status=""), "could not be reached"),
    "a header of 1 MB": (sends(b"X: " + b"x" * MEGABYTE + b"\r\n\r\n"), "could not be reached"),
    "100000 headers": (sends(b"X: y\r\n" * 100_000 + b"\r\n"), "could not be reached"),
    # F6
    "truncated JSON": (answers(b'{"resourceType": "Bundle", "entry": ['), "broken JSON"),
    "breaks off": (breaks_off, "broke off its answer"),
    "a chunk that is none": (
        sends(JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
        "broke off its answer",
    ),
    "40 promised, 1 given, no next page": (
        answers(searchset(device(1), total=40)),
        "only 1 of 40 records",
    ),
    "an error among the entries": (
        answers(searchset(device(1), OUTCOME)),
        "an error in its place",
    ),
    # F8
    "100000 entries": (
        answers(b'{"resourceType":"Bundle","entry":[' + b"{}," * 100_000 + b"{}]}"),
        "more than 20000 records",
    ),
    "depth 500000": (answers(b'{"a":' * 500_000 + b"1" + b"}" * 500_000), "broken JSON"),
    "a string of 25 MB": (
        answers(b'{"resourceType":"Bundle","x":"' + b"x" * (25 * MEGABYTE) + b'"}'),
        "more than can be read",
    ),
}


@pytest.mark.parametrize(("behaviour", "told"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_told_in_words_and_in_time(
    double: FhirDouble, pool: ThreadPoolExecutor, behaviour: Behaviour, told: str
):
    double.otherwise = behaviour
    seconds = stopwatch()

    answer = read(double, pool)["devices"]

    assert told in unread(answer)
    assert seconds() < LATE
    assert len(double.asked) <= 2


def test_the_faults_are_many_and_memory_stays_small():
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(FAULTS)} faults of one answer, {len(PAGES)} of pages; {megabytes:.0f} MB at most")  # noqa: T201
    assert len(FAULTS) + len(PAGES) >= 55


def test_one_slow_answer_does_not_take_the_others_with_it(
    double: FhirDouble, pool: ThreadPoolExecutor
):
    double.behaviours["Procedure"] = after(10, answers(EMPTY))

    found = read(double, pool, devices="Device?patient=p1", procedures="Procedure?patient=p1")

    assert found["devices"].status == "200"
    assert found["procedures"].status == "timeout"


def test_a_call_of_its_own_is_given_up_after_one_second(
    double: FhirDouble, pool: ThreadPoolExecutor
):
    double.otherwise = drips_body
    reader = EhrReader(client(double.address), pool, most_entries=100)
    seconds = stopwatch()

    answer = reader.read(double.address, None, QUERY, 20)["devices"]

    assert answer.status == "timeout"
    assert 0.9 < seconds() < 5


# F7: pages.


def page(number: int, following: str | None, *devices: int) -> dict[str, object]:
    links = [{"relation": "self", "url": f"?page={number}"}]
    if following is not None:
        links.append({"relation": "next", "url": following})
    return searchset(*(device(each) for each in devices), total=4, link=links)


def pages(following: str, last: str | None = None) -> Behaviour:
    """Two devices a page: the first page leads to `following`, the second to `last`."""

    def behave(exchange: Exchange) -> None:
        if "page=" not in exchange.path:
            exchange.answer(page(1, following, 1, 2))
        else:
            exchange.answer(page(2, last, 3, 4))

    return behave


def growing(exchange: Exchange) -> None:
    exchange.answer(page(1, f"{exchange.path}&page=x", 1))


PAGES: dict[str, tuple[Behaviour, str, int]] = {
    "to itself": (pages("?patient=p1"), "was read already", 2),
    "in a circle": (pages("?page=2", "?patient=p1"), "was read already", 4),
    "growing for ever": (growing, "", 1),
    "to another host": (pages("http://127.0.0.2/fhir/Device?page=2"), "on another server", 2),
    "to another port": (pages("http://127.0.0.1:9/fhir/Device?page=2"), "on another server", 2),
    "to another scheme": (pages("https://127.0.0.1/fhir/Device?page=2"), "another server", 2),
    "to a file": (pages("file:///etc/passwd"), "on another server", 2),
    "to a host without scheme": (pages("//169.254.169.254/latest"), "on another server", 2),
    "with a user's name": (pages("http://u@127.0.0.1/fhir"), "on another server", 2),
    "to no address": (pages("http://[::1"), "on another server", 2),
}


@pytest.mark.parametrize(("behaviour", "told", "kept"), PAGES.values(), ids=PAGES.keys())
def test_pages_that_lead_astray_are_incomplete(
    double: FhirDouble, pool: ThreadPoolExecutor, behaviour: Behaviour, told: str, kept: int
):
    double.otherwise = behaviour
    seconds = stopwatch()

    answer = read(double, pool)["devices"]

    assert told in unread(answer)
    assert "only the first" in unread(answer)
    assert len(read_source("devices", answer.reading).resources) == kept
    assert seconds() < LATE
    assert len(double.asked) <= 50


def test_pages_are_put_together(double: FhirDouble, pool: ThreadPoolExecutor):
    double.otherwise = pages("/fhir/Device?page=2")

    answer = read(double, pool)["devices"]

    assert unread(answer) == ""
    found = read_source("devices", answer.reading).resources
    assert sorted(each.id or "" for each in found) == ["d1", "d2", "d3", "d4"]


def test_of_a_record_on_two_pages_the_newer_version_is_kept(
    double: FhirDouble, pool: ThreadPoolExecutor
):
    def behave(exchange: Exchange) -> None:
        links = [{"relation": "next", "url": "?page=2"}]
        if "page=" in exchange.path:
            exchange.answer(searchset(device(1, meta={"versionId": "9"}, status="inactive")))
        else:
            newer = device(1, meta={"versionId": "10"}, status="active")
            exchange.answer(searchset(newer, total=1, link=links))

    double.otherwise = behave

    answer = read(double, pool)["devices"]

    assert unread(answer) == ""
    [kept] = read_source("devices", answer.reading).resources
    assert kept.status == "active"


def test_an_answer_in_gzip_is_read(double: FhirDouble, pool: ThreadPoolExecutor):
    body = gzip.compress(json.dumps(searchset(device(1))).encode())
    double.otherwise = answers(body, **GZIP)

    assert unread(read(double, pool)["devices"]) == ""


# F4: one second chance, in time.


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_that_says_when_is_asked_again_then(
    double: FhirDouble, pool: ThreadPoolExecutor, status: int
):
    def behave(exchange: Exchange) -> None:
        if len(double.asked) == 1:
            exchange.answer({}, status, Retry_After="1")
        else:
            exchange.answer(EMPTY)

    double.otherwise = behave
    seconds = stopwatch()

    answer = read(double, pool)["devices"]

    assert answer.status == "200"
    assert 1.0 <= seconds() < LATE


def test_a_broken_connection_is_tried_once_more(double: FhirDouble, pool: ThreadPoolExecutor):
    def behave(exchange: Exchange) -> None:
        if len(double.asked) == 1:
            exchange.close_connection = True
        else:
            exchange.answer(EMPTY)

    double.otherwise = behave

    assert read(double, pool)["devices"].status == "200"
    assert len(double.asked) == 2


# F1: nobody there.


def test_a_server_that_is_down_is_told_of_at_once_and_left_alone_after_five_failures(
    pool: ThreadPoolExecutor,
):
    address = f"http://127.0.0.1:{refused_port()}/fhir"
    reader = EhrReader(client(address), pool, most_entries=100)
    seconds = stopwatch()

    statuses = [reader.read(address, None, QUERY, DEADLINE)["devices"].status for _ in range(6)]

    assert statuses == ["unreachable"] * 5 + ["left-alone"]
    assert seconds() < DEADLINE


def test_a_name_that_nobody_knows(pool: ThreadPoolExecutor):
    address = "https://ehr.invalid/fhir"
    reader = EhrReader(client(address), pool, most_entries=100)

    [answer] = reader.read(address, None, QUERY, DEADLINE).values()

    assert "the EHR" in answer.reading.unread


def test_a_refusal_of_the_token_does_not_count_as_failure_of_the_server(
    double: FhirDouble, pool: ThreadPoolExecutor
):
    double.otherwise = answers({}, 403)
    reader = EhrReader(client(double.address), pool, most_entries=100)

    statuses = {
        reader.read(double.address, "t", QUERY, DEADLINE)["devices"].status for _ in range(8)
    }

    assert statuses == {"403"}


def test_a_server_of_the_own_network_is_read_only_where_the_site_allows_it(
    double: FhirDouble, pool: ThreadPoolExecutor
):
    reader = EhrReader(client(double.address, private=False), pool, most_entries=100)

    [answer] = reader.read(double.address, "t", QUERY, DEADLINE).values()

    assert answer.status == "forbidden-address"
    assert double.asked == []


def test_fifty_megabytes_are_the_most_of_one_call(double: FhirDouble, pool: ThreadPoolExecutor):
    body = b'{"resourceType":"Bundle","x":"' + b"x" * (15 * MEGABYTE) + b'"}'
    double.otherwise = answers(body)
    kinds = ("Device", "Procedure", "Observation", "Condition")

    found = read(double, pool, **{kind: f"{kind}?patient=p1" for kind in kinds})

    assert sorted(answer.status for answer in found.values()).count("200") <= 3
    assert any(answer.status in ("too-large", "timeout") for answer in found.values())
