"""Refusals and failures as HTTP: the only place that knows which error has which status.

The body is an OperationOutcome with a correlation id that the log has too; people get a page with
the same. It says what was found and what to do, and nothing about the patient.
"""

import traceback
from typing import Any
from uuid import uuid4

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from cds_service.errors import RequestError, RequiredDataMissingError, UntrustedCallerError
from cds_service.web.access.fault_page import fault_page
from cds_service.web.json_answer import encoded, json_answer
from cds_service.web.metrics import Metrics
from cds_service.web.response_headers import RESPONSE_HEADERS

_log = structlog.get_logger("itb_cds")

_ISSUE_CODES = {
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    412: "incomplete",
    413: "too-long",
    429: "throttled",
}
_OUR_WORDS = {
    405: "The method is not allowed here. Discovery is GET /cds-services; a hook is a POST; "
    "$apply is GET or POST; other FHIR is GET.",
    413: "The body is too large. Send at most 16 MB.",
}
_BAD_REQUEST = 400
_UNAUTHORIZED = 401
_PRECONDITION_FAILED = 412
_FAILED = 500
_UNAVAILABLE = 503
_FAILED_TEXT = (
    "The service failed and says nothing about this patient: treat this as not checked. "
    "Report the correlation id."
)
_BUSY_TEXT = (
    "The service has more calls than it can answer in time and says nothing about this patient: "
    "treat this as not checked."
)
_UNREADABLE_TEXT = "The request cannot be read as HTTP/1.1. Correct the request line and headers."
_NESTED_TEXT = "The body holds JSON nested too deeply. Send it as deep as FHIR resources are."
_FRAMES = 5


def answer_errors(app: Flask, metrics: Metrics) -> None:
    """Every error of a request becomes an answer with an OperationOutcome."""
    refusals = _Refusals(metrics)
    app.register_error_handler(RequestError, refusals.bad_request)
    app.register_error_handler(RecursionError, refusals.nested_too_deeply)
    app.register_error_handler(RequiredDataMissingError, refusals.required_data_missing)
    app.register_error_handler(UntrustedCallerError, refusals.untrusted_caller)
    app.register_error_handler(HTTPException, refusals.http_error)
    app.register_error_handler(Exception, refusals.failure)


def server_refusal(status: int) -> tuple[list[tuple[str, str]], bytes]:
    """Headers and body for what the HTTP server refuses before the application sees it."""
    unexplained = _FAILED_TEXT if status >= _FAILED else _UNREADABLE_TEXT
    text = _BUSY_TEXT if status == _UNAVAILABLE else _OUR_WORDS.get(status, unexplained)
    body = encoded(operation_outcome(status, text, str(uuid4())))
    headers = [("Content-Type", "application/json"), *RESPONSE_HEADERS.items()]
    return [*headers, *([("Retry-After", "1")] if status == _UNAVAILABLE else [])], body


def operation_outcome(status: int, text: str, correlation: str) -> dict[str, Any]:
    """A FHIR R4 OperationOutcome for a status, with the id under which the log has more."""
    code = _ISSUE_CODES.get(status, "exception" if status >= _FAILED else "invalid")
    return {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "fatal" if status >= _FAILED else "error",
                "code": code,
                "details": {"text": text},
                "diagnostics": f"correlation id {correlation}",
            }
        ],
    }


class _Refusals:
    """Answers errors, and counts and logs each of them."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def bad_request(self, error: RequestError) -> Response:
        return self._refusal(_BAD_REQUEST, str(error))

    def nested_too_deeply(self, _: RecursionError) -> Response:
        return self._refusal(_BAD_REQUEST, _NESTED_TEXT)

    def required_data_missing(self, error: RequiredDataMissingError) -> Response:
        return self._refusal(_PRECONDITION_FAILED, str(error))

    def untrusted_caller(self, error: UntrustedCallerError) -> Response:
        """Without a word on why: only the log knows."""
        self._metrics.count_refusal(_UNAUTHORIZED)
        _log.warning("caller refused", client=error.client, why=str(error), status=_UNAUTHORIZED)
        return Response(status=_UNAUTHORIZED, headers={"WWW-Authenticate": "Bearer"})

    def http_error(self, error: HTTPException) -> Response:
        status = error.code or _FAILED
        answer = self._refusal(status, _OUR_WORDS.get(status) or error.description or error.name)
        stated = error.get_response().headers
        for name in ("Allow", "Retry-After"):
            if name in stated:
                answer.headers[name] = stated[name]
        return answer

    def failure(self, error: Exception) -> Response:
        correlation = str(uuid4())
        self._metrics.count_refusal(_FAILED)
        kind = type(error).__name__
        _log.error(
            "failed", correlation=correlation, status=_FAILED, error=kind, where=_where(error)
        )
        return _answer(_FAILED, _FAILED_TEXT, correlation)

    def _refusal(self, status: int, text: str) -> Response:
        correlation = str(uuid4())
        self._metrics.count_refusal(status)
        _log.warning("refused", correlation=correlation, status=status, method=request.method)
        return _answer(status, text, correlation)


def _answer(status: int, text: str, correlation: str) -> Response:
    page = fault_page(status, text, correlation)
    if page is not None:
        return page
    answer = json_answer(operation_outcome(status, text, correlation), status)
    if request.path.startswith("/fhir/"):
        answer.content_type = "application/fhir+json"
    return answer


def _where(error: Exception) -> list[str]:
    """The innermost places in the code. Never the error's text: it may quote a record."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
