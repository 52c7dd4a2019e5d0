"""Bad input over HTTP: no traceback, no 500, no silent empty answer, nothing of the patient."""

import json
import re
from collections.abc import Iterator

import pytest
import requests

from tests.bad_input.bad_request import CANARIES, PATIENT_ID, BadRequest, bad_requests
from tests.bad_input.running_service import RunningService, running_service
from tests.cds_hooks.wire_schema import checked_outcome, checked_response

NOW = "2026-04-05T09:00:00+00:00"
REQUESTS = bad_requests()
REFUSED = 400
SILENCE_IS_RIGHT = {
    "control-sound-request": "everything was read, nothing is due",
    "all-keys-null": "null under a search says that it found nothing",
    "date-in-the-year-1": "a fill before the implant never counts, the good one does",
}
TRACES = ("Traceback", 'File "', "site-packages")


@pytest.fixture(scope="module")
def service() -> Iterator[RunningService]:
    with running_service(NOW) as running:
        yield running


@pytest.fixture(scope="module")
def whole_log() -> list[str]:
    """Everything that a service of its own wrote for all these requests, until its end."""
    with running_service(NOW) as running:
        for request in REQUESTS:
            _answer(running, request)
    return running.log


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.id)
def test_bad_input_is_refused_or_named_on_a_card(request_: BadRequest, service: RunningService):
    answer = _answer(service, request_)
    if answer is None:
        return

    assert answer.status_code in request_.expectation["status"], answer.text[:500]
    if answer.status_code >= REFUSED:
        _check_refusal(request_, answer)
    else:
        _check_cards(request_, answer)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.id)
def test_only_what_was_wholly_read_is_answered_with_silence(request_: BadRequest):
    expectation = request_.expectation
    answered = [status for status in expectation["status"] if status < REFUSED]
    expected = [expectation.get("topics"), *expectation.get("topicsOneOf", ())]
    if answered and [] in expected:
        assert request_.id in SILENCE_IS_RIGHT


def test_the_log_has_a_line_for_each_call_and_nothing_of_the_patient(whole_log: list[str]):
    log = "".join(whole_log)

    events = [json.loads(line)["event"] for line in whole_log]
    assert events.count("hook answered") > 20
    assert events.count("refused") > 10
    assert "failed" not in events
    assert [word for word in (*CANARIES, PATIENT_ID, *TRACES) if word in log] == []


def _answer(service: RunningService, request: BadRequest) -> requests.Response | None:
    """The answer, or None where a server may hang up before it has read everything."""
    try:
        return service.send(request.body, **request.call)
    except requests.ConnectionError:
        if request.expectation.get("mayBreakOff"):
            return None
        raise


def _check_refusal(request: BadRequest, answer: requests.Response) -> None:
    said = checked_outcome(answer.content)
    told = answer.text + json.dumps(dict(answer.headers))

    assert [
        words for words in request.expectation.get("outcomeSays", ()) if words not in said
    ] == []
    assert [word for word in (*CANARIES, PATIENT_ID, *TRACES) if word in told] == []


def _check_cards(request: BadRequest, answer: requests.Response) -> None:
    cards = checked_response(answer.content)
    topics = [card["source"]["topic"]["code"] for card in cards]
    text = " ".join(_plain(f"{card['summary']} {card['detail']}") for card in cards)
    expectation = request.expectation

    assert request.accepts(topics), f"found {topics}: {text[:1500]}"
    said = expectation.get("says", ())
    assert [words for words in said if words.lower() not in text.lower()] == [], text
    # On the wire as sent: an escape is what keeps markup from being markup.
    sent = " ".join(f"{card['summary']} {card['detail']}" for card in cards)
    assert [words for words in expectation.get("neverSays", ()) if words in sent] == []
    assert [word for word in CANARIES if word in answer.text] == []


def _plain(markdown: str) -> str:
    return " ".join(re.sub(r"\\(.)", r"\1", markdown).split())
